// Runs the vertex engine over a domain: plans jobs, gives them to threads, returns what they found in order.
#pragma once

#include <optional>
#include <vector>

#include "network/domain.hpp"
#include "network/network.hpp"
#include "network/sign_layout.hpp"
#include "refinement/common/job_search.hpp"
#include "refinement/common/records.hpp"
#include "refinement/common/search_task.hpp"

namespace relutope {

// Most input dimensions that the vertex engine takes: a box has 2^n vertices.
inline constexpr int max_vertex_dimension = 16;

using JobRecords = JobResult<FoundCells>;

struct SearchResult {
    std::vector<JobRecords> jobs;
    SearchCounts counts;
    int mask_words = 1;
    bool complete = true;   // false after a stop, with options.keep_when_stopped
    std::uint64_t bytes = 0;  // as the search has counted them, see memory.hpp
    bool full = false;        // it stopped since they would have been more than options.max_bytes
    bool at_boundary = false;  // only cells at the decision boundary were asked for
};

// All cells of `network` over `domain`, in increasing lexicographic order of their patterns. The result does not depend on
// the number of threads, nor on whether the search goes on from what a stopped one has found, if that is given.
//
// REQUIRES: 1 <= domain.dimension() == network.input_dimension() <= max_vertex_dimension; at least one hidden neuron;
// lower < upper on every axis.
// Throws EmptyDomain, TooManyCells, TooManyFacets, Stopped (when control.stop is set, unless options.keep_when_stopped),
// std::bad_alloc; UnfitProgress if what was found is of another problem, as far as that shows.
SearchResult search(const Network& network, const Domain& domain, const SearchOptions& options, SearchControl& control,
                    const SearchResult* found = nullptr);

// The cells of a task, and what is left of it once about `pause_at` cells are found: the same whoever does it. All cells of all tasks are
// those of `search`, in order. There is no result when control.stop is set.
struct TaskResult {
    SearchResult found;  // a job for each child
    std::vector<SearchTask> rest;
};

// How many children the whole domain has for tasks that search, or that count and pause at so many cells. REQUIRES and throws as `search`.
std::uint32_t num_children(const Network& network, const Domain& domain, SearchControl& control, std::optional<std::uint64_t> count_until = {});

// REQUIRES: as `search`; options.cells. Throws as `search`, and Stopped; UnfitProgress if there is no such task.
TaskResult search_task(const Network& network, const Domain& domain, const SearchTask& task, std::uint64_t pause_at, SearchControl& control,
                       const SearchOptions& options = {});

// The same without recording cells: only how many there are.
CountedTask count_task(const Network& network, const Domain& domain, const SearchTask& task, std::uint64_t pause_at, SearchControl& control);

}  // namespace relutope
