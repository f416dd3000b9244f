#include "geometry/vertex_solver.hpp"

#include <algorithm>
#include <cmath>

#include "predicates/error_bound.hpp"

namespace relutope {

using error_bound::inflate;
using error_bound::underflow;
using error_bound::unit_roundoff;

VertexSolver::VertexSolver(int dimension)
    : n_(dimension), chosen_(dimension), inverse_(static_cast<std::size_t>(dimension) * dimension) {}

void VertexSolver::add_row(const double* weight, double constant, double weight_error, double constant_error,
                           double infinite) {
    const std::size_t needed = static_cast<std::size_t>(count_) + 1;
    if (constant_.size() < needed) {
        weight_.resize(needed * n_);
        constant_.resize(needed);
        weight_error_.resize(needed);
        constant_error_.resize(needed);
        infinite_.resize(needed);
        no_error_.resize(needed, 0.0);
    }
    std::copy_n(weight, n_, weight_.data() + static_cast<std::size_t>(count_) * n_);
    constant_[count_] = constant;
    weight_error_[count_] = weight_error;
    constant_error_[count_] = constant_error;
    infinite_[count_] = infinite;
    ++count_;
}

bool VertexSolver::factorise() { return choose_rows() && invert(); }

// Gaussian elimination with row pivoting relative to each row's size; the pivot rows are the choice.
bool VertexSolver::choose_rows() {
    if (count_ < n_) return false;
    if (count_ == n_) {
        for (int i = 0; i < n_; ++i) chosen_[i] = i;
        return true;
    }
    work_.assign(weight_.begin(), weight_.begin() + static_cast<std::ptrdiff_t>(count_) * n_);
    std::vector<double> size(count_);
    std::vector<char> used(count_, 0);
    for (int i = 0; i < count_; ++i)
        for (int k = 0; k < n_; ++k) size[i] += std::fabs(work_[i * n_ + k]);
    for (int column = 0; column < n_; ++column) {
        int pivot = -1;
        double best = 0;
        for (int i = 0; i < count_; ++i) {
            const double ratio = used[i] ? 0 : std::fabs(work_[i * n_ + column]) / size[i];
            if (ratio > best) {
                best = ratio;
                pivot = i;
            }
        }
        if (pivot < 0) return false;
        used[pivot] = 1;
        chosen_[column] = pivot;
        for (int i = 0; i < count_; ++i) {
            if (used[i]) continue;
            const double factor = work_[i * n_ + column] / work_[pivot * n_ + column];
            for (int k = column; k < n_; ++k) work_[i * n_ + k] -= factor * work_[pivot * n_ + k];
        }
    }
    return true;
}

// Gauss-Jordan inversion, then a bound on ||I - B A|| that includes the rounding of its own evaluation,
// n u |B| |A| in each entry, and the error of A's rows.
bool VertexSolver::invert() {
    const int n = n_;
    work_.resize(static_cast<std::size_t>(2 * n) * n);
    for (int i = 0; i < n; ++i) {
        for (int k = 0; k < n; ++k) {
            work_[i * 2 * n + k] = weight_[chosen_[i] * n + k];
            work_[i * 2 * n + n + k] = i == k ? 1.0 : 0.0;
        }
    }
    for (int column = 0; column < n; ++column) {
        int pivot = column;
        for (int i = column + 1; i < n; ++i)
            if (std::fabs(work_[i * 2 * n + column]) > std::fabs(work_[pivot * 2 * n + column])) pivot = i;
        const double value = work_[pivot * 2 * n + column];
        if (!(std::fabs(value) > 0)) return false;
        for (int k = 0; k < 2 * n; ++k) {
            std::swap(work_[pivot * 2 * n + k], work_[column * 2 * n + k]);
            work_[column * 2 * n + k] /= value;
        }
        for (int i = 0; i < n; ++i) {
            if (i == column) continue;
            const double factor = work_[i * 2 * n + column];
            for (int k = 0; k < 2 * n; ++k) work_[i * 2 * n + k] -= factor * work_[column * 2 * n + k];
        }
    }
    contraction_ = 0;
    for (int i = 0; i < n; ++i) {
        double row = 0;
        for (int k = 0; k < n; ++k) inverse_[i * n + k] = work_[i * 2 * n + n + k];
        for (int k = 0; k < n; ++k) {
            double value = i == k ? 1.0 : 0.0;
            double size = value;
            for (int j = 0; j < n; ++j) {
                const double product = inverse_[i * n + j] * weight_[chosen_[j] * n + k];
                value -= product;
                size += std::fabs(product);
            }
            row += std::fabs(value) + (n + 2) * unit_roundoff * size + underflow;
        }
        for (int j = 0; j < n; ++j) row += std::fabs(inverse_[i * n + j]) * weight_error_[chosen_[j]];
        contraction_ = std::max(contraction_, row * inflate);
        if (std::isnan(row)) return false;
    }
    return contraction_ < 0.5;
}

double VertexSolver::residual(int row, const double* point, double constant) const {
    double value = constant;
    for (int k = 0; k < n_; ++k) value += weight_[row * n_ + k] * point[k];
    return value;
}

// Two Newton steps x <- x - B (A x + c), then the a posteriori bound
//   |x - x*|_inf <= max_i sum_j |B_ij| |A x + c|_j / (1 - ||I - B A||).
double VertexSolver::solve(double* point, const std::vector<double>& constant, const std::vector<double>& error) const {
    const int n = n_;
    std::fill_n(point, n, 0.0);
    double rest[64];
    for (int step = 0; step < 3; ++step) {
        for (int j = 0; j < n; ++j) rest[j] = residual(chosen_[j], point, constant[chosen_[j]]);
        for (int i = 0; i < n; ++i)
            for (int j = 0; j < n; ++j) point[i] -= inverse_[i * n + j] * rest[j];
    }
    double extent = 0;
    for (int k = 0; k < n; ++k) extent = std::max(extent, std::fabs(point[k]));
    for (int j = 0; j < n; ++j) {
        const int row = chosen_[j];
        double norm = 0;
        for (int k = 0; k < n; ++k) norm += std::fabs(weight_[row * n + k]);
        const auto bound = error_bound::form_bound(n, norm, constant[row], weight_error_[row], error[row]);
        rest[j] = std::fabs(residual(row, point, constant[row])) + bound.at(0.0, extent);
    }
    double radius = 0;
    for (int i = 0; i < n; ++i) {
        double sum = 0;
        for (int j = 0; j < n; ++j) sum += std::fabs(inverse_[i * n + j]) * rest[j];
        radius = std::max(radius, sum);
        if (std::isnan(sum)) return HUGE_VAL;
    }
    return radius / (1.0 - contraction_) * inflate + underflow;
}

}  // namespace relutope
