#include "exact/integer.hpp"

#include <algorithm>
#include <climits>
#include <cmath>
#include <cstdint>
#include <limits>

namespace relutope::exact {

namespace {

// mantissa * 2^exponent == value with an integer mantissa of at most 53 bits.
struct Parts {
    std::int64_t mantissa;
    int exponent;
};

Parts parts_of(double value) {
    int exponent = 0;
    const double fraction = std::frexp(value, &exponent);
    return {static_cast<std::int64_t>(std::ldexp(fraction, 53)), exponent - 53};
}

}  // namespace

int lowest_exponent(double value) {
    if (value == 0.0) return INT_MAX;
    const Parts parts = parts_of(value);
    return parts.exponent + __builtin_ctzll(static_cast<std::uint64_t>(std::llabs(parts.mantissa)));
}

Integer scaled_integer(double value, int exponent) {
    if (value == 0.0) return 0;
    const Parts parts = parts_of(value);
    const int shift = parts.exponent - exponent;
    Integer result = parts.mantissa;
    if (shift >= 0) return result << shift;
    return parts.mantissa < 0 ? -((-result) >> -shift) : result >> -shift;
}

Integer power_of_two(int exponent) {
    Integer result = 1;
    result <<= exponent;
    return result;
}

double nearest_double(const Integer& numerator, const Integer& denominator) {
    if (numerator.is_zero()) return 0.0;
    const bool negative = numerator.sign() < 0;
    const Integer magnitude = negative ? Integer(-numerator) : numerator;
    // Scale so that the integer quotient has 55 or 56 bits: 53 to keep, at least two to round with.
    const int shift = 55 - (static_cast<int>(msb(magnitude)) - static_cast<int>(msb(denominator)));
    Integer quotient, remainder;
    if (shift >= 0) {
        divide_qr(Integer(magnitude << shift), denominator, quotient, remainder);
    } else {
        divide_qr(magnitude, Integer(denominator << -shift), quotient, remainder);
    }
    std::uint64_t bits = static_cast<std::uint64_t>(quotient);
    const int length = 64 - __builtin_clzll(bits);
    // A subnormal result has fewer bits to keep; dropping them here avoids rounding twice.
    const int top_exponent = length - 1 - shift;
    constexpr int min_exponent = std::numeric_limits<double>::min_exponent - 1;
    const int kept = 53 - std::max(0, min_exponent - top_exponent);
    if (kept < 0) return negative ? -0.0 : 0.0;
    const int dropped = length - kept;
    const std::uint64_t half = std::uint64_t{1} << (dropped - 1);
    const std::uint64_t tail = bits & ((half << 1) - 1);
    bits >>= dropped;
    const bool above_half = tail > half || (tail == half && !remainder.is_zero());
    if (above_half || (tail == half && (bits & 1))) ++bits;
    const double result = std::ldexp(static_cast<double>(bits), dropped - shift);
    return negative ? -result : result;
}

}  // namespace relutope::exact
