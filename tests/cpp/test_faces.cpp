#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "complex/faces/faces.hpp"
#include "complex/faces/interior_points.hpp"
#include "complexes.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

struct Complex {
    Network network;
    Domain domain;
    CellComplex cells;
    VertexComplex vertices;

    Complex(const Network& net, const Domain& where)
        : network(net), domain(where), cells(cells_of(net, where)), vertices(vertices_of(net, where, cells)) {}
};

using Simplex = std::vector<std::int32_t>;

std::vector<Simplex> rows_of(const Triangulation& triangulation) {
    std::vector<Simplex> rows;
    for (std::size_t s = 0; s < triangulation.owner.size(); ++s) {
        const auto first = triangulation.simplices.begin() + static_cast<std::ptrdiff_t>(s * triangulation.row_length);
        rows.emplace_back(first, first + triangulation.row_length);
    }
    return rows;
}

// Simplices of all dimensions, and how many of the largest ones contain each of the second largest.
struct SimplicialComplex {
    std::vector<std::int64_t> counts;
    std::map<Simplex, int> walls;
};

SimplicialComplex closure(const std::vector<Simplex>& simplices, int dimension) {
    std::map<Simplex, int> all;
    for (const Simplex& simplex : simplices) {
        for (std::uint32_t subset = 1; subset >> (dimension + 1) == 0; ++subset) {
            Simplex face;
            for (int k = 0; k <= dimension; ++k)
                if (subset >> k & 1) face.push_back(simplex[k]);
            ++all[face];
        }
    }
    SimplicialComplex result{std::vector<std::int64_t>(dimension + 1), {}};
    for (const auto& [face, times] : all) {
        ++result.counts[face.size() - 1];
        if (static_cast<int>(face.size()) == dimension) result.walls.emplace(face, times);
    }
    return result;
}

// A simplicial ball without new vertices: rows increase, no wall has more than two sides, the Euler characteristic is 1.
void check_triangulation(const Complex& complex) {
    const Triangulation triangulation = triangulate_cells(complex.cells, complex.vertices, [] {});
    const int n = complex.cells.dimension;
    REQUIRE(triangulation.row_length == n + 1);
    const std::vector<Simplex> simplices = rows_of(triangulation);
    for (const Simplex& simplex : simplices) CHECK(std::is_sorted(simplex.begin(), simplex.end()));
    const SimplicialComplex all = closure(simplices, n);
    CHECK(all.counts[0] == complex.vertices.num_vertices);
    CHECK(euler_characteristic(all.counts) == 1);
    for (const auto& [wall, sides] : all.walls) CHECK(sides <= 2);
    // A shared facet's own triangulation is what the triangulations of both of its cells make of it.
    const Triangulation facets = triangulate_facets(complex.cells, complex.vertices, [] {});
    REQUIRE(facets.row_length == n);
    for (const Simplex& simplex : rows_of(facets)) {
        REQUIRE(all.walls.count(simplex) == 1);
        CHECK(all.walls.at(simplex) == 2);
    }
}

// The f-vector of a product: that of its factors, as polynomials, multiplied.
std::vector<std::int64_t> product(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
    std::vector<std::int64_t> result(a.size() + b.size() - 1);
    for (std::size_t i = 0; i < a.size(); ++i)
        for (std::size_t j = 0; j < b.size(); ++j) result[i + j] += a[i] * b[j];
    return result;
}

}  // namespace

TEST_SUITE_BEGIN("faces");

TEST_CASE("a cube: pulling its first vertex makes n! simplices") {
    for (int n = 1; n <= 4; ++n) {
        Row far(n + 1, 1.0);
        far.back() = 99;
        const Complex cube(arrangement({far}), box(n, 0, 1));
        const Triangulation triangulation = triangulate_cells(cube.cells, cube.vertices, [] {});
        CHECK(triangulation.owner.size() == std::vector<std::size_t>{1, 2, 6, 24}[n - 1]);
        CHECK(triangulate_facets(cube.cells, cube.vertices, [] {}).owner.empty());
        CHECK(total_volume(cube.cells, cube.vertices) == Rational(std::vector{1, 2, 6, 24}[n - 1]));
        check_triangulation(cube);
    }
}

TEST_CASE("triangulations are face to face: generic networks") {
    Random random(130);
    for (int trial = 0; trial < 8; ++trial) {
        const int n = 1 + trial % 4;
        CAPTURE(trial);
        check_triangulation(Complex(random_network(random, {n, 5, 4, 1}), box(n, -1, 1)));
    }
}

TEST_CASE("triangulations are face to face: degenerate networks") {
    Random random(131);
    for (int trial = 0; trial < 24; ++trial) {
        const int n = 2 + trial % 3;
        CAPTURE(trial);
        check_triangulation(Complex(integer_network(random, {n, 4, 3, 1}, 1), box(n, -1, 1)));
    }
}

// Counting through generic faces and counting a table of sign vectors must agree: idle copies of every neuron make every face
// special and change no face.
TEST_CASE("face counts do not depend on how faces are recognised") {
    Random random(132);
    for (int trial = 0; trial < 6; ++trial) {
        const int n = 2 + trial % 3;
        std::vector<Row> rows(5, Row(n + 1));
        for (Row& row : rows)
            for (double& entry : row) entry = random_double(random, -3, 0);
        std::vector<Row> twice = rows;
        twice.insert(twice.end(), rows.begin(), rows.end());
        for (const Domain& domain : {box(n, -1, 1), whole_space(n)}) {
            const Complex once(arrangement(rows), domain), doubled(arrangement(twice), domain);
            CHECK(once.cells.special_facet.empty());
            CHECK_FALSE(doubled.cells.special_facet.empty());
            CHECK(f_vector(once.cells, once.vertices, domain) == f_vector(doubled.cells, doubled.vertices, domain));
        }
    }
}

TEST_CASE("a cell that is no simple polytope: a pyramid") {
    // x, y, -x, -y <= z in the cube, cut by the planes through its centre: z = |x|, z = |y| bound a pyramid with a square base.
    const Complex complex(arrangement({{1, 0, -1, 0}, {-1, 0, -1, 0}, {0, 1, -1, 0}, {0, -1, -1, 0}}), box(3, -1, 1));
    const std::vector<std::string> words = patterns(complex.cells);
    const auto pyramid = std::find(words.begin(), words.end(), "0000") - words.begin();
    REQUIRE(pyramid < static_cast<std::ptrdiff_t>(words.size()));
    CHECK(complex.cells.facet_begin[pyramid + 1] - complex.cells.facet_begin[pyramid] == 5);
    CHECK(complex.vertices.cell_begin[pyramid + 1] - complex.vertices.cell_begin[pyramid] == 5);
    const Triangulation triangulation = triangulate_cells(complex.cells, complex.vertices, [] {});
    CHECK(std::count(triangulation.owner.begin(), triangulation.owner.end(), pyramid) == 2);
    CHECK(euler_characteristic(f_vector(complex.cells, complex.vertices, complex.domain)) == 1);
    CHECK(total_volume(complex.cells, complex.vertices) == 6 * 8);
}

// Two facets over triangles with one corner in common meet in a square, whose four vertices could pass for a simplex.
TEST_CASE("a face of too low a dimension is no facet: octahedron times square") {
    std::vector<Row> halfspaces;
    for (int signs = 0; signs < 8; ++signs)
        halfspaces.push_back({signs & 1 ? 1.0 : -1.0, signs & 2 ? 1.0 : -1.0, signs & 4 ? 1.0 : -1.0, 0, 0, 1});
    const Complex complex(arrangement({{0, 0, 0, 0, 0, 1}}), cut_box(5, -1, 1, halfspaces));
    // (6, 12, 8, 1) times (4, 4, 1)
    CHECK(f_vector(complex.cells, complex.vertices, complex.domain) == std::vector<std::int64_t>{24, 72, 86, 48, 12, 1});
    CHECK(total_volume(complex.cells, complex.vertices) == 120 * Rational(4) * Rational(4) / 3);
    check_triangulation(complex);
}

// In five dimensions vertices that are no neighbours can lie on n - 1 common facets: opposite corners of the square, at a vertex of
// the other factor where four facets meet. A cut between them must not find an edge there.
TEST_CASE("diagonals are no edges: products with a square, cut") {
    // Facets over all but the last coordinates; f-vectors of these factors.
    const std::vector<Row> pyramid{{1, 0, -1, 1}, {-1, 0, -1, 1}, {0, 1, -1, 1}, {0, -1, -1, 1}, {0, 0, 1, 0}};
    std::vector<Row> octahedron;
    for (int signs = 0; signs < 8; ++signs)
        octahedron.push_back({signs & 1 ? 1.0 : -1.0, signs & 2 ? 1.0 : -1.0, signs & 4 ? 1.0 : -1.0, 1});
    struct Factor {
        std::vector<Row> facets;
        std::vector<std::int64_t> faces;
        Rational volume;
    };
    // The square is cut across both of its diagonals; at the origin the second network cuts along two lines.
    const Network once = arrangement({{0, 0, 0, 1, 0.25, 0.125}});
    const Network twice = arrangement({{0, 0, 0, 1, 0.25, 0}, {0, 0, 0, -0.25, 1, 0}});
    const std::vector<std::int64_t> halves{6, 7, 2}, quarters{9, 12, 4};
    for (const Factor& factor : {Factor{pyramid, {5, 8, 5, 1}, Rational(4) / 3}, Factor{octahedron, {6, 12, 8, 1}, Rational(4) / 3}}) {
        std::vector<Row> halfspaces;
        for (const Row& row : factor.facets) halfspaces.push_back({row[0], row[1], row[2], 0, 0, row[3]});
        const Domain domain = cut_box(5, -1, 1, halfspaces);
        for (const auto& [network, square] : {std::pair{once, halves}, {twice, quarters}}) {
            const Complex complex(network, domain);
            CHECK(f_vector(complex.cells, complex.vertices, domain) == product(factor.faces, square));
            CHECK(total_volume(complex.cells, complex.vertices) == 120 * 4 * factor.volume);
        }
    }
}

// The f-vector from tasks of so many cells.
std::vector<std::int64_t> f_vector_by_tasks(const Network& network, const Domain& domain, std::uint64_t pause_at, std::size_t& shared) {
    SearchOptions options;
    options.vertices = true;
    SearchControl planning;
    std::vector<SearchTask> left;
    for (std::uint32_t child = 0; child < num_children(network, domain, planning); ++child) left.push_back({{}, child, child + 1, {}});
    std::vector<std::int64_t> total(domain.dimension() + 1);
    std::set<std::vector<std::uint64_t>> open;
    const std::vector<std::uint8_t> infinite(domain.num_sides(), 0);
    while (!left.empty()) {
        const SearchTask task = left.back();
        left.pop_back();
        SearchControl control;
        TaskResult result = search_task(network, domain, task, pause_at, control, options);
        left.insert(left.end(), result.rest.begin(), result.rest.end());
        CellComplex cells = assemble(result.found, network, domain);
        link(cells);
        const VertexComplex vertices = merge_vertices(result.found, cells, network);
        const PartCounts part = part_counts(cells, vertices, infinite, [] {});
        for (std::size_t k = 0; k < total.size(); ++k) total[k] += part.counts[k];
        const std::size_t width = 2 * static_cast<std::size_t>(vertices.sign_words) + 1;
        for (std::size_t at = 0; at < part.open.size(); at += width)
            open.emplace(part.open.begin() + static_cast<std::ptrdiff_t>(at), part.open.begin() + static_cast<std::ptrdiff_t>(at + width));
    }
    for (const auto& row : open) ++total[row.back()];
    shared = open.size();
    return total;
}

TEST_CASE("parts of a complex have its faces once together, wherever it is cut") {
    Random random(61);
    const Network networks[] = {integer_network(random, {2, 9, 5, 1}, 1), integer_network(random, {3, 8, 4, 1}, 1), integer_network(random, {4, 7, 1}, 1),
                                random_network(random, {3, 12, 6, 1})};
    for (const Network& network : networks) {
        const Complex complex(network, box(network.input_dimension(), -1, 1));
        for (const std::uint64_t pause_at : {1, 1000000}) {
            std::size_t shared = 0;
            CHECK(f_vector_by_tasks(network, complex.domain, pause_at, shared) == f_vector(complex.cells, complex.vertices, complex.domain));
            CHECK((shared > 0) == (&network != &networks[3]));
        }
    }
}

TEST_CASE("long work asks whether to go on") {
    struct Enough {};
    const Complex complex(arrangement({{1, 0, 0}}), box(2, -1, 1));
    const Poll stop = [] { throw Enough(); };
    CHECK_THROWS_AS(face_counts(complex.cells, complex.vertices, {0, 0, 0, 0}, stop), Enough);
    CHECK_THROWS_AS(triangulate_cells(complex.cells, complex.vertices, stop), Enough);
    CHECK_THROWS_AS(triangulate_facets(complex.cells, complex.vertices, stop), Enough);
    CHECK_THROWS_AS(interior_points(complex.vertices, stop), Enough);
}

TEST_SUITE_END();
