// Distances to small polyhedra, by looking at every set of conditions that may hold with equality, with rational arithmetic.
#pragma once

#include <optional>
#include <vector>

#include "networks.hpp"

namespace relutope::testing {

// Every row is nonnegative, row `equation` (if not -1) is zero, lower <= x <= upper; bounds may be infinite.
struct Polyhedron {
    std::vector<std::vector<Rational>> rows;  // weight, then constant
    int equation = -1;
    std::vector<double> lower, upper;
};

// The square of the Euclidean distance from `origin`; nothing when the polyhedron is empty.
std::optional<Rational> squared_distance(const std::vector<Rational>& origin, const Polyhedron& polyhedron);

// The square root, to within rounding.
double root(const Rational& square);

}  // namespace relutope::testing
