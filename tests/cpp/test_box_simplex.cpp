#include <doctest/doctest.h>

#include <cmath>

#include "geometry/box_simplex.hpp"
#include "geometry/sizes.hpp"
#include "programs.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

double value_at(const Row& row, const double* x, int n) {
    double value = row[n];
    for (int k = 0; k < n; ++k) value += row[k] * x[k];
    return value;
}

// Takes in the row or bound that is violated most until none is, and breaks ties before the given step. False when the simplex gives up.
bool solve_to_the_end(BoxSimplex& simplex, const Program& program, int tie_break = -1, double size = 0) {
    const int n = program.dimension();
    simplex.start(program.objective.data(), program.lower.data(), program.upper.data());
    double before = simplex.value();
    for (int step = 0; step < 200; ++step) {
        if (step == tie_break) simplex.perturb(size);
        const double* x = simplex.point();
        double worst = -1e-9;
        int row = -1, coordinate = -1;
        for (int i = 0; i < static_cast<int>(program.rows.size()); ++i)
            if (value_at(program.rows[i], x, n) < worst) {
                worst = value_at(program.rows[i], x, n);
                row = i;
            }
        for (int k = 0; k < n; ++k) {
            const double room = std::min(x[k] - program.lower[k], program.upper[k] - x[k]);
            if (room < worst) {
                worst = room;
                coordinate = k;
            }
        }
        if (row < 0 && coordinate < 0) return true;
        if (!(coordinate >= 0 ? simplex.enter_bound(coordinate) : simplex.enter_row(program.rows[row].data(), row, worst))) return false;
        CHECK(simplex.value() >= before - 1e-9);  // a lower bound that rises
        before = simplex.value();
    }
    return false;
}

}  // namespace

TEST_SUITE_BEGIN("box_simplex");

TEST_CASE("the largest size and the first of the least, of any number of doubles") {
    for (int n = 1; n < 40; ++n) {
        CAPTURE(n);
        for (int place = 0; place < n; ++place) {
            std::vector<double> x(n, 3);
            x[place] = -7;
            CHECK(greatest_size(x.data(), n) == 7);
            CHECK(place_of_least(x.data(), n) == place);
            x[n - 1] = -7;
            CHECK(place_of_least(x.data(), n) == place);
            x[place] = NAN;
            CHECK(greatest_size(x.data(), n) == (place < n - 1 ? 7 : n > 1 ? 3 : 0));
            CHECK(place_of_least(x.data(), n) < n);
        }
        CHECK(place_of_least(std::vector<double>(n, HUGE_VAL).data(), n) == 0);
    }
}

TEST_CASE("starts at the corner where the objective is least") {
    BoxSimplex simplex(3);
    const Row objective{1, -2, 0, 5};
    const std::vector<double> lower{-1, -2, -3}, upper{4, 5, 6};
    simplex.start(objective.data(), lower.data(), upper.data());
    CHECK(simplex.value() == -1 - 10 + 5);
    CHECK(std::vector<double>(simplex.point(), simplex.point() + 2) == std::vector<double>{-1, 5});
    CHECK(simplex.active().empty());
}

TEST_CASE("an infeasible row has no move") {
    BoxSimplex simplex(2);
    const Row objective{1, 1, 0}, row{1, 1, -5};
    const std::vector<double> lower{0, 0}, upper{2, 2};
    simplex.start(objective.data(), lower.data(), upper.data());
    CHECK_FALSE(simplex.enter_row(row.data(), 0, -5));
}

TEST_CASE("finds the minimum of random programs, with multipliers that prove it") {
    Random random(22);
    int cut = 0, gave_up = 0;
    for (int trial = 0; trial < 600; ++trial) {
        const int n = 1 + trial % 4;
        Program program = integer_program(random, n, static_cast<int>(random() % 5), 2);
        if (trial % 3 == 0) {
            for (double& entry : program.objective) entry = random_double(random, -3, 1);
            for (Row& row : program.rows)
                for (double& entry : row) entry = random_double(random, -3, 1);
            for (Row& row : program.rows) row.back() = std::fabs(row.back());
        }
        const double least = static_cast<double>(least_value(program));
        BoxSimplex simplex(n);
        CAPTURE(trial);
        if (!solve_to_the_end(simplex, program)) {
            ++gave_up;
            continue;
        }
        CHECK(simplex.value() == doctest::Approx(least).epsilon(1e-7));
        CHECK(value_at(program.objective, simplex.point(), n) == doctest::Approx(least).epsilon(1e-7));
        // objective - sum of multiplier * row, at its least in the box, is the value
        Row rest = program.objective;
        for (const BoxSimplex::Active& active : simplex.active()) {
            CHECK(active.multiplier > 0);
            for (int k = 0; k <= n; ++k) rest[k] -= active.multiplier * program.rows[active.row][k];
        }
        double bound = rest[n];
        for (int k = 0; k < n; ++k) bound += std::min(rest[k] * program.lower[k], rest[k] * program.upper[k]);
        CHECK(bound == doctest::Approx(least).epsilon(1e-7));
        cut += !simplex.active().empty();
    }
    CHECK(gave_up == 0);
    CHECK(cut > 150);
}

// Both bounds cost nothing to leave; the costs that they get differ, so the cheaper one gives way.
TEST_CASE("perturbing breaks a tie, and goes on from the same point and value") {
    BoxSimplex simplex(2);
    const Row objective{0, 0, 3}, row{1, 1, -0.5};
    const std::vector<double> lower{0, 0}, upper{1, 1};
    simplex.start(objective.data(), lower.data(), upper.data());
    simplex.perturb(1e-3);
    CHECK(simplex.value() == 3);
    CHECK(std::vector<double>(simplex.point(), simplex.point() + 2) == std::vector<double>{0, 0});
    REQUIRE(simplex.enter_row(row.data(), 7, -0.5));
    CHECK(simplex.value() > 3 + 0.25e-3);
    CHECK(simplex.value() < 3 + 0.75e-3);
    const auto active = simplex.active();
    REQUIRE(active.size() == 1);
    CHECK(active[0].row == 7);
    CHECK(active[0].multiplier > 0.5e-3);
    CHECK(active[0].multiplier < 1.5e-3);
}

TEST_CASE("perturbing keeps to the side of each bound: costs of upper bounds stay negative") {
    BoxSimplex simplex(1);
    const Row objective{-1, 0}, row{-1, 0.5};
    const std::vector<double> lower{0}, upper{1};
    simplex.start(objective.data(), lower.data(), upper.data());
    simplex.perturb(0.25);
    REQUIRE(simplex.enter_row(row.data(), 0, -0.5));
    CHECK(simplex.point()[0] == 0.5);
    // one and between 1/2 and 3/2 of a quarter per unit
    CHECK(simplex.value() > -1 + 0.5 * (1 + 0.125));
    CHECK(simplex.value() < -1 + 0.5 * (1 + 0.375));
}

// The perturbed objective is the true one plus at most 3/2 `size` times each nonbasic quantity's distance from its bound, at the least.
TEST_CASE("a perturbed program ends next to the minimum, at whatever step it is perturbed") {
    Random random(23);
    int solved = 0;
    for (int trial = 0; trial < 400; ++trial) {
        const int n = 1 + trial % 4;
        const Program program = integer_program(random, n, static_cast<int>(random() % 5), 2);
        const double least = static_cast<double>(least_value(program)), size = trial % 2 ? 1e-7 : 1e-3;
        BoxSimplex simplex(n);
        CAPTURE(trial);
        if (!solve_to_the_end(simplex, program, trial % 3, size)) continue;
        ++solved;
        const double value = value_at(program.objective, simplex.point(), n);
        const double room = n * (4 + 3 * 2 * n + 3);  // no side is longer than 4, no row larger than that in the box
        CHECK(value >= least - 1e-7);
        CHECK(value <= least + 1.5 * size * room + 1e-7);
        for (const BoxSimplex::Active& active : simplex.active()) CHECK(active.multiplier > 0);
    }
    CHECK(solved > 390);
}

// Costs 1 to 150 in some order, and 1001 to 1150. The first row takes the cheapest 100 and a half; the second all of the first kind, so
// that the coordinate in the basis moves, and 20 and a quarter of the others.
TEST_CASE("one move passes hundreds of bounds") {
    constexpr int half = 150, n = 2 * half;
    BoxSimplex simplex(n);
    Row objective(n + 1, 0.0), few(n + 1, 0.0), many(n + 1, 1.0);
    for (int k = 0; k < half; ++k) {
        objective[k] = 1 + 7 * k % half;
        objective[half + k] = 1001 + 11 * k % half;
        few[k] = 1;
    }
    few[n] = -100.5;
    many[n] = -170.25;
    const std::vector<double> lower(n, 0.0), upper(n, 1.0);
    simplex.start(objective.data(), lower.data(), upper.data());
    REQUIRE(simplex.enter_row(few.data(), 0, few[n]));
    CHECK(simplex.value() == 100 * 101 / 2 + 0.5 * 101);
    CHECK(value_at(few, simplex.point(), n) == 0);
    Program program{objective, {few, many}, lower, upper};
    REQUIRE(solve_to_the_end(simplex, program));
    CHECK(simplex.value() == 150 * 151 / 2 + 20 * 1000 + 20 * 21 / 2 + 0.25 * 1021);
    CHECK(value_at(many, simplex.point(), n) == 0);
    Row too_much = many;
    too_much[n] = -300.5;
    simplex.start(objective.data(), lower.data(), upper.data());
    CHECK_FALSE(simplex.enter_row(too_much.data(), 0, too_much[n]));
}

TEST_SUITE_END();
