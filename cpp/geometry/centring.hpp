// Points well inside polyhedra, in floating point alone.
#pragma once

#include <vector>

#include "geometry/halfspace_rows.hpp"

namespace relutope {

// A point further from the nearest facets than `x`, as a rule: nothing is certain, not even that it is inside.
// REQUIRES: x is inside `rows` and the box from `lower` to `upper`, whose sides may be infinite.
std::vector<double> centred(const HalfspaceRows& rows, const std::vector<double>& lower, const std::vector<double>& upper,
                            std::vector<double> x);

}  // namespace relutope
