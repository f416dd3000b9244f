// Linking cells across facets. See cell_complex.hpp.
#include <algorithm>
#include <string>

#include "complex/cells/cell_complex.hpp"
#include "complex/cells/pattern_table.hpp"

namespace relutope {

namespace {

constexpr CellId unlinked = cell_not_found;
constexpr CellId pending = -3;  // several forms vanish on the facet

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
    const PatternTable table(complex.patterns.data(), complex.pattern_words, complex.num_cells());
    for (std::int64_t cell = 0; cell < complex.num_cells(); ++cell) {
        std::uint64_t hash = 0;
        bool hashed = false;
        for (std::int64_t facet = complex.facet_begin[cell]; facet < complex.facet_begin[cell + 1]; ++facet) {
            if (complex.facet_neighbour[facet] != unlinked) continue;
            if (!hashed) hash = table.hash(cell);
            hashed = true;
            const HyperplaneId id = complex.facet_id[facet];
            const CellId other = table.flipped(cell, hash, id);
            if (other == no_cell && complex.open) continue;
            if (other == no_cell) fail(cell, id, "has no cell behind it");
            const std::int64_t back = find_facet(complex, other, id);
            if (back < 0) fail(cell, id, "is no facet of the cell behind it");
            complex.facet_neighbour[facet] = other;
            complex.facet_neighbour[back] = static_cast<CellId>(cell);
        }
    }
}

// A facet with its sign vector (what vanishes, and what is positive among the rest) as words in a common array.
struct SpecialKey {
    std::size_t words;
    std::int64_t facet;
    std::int64_t cell;
};

void link_special(CellComplex& complex) {
    const std::size_t width = 2 * static_cast<std::size_t>(complex.pattern_words);
    std::vector<SpecialKey> keys;
    std::vector<std::uint64_t> words;
    std::int64_t cell = 0;
    for (const std::int64_t facet : complex.special_facet) {
        while (complex.facet_begin[cell + 1] <= facet) ++cell;
        if (complex.facet_neighbour[facet] != pending) continue;
        const std::size_t at = words.size();
        keys.push_back({at, facet, cell});
        words.insert(words.end(), complex.pattern(cell), complex.pattern(cell) + complex.pattern_words);
        words.resize(at + width, 0);
        for (const HyperplaneId id : complex.zero_set(facet)) {
            const std::uint64_t bit = std::uint64_t{1} << (id & 63);
            words[at + (id >> 6)] &= ~bit;
            words[at + complex.pattern_words + (id >> 6)] |= bit;
        }
    }
    const auto begin = [&](const SpecialKey& key) { return words.begin() + static_cast<std::ptrdiff_t>(key.words); };
    const auto same = [&](const SpecialKey& a, const SpecialKey& b) {
        return std::equal(begin(a), begin(a) + static_cast<std::ptrdiff_t>(width), begin(b));
    };
    std::sort(keys.begin(), keys.end(), [&](const SpecialKey& a, const SpecialKey& b) {
        for (std::size_t k = 0; k < width; ++k)
            if (words[a.words + k] != words[b.words + k]) return words[a.words + k] < words[b.words + k];
        return a.facet < b.facet;
    });
    for (std::size_t k = 0; k < keys.size();) {
        const bool paired = k + 1 < keys.size() && same(keys[k], keys[k + 1]);
        if (!paired && complex.open) {
            complex.facet_neighbour[keys[k++].facet] = cell_not_found;
            continue;
        }
        const bool once = k + 2 >= keys.size() || !same(keys[k], keys[k + 2]);
        if (!paired || !once) fail(keys[k].cell, complex.facet_id[keys[k].facet], "does not have exactly one partner");
        complex.facet_neighbour[keys[k].facet] = static_cast<CellId>(keys[k + 1].cell);
        complex.facet_neighbour[keys[k + 1].facet] = static_cast<CellId>(keys[k].cell);
        k += 2;
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
