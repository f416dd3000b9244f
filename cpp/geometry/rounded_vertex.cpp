#include "geometry/rounded_vertex.hpp"

#include <algorithm>
#include <cmath>

#include "predicates/double_double.hpp"
#include "predicates/error_bound.hpp"

namespace relutope {

using error_bound::inflate;
using error_bound::underflow;
using error_bound::unit_roundoff;

namespace {

constexpr int most_steps = 5;
constexpr double nearby = 0x1p-40;  // a step this small leaves next to nothing
// Coefficients may be off by 2^-1074 besides their relative error; up to here `underflow` covers that as well.
constexpr double largest_extent = 0x1p60;

}  // namespace

RoundedVertex::RoundedVertex(int dimension)
    : n_(dimension), solver_(dimension), high_(dimension), low_(dimension), rest_(dimension), radius_(dimension),
      known_(dimension) {}

void RoundedVertex::clear() {
    rows_.clear();
    solver_.clear();
}

void RoundedVertex::add_row(const exact::LeadingForm& form) {
    double error = 0;
    for (int k = 0; k < n_; ++k) error += std::fabs(form.low[k]) + unit_roundoff * std::fabs(form.high[k]);
    rows_.push_back(&form);
    solver_.add_row(form.high.data(), form.high[n_], error * inflate + underflow, 0.0, 0.0);
}

// Coordinates that a side of a box gives, +-x_k + c = 0 with c a double, and the origin.
void RoundedVertex::settle_exact_coordinates(double* point) {
    std::fill(known_.begin(), known_.end(), 0);
    const auto constant_is_zero = [this](const exact::LeadingForm* row) { return row->high[n_] == 0 && row->exact_constant; };
    if (std::all_of(rows_.begin(), rows_.end(), constant_is_zero)) {
        std::fill(known_.begin(), known_.end(), 1);
        std::fill_n(point, n_, 0.0);
        return;
    }
    for (const exact::LeadingForm* row : rows_) {
        if (row->only_axis < 0) continue;
        known_[row->only_axis] = 1;
        point[row->only_axis] = row->only_coordinate;
    }
}

bool RoundedVertex::solve(const double* start, double* point) {
    if (!solver_.factorise()) return false;
    settle_exact_coordinates(point);
    for (int k = 0; k < n_; ++k) high_[k] = std::fabs(start[k]) <= largest_extent ? start[k] : 0.0;
    std::fill(low_.begin(), low_.end(), 0.0);
    for (int k = 0; k < most_steps; ++k) {
        const double change = step();
        double extent = 0;
        for (const double x : high_) extent = std::max(extent, std::fabs(x));
        const bool near = change <= nearby * extent;
        if ((near || k + 1 == most_steps) && round(point)) return true;
    }
    return false;
}

// A x + c in twice the precision. Each product, its three roundings and the parts left out cost at most 8 u^2 |a x|, each addition
// 9 u^2 S with S the sum of all |a x| and |c|, and coefficients are off by 2^-105 of themselves: together less than
// (n + 1) 2^-101 S, see residual_error.
double RoundedVertex::residual(const exact::LeadingForm& form) const {
    double high = form.high[n_];
    double low = form.low[n_];
    for (int k = 0; k < n_; ++k) {
        const double product = form.high[k] * high_[k];
        const double error = double_double::product_error(product, double_double::split(form.high[k]), double_double::split(high_[k]));
        const double rest = error + (form.high[k] * low_[k] + form.low[k] * high_[k]);
        const double sum = high + product;
        low = double_double::sum_error(sum, high, product) + (low + rest);
        high = sum + low;
        low = double_double::sum_error(high, sum, low);
    }
    return high + low;
}

double RoundedVertex::residual_error(const exact::LeadingForm& form) const {
    double size = std::fabs(form.high[n_]);
    for (int k = 0; k < n_; ++k) size += std::fabs(form.high[k] * high_[k]);
    return (n_ + 1) * 0x1p-100 * size + underflow;
}

// Returns the largest change of a coordinate.
double RoundedVertex::step() {
    double largest = 0;
    const int* chosen = solver_.chosen();
    const double* inverse = solver_.inverse();
    for (int j = 0; j < n_; ++j) rest_[j] = residual(*rows_[chosen[j]]);
    for (int i = 0; i < n_; ++i) {
        double change = 0;
        for (int j = 0; j < n_; ++j) change -= inverse[i * n_ + j] * rest_[j];
        const double sum = high_[i] + change;
        const double low = low_[i] + double_double::sum_error(sum, high_[i], change);
        high_[i] = sum + low;
        low_[i] = double_double::sum_error(high_[i], sum, low);
        largest = std::max(largest, std::fabs(change));
    }
    return largest;
}

bool RoundedVertex::round(double* point) {
    const int* chosen = solver_.chosen();
    const double* inverse = solver_.inverse();
    for (int j = 0; j < n_; ++j) {
        const exact::LeadingForm& form = *rows_[chosen[j]];
        rest_[j] = std::fabs(residual(form)) * inflate + residual_error(form);
    }
    double extent = 0;
    double largest = 0;
    for (int i = 0; i < n_; ++i) {
        radius_[i] = 0;
        for (int j = 0; j < n_; ++j) radius_[i] += std::fabs(inverse[i * n_ + j]) * rest_[j];
        radius_[i] = radius_[i] * inflate + underflow;
        largest = std::max(largest, radius_[i]);
        extent = std::max(extent, std::fabs(high_[i]) + radius_[i]);
        if (!(std::isfinite(radius_[i]) && std::isfinite(high_[i]))) return false;
    }
    if (!(extent <= largest_extent)) return false;
    const double shared = solver_.contraction() * largest / (1.0 - solver_.contraction());
    for (int i = 0; i < n_; ++i) {
        if (known_[i]) continue;
        // The last term covers the roundings of low -+ radius themselves.
        const double radius = (radius_[i] + shared) * inflate + 0x1p-50 * std::fabs(low_[i]) + underflow;
        point[i] = high_[i] + (low_[i] - radius);
        if (point[i] != high_[i] + (low_[i] + radius) || point[i] == 0) return false;
    }
    return true;
}

}  // namespace relutope
