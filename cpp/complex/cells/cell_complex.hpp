// The cells of a complex and how they touch: plain arrays.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "network/sign_layout.hpp"
#include "refinement/common/program_counts.hpp"
#include "refinement/common/records.hpp"
#include "refinement/vertex/search.hpp"

namespace relutope {

using CellId = std::int32_t;
inline constexpr CellId no_cell = -1;  // across a facet on the domain's boundary
inline constexpr CellId cell_not_found = -2;  // across a facet, behind which no cell is listed; see CellComplex::open

inline constexpr std::uint64_t most_cells_numbered = std::numeric_limits<CellId>::max();
inline constexpr const char* too_many_cells = "cells, which can only be counted";

struct CellComplex {
    // Without any cells.
    CellComplex(const Network& network, const Domain& domain);

    SignLayout layout;
    std::vector<int> first_neuron;  // per hidden layer
    int dimension;
    int num_neurons;
    int pattern_words;
    std::vector<std::uint64_t> patterns;     // num_cells x pattern_words, see CellRecords
    std::vector<std::int64_t> facet_begin;   // num_cells + 1
    std::vector<HyperplaneId> facet_id;
    std::vector<CellId> facet_neighbour;
    // Facets on which several forms vanish, in increasing order, and all forms that vanish there.
    std::vector<std::int64_t> special_facet;
    std::vector<std::int64_t> special_begin{0};
    std::vector<HyperplaneId> special_ids;
    // Neurons that vanish on a whole cell.
    std::vector<std::int64_t> zero_cell;
    std::vector<HyperplaneId> zero_neuron;
    SearchCounts counts;
    ProgramCounts programs;  // of the engine that decides with linear programs
    int mask_words = 1;
    JobProgress jobs;      // of the search
    bool complete = true;  // false: the search was stopped, see SearchOptions::keep_when_stopped
    std::uint64_t bytes = 0;  // see SearchResult
    bool full = false;
    bool simple = false;   // known to be: all cells, and at every vertex as many forms vanish as there are dimensions
    bool open = false;     // some cells, each with all its facets: stopped, or only those at the decision boundary were asked for

    std::int64_t num_cells() const { return static_cast<std::int64_t>(facet_begin.size()) - 1; }
    std::int64_t num_facets() const { return static_cast<std::int64_t>(facet_id.size()); }
    const std::uint64_t* pattern(std::int64_t cell) const { return patterns.data() + cell * pattern_words; }
    bool active(std::int64_t cell, HyperplaneId neuron) const {
        return pattern(cell)[neuron >> 6] >> (neuron & 63) & 1;
    }
    std::int64_t num_edges() const;
    // Where a form's sign stands among a vertex's sign words.
    SignBit sign_bit(HyperplaneId id) const;
    // All forms that vanish on a facet.
    std::span<const HyperplaneId> zero_set(std::int64_t facet) const;
};

// A facet that no other cell, or more than one, claims: the engine is broken.
struct BrokenComplex : std::logic_error {
    using std::logic_error::logic_error;
};

// Puts the jobs' records together and links the cells, unless the search was stopped: then there is no time for it, and facet_neighbour
// stays empty. Consumes the records of cells; vertex records stay.
// Throws TooLarge when there are more than `most_cells`.
CellComplex assemble(SearchResult& result, const Network& network, const Domain& domain, std::uint64_t most_cells = most_cells_numbered);

// The reverse of `assemble`: what each job of a search has found, for another search to go on from.
// Throws UnfitProgress unless the arrays fit together, whatever they hold.
SearchResult disassemble(const CellComplex& complex);

// Fills facet_neighbour. Two cells share a facet iff the sign vector of the facet is the same from both sides; it is given by
// the pattern without the forms that vanish, and the set of these. Every facet must be on the domain's boundary or have
// exactly one partner, which proves that no cell is missing. Throws BrokenComplex otherwise. If the complex is open, facets
// without a partner lead to `cell_not_found`.
void link(CellComplex& complex);

// Calls visit(i, j, facet) for all pairs of adjacent cells i < j, in lexicographic order; `facet` is the facet's index in cell i. Behind
// the facets of `begin` are the cells `neighbour`, negative where there is none.
template <class Visit>
void for_each_edge(std::span<const std::int64_t> begin, std::span<const CellId> neighbour, Visit&& visit) {
    std::vector<std::pair<CellId, std::int64_t>> behind;
    for (std::size_t cell = 0; cell + 1 < begin.size(); ++cell) {
        behind.clear();
        for (std::int64_t facet = begin[cell]; facet < begin[cell + 1]; ++facet)
            if (neighbour[facet] > static_cast<CellId>(cell)) behind.emplace_back(neighbour[facet], facet);
        std::sort(behind.begin(), behind.end());
        for (const auto& [other, facet] : behind) visit(static_cast<CellId>(cell), other, facet);
    }
}

// The same of a linked complex.
struct Edge {
    CellId first;
    CellId second;
    std::int64_t facet;
};
std::vector<Edge> edges(const CellComplex& complex);

}  // namespace relutope
