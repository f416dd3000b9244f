// Arithmetic with sums of two doubles.
//
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

// high + low, where high is the nearest double. Sums, differences and products are off by less than 2^-103 of their size, products by
// 2^-1070 more (Joldes, Muller and Popescu, Tight and rigorous error bounds for basic building blocks of double-word arithmetic, 2017);
// quotients by not much more. What overflows becomes NaN or infinite.
struct Number {
    double high = 0;
    double low = 0;

    Number() = default;
    Number(double value) : high(value) {}
    Number(double high, double low) : high(high), low(low) {}
};

// REQUIRES: |low| <= |high|, or high = 0.
inline Number normalised(double high, double low) {
    const double sum = high + low;
    return {sum, low - (sum - high)};
}

inline Number operator-(const Number& a) { return {-a.high, -a.low}; }

inline Number operator+(const Number& a, const Number& b) {
    const double high = a.high + b.high, low = a.low + b.low;
    const Number sum = normalised(high, sum_error(high, a.high, b.high) + low);
    return normalised(sum.high, sum.low + sum_error(low, a.low, b.low));
}

inline Number operator-(const Number& a, const Number& b) { return a + -b; }

inline Number operator*(const Number& a, const Number& b) {
    const double product = a.high * b.high;
    return normalised(product, product_error(product, split(a.high), split(b.high)) + (a.high * b.low + a.low * b.high));
}

inline Number operator/(const Number& a, const Number& b) {
    const double first = a.high / b.high;
    const Number rest = a - b * first;
    const double second = rest.high / b.high;
    return normalised(first, second) + (rest - b * second).high / b.high;
}

inline Number& operator+=(Number& a, const Number& b) { return a = a + b; }
inline Number& operator-=(Number& a, const Number& b) { return a = a - b; }

// Exact, for numbers whose high part is the nearest double.
inline bool operator<(const Number& a, const Number& b) { return a.high < b.high || (a.high == b.high && a.low < b.low); }
inline bool operator>(const Number& a, const Number& b) { return b < a; }
inline bool operator<=(const Number& a, const Number& b) { return a.high < b.high || (a.high == b.high && a.low <= b.low); }
inline bool operator>=(const Number& a, const Number& b) { return b <= a; }
inline bool operator==(const Number& a, const Number& b) { return a.high == b.high && a.low == b.low; }

inline Number abs(const Number& a) { return a.high < 0 ? -a : a; }

}  // namespace relutope::double_double
