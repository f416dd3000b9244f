// Exact linear algebra over the integers, extended by one symbolic infinity.
//
// R is larger than every real number; a number p + q R has the sign of q, and that of p if q = 0.
#pragma once

#include <atomic>
#include <climits>
#include <optional>
#include <span>
#include <vector>

#include "exact/integer.hpp"

namespace relutope::exact {

// The affine form  x -> weight . x + constant + infinite * R  with integer coefficients.
struct Form {
    std::vector<Integer> weight;
    Integer constant;
    Integer infinite;
};

// A form up to a positive factor, its coefficients as sums of two doubles each: off by at most 2^-105 |high| + 2^-1074, and
// |low| <= 2^-53 |high|.
struct LeadingForm {
    std::vector<double> high;      // weights, then the constant; the largest lies in [1/2, 1]
    std::vector<double> low;
    double infinite = 0;           // the coefficient of R, exactly
    bool exact_constant = false;   // high alone is the constant
    int only_axis = -1;            // >= 0 when only x_k enters and the form vanishes where x_k is the double
    double only_coordinate = 0;    // `only_coordinate`
};
// REQUIRES: the coefficient of R has at most 53 bits.
LeadingForm leading_form(const Form& form);

// The point (finite + infinite * R) / denominator, denominator > 0. `infinite` is empty when the
// point is an ordinary one.
struct Point {
    std::vector<Integer> finite;
    std::vector<Integer> infinite;
    Integer denominator;
};

// The sign of `form` at `point`. Never uncertain.
int sign_at(const Form& form, const Point& point);

// The value of `form` at `point` times the point's denominator, split into its two parts.
struct Value {
    Integer finite;
    Integer infinite;
};
Value value_at(const Form& form, const Point& point);

// The common zero of the forms, or nothing when they do not determine a single point. Forms
// beyond a maximal independent set are not looked at: the caller knows they vanish there too.
// Fraction-free Gauss-Jordan elimination (Bareiss 1968): every division is exact.
std::optional<Point> common_zero(std::span<const Form* const> forms, int dimension);

// Which of the forms have a nonzero factor when `goal` is written as a combination of the first independent ones among them (weights
// alone: where all of the forms and `goal` vanish at one point, constants and infinite parts agree, too). Nothing when it is none.
std::optional<std::vector<bool>> combination_support(std::span<const Form* const> forms, const Form& goal);

// goal * denominator = sum of factor_i form_i + rest, where `rest` has no weight on the coordinates `basis`. denominator > 0.
struct Combination {
    std::vector<Integer> factor;
    Integer denominator;
    Form rest;
};
// The one combination that does this. Nothing when the forms' weights on the basis are dependent, and when there are many of them and
// solve_by_lifting (lifting.hpp) with these limits finds none.
// REQUIRES: as many forms as coordinates in the basis. Infinite parts are not looked at.
std::optional<Combination> combination_on(std::span<const Form> forms, const Form& goal, std::span<const int> basis,
                                          int most_digits = INT_MAX, const std::atomic<bool>* stop = nullptr);

// Indices of a maximal set of linearly independent columns of the row-major matrix
// (`rows` x `columns`), chosen greedily from the left.
std::vector<int> independent_columns(std::span<const double> matrix, int rows, int columns);

}  // namespace relutope::exact
