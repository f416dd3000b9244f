// Points well inside polyhedra, in floating point alone.
#pragma once

#include <vector>

#include "refinement/domain.hpp"
#include "refinement/halfspace_rows.hpp"

namespace relutope {

// A point further from the nearest facets than `x`, as a rule: nothing is certain, not even that it is inside.
// REQUIRES: x is inside `rows` and the box of `domain`.
std::vector<double> centred(const HalfspaceRows& rows, const Domain& domain, std::vector<double> x);

}  // namespace relutope
