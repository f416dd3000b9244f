// How far proposed multipliers are from the exact ones: a verified solution of a small linear system.
#pragma once

#include <span>
#include <vector>

namespace relutope {

class MultiplierSystem {
public:
    // Starts a system  y A = g  of n equations: A is n x n.
    void start(int n);
    // Row i of A, to be filled with rounded coefficients.
    double* row(int i) { return matrix_.data() + static_cast<std::size_t>(i) * n_; }
    // Bounds the sum of the errors of row i's coefficients.
    void set_error(int i, double error) { error_[i] = error; }

    // Bounds the largest component of y - y', where y is the solution for the true A and g, and y' any vector whose residual
    // |g - y' A| (true A and g, 1-norm) is at most `residual`. Infinite when A cannot be shown to be regular.
    double bound(double residual);

private:
    bool invert();

    int n_ = 0;
    std::vector<double> matrix_, error_, work_;
};

}  // namespace relutope
