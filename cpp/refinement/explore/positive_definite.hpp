// Positive definite linear systems in floating point.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "geometry/halfspace_rows.hpp"

namespace relutope {

// Solves a positive definite system, given by its lower triangle, in place: Cholesky's method. REQUIRES: positive diagonal entries.
inline void solve_positive_definite(std::vector<double>& matrix, std::vector<double>& x) {
    const std::size_t m = x.size();
    for (std::size_t i = 0; i < m; ++i) {
        double* line = matrix.data() + i * m;
        const double diagonal = line[i];
        for (std::size_t j = 0; j <= i; ++j) {
            const double* other = matrix.data() + j * m;
            line[j] -= dot(line, other, static_cast<int>(j));
            line[j] = i == j ? std::sqrt(std::max(line[j], 1e-12 * diagonal)) : line[j] / other[j];
        }
        x[i] = (x[i] - dot(line, x.data(), static_cast<int>(i))) / line[i];
    }
    for (std::size_t i = m; i-- > 0;) {
        x[i] /= matrix[i * m + i];
        for (std::size_t k = 0; k < i; ++k) x[k] -= matrix[i * m + k] * x[i];
    }
}

}  // namespace relutope
