#include <doctest/doctest.h>

#include <cmath>

#include "geometry/vertex_solver.hpp"
#include "numbers.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

// Rows as the solver gets them, and the true rows, which differ from them by at most the errors.
struct System {
    int dimension = 0;
    std::vector<std::vector<double>> weight;
    std::vector<double> constant, weight_error, constant_error, infinite;
    std::vector<std::vector<Rational>> true_weight;
    std::vector<Rational> true_constant;

    int size() const { return static_cast<int>(weight.size()); }

    void add(const std::vector<double>& w, double c, double infinite_part = 0.0) {
        weight.push_back(w);
        constant.push_back(c);
        infinite.push_back(infinite_part);
        weight_error.push_back(0);
        constant_error.push_back(0);
        true_weight.emplace_back();
        for (const double entry : w) true_weight.back().push_back(rational(entry));
        true_constant.push_back(rational(c));
    }

    // The true rows move away from the given ones by a 2^-shift-th of their size.
    void disturb(Random& random, int shift) {
        for (int i = 0; i < size(); ++i) {
            Rational moved;
            for (int k = 0; k < dimension; ++k) {
                const Rational step = rational(weight[i][k]) * rational(random_double(random, -3, 0)) * power_of_two(-shift);
                true_weight[i][k] += step;
                moved += step < 0 ? Rational(-step) : step;
            }
            weight_error[i] = rounded_up(moved);
            const Rational step = rational(constant[i]) * rational(random_double(random, -3, 0)) * power_of_two(-shift);
            true_constant[i] += step;
            constant_error[i] = rounded_up(step < 0 ? Rational(-step) : step);
        }
    }
};

VertexSolver solver_for(const System& system) {
    VertexSolver solver(system.dimension);
    for (int i = 0; i < system.size(); ++i)
        solver.add_row(system.weight[i].data(), system.constant[i], system.weight_error[i], system.constant_error[i],
                       system.infinite[i]);
    return solver;
}

// `true_point` is the solution of the true rows.
bool within(const std::vector<double>& point, double radius, const std::vector<Rational>& true_point) {
    if (!(radius < HUGE_VAL)) return true;
    for (std::size_t k = 0; k < point.size(); ++k) {
        if (!std::isfinite(point[k])) return false;
        const Rational difference = rational(point[k]) - true_point[k];
        if ((difference < 0 ? Rational(-difference) : difference) > rational(radius)) return false;
    }
    return true;
}

struct Tally {
    int solved = 0;
    int refused = 0;
    int sharp = 0;  // solved to at least half of the digits
};

// Whenever the solver says yes, the true system has one solution and it is within the radius.
void check(const System& system, Tally& tally) {
    const auto expected = solve(system.true_weight, system.true_constant);
    VertexSolver solver = solver_for(system);
    if (!solver.factorise()) {
        ++tally.refused;
        return;
    }
    REQUIRE(expected);
    ++tally.solved;
    std::vector<double> point(system.dimension);
    const double radius = solver.solve_finite(point.data());
    CHECK(within(point, radius, *expected));
    double extent = 0;
    for (const double x : point) extent = std::max(extent, std::fabs(x));
    tally.sharp += radius <= 0x1p-26 * extent;
}

System random_system(Random& random, int size) {
    System system;
    system.dimension = 1 + static_cast<int>(random() % 5);
    for (int i = 0; i < system.dimension; ++i) {
        std::vector<double> row;
        for (int k = 0; k < system.dimension; ++k) row.push_back(random_double(random, -size, size));
        system.add(row, random_double(random, -size, size));
    }
    return system;
}

}  // namespace

TEST_SUITE_BEGIN("vertex_solver");

TEST_CASE("known vertices") {
    System system;
    system.dimension = 2;
    system.add({2, 1}, -4);
    system.add({1, -1}, 1);
    VertexSolver solver = solver_for(system);
    REQUIRE(solver.factorise());
    double point[2];
    CHECK(solver.solve_finite(point) <= 1e-14);
    CHECK(point[0] == doctest::Approx(1.0));
    CHECK(point[1] == doctest::Approx(2.0));
    CHECK(solver.solve_infinite(point) <= 1e-14);
    CHECK(point[0] == 0.0);
    CHECK(point[1] == 0.0);
}

TEST_CASE("a vertex at infinity: the coefficients of R are solved for alone") {
    System system;
    system.dimension = 2;
    system.add({-1, 0}, 0, 1);  // x = R
    system.add({-3, 1}, 5);     // y = 3 x - 5
    VertexSolver solver = solver_for(system);
    REQUIRE(solver.factorise());
    double point[2];
    CHECK(solver.solve_finite(point) <= 1e-13);
    CHECK(point[1] == doctest::Approx(-5.0));
    CHECK(solver.solve_infinite(point) <= 1e-13);
    CHECK(point[0] == doctest::Approx(1.0));
    CHECK(point[1] == doctest::Approx(3.0));
}

TEST_CASE("too few rows, singular rows and empty rows are refused; clear() forgets them") {
    System system;
    system.dimension = 2;
    system.add({1, 2}, 1);
    VertexSolver solver = solver_for(system);
    CHECK_FALSE(solver.factorise());
    const double again[] = {2.0, 4.0}, zero[] = {0.0, 0.0}, other[] = {1.0, 0.0};
    solver.add_row(again, 2, 0, 0, 0);
    CHECK_FALSE(solver.factorise());
    solver.add_row(zero, 0, 0, 0, 0);
    CHECK_FALSE(solver.factorise());
    solver.add_row(other, -3, 0, 0, 0);
    REQUIRE(solver.factorise());
    double point[2];
    CHECK(solver.solve_finite(point) <= 1e-14);
    CHECK(point[0] == doctest::Approx(3.0));
    CHECK(point[1] == doctest::Approx(-2.0));
    solver.clear();
    CHECK_FALSE(solver.factorise());
}

TEST_CASE("rows that might be dependent within their errors are refused") {
    System system;
    system.dimension = 2;
    system.add({1, 0}, 0);
    system.add({0, 0x1p-20}, 0);
    CHECK(solver_for(system).factorise());
    system.weight_error[1] = 0x1p-20;
    CHECK_FALSE(solver_for(system).factorise());
}

TEST_CASE("the radius holds: random systems") {
    Random random(30);
    Tally tally;
    for (int trial = 0; trial < 1500; ++trial) {
        CAPTURE(trial);
        check(random_system(random, 2), tally);
    }
    CHECK(tally.solved > 1490);
    CHECK(tally.sharp > 1450);
}

TEST_CASE("the radius holds: rows with errors") {
    Random random(31);
    Tally tally;
    for (int trial = 0; trial < 800; ++trial) {
        System system = random_system(random, 2);
        system.disturb(random, 1 + static_cast<int>(random() % 60));
        CAPTURE(trial);
        check(system, tally);
    }
    CHECK(tally.solved > 600);
    CHECK(tally.refused > 10);
}

// The last row is the first one but for a step of 2^-e in a direction the first does not use. Half of the time e is below 50,
// where floating point can still tell the rows apart.
TEST_CASE("the radius holds: condition numbers from 1 to 1e300") {
    Random random(32);
    Tally tally;
    for (int trial = 0; trial < 2000; ++trial) {
        System system;
        const int n = system.dimension = 2 + static_cast<int>(random() % 3);
        const int shift = static_cast<int>(random() % (trial % 4 < 2 ? 50 : 1000));
        std::vector<std::vector<double>> rows(n, std::vector<double>(n));
        for (auto& row : rows)
            for (double& entry : row) entry = trial % 2 ? random_integer(random, 9) : random_double(random, -2, 2);
        rows[0][n - 1] = 0;
        rows[n - 1] = rows[0];
        rows[n - 1][n - 1] = random_double(random, -shift, -shift);
        for (const auto& row : rows) system.add(row, trial % 3 ? random_double(random, -2, 2) : random_integer(random, 9));
        if (trial % 5 == 0) system.disturb(random, 40 + static_cast<int>(random() % 200));
        CAPTURE(trial);
        check(system, tally);
    }
    CHECK(tally.solved > 600);
    CHECK(tally.refused > 600);
}

TEST_CASE("the radius holds: integer rows one unit in the last place from singular") {
    Random random(33);
    Tally tally;
    for (int trial = 0; trial < 1500; ++trial) {
        System system;
        const int n = system.dimension = 2 + static_cast<int>(random() % 3);
        for (int i = 0; i + 1 < n; ++i) {
            std::vector<double> row;
            for (int k = 0; k < n; ++k) row.push_back(random_integer(random, 20));
            system.add(row, random_integer(random, 20));
        }
        std::vector<double> sum(n);  // of the others, exact, and then nudged
        for (int i = 0; i + 1 < n; ++i)
            for (int k = 0; k < n; ++k) sum[k] += system.weight[i][k];
        double& nudged = sum[random() % n];
        if (trial % 3) nudged = std::nextafter(nudged, HUGE_VAL);  // 2^-1074 away from zero, too
        system.add(sum, random_integer(random, 20));
        CAPTURE(trial);
        check(system, tally);
    }
    CHECK(tally.solved + tally.refused == 1500);
    CHECK(tally.refused > 500);  // all the singular ones
}

TEST_CASE("the radius holds: rows and columns scaled apart") {
    Random random(34);
    Tally tally;
    for (int trial = 0; trial < 1500; ++trial) {
        System plain = random_system(random, 2);
        System system;
        const int n = system.dimension = plain.dimension;
        std::vector<int> column(n);
        for (int& exponent : column) exponent = random_integer(random, 200);
        for (int i = 0; i < n; ++i) {
            const int row = random_integer(random, 200);
            std::vector<double> scaled(n);
            for (int k = 0; k < n; ++k) scaled[k] = std::ldexp(plain.weight[i][k], row + column[k]);
            system.add(scaled, std::ldexp(plain.constant[i], row));
        }
        CAPTURE(trial);
        check(system, tally);
    }
    CHECK(tally.solved > 200);
}

// More hyperplanes than dimensions through one point: any choice of independent ones gives the same vertex.
TEST_CASE("the radius holds: degenerate vertices") {
    Random random(35);
    Tally tally;
    for (int trial = 0; trial < 1500; ++trial) {
        System system;
        const int n = system.dimension = 1 + static_cast<int>(random() % 4);
        std::vector<int> vertex(n);
        for (int& x : vertex) x = random_integer(random, 5);
        for (int i = 0; i < n + 3; ++i) {
            std::vector<double> row(n);
            double constant = 0;
            for (int k = 0; k < n; ++k) {
                row[k] = random_integer(random, 3);
                constant -= row[k] * vertex[k];
            }
            system.add(row, constant);
        }
        CAPTURE(trial);
        check(system, tally);
    }
    CHECK(tally.solved > 1300);
}

TEST_CASE("the radius of the R part holds") {
    Random random(36);
    for (int trial = 0; trial < 500; ++trial) {
        System system = random_system(random, 3);
        std::vector<Rational> infinite;
        for (double& part : system.infinite) {
            part = random_integer(random, 1);
            infinite.push_back(rational(part));
        }
        VertexSolver solver = solver_for(system);
        if (!solver.factorise()) continue;
        std::vector<double> point(system.dimension);
        const double radius = solver.solve_infinite(point.data());
        CAPTURE(trial);
        CHECK(radius < 1);
        CHECK(within(point, radius, *solve(system.true_weight, infinite)));
    }
}

TEST_SUITE_END();
