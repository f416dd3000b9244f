#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "numbers.hpp"
#include "predicates/multipliers.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

using Matrix = std::vector<std::vector<double>>;
using ExactMatrix = std::vector<std::vector<Rational>>;

constexpr double infinity = std::numeric_limits<double>::infinity();

double bound_of(const Matrix& matrix, const std::vector<double>& error, double residual) {
    const int n = static_cast<int>(matrix.size());
    MultiplierSystem system;
    system.start(n);
    for (int i = 0; i < n; ++i) {
        std::copy(matrix[i].begin(), matrix[i].end(), system.row(i));
        system.set_error(i, error[i]);
    }
    return system.bound(residual);
}

double bound_of(const Matrix& matrix, double residual) {
    return bound_of(matrix, std::vector<double>(matrix.size(), 0.0), residual);
}

ExactMatrix exactly(const Matrix& matrix) {
    ExactMatrix result;
    for (const auto& row : matrix) {
        result.emplace_back();
        for (const double entry : row) result.back().push_back(rational(entry));
    }
    return result;
}

// y with y A = g, or nothing.
std::optional<std::vector<Rational>> multipliers(const ExactMatrix& a, const std::vector<Rational>& g) {
    ExactMatrix columns(a.size(), std::vector<Rational>(a.size()));
    std::vector<Rational> constant;
    for (std::size_t k = 0; k < a.size(); ++k) {
        for (std::size_t i = 0; i < a.size(); ++i) columns[k][i] = a[i][k];
        constant.push_back(-g[k]);
    }
    return solve(columns, constant);
}

// Moves each row by as much as its error allows: in one entry, or in all of them.
void move_rows(Random& random, ExactMatrix& a, const std::vector<double>& error) {
    const int n = static_cast<int>(a.size());
    for (int i = 0; i < n; ++i) {
        const bool one = random() & 1;
        const auto chosen = static_cast<int>(random() % n);
        for (int k = 0; k < n; ++k) {
            if (one && k != chosen) continue;
            const Rational part = rational(error[i]) / (one ? 1 : n);
            a[i][k] += random() & 1 ? part : Rational(-part);
        }
    }
}

struct Outcome {
    int finite = 0, infinite = 0, tight = 0;
};

// Perturbs the system within its errors and the solution at random, and compares with the bound.
void check_bound(Random& random, const Matrix& matrix, const std::vector<double>& error, Outcome& outcome) {
    const int n = static_cast<int>(matrix.size());
    ExactMatrix a = exactly(matrix);
    move_rows(random, a, error);
    std::vector<Rational> g;
    for (int k = 0; k < n; ++k) g.push_back(rational(random_double(random, -3, 1)));
    const auto y = multipliers(a, g);
    if (!y) {
        CHECK(bound_of(matrix, error, 1) == infinity);
        ++outcome.infinite;
        return;
    }
    std::vector<Rational> proposed;
    const int noise = -10 * static_cast<int>(random() % 5);
    for (const Rational& component : *y) proposed.push_back(component + rational(random_double(random, noise - 2, noise)));
    Rational residual, off;
    for (int k = 0; k < n; ++k) {
        Rational left = g[k];
        for (int i = 0; i < n; ++i) left -= proposed[i] * a[i][k];
        residual += abs(left);
    }
    for (int i = 0; i < n; ++i) off = std::max<Rational>(off, abs((*y)[i] - proposed[i]));
    const double bound = bound_of(matrix, error, rounded_up(residual));
    if (!(bound < infinity)) {
        ++outcome.infinite;
        return;
    }
    CHECK(off <= rational(bound));
    ++outcome.finite;
    outcome.tight += rational(bound) <= 100 * off;
}

Matrix random_matrix(Random& random, int n) {
    Matrix matrix(n, std::vector<double>(n));
    for (auto& row : matrix)
        for (double& entry : row) entry = random_double(random, -3, 1);
    return matrix;
}

}  // namespace

TEST_SUITE_BEGIN("multipliers");

TEST_CASE("no equations: nothing is off") {
    MultiplierSystem system;
    system.start(0);
    CHECK(system.bound(1) == 0);
}

TEST_CASE("diagonal systems: the residual over the smallest entry, and hardly more") {
    CHECK(bound_of({{1, 0}, {0, 1}}, 0.5) >= 0.5);
    CHECK(bound_of({{1, 0}, {0, 1}}, 0.5) <= 0.5 * (1 + 1e-5));
    CHECK(bound_of({{2, 0, 0}, {0, 0.25, 0}, {0, 0, -8}}, 3) >= 12);
    CHECK(bound_of({{2, 0, 0}, {0, 0.25, 0}, {0, 0, -8}}, 3) <= 12 * (1 + 1e-5));
    CHECK(bound_of({{0, 0, 1}, {0.5, 0, 0}, {0, 2, 0}}, 1) == doctest::Approx(2).epsilon(1e-5));  // rows out of order
}

// With an entry known up to 0.3, it may be 0.7: then a residual of 1 is an error of 1 / 0.7.
TEST_CASE("errors of the rows enlarge the bound as much as they must") {
    CHECK(bound_of({{1}}, {0.3}, 1) >= 1 / 0.7);
    CHECK(bound_of({{1}}, {0.3}, 1) <= 1 / 0.7 * (1 + 1e-5));
    CHECK(bound_of({{1, 0}, {0, 1}}, {0.1, 0.1}, 1) >= 1 / 0.9);
}

TEST_CASE("singular systems have no bound") {
    CHECK(bound_of({{0}}, 1) == infinity);
    CHECK(bound_of({{1, 2}, {2, 4}}, 1) == infinity);
    CHECK(bound_of({{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}, 1) == infinity);
    CHECK(bound_of({{0.1, 0.2, 0.3}, {0.4, 0.5, 0.6}, {0.7, 0.8, 0.9}}, 1) == infinity);  // regular, by rounding alone
    CHECK(bound_of({{1, 0}, {0, 1}}, {0.0, 1.0}, 1) == infinity);                          // errors that reach a singular matrix
    CHECK(bound_of({{1, 1}, {1, 1 + 0x1p-52}}, {0x1p-51, 0.0}, 1) == infinity);
}

TEST_CASE("a residual of zero still has a bound for what the rows' errors make of it, none at all") {
    CHECK(bound_of({{2, 1}, {1, 3}}, {0.1, 0.1}, 0) < 1e-200);
}

TEST_CASE("what is not finite proves nothing") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    for (const double entry : {nan, infinity, -infinity, 0x1p-1074, 0x1p-1030}) {
        CAPTURE(entry);
        CHECK_FALSE(bound_of({{entry}}, 1) < 1e300);
        CHECK_FALSE(bound_of({{1, entry}, {entry, 0}}, 1) < 1e300);
    }
    CHECK_FALSE(bound_of({{1}}, nan) < infinity);
    CHECK_FALSE(bound_of({{1}}, infinity) < infinity);
    CHECK_FALSE(bound_of({{1}}, {nan}, 1) < infinity);
    CHECK_FALSE(bound_of({{1}}, {infinity}, 1) < infinity);
}

TEST_CASE("random systems, moved within the errors of their rows") {
    Random random(800);
    Outcome outcome;
    for (int trial = 0; trial < 600; ++trial) {
        const int n = 1 + trial % 5;
        std::vector<double> error(n, 0.0);
        if (trial % 3)
            for (double& size : error) size = std::fabs(random_double(random, trial % 3 == 1 ? -50 : -8, trial % 3 == 1 ? -30 : -5));
        CAPTURE(trial);
        check_bound(random, random_matrix(random, n), error, outcome);
    }
    CHECK(outcome.finite > 400);
    CHECK(outcome.tight > 200);
}

// The last row is a combination of the others, but for the k-th binary place.
TEST_CASE("nearly singular systems: a bound that holds, or none") {
    Random random(801);
    Outcome outcome;
    for (int trial = 0; trial < 900; ++trial) {
        const int n = 2 + trial % 4, place = 2 + trial % 60;
        Matrix matrix = random_matrix(random, n);
        std::fill(matrix.back().begin(), matrix.back().end(), 0.0);
        for (int i = 0; i + 1 < n; ++i) {
            const double factor = random_integer(random, 3);
            for (int k = 0; k < n; ++k) matrix.back()[k] += factor * matrix[i][k];
        }
        matrix.back()[trial % n] += std::ldexp(1.0, -place);
        std::vector<double> error(n, 0.0);
        if (trial % 2)
            for (double& size : error) size = std::ldexp(1.0, -place - 1 - static_cast<int>(random() % 6));
        CAPTURE(trial);
        check_bound(random, matrix, error, outcome);
    }
    CHECK(outcome.finite > 200);
    CHECK(outcome.infinite > 100);
}

TEST_CASE("a system that is used again forgets the one before") {
    MultiplierSystem system;
    system.start(2);
    system.row(0)[0] = system.row(1)[1] = 1e-3;
    system.set_error(0, 1e6);
    CHECK(system.bound(1) == infinity);
    system.start(1);
    system.row(0)[0] = 4;
    CHECK(system.bound(1) == doctest::Approx(0.25).epsilon(1e-5));
}

TEST_SUITE_END();
