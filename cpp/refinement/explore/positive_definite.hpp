// Positive definite linear systems in floating point.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace relutope {

// Solves a positive definite system, given by its lower triangle, in place: Cholesky's method. REQUIRES: positive diagonal entries.
inline void solve_positive_definite(std::vector<double>& matrix, std::vector<double>& x) {
    const std::size_t m = x.size();
    for (std::size_t i = 0; i < m; ++i) {
        double* line = matrix.data() + i * m;
        const double diagonal = line[i];
        for (std::size_t j = 0; j <= i; ++j) {
            const double* other = matrix.data() + j * m;
            for (std::size_t k = 0; k < j; ++k) line[j] -= line[k] * other[k];
            line[j] = i == j ? std::sqrt(std::max(line[j], 1e-12 * diagonal)) : line[j] / other[j];
        }
        for (std::size_t k = 0; k < i; ++k) x[i] -= line[k] * x[k];
        x[i] /= line[i];
    }
    for (std::size_t i = m; i-- > 0;) {
        for (std::size_t k = i + 1; k < m; ++k) x[i] -= matrix[k * m + i] * x[k];
        x[i] /= matrix[i * m + i];
    }
}

}  // namespace relutope
