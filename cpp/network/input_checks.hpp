// What must hold for input from outside before the core works on it. The core itself takes it for granted (REQUIRES).
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "network/domain.hpp"
#include "network/network.hpp"

namespace relutope {

// The units of a network have numbers of 32 bits; the sides of a domain have negative ones.
inline constexpr std::int64_t most_neurons_numbered = std::numeric_limits<std::int32_t>::max();

// A hidden layer and an output layer at least, sizes that fit together, finite entries, no more linear units than units: what
// Network asks for.
// Throws std::invalid_argument, and TooLarge when there are more than `most_neurons` neurons.
void check_layers(const std::vector<Layer>& layers, std::int64_t most_neurons = most_neurons_numbered);

// As many sides as the network has inputs, no NaN, lower < upper, finite halfspaces: what search() asks for, but for
// its limit on the number of dimensions.
// Throws std::invalid_argument.
void check_domain(const Domain& domain, const Network& network);

// Throws std::invalid_argument, with `what` as its subject, unless every value is finite.
void check_finite(std::span<const double> values, const char* what);

}  // namespace relutope
