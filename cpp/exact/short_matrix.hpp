// Elimination in machine integers, for matrices all of whose minors fit into them: those of forms with short coefficients.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "exact/integer.hpp"

namespace relutope::exact {

// A matrix of integers that are two bits shorter than a limb of an Integer; products have twice as many bits. Everything that Bareiss's
// elimination makes is a minor of it, at most the product of the Euclidean norms of as many rows as the minor has (Hadamard), and before
// a division the difference of two products of minors.
class ShortMatrix {
public:
    using Wide = boost::multiprecision::signed_double_limb_type;
    static constexpr int limb_bits = std::numeric_limits<boost::multiprecision::limb_type>::digits;

    ShortMatrix(int rows, int columns) : rows_(rows), columns_(columns), entry_(static_cast<std::size_t>(rows) * columns) {}

    std::int64_t& at(int row, int column) { return entry_[static_cast<std::size_t>(row) * columns_ + column]; }
    std::int64_t at(int row, int column) const { return entry_[static_cast<std::size_t>(row) * columns_ + column]; }

    // False if the number is too long.
    bool set(int row, int column, const Integer& value) {
        if (value.backend().size() > 1 || value.backend().limbs()[0] >> (limb_bits - 2)) return false;
        const auto size = static_cast<std::int64_t>(value.backend().limbs()[0]);
        at(row, column) = value.sign() < 0 ? -size : size;
        return true;
    }

    // Divides each row by a power of two, which changes nothing of what it says; false if minors of so many rows may be too long.
    bool shorten(int minor_rows) {
        norms_.clear();
        for (int row = 0; row < rows_; ++row) {
            std::uint64_t bits = 0;
            for (int k = 0; k < columns_; ++k) bits |= static_cast<std::uint64_t>(std::llabs(at(row, k)));
            const int zeros = bits == 0 ? 0 : std::countr_zero(bits);
            double squares = 0;
            for (int k = 0; k < columns_; ++k) {
                at(row, k) /= std::int64_t{1} << zeros;
                squares += static_cast<double>(at(row, k)) * static_cast<double>(at(row, k));
            }
            norms_.push_back(std::sqrt(squares));
        }
        std::sort(norms_.begin(), norms_.end(), std::greater<>());
        double product = 1;
        for (int i = 0; i < std::min(minor_rows, rows_); ++i) product *= std::max(1.0, norms_[i]);
        return product < std::ldexp(1.0, limb_bits - 3);  // and rounding
    }

    // Takes the smallest entry of a column, from `rank` on, as the next pivot, and clears the column in all other rows: false if it is
    // clear already. Columns before are done with: they are left as they are.
    bool eliminate(int rank, int column) {
        int pivot = -1;
        for (int row = rank; row < rows_; ++row)
            if (at(row, column) != 0 && (pivot < 0 || std::llabs(at(row, column)) < std::llabs(at(pivot, column)))) pivot = row;
        if (pivot < 0) return false;
        if (pivot != rank)
            for (int k = 0; k < columns_; ++k) std::swap(at(rank, k), at(pivot, k));
        const std::int64_t divisor = at(rank, column);
        for (int row = 0; row < rows_; ++row) {
            if (row == rank) continue;
            const std::int64_t factor = at(row, column);
            for (int k = column + 1; k < columns_; ++k) {
                const Wide value = static_cast<Wide>(divisor) * at(row, k) - static_cast<Wide>(factor) * at(rank, k);
                const auto narrow = static_cast<std::int64_t>(value);
                at(row, k) = narrow == value ? narrow / last_pivot_ : static_cast<std::int64_t>(value / last_pivot_);
            }
        }
        last_pivot_ = divisor;
        return true;
    }
    // The determinant of the pivots' rows and columns.
    std::int64_t last_pivot() const { return last_pivot_; }

private:
    int rows_, columns_;
    std::vector<std::int64_t> entry_;
    std::vector<double> norms_;
    std::int64_t last_pivot_ = 1;
};

}  // namespace relutope::exact
