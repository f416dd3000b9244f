#include "geometry/form_difference.hpp"

#include <algorithm>
#include <cmath>

#include "predicates/double_double.hpp"

namespace relutope {

using double_double::Number;
using error_bound::inflate;
using error_bound::unit_roundoff;

namespace {

constexpr double largest_multiple = 0x1p200;
constexpr double least_size = 0x1p-300;
constexpr double pair_rounding = 0x1p-100, least_padding = 0x1p-860;

}  // namespace

bool FormDifference::take(const exact::LeadingForm& form, const exact::LeadingForm& row) {
    if (form.infinite != 0 || row.infinite != 0) return false;
    int largest = 0;
    for (int k = 1; k < n_; ++k)
        if (std::fabs(row.high[k]) > std::fabs(row.high[largest])) largest = k;
    const double factor = form.high[largest] / row.high[largest];
    if (!(std::fabs(factor) <= largest_multiple)) return false;
    double size = 0;
    weight_error_ = 0;
    for (int k = 0; k <= n_; ++k) {
        const Number product = Number(factor) * Number(row.high[k], row.low[k]);
        row_[k] = (Number(form.high[k], form.low[k]) - product).high;
        const double error = pair_rounding * (std::fabs(form.high[k]) + std::fabs(product.high)) + unit_roundoff * std::fabs(row_[k]) + least_padding;
        size = std::max(size, std::fabs(row_[k]));
        k < n_ ? weight_error_ += error : constant_error_ = error;
    }
    if (!(size >= least_size)) return false;
    const double scale = std::ldexp(1.0, -std::ilogb(size));
    for (double& entry : row_) entry *= scale;
    weight_error_ = weight_error_ * scale * inflate + error_bound::coefficient_padding;
    constant_error_ = constant_error_ * scale * inflate + error_bound::coefficient_padding;
    return true;
}

error_bound::FormBound FormDifference::bound() const {
    double norm = 0;
    for (int k = 0; k < n_; ++k) norm += std::fabs(row_[k]);
    return error_bound::form_bound(n_, norm, row_[n_], weight_error_, constant_error_);
}

}  // namespace relutope
