// What nearly parallel forms differ by, against the forms that were put together, and against rational numbers.
#include <doctest/doctest.h>

#include <cmath>

#include "geometry/form_difference.hpp"
#include "numbers.hpp"

using namespace relutope;
using namespace relutope::testing;
using exact::Integer;

namespace {

using Coefficients = std::vector<Integer>;  // weights, then the constant

exact::LeadingForm leading(const Coefficients& entries) {
    return exact::leading_form({{entries.begin(), entries.end() - 1}, entries.back(), 0});
}

// factor * row * 2^shift + rest
Coefficients combined(const Coefficients& row, int factor, int shift, const Coefficients& rest) {
    Coefficients result;
    for (std::size_t k = 0; k < row.size(); ++k) result.push_back(row[k] * factor * exact::power_of_two(shift) + rest[k]);
    return result;
}

bool is_worth_taking(const exact::LeadingForm& form, const exact::LeadingForm& row) {
    return FormDifference::is_worth_taking(static_cast<int>(row.high.size()) - 1,
                                           [&](int i, int k) { return i == 0 ? form.high[k] : row.high[k]; });
}

}  // namespace

TEST_SUITE_BEGIN("form_difference");

TEST_CASE("what was added to a multiple of a row is what is left") {
    const Coefficients row{4, 2, -3}, rest{0, 1, 5};
    for (const int factor : {1, 3, -7}) {
        for (const int shift : {30, 60, 90}) {
            const auto form = leading(combined(row, factor, shift, rest));
            FormDifference difference(2);
            REQUIRE(is_worth_taking(form, leading(row)));
            REQUIRE(difference.take(form, leading(row)));
            CAPTURE(factor);
            CAPTURE(shift);
            const double unit = difference.row()[1];
            CHECK(unit > 0);
            CHECK(std::fabs(difference.row()[0]) <= difference.weight_error());
            CHECK(std::fabs(difference.row()[2] - 5 * unit) <= difference.constant_error() + 5 * difference.weight_error());
            CHECK(std::fabs(difference.row()[2]) < 2);
            CHECK(std::fabs(difference.row()[2]) >= 1);
            CHECK(difference.weight_error() < 0x1p-4);
        }
    }
}

TEST_CASE("errors are bounded: at the common zeros of row and form the difference has the form's sign, and no other") {
    Random random(5);
    int decided = 0;
    for (int trial = 0; trial < 400; ++trial) {
        const int n = 2 + trial % 3;
        Coefficients row, rest;
        for (int k = 0; k <= n; ++k) {
            row.push_back(static_cast<long long>(random_double(random, 40, 52)));
            rest.push_back(random_integer(random, 1000));
        }
        if (row[0].is_zero()) continue;
        const Coefficients form = combined(row, 3, trial % 50, rest);
        FormDifference difference(n);
        if (!difference.take(leading(form), leading(row))) continue;
        // a point on the row's hyperplane: all coordinates but the first are doubles
        std::vector<double> x(n);
        Rational sum(row[n]), value(form[n]);
        for (int k = 1; k < n; ++k) {
            x[k] = random_double(random, -2, 2);
            sum += Rational(row[k]) * rational(x[k]);
            value += Rational(form[k]) * rational(x[k]);
        }
        const Rational first = -sum / Rational(row[0]);
        value += Rational(form[0]) * first;
        x[0] = exact::nearest_double(numerator(first), denominator(first));
        double extent = 0, computed = difference.row()[n];
        for (int k = 0; k < n; ++k) {
            extent = std::max(extent, std::fabs(x[k]));
            computed += difference.row()[k] * x[k];
        }
        const double error = difference.bound().at(extent * 0x1p-53, extent * (1 + 0x1p-50));
        if (!(std::fabs(computed) > error)) continue;
        ++decided;
        CHECK((computed > 0) == (value > 0));
    }
    CHECK(decided > 300);
}

TEST_CASE("parallel hyperplanes: the constant alone is left") {
    const auto form = leading({Integer(3) << 60, Integer(6) << 60, (Integer(9) << 60) + 1});
    FormDifference difference(2);
    REQUIRE(difference.take(form, leading({1, 2, 3})));
    CHECK(std::fabs(difference.row()[0]) + std::fabs(difference.row()[1]) <= difference.weight_error());
    CHECK(difference.row()[2] > 100 * difference.constant_error());
}

TEST_CASE("nothing is taken where nothing would be gained or is left") {
    FormDifference difference(2);
    CHECK_FALSE(is_worth_taking(leading({1, 2, 3}), leading({2, 1, 3})));
    CHECK_FALSE(is_worth_taking(leading({0, 1, 3}), leading({1, 0, 3})));
    CHECK_FALSE(is_worth_taking(leading({1000001, 1000000, 3}), leading({1, 1, 3})));
    CHECK_FALSE(difference.take(leading({1, 2, 3}), leading({-2, -4, -6})));
    CHECK_FALSE(difference.take(leading({1, 2, 3}), leading({0, 0, 3})));
    exact::LeadingForm far = leading({1, 2, 3});
    far.infinite = 1;
    CHECK_FALSE(difference.take(far, leading({3, 7, 4})));
    CHECK_FALSE(difference.take(leading({3, 7, 4}), far));
}

TEST_SUITE_END();
