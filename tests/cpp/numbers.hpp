// Rational numbers as the reference for everything that rounds, and random doubles of every size.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>

#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "exact/integer.hpp"

namespace relutope::testing {

using Rational = boost::multiprecision::number<boost::multiprecision::cpp_rational_backend,
                                               boost::multiprecision::et_off>;
using Random = std::mt19937_64;

// The number that the bits of `value` denote. Shares nothing with the core's conversions. REQUIRES: finite.
Rational rational(double value);
// value * 2^exponent.
Rational scaled(const exact::Integer& value, int exponent);
// 2^exponent.
Rational power_of_two(int exponent);

// A random significand and sign; the size is log-uniform between 2^low and 2^high (subnormal below 2^-1022).
double random_double(Random& random, int low, int high);
// A small integer in [-size, size].
int random_integer(Random& random, int size);

// The smallest double >= value; +inf when there is none. REQUIRES: value >= 0.
double rounded_up(const Rational& value);
// Is `result` the double nearest to `value`, ties to even?
bool is_nearest(double result, const Rational& value);

// The solution of  rows . x + constant = 0  by plain elimination, or nothing when it is not unique.
std::optional<std::vector<Rational>> solve(std::vector<std::vector<Rational>> rows, std::vector<Rational> constant);
int rank(std::vector<std::vector<Rational>> rows);

}  // namespace relutope::testing
