#include <doctest/doctest.h>

#include <limits>

#include "complexes.hpp"

using namespace relutope;
using namespace relutope::testing;
using FVector = std::vector<std::int64_t>;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
const Network uncut = arrangement({{0, 0, 1}});           // two inputs, no hyperplane
const Network cross = arrangement({{1, 0, 0}, {0, 1, 0}});

FVector faces_of(const Network& network, const Domain& domain) {
    const CellComplex cells = cells_of(network, domain);
    return f_vector(cells, vertices_of(network, domain, cells), domain);
}

}  // namespace

TEST_SUITE_BEGIN("search_domain");

TEST_CASE("a box cut by halfspaces") {
    const Rational half = Rational(1) / 2;
    CHECK(faces_of(uncut, cut_box(2, 0, 1, {{-1, -1, 1}})) == FVector{3, 3, 1});
    check_complex(uncut, cut_box(2, 0, 1, {{-1, -1, 1}}), half);
    check_complex(cross, cut_box(2, -1, 1, {{-1, -1, 1}}), 4 - half);
    check_complex(cross, cut_box(2, -1, 1, {{1, 1, 1}, {1, -1, 1}, {-1, 1, 1}, {-1, -1, 1}}), 2);  // a diamond
    CHECK(faces_of(cross, cut_box(2, -1, 1, {{1, 1, 1}, {1, -1, 1}, {-1, 1, 1}, {-1, -1, 1}})) == FVector{5, 8, 4});
    const Network space = arrangement({{1, 2, 3, 0}});
    CHECK(faces_of(arrangement({{0, 0, 0, 1}}), cut_box(3, 0, 1, {{-1, -1, -1, 1}})) == FVector{4, 6, 4, 1});
    check_complex(space, cut_box(3, -1, 1, {{1, 1, 1, 2}, {-2, 1, 0, 1}}));
}

TEST_CASE("random halfspaces, general and through integer points") {
    Random random(70);
    for (int trial = 0; trial < 60; ++trial) {
        const int n = 2 + trial % 2;
        std::vector<Row> halfspaces(3, Row(n + 1));
        for (Row& row : halfspaces) {
            for (double& entry : row) entry = trial % 4 < 2 ? random_integer(random, 2) : random_double(random, -2, 0);
            row.back() = std::abs(row.back()) + (trial % 4 < 2);
        }
        CAPTURE(trial);
        check_complex(integer_network(random, {n, 5, 3, 1}, 2), cut_box(n, -1, 1, halfspaces));
    }
}

TEST_CASE("halfspaces that cut nothing away") {
    const auto patterns_with = [](const std::vector<Row>& halfspaces) {
        return patterns(check_complex(cross, cut_box(2, -1, 1, halfspaces), 4));
    };
    const auto expected = patterns(cells_of(cross, box(2, -1, 1)));
    CHECK(patterns_with({{1, 1, 3}}) == expected);        // does not meet the box
    CHECK(patterns_with({{1, 1, 2}}) == expected);        // touches a corner
    CHECK(patterns_with({{1, 0, 1}}) == expected);        // lies along a side
    CHECK(patterns_with({{0, 0, 1}}) == expected);        // 1 >= 0
    CHECK(patterns_with({{1, 0, 1}, {1, 0, 1}, {2, 0, 2}}) == expected);
}

TEST_CASE("a halfspace on a neuron's hyperplane") {
    CHECK(patterns(check_complex(cross, cut_box(2, -1, 1, {{1, 0, 0}}), 2)) == std::vector<std::string>{"10", "11"});
    CHECK(patterns(check_complex(cross, cut_box(2, -1, 1, {{-5, 0, 0}}), 2)) == std::vector<std::string>{"00", "01"});
}

TEST_CASE("a domain without points is refused") {
    for (const int dimension : {1, 2, 3}) {
        const Network network = arrangement({Row(dimension + 1, 1.0)});
        Row far(dimension + 1, 1.0);
        far.back() = -dimension - 0.5;
        CHECK_THROWS_AS(cells_of(network, cut_box(dimension, -1, 1, {far})), EmptyDomain);
        Row left(dimension + 1, 0.0), right(dimension + 1, 0.0);
        left.front() = -1;
        left.back() = -0.25;  // x <= -1/4
        right.front() = 1;
        right.back() = -0.25;  // x >= 1/4
        CHECK_THROWS_AS(cells_of(network, cut_box(dimension, -1, 1, {left, right})), EmptyDomain);
        CHECK_THROWS_AS(cells_of(network, cut_box(dimension, -infinity, infinity, {left, right})), EmptyDomain);
    }
    CHECK_THROWS_AS(cells_of(uncut, cut_box(2, -1, 1, {{0, 0, -1}})), EmptyDomain);  // -1 >= 0
}

TEST_CASE("a domain of lower dimension is refused") {
    CHECK_THROWS_AS(cells_of(cross, cut_box(2, -1, 1, {{1, 0, 0}, {-1, 0, 0}})), EmptyDomain);    // a segment inside
    CHECK_THROWS_AS(cells_of(cross, cut_box(2, -1, 1, {{1, 0, -1}})), EmptyDomain);               // a side
    CHECK_THROWS_AS(cells_of(cross, cut_box(2, -1, 1, {{1, 1, -2}})), EmptyDomain);               // a corner
    CHECK_THROWS_AS(cells_of(cross, cut_box(2, -1, 1, {{0, 0, 0}})), EmptyDomain);                // 0 >= 0 has no inside
    CHECK_THROWS_AS(cells_of(cross, cut_box(2, -infinity, infinity, {{3, 1, -1}, {-3, -1, 1}})), EmptyDomain);
    // A triangle that its last side shrinks to a point: x >= 0, y >= 0, x + y <= 0.
    CHECK_THROWS_AS(cells_of(cross, cut_box(2, -1, 1, {{1, 0, 0}, {0, 1, 0}, {-1, -1, 0}})), EmptyDomain);
}

TEST_CASE("a domain of width 1e-300 is a domain") {
    const CellComplex cells = check_complex(cross, cut_box(2, -1, 1, {{1, 0, 0}, {-1, 0, 1e-300}}),
                                            2 * rational(1e-300));
    CHECK(patterns(cells) == std::vector<std::string>{"10", "11"});
}

TEST_CASE("boxes with some infinite sides") {
    Domain quadrant = whole_space(2);
    quadrant.lower = {0, 0};
    CHECK(patterns(check_complex(cross, quadrant)) == std::vector<std::string>{"11"});
    CHECK(faces_of(cross, quadrant) == FVector{1, 2, 1});
    Domain strip = whole_space(2);
    strip.lower[0] = -1;
    strip.upper[0] = 1;
    CHECK(faces_of(cross, strip) == FVector{3, 8, 4});  // x = -1, 0, 1 in two pieces each, y = 0 in two
    CHECK(faces_of(uncut, cut_box(2, -infinity, infinity, {{1, 0, 0}})) == FVector{0, 1, 1});
    CHECK(faces_of(uncut, cut_box(2, -infinity, infinity, {{1, 1, 0}, {1, -1, 0}})) == FVector{1, 2, 1});
}

TEST_CASE("whole space: hyperplanes far from the origin and nearly parallel ones") {
    CHECK(check_complex(arrangement({{1, 0, -1e300}, {0, 1, 1e-300}}), whole_space(2)).num_cells() == 4);
    CHECK(check_complex(arrangement({{1, 0, 0}, {1, 0, 1e-300}}), whole_space(2)).num_cells() == 3);
    CHECK(check_complex(arrangement({{1, 1, 0}, {1, 1 + 0x1p-52, -1}}), whole_space(2)).num_cells() == 4);
    CHECK(check_complex(arrangement({{1, 1, 0}, {1, 1 + 0x1p-52, -1}, {1, 1, 1e-9}}), whole_space(2)).num_cells() == 6);
}

TEST_CASE("whole space agrees with a box that holds every vertex") {
    Random random(71);
    for (int trial = 0; trial < 10; ++trial) {
        const int n = 1 + trial % 3;
        const Network network = integer_network(random, {n, 5, 4, 1}, 3);
        CAPTURE(trial);
        CHECK(patterns(cells_of(network, whole_space(n))) == patterns(cells_of(network, box(n, -1e9, 1e9))));
    }
}

TEST_CASE("more than 64 and more than 256 halfspaces") {
    Random random(72);
    const Network network = random_network(random, {2, 6, 4, 1});
    const auto expected = patterns(cells_of(network, box(2, -1, 1)));
    for (const int count : {70, 300}) {
        std::vector<Row> halfspaces;
        for (int k = 0; k < count; ++k) halfspaces.push_back({1.0 + k % 7, 1.0, 20.0 + k});
        const CellComplex cells = cells_of(network, cut_box(2, -1, 1, halfspaces));
        CHECK(patterns(cells) == expected);
        CHECK(cells.mask_words > 1);
    }
}

TEST_CASE("the sides of a polytope do not use up the splits after which work is cut into jobs") {
    Random random(401);
    const Network network = random_network(random, {2, 30, 1});
    const std::vector<Row> sides{{1, 0.2, 0.9}, {0.2, 1, 0.9}, {-1, 0.3, 0.9}, {0.1, -1, 0.9},
                                 {1, 1, 0.9},   {-1, 1, 0.9},  {1, -1, 0.9},   {-1, -1, 0.9}};
    const std::size_t jobs = run(network, box(2, -1, 1)).jobs.size();
    CHECK(jobs > 10);
    for (std::size_t count = 1; count <= sides.size(); ++count) {
        const std::vector<Row> some(sides.begin(), sides.begin() + static_cast<std::ptrdiff_t>(count));
        CHECK(run(network, cut_box(2, -1, 1, some)).jobs.size() > jobs / 2);
    }
}

TEST_SUITE_END();
