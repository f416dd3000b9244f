// Networks whose layers grow or shrink by large factors, brought into the range of the error bounds.
//
// Bounds hold for coefficients up to 2^480, and say little of those near 2^-1000 (predicates/error_bound.hpp). A network of forty layers,
// each a million times larger than the one before, is far beyond, so that integers would have to decide all of its signs. But
//
//     relu(2^k z) = 2^k relu(z),
//
// so that the row of a hidden unit, with its bias, can be divided by 2^k where the next layer multiplies the unit's column by it: then
// the unit's preactivation has another size and the same sign, and all others are what they were. A product with a power of two is exact
// unless it leaves the range of doubles, which is looked at for every entry.
#pragma once

#include <vector>

#include "network/network.hpp"

namespace relutope {

// The same network with hidden units of another size: over the reals each preactivation is 2^-k times what it was, with one k for each
// unit, and outputs are what they were. Sizes are then about 1 at inputs of that size.
// Linear units of a layer have one k, since some are compared with each other (refinement/bounds/hull_bounds.hpp). Hidden layers before
// layer `from` stay as they are: the first layer's units can be coordinates (refinement/explore/cell_facets.hpp).
// The layers as they are when units that are tried at some inputs are all between 2^-200 and 2^200, and when there are no such k.
// REQUIRES: as for Network.
std::vector<Layer> balanced(std::vector<Layer> layers, int from = 0);

}  // namespace relutope
