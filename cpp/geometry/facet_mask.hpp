// Sets of facet slots as bit masks.
//
// A slot is a number that names a facet while a polytope is being split; numbers of facets that a child has lost are used
// again, so 64 are enough for nearly every network. Wider masks exist for the rest.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace relutope {

template <int Words>
struct FacetMask {
    static constexpr int capacity = 64 * Words;
    std::array<std::uint64_t, Words> word{};

    void insert(int slot) { word[slot >> 6] |= std::uint64_t{1} << (slot & 63); }
    bool contains(int slot) const { return word[slot >> 6] >> (slot & 63) & 1; }

    int count() const {
        int total = 0;
        for (int k = 0; k < Words; ++k) total += std::popcount(word[k]);
        return total;
    }
    bool empty() const {
        for (int k = 0; k < Words; ++k)
            if (word[k]) return false;
        return true;
    }
    // Is every slot of `other` in this set?
    bool includes(const FacetMask& other) const {
        for (int k = 0; k < Words; ++k)
            if (other.word[k] & ~word[k]) return false;
        return true;
    }
    // The lowest slot outside the set, or -1 when the set is full.
    int first_free() const {
        for (int k = 0; k < Words; ++k)
            if (~word[k]) return 64 * k + std::countr_one(word[k]);
        return -1;
    }
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (int k = 0; k < Words; ++k)
            for (std::uint64_t rest = word[k]; rest; rest &= rest - 1) visit(64 * k + std::countr_zero(rest));
    }

    friend FacetMask operator&(FacetMask a, const FacetMask& b) {
        for (int k = 0; k < Words; ++k) a.word[k] &= b.word[k];
        return a;
    }
    friend FacetMask operator|(FacetMask a, const FacetMask& b) {
        for (int k = 0; k < Words; ++k) a.word[k] |= b.word[k];
        return a;
    }
    friend bool operator==(const FacetMask&, const FacetMask&) = default;
};

}  // namespace relutope
