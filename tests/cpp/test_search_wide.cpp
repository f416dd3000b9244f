// Cells with more facets than a 64-bit mask holds.
#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "complex/faces/faces.hpp"
#include "complexes.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

// Tangents of the unit circle, inward: the cell around the origin has a side on each of them. An odd number of evenly spaced
// tangents has no parallel pair, and any two meet outside the circle.
std::vector<Row> tangents(int count) {
    std::vector<Row> rows;
    for (int k = 0; k < count; ++k) {
        const double angle = 2 * std::numbers::pi * k / count;
        rows.push_back({-std::cos(angle), -std::sin(angle), 1});
    }
    return rows;
}

std::int64_t most_facets(const CellComplex& cells) {
    std::int64_t most = 0;
    for (std::int64_t cell = 0; cell < cells.num_cells(); ++cell)
        most = std::max(most, cells.facet_begin[cell + 1] - cells.facet_begin[cell]);
    return most;
}

}  // namespace

TEST_SUITE_BEGIN("search_wide");

TEST_CASE("tangents of a circle: a polygon with a side on each of them") {
    for (const int count : {61, 65, 101}) {
        const Domain domain = whole_space(2);
        const CellComplex cells = cells_of(arrangement(tangents(count)), domain);
        CAPTURE(count);
        CHECK(cells.num_cells() == 1 + count + count * (count - 1) / 2);
        CHECK(cells.num_edges() == std::int64_t{count} * count);
        CHECK(most_facets(cells) == count);
        CHECK(cells.mask_words == (count > 64 ? 4 : 1));
    }
}

TEST_CASE("more than 256 facets: the widest masks") {
    const Domain polygon = cut_box(2, -2, 2, tangents(301));
    const Network uncut = arrangement({{0, 0, 1}}), halved = arrangement({{1, 0.5, 0}});
    const CellComplex whole = cells_of(uncut, polygon);
    CHECK(whole.mask_words == 64);
    CHECK(whole.num_cells() == 1);
    CHECK(most_facets(whole) == 301);
    const VertexComplex vertices = vertices_of(uncut, polygon, whole);
    CHECK(f_vector(whole, vertices, polygon) == std::vector<std::int64_t>{301, 301, 1});
    CHECK(triangulate_cells(whole, vertices, [] {}).owner.size() == 299);

    const CellComplex halves = cells_of(halved, polygon);
    const VertexComplex both = vertices_of(halved, polygon, halves);
    CHECK(halves.num_edges() == 1);
    CHECK(f_vector(halves, both, polygon) == std::vector<std::int64_t>{303, 304, 2});
    CHECK(total_volume(halves, both) == total_volume(whole, vertices));
}

TEST_CASE("wide masks: vertices, faces and triangulation are right") {
    std::vector<Row> rows = tangents(71);
    const Domain domain = box(2, -1.01, 1.01);
    const Rational side = 2 * rational(1.01);
    const CellComplex cells = check_complex(arrangement(rows), domain, side * side);
    CHECK(cells.mask_words == 4);
    // The central cell is the last one: every neuron is positive there. 71 vertices make 69 triangles.
    CHECK(patterns(cells).back() == std::string(71, '1'));
    const VertexComplex vertices = vertices_of(arrangement(rows), domain, cells);
    CHECK(vertices.cell_begin.back() - vertices.cell_begin[cells.num_cells() - 1] == 71);
    const Triangulation triangulation = triangulate_cells(cells, vertices, [] {});
    CHECK(std::count(triangulation.owner.begin(), triangulation.owner.end(), cells.num_cells() - 1) == 69);
}

TEST_CASE("wide masks with a second layer and in three dimensions") {
    std::vector<Row> rows = tangents(71);
    std::vector<Row> second{Row(72, 1.0), Row(72, -1.0)};
    for (std::size_t k = 0; k < 71; k += 2) second[0][k] = -1;
    second[0].back() = 0.01;
    second[1].back() = 70.9;
    const Domain square = box(2, -1.01, 1.01);
    const CellComplex deep = cells_of(network_of({rows, second}), square);
    CHECK(deep.mask_words == 4);
    CHECK(deep.num_cells() > cells_of(arrangement(rows), square).num_cells());

    std::vector<Row> prism;  // the same polygon, as high as the box
    for (const Row& row : tangents(67)) prism.push_back({row[0], row[1], 0, row[2]});
    prism.push_back({0, 0, 1, 0});
    const CellComplex cells = cells_of(arrangement(prism), box(3, -1.01, 1.01));
    CHECK(cells.num_cells() == 2 * cells_of(arrangement(tangents(67)), box(2, -1.01, 1.01)).num_cells());
    CHECK(most_facets(cells) == 69);
}

// Halfspaces that cut nothing away force the wide masks on a network that does not need them.
TEST_CASE("the width of the masks does not change the result") {
    Random random(100);
    for (int trial = 0; trial < 8; ++trial) {
        const int n = 2 + trial % 3;
        const Network network = trial % 2 ? integer_network(random, {n, 6, 4, 1}, 2) : random_network(random, {n, 6, 4, 1});
        Row idle(n + 1, 1.0);
        idle.back() = 100;
        const CellComplex narrow = cells_of(network, box(n, -1, 1));
        const CellComplex wide = cells_of(network, cut_box(n, -1, 1, std::vector<Row>(70, idle)));
        CHECK(narrow.mask_words == 1);
        CHECK(wide.mask_words == 4);
        CHECK(narrow.patterns == wide.patterns);
        CHECK(narrow.facet_begin == wide.facet_begin);
        CHECK(narrow.facet_id == wide.facet_id);
        CHECK(narrow.facet_neighbour == wide.facet_neighbour);
        CHECK(narrow.special_facet == wide.special_facet);
        CHECK(narrow.special_ids == wide.special_ids);
    }
}

TEST_SUITE_END();
