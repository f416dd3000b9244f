#include <algorithm>
#include <limits>
#include <span>

#include "bindings/bindings.hpp"
#include "bindings/search_call.hpp"
#include "complex/cells/cell_complex.hpp"

namespace relutope::bindings {

namespace {

template <class T>
using IntegerArray = py::array_t<T, py::array::c_style>;

py::dict search_counts(const CellComplex& complex) {
    py::dict counts;
    counts["signs_inherited"] = complex.counts.signs.inherited;
    counts["signs_filtered"] = complex.counts.signs.filtered;
    counts["signs_refined"] = complex.counts.signs.refined;
    counts["signs_exact"] = complex.counts.signs.exact;
    counts["splits"] = complex.counts.splits;
    counts["solved_vertices"] = complex.counts.solved_vertices;
    counts["exact_vertices"] = complex.counts.exact_vertices;
    counts["mask_bits"] = 64 * complex.mask_words;
    counts["threads_not_started"] = complex.counts.threads_not_started;
    counts["bytes"] = complex.bytes;
    return counts;
}

// The rows of Complex.adjacency, and the facet of each.
py::tuple edges_of(const IntegerArray<std::int64_t>& begin, const IntegerArray<CellId>& neighbour) {
    const std::span<const std::int64_t> begins(begin.data(), static_cast<std::size_t>(begin.size()));
    const std::span<const CellId> behind(neighbour.data(), static_cast<std::size_t>(neighbour.size()));
    if (begins.empty() || begins.front() != 0 || begins.back() != neighbour.size() || !std::is_sorted(begins.begin(), begins.end()))
        throw std::invalid_argument("`begin` must rise from 0 to the number of facets");
    py::ssize_t count = 0;
    for (std::size_t cell = 0; cell + 1 < begins.size(); ++cell)
        for (std::int64_t facet = begins[cell]; facet < begins[cell + 1]; ++facet) count += behind[facet] > static_cast<CellId>(cell);
    py::array_t<std::int64_t> pairs({count, py::ssize_t{2}});
    py::array_t<std::int64_t> facets(count);
    std::int64_t *pair = pairs.mutable_data(), *facet = facets.mutable_data();
    for_each_edge(begins, behind, [&](CellId i, CellId j, std::int64_t of_i) {
        *pair++ = i;
        *pair++ = j;
        *facet++ = of_i;
    });
    return py::make_tuple(pairs, facets);
}

// What a stopped search had found, as `state` gives it: nothing is believed but that arrays have the types of numbers.
SearchResult cells_found_before(const py::dict& arrays, const Network& network, const Domain& domain) {
    CellComplex complex(network, domain);
    complex.jobs = jobs_from(arrays);
    complex.patterns = state_array<std::uint64_t>(arrays, "patterns", complex.pattern_words);
    complex.facet_begin = state_array<std::int64_t>(arrays, "facet_begin");
    complex.facet_id = state_array<HyperplaneId>(arrays, "facet_id");
    complex.special_facet = state_array<std::int64_t>(arrays, "special_facet");
    complex.special_begin = state_array<std::int64_t>(arrays, "special_begin");
    complex.special_ids = state_array<HyperplaneId>(arrays, "special_ids");
    complex.zero_cell = state_array<std::int64_t>(arrays, "zero_cell");
    complex.zero_neuron = state_array<HyperplaneId>(arrays, "zero_neuron");
    return disassemble(complex);
}

std::unique_ptr<CellComplex> search_cells(const Network& network, const DoubleArray& lower, const DoubleArray& upper, const DoubleArray& halfspaces,
                                          int threads, std::optional<std::uint64_t> max_cells, const py::object& report, bool keep, int compared,
                                          const std::optional<py::dict>& resumed, std::optional<std::uint64_t> max_bytes) {
    check_vertex_dimension(network);
    const Domain domain = make_domain(network, lower, upper, halfspaces);
    SearchOptions options;
    options.threads = threads;
    options.keep_when_stopped = keep;
    options.compared = checked_compared(network, compared);
    options.max_cells = max_cells.value_or(std::numeric_limits<std::uint64_t>::max());
    options.max_bytes = max_bytes.value_or(std::numeric_limits<std::uint64_t>::max());
    std::optional<SearchResult> found;
    if (resumed) {
        found = cells_found_before(*resumed, network, domain);
    } else if (is_worth_a_try(network)) {
        const py::gil_scoped_release unlocked;
        SearchControl control;
        SearchResult few = search(network, domain, options_of_try(options), control);
        if (few.complete) return std::make_unique<CellComplex>(assemble(few, network, domain));
    }
    return run_interruptibly(report, [&](SearchControl& control) {
        SearchResult result = search(network, domain, options, control, found ? &*found : nullptr);
        return std::make_unique<CellComplex>(assemble(result, network, domain));
    });
}

std::unique_ptr<CellComplex> link_found(const Network& network, const DoubleArray& lower, const DoubleArray& upper, const DoubleArray& halfspaces,
                                        const py::dict& resumed) {
    const Domain domain = make_domain(network, lower, upper, halfspaces);
    SearchResult found = cells_found_before(resumed, network, domain);
    const py::gil_scoped_release unlocked;
    found.complete = false;
    auto complex = std::make_unique<CellComplex>(assemble(found, network, domain));
    link(*complex);
    return complex;
}

}  // namespace

void bind_complex(py::module_& module) {
    py::class_<CellComplex>(module, "CellComplex")
        .def_property_readonly("num_cells", &CellComplex::num_cells)
        .def_property_readonly("num_edges", &CellComplex::num_edges)
        .def_property_readonly("patterns", [](const py::object& self) {  // no words where there are no neurons
            const auto& c = self.cast<const CellComplex&>();
            return view(c.patterns, {c.num_cells(), c.pattern_words}, self);
        })
        .def_property_readonly("facet_begin", vector_view(&CellComplex::facet_begin))
        .def_property_readonly("facet_id", vector_view(&CellComplex::facet_id))
        .def_property_readonly("facet_neighbour", vector_view(&CellComplex::facet_neighbour))
        .def_property_readonly("special_facet", vector_view(&CellComplex::special_facet))
        .def_property_readonly("special_begin", vector_view(&CellComplex::special_begin))
        .def_property_readonly("special_ids", vector_view(&CellComplex::special_ids))
        .def_property_readonly("zero_cell", vector_view(&CellComplex::zero_cell))
        .def_property_readonly("zero_neuron", vector_view(&CellComplex::zero_neuron))
        .def_property_readonly("jobs", [](const CellComplex& complex) {
            py::dict jobs;
            add_jobs(jobs, complex.jobs);
            return jobs;
        })
        .def_property_readonly("complete", [](const CellComplex& complex) { return complex.complete; })
        .def_readonly("bytes", &CellComplex::bytes)
        .def_readonly("full", &CellComplex::full)
        .def_property_readonly("counts", &search_counts)
        .def_property_readonly("programs", [](const CellComplex& complex) {
            py::dict counts;
            add_programs(counts, complex.programs);
            return counts;
        });

    module.def("edges_of", &edges_of, py::arg("begin"), py::arg("neighbour"));

    module.def(
        "search_cells", &search_cells, py::arg("network"), py::arg("lower"), py::arg("upper"), py::arg("halfspaces"), py::arg("threads"), py::arg("max_cells"),
        py::arg("report"), py::arg("keep") = false, py::arg("compared") = 0,
        py::arg("resumed") = py::none(), py::arg("max_bytes") = py::none(), OwnArithmetic());

    module.def(
        "link_found", &link_found, py::arg("network"), py::arg("lower"), py::arg("upper"), py::arg("halfspaces"), py::arg("resumed"), OwnArithmetic());
}

}  // namespace relutope::bindings
