#include <limits>

#include "bindings/bindings.hpp"
#include "bindings/search_call.hpp"
#include "complex/cells/lp_facets.hpp"
#include "refinement/lp/lp_search.hpp"

namespace relutope::bindings {

namespace {

py::dict counts_of(const LpCells& found) {
    py::dict counts;
    counts["signs_filtered"] = found.counts.signs.filtered;
    counts["signs_exact"] = found.counts.signs.exact;
    counts["splits"] = found.counts.splits;
    add_programs(counts, found.programs);
    counts["threads_not_started"] = found.counts.threads_not_started;
    return counts;
}

}  // namespace

void bind_lp(py::module_& module) {
    py::class_<LpCells>(module, "LpCells")
        .def_property_readonly("num_cells", [](const LpCells& found) { return found.cells.num_cells; })
        .def_property_readonly("interior", [](py::object self) {
            const LpRecords& cells = self.cast<const LpCells&>().cells;
            const auto rows = static_cast<py::ssize_t>(cells.num_cells);
            return view(cells.inside, {rows, static_cast<py::ssize_t>(cells.inside.size()) / std::max<py::ssize_t>(rows, 1)}, self);
        })
        .def_property_readonly("complete", [](const LpCells& found) { return found.complete; })
        .def_property_readonly("patterns", [](py::object self) {
            const LpRecords& cells = self.cast<const LpCells&>().cells;
            const auto rows = static_cast<py::ssize_t>(cells.num_cells);
            return view(cells.patterns, {rows, static_cast<py::ssize_t>(cells.patterns.size()) / std::max<py::ssize_t>(rows, 1)}, self);
        })
        .def_property_readonly("exact_cells", [](const LpCells& found) { return found.cells.exact_cell; })
        .def("exact_interior", [](const LpCells& found, std::size_t index) {
            const exact::Point& point = found.cells.exact_inside.at(index);
            py::list finite;
            for (const auto& x : point.finite) finite.append(to_python(x));
            return py::make_tuple(finite, to_python(point.denominator));
        }, py::arg("index"))
        .def_property_readonly("counts", &counts_of);

    module.def(
        "search_lp",
        [](const Network& network, const DoubleArray& lower, const DoubleArray& upper, const DoubleArray& halfspaces, int threads,
           std::optional<std::uint64_t> max_cells, const py::object& report, bool keep) {
            const Domain domain = make_domain(network, lower, upper, halfspaces);
            SearchOptions options;
            options.threads = threads;
            options.keep_when_stopped = keep;
            options.max_cells = max_cells.value_or(std::numeric_limits<std::uint64_t>::max());
            return run_interruptibly(report, [&](SearchControl& control) {
                return std::make_unique<LpCells>(lp_search(network, domain, options, control));
            });
        },
        py::arg("network"), py::arg("lower"), py::arg("upper"), py::arg("halfspaces"), py::arg("threads"), py::arg("max_cells"),
        py::arg("report"), py::arg("keep") = false, OwnArithmetic());

    module.def(
        "link_lp",
        [](const LpCells& found, const Network& network, const DoubleArray& lower, const DoubleArray& upper,
           const DoubleArray& halfspaces, bool sides, int threads, const py::object& report) {
            const Domain domain = make_domain(network, lower, upper, halfspaces);
            return run_interruptibly(report, [&](SearchControl& control) {
                return std::make_unique<CellComplex>(lp_complex(found, network, domain, sides, threads, control));
            });
        },
        py::arg("found"), py::arg("network"), py::arg("lower"), py::arg("upper"), py::arg("halfspaces"), py::arg("sides"),
        py::arg("threads"), py::arg("report") = py::none(), OwnArithmetic());
}

}  // namespace relutope::bindings
