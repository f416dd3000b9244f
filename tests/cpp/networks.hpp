// Networks and domains to test with, and the signs of a network by rational arithmetic.
#pragma once

#include <cstdint>
#include <vector>

#include "network/domain.hpp"
#include "network/network.hpp"
#include "numbers.hpp"

namespace relutope::testing {

using Row = std::vector<double>;  // weight, then constant

Layer layer_of(const std::vector<Row>& rows);
// Hidden layers given by their rows; the output is the sum of the last one.
Network network_of(const std::vector<std::vector<Row>>& hidden);
inline Network arrangement(const std::vector<Row>& rows) { return network_of({rows}); }

// widths: inputs, hidden layers, outputs. Entries of either sign between 2^-4 and 2.
Network random_network(Random& random, const std::vector<int>& widths);
// Entries are integers in [-size, size]: hyperplanes meet in special position.
Network integer_network(Random& random, const std::vector<int>& widths, int size);

Domain box(int dimension, double lower, double upper);
Domain whole_space(int dimension);
// x_k = lower and x_k = upper, and the halfspaces  weight . x + constant >= 0.
Domain cut_box(int dimension, double lower, double upper, const std::vector<Row>& halfspaces);

std::vector<Rational> rationals(const std::vector<double>& values);
// Signs of all hidden neurons at a point.
std::vector<int> signs_at(const Network& network, const std::vector<Rational>& point);

}  // namespace relutope::testing
