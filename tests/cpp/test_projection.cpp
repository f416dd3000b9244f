#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "distances.hpp"
#include "geometry/projection.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double distance(const std::vector<double>& origin, const std::vector<Row>& rows, int facet, double lower = -infinity,
                double upper = infinity) {
    std::vector<double> flat;
    for (const Row& row : rows) flat.insert(flat.end(), row.begin(), row.end());
    const std::vector<double> lowers(origin.size(), lower), uppers(origin.size(), upper);
    return distance_to_facet(origin, flat, facet, lowers, uppers);
}

doctest::Approx about(double value) { return doctest::Approx(value).epsilon(1e-10); }

// The cube [-1, 1]^n by rows: x_k + 1 and 1 - x_k.
std::vector<Row> cube(int n) {
    std::vector<Row> rows;
    for (int k = 0; k < n; ++k) {
        for (const double sense : {1.0, -1.0}) {
            Row row(n + 1, 0.0);
            row[k] = sense;
            row[n] = 1;
            rows.push_back(row);
        }
    }
    return rows;
}

std::vector<Row> random_rows(Random& random, int n, int count, bool integer) {
    std::vector<Row> rows;
    while (static_cast<int>(rows.size()) < count) {
        Row row(n + 1);
        for (double& entry : row) entry = integer ? random_integer(random, 3) : random_double(random, -3, 1);
        bool zero = true;
        for (int k = 0; k < n; ++k) zero = zero && row[k] == 0;
        if (!zero) rows.push_back(row);
    }
    return rows;
}

}  // namespace

TEST_SUITE_BEGIN("projection");

TEST_CASE("a hyperplane alone, from either side and from itself") {
    CHECK(distance({3, 4}, {{3, 4, 0}}, 0) == about(5));
    CHECK(distance({3, 4}, {{-3, -4, 0}}, 0) == about(5));
    CHECK(distance({-3, -4}, {{3, 4, 0}}, 0) == about(5));
    CHECK(distance({4, -3}, {{3, 4, 0}}, 0) == 0);
    CHECK(distance({7}, {{2, -4}}, 0) == about(5));
    CHECK(distance({0, 0}, {{0x1p-500, 0, 0x1p-500}}, 0) == about(1));
}

TEST_CASE("facets of a cube from inside, beside, and over an edge or a corner") {
    for (int n = 1; n <= 5; ++n) {
        CAPTURE(n);
        const std::vector<double> centre(n, 0.0);
        for (int i = 0; i < 2 * n; ++i) CHECK(distance(centre, cube(n), i) == about(1));
        std::vector<double> x(n, 0.25);
        CHECK(distance(x, cube(n), 0) == about(1.25));
        CHECK(distance(x, cube(n), 1) == about(0.75));
        std::fill(x.begin(), x.end(), 3.0);  // the upper facets are nearest in the corner (1, ..., 1), the lower ones in (-1, 1, ..., 1)
        CHECK(distance(x, cube(n), 1) == about(std::sqrt(4.0 * n)));
        CHECK(distance(x, cube(n), 0) == about(std::sqrt(16 + 4.0 * (n - 1))));
    }
}

TEST_CASE("the same cube by bounds, its facet by a row") {
    for (int n = 2; n <= 5; ++n) {
        CAPTURE(n);
        Row row(n + 1, 0.0);
        row[0] = 1;  // x_0 >= 0
        std::vector<double> x(n, 3.0);
        CHECK(distance(x, {row}, 0, -1, 1) == about(std::sqrt(9 + 4.0 * (n - 1))));
        x[0] = 0.5;
        x[1] = -2;
        CHECK(distance(x, {row}, 0, -1, 1) == about(std::sqrt(0.25 + 1 + 4.0 * (n - 2))));
    }
}

TEST_CASE("facets of the simplex x_k >= 0, sum <= 1") {
    for (int n = 2; n <= 6; ++n) {
        CAPTURE(n);
        std::vector<Row> rows;
        for (int k = 0; k < n; ++k) {
            rows.emplace_back(n + 1, 0.0);
            rows.back()[k] = 1;
        }
        rows.emplace_back(n + 1, -1.0);
        rows.back()[n] = 1;
        const std::vector<double> origin(n, 0.0);
        CHECK(distance(origin, rows, n) == about(1 / std::sqrt(n)));
        CHECK(distance(origin, rows, 0) == 0);
        std::vector<double> x(n, 0.0);
        x[0] = 2;  // nearest in the corner
        CHECK(distance(x, rows, n) == about(1));
        CHECK(distance(x, rows, 1) == about(1));
        // x_0 = 0 is met in the middle of the opposite facet, from (1, ..., 1): all others are 1 / (n - 1)
        const std::vector<double> ones(n, 1.0);
        const double off = 1 - 1.0 / (n - 1);
        CHECK(distance(ones, rows, 0) == about(std::sqrt(1 + (n - 1) * off * off)));
    }
}

TEST_CASE("empty facets are infinitely far away") {
    CHECK(distance({0, 0}, {{1, 0, 0}, {1, 0, -1}}, 0) == infinity);            // x = 0 and x >= 1
    CHECK(distance({5, 0}, {{1, 0, 0}, {1, 0, -1}}, 0) == infinity);
    CHECK(distance({0, 0}, {{1, 1, 5}}, 0, -1, 1) == infinity);                  // beyond the box
    CHECK(distance({0, 0}, {{1, 0, -1}, {0, 1, -1}, {-1, -1, 1}}, 0) == infinity);  // y >= 1 and y <= 0
}

TEST_CASE("a condition given twice, and one that is the equation again or its opposite") {
    CHECK(distance({0, 0}, {{1, 1, -2}, {1, 0, -3}, {1, 0, -3}, {2, 0, -6}}, 0) == about(std::sqrt(10)));
    CHECK(distance({0, 0}, {{1, 1, -2}, {2, 2, -4}, {-1, -1, 2}}, 0) == about(std::sqrt(2)));
    CHECK(distance({1, 1}, {{1, 1, -2}, {-3, -3, 6}}, 0) == 0);
    CHECK(distance({0.5, 0}, {{1, 0, 0}}, 0, 0, 1) == about(0.5));  // a bound that is the equation
}

TEST_CASE("random polyhedra: every set of active conditions has been looked at") {
    Random random(830);
    int met = 0, empty = 0, active = 0;
    for (int trial = 0; trial < 1200; ++trial) {
        CAPTURE(trial);
        const int n = 1 + trial % 4;
        const bool integer = trial % 2, bounded = trial % 3 != 0;
        const std::vector<Row> rows = random_rows(random, n, 1 + static_cast<int>(random() % 4), integer);
        std::vector<double> origin(n);
        for (double& x : origin) x = integer ? random_integer(random, 4) : random_double(random, -2, 2);
        Polyhedron polyhedron{{}, 0, std::vector<double>(n, bounded ? -2.0 : -infinity), std::vector<double>(n, bounded ? 2.0 : infinity)};
        if (trial % 5 == 0) polyhedron.lower[0] = 0;
        for (const Row& row : rows) polyhedron.rows.push_back(rationals(row));
        const auto square = squared_distance(rationals(origin), polyhedron);
        std::vector<double> flat;
        for (const Row& row : rows) flat.insert(flat.end(), row.begin(), row.end());
        const double found = distance_to_facet(origin, flat, 0, polyhedron.lower, polyhedron.upper);
        if (!square) {
            CHECK(found == infinity);
            ++empty;
            continue;
        }
        CHECK(found == doctest::Approx(root(*square)).epsilon(1e-9));
        ++met;
        const double plane = distance(origin, {rows[0]}, 0);
        active += found > plane * (1 + 1e-6);
    }
    CHECK(met > 600);
    CHECK(active > 200);
    CHECK(empty > 100);
}

TEST_CASE("rows of every size: only hyperplanes matter") {
    Random random(831);
    for (int trial = 0; trial < 100; ++trial) {
        CAPTURE(trial);
        std::vector<Row> rows = random_rows(random, 3, 4, false);
        const std::vector<double> origin{0.5, -1, 2};
        const double before = distance(origin, rows, 0, -4, 4);
        for (Row& row : rows) {
            const double factor = std::ldexp(1.0, random_integer(random, 400));
            for (double& entry : row) entry *= factor;
        }
        const double after = distance(origin, rows, 0, -4, 4);
        CHECK((after == before || after == about(before)));
    }
}

TEST_SUITE_END();
