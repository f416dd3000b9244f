// Cells that are counted without being made. check_complex, which the other suites use, compares the two as well.
#include <doctest/doctest.h>

#include "complexes.hpp"
#include "refinement/vertex/search.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

std::uint64_t sum_of_binomials(int m, int n) {
    std::uint64_t term = 1, sum = 1;
    for (int k = 1; k <= n; ++k) {
        term = term * static_cast<std::uint64_t>(m - k + 1) / static_cast<std::uint64_t>(k);
        sum += term;
    }
    return sum;
}

std::uint64_t made(const Network& network, const Domain& domain) {
    return static_cast<std::uint64_t>(cells_of(network, domain).num_cells());
}

}  // namespace

TEST_SUITE_BEGIN("counting");

TEST_CASE("hyperplanes in general position") {
    Random random(500);
    const int sizes[][2] = {{1, 200}, {2, 70}, {2, 130}, {3, 40}, {3, 66}, {4, 20}, {5, 13}, {6, 10}, {2, 500}, {3, 240}};
    for (const auto& [n, m] : sizes) {
        const Network network = random_network(random, {n, m, 1});
        CHECK(count_of(network, whole_space(n)) == sum_of_binomials(m, n));
        CHECK(count_of(network, whole_space(n), 3) == sum_of_binomials(m, n));
        if (m <= 40) CHECK(count_of(network, box(n, -1, 1)) == made(network, box(n, -1, 1)));
    }
}

TEST_CASE("hyperplanes in special position") {
    Random random(501);
    for (int round = 0; round < 120; ++round) {
        const int n = 1 + round % 5;
        const Network network = integer_network(random, {n, 3 + static_cast<int>(random() % (n < 4 ? 9 : 5)), 1}, 1 + round % 3);
        CHECK(count_of(network, whole_space(n)) == made(network, whole_space(n)));
        CHECK(count_of(network, box(n, -2, 2)) == made(network, box(n, -2, 2)));
        std::vector<Row> halfspaces{Row(n + 1, 1.0), Row(n + 1, 0.0)};
        halfspaces[1][0] = 1;
        CHECK(count_of(network, cut_box(n, -2, 2, halfspaces)) == made(network, cut_box(n, -2, 2, halfspaces)));
    }
}

TEST_CASE("pencils: hyperplanes through a common line or point, and one unit in the last place beside it") {
    // k planes through the x axis make 2 k parts; each further plane x = c doubles what it meets.
    for (const int k : {1, 2, 3, 7, 20}) {
        std::vector<Row> rows;
        for (int i = 0; i < k; ++i) rows.push_back({0, 1, i + 1.0, 0});
        CHECK(count_of(arrangement(rows), whole_space(3)) == 2 * static_cast<std::uint64_t>(k));
        rows.push_back({1, 0, 0, -0.5});
        rows.push_back({1, 0, 0, 0.25});
        CHECK(count_of(arrangement(rows), whole_space(3)) == 6 * static_cast<std::uint64_t>(k));
        CHECK(count_of(arrangement(rows), box(3, -1, 1)) == 6 * static_cast<std::uint64_t>(k));
    }
    // Three lines through a point make 6 parts; when one misses it, 7.
    const auto lines = [](double shift) { return arrangement({{1, 0, -0.1}, {0, 1, -0.3}, {1, 1, -(0.1 + 0.3) + shift}}); };
    const Rational gap = rational(0.1) + rational(0.3) - rational(0.1 + 0.3);
    CHECK(count_of(lines(0), box(2, -1, 1)) == (gap == 0 ? 6 : 7));
    CHECK(count_of(arrangement({{1, 0, -0.125}, {0, 1, -0.25}, {1, 1, -0.375}}), box(2, -1, 1)) == 6);
    for (const double shift : {0x1p-52, -0x1p-53, 0x1p-60, 0x1p-1000})
        CHECK(count_of(arrangement({{1, 0, -0.125}, {0, 1, -0.25}, {1, 1, -0.375 + shift}}), box(2, -1, 1)) == (-0.375 + shift == -0.375 ? 6 : 7));
}

TEST_CASE("grids with diagonals") {
    std::vector<Row> rows;
    for (int k = -3; k <= 3; ++k)
        for (const Row& direction : {Row{1, 0, 0}, Row{0, 1, 0}, Row{0, 0, 1}, Row{1, 1, 0}, Row{1, -1, 1}}) {
            Row row = direction;
            row.push_back(k / 4.0);
            rows.push_back(row);
        }
    const Network network = arrangement(rows);
    CHECK(count_of(network, box(3, -1, 1)) == made(network, box(3, -1, 1)));
    CHECK(count_of(network, whole_space(3)) == made(network, whole_space(3)));
}

TEST_CASE("layers, copies, and weights out of the range of bounds") {
    Random random(502);
    for (int round = 0; round < 30; ++round) {
        const int n = 2 + round % 3;
        const Network deep = round % 2 ? integer_network(random, {n, 5, 6, 1}, 2) : random_network(random, {n, 6, 7, 5, 1});
        CHECK(count_of(deep, box(n, -1, 1)) == made(deep, box(n, -1, 1)));
        CHECK(count_of(deep, whole_space(n), 3) == made(deep, whole_space(n)));
    }
    for (int round = 0; round < 300; ++round) {  // of sizes of which floating point knows nothing
        const int n = 1 + round % 3;
        std::vector<std::vector<Row>> hidden;
        int inputs = n;
        for (int layer = 0; layer < 1 + round % 2; ++layer) {
            std::vector<Row> rows(3 + random() % 3, Row(inputs + 1));
            for (Row& row : rows)
                for (double& entry : row) entry = round % 3 ? random_double(random, 900, 1000) : random_double(random, -1074, 400);
            hidden.push_back(rows);
            inputs = static_cast<int>(rows.size());
        }
        const Network extreme = network_of(hidden);
        CHECK(count_of(extreme, box(n, -1, 1)) == made(extreme, box(n, -1, 1)));
        CHECK(count_of(extreme, whole_space(n)) == made(extreme, whole_space(n)));
    }
    const double large = 0x1p600, small = 0x1p-1070;
    const Network scaled = arrangement({{large, 0, large / 4}, {0, small, 0}, {large, large, -large}, {1, -1, 0.125}, {-2 * large, 0, -large / 2}});
    CHECK(count_of(scaled, box(2, -2, 2)) == made(scaled, box(2, -2, 2)));
    CHECK(count_of(scaled, whole_space(2)) == made(scaled, whole_space(2)));
}

TEST_CASE("a count that is stopped is a lower bound") {
    Random random(503);
    const Network network = random_network(random, {3, 90, 1});
    SearchOptions options;
    options.cells = false;
    options.max_cells = 5000;
    SearchControl control;
    CHECK_THROWS_AS(search(network, whole_space(3), options, control), TooManyCells);
    CHECK(control.cells > 5000);
    CHECK(control.cells < sum_of_binomials(90, 3));
}

TEST_SUITE_END();
