// What is left of a form when a multiple of a nearly parallel one is taken from it: where that one vanishes, both have the same sign.
//
// Hyperplanes of nearly repeated neurons have a strip between them that doubles do not resolve: at a vertex on h, the form s h + d has
// the value d, which is 2^-53 of its coefficients, and less than the rounding of its own evaluation. The difference d is a form like
// any other once it is known on its own, and so is a row of it: h and d have one common zero where h and s h + d seem to have many.
//
// Both forms are sums of two doubles (exact::LeadingForm), off by at most 2^-105 of their size and 2^-1074. With any double s,
// |s| <= 2^200, the product s r_k is off by 2^-103 of its size and 2^-1070 more, the difference f_k - s r_k by 2^-103 of its own, and
// only its leading double is kept, which costs u of it. Together, with what the forms themselves are off by,
//     |d'_k - d_k| <= 2^-100 (|f_k| + |s r_k|) + u |d'_k| + 2^-860.
// Powers of two then bring the largest coefficient to size one. What becomes too small for a double by that is off by 2^-1074, which the
// padding of all errors together covers in fewer than 2^14 coefficients.
#pragma once

#include <cmath>
#include <vector>

#include "exact/linear.hpp"
#include "predicates/error_bound.hpp"

namespace relutope {

class FormDifference {
public:
    explicit FormDifference(int dimension) : n_(dimension), row_(dimension + 1) {}

    // Whether doubles lose most of the difference of two forms with these weights, coefficient(0, k) and coefficient(1, k).
    template <class Coefficient>
    static bool is_worth_taking(int dimension, Coefficient&& coefficient) {
        int largest = 0;
        for (int k = 1; k < dimension; ++k)
            if (std::fabs(coefficient(1, k)) > std::fabs(coefficient(1, largest))) largest = k;
        const double factor = coefficient(0, largest) / coefficient(1, largest);
        const double most = left_over * std::fabs(coefficient(0, largest));
        for (int k = 0; k < dimension; ++k)
            if (!(std::fabs(coefficient(0, k) - factor * coefficient(1, k)) <= most)) return false;
        return most > 0;
    }

    // Takes from `form` the multiple of `row` that leaves least of its largest weight. False when nothing is left, when sizes are
    // out of range, or when one of them has an infinite part.
    bool take(const exact::LeadingForm& form, const exact::LeadingForm& row);

    // The difference times a power of two, its largest coefficient near one: weights, then the constant. The errors are those of
    // error_bound.hpp.
    const double* row() const { return row_.data(); }
    double weight_error() const { return weight_error_; }
    double constant_error() const { return constant_error_; }
    error_bound::FormBound bound() const;

private:
    static constexpr double left_over = 0x1p-24;  // the share of the weights

    int n_;
    std::vector<double> row_;
    double weight_error_ = 0, constant_error_ = 0;
};

}  // namespace relutope
