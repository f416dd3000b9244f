// Halfspaces  weight . x + constant >= 0  of a cell, one after the other, each with what bounds its errors.
#pragma once

#include <vector>

#include "geometry/form_table.hpp"
#include "refinement/sign_layout.hpp"

namespace relutope {

// Four partial sums: the bounds of error_bound.hpp hold for any order of summation.
inline double dot(const double* a, const double* b, int n) {
    double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    int k = 0;
    for (; k + 4 <= n; k += 4) {
        s0 += a[k] * b[k];
        s1 += a[k + 1] * b[k + 1];
        s2 += a[k + 2] * b[k + 2];
        s3 += a[k + 3] * b[k + 3];
    }
    for (; k < n; ++k) s0 += a[k] * b[k];
    return (s0 + s2) + (s1 + s3);
}

// One of them. The form `name` times `sense` is nonnegative.
struct Halfspace {
    const double* row;  // weights, then the constant
    double alpha, beta, gamma;  // see error_bound.hpp
    FormRef name;
    double sense;

    double at(const double* x, int n) const { return dot(row, x, n) + row[n]; }
    // Bounds the error of at(x), |x_k| <= extent, x known up to radius.
    double error(double radius, double extent) const { return alpha * radius + beta * extent + gamma; }
};

class HalfspaceRows {
public:
    explicit HalfspaceRows(int dimension) : dimension_(dimension) {}

    int dimension() const { return dimension_; }
    int count() const { return static_cast<int>(head_.size()); }
    Halfspace operator[](int i) const {
        const Head& head = head_[i];
        return {row(i), head.alpha, head.beta, head.gamma, head.name, head.sense};
    }
    const double* row(int i) const { return rows_.data() + static_cast<std::size_t>(i) * (dimension_ + 1); }

    // Form `name.index` of `table`, times `sense`. Moves all rows.
    void push(const FormTable& table, FormRef name, double sense) {
        const int form = name.index;
        for (int k = 0; k <= dimension_; ++k) rows_.push_back(sense * table.coefficient(form, k));
        const error_bound::FormBound bound = table.bound(form);
        head_.push_back({bound.alpha, bound.beta, bound.gamma, name, sense});
    }
    // A form by its coefficients, already on the cell's side, and its bound.
    void push(const double* weight, double constant, const error_bound::FormBound& bound, FormRef name, double sense) {
        rows_.insert(rows_.end(), weight, weight + dimension_);
        rows_.push_back(constant);
        head_.push_back({bound.alpha, bound.beta, bound.gamma, name, sense});
    }
    // The same row as another collection's.
    void push(const Halfspace& row) { push(row.row, row.row[dimension_], {row.alpha, row.beta, row.gamma}, row.name, row.sense); }
    void truncate(int count) {
        head_.resize(count);
        rows_.resize(static_cast<std::size_t>(count) * (dimension_ + 1));
    }

private:
    struct Head {
        double alpha, beta, gamma;
        FormRef name;
        double sense;
    };

    int dimension_;
    std::vector<double> rows_;
    std::vector<Head> head_;
};

}  // namespace relutope
