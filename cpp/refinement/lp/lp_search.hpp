// LP engine: depth-first refinement like the vertex engine's, but a cell is known by halfspaces and a few points inside.
//
// A neuron crosses a cell iff it takes both signs inside. Points that were found earlier often show it; otherwise a linear
// program either proves one sign or finds a point of the other (cell_program.hpp). Neurons are split in index order, the
// negative side first, so cells appear in increasing lexicographic order of their patterns, as in the vertex engine.
//
// Cells have no facets yet: lp_facets.hpp finds them when all cells are known.
#pragma once

#include <vector>

#include "network/domain.hpp"
#include "network/network.hpp"
#include "refinement/common/memory.hpp"
#include "refinement/common/records.hpp"
#include "refinement/common/search_task.hpp"
#include "refinement/lp/cell_program.hpp"

namespace relutope {

// Cells found by a job, in order.
struct LpRecords {
    std::vector<std::uint64_t> patterns;  // as in CellRecords
    std::vector<double> inside;           // a point strictly inside each cell: dimension numbers
    // Cells without such a point among the doubles, and a rational one.
    std::vector<std::uint64_t> exact_cell;
    std::vector<exact::Point> exact_inside;
    // Neurons that vanish on a whole cell: (cell, neuron) pairs.
    std::vector<std::uint64_t> zero_cells;
    std::vector<HyperplaneId> zero_neurons;
    std::uint64_t count = 0;

    std::uint64_t num_cells() const { return count; }
};

// The records of jobs and of all, and the least that their facets take: patterns once more, the table that finds them, offsets.
inline std::uint64_t bytes_taken(const LpRecords& cells) {
    const std::uint64_t patterns = bytes_of(cells.patterns);
    const std::uint64_t dimension = cells.count ? cells.inside.size() / cells.count : 0;
    const std::uint64_t exact = cells.exact_inside.size() * (sizeof(exact::Point) + dimension * sizeof(exact::Integer));
    const std::uint64_t records = patterns + bytes_of(cells.inside) + bytes_of(cells.exact_cell) + exact + bytes_of(cells.zero_cells) +
                                  bytes_of(cells.zero_neurons);
    return 2 * records + patterns + (16 + 8 + 8) * cells.count;
}

struct LpCells {
    LpRecords cells;
    SearchCounts counts;
    ProgramCounts programs;
    JobProgress jobs;
    bool complete = true;  // false after a stop, with options.keep_when_stopped
    std::uint64_t bytes = 0;  // as the search has counted them, see memory.hpp
    bool full = false;        // it stopped since they would have been more than options.max_bytes
};

// All cells of `network` over `domain`, in increasing lexicographic order of their patterns; the result does not depend on the
// number of threads, nor on whether the search goes on from what a stopped one has found, if that is given.
//
// REQUIRES: domain.dimension() == network.input_dimension(); at least one hidden neuron; lower < upper on every axis.
// Throws EmptyDomain, TooManyCells, Stopped (when control.stop is set, unless options.keep_when_stopped),
// std::bad_alloc; UnfitProgress if what was found is of another problem, as far as that shows, or its arrays do not fit together.
LpCells lp_search(const Network& network, const Domain& domain, const SearchOptions& options, SearchControl& control,
                  const LpCells* found = nullptr);

// See TaskResult. The points inside cells are those of `lp_search` as long as tasks are whole children of the domain: below these,
// what was rounded before decides which of a cell's points is found.
struct LpTaskResult {
    LpCells found;  // a job for each child
    std::vector<SearchTask> rest;
};

// How many children the whole domain has. REQUIRES and throws as `lp_search`.
std::uint32_t num_lp_children(const Network& network, const Domain& domain, SearchControl& control);

// REQUIRES: as `lp_search`. Throws as `lp_search`, and Stopped; UnfitProgress if there is no such task.
LpTaskResult lp_search_task(const Network& network, const Domain& domain, const SearchTask& task, std::uint64_t pause_at,
                            SearchControl& control);

// The same without recording cells: only how many there are.
CountedTask lp_count_task(const Network& network, const Domain& domain, const SearchTask& task, std::uint64_t pause_at,
                          SearchControl& control);

}  // namespace relutope
