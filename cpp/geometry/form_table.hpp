// The affine forms of one level in floating point, each with its error bound, stored by column so that all forms are
// evaluated at one point in straight loops.
#pragma once

#include <cmath>
#include <vector>

#include "predicates/error_bound.hpp"

namespace relutope {

class FormTable {
public:
    FormTable(int dimension, int count)
        : dimension_(dimension), count_(count), column_((dimension + 1) * count),
          weight_error_(count), constant_error_(count), alpha_(count), beta_(count), gamma_(count) {}

    int dimension() const { return dimension_; }
    int count() const { return count_; }
    // Coefficient k of every form; k = dimension() is the constant.
    double* column(int k) { return column_.data() + static_cast<std::size_t>(k) * count_; }
    const double* column(int k) const { return column_.data() + static_cast<std::size_t>(k) * count_; }
    double coefficient(int form, int k) const { return column(k)[form]; }
    // Bound on sum_k |weight error|, and on the constant's error.
    double* weight_error() { return weight_error_.data(); }
    double* constant_error() { return constant_error_.data(); }
    const double* weight_error() const { return weight_error_.data(); }
    const double* constant_error() const { return constant_error_.data(); }

    const double* alpha() const { return alpha_.data(); }
    const double* beta() const { return beta_.data(); }
    const double* gamma() const { return gamma_.data(); }

    // Brings the bounds up to date after coefficients or errors have changed.
    void update_bounds() {
        if constexpr (!error_bound::certified) return;
        // The arrays are distinct, which the compiler has to know to use vector instructions.
        double* __restrict alpha = alpha_.data();
        double* __restrict beta = beta_.data();
        double* __restrict gamma = gamma_.data();
        const double* __restrict weight_error = weight_error_.data();
        const double* __restrict constant_error = constant_error_.data();
        const double* __restrict constant = column(dimension_);
        const int count = count_;
        for (int i = 0; i < count; ++i) alpha[i] = std::fabs(column_[i]);
        for (int k = 1; k < dimension_; ++k) {
            const double* __restrict w = column(k);
            for (int i = 0; i < count; ++i) alpha[i] += std::fabs(w[i]);
        }
        for (int i = 0; i < count; ++i) {
            const auto bound = error_bound::form_bound(dimension_, alpha[i], constant[i], weight_error[i], constant_error[i]);
            alpha[i] = bound.alpha;
            beta[i] = bound.beta;
            gamma[i] = bound.gamma;
        }
    }

    double error(int form, double radius, double extent) const {
        return alpha_[form] * radius + beta_[form] * extent + gamma_[form];
    }

private:
    int dimension_;
    int count_;
    std::vector<double> column_;
    std::vector<double> weight_error_;
    std::vector<double> constant_error_;
    std::vector<double> alpha_;
    std::vector<double> beta_;
    std::vector<double> gamma_;
};

}  // namespace relutope
