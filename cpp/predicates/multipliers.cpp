#include "predicates/multipliers.hpp"

#include <algorithm>
#include <cmath>

#include "predicates/clones.hpp"
#include "predicates/error_bound.hpp"

namespace relutope {

using error_bound::inflate;
using error_bound::unit_roundoff;

void MultiplierSystem::start(int n) {
    n_ = n;
    matrix_.assign(static_cast<std::size_t>(n) * n, 0.0);
    error_.assign(n, 0.0);
}

// Gauss-Jordan with partial pivoting of (A | I); the right half becomes the inverse, to rounding.
RELUTOPE_CLONES
bool MultiplierSystem::invert() {
    const int n = n_, width = 2 * n;
    work_.assign(static_cast<std::size_t>(n) * width, 0.0);
    const auto at = [&](int i, int j) -> double& { return work_[static_cast<std::size_t>(i) * width + j]; };
    for (int i = 0; i < n; ++i) {
        std::copy_n(row(i), n, &at(i, 0));
        at(i, n + i) = 1;
    }
    for (int column = 0; column < n; ++column) {
        int pivot = column;
        for (int i = column + 1; i < n; ++i)
            if (std::fabs(at(i, column)) > std::fabs(at(pivot, column))) pivot = i;
        if (!(std::fabs(at(pivot, column)) > 0)) return false;
        if (pivot != column) std::swap_ranges(&at(pivot, 0), &at(pivot, 0) + width, &at(column, 0));
        const double inverse = 1 / at(column, column);
        double* __restrict source = &at(column, 0);
        for (int j = column; j < width; ++j) source[j] *= inverse;
        for (int i = 0; i < n; ++i) {
            double* __restrict target = &at(i, 0);
            const double factor = target[column];
            if (i == column || factor == 0) continue;
            for (int j = column; j < width; ++j) target[j] -= factor * source[j];
        }
    }
    return true;
}

// With B close to the inverse of A, E = I - A B and rho = g - y' A:  y - y' = rho B (I - E)^-1,  so no component is off by more
// than ||rho||_1 max|B| / (1 - ||E||), with the norm of E that belongs to row vectors in the maximum norm (largest column sum).
// An entry of E is off by the rounding of n products and sums, at most (n + 3) u max|B| times the row's 1-norm, and by the row's
// own errors times max|B|.
RELUTOPE_CLONES
double MultiplierSystem::bound(double residual) {
    const int n = n_;
    if (n == 0) return 0;
    if (!invert()) return error_bound::infinite;
    const auto inverse = [&](int k) { return work_.data() + static_cast<std::size_t>(k) * 2 * n + n; };
    double largest = 0;
    for (int k = 0; k < n; ++k)
        for (int j = 0; j < n; ++j) largest = std::max(largest, std::fabs(inverse(k)[j]));
    std::vector<double> column(n, 0.0), entry(n);
    for (int i = 0; i < n; ++i) {
        const double* a = row(i);
        double size = 0;
        std::fill(entry.begin(), entry.end(), 0.0);
        entry[i] = 1;
        for (int k = 0; k < n; ++k) {
            size += std::fabs(a[k]);
            const double* __restrict b = inverse(k);
            double* __restrict target = entry.data();
            for (int j = 0; j < n; ++j) target[j] -= a[k] * b[j];
        }
        const double off = (error_[i] + (n + 3) * unit_roundoff * size) * largest + n * unit_roundoff;
        for (int j = 0; j < n; ++j) column[j] += std::fabs(entry[j]) + off;
    }
    double norm = 0;
    for (const double sum : column) {
        if (!(sum < 0.4)) return error_bound::infinite;  // NaN too, which an entry of B that is NaN makes here
        norm = std::max(norm, sum);
    }
    return residual * largest / (1 - norm * inflate) * inflate + error_bound::underflow;
}

}  // namespace relutope
