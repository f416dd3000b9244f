#include <doctest/doctest.h>

#include <limits>

#include "complex/cells/lp_facets.hpp"
#include "complex/faces/face_lattice.hpp"
#include "complex/faces/simple_vertices.hpp"
#include "complexes.hpp"
#include "network/input_checks.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

// Three lines in general position: seven cells, and nine vertices of theirs beside the corners of the square.
Network three_lines() { return arrangement({{1, 0.25, 0.1}, {0.25, 1, 0.1}, {1, -1, 0.3}}); }

}  // namespace

TEST_SUITE_BEGIN("limits");

TEST_CASE("as many cells as can be numbered, and one more") {
    const Network network = three_lines();
    const Domain square = box(2, -2, 2);
    SearchResult result = run(network, square);
    CHECK(assemble(result, network, square, 7).num_cells() == 7);
    result = run(network, square);
    CHECK_THROWS_AS(assemble(result, network, square, 6), TooLarge);

    SearchControl control;
    const LpCells found = lp_search(network, square, {}, control);
    CHECK(lp_complex(found, network, square, true, 1, control, 7).num_cells() == 7);
    CHECK_THROWS_AS(lp_complex(found, network, square, true, 1, control, 6), TooLarge);
}

TEST_CASE("as many vertices as can be numbered, and one more") {
    const Network network = three_lines();
    const Domain square = box(2, -2, 2);
    const CellComplex cells = cells_of(network, square);
    SearchOptions options;
    options.vertices = true;
    SearchResult result = run(network, square, options);
    const auto count = static_cast<std::uint64_t>(merge_vertices(result, cells, network).num_vertices);
    CHECK(count == 13);
    result = run(network, square, options);
    CHECK_NOTHROW(merge_vertices(result, cells, network, count));
    result = run(network, square, options);
    CHECK_THROWS_AS(merge_vertices(result, cells, network, count - 1), TooLarge);
}

TEST_CASE("as many bytes as are counted are enough, and one less is not") {
    const Network network = three_lines();
    const Domain square = box(2, -2, 2);
    const auto searched = [&](std::uint64_t most, int threads, bool vertices) {
        SearchOptions options;
        options.threads = threads;
        options.max_bytes = most;
        options.vertices = vertices;
        options.keep_when_stopped = true;
        return run(network, square, options);
    };
    for (const int threads : {1, 2})
        for (const bool vertices : {false, true}) {
            const SearchResult all = searched(UINT64_MAX, threads, vertices);
            CHECK(all.bytes > bytes_at_first + threads * bytes_of_thread);
            CHECK(!all.full);
            const SearchResult none = searched(1, threads, vertices);
            CHECK(none.full);
            CHECK(!none.complete);
            if (threads > 1) continue;  // what workers take depends on which jobs they do
            CHECK(!searched(all.bytes, threads, vertices).full);
            CHECK(searched(all.bytes - 1, threads, vertices).full);
        }
    SearchControl control;
    const LpCells found = lp_search(network, square, {}, control);
    const std::uint64_t facets = lp_complex(found, network, square, true, 1, control).bytes;
    const auto linked = [&](std::uint64_t most) {
        return lp_complex(found, network, square, true, 1, control, most_cells_numbered, MemoryLimit(most));
    };
    CHECK(linked(facets).num_cells() == 7);
    CHECK_THROWS_AS(linked(facets - 1), OutOfMemoryLimit);
}

TEST_CASE("vertices and faces within a limit of bytes, and beyond it") {
    const Network network = three_lines();
    const Domain square = box(2, -2, 2);
    const CellComplex cells = cells_of(network, square);
    const auto poll = [] {};
    const auto vertices = [&](std::uint64_t most) {
        return simple_vertices(cells, network, square, poll, std::numeric_limits<std::int32_t>::max(), MemoryLimit(most));
    };
    const SimpleVertices found = vertices(UINT64_MAX);
    const std::uint64_t needed = simple_vertex_bytes(cells, found.size(), found.cell_vertices.size());
    CHECK(vertices(needed).size() == 13);
    CHECK_THROWS_AS(vertices(needed - 1), OutOfMemoryLimit);

    const VertexComplex placed = vertices_of(network, square, cells);
    const std::vector<std::uint8_t> sides(4, 0);
    CHECK(face_lattice(cells, placed, sides, poll, MemoryLimit(bytes_at_first + 10000)).level[2].size() == 7);
    CHECK_THROWS_AS(face_lattice(cells, placed, sides, poll, MemoryLimit(bytes_at_first)), OutOfMemoryLimit);
}

TEST_CASE("as many neurons as can be numbered, and one more") {
    std::vector<Layer> layers{layer_of({{1, 0}, {1, 1}, {1, 2}}), layer_of({{1, 1, 1, 0}, {1, 1, 1, 0}}), layer_of({{1, 1, 0}})};
    for (Layer& layer : layers) layer.bias_low.assign(layer.outputs, 0.0);
    CHECK_NOTHROW(check_layers(layers, 5));
    CHECK_THROWS_AS(check_layers(layers, 4), TooLarge);
}

TEST_CASE("a number that does not fit is named with its limit") {
    CHECK(fitting<std::int32_t>(2147483647, "things") == 2147483647);
    CHECK_THROWS_WITH_AS(fitting<std::int32_t>(2147483648, "things"), "things: 2147483648, and at most 2147483647 can be held", TooLarge);
}

TEST_SUITE_END();
