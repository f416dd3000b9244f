// Distance from a point to a facet of a polyhedron, in floating point.
#pragma once

#include <vector>

namespace relutope {

// The least Euclidean distance from `origin` (n numbers) to {x : row i of `rows` is zero, the others are nonnegative, lower <= x <=
// upper}; rows are n weights and a constant each. Rounded, to about 1e-12 of the size of the numbers; infinite when no such point is
// found.
//
// Dual active-set method of Goldfarb and Idnani (A numerically stable dual method for solving strictly convex quadratic programs,
// Math. Programming 27, 1983) with the unit matrix: starts at the origin and takes in the most violated condition.
double distance_to_facet(const std::vector<double>& origin, const std::vector<double>& rows, int i, const std::vector<double>& lower,
                         const std::vector<double>& upper);

}  // namespace relutope
