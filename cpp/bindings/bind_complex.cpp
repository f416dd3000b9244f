#include <limits>

#include "bindings/bindings.hpp"
#include "bindings/search_call.hpp"
#include "complex/cells/cell_complex.hpp"

namespace relutope::bindings {

namespace {

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
    return counts;
}

py::tuple edge_arrays(const CellComplex& complex) {
    const std::vector<Edge> all = edges(complex);
    py::array_t<std::int64_t> pairs({static_cast<py::ssize_t>(all.size()), py::ssize_t{2}});
    py::array_t<std::int64_t> facet(static_cast<py::ssize_t>(all.size()));
    for (std::size_t k = 0; k < all.size(); ++k) {
        pairs.mutable_data()[2 * k] = all[k].first;
        pairs.mutable_data()[2 * k + 1] = all[k].second;
        facet.mutable_data()[k] = all[k].facet;
    }
    return py::make_tuple(pairs, facet);
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
                                          const std::optional<py::dict>& resumed) {
    check_vertex_dimension(network);
    const Domain domain = make_domain(network, lower, upper, halfspaces);
    SearchOptions options;
    options.threads = threads;
    options.keep_when_stopped = keep;
    options.compared = checked_compared(network, compared);
    options.max_cells = max_cells.value_or(std::numeric_limits<std::uint64_t>::max());
    std::optional<SearchResult> found;
    if (resumed) {
        found = cells_found_before(*resumed, network, domain);
    } else if (is_worth_a_try(network)) {
        const py::gil_scoped_release unlocked;
        SearchControl control;
        found = search(network, domain, options_of_try(options), control);
        if (found->complete) return std::make_unique<CellComplex>(assemble(*found, network, domain));
    }
    return run_interruptibly(report, [&](SearchControl& control) {
        SearchResult result = search(network, domain, options, control, found ? &*found : nullptr);
        if (found) result.counts.add(found->counts);
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
        .def_property_readonly("counts", &search_counts)
        .def_property_readonly("programs", [](const CellComplex& complex) {
            py::dict counts;
            add_programs(counts, complex.programs);
            return counts;
        })
        .def("edges", &edge_arrays);

    module.def(
        "search_cells", &search_cells, py::arg("network"), py::arg("lower"), py::arg("upper"), py::arg("halfspaces"), py::arg("threads"), py::arg("max_cells"),
        py::arg("report"), py::arg("keep") = false, py::arg("compared") = 0,
        py::arg("resumed") = py::none(), OwnArithmetic());

    module.def(
        "link_found", &link_found, py::arg("network"), py::arg("lower"), py::arg("upper"), py::arg("halfspaces"), py::arg("resumed"), OwnArithmetic());
}

}  // namespace relutope::bindings
