#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "complex/homology/persistence.hpp"
#include "complexes.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

struct Complex {
    Network network;
    Domain domain;
    CellComplex cells;
    VertexComplex vertices;
    FaceLattice lattice;

    Complex(const Network& net, const Domain& where)
        : network(net), domain(where), cells(cells_of(net, where)), vertices(vertices_of(net, where, cells)),
          lattice(face_lattice(cells, vertices, infinite_sides(where), [] {})) {}

    static std::vector<std::uint8_t> infinite_sides(const Domain& domain) {
        std::vector<std::uint8_t> infinite(domain.num_sides());
        for (int k = 0; k < domain.dimension(); ++k) {
            infinite[2 * k] = std::isinf(domain.lower[k]);
            infinite[2 * k + 1] = std::isinf(domain.upper[k]);
        }
        return infinite;
    }
    int dimension() const { return lattice.dimension(); }
};

std::vector<std::int64_t> proper_counts(const FaceLattice& lattice) {
    std::vector<std::int64_t> counts;
    for (const FaceLevel& level : lattice.level) counts.push_back(level.num_proper);
    return counts;
}

// Boundary of boundary of every face, as coefficients of faces of dimension k - 2.
void check_boundary_of_boundary(const FaceLattice& lattice) {
    for (int k = 2; k <= lattice.dimension(); ++k) {
        const FaceLevel& level = lattice.level[k];
        const FaceLevel& below = lattice.level[k - 1];
        for (std::int64_t face = 0; face < level.size(); ++face) {
            std::map<FaceId, int> sum;
            for (std::int64_t i = level.facet_begin[face]; i < level.facet_begin[face + 1]; ++i) {
                const FaceId facet = level.facets[i];
                for (std::int64_t j = below.facet_begin[facet]; j < below.facet_begin[facet + 1]; ++j)
                    sum[below.facets[j]] += level.orientation[i] * below.orientation[j];
            }
            for (const auto& [ridge, coefficient] : sum) CHECK(coefficient == 0);
        }
    }
}

// Cells cancel where they meet: the sum of their boundaries is on the boundary of the truncated domain alone.
void check_cells_are_oriented_alike(const FaceLattice& lattice) {
    const FaceLevel& cells = lattice.level.back();
    std::map<FaceId, std::pair<int, int>> walls;  // number of cells, sum of orientations
    for (std::size_t i = 0; i < cells.facets.size(); ++i) {
        auto& [count, sum] = walls[cells.facets[i]];
        ++count;
        sum += cells.orientation[i];
    }
    for (const auto& [wall, uses] : walls) CHECK(std::abs(uses.second) == 2 - uses.first);
}

// The vertices of a face are those of its facets.
void check_vertices(const FaceLattice& lattice) {
    for (int k = 1; k <= lattice.dimension(); ++k) {
        const FaceLevel& level = lattice.level[k];
        const FaceLevel& below = lattice.level[k - 1];
        for (std::int64_t face = 0; face < level.size(); ++face) {
            std::vector<std::int32_t> found;
            for (std::int64_t i = level.facet_begin[face]; i < level.facet_begin[face + 1]; ++i)
                found.insert(found.end(), below.vertices.begin() + below.vertex_begin[level.facets[i]],
                             below.vertices.begin() + below.vertex_begin[level.facets[i] + 1]);
            std::sort(found.begin(), found.end());
            found.erase(std::unique(found.begin(), found.end()), found.end());
            CHECK(std::equal(found.begin(), found.end(), level.vertices.begin() + level.vertex_begin[face],
                             level.vertices.begin() + level.vertex_begin[face + 1]));
        }
    }
}

void check_lattice(const Complex& complex) {
    CHECK(proper_counts(complex.lattice) == f_vector(complex.cells, complex.vertices, complex.domain));
    check_boundary_of_boundary(complex.lattice);
    check_cells_are_oriented_alike(complex.lattice);
    check_vertices(complex.lattice);
}

using Steps = std::vector<std::vector<std::int32_t>>;

// Every face at the same step: -1 for none of them.
Steps same_step(const FaceLattice& lattice, std::int32_t step) {
    Steps steps;
    for (const FaceLevel& level : lattice.level) steps.emplace_back(level.size(), step);
    return steps;
}

std::vector<int> betti(const FaceLattice& lattice, const Steps& steps, std::int32_t prime = 2) {
    std::vector<int> numbers(lattice.level.size());
    for (const std::int32_t k : persistence_pairs(lattice, steps, prime, false, [] {}).dimension) ++numbers[k];
    return numbers;
}

}  // namespace

TEST_SUITE_BEGIN("face_lattice");

TEST_CASE("lattices of generic and degenerate networks") {
    Random random(150);
    for (int trial = 0; trial < 16; ++trial) {
        const int n = 1 + trial % 4;
        CAPTURE(trial);
        const bool generic = trial < 8;
        const Network network = generic ? random_network(random, {n, 5, 4, 1}) : integer_network(random, {n, 4, 3, 1}, 1);
        for (const Domain& domain : {box(n, -1, 1), whole_space(n)}) check_lattice(Complex(network, domain));
    }
}

TEST_CASE("more facets than a word has bits") {
    std::vector<Row> rows;
    for (int k = 0; k < 70; ++k) {  // tangents of a parabola
        const double t = k - 35;
        rows.push_back({2 * t, -1, -t * t});
    }
    const Complex complex(arrangement(rows), box(2, -100, 5000));
    std::int64_t most = 0;
    for (std::int64_t cell = 0; cell < complex.cells.num_cells(); ++cell)
        most = std::max(most, complex.cells.facet_begin[cell + 1] - complex.cells.facet_begin[cell]);
    CHECK(most > 64);
    check_lattice(complex);
    CHECK(betti(complex.lattice, same_step(complex.lattice, 0)) == std::vector<int>{1, 0, 0});
}

TEST_CASE("a cut cube and its boundary") {
    for (int n = 1; n <= 4; ++n) {
        std::vector<Row> axes(n, Row(n + 1, 0.0));
        for (int k = 0; k < n; ++k) axes[k][k] = 1;
        const Complex cube(arrangement(axes), box(n, -1, 1));
        const FaceLattice& lattice = cube.lattice;
        std::vector<int> ball(n + 1, 0), sphere(n + 1, 0);
        ball[0] = 1;
        sphere[0] = 1;
        sphere[n - 1] += 1;
        Steps steps = same_step(lattice, 0);
        CHECK(betti(lattice, steps) == ball);
        // Leaving out what contains the origin leaves the boundary.
        const FaceLevel& points = lattice.level[0];
        std::vector<int> in_cells(points.size());
        for (const FaceId vertex : points.cell_faces) ++in_cells[vertex];
        const auto origin = std::find(in_cells.begin(), in_cells.end(), 1 << n) - in_cells.begin();
        for (int k = 0; k <= n; ++k)
            for (std::int64_t face = 0; face < lattice.level[k].size(); ++face) {
                const FaceLevel& level = lattice.level[k];
                if (std::count(level.vertices.begin() + level.vertex_begin[face],
                               level.vertices.begin() + level.vertex_begin[face + 1], origin))
                    steps[k][face] = -1;
            }
        CHECK(betti(lattice, steps) == sphere);
        // They enter later: the sphere is filled.
        for (auto& level : steps)
            for (std::int32_t& step : level) step = step < 0 ? 1 : 0;
        const PersistencePairs pairs = persistence_pairs(lattice, steps, 3, true, [] {});
        REQUIRE(pairs.dimension == std::vector<std::int32_t>{0, n - 1});
        CHECK(std::count(pairs.death.begin(), pairs.death.end(), -1) == 1);
        // The cycle that is filled: all facets of the cube that avoid the origin.
        const std::int64_t finite = pairs.death[0] < 0 ? 1 : 0;
        const std::int64_t length = pairs.cycle_begin[finite + 1] - pairs.cycle_begin[finite];
        CHECK(length == 2 * n << (n - 1));
    }
}

TEST_CASE("faces modulo those at infinity: the sphere") {
    Random random(151);
    for (int n = 1; n <= 3; ++n) {
        const Complex complex(random_network(random, {n, 4, 1}), whole_space(n));
        Steps steps = same_step(complex.lattice, 0);
        for (int k = 0; k <= n; ++k)
            for (std::int64_t face = complex.lattice.level[k].num_proper; face < complex.lattice.level[k].size(); ++face)
                steps[k][face] = -1;
        std::vector<int> top(n + 1, 0);
        top[n] = 1;
        for (const std::int32_t prime : {2, 3, 46337}) CHECK(betti(complex.lattice, steps, prime) == top);
    }
}

TEST_CASE("filtrations that are none are refused") {
    const Complex cube(arrangement({{1, 0, 0}}), box(2, -1, 1));
    Steps steps = same_step(cube.lattice, 1);
    steps[2][0] = 0;
    CHECK_THROWS_AS(betti(cube.lattice, steps), std::invalid_argument);
    steps = same_step(cube.lattice, 0);
    for (std::int32_t& step : steps[1]) step = -1;  // cells and vertices without edges
    CHECK_THROWS_AS(betti(cube.lattice, steps), std::invalid_argument);
    CHECK(betti(cube.lattice, same_step(cube.lattice, -1)) == std::vector<int>{0, 0, 0});
}

TEST_CASE("a poll stops the work") {
    const Complex cube(arrangement({{1, 0, 0}}), box(2, -1, 1));
    const Poll stop = [] { throw Stopped(); };
    CHECK_THROWS_AS(face_lattice(cube.cells, cube.vertices, Complex::infinite_sides(cube.domain), stop), Stopped);
    CHECK_THROWS_AS(persistence_pairs(cube.lattice, same_step(cube.lattice, 0), 2, false, stop), Stopped);
}

TEST_SUITE_END();
