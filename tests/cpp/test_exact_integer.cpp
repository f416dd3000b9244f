#include <doctest/doctest.h>

#include <cfloat>
#include <climits>
#include <cmath>
#include <cstring>

#include "exact/integer.hpp"
#include "exact/shortening.hpp"
#include "numbers.hpp"

using namespace relutope;
using namespace relutope::testing;
using exact::Integer;

TEST_SUITE_BEGIN("exact_integer");

TEST_CASE("lowest_exponent: known values") {
    CHECK(exact::lowest_exponent(0.0) == INT_MAX);
    CHECK(exact::lowest_exponent(-0.0) == INT_MAX);
    CHECK(exact::lowest_exponent(1.0) == 0);
    CHECK(exact::lowest_exponent(-6.0) == 1);
    CHECK(exact::lowest_exponent(0.375) == -3);
    CHECK(exact::lowest_exponent(0x1p1023) == 1023);
    CHECK(exact::lowest_exponent(DBL_MAX) == 971);
    CHECK(exact::lowest_exponent(DBL_MIN) == -1022);
    CHECK(exact::lowest_exponent(0x1p-1074) == -1074);
    CHECK(exact::lowest_exponent(-0x1.8p-1073) == -1074);
    CHECK(exact::lowest_exponent(0x1p-1030) == -1030);
}

TEST_CASE("scaled_integer: known values") {
    CHECK(exact::scaled_integer(0.0, -7) == 0);
    CHECK(exact::scaled_integer(-6.0, 1) == -3);
    CHECK(exact::scaled_integer(-6.0, 0) == -6);
    CHECK(exact::scaled_integer(0.375, -3) == 3);
    CHECK(exact::scaled_integer(0.375, -5) == 12);
    CHECK(exact::scaled_integer(0x1p-1074, -1074) == 1);
    CHECK(exact::scaled_integer(0x1p1023, -1074) == Integer(1) << 2097);
}

TEST_CASE("a double is its integer times two to its lowest exponent, an odd one") {
    Random random(1);
    for (int trial = 0; trial < 5000; ++trial) {
        const double value = random_double(random, -1074, 1023);
        if (value == 0) continue;
        const int exponent = exact::lowest_exponent(value);
        const Integer integer = exact::scaled_integer(value, exponent);
        CAPTURE(value);
        CHECK(bit_test(abs(integer), 0));
        CHECK(scaled(integer, exponent) == rational(value));
        CHECK(exact::scaled_integer(value, exponent - 9) == integer << 9);
    }
}

TEST_CASE("nearest_double: ties go to even") {
    const Integer one = Integer(1) << 53;  // 2^53 + k, the spacing of doubles there is 2
    CHECK(exact::nearest_double(one + 1, 1) == 0x1p53);
    CHECK(exact::nearest_double(one + 3, 1) == 0x1p53 + 4);
    CHECK(exact::nearest_double(-one - 3, 1) == -0x1p53 - 4);
    CHECK(exact::nearest_double((one + 1) * 3, 3) == 0x1p53);
    // A tie but for a remainder far below the bits that are kept.
    const Integer far = Integer(1) << 500;
    CHECK(exact::nearest_double((one + 1) * far + 1, far) == 0x1p53 + 2);
    CHECK(exact::nearest_double((one + 1) * far - 1, far) == 0x1p53);
    CHECK(exact::nearest_double((one + 3) * far - 1, far) == 0x1p53 + 2);
}

TEST_CASE("nearest_double: zero, overflow and underflow") {
    const Integer one = 1;
    CHECK(exact::nearest_double(0, 7) == 0.0);
    // Largest finite: 2^1024 - 2^971. Half way to 2^1024 rounds to even, which is infinity.
    const Integer largest = (one << 1024) - (one << 971);
    const Integer half_way = (one << 1024) - (one << 970);
    CHECK(exact::nearest_double(largest, 1) == DBL_MAX);
    CHECK(exact::nearest_double(half_way - 1, 1) == DBL_MAX);
    CHECK(exact::nearest_double(half_way, 1) == HUGE_VAL);
    CHECK(exact::nearest_double(-half_way, 1) == -HUGE_VAL);
    CHECK(exact::nearest_double(one << 5000, 3) == HUGE_VAL);
    // Smallest: 2^-1074. Half of it rounds to even, which is zero.
    CHECK(exact::nearest_double(1, one << 1074) == 0x1p-1074);
    CHECK(exact::nearest_double(1, one << 1075) == 0.0);
    CHECK(exact::nearest_double((one << 100) + 1, one << 1175) == 0x1p-1074);
    CHECK(exact::nearest_double(3, one << 1075) == 0x1p-1073);
    CHECK(exact::nearest_double(1, one << 5000) == 0.0);
}

TEST_CASE("nearest_double: a subnormal result is rounded once") {
    const Integer one = 1;
    // 2^-1022 - 2^-1075 lies half way between the largest subnormal and the smallest normal number: even is the latter.
    CHECK(exact::nearest_double((one << 53) - 1, one << 1075) == DBL_MIN);
    // 1.0...01|1 with the tie bit just below a subnormal's last place, and bits far below that double rounding would lose.
    const Integer numerator = ((one << 40) + 1) << 60;  // (2^40 + 1) 2^-1075 is a tie between subnormals
    CHECK(exact::nearest_double(numerator, one << 1135) == std::ldexp(1.0, 39 - 1074));
    CHECK(exact::nearest_double(numerator + 1, one << 1135) == std::ldexp(0x1p39 + 1, -1074));
    CHECK(exact::nearest_double(numerator - 1, one << 1135) == std::ldexp(0x1p39, -1074));
}

TEST_CASE("nearest_double returns every double unchanged") {
    Random random(2);
    for (int trial = 0; trial < 5000; ++trial) {
        const double value = random_double(random, -1074, 1023);
        if (value == 0) continue;
        const int exponent = exact::lowest_exponent(value);
        const Integer integer = exact::scaled_integer(value, exponent);
        const Integer power = Integer(1) << std::abs(exponent);
        CAPTURE(value);
        CHECK(exact::nearest_double(exponent > 0 ? Integer(integer * power) : integer, exponent > 0 ? 1 : power) == value);
    }
}

// Numerators and denominators of all lengths, and close to the middle between two doubles.
TEST_CASE("nearest_double is the nearest") {
    Random random(3);
    const auto random_bits = [&](int bits) {
        Integer value = 1;
        for (int k = 1; k < bits; k += 60) value = (value << 60) + (random() >> 4);
        return value >> (static_cast<int>(msb(value)) + 1 - bits);
    };
    for (int trial = 0; trial < 4000; ++trial) {
        const Integer numerator = random_bits(1 + static_cast<int>(random() % 1400)) * (trial % 2 ? 1 : -1);
        const Integer denominator = random_bits(1 + static_cast<int>(random() % 1400));
        CAPTURE(trial);
        CHECK(is_nearest(exact::nearest_double(numerator, denominator), Rational(numerator, denominator)));
    }
    for (int trial = 0; trial < 4000; ++trial) {
        const double below = std::fabs(random_double(random, -1076, 1023));
        const double above = std::nextafter(below, HUGE_VAL);
        if (above == HUGE_VAL) continue;
        const Rational nudge = Rational(trial % 3 - 1) * power_of_two(-1100 - static_cast<int>(random() % 300));
        const Rational value = (rational(below) + rational(above)) / 2 + nudge;
        CAPTURE(below);
        CHECK(is_nearest(exact::nearest_double(numerator(value), denominator(value)), value));
    }
}

TEST_CASE("trailing_zeros: known values") {
    CHECK(exact::trailing_zeros(1) == 0);
    CHECK(exact::trailing_zeros(-12) == 2);
    CHECK(exact::trailing_zeros(Integer(5) << 300) == 300);
    CHECK(exact::trailing_zeros(-(Integer(1) << 64)) == 64);
}

TEST_CASE("exact_quotient: what was multiplied in comes out again") {
    CHECK(exact::exact_quotient(0, 7) == 0);
    CHECK(exact::exact_quotient(-42, 7) == -6);
    CHECK(exact::exact_quotient(-42, -1) == 42);
    const Integer ones = (Integer(1) << 192) - 1;  // every word is full: what is taken away is carried on
    CHECK(exact::exact_quotient(ones * ones, ones) == ones);
    CHECK(exact::exact_quotient(-(ones * ones), -ones) == ones);
    CHECK(exact::exact_quotient((Integer(1) << 640) * ones, Integer(1) << 200) == (Integer(1) << 440) * ones);
    Integer value = 3;
    for (int step = 0; step < 300; ++step) {  // all lengths, both signs, many powers of two
        const Integer factor = (value >> (step % 97)) + 1;
        CHECK(exact::exact_quotient(value * factor, factor) == value);
        CHECK(exact::exact_quotient(value * factor << step, -factor) == -(value << step));
        value = -(value * 5 + step);
        if (step % 7 == 0) value <<= step % 40;
    }
}

TEST_SUITE_END();
