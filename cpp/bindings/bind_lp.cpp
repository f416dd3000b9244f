#include <limits>

#include "bindings/bindings.hpp"
#include "bindings/search_call.hpp"
#include "complex/cells/lp_facets.hpp"
#include "refinement/lp/lp_search.hpp"

namespace relutope::bindings {

namespace {

py::dict lp_counts(const LpCells& found) {
    py::dict counts;
    counts["signs_filtered"] = found.counts.signs.filtered;
    counts["signs_exact"] = found.counts.signs.exact;
    counts["splits"] = found.counts.splits;
    add_programs(counts, found.programs);
    counts["threads_not_started"] = found.counts.threads_not_started;
    return counts;
}

exact::Integer from_python(const py::handle& number) {
    const bool negative = number < py::int_(0);
    const py::object magnitude = negative ? -py::reinterpret_borrow<py::object>(number) : py::reinterpret_borrow<py::object>(number);
    const exact::Integer value(py::cast<std::string>(py::str("0x{:x}").attr("format")(magnitude)));
    return negative ? exact::Integer(-value) : value;
}

py::tuple inner_point(const exact::Point& point) {
    py::list finite;
    for (const auto& x : point.finite) finite.append(to_python(x));
    return py::make_tuple(finite, to_python(point.denominator));
}

// What a stopped search has found, for search_lp to go on from.
py::dict lp_state(const LpCells& found) {
    const LpRecords& cells = found.cells;
    const auto copied = [](const auto& values) { return py::array(static_cast<py::ssize_t>(values.size()), values.data()); };
    py::dict state;
    add_jobs(state, found.jobs);
    state["exact_cell"] = copied(cells.exact_cell);
    py::list points;
    for (const exact::Point& point : cells.exact_inside) points.append(inner_point(point));
    state["exact_points"] = points;
    state["zero_cell"] = copied(cells.zero_cells);
    state["zero_neuron"] = copied(cells.zero_neurons);
    return state;
}

LpCells lp_found_before(const py::dict& arrays, const Network& network) {
    LpCells found;
    found.jobs = jobs_from(arrays);
    LpRecords& cells = found.cells;
    cells.patterns = state_array<std::uint64_t>(arrays, "patterns", words_for(network.num_neurons()));
    cells.inside = state_array<double>(arrays, "points", network.input_dimension());
    cells.count = cells.inside.size() / static_cast<std::size_t>(network.input_dimension());
    cells.exact_cell = state_array<std::uint64_t>(arrays, "exact_cell");
    for (const py::handle& point : py::cast<py::list>(arrays["exact_points"])) {
        const auto [finite, denominator] = py::cast<std::pair<py::list, py::object>>(point);
        exact::Point& exact = cells.exact_inside.emplace_back();
        for (const py::handle& x : finite) exact.finite.push_back(from_python(x));
        exact.denominator = from_python(denominator);
    }
    cells.zero_cells = state_array<std::uint64_t>(arrays, "zero_cell");
    cells.zero_neurons = state_array<HyperplaneId>(arrays, "zero_neuron");
    return found;
}

}  // namespace

void bind_lp(py::module_& module) {
    py::class_<LpCells>(module, "LpCells")
        .def_property_readonly("num_cells", [](const LpCells& found) { return found.cells.num_cells(); })
        .def_property_readonly("interior", [](py::object self) {
            const LpRecords& cells = self.cast<const LpCells&>().cells;
            const auto rows = static_cast<py::ssize_t>(cells.num_cells());
            return view(cells.inside, {rows, static_cast<py::ssize_t>(cells.inside.size()) / std::max<py::ssize_t>(rows, 1)}, self);
        })
        .def_property_readonly("complete", [](const LpCells& found) { return found.complete; })
        .def_readonly("bytes", &LpCells::bytes)
        .def_readonly("full", &LpCells::full)
        .def_property_readonly("patterns", [](py::object self) {
            const LpRecords& cells = self.cast<const LpCells&>().cells;
            const auto rows = static_cast<py::ssize_t>(cells.num_cells());
            return view(cells.patterns, {rows, static_cast<py::ssize_t>(cells.patterns.size()) / std::max<py::ssize_t>(rows, 1)}, self);
        })
        .def_property_readonly("exact_cells", [](const LpCells& found) { return found.cells.exact_cell; })
        .def("exact_interior", [](const LpCells& found, std::size_t index) {
            return inner_point(found.cells.exact_inside.at(index));
        }, py::arg("index"))
        .def("state", &lp_state)
        .def_property_readonly("counts", &lp_counts);

    module.def(
        "search_lp",
        [](const Network& network, const DoubleArray& lower, const DoubleArray& upper, const DoubleArray& halfspaces, int threads,
           std::optional<std::uint64_t> max_cells, const py::object& report, bool keep,
           const std::optional<py::dict>& resumed, std::optional<std::uint64_t> max_bytes) {
            const Domain domain = make_domain(network, lower, upper, halfspaces);
            SearchOptions options;
            options.threads = threads;
            options.keep_when_stopped = keep;
            options.max_cells = max_cells.value_or(std::numeric_limits<std::uint64_t>::max());
            options.max_bytes = max_bytes.value_or(std::numeric_limits<std::uint64_t>::max());
            std::optional<LpCells> found;
            if (resumed) found = lp_found_before(*resumed, network);
            return run_interruptibly(report, [&](SearchControl& control) {
                return std::make_unique<LpCells>(lp_search(network, domain, options, control, found ? &*found : nullptr));
            });
        },
        py::arg("network"), py::arg("lower"), py::arg("upper"), py::arg("halfspaces"), py::arg("threads"), py::arg("max_cells"),
        py::arg("report"), py::arg("keep") = false, py::arg("resumed") = py::none(), py::arg("max_bytes") = py::none(), OwnArithmetic());

    module.def(
        "link_lp",
        [](const LpCells& found, const Network& network, const DoubleArray& lower, const DoubleArray& upper,
           const DoubleArray& halfspaces, bool sides, int threads, const py::object& report, std::optional<std::uint64_t> max_bytes) {
            const Domain domain = make_domain(network, lower, upper, halfspaces);
            return run_interruptibly(report, [&](SearchControl& control) {
                return std::make_unique<CellComplex>(lp_complex(found, network, domain, sides, threads, control, most_cells_numbered, memory_limit(max_bytes)));
            });
        },
        py::arg("found"), py::arg("network"), py::arg("lower"), py::arg("upper"), py::arg("halfspaces"), py::arg("sides"),
        py::arg("threads"), py::arg("report") = py::none(), py::arg("max_bytes") = py::none(), OwnArithmetic());
}

}  // namespace relutope::bindings
