#include "geometry/refined_vertex.hpp"

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
// Coefficients may be off by 2^-1074 besides their relative error; up to here `underflow` covers that as well, and the larger padding
// that of coefficients that were multiplied by up to `largest_scale`.
constexpr double largest_extent = 0x1p60;
constexpr double largest_scale = 0x1p240, scaled_padding = 0x1p-700;
// Sizes within this of each other need no scaling.
constexpr double much = 0x1p8;
// Scaled results are exact in this range.
constexpr double least_normal = 0x1p-960, largest_normal = 0x1p960;

// 2^-e for a size in [2^e, 2^(e + 1)).
double inverse_size(double size) { return std::ldexp(1.0, -std::ilogb(size)); }

}  // namespace

RefinedVertex::RefinedVertex(int dimension)
    : n_(dimension), column_scale_(dimension), no_scale_(dimension, 1.0), solver_(dimension), high_(dimension), low_(dimension),
      rest_(dimension), radius_(dimension), known_(dimension) {}

bool RefinedVertex::factorise() {
    if (!scale()) return false;
    solver_.clear();
    for (const exact::LeadingForm* row : rows_) {
        double error = 0;
        for (int k = 0; k < n_; ++k) error += std::fabs(row->low[k]) + unit_roundoff * std::fabs(row->high[k]);
        solver_.add_row(row->high.data(), row->high[n_], error * inflate + padding_, 0.0, 0.0);
    }
    return solver_.factorise();
}

// Weights are at most one in size (exact::LeadingForm), so no scale is less than one. False when there is none that will do.
bool RefinedVertex::scale() {
    padding_ = underflow;
    double largest_of_rows = 1;
    std::fill(column_scale_.begin(), column_scale_.end(), 0.0);
    std::vector<double>& row_scale = rest_;
    row_scale.assign(std::max<std::size_t>(rows_.size(), n_), 1.0);
    for (std::size_t j = 0; j < rows_.size(); ++j) {
        const double* const weight = rows_[j]->high.data();
        double size = 0;
        for (int k = 0; k < n_; ++k) size = std::max(size, std::fabs(weight[k]));
        if (!(size > 0)) return false;
        row_scale[j] = inverse_size(size);
        largest_of_rows = std::max(largest_of_rows, row_scale[j]);
        for (int k = 0; k < n_; ++k) column_scale_[k] = std::max(column_scale_[k], std::fabs(weight[k]) * row_scale[j]);
    }
    double largest = 1;
    for (double& size : column_scale_) {
        if (!(size > 0 && std::isfinite(size))) return false;
        size = inverse_size(size);
        largest = std::max(largest, size);
    }
    is_scaled_ = largest > much || largest_of_rows > much;
    if (!is_scaled_) {
        std::fill(column_scale_.begin(), column_scale_.end(), 1.0);
        return true;
    }
    if (!(largest * largest_of_rows <= largest_scale)) return false;
    padding_ = scaled_padding;
    if (scaled_.size() < rows_.size()) scaled_.resize(rows_.size());
    for (std::size_t j = 0; j < rows_.size(); ++j) {
        exact::LeadingForm& row = scaled_[j];
        row = *rows_[j];
        for (int k = 0; k <= n_; ++k) {
            const double factor = k < n_ ? row_scale[j] * column_scale_[k] : row_scale[j];
            row.high[k] *= factor;
            row.low[k] *= factor;
        }
        row.infinite *= row_scale[j];
        rows_[j] = &row;
    }
    return true;
}

bool RefinedVertex::solve(Part part, const double* start) {
    part_ = part;
    for (int k = 0; k < n_; ++k) {
        const double y = start[k] / column_scale_[k];
        high_[k] = std::fabs(y) <= largest_extent ? y : 0.0;
    }
    std::fill(low_.begin(), low_.end(), 0.0);
    for (int k = 0; k < most_steps; ++k) {
        const double change = step();
        double extent = 0;
        for (const double y : high_) extent = std::max(extent, std::fabs(y));
        if (change <= nearby * extent) break;
    }
    return enclose();
}

// A y + c in twice the precision, with the row's columns multiplied by `column_scale`. Each product, its three roundings and the parts left
// out cost at most 8 u^2 |a y|, each addition 9 u^2 S with S the sum of all |a y| and |c|, and coefficients are off by 2^-105 of
// themselves: together less than (n + 1) 2^-101 S.
RefinedVertex::Enclosed RefinedVertex::residual(const exact::LeadingForm& row, const double* column_scale) const {
    const bool finite = part_ == Part::finite;
    double high = finite ? row.high[n_] : row.infinite;
    double low = finite ? row.low[n_] : 0.0;
    double size = std::fabs(high);
    for (int k = 0; k < n_; ++k) {
        const double weight = row.high[k] * column_scale[k], weight_low = row.low[k] * column_scale[k];
        const double product = weight * high_[k];
        const double error = double_double::product_error(product, double_double::split(weight), double_double::split(high_[k]));
        const double rest = error + (weight * low_[k] + weight_low * high_[k]);
        const double sum = high + product;
        low = double_double::sum_error(sum, high, product) + (low + rest);
        high = sum + low;
        low = double_double::sum_error(high, sum, low);
        size += std::fabs(product);
    }
    return {high + low, (n_ + 1) * 0x1p-100 * size + padding_};
}

// Returns the largest change of a coordinate.
double RefinedVertex::step() {
    double largest = 0;
    const int* chosen = solver_.chosen();
    const double* inverse = solver_.inverse();
    for (int j = 0; j < n_; ++j) rest_[j] = residual(*rows_[chosen[j]], no_scale_.data()).value;
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

bool RefinedVertex::enclose() {
    const int* chosen = solver_.chosen();
    const double* inverse = solver_.inverse();
    for (int j = 0; j < n_; ++j) {
        const Enclosed value = residual(*rows_[chosen[j]], no_scale_.data());
        rest_[j] = std::fabs(value.value) * inflate + value.error;
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
    for (double& radius : radius_) radius = (radius + shared) * inflate;
    return true;
}

// Coordinates that a side of a box gives, +-x_k + c = 0 with c a double, and the origin.
void RefinedVertex::settle_exact_coordinates(double* point) {
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

bool RefinedVertex::round(double* point) {
    settle_exact_coordinates(point);
    const auto proven = [&] {
        for (int i = 0; i < n_; ++i) {
            if (known_[i]) continue;
            // The last term covers the roundings of low -+ radius themselves.
            const double radius = radius_[i] * inflate + 0x1p-50 * std::fabs(low_[i]) + underflow;
            const double y = high_[i] + (low_[i] - radius);
            if (y != high_[i] + (low_[i] + radius) || y == 0) return false;
            point[i] = column_scale_[i] * y;
            if (is_scaled_ && !(std::fabs(y) >= least_normal && std::fabs(point[i]) <= largest_normal)) return false;
        }
        return true;
    };
    if (proven()) return true;
    step();
    return enclose() && proven();
}

double RefinedVertex::near(double* point) const {
    double largest = 0;
    for (int k = 0; k < n_; ++k) {
        point[k] = column_scale_[k] * high_[k];
        largest = std::max(largest, column_scale_[k] * (radius_[k] + std::fabs(low_[k])));
    }
    return largest * inflate + underflow;
}

// The form is not scaled itself: its columns are.
std::optional<Sign> RefinedVertex::sign_of(const exact::LeadingForm& form) const {
    const Enclosed value = residual(form, column_scale_.data());
    double error = value.error;
    for (int k = 0; k < n_; ++k) error += (std::fabs(form.high[k]) + std::fabs(form.low[k])) * column_scale_[k] * radius_[k];
    return sign_filtered(value.value, error * inflate + padding_);
}

}  // namespace relutope
