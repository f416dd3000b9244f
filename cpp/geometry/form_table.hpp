// The affine forms of one level in floating point, stored by column so that all forms are evaluated at one point in straight loops,
// with bounds on their errors.
//
// The bounds of all forms follow from a few numbers of the whole table and three of each form that never change, so that they
// cost next to nothing when the coefficients do: with the sizes s of the table, form i has
//     sum_k |weight error|  <= scale_i s.weight_error
//     |constant error|      <= scale_i s.constant_error + offset_i s.offset_error + low_i
//     sum_k |weight_k|      <= scale_i s.norm
//     |constant|            <= scale_i s.constant + offset_i.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "predicates/error_bound.hpp"

namespace relutope {

struct FormSizes {
    double norm = 1;
    double constant = 0;
    double weight_error = 0;
    double constant_error = 0;
    double offset_error = 0;
    double underflow = 0;  // added to every error
};

class FormTable {
public:
    FormTable(int dimension, int count)
        : dimension_(dimension), count_(count), column_(static_cast<std::size_t>(dimension + 1) * count), scale_(count), offset_(count),
          low_(count) {}

    int dimension() const { return dimension_; }
    int count() const { return count_; }
    // Coefficient k of every form; k = dimension() is the constant.
    double* column(int k) { return column_.data() + static_cast<std::size_t>(k) * count_; }
    const double* column(int k) const { return column_.data() + static_cast<std::size_t>(k) * count_; }
    double coefficient(int form, int k) const { return column(k)[form]; }

    // value[i]: form i < `count` at x, or its coefficient of R at a point at infinity; summed from the constant on, in order of columns.
    void evaluate(const double* x, bool infinite, int count, double* __restrict value) const {
        if (count > 32) return evaluate_many(x, infinite, count, value);  // by wide vectors, at the price of a call
        const double* constant = column(dimension_);
        for (int i = 0; i < count; ++i) value[i] = infinite ? 0.0 : constant[i];
        for (int k = 0; k < dimension_; ++k) {
            const double* const w = column(k);
            for (int i = 0; i < count; ++i) value[i] += w[i] * x[k];
        }
    }
    // The least and the largest value on a box of form i < `count`, both summed like a point's: rounded sums are monotone, so that they
    // enclose what `evaluate` gives at any point of the box.
    void bound_on_box(const double* lower, const double* upper, int count, double* least, double* most) const;

    // What each form's bounds are made of.
    double scale(int form) const { return scale_[form]; }
    double offset(int form) const { return offset_[form]; }
    void describe(int form, double scale, double offset, double low) {
        scale_[form] = scale;
        offset_[form] = offset;
        low_[form] = low;
    }
    // To be called when describe() or the coefficients have changed.
    void set_sizes(const FormSizes& sizes) {
        if constexpr (!error_bound::certified) return;
        sizes_ = sizes;
        const auto largest = [](const std::vector<double>& values) {
            return values.empty() ? 0.0 : *std::max_element(values.begin(), values.end());
        };
        if (largest_scale_ < 0) {
            largest_scale_ = largest(scale_);
            largest_offset_ = largest(offset_);
            largest_low_ = largest(low_);
        }
        widest_ = error_bound::form_bound(dimension_, largest_scale_ * sizes.norm, largest_scale_ * sizes.constant + largest_offset_,
                                          weight_error_of(largest_scale_),
                                          constant_error_of(largest_scale_, largest_offset_, largest_low_));
    }
    // For coefficients that are exact but for the given errors of the constants, and stay as they are.
    void set_exact(const double* low) {
        for (int i = 0; i < count_; ++i) {
            double norm = 0;
            for (int k = 0; k < dimension_; ++k) norm += std::fabs(column(k)[i]);
            describe(i, norm * error_bound::inflate, std::fabs(column(dimension_)[i]), low ? std::fabs(low[i]) : 0.0);
        }
        set_sizes({});
    }

    // Bound on sum_k |weight error|, and on the constant's error.
    double weight_error(int form) const { return weight_error_of(scale_[form]); }
    double constant_error(int form) const { return constant_error_of(scale_[form], offset_[form], low_[form]); }

    error_bound::FormBound bound(int form) const {
        double norm = 0;
        for (int k = 0; k < dimension_; ++k) norm += std::fabs(column(k)[form]);
        return error_bound::form_bound(dimension_, norm, column(dimension_)[form], weight_error(form), constant_error(form));
    }
    // Holds for every form, and costs nothing.
    const error_bound::FormBound& widest_bound() const { return widest_; }

    double error(int form, double radius, double extent) const { return bound(form).at(radius, extent); }

private:
    void evaluate_many(const double* x, bool infinite, int count, double* value) const;

    double weight_error_of(double scale) const {
        return scale * sizes_.weight_error * error_bound::inflate + sizes_.underflow;
    }
    double constant_error_of(double scale, double offset, double low) const {
        return (scale * sizes_.constant_error + offset * sizes_.offset_error + low) * error_bound::inflate + sizes_.underflow;
    }

    int dimension_;
    int count_;
    std::vector<double> column_;
    std::vector<double> scale_, offset_, low_;
    double largest_scale_ = -1, largest_offset_ = 0, largest_low_ = 0;
    FormSizes sizes_;
    error_bound::FormBound widest_{};
};

}  // namespace relutope
