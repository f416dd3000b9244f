// Where a hyperplane cuts the edge between two vertices at which its form has opposite strict signs, with proven errors.
//
// The vertices are u and w, the form's sizes there a* and b* (both positive), known as a and b up to ea and eb. The cut is at
//     v* = u* + t (w* - u*),   t = a* / (a* + b*),
// and is computed as  v = u + s (w - u)  with  s = fl(a / (a + b)).
//
// Share. Let s' = a / (a + b) and r' = b / (a + b) without rounding. Then  s' - t = (a b* - a* b) / ((a + b)(a* + b*)),  so
//     |s' - t| <= (s' eb + r' ea) / gap,   gap = max(0, a - ea) + max(0, b - eb) <= a* + b*.
// r' is computed by a division of its own, since 1 - s may round to 0 where r' does not. A difference of two doubles is rounded once,
// relative to itself, and the rest are sums, products and quotients of nonnegative numbers, so `inflate` covers all of it. Underflow:
// s' + r' = 1 and every error of a form is above 2^-1001 (error_bound.hpp), so the numerator is above 2^-1003, and what its products
// lose, 2^-1073, is far below what `inflate` adds. The rounding of s itself, 3 u s' or 2^-1074, is counted with that of v.
//
// Point. With  extent >= |coordinates| + radius  of both ends, E the larger one, |w* - u*| <= length + r_u + r_w <= 2 E (1 + u):
//     |v - v*| <= (1 - s) r_u + s r_w + |s' - t| (length + r_u + r_w) + 3 u (2 E)          [s for s']
//                 + u (2 |w - u| + |v|)                                                    [difference, product, sum]
// and the roundings together stay below 16 u E. 1 - s is exact or rounded once.
//
// Edges at infinity are cut likewise: their points' infinite parts are on a line, and R is larger than what the finite parts add.
//
// Ray. From u to the vertex p + q R at infinity, at which the form's coefficient of R is b*, the cut is at
//     v* = u* + t q*,   t = a* / b*,   and is computed as  v = u + s q  with  s = fl(a / b).
// With s' = a / b:  s' - t = (a b* - a* b) / (b b*),  so  |s' - t| <= (s' eb + ea) / max(0, b - eb)  and
//     |v - v*| <= r_u + s r_q + |s' - t| (|q| + r_q) + u (3 s |q| + s r_q + |v|)
// up to the underflow of s, 2^-1074, which `underflow` holds, since |q| + r_q is below 2^480.
#pragma once

#include <algorithm>
#include <cmath>

#include "geometry/vertex_store.hpp"
#include "predicates/error_bound.hpp"

namespace relutope {

// The size of a form at an end, as computed; its strict sign is certain, which says that the true size is positive.
struct EndValue {
    double size;
    double error;
};

// The share s of the way from u to w, and a bound on |s' - t|; infinite when nothing is known.
struct EdgeCut {
    double share;
    double error;
};

inline EdgeCut cut_ray(EndValue u, EndValue at_infinity) {
    const EdgeCut cut{u.size / at_infinity.size, error_bound::infinite};
    if (!(u.size > 0 && at_infinity.size > 0)) return cut;
    const double error = (cut.share * at_infinity.error + u.error) / std::max(0.0, at_infinity.size - at_infinity.error) * error_bound::inflate;
    return {cut.share, error < error_bound::infinite ? error : error_bound::infinite};
}

// `q` is the end's infinite part.
inline double ray_cut_radius(const EdgeCut& cut, const Position& u, const Position& q) {
    const double reach = cut.share * q.extent;
    const double rounding = 8 * error_bound::unit_roundoff * (u.extent + reach);
    const double radius = (u.radius + cut.share * q.radius + cut.error * q.extent + rounding) * error_bound::inflate + error_bound::underflow;
    return radius < error_bound::infinite ? radius : error_bound::infinite;
}

inline EdgeCut cut_edge(EndValue u, EndValue w) {
    const double sum = u.size + w.size;
    const EdgeCut cut{u.size / sum, error_bound::infinite};
    if (!(u.size > 0 && w.size > 0)) return cut;  // signs that floating point does not see
    const double gap = std::max(0.0, u.size - u.error) + std::max(0.0, w.size - w.error);
    const double error = (cut.share * w.error + w.size / sum * u.error) / gap * error_bound::inflate;
    return {cut.share, error < error_bound::infinite ? error : error_bound::infinite};
}

// Bounds the error of each coordinate of v; `length` >= fl(|w - u|) in each. Infinite when nothing is known.
inline double cut_radius(const EdgeCut& cut, double length, const Position& u, const Position& w) {
    const double along = cut.error * (length + u.radius + w.radius);
    const double rounding = 16 * error_bound::unit_roundoff * std::max(u.extent, w.extent);
    const double radius = ((1 - cut.share) * u.radius + cut.share * w.radius + along + rounding) * error_bound::inflate +
                          error_bound::underflow;
    return radius < error_bound::infinite ? radius : error_bound::infinite;  // NaN is infinite, too
}

}  // namespace relutope
