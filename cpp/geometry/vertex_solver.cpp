#include "geometry/vertex_solver.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "predicates/error_bound.hpp"

namespace relutope {

using error_bound::inflate;
using error_bound::underflow;
using error_bound::unit_roundoff;

namespace {

// Two Newton steps with at most this contraction come down to rounding.
constexpr double enough_contraction = 0x1p-28;

// Calls with the dimension where it gains much that the compiler knows it, else with zero.
template <class Call>
auto with_dimension(int n, Call&& call) {
#ifndef RELUTOPE_SMALL  // the browser's module
    switch (n) {
        case 3: return call(std::integral_constant<int, 3>());
        case 4: return call(std::integral_constant<int, 4>());
        case 5: return call(std::integral_constant<int, 5>());
        case 6: return call(std::integral_constant<int, 6>());
        default: break;
    }
#endif
    return call(std::integral_constant<int, 0>());
}

}  // namespace

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

bool VertexSolver::invert() {
    return with_dimension(n_, [&](auto dimension) { return invert_rows<dimension>(); });
}

// Gauss-Jordan inversion in place, then a bound on ||I - B A|| that includes the rounding of its own evaluation,
// n u |B| |A| in each entry, and the error of A's rows.
template <int N>
bool VertexSolver::invert_rows() {
    const int n = N > 0 ? N : n_;
    double* const b = inverse_.data();
    for (int i = 0; i < n; ++i)
        for (int k = 0; k < n; ++k) b[i * n + k] = weight_[chosen_[i] * n + k];
    int exchanged[64];
    for (int column = 0; column < n; ++column) {
        int pivot = column;
        for (int i = column + 1; i < n; ++i)
            if (std::fabs(b[i * n + column]) > std::fabs(b[pivot * n + column])) pivot = i;
        const double value = b[pivot * n + column];
        if (!(std::fabs(value) > 0)) return false;
        exchanged[column] = pivot;
        if (pivot != column)
            for (int k = 0; k < n; ++k) std::swap(b[pivot * n + k], b[column * n + k]);
        const double reciprocal = 1.0 / value;
        double line[N > 0 ? N : 64];
        b[column * n + column] = 1.0;
        for (int k = 0; k < n; ++k) line[k] = b[column * n + k] *= reciprocal;
        for (int i = 0; i < n; ++i) {
            if (i == column) continue;
            const double factor = b[i * n + column];
            b[i * n + column] = 0.0;
            for (int k = 0; k < n; ++k) b[i * n + k] -= factor * line[k];
        }
    }
    // So far it is the inverse of the rows as they were exchanged.
    for (int column = n - 1; column >= 0; --column)
        if (exchanged[column] != column)
            for (int i = 0; i < n; ++i) std::swap(b[i * n + column], b[i * n + exchanged[column]]);
    contraction_ = 0;
    for (int i = 0; i < n; ++i) {
        double value[N > 0 ? N : 64] = {}, size[N > 0 ? N : 64] = {};
        value[i] = size[i] = 1.0;
        double row = 0;
        for (int j = 0; j < n; ++j) {
            const double* const weight = weight_.data() + chosen_[j] * n;
            const double entry = b[i * n + j];
            for (int k = 0; k < n; ++k) {
                const double product = entry * weight[k];
                value[k] -= product;
                size[k] += std::fabs(product);
            }
        }
        for (int k = 0; k < n; ++k) row += std::fabs(value[k]) + (n + 2) * unit_roundoff * size[k] + underflow;
        for (int j = 0; j < n; ++j) row += std::fabs(b[i * n + j]) * weight_error_[chosen_[j]];
        if (std::isnan(row)) return false;
        contraction_ = std::max(contraction_, row * inflate);
    }
    return contraction_ < 0.5;
}

double VertexSolver::solve(double* point, const std::vector<double>& constant, const std::vector<double>& error) const {
    return with_dimension(n_, [&](auto dimension) { return solve_rows<dimension>(point, constant, error); });
}

// Newton steps x <- x - B (A x + c), then the a posteriori bound
//   |x - x*|_inf <= max_i sum_j |B_ij| |A x + c|_j / (1 - ||I - B A||).
// Each multiplies the error by the contraction, so that the third is of use where the first two have not come down to rounding.
template <int N>
double VertexSolver::solve_rows(double* point, const std::vector<double>& constant, const std::vector<double>& error) const {
    const int n = N > 0 ? N : n_;
    double x[N > 0 ? N : 64] = {}, rest[N > 0 ? N : 64];
    const auto row_of = [&](int j) { return weight_.data() + static_cast<std::size_t>(chosen_[j]) * n; };
    const auto residual = [&](int j) {
        const double* const weight = row_of(j);
        double value = constant[chosen_[j]];
        for (int k = 0; k < n; ++k) value += weight[k] * x[k];
        return value;
    };
    const int steps = contraction_ < enough_contraction ? 2 : 3;
    for (int step = 0; step < steps; ++step) {
        for (int j = 0; j < n; ++j) rest[j] = step == 0 ? constant[chosen_[j]] : residual(j);
        for (int i = 0; i < n; ++i)
            for (int j = 0; j < n; ++j) x[i] -= inverse_[i * n + j] * rest[j];
    }
    double extent = 0;
    for (int k = 0; k < n; ++k) extent = std::max(extent, std::fabs(x[k]));
    std::copy_n(x, n, point);
    for (int j = 0; j < n; ++j) {
        const double* const weight = row_of(j);
        double norm = 0;
        for (int k = 0; k < n; ++k) norm += std::fabs(weight[k]);
        const int row = chosen_[j];
        const auto bound = error_bound::form_bound(n, norm, constant[row], weight_error_[row], error[row]);
        rest[j] = std::fabs(residual(j)) + bound.at(0.0, extent);
    }
    double radius = 0;
    for (int i = 0; i < n; ++i) {
        double sum = 0;
        for (int j = 0; j < n; ++j) sum += std::fabs(inverse_[i * n + j]) * rest[j];
        if (std::isnan(sum)) return HUGE_VAL;
        radius = std::max(radius, sum);
    }
    return radius / (1.0 - contraction_) * inflate + underflow;
}

}  // namespace relutope
