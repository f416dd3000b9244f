// Forward error bounds for affine forms that were composed in floating point.
//
// Model of arithmetic: IEEE double, round to nearest, no fused multiply-add (the build switches contraction off);
//     fl(a op b) = (a op b)(1 + d) + e,   |d| <= u = 2^-53,   |e| <= 2^-1074 and only for products.
//
// A form g(x) = w . x + c is known as (w', c') with
//     sum_k |w_k - w'_k| <= weight_error   and   |c - c'| <= constant_error.
// A point x is known as x' with max_k |x_k - x'_k| <= radius, and `extent` >= max(max_k |x_k|, max_k |x'_k|).
// With N >= sum_k |w_k|:
//
//   |fl(w' . x' + c') - g(x)|
//      <= |w . (x' - x)|                               <= N radius
//       + |(w' - w) . x'| + |c' - c|                   <= weight_error extent + constant_error
//       + rounding of n products and n sums            <= (n + 2) u (sum_k |w'_k x'_k| + |c'|) + n 2^-1074
//                                                      <= (n + 2) u (N' extent + |c'|) + n 2^-1074.
//
// so the bound is  alpha radius + beta extent + gamma  with the three numbers of `FormBound`. The bounds themselves are
// computed in floating point; `inflate` covers that: every bound is a sum and product of fewer than 2^20 nonnegative
// numbers, whose relative error is below 2^-30.
//
// Range. Forms with coefficients above 2^480 (constants above 2^960) get gamma = inf, points further out than 2^480 an infinite
// radius and extent, so that nothing is decided about them here; everything else stays below n 2^960 and cannot overflow.
// alpha and beta are padded by 2^-1060 against the underflow of their own products, gamma by 2^-1000 against that of the rest.
#pragma once

#include <cmath>
#include <limits>

namespace relutope::error_bound {

// False only in the build that measures what certification costs: there every sign is that of the rounded value.
#ifdef RELUTOPE_UNCHECKED
inline constexpr bool certified = false;
#else
inline constexpr bool certified = true;
#endif

inline constexpr double unit_roundoff = 0x1p-53;
inline constexpr double inflate = 1.0 + 0x1p-20;

// Larger than any sum of underflow errors that one stage can make (2^50 products of 2^-1074 each), and itself far from
// underflow, so that adding it to a bound also covers the underflow of the bound's own products.
inline constexpr double underflow = 0x1p-1000;

inline constexpr double coefficient_padding = 0x1p-1060;
inline constexpr double largest_coefficient = 0x1p480;
inline constexpr double largest_constant = 0x1p960;
inline constexpr double largest_extent = 0x1p480;
inline constexpr double infinite = std::numeric_limits<double>::infinity();
inline constexpr double least_double = std::numeric_limits<double>::denorm_min();

// `size` itself, or infinity when it is beyond the range in which bounds hold (or NaN).
inline double extent_in_range(double size) { return size <= largest_extent ? size : infinite; }

// Coefficients of the bound above.
struct FormBound {
    double alpha;
    double beta;
    double gamma;

    double at(double radius, double extent) const { return alpha * radius + beta * extent + gamma; }
};

// REQUIRES: weight_norm = fl(sum_k |w'_k|).
inline FormBound form_bound(int dimension, double weight_norm, double constant, double weight_error,
                            double constant_error) {
    const double rounding = (dimension + 3) * unit_roundoff;
    const double alpha = (weight_norm + weight_error) * inflate + coefficient_padding;
    const double size = std::fabs(constant);
    const double gamma = (constant_error + rounding * (size + constant_error)) * inflate + underflow;
    const bool in_range = (alpha <= largest_coefficient) & (size <= largest_constant);
    return {alpha, (weight_error + rounding * alpha) * inflate + coefficient_padding, in_range ? gamma : infinite};
}

}  // namespace relutope::error_bound
