// What rounding takes from a sum or a product of two doubles, as a double (Knuth, The Art of Computer Programming 2; Dekker, A
// floating-point technique for extending the available precision, 1971). Exact unless something overflows, which gives NaN or an
// infinite number; a product's error is exact up to four units of 2^-1074.
#pragma once

namespace relutope::double_double {

// x = high + low, both with at most 26 bits.
struct Split {
    double high;
    double low;
};

inline Split split(double x) {
    const double scaled = 0x1.000002p27 * x;
    const double high = scaled - (scaled - x);
    return {high, x - high};
}

// a b - product. REQUIRES: product = fl(a b).
inline double product_error(double product, Split a, Split b) {
    return ((a.high * b.high - product) + a.high * b.low + a.low * b.high) + a.low * b.low;
}

// a + b - sum. REQUIRES: sum = fl(a + b).
inline double sum_error(double sum, double a, double b) {
    const double part = sum - a;
    return (a - (sum - part)) + (b - part);
}

}  // namespace relutope::double_double
