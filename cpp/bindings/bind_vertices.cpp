#include <algorithm>
#include <array>
#include <string>

#include "bindings/bindings.hpp"
#include "bindings/search_call.hpp"
#include "bindings/with_poll.hpp"
#include "complex/faces/face_lattice.hpp"
#include "complex/faces/interior_points.hpp"
#include "complex/faces/outlines.hpp"
#include "complex/faces/vertex_complex.hpp"

namespace relutope::bindings {

namespace {

template <class T>
py::array_t<T> to_array(const std::vector<T>& values) {
    return py::array_t<T>(static_cast<py::ssize_t>(values.size()), values.data());
}

void check_same(const VertexComplex& vertices, const CellComplex& cells) {
    if (vertices.cell_begin.size() != cells.facet_begin.size() || vertices.dimension != cells.dimension ||
        vertices.sign_words != cells.layout.total_words())
        throw std::invalid_argument("`cells` and these vertices belong to different complexes");
}

void check_same(const CellComplex& cells, const Network& network, const Domain& domain) {
    if (cells.dimension != domain.dimension() || cells.num_neurons != network.num_neurons() ||
        cells.layout.total_words() != SignLayout(network, domain).total_words())
        throw std::invalid_argument("`cells` are those of another network or domain");
}

void check_sides(const std::vector<std::uint8_t>& infinite, const CellComplex& cells) {
    if (static_cast<int>(infinite.size()) != cells.layout.level(0).count)
        throw std::invalid_argument("`infinite_side` needs an entry for each side of the domain");
}

template <class T>
void check_range(const std::vector<T>& indices, std::int64_t low, std::int64_t high, const char* name) {
    if (!std::all_of(indices.begin(), indices.end(), [&](T index) { return low <= index && index < high; }))
        throw py::index_error(std::string("`") + name + "` are out of range");
}

// Whether each of the vertices `which` lies on each of the hyperplanes `ids`.
py::array_t<bool> on_facets(const VertexComplex& vertices, const CellComplex& cells, const std::vector<std::int64_t>& which,
                            const std::vector<HyperplaneId>& ids) {
    check_same(vertices, cells);
    check_range(which, 0, vertices.num_vertices, "vertices");
    check_range(ids, -cells.layout.level(0).count, cells.num_neurons, "ids");
    py::array_t<bool> on({which.size(), ids.size()});
    bool* target = on.mutable_data();
    for (const std::int64_t v : which)
        for (const HyperplaneId id : ids) *target++ = vertices.zero(v, cells.sign_bit(id));
    return on;
}

// A byte for each bit of the index, the lowest first in memory: 1 where it is set.
constexpr auto bytes_of_bits = [] {
    std::array<std::array<std::int8_t, 8>, 256> bytes{};
    for (int value = 0; value < 256; ++value)
        for (int k = 0; k < 8; ++k) bytes[value][k] = static_cast<std::int8_t>((value >> k) & 1);
    return bytes;
}();

// Signs of `count` forms from their bits.
void unpack_signs(const std::uint64_t* positive, const std::uint64_t* negative, int count, std::int8_t* target) {
    for (int first = 0; first < count; first += 8) {
        const auto& above = bytes_of_bits[(positive[first >> 6] >> (first & 63)) & 255];
        const auto& below = bytes_of_bits[(negative[first >> 6] >> (first & 63)) & 255];
        const int width = std::min(8, count - first);
        for (int k = 0; k < width; ++k) target[first + k] = static_cast<std::int8_t>(above[k] - below[k]);
    }
}

// Signs of all neurons at all vertices, unpacked.
py::array_t<std::int8_t> neuron_signs(const VertexComplex& vertices, const CellComplex& cells) {
    check_same(vertices, cells);
    py::array_t<std::int8_t> signs({vertices.num_vertices, std::int64_t{cells.num_neurons}});
    std::int8_t* target = signs.mutable_data();
    for (std::int64_t v = 0; v < vertices.num_vertices; ++v) {
        const std::uint64_t* positive = vertices.signs.data() + 2 * v * vertices.sign_words;
        for (int level = 1; level < cells.layout.num_levels(); ++level) {
            const LevelWords& words = cells.layout.level(level);
            unpack_signs(positive + words.first, positive + vertices.sign_words + words.first, words.count, target);
            target += words.count;
        }
    }
    return signs;
}

py::tuple triangulation_arrays(const Triangulation& triangulation) {
    py::array_t<std::int64_t> simplices({static_cast<py::ssize_t>(triangulation.owner.size()),
                                         static_cast<py::ssize_t>(triangulation.row_length)});
    std::copy(triangulation.simplices.begin(), triangulation.simplices.end(), simplices.mutable_data());
    return py::make_tuple(simplices, to_array(triangulation.owner));
}

// (numerators, numerators of the R part or None, denominator)
py::tuple exact_point(const VertexComplex& vertices, std::int64_t vertex) {
    const exact::Point& point = vertices.points.at(vertex);
    py::list finite, infinite;
    for (const auto& x : point.finite) finite.append(to_python(x));
    for (const auto& x : point.infinite) infinite.append(to_python(x));
    return py::make_tuple(finite, infinite, to_python(point.denominator));
}

}  // namespace

void bind_vertices(py::module_& module) {
    py::class_<VertexComplex>(module, "VertexComplex")
        .def_readonly("num_vertices", &VertexComplex::num_vertices)
        .def_readonly("num_finite", &VertexComplex::num_finite)
        .def_property_readonly("nbytes", [](const VertexComplex& v) {  // but for exact points
            return bytes_of(v.signs) + bytes_of(v.coordinates) + bytes_of(v.infinite_coordinates) + bytes_of(v.cell_begin) + bytes_of(v.cell_vertices);
        })
        .def_property_readonly("coordinates", table_view(&VertexComplex::coordinates, &VertexComplex::dimension))
        .def_property_readonly("infinite_coordinates", table_view(&VertexComplex::infinite_coordinates, &VertexComplex::dimension))
        .def_property_readonly("cell_begin", vector_view(&VertexComplex::cell_begin))
        .def_property_readonly("cell_vertices", vector_view(&VertexComplex::cell_vertices))
        .def("interior_points", [](const VertexComplex& vertices) {
            const InteriorPoints found = with_poll([&](const Poll& poll) { return interior_points(vertices, poll); });
            py::array_t<double> points({static_cast<py::ssize_t>(found.inside.size()), static_cast<py::ssize_t>(vertices.dimension)});
            std::copy(found.points.begin(), found.points.end(), points.mutable_data());
            return py::make_tuple(points, to_array(found.inside));
        }, OwnArithmetic())
        .def_property_readonly("output", table_view(&VertexComplex::output, &VertexComplex::num_outputs))
        .def_property_readonly("output_rank", table_view(&VertexComplex::output_rank, &VertexComplex::num_outputs))
        .def("exact_point", &exact_point, py::arg("vertex"))
        .def("on_facets", &on_facets, py::arg("cells"), py::arg("vertices"), py::arg("ids"))
        .def("neuron_signs", &neuron_signs, py::arg("cells"))
        .def("face_counts", [](const VertexComplex& vertices, const CellComplex& cells, const std::vector<std::uint8_t>& infinite) {
            check_same(vertices, cells);
            check_sides(infinite, cells);
            return to_array(with_poll([&](const Poll& poll) { return face_counts(cells, vertices, infinite, poll); }));
        }, py::arg("cells"), py::arg("infinite_side"), OwnArithmetic())
        .def("part_counts", [](const VertexComplex& vertices, const CellComplex& cells, const std::vector<std::uint8_t>& infinite) {
            check_same(vertices, cells);
            check_sides(infinite, cells);
            const PartCounts found = with_poll([&](const Poll& poll) { return part_counts(cells, vertices, infinite, poll); });
            const py::ssize_t width = 2 * vertices.sign_words + 1;
            py::array_t<std::uint64_t> open({static_cast<py::ssize_t>(found.open.size()) / width, width});
            std::copy(found.open.begin(), found.open.end(), open.mutable_data());
            return py::make_tuple(to_array(found.counts), open);
        }, py::arg("cells"), py::arg("infinite_side"), OwnArithmetic())
        .def("face_lattice", [](const VertexComplex& vertices, const CellComplex& cells, const std::vector<std::uint8_t>& infinite,
                               std::optional<std::uint64_t> max_bytes) {
            check_same(vertices, cells);
            check_sides(infinite, cells);
            return with_poll([&](const Poll& poll) { return face_lattice(cells, vertices, infinite, poll, memory_limit(max_bytes)); });
        }, py::arg("cells"), py::arg("infinite_side"), py::arg("max_bytes") = py::none(), OwnArithmetic())
        .def("cell_outlines", [](const VertexComplex& vertices, const CellComplex& cells) {
            check_same(vertices, cells);
            if (cells.dimension > 2) throw std::invalid_argument("outlines of cells are those of at most 2 dimensions");
            Outlines found = with_poll([&](const Poll& poll) { return cell_outlines(cells, vertices, poll); });
            return py::make_tuple(to_array(std::move(found.begin)), to_array(std::move(found.corners)), to_array(std::move(found.facet)));
        }, py::arg("cells"), OwnArithmetic())
        .def("triangulate_cells", [](const VertexComplex& vertices, const CellComplex& cells) {
            check_same(vertices, cells);
            return triangulation_arrays(with_poll([&](const Poll& poll) { return triangulate_cells(cells, vertices, poll); }));
        }, py::arg("cells"), OwnArithmetic())
        .def("triangulate_facets", [](const VertexComplex& vertices, const CellComplex& cells) {
            check_same(vertices, cells);
            return triangulation_arrays(with_poll([&](const Poll& poll) { return triangulate_facets(cells, vertices, poll); }));
        }, py::arg("cells"), OwnArithmetic());

    module.def(
        "search_vertices",
        [](const Network& network, const DoubleArray& lower, const DoubleArray& upper, const DoubleArray& halfspaces,
           const CellComplex& cells, int threads, bool outputs, bool points, int compared, const py::object& report, bool near,
           std::optional<std::uint64_t> max_bytes) {
            check_vertex_dimension(network);
            const Domain domain = make_domain(network, lower, upper, halfspaces);
            check_same(cells, network, domain);
            SearchOptions options;
            options.threads = threads;
            options.cells = false;
            options.vertices = true;
            options.outputs = outputs;
            options.points = points;
            options.near = near;
            options.compared = checked_compared(network, compared);
            const MemoryLimit memory = memory_limit(max_bytes);
            options.max_bytes = memory.most();
            return run_interruptibly(report, [&](SearchControl& control) {
                if (cells.simple && cells.dimension <= most_simple_dimension && !near && !outputs && !points && compared == 0) {
                    const SimpleVertices found = simple_vertices(cells, network, domain, [&] { if (control.stop) throw Stopped(); }, std::numeric_limits<std::int32_t>::max(), memory);
                    return std::make_unique<VertexComplex>(place_vertices(found, cells, network, domain, threads, control.stop));
                }
                try {
                    SearchResult result = search(network, domain, options, control);
                    memory.check(control.bytes, 1, 1);
                    return std::make_unique<VertexComplex>(merge_vertices(result, cells, network));
                } catch (const Stopped&) {
                    if (control.full) memory.check(control.bytes, control.cells, cells.num_cells());
                    throw;
                }
            });
        },
        py::arg("network"), py::arg("lower"), py::arg("upper"), py::arg("halfspaces"), py::arg("cells"), py::arg("threads"),
        py::arg("outputs"), py::arg("points"), py::arg("compared"), py::arg("report"), py::arg("near") = false,
        py::arg("max_bytes") = py::none(), OwnArithmetic());
}

}  // namespace relutope::bindings
