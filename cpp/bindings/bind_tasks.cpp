#include "bindings/bindings.hpp"
#include "bindings/search_call.hpp"
#include "complex/cells/cell_complex.hpp"
#include "complex/faces/vertex_complex.hpp"
#include "refinement/lp/lp_search.hpp"

namespace relutope::bindings {

namespace {

// (prefix, begin, end, after)
using TaskTuple = std::tuple<std::vector<std::uint32_t>, std::uint32_t, std::uint32_t, std::vector<std::uint64_t>>;

SearchTask task_from(const TaskTuple& task, const Network& network) {
    const auto& [prefix, begin, end, after] = task;
    if (!after.empty() && after.size() != static_cast<std::size_t>(words_for(network.num_neurons())))
        throw std::invalid_argument("`after` is no pattern of this network");
    return {prefix, begin, end, after};
}

std::vector<TaskTuple> tuples_of(const std::vector<SearchTask>& tasks) {
    std::vector<TaskTuple> tuples;
    for (const SearchTask& task : tasks) tuples.emplace_back(task.prefix, task.begin, task.end, task.after);
    return tuples;
}

}  // namespace

void bind_tasks(py::module_& module) {
    module.def(
        "num_children",
        [](const Network& network, const DoubleArray& lower, const DoubleArray& upper, const DoubleArray& halfspaces, bool by_vertices,
           std::optional<std::uint64_t> count_until) {
            if (by_vertices) check_vertex_dimension(network);
            const Domain domain = make_domain(network, lower, upper, halfspaces);
            return run_interruptibly(py::none(), [&](SearchControl& control) {
                return by_vertices ? num_children(network, domain, control, count_until) : num_lp_children(network, domain, control);
            });
        },
        py::arg("network"), py::arg("lower"), py::arg("upper"), py::arg("halfspaces"), py::arg("by_vertices"),
        py::arg("count_until") = py::none(), OwnArithmetic());

    module.def(
        "search_task",
        [](const Network& network, const DoubleArray& lower, const DoubleArray& upper, const DoubleArray& halfspaces,
           const TaskTuple& given, std::uint64_t pause_at, const py::object& report) {
            check_vertex_dimension(network);
            const Domain domain = make_domain(network, lower, upper, halfspaces);
            const SearchTask task = task_from(given, network);
            std::vector<SearchTask> rest;
            auto cells = run_interruptibly(report, [&](SearchControl& control) {
                TaskResult result = search_task(network, domain, task, pause_at, control);
                rest = std::move(result.rest);
                return std::make_unique<CellComplex>(assemble(result.found, network, domain));
            });
            return std::make_pair(std::move(cells), tuples_of(rest));
        },
        py::arg("network"), py::arg("lower"), py::arg("upper"), py::arg("halfspaces"), py::arg("task"), py::arg("pause_at"),
        py::arg("report") = py::none(), OwnArithmetic());

    // The cells, linked as far as they touch each other, and their vertices.
    module.def(
        "search_task_vertices",
        [](const Network& network, const DoubleArray& lower, const DoubleArray& upper, const DoubleArray& halfspaces,
           const TaskTuple& given, std::uint64_t pause_at, bool near, const py::object& report) {
            check_vertex_dimension(network);
            const Domain domain = make_domain(network, lower, upper, halfspaces);
            const SearchTask task = task_from(given, network);
            SearchOptions options;
            options.vertices = true;
            options.near = near;
            std::vector<SearchTask> rest;
            std::unique_ptr<VertexComplex> vertices;
            auto cells = run_interruptibly(report, [&](SearchControl& control) {
                TaskResult result = search_task(network, domain, task, pause_at, control, options);
                rest = std::move(result.rest);
                auto found = std::make_unique<CellComplex>(assemble(result.found, network, domain));
                link(*found);
                vertices = std::make_unique<VertexComplex>(merge_vertices(result.found, *found, network));
                return found;
            });
            return std::make_tuple(std::move(cells), std::move(vertices), tuples_of(rest));
        },
        py::arg("network"), py::arg("lower"), py::arg("upper"), py::arg("halfspaces"), py::arg("task"), py::arg("pause_at"),
        py::arg("near"), py::arg("report") = py::none(), OwnArithmetic());

    module.def(
        "lp_search_task",
        [](const Network& network, const DoubleArray& lower, const DoubleArray& upper, const DoubleArray& halfspaces,
           const TaskTuple& given, std::uint64_t pause_at, const py::object& report) {
            const Domain domain = make_domain(network, lower, upper, halfspaces);
            const SearchTask task = task_from(given, network);
            std::vector<SearchTask> rest;
            auto cells = run_interruptibly(report, [&](SearchControl& control) {
                LpTaskResult result = lp_search_task(network, domain, task, pause_at, control);
                rest = std::move(result.rest);
                return std::make_unique<LpCells>(std::move(result.found));
            });
            return std::make_pair(std::move(cells), tuples_of(rest));
        },
        py::arg("network"), py::arg("lower"), py::arg("upper"), py::arg("halfspaces"), py::arg("task"), py::arg("pause_at"),
        py::arg("report") = py::none(), OwnArithmetic());

    module.def(
        "count_task",
        [](const Network& network, const DoubleArray& lower, const DoubleArray& upper, const DoubleArray& halfspaces,
           const TaskTuple& given, std::uint64_t pause_at, bool by_vertices, const py::object& report) {
            if (by_vertices) check_vertex_dimension(network);
            const Domain domain = make_domain(network, lower, upper, halfspaces);
            const SearchTask task = task_from(given, network);
            const CountedTask found = run_interruptibly(report, [&](SearchControl& control) {
                return by_vertices ? count_task(network, domain, task, pause_at, control)
                                   : lp_count_task(network, domain, task, pause_at, control);
            });
            return std::make_pair(found.cells, tuples_of(found.rest));
        },
        py::arg("network"), py::arg("lower"), py::arg("upper"), py::arg("halfspaces"), py::arg("task"), py::arg("pause_at"),
        py::arg("by_vertices"), py::arg("report") = py::none(), OwnArithmetic());
}

}  // namespace relutope::bindings
