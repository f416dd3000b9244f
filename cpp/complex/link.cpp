// Linking cells across facets. See cell_complex.hpp.
#include <algorithm>
#include <string>

#include "complex/cell_complex.hpp"

namespace relutope {

namespace {

constexpr CellId unlinked = -2;
constexpr CellId pending = -3;  // several forms vanish on the facet

std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93u;
    x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93u;
    return x ^ (x >> 32);
}

// A hash that is linear in the words, so that flipping one bit of a pattern changes it by a known amount.
class PatternTable {
public:
    explicit PatternTable(const CellComplex& complex) : complex_(complex), factor_(complex.pattern_words) {
        for (std::size_t k = 0; k < factor_.size(); ++k) factor_[k] = mix(0x9E3779B97F4A7C15u * (k + 1)) | 1;
        std::size_t size = 16;
        while (size < 2 * static_cast<std::size_t>(complex.num_cells())) size *= 2;
        table_.assign(size, no_cell);
        for (std::int64_t cell = 0; cell < complex.num_cells(); ++cell) insert(static_cast<CellId>(cell));
    }

    std::uint64_t hash(const std::uint64_t* pattern) const {
        std::uint64_t sum = 0;
        for (std::size_t k = 0; k < factor_.size(); ++k) sum += pattern[k] * factor_[k];
        return sum;
    }

    // The cell whose pattern is that of `cell` with one neuron flipped, or no_cell.
    CellId flipped(std::int64_t cell, std::uint64_t hash_of_cell, HyperplaneId neuron) const {
        const std::uint64_t* pattern = complex_.pattern(cell);
        const int word = neuron >> 6;
        const std::uint64_t bit = std::uint64_t{1} << (neuron & 63);
        const std::uint64_t step = bit * factor_[word];
        const std::uint64_t target = pattern[word] & bit ? hash_of_cell - step : hash_of_cell + step;
        for (std::size_t place = mix(target);; ++place) {
            const CellId candidate = table_[place &= table_.size() - 1];
            if (candidate == no_cell || differs_only(pattern, complex_.pattern(candidate), word, bit)) return candidate;
        }
    }

private:
    bool differs_only(const std::uint64_t* a, const std::uint64_t* b, int word, std::uint64_t bit) const {
        for (int k = 0; k < complex_.pattern_words; ++k)
            if ((a[k] ^ b[k]) != (k == word ? bit : 0)) return false;
        return true;
    }

    void insert(CellId cell) {
        std::size_t place = mix(hash(complex_.pattern(cell)));
        while (table_[place &= table_.size() - 1] != no_cell) ++place;
        table_[place] = cell;
    }

    const CellComplex& complex_;
    std::vector<std::uint64_t> factor_;
    std::vector<CellId> table_;
};

[[noreturn]] void fail(std::int64_t cell, HyperplaneId id, const char* what) {
    throw BrokenComplex("internal error: the facet of cell " + std::to_string(cell) + " on neuron " + std::to_string(id) +
                        " " + what);
}

std::int64_t find_facet(const CellComplex& complex, CellId cell, HyperplaneId id) {
    for (std::int64_t facet = complex.facet_begin[cell]; facet < complex.facet_begin[cell + 1]; ++facet)
        if (complex.facet_id[facet] == id && complex.facet_neighbour[facet] == unlinked) return facet;
    return -1;
}

void link_generic(CellComplex& complex) {
    const PatternTable table(complex);
    for (std::int64_t cell = 0; cell < complex.num_cells(); ++cell) {
        std::uint64_t hash = 0;
        bool hashed = false;
        for (std::int64_t facet = complex.facet_begin[cell]; facet < complex.facet_begin[cell + 1]; ++facet) {
            if (complex.facet_neighbour[facet] != unlinked) continue;
            if (!hashed) hash = table.hash(complex.pattern(cell));
            hashed = true;
            const HyperplaneId id = complex.facet_id[facet];
            const CellId other = table.flipped(cell, hash, id);
            if (other == no_cell) fail(cell, id, "has no cell behind it");
            const std::int64_t back = find_facet(complex, other, id);
            if (back < 0) fail(cell, id, "is no facet of the cell behind it");
            complex.facet_neighbour[facet] = other;
            complex.facet_neighbour[back] = static_cast<CellId>(cell);
        }
    }
}

// A facet's sign vector: what vanishes, and what is positive among the rest.
struct SpecialKey {
    std::vector<std::uint64_t> words;
    std::int64_t facet;
    std::int64_t cell;
};

void link_special(CellComplex& complex) {
    std::vector<SpecialKey> keys;
    std::int64_t cell = 0;
    for (const std::int64_t facet : complex.special_facet) {
        while (complex.facet_begin[cell + 1] <= facet) ++cell;
        if (complex.facet_neighbour[facet] != pending) continue;
        SpecialKey key{{complex.pattern(cell), complex.pattern(cell) + complex.pattern_words}, facet, cell};
        key.words.resize(2 * complex.pattern_words, 0);
        for (const HyperplaneId id : complex.zero_set(facet)) {
            const std::uint64_t bit = std::uint64_t{1} << (id & 63);
            key.words[id >> 6] &= ~bit;
            key.words[complex.pattern_words + (id >> 6)] |= bit;
        }
        keys.push_back(std::move(key));
    }
    std::sort(keys.begin(), keys.end(), [](const SpecialKey& a, const SpecialKey& b) {
        return std::tie(a.words, a.facet) < std::tie(b.words, b.facet);
    });
    for (std::size_t k = 0; k < keys.size(); k += 2) {
        const bool paired = k + 1 < keys.size() && keys[k].words == keys[k + 1].words;
        const bool once = k + 2 >= keys.size() || keys[k].words != keys[k + 2].words;
        if (!paired || !once) fail(keys[k].cell, complex.facet_id[keys[k].facet], "does not have exactly one partner");
        complex.facet_neighbour[keys[k].facet] = static_cast<CellId>(keys[k + 1].cell);
        complex.facet_neighbour[keys[k + 1].facet] = static_cast<CellId>(keys[k].cell);
    }
}

}  // namespace

void link(CellComplex& complex) {
    complex.facet_neighbour.assign(complex.facet_id.size(), unlinked);
    for (const std::int64_t facet : complex.special_facet) complex.facet_neighbour[facet] = pending;
    for (std::size_t facet = 0; facet < complex.facet_id.size(); ++facet)
        if (is_side(complex.facet_id[facet])) complex.facet_neighbour[facet] = no_cell;
    link_generic(complex);
    link_special(complex);
}

}  // namespace relutope
