// Big integers and their exact traffic with doubles. Knows no geometry.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>

namespace relutope::exact {

// Expression templates off: every operation yields a plain number.
using Integer = boost::multiprecision::number<boost::multiprecision::cpp_int_backend<256>,
                                              boost::multiprecision::et_off>;

// -1, 0 or +1.
inline int sign(const Integer& value) { return value.sign(); }

// The largest e such that `value` is an integer multiple of 2^e; INT_MAX for zero.
// REQUIRES: `value` is finite.
int lowest_exponent(double value);

// value / 2^exponent as an integer. REQUIRES: exponent <= lowest_exponent(value).
Integer scaled_integer(double value, int exponent);

// 2^exponent. REQUIRES: exponent >= 0.
Integer power_of_two(int exponent);

// value / 2^exponent as high + low, off by at most 2^-105 |high| + 2^-1074, with |low| <= 2^-53 |high|.
// REQUIRES: |value| < 2^exponent.
struct Leading {
    double high;
    double low;
};
Leading leading(const Integer& value, int exponent);

// numerator / denominator rounded once to the nearest double, ties to even; +-inf when it
// overflows. REQUIRES: denominator > 0.
double nearest_double(const Integer& numerator, const Integer& denominator);

}  // namespace relutope::exact
