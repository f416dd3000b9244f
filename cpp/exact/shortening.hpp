// Keeps integers short: what they have in common is divided out, cheaply.
#pragma once

#include "exact/linear.hpp"

namespace relutope::exact {

// The largest e for which 2^e divides `value`. REQUIRES: value is not 0.
unsigned trailing_zeros(const Integer& value);

// numerator / denominator, from its lowest bits upwards, which needs no division of words (Jebelean, An algorithm for exact division,
// 1993). REQUIRES: denominator divides numerator and is not 0.
Integer exact_quotient(Integer numerator, const Integer& denominator);

// Writes the point with the least denominator.
void divide_by_content(Point& point);

}  // namespace relutope::exact
