// Exact linear algebra over the integers, extended by one symbolic infinity.
//
// R is larger than every real number; a number p + q R has the sign of q, and that of p if q = 0.
#pragma once

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

// Indices of a maximal set of linearly independent columns of the row-major matrix
// (`rows` x `columns`), chosen greedily from the left.
std::vector<int> independent_columns(std::span<const double> matrix, int rows, int columns);

}  // namespace relutope::exact
