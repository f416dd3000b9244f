// Positive definite linear systems in floating point.
#pragma once

#include <cstddef>
#include <vector>

namespace relutope {

// A matrix by its lower triangle, and Cholesky's method, which leaves the zeros before a line's first entry what they are (Jennings, A
// compact storage scheme for the solution of symmetric linear simultaneous equations, The Computer Journal 9, 1966): with rows that meet
// few others in an order where these are near, most of the work is saved.
class PositiveDefinite {
    static constexpr int block = 8;  // lines that are eliminated together, and lie column by column

public:
    // All zero, with lines that begin at these places. REQUIRES: starts[i] <= i.
    void begin(const std::vector<int>& starts);
    // Entry j of line i, while the matrix lives. REQUIRES: starts[i] <= j <= i.
    class Line {
    public:
        double& operator[](int j) const { return entries_[static_cast<std::ptrdiff_t>(j - start_) * block]; }

    private:
        friend PositiveDefinite;
        Line(double* entries, int start) : entries_(entries), start_(start) {}
        double* entries_;
        int start_;
    };
    Line line(int i) {
        const Block& own = blocks_[i / block];
        return {entries_.data() + own.begin + i % block, own.start};
    }
    // REQUIRES: diagonal entries are positive. Keeps the factor, not the matrix.
    void factor();
    // REQUIRES: factor() has been called since begin().
    void solve(std::vector<double>& x) const;

private:
    struct Block {
        int start;
        std::size_t begin;  // of its entries
    };

    int size_ = 0;
    std::vector<Block> blocks_;
    std::vector<double> entries_;
    std::vector<double> inverse_;  // of the factor's diagonal
};

}  // namespace relutope
