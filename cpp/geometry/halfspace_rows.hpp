// Halfspaces  weight . x + constant >= 0  of a cell, one after the other, each with what bounds its errors.
#pragma once

#include <algorithm>
#include <cstdint>
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
    std::uint64_t bytes() const {
        const std::uint64_t sparse = sparse_.size() * sizeof(Sparse) + columns_.size() * sizeof(int) + entries_.size() * sizeof(double) +
                                     seen_.size() * sizeof(std::uint64_t) + (dense_.size() + sparse_place_.size()) * sizeof(int);
        return (rows_.size() + blocks_.size()) * sizeof(double) + head_.size() * sizeof(Head) + sparse;
    }
    Halfspace operator[](int i) const {
        const Head& head = head_[i];
        return {row(i), head.alpha, head.beta, head.gamma, head.name, head.sense};
    }
    const double* row(int i) const { return rows_.data() + static_cast<std::size_t>(i) * (dimension_ + 1); }

    // All rows at x, into `values`, which has room for a whole number of blocks: count() rounded up.
    void evaluate(const double* x, std::vector<double>& values) const {
        values.resize((head_.size() + block - 1) / block * block);
        evaluate_dense(x, values);
        for (const Sparse& sparse : sparse_) values[sparse.row] = value_of(sparse, x);
    }
    // The same where the values at another point `from` are known: sparse rows that see no coordinate that differs keep theirs.
    void evaluate(const double* x, const double* from, const std::vector<double>& at_from, std::vector<double>& values) const {
        values.resize((head_.size() + block - 1) / block * block);
        evaluate_dense(x, values);
        if (sparse_.empty()) return;
        changed_.assign(words(), 0);
        for (int k = 0; k < dimension_; ++k) changed_[k >> 6] |= std::uint64_t{x[k] != from[k]} << (k & 63);
        const std::uint64_t* seen = seen_.data();
        for (const Sparse& sparse : sparse_) {
            std::uint64_t common = 0;
            for (const std::uint64_t word : changed_) common |= word & *seen++;
            values[sparse.row] = common ? value_of(sparse, x) : at_from[sparse.row];
        }
    }
    // Row i at x.
    double at(int i, const double* x) const {
        const int place = sparse_place_.empty() ? -1 : sparse_place_[i];
        return place < 0 ? dot(row(i), x, dimension_) + row(i)[dimension_] : value_of(sparse_[place], x);
    }
    // Sparse rows: in order, and the coordinates that one sees, as the bits of words() words.
    int num_sparse() const { return static_cast<int>(sparse_.size()); }
    int sparse_row(int place) const { return sparse_[place].row; }
    bool is_sparse(int i) const { return !sparse_place_.empty() && sparse_place_[i] >= 0; }
    std::size_t words() const { return (static_cast<std::size_t>(dimension_) + 63) / 64; }
    const std::uint64_t* seen(int place) const { return seen_.data() + static_cast<std::size_t>(place) * words(); }
    // Bounds the errors of evaluate(x), |x_k| <= extent.
    double error(int i, double extent) const { return head_[i].beta * extent + head_[i].gamma; }

    // Form `name.index` of `table`, times `sense`. Moves all rows.
    void push(const FormTable& table, FormRef name, double sense) {
        const int form = name.index;
        for (int k = 0; k <= dimension_; ++k) rows_.push_back(sense * table.coefficient(form, k));
        const error_bound::FormBound bound = table.bound(form);
        head_.push_back({bound.alpha, bound.beta, bound.gamma, name, sense});
        add_last_row();
    }
    // A form by its coefficients, already on the cell's side, and its bound.
    void push(const double* weight, double constant, const error_bound::FormBound& bound, FormRef name, double sense) {
        rows_.insert(rows_.end(), weight, weight + dimension_);
        rows_.push_back(constant);
        head_.push_back({bound.alpha, bound.beta, bound.gamma, name, sense});
        add_last_row();
    }
    // The same row as another collection's.
    void push(const Halfspace& row) { push(row.row, row.row[dimension_], {row.alpha, row.beta, row.gamma}, row.name, row.sense); }
    void truncate(int count) {
        while (!dense_.empty() && dense_.back() >= count) dense_.pop_back();
        while (!sparse_.empty() && sparse_.back().row >= count) {
            columns_.resize(sparse_.back().begin);
            entries_.resize(sparse_.back().begin);
            seen_.resize(seen_.size() - words());
            sparse_.pop_back();
        }
        if (!sparse_place_.empty()) sparse_place_.resize(count);
        head_.resize(count);
        rows_.resize(static_cast<std::size_t>(count) * (dimension_ + 1));
    }

private:
    // Rows are kept a second time to be evaluated: sparse ones weight by weight, the others so many at once coefficient by coefficient.
    static constexpr int block = 8;
    // From so many coordinates on a row with weights for so small a part of them is sparse.
    static constexpr int many_dimensions = 32, sparse_from = 4;
    // A row of many coordinates that has few weights: these alone.
    struct Sparse {
        int row;
        std::size_t begin, end;
        double constant;
    };

    double value_of(const Sparse& sparse, const double* x) const {
        double s0 = 0, s1 = 0;
        std::size_t e = sparse.begin;
        for (; e + 2 <= sparse.end; e += 2) {
            s0 += entries_[e] * x[columns_[e]];
            s1 += entries_[e + 1] * x[columns_[e + 1]];
        }
        if (e < sparse.end) s0 += entries_[e] * x[columns_[e]];
        return (s0 + s1) + sparse.constant;
    }

    static void evaluate_blocks(const double* source, int n, std::size_t blocks, const double* x, double* values);

    void evaluate_dense(const double* x, std::vector<double>& values) const {
        const std::size_t blocks = (dense_.size() + block - 1) / block;
        if (sparse_.empty()) return evaluate_blocks(blocks_.data(), dimension_, blocks, x, values.data());
        dense_values_.resize(blocks * block);
        evaluate_blocks(blocks_.data(), dimension_, blocks, x, dense_values_.data());
        for (std::size_t i = 0; i < dense_.size(); ++i) values[dense_[i]] = dense_values_[i];
    }

    void add_last_row() {
        if (dimension_ >= many_dimensions && add_sparse()) return;
        if (!sparse_place_.empty()) sparse_place_.push_back(-1);
        const std::size_t last = dense_.size();
        dense_.push_back(count() - 1);
        const std::size_t first = last / block * block * (dimension_ + 1);
        const std::size_t end = first + static_cast<std::size_t>(block) * (dimension_ + 1);
        if (blocks_.size() < end) blocks_.resize(end);
        const double* source = row(count() - 1);
        for (int k = 0; k <= dimension_; ++k) blocks_[first + k * block + last % block] = source[k];
    }

    bool add_sparse() {
        const double* const source = row(count() - 1);
        const auto weights = dimension_ - std::count(source, source + dimension_, 0.0);
        if (weights * sparse_from > dimension_) return false;
        Sparse sparse{count() - 1, columns_.size(), columns_.size() + weights, source[dimension_]};
        seen_.resize(seen_.size() + words());
        std::uint64_t* const seen = seen_.data() + seen_.size() - words();
        for (int k = 0; k < dimension_; ++k) {
            if (source[k] == 0) continue;
            columns_.push_back(k);
            entries_.push_back(source[k]);
            seen[k >> 6] |= std::uint64_t{1} << (k & 63);
        }
        if (sparse_place_.empty()) sparse_place_.assign(count() - 1, -1);
        sparse_place_.push_back(static_cast<int>(sparse_.size()));
        sparse_.push_back(sparse);
        return true;
    }

    struct Head {
        double alpha, beta, gamma;
        FormRef name;
        double sense;
    };

    int dimension_;
    std::vector<double> rows_;
    std::vector<int> dense_;      // the rows in blocks_
    std::vector<double> blocks_;  // not shortened by truncate
    std::vector<Sparse> sparse_;  // the other rows
    std::vector<int> columns_;
    std::vector<double> entries_;
    std::vector<std::uint64_t> seen_;  // the coordinates that each sparse row sees, as bits
    std::vector<int> sparse_place_;    // each row's place in sparse_, or -1; empty when there has been none
    mutable std::vector<std::uint64_t> changed_;
    mutable std::vector<double> dense_values_;
    std::vector<Head> head_;
};

}  // namespace relutope
