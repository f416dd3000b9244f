#include <doctest/doctest.h>

#include "complex/cells/lp_facets.hpp"
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
