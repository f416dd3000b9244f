#include <limits>

#include "bindings/bindings.hpp"
#include "bindings/search_call.hpp"
#include "refinement/estimate/count.hpp"
#include "refinement/estimate/lp_estimate.hpp"

namespace relutope::bindings {

void bind_count(py::module_& module) {
    module.def(
        "count_cells",
        [](const Network& network, const DoubleArray& lower, const DoubleArray& upper, const DoubleArray& halfspaces,
           bool by_vertices, int threads, std::optional<std::uint64_t> max_cells, std::optional<double> max_seconds,
           const py::object& report) {
            if (by_vertices) check_vertex_dimension(network);
            const Domain domain = make_domain(network, lower, upper, halfspaces);
            SearchOptions options;
            options.threads = threads;
            options.max_cells = max_cells.value_or(std::numeric_limits<std::uint64_t>::max());
            if (by_vertices && !max_seconds && is_worth_a_try(network)) {
                const py::gil_scoped_release unlocked;
                SearchControl control;
                const CellCount few = count_cells(Engine::vertex, network, domain, options_of_try(options), std::nullopt, control);
                if (few.complete || few.cells > options.max_cells) return std::make_tuple(few.cells, few.complete, few.jobs_done, few.jobs);
            }
            const CellCount count = run_interruptibly(report, [&](SearchControl& control) {
                return count_cells(by_vertices ? Engine::vertex : Engine::lp, network, domain, options, max_seconds, control);
            });
            return std::make_tuple(count.cells, count.complete, count.jobs_done, count.jobs);
        },
        py::arg("network"), py::arg("lower"), py::arg("upper"), py::arg("halfspaces"), py::arg("by_vertices"), py::arg("threads"),
        py::arg("max_cells"), py::arg("max_seconds"), py::arg("report"), OwnArithmetic());

    module.def(
        "estimate_cells",
        [](const Network& network, const DoubleArray& lower, const DoubleArray& upper, const DoubleArray& halfspaces, int threads,
           int batches, double population, std::uint64_t seed, const py::object& report, int first_batch) {
            if (batches < 1 || first_batch < 0 || !(population >= 1)) throw std::invalid_argument("an estimate needs batches and a population");
            const Domain domain = make_domain(network, lower, upper, halfspaces);
            const EstimateOptions options{threads, batches, population, seed, first_batch};
            const LpEstimate estimate = run_interruptibly(
                report, [&](SearchControl& control) { return lp_estimate(network, domain, options, control); });
            return py::make_tuple(estimate.batches, estimate.exact);
        },
        py::arg("network"), py::arg("lower"), py::arg("upper"), py::arg("halfspaces"), py::arg("threads"), py::arg("batches"),
        py::arg("population"), py::arg("seed"), py::arg("report"), py::arg("first_batch") = 0, OwnArithmetic());
}

}  // namespace relutope::bindings
