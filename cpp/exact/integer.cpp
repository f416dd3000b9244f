#include "exact/integer.hpp"

#include <algorithm>
#include <bit>
#include <climits>
#include <cstdint>
#include <limits>

#include "exact/bits.hpp"

namespace relutope::exact {

namespace {

// mantissa * 2^exponent == value with an integer mantissa of at most 53 bits.
struct Parts {
    std::int64_t mantissa;
    int exponent;
};

// Read from the bits: comparisons and frexp do not see subnormal numbers where the process has switched them off.
Parts parts_of(double value) {
    const auto bits = bits_as<std::uint64_t>(value);
    const auto biased = static_cast<int>(bits >> 52 & 0x7FF);
    const auto fraction = static_cast<std::int64_t>(bits & ((std::uint64_t{1} << 52) - 1));
    const std::int64_t magnitude = biased ? fraction | std::int64_t{1} << 52 : fraction;
    return {bits >> 63 ? -magnitude : magnitude, std::max(biased, 1) - 1075};
}

// +-mantissa * 2^exponent by its bits; +-inf when it overflows.
// REQUIRES: it is a double or overflows, mantissa <= 2^53.
double double_of(bool negative, std::uint64_t mantissa, int exponent) {
    std::uint64_t bits = 0;
    if (mantissa != 0) {
        const int top = std::bit_width(mantissa) - 1 + exponent;  // value = 1.f * 2^top
        if (top > 1023) {
            bits = std::uint64_t{0x7FF} << 52;
        } else {
            const int unit = std::max(top, -1022) - 52;  // exponent of the last place
            const std::uint64_t whole = exponent >= unit ? mantissa << (exponent - unit) : mantissa >> (unit - exponent);
            bits = top < -1022 ? whole : (static_cast<std::uint64_t>(top + 1023) << 52) + (whole - (std::uint64_t{1} << 52));
        }
    }
    return bits_as<double>(bits | static_cast<std::uint64_t>(negative) << 63);
}

}  // namespace

int lowest_exponent(double value) {
    const Parts parts = parts_of(value);
    if (parts.mantissa == 0) return INT_MAX;
    return parts.exponent + __builtin_ctzll(static_cast<std::uint64_t>(std::llabs(parts.mantissa)));
}

Integer scaled_integer(double value, int exponent) {
    const Parts parts = parts_of(value);
    if (parts.mantissa == 0) return 0;
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

Leading leading(const Integer& value, int exponent) {
    if (value.is_zero()) return {0.0, 0.0};
    const Integer magnitude = abs(value);
    const int length = static_cast<int>(msb(magnitude)) + 1;
    const int dropped = std::max(0, length - 126);
    const auto bits = static_cast<unsigned __int128>(dropped ? Integer(magnitude >> dropped) : magnitude);
    const double high = static_cast<double>(bits);
    const bool below = static_cast<unsigned __int128>(high) > bits;
    const unsigned __int128 rest = below ? static_cast<unsigned __int128>(high) - bits : bits - static_cast<unsigned __int128>(high);
    const double low = below ? -static_cast<double>(rest) : static_cast<double>(rest);
    const double sign = value.sign();
    return {sign * std::ldexp(high, dropped - exponent), sign * std::ldexp(low, dropped - exponent)};
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
    if (kept < 0) return double_of(negative, 0, 0);
    const int dropped = length - kept;
    const std::uint64_t half = std::uint64_t{1} << (dropped - 1);
    const std::uint64_t tail = bits & ((half << 1) - 1);
    bits >>= dropped;
    const bool above_half = tail > half || (tail == half && !remainder.is_zero());
    if (above_half || (tail == half && (bits & 1))) ++bits;
    return double_of(negative, bits, dropped - shift);
}

}  // namespace relutope::exact
