#include <doctest/doctest.h>

#include <cfloat>
#include <cmath>
#include <limits>

#include "geometry/form_table.hpp"
#include "numbers.hpp"
#include "predicates/error_bound.hpp"
#include "predicates/sign.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

// A form and a point, exactly, and what floating point knows about them.
struct Instance {
    int dimension;
    std::vector<double> weight, point;
    double constant, weight_error, constant_error, radius, extent;
    Rational value;  // of the true form at the true point
};

// Adds to `value` a number of about its size times 2^shift, or nothing.
Rational disturbed(Random& random, double value, int shift) {
    if (shift == 0) return rational(value);
    return rational(value) + rational(value) * rational(random_double(random, 0, 0)) * power_of_two(shift);
}

Rational absolute(const Rational& value) { return value < 0 ? Rational(-value) : value; }

struct Sizes {
    int weight_low, weight_high, point_low, point_high;
};

Instance random_instance(Random& random, const Sizes& sizes) {
    Instance instance{};
    const int n = instance.dimension = 1 + static_cast<int>(random() % 6);
    const int form_shift = random() % 2 ? -1 - static_cast<int>(random() % 80) : 0;
    const int point_shift = random() % 2 ? -1 - static_cast<int>(random() % 80) : 0;
    Rational weight_error, radius, extent;
    for (int k = 0; k < n; ++k) {
        const double w = random_double(random, sizes.weight_low, sizes.weight_high);
        const double x = random_double(random, sizes.point_low, sizes.point_high);
        const Rational true_w = disturbed(random, w, form_shift);
        const Rational true_x = disturbed(random, x, point_shift);
        weight_error += absolute(true_w - rational(w));
        radius = std::max<Rational>(radius, absolute(true_x - rational(x)));
        extent = std::max<Rational>({extent, absolute(rational(x)), absolute(true_x)});
        instance.value += true_w * true_x;
        instance.weight.push_back(w);
        instance.point.push_back(x);
    }
    // Two times in three the constant cancels most of the rest.
    Rational nearby = random() % 3 ? Rational(-instance.value) : rational(random_double(random, sizes.weight_low, sizes.weight_high));
    if (absolute(nearby) > rational(DBL_MAX)) nearby = 1;
    instance.constant = exact::nearest_double(numerator(nearby), denominator(nearby));
    const Rational constant = disturbed(random, instance.constant, form_shift);
    instance.value += constant;
    instance.weight_error = rounded_up(weight_error);
    instance.constant_error = rounded_up(absolute(constant - rational(instance.constant)));
    instance.radius = rounded_up(radius);
    instance.extent = rounded_up(extent);
    return instance;
}

// The value in floating point, the constant added first or last.
double evaluate(const Instance& instance, bool constant_first) {
    double sum = constant_first ? instance.constant : 0.0;
    for (int k = 0; k < instance.dimension; ++k) sum += instance.weight[k] * instance.point[k];
    return constant_first ? sum : sum + instance.constant;
}

struct Tally {
    int decided = 0;
    int undecided = 0;
};

// The bound holds, and so a sign that it decides is right.
Tally check_bounds(std::uint64_t seed, const Sizes& sizes) {
    Random random(seed);
    Tally tally;
    for (int trial = 0; trial < 1500; ++trial) {
        const Instance instance = random_instance(random, sizes);
        double norm = 0;
        for (const double w : instance.weight) norm += std::fabs(w);
        const double bound = error_bound::form_bound(instance.dimension, norm, instance.constant, instance.weight_error,
                                                     instance.constant_error).at(instance.radius, instance.extent);
        for (const bool constant_first : {true, false}) {
            const double value = evaluate(instance, constant_first);
            CAPTURE(trial);
            CAPTURE(value);
            CAPTURE(bound);
            if (std::isfinite(bound)) {
                REQUIRE(std::isfinite(value));
                CHECK(absolute(rational(value) - instance.value) <= rational(bound));
            }
            if (const auto sign = sign_filtered(value, bound)) {
                ++tally.decided;
                CHECK(static_cast<int>(*sign) == (instance.value > 0) - (instance.value < 0));
            } else {
                ++tally.undecided;
            }
        }
    }
    return tally;
}

}  // namespace

TEST_SUITE_BEGIN("predicates");

TEST_CASE("sign_filtered answers outside the bound only") {
    CHECK(sign_filtered(2.0, 1.0) == Sign::positive);
    CHECK(sign_filtered(-2.0, 1.0) == Sign::negative);
    CHECK(sign_filtered(std::nextafter(1.0, 2.0), 1.0) == Sign::positive);
    CHECK(sign_filtered(std::nextafter(-1.0, -2.0), 1.0) == Sign::negative);
    for (const double value : {0.0, -0.0, 1.0, -1.0, 0.5, -0.5}) CHECK_FALSE(sign_filtered(value, 1.0));
    CHECK_FALSE(sign_filtered(0.0, 0.0));
    CHECK(sign_filtered(0x1p-1074, 0.0) == Sign::positive);
}

TEST_CASE("sign_filtered leaves NaN and infinity undecided") {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    for (const double value : {nan, -nan, infinity, -infinity})
        for (const double error : {0.0, 1.0, infinity, nan}) CHECK_FALSE(sign_filtered(value, error));
    for (const double value : {1.0, -1.0, DBL_MAX, -DBL_MAX}) {
        CHECK_FALSE(sign_filtered(value, infinity));
        CHECK_FALSE(sign_filtered(value, nan));
    }
}

TEST_CASE("stage counts add up") {
    StageCounts a{1, 2, 3, 4};
    a.add({10, 20, 30, 40});
    CHECK(a.filtered == 11);
    CHECK(a.refined == 22);
    CHECK(a.exact == 33);
    CHECK(a.inherited == 44);
    CHECK(to_sign(-7) == Sign::negative);
    CHECK(to_sign(0) == Sign::zero);
    CHECK(to_sign(7) == Sign::positive);
}

TEST_CASE("form bounds hold: sizes as in a network") {
    const Tally tally = check_bounds(10, {-3, 3, -3, 1});
    CHECK(tally.decided > 500);    // a bound that decided nothing would hold too
    CHECK(tally.undecided > 500);  // and so would one that nothing puts to the test
}

TEST_CASE("form bounds hold: sizes far apart") {
    const Tally tally = check_bounds(11, {-300, 300, -300, 300});
    CHECK(tally.decided > 500);
    CHECK(tally.undecided > 500);
}

TEST_CASE("form bounds hold: subnormal weights and coordinates") {
    CHECK(check_bounds(12, {-1080, -1000, -10, 10}).undecided > 500);
    CHECK(check_bounds(13, {-10, 10, -1080, -1000}).undecided > 500);
}

TEST_CASE("form bounds hold: subnormal weights, points far out") {
    CHECK(check_bounds(16, {-1080, -1060, 300, 470}).undecided > 500);  // what a weight rounds to is amplified
}

TEST_CASE("form bounds hold: products that underflow or overflow") {
    CHECK(check_bounds(14, {-1000, 300, -1000, 470}).decided > 500);
    CHECK(check_bounds(15, {900, 1020, -10, 470}).undecided > 500);
}

TEST_CASE("form bounds are tight to a few units in the last place") {
    // |w| |x| = 4, one rounding error of a sum is at most 2^-53 of it.
    const double bound = error_bound::form_bound(2, 2.0, -4.0, 0.0, 0.0).at(0.0, 2.0);
    CHECK(bound <= 64 * 0x1p-53);
}

TEST_CASE("FormTable: the bounds are those of each form") {
    FormTable table(2, 3);
    const double forms[3][3] = {{1, -2, 3}, {0, 0, -5}, {0x1p-1070, 0x1p300, 0}};
    for (int i = 0; i < 3; ++i)
        for (int k = 0; k < 3; ++k) table.column(k)[i] = forms[i][k];
    for (int i = 0; i < 3; ++i) table.describe(i, i == 1 ? 0.5 : 0.0, 0, i == 2 ? 0.25 : 0.0);
    table.set_sizes({.norm = 0, .weight_error = 1});
    CHECK(table.coefficient(0, 1) == -2);
    CHECK(table.coefficient(1, 2) == -5);
    for (int i = 0; i < 3; ++i) {
        const double norm = std::fabs(forms[i][0]) + std::fabs(forms[i][1]);
        const auto bound = error_bound::form_bound(2, norm, forms[i][2], i == 1 ? 0.5 : 0.0, i == 2 ? 0.25 : 0.0);
        CHECK(table.error(i, 0x1p-40, 3.0) >= bound.at(0x1p-40, 3.0));
        CHECK(table.error(i, 0x1p-40, 3.0) <= 1.001 * bound.at(0x1p-40, 3.0));
        CHECK(table.bound(i).alpha >= norm);
    }
}

TEST_CASE("FormTable: one bound for all forms") {
    FormTable table(2, 3);
    const double forms[3][3] = {{1, -2, 3}, {0, 0.25, -5}, {7, 0x1p-40, 0}}, low[3] = {0, 0.5, 0x1p-30};
    for (int i = 0; i < 3; ++i)
        for (int k = 0; k < 3; ++k) table.column(k)[i] = forms[i][k];
    table.set_exact(low);
    for (const double radius : {0.0, 0x1p-50, 4.0})
        for (const double extent : {0.0, 1.0, 0x1p400})
            for (int i = 0; i < 3; ++i) {
                CHECK(table.widest_bound().at(radius, extent) >= table.error(i, radius, extent));
                CHECK(table.error(i, radius, extent) >= low[i]);
            }
}

TEST_SUITE_END();
