// The largest size and the smallest of many doubles. By hand: a plain loop waits for each comparison before the next one.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>

namespace relutope {

using PairOfSizes = double __attribute__((vector_size(16)));

inline PairOfSizes pair_at(const double* source) {
    PairOfSizes pair;
    std::memcpy(&pair, source, sizeof pair);
    return pair;
}

// What is not a number may be passed over.
inline double greatest_size(const double* x, int n) {
    const PairOfSizes zero{};
    PairOfSizes m0{}, m1{}, m2{}, m3{};
    const auto take = [zero](PairOfSizes& largest, PairOfSizes own) {
        const PairOfSizes size = own < zero ? -own : own;
        largest = largest < size ? size : largest;
    };
    int k = 0;
    for (; k + 8 <= n; k += 8) {
        take(m0, pair_at(x + k));
        take(m1, pair_at(x + k + 2));
        take(m2, pair_at(x + k + 4));
        take(m3, pair_at(x + k + 6));
    }
    take(m0, m1);
    take(m2, m3);
    take(m0, m2);
    double largest = std::max(m0[0], m0[1]);
    for (; k < n; ++k) largest = std::max(largest, std::fabs(x[k]));
    return largest;
}

// Where the first of the smallest is. REQUIRES: n > 0.
inline int place_of_least(const double* x, int n) {
    const PairOfSizes infinite{HUGE_VAL, HUGE_VAL};
    PairOfSizes m0 = infinite, m1 = infinite, m2 = infinite, m3 = infinite;
    const auto take = [](PairOfSizes& smallest, PairOfSizes own) { smallest = own < smallest ? own : smallest; };
    int k = 0;
    for (; k + 8 <= n; k += 8) {
        take(m0, pair_at(x + k));
        take(m1, pair_at(x + k + 2));
        take(m2, pair_at(x + k + 4));
        take(m3, pair_at(x + k + 6));
    }
    take(m0, m1);
    take(m2, m3);
    take(m0, m2);
    double smallest = std::min(m0[0], m0[1]);
    for (; k < n; ++k) smallest = std::min(smallest, x[k]);
    k = 0;
    while (k + 1 < n && x[k] != smallest) ++k;
    return k;
}

}  // namespace relutope
