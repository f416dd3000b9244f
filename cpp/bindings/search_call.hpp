// What the bindings of the two searches share.
#pragma once

#include <limits>
#include <optional>

#include "bindings/bindings.hpp"
#include "network/input_checks.hpp"
#include "refinement/common/memory.hpp"
#include "refinement/vertex/search.hpp"

namespace relutope::bindings {

inline Domain make_domain(const Network& network, const DoubleArray& lower, const DoubleArray& upper,
                          const DoubleArray& halfspaces) {
    if (lower.ndim() != 1 || upper.ndim() != 1 || halfspaces.ndim() != 2)
        throw std::invalid_argument("a domain needs two vectors of bounds and a matrix of halfspaces");
    Domain domain{{lower.data(), lower.data() + lower.size()}, {upper.data(), upper.data() + upper.size()}, {}};
    const py::ssize_t columns = halfspaces.shape(1);
    for (py::ssize_t row = 0; row < halfspaces.shape(0); ++row)
        domain.halfspaces.emplace_back(halfspaces.data() + row * columns, halfspaces.data() + (row + 1) * columns);
    check_domain(domain, network);
    return domain;
}

inline void check_vertex_dimension(const Network& network) {
    if (network.input_dimension() > max_vertex_dimension)
        throw std::invalid_argument("too many input dimensions for the vertex engine");
}

// How many of the last neurons compare outputs, for SearchOptions::compared.
inline int checked_compared(const Network& network, int compared) {
    if (compared < 0 || compared > network.num_neurons())
        throw std::invalid_argument("`compared` must be the number of neurons that compare outputs");
    return compared;
}

inline MemoryLimit memory_limit(std::optional<std::uint64_t> max_bytes) {
    return MemoryLimit(max_bytes.value_or(std::numeric_limits<std::uint64_t>::max()));
}

inline void add_jobs(py::dict& state, const JobProgress& jobs) {
    state["job_cells"] = py::array_t<std::uint64_t>(static_cast<py::ssize_t>(jobs.cells.size()), jobs.cells.data());
    state["job_done"] = py::array_t<std::uint8_t>(static_cast<py::ssize_t>(jobs.done.size()), jobs.done.data());
}

inline JobProgress jobs_from(const py::dict& state) {
    return {state_array<std::uint64_t>(state, "job_cells"), state_array<std::uint8_t>(state, "job_done")};
}

// To find so few cells of so small a network takes no longer than to start a thread, so it is tried without one, and without looking
// at signals; options of such a try, which is one job. What it has found is not gone on from.
inline bool is_worth_a_try(const Network& network) { return network.num_neurons() <= 2048 / network.input_dimension(); }
inline SearchOptions options_of_try(SearchOptions options) {
    options.threads = 1;
    options.keep_when_stopped = true;
    options.pause_at = 256;
    options.job_depth = 0;
    return options;
}

// Runs `work` with a control of its own; `report` (None or callable) gets the number of cells found, jobs done and all jobs;
// if it returns True, the search is told to stop, and nothing more is
// reported: to gather what was found may take longer than the time between two reports.
template <class Work>
auto run_interruptibly(const py::object& report, Work&& work) {
    SearchControl control;
    return interruptible([&] { return work(control); }, [&] { control.stop = true; },
                         [&] {
                             if (report.is_none() || control.stop) return;
                             const py::object answer = report(control.cells.load(), control.jobs_done.load(), control.jobs.load());
                             if (answer.is(py::bool_(true))) control.stop = true;
                         });
}

}  // namespace relutope::bindings
