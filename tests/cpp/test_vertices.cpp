#include <doctest/doctest.h>

#include <cmath>

#include "complex/faces/interior_points.hpp"
#include "complexes.hpp"
#include "geometry/vertex_store.hpp"

using namespace relutope;
using namespace relutope::testing;

TEST_SUITE_BEGIN("vertices");

TEST_CASE("VertexStore: a stack that gives out vertices in a clean state") {
    VertexStore store(2, true, 3);
    CHECK(store.coordinate_stride() == 4);
    for (int round = 0; round < 2; ++round) {
        for (VertexId v = 0; v < 1000; ++v) {
            REQUIRE(store.push() == v);
            CHECK_FALSE(store.state(v).solved);
            CHECK_FALSE(store.exact(v));
            store.coordinates(v)[1] = v;
            store.infinite_coordinates(v)[1] = -double(v);
            store.positive(v)[2] = v;
            store.negative(v)[2] = ~std::uint64_t{v};
            store.state(v).solved = true;
            store.exact(v) = std::make_unique<exact::Point>();
        }
        for (VertexId v = 0; v < 1000; ++v) {  // growing has moved them, unharmed
            CHECK(store.coordinates(v)[1] == v);
            CHECK(store.infinite_coordinates(v)[1] == -double(v));
            CHECK(store.positive(v)[2] == v);
            CHECK(store.negative(v)[2] == ~std::uint64_t{v});
        }
        store.truncate(0);
        CHECK(store.size() == 0);
    }
}

TEST_CASE("vertices of the quadrants of a square, each once") {
    const Network network = arrangement({{1, 0, 0}, {0, 1, 0}});
    const CellComplex cells = cells_of(network, box(2, -1, 1));
    const VertexComplex vertices = vertices_of(network, box(2, -1, 1), cells);
    CHECK(vertices.num_vertices == 9);
    CHECK(vertices.num_finite == 9);
    std::vector<std::pair<double, double>> points;
    for (int v = 0; v < 9; ++v) points.emplace_back(vertices.coordinates[2 * v], vertices.coordinates[2 * v + 1]);
    std::sort(points.begin(), points.end());
    for (int k = 0; k < 9; ++k) CHECK(points[k] == std::pair<double, double>(k / 3 - 1, k % 3 - 1));
    CHECK(vertices.cell_begin == std::vector<std::int64_t>{0, 4, 8, 12, 16});
}

TEST_CASE("coordinates are the exact rationals, rounded once") {
    const Network network = arrangement({{3, 0, -1}, {0, 7, -3}, {1, 1, 0.1}});
    const CellComplex cells = cells_of(network, box(2, -1, 1));
    const VertexComplex vertices = vertices_of(network, box(2, -1, 1), cells);
    bool found = false;
    for (std::int64_t v = 0; v < vertices.num_vertices; ++v)
        found = found || (vertices.coordinates[2 * v] == 1.0 / 3 && vertices.coordinates[2 * v + 1] == 3.0 / 7);
    CHECK(found);
}

TEST_CASE("vertices at infinity come last, with both of their parts") {
    const Network network = arrangement({{1, -1, -5}});  // x = y + 5
    const CellComplex cells = cells_of(network, whole_space(2));
    const VertexComplex vertices = vertices_of(network, whole_space(2), cells);
    CHECK(vertices.num_finite == 0);
    CHECK(vertices.num_vertices == 6);  // four corners and two ends
    int ends = 0;
    for (std::int64_t v = 0; v < 6; ++v) {
        CHECK(std::fabs(vertices.infinite_coordinates[2 * v]) == 1.0);
        CHECK(std::fabs(vertices.infinite_coordinates[2 * v + 1]) == 1.0);
        if (!vertices.zero(v, cells.sign_bit(0))) continue;
        ++ends;
        CHECK(vertices.coordinates[2 * v] - vertices.coordinates[2 * v + 1] == 5.0);
    }
    CHECK(ends == 2);
}

// Three lines through one point but for the rounding of their constants: a triangle smaller than the spacing of doubles. Where
// its rounded mean is said to be inside, check_complex looks exactly.
TEST_CASE("points are said to be inside only when they are") {
    Random random(112);
    int inside = 0, doubtful = 0;
    for (int trial = 0; trial < 250; ++trial) {
        const double x = random_double(random, -1, 0), y = random_double(random, -1, 0);
        std::vector<Row> rows;
        for (int k = 0; k < 3; ++k) {
            const double a = random_double(random, -1, 0), b = random_double(random, -1, 0);
            const Rational constant = -(rational(a) * rational(x) + rational(b) * rational(y));
            rows.push_back({a, b, exact::nearest_double(numerator(constant), denominator(constant))});
        }
        CAPTURE(trial);
        const CellComplex cells = check_complex(arrangement(rows), box(2, -4, 4));
        const VertexComplex vertices = vertices_of(arrangement(rows), box(2, -4, 4), cells);
        for (const auto flag : interior_points(vertices, [] {}).inside) ++(flag ? inside : doubtful);
    }
    CHECK(inside > 400);
    CHECK(doubtful > 100);
}

TEST_CASE("outputs at the vertices: values and exact ranks") {
    // f = |x| by two neurons; the same value at x = -1 and 1, the least at 0.
    const Network network(std::vector<Layer>{layer_of({{1, 0}, {-1, 0}}), layer_of({{1, 1, 0}, {1, 1, -0.5}})});
    const CellComplex cells = cells_of(network, box(1, -1, 1));
    const VertexComplex vertices = vertices_of(network, box(1, -1, 1), cells, true);
    REQUIRE(vertices.num_vertices == 3);
    REQUIRE(vertices.num_outputs == 2);
    for (int v = 0; v < 3; ++v) {
        const double x = vertices.coordinates[v];
        CHECK(vertices.output[2 * v] == std::fabs(x));
        CHECK(vertices.output[2 * v + 1] == std::fabs(x) - 0.5);
        CHECK(vertices.output_rank[2 * v] == (x != 0));
        CHECK(vertices.output_rank[2 * v + 1] == (x != 0));
    }
}

TEST_CASE("outputs that are equal as doubles have the ranks of their exact values") {
    // f(-1) = 1, f(1) = 1 + 2^-60: one double, two ranks.
    const Network network(std::vector<Layer>{layer_of({{1, 0}, {-1, 0}, {0x1p-60, 0}}), layer_of({{1, 1, 1, 0}})});
    const CellComplex cells = cells_of(network, box(1, -1, 1));
    const VertexComplex vertices = vertices_of(network, box(1, -1, 1), cells, true);
    REQUIRE(vertices.num_vertices == 3);
    for (int v = 0; v < 3; ++v) {
        const double x = vertices.coordinates[v];
        CHECK(vertices.output[v] == std::fabs(x));
        CHECK(vertices.output_rank[v] == (x == 0 ? 0 : x < 0 ? 1 : 2));
    }
}

TEST_CASE("outputs at vertices at infinity: infinite, or their finite limit") {
    const Network network(std::vector<Layer>{layer_of({{1, 0}, {1, -1}}), layer_of({{1, 0, 0}, {1, -1, 0}, {-1, 0, 0}})});
    const CellComplex cells = cells_of(network, whole_space(1));
    const VertexComplex vertices = vertices_of(network, whole_space(1), cells, true);
    REQUIRE(vertices.num_vertices == 4);
    for (int v = 0; v < 4; ++v) {
        const double far = vertices.infinite_coordinates[v];
        const double* f = &vertices.output[3 * v];
        if (far > 0) {
            CHECK(f[0] == HUGE_VAL);
            CHECK(f[1] == 1.0);  // relu(x) - relu(x - 1)
            CHECK(f[2] == -HUGE_VAL);
            CHECK(vertices.output_rank[3 * v] == 2);
            CHECK(vertices.output_rank[3 * v + 2] == 0);
        } else {
            const double x = far < 0 ? 0.0 : vertices.coordinates[v];
            CHECK(f[0] == x);
            CHECK(f[1] == x);
        }
    }
}

TEST_CASE("sign_bit and layers wider than a word") {
    Random random(120);
    const Network network = random_network(random, {1, 70, 3, 1});
    const CellComplex cells = check_complex(network, box(1, -1, 1), 2);
    CHECK(cells.pattern_words == 2);
    CHECK(cells.num_neurons == 73);
    CHECK(cells.sign_bit(0).word == 1);   // after the domain's sides
    CHECK(cells.sign_bit(64).word == 2);
    CHECK(cells.sign_bit(70).word == 3);  // the next layer starts a word
    CHECK(cells.sign_bit(70).bit == 1);
    CHECK(cells.sign_bit(side_id(1)).word == 0);
    CHECK(cells.sign_bit(side_id(1)).bit == 2);
}

TEST_SUITE_END();
