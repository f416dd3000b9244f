#include "spectra/symmetric_eigen.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace relutope {

namespace {

// Rotates rows and columns p and q of `a` so that a_pq vanishes, and rows p and q of `v`.
void rotate(std::vector<double>& a, std::vector<double>& v, int n, int p, int q) {
    const double apq = a[p * n + q];
    const double theta = (a[q * n + q] - a[p * n + p]) / (2 * apq);
    const double t = std::copysign(1.0, theta) / (std::fabs(theta) + std::hypot(theta, 1.0));
    const double c = 1 / std::hypot(t, 1.0);
    const double s = t * c;
    for (int k = 0; k < n; ++k) {
        const double akp = a[k * n + p];
        const double akq = a[k * n + q];
        a[k * n + p] = c * akp - s * akq;
        a[k * n + q] = s * akp + c * akq;
    }
    for (int k = 0; k < n; ++k) {
        const double apk = a[p * n + k];
        const double aqk = a[q * n + k];
        a[p * n + k] = c * apk - s * aqk;
        a[q * n + k] = s * apk + c * aqk;
        const double vpk = v[p * n + k];
        const double vqk = v[q * n + k];
        v[p * n + k] = c * vpk - s * vqk;
        v[q * n + k] = s * vpk + c * vqk;
    }
    a[p * n + q] = a[q * n + p] = 0;
}

}  // namespace

EigenPairs symmetric_eigen(std::vector<double> a, int n) {
    std::vector<double> v(static_cast<std::size_t>(n) * n);
    for (int k = 0; k < n; ++k) v[k * n + k] = 1;
    constexpr int most_sweeps = 60;
    bool changed = n > 1;
    for (int sweep = 0; sweep < most_sweeps && changed; ++sweep) {
        changed = false;
        for (int p = 0; p < n; ++p)
            for (int q = p + 1; q < n; ++q) {
                const double scale = std::sqrt(std::fabs(a[p * n + p])) * std::sqrt(std::fabs(a[q * n + q]));
                const double small = std::numeric_limits<double>::epsilon() * scale;
                if (!(std::fabs(a[p * n + q]) > std::max(small, std::numeric_limits<double>::min()))) continue;
                rotate(a, v, n, p, q);
                changed = true;
            }
    }
    std::vector<int> order(n);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int i, int j) { return a[i * n + i] > a[j * n + j]; });
    EigenPairs found;
    for (const int k : order) {
        found.values.push_back(a[k * n + k]);
        found.vectors.insert(found.vectors.end(), v.begin() + k * n, v.begin() + (k + 1) * n);
    }
    return found;
}

}  // namespace relutope
