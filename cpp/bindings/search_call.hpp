// What the bindings of the two searches share.
#pragma once

#include "bindings/bindings.hpp"
#include "refinement/search.hpp"

namespace relutope::bindings {

inline Domain make_domain(const Network& network, const DoubleArray& lower, const DoubleArray& upper,
                          const DoubleArray& halfspaces) {
    const py::ssize_t n = network.input_dimension();
    if (lower.ndim() != 1 || upper.ndim() != 1 || lower.size() != n || upper.size() != n || halfspaces.ndim() != 2 ||
        (halfspaces.shape(0) > 0 && halfspaces.shape(1) != n + 1))
        throw std::invalid_argument("the domain does not have the network's number of inputs");
    if (n > max_vertex_dimension) throw std::invalid_argument("too many input dimensions for the vertex engine");
    Domain domain{{lower.data(), lower.data() + n}, {upper.data(), upper.data() + n}, {}};
    for (py::ssize_t k = 0; k < n; ++k)
        if (!(domain.lower[k] < domain.upper[k])) throw std::invalid_argument("the domain is empty");
    for (py::ssize_t row = 0; row < halfspaces.shape(0); ++row)
        domain.halfspaces.emplace_back(halfspaces.data() + row * (n + 1), halfspaces.data() + (row + 1) * (n + 1));
    return domain;
}

// Runs `work` with a control of its own; `report` (None or callable) gets the number of cells found, jobs done and all jobs.
template <class Work>
auto run_interruptibly(const py::object& report, Work&& work) {
    SearchControl control;
    return interruptible([&] { return work(control); }, [&] { control.stop = true; },
                         [&] {
                             if (!report.is_none())
                                 report(control.cells.load(), control.jobs_done.load(), control.jobs.load());
                         });
}

}  // namespace relutope::bindings
