// All eigenpairs of a small symmetric matrix.
#pragma once

#include <vector>

namespace relutope {

struct EigenPairs {
    std::vector<double> values;   // descending
    std::vector<double> vectors;  // row k: unit eigenvector of value k
};

// Jacobi's method, cyclic. REQUIRES: `matrix` is size x size, symmetric and finite; size is at most a few hundred.
EigenPairs symmetric_eigen(std::vector<double> matrix, int size);

}  // namespace relutope
