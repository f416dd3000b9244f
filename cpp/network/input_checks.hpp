// What must hold for input from outside before the core works on it. The core itself takes it for granted (REQUIRES).
#pragma once

#include <span>
#include <vector>

#include "network/domain.hpp"
#include "network/network.hpp"

namespace relutope {

// A hidden layer and an output layer at least, sizes that fit together, finite entries, no more linear units than units: what
// Network asks for.
// Throws std::invalid_argument.
void check_layers(const std::vector<Layer>& layers);

// As many sides as the network has inputs, no NaN, lower < upper, finite halfspaces: what search() asks for, but for
// its limit on the number of dimensions.
// Throws std::invalid_argument.
void check_domain(const Domain& domain, const Network& network);

// Throws std::invalid_argument, with `what` as its subject, unless every value is finite.
void check_finite(std::span<const double> values, const char* what);

}  // namespace relutope
