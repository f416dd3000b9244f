// Four doubles at once. By hand, since compilers make poor code of plain sums, and of vectors wider than those of the processor.
#pragma once

#include <algorithm>
#include <cstring>

namespace relutope::quads {

using Quad = double __attribute__((vector_size(32)));
inline constexpr int lanes = 4;

[[gnu::always_inline]] inline void load(Quad& quad, const double* source) { std::memcpy(&quad, source, sizeof quad); }

[[gnu::always_inline]] inline double sum(const Quad& quad) { return (quad[0] + quad[2]) + (quad[1] + quad[3]); }

// The product of two vectors.
[[gnu::always_inline]] inline double product(const double* a, const double* b, int n) {
    Quad sums[4] = {};
    int k = 0;
    for (; k + 4 * lanes <= n; k += 4 * lanes) {
        for (int l = 0; l < 4; ++l) {
            Quad x, y;
            load(x, a + k + l * lanes);
            load(y, b + k + l * lanes);
            sums[l] += x * y;
        }
    }
    double result = sum((sums[0] + sums[2]) + (sums[1] + sums[3]));
    for (; k < n; ++k) result += a[k] * b[k];
    return result;
}

// Between `lower` and `upper`, and one where that is the value itself, else zero.
[[gnu::always_inline]] inline void clip_into(const Quad& value, const double* lower, const double* upper, double* target, double* free) {
    Quad low, high;
    load(low, lower);
    load(high, upper);
    const Quad raised = value < low ? low : value;
    const Quad clipped = raised > high ? high : raised;
    const Quad one = {1, 1, 1, 1}, zero = {};
    const Quad is_free = clipped == value ? one : zero;
    std::memcpy(target, &clipped, sizeof clipped);
    std::memcpy(free, &is_free, sizeof is_free);
}

[[gnu::always_inline]] inline void clip_into(double value, double lower, double upper, double& target, double& free) {
    target = std::min(std::max(value, lower), upper);
    free = target == value ? 1.0 : 0.0;
}

}  // namespace relutope::quads
