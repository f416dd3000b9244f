// Where the signs of each level stand in a vertex's sign words.
//
// Level 0 is the domain's sides, level l >= 1 is the neurons of hidden layer l - 1, of which there may be none. Each level
// starts a new word.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "geometry/form_ref.hpp"
#include "network/domain.hpp"
#include "network/network.hpp"

namespace relutope {

struct LevelWords {
    int count = 0;  // forms of the level
    int first = 0;  // index of the level's first word
    int words = 0;
};

class SignLayout {
public:
    SignLayout(const Network& network, const Domain& domain) {
        add(domain.num_sides());
        for (int layer = 0; layer < network.num_hidden(); ++layer) add(network.layer(layer).neurons());
    }

    int num_levels() const { return static_cast<int>(level_.size()); }
    // The last level that has forms.
    int last_level() const { return last_level_; }
    const LevelWords& level(int index) const { return level_[index]; }
    int total_words() const { return total_; }
    // Ones at the bits that are in use.
    const std::vector<std::uint64_t>& used() const { return used_; }

private:
    void add(int count) {
        if (count > 0) last_level_ = num_levels();
        level_.push_back({count, total_, words_for(count)});
        total_ += words_for(count);
        for (int rest = count; rest > 0; rest -= 64)
            used_.push_back(rest >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << rest) - 1);
    }

    std::vector<LevelWords> level_;
    std::vector<std::uint64_t> used_;
    int total_ = 0;
    int last_level_ = 0;
};

// One bit of a level: word index within the level, and the bit.
struct SignBit {
    int word;
    std::uint64_t bit;
    explicit SignBit(int index) : word(index >> 6), bit(std::uint64_t{1} << (index & 63)) {}
};

// Sets bits first, first + 1, ... of `target` to the first `count` bits of `source`. REQUIRES: they are zero before.
inline void pack_bits(const std::vector<std::uint64_t>& source, int first, int count, std::uint64_t* target) {
    for (int k = 0; 64 * k < count; ++k) {
        const int width = count - 64 * k;
        const std::uint64_t bits = width >= 64 ? source[k] : source[k] & ((std::uint64_t{1} << width) - 1);
        const int bit = first + 64 * k;
        target[bit >> 6] |= bits << (bit & 63);
        if ((bit & 63) + width > 64 && (bit & 63)) target[(bit >> 6) + 1] |= bits >> (64 - (bit & 63));
    }
}

// The reverse: bits first, first + 1, ... of `source` as the first `count` bits of `target`, over those that are set in it.
inline void unpack_bits(const std::uint64_t* source, int first, int count, std::vector<std::uint64_t>& target) {
    for (int k = 0; 64 * k < count; ++k) {
        const int width = count - 64 * k;
        const int bit = first + 64 * k;
        std::uint64_t bits = source[bit >> 6] >> (bit & 63);
        if ((bit & 63) + width > 64 && (bit & 63)) bits |= source[(bit >> 6) + 1] << (64 - (bit & 63));
        target[k] |= width >= 64 ? bits : bits & ((std::uint64_t{1} << width) - 1);
    }
}

}  // namespace relutope
