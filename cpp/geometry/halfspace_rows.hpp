// Halfspaces  weight . x + constant >= 0  of a cell, one after the other, each with what bounds its errors.
#pragma once

#include <cstring>
#include <vector>

#include "geometry/form_ref.hpp"
#include "geometry/form_table.hpp"

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
    std::uint64_t bytes() const { return (rows_.size() + blocks_.size()) * sizeof(double) + head_.size() * sizeof(Head); }
    Halfspace operator[](int i) const {
        const Head& head = head_[i];
        return {row(i), head.alpha, head.beta, head.gamma, head.name, head.sense};
    }
    const double* row(int i) const { return rows_.data() + static_cast<std::size_t>(i) * (dimension_ + 1); }

    // All rows at x, into `values`, which has room for a whole number of blocks: count() rounded up.
    void evaluate(const double* x, std::vector<double>& values) const {
        values.resize((head_.size() + block - 1) / block * block);
        const double* __restrict source = blocks_.data();
        for (double* target = values.data(); target != values.data() + values.size(); target += block) {
            Pair s0 = load(source + dimension_ * block), s1 = load(source + dimension_ * block + 2);
            Pair s2 = load(source + dimension_ * block + 4), s3 = load(source + dimension_ * block + 6);
            for (int k = 0; k < dimension_; ++k) {
                const double* column = source + k * block;
                const double xk = x[k];
                s0 += load(column) * xk;
                s1 += load(column + 2) * xk;
                s2 += load(column + 4) * xk;
                s3 += load(column + 6) * xk;
            }
            const Pair sums[] = {s0, s1, s2, s3};
            std::memcpy(target, sums, sizeof sums);
            source += (dimension_ + 1) * block;
        }
    }
    // Bounds the errors of evaluate(x), |x_k| <= extent.
    double error(int i, double extent) const { return head_[i].beta * extent + head_[i].gamma; }

    // Form `name.index` of `table`, times `sense`. Moves all rows.
    void push(const FormTable& table, FormRef name, double sense) {
        const int form = name.index;
        for (int k = 0; k <= dimension_; ++k) rows_.push_back(sense * table.coefficient(form, k));
        const error_bound::FormBound bound = table.bound(form);
        head_.push_back({bound.alpha, bound.beta, bound.gamma, name, sense});
        add_to_block();
    }
    // A form by its coefficients, already on the cell's side, and its bound.
    void push(const double* weight, double constant, const error_bound::FormBound& bound, FormRef name, double sense) {
        rows_.insert(rows_.end(), weight, weight + dimension_);
        rows_.push_back(constant);
        head_.push_back({bound.alpha, bound.beta, bound.gamma, name, sense});
        add_to_block();
    }
    // The same row as another collection's.
    void push(const Halfspace& row) { push(row.row, row.row[dimension_], {row.alpha, row.beta, row.gamma}, row.name, row.sense); }
    void truncate(int count) {
        head_.resize(count);
        rows_.resize(static_cast<std::size_t>(count) * (dimension_ + 1));
    }

private:
    // Rows are kept a second time, so many at once coefficient by coefficient, to be evaluated together.
    static constexpr int block = 8;
    // By hand, since compilers make poor code of plain loops here. Each row is summed by itself, in order.
    using Pair = double __attribute__((vector_size(16)));
    static Pair load(const double* source) {
        Pair pair;
        std::memcpy(&pair, source, sizeof pair);
        return pair;
    }

    void add_to_block() {
        const std::size_t last = head_.size() - 1;
        const std::size_t first = last / block * block * (dimension_ + 1);
        const std::size_t end = first + static_cast<std::size_t>(block) * (dimension_ + 1);
        if (blocks_.size() < end) blocks_.resize(end);
        const double* source = row(static_cast<int>(last));
        for (int k = 0; k <= dimension_; ++k) blocks_[first + k * block + last % block] = source[k];
    }

    struct Head {
        double alpha, beta, gamma;
        FormRef name;
        double sense;
    };

    int dimension_;
    std::vector<double> rows_;
    std::vector<double> blocks_;  // not shortened by truncate
    std::vector<Head> head_;
};

}  // namespace relutope
