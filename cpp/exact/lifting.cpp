#include "exact/lifting.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "exact/residue.hpp"
#include "exact/shortening.hpp"

namespace relutope::exact {

namespace {

using Residues = std::vector<std::uint64_t>;

// The inverse modulo the prime, row-major, by Gauss and Jordan; empty when there is none.
Residues inverse_of(const std::vector<std::vector<Integer>>& matrix) {
    const std::size_t size = matrix.size(), width = 2 * size;
    Residues table(size * width);
    for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t j = 0; j < size; ++j) table[i * width + j] = residue(matrix[i][j]);
        table[i * width + size + i] = 1;
    }
    for (std::size_t column = 0; column < size; ++column) {
        std::size_t pivot = column;
        while (pivot < size && table[pivot * width + column] == 0) ++pivot;
        if (pivot == size) return {};
        if (pivot != column)
            std::swap_ranges(table.begin() + pivot * width, table.begin() + (pivot + 1) * width, table.begin() + column * width);
        std::uint64_t* const source = table.data() + column * width;
        const std::uint64_t scale = modular::inverse(source[column]);
        for (std::size_t k = column; k < width; ++k) source[k] = modular::product(source[k], scale);
        for (std::size_t i = 0; i < size; ++i) {
            std::uint64_t* const target = table.data() + i * width;
            if (i == column || target[column] == 0) continue;
            const std::uint64_t factor = modular::prime - target[column];
            for (std::size_t k = column; k < width; ++k) target[k] = modular::sum(target[k], modular::product(factor, source[k]));
        }
    }
    Residues inverse;
    for (std::size_t i = 0; i < size; ++i)
        inverse.insert(inverse.end(), table.begin() + i * width + size, table.begin() + (i + 1) * width);
    return inverse;
}

// Digits that tell numerators and denominators, which are determinants: at most the product of the rows' norms (Hadamard).
double digits_needed(const std::vector<std::vector<Integer>>& matrix, const std::vector<Integer>& right) {
    double bits = 2;
    for (std::size_t i = 0; i < matrix.size(); ++i) {
        unsigned longest = right[i].is_zero() ? 0 : static_cast<unsigned>(msb(abs(right[i]))) + 1;
        for (const Integer& entry : matrix[i])
            if (!entry.is_zero()) longest = std::max(longest, static_cast<unsigned>(msb(abs(entry))) + 1);
        bits += 2 * (longest + 0.5 * std::log2(static_cast<double>(matrix.size()) + 1));
    }
    return bits / (modular::prime_bits - 1) + 1;
}

// numerator / denominator = value modulo `modulus`, both at most `most` (Wang, A p-adic algorithm for univariate partial fractions,
// 1981). False when there is no such fraction.
bool reconstruct(const Integer& value, const Integer& modulus, const Integer& most, Integer& numerator, Integer& denominator) {
    Integer r0 = modulus, r1 = value, t0 = 0, t1 = 1, quotient, rest;
    while (r1 > most) {
        divide_qr(r0, r1, quotient, rest);
        r0 = std::move(r1);
        r1 = std::move(rest);
        Integer next = t0 - quotient * t1;
        t0 = std::move(t1);
        t1 = std::move(next);
    }
    if (t1.is_zero() || abs(t1) > most) return false;
    numerator = t1.sign() < 0 ? Integer(-r1) : r1;
    denominator = abs(t1);
    return true;
}

class Lifting {
public:
    Lifting(const std::vector<std::vector<Integer>>& matrix, const std::vector<Integer>& right, Residues inverse)
        : matrix_(matrix), right_(right), rest_(right), inverse_(std::move(inverse)), digits_(right.size()) {}

    // One more digit: rest - matrix * digit is a multiple of the prime.
    void step() {
        const std::size_t size = right_.size();
        Residues rest;
        for (const Integer& value : rest_) rest.push_back(residue(value));
        for (std::size_t i = 0; i < size; ++i) {
            std::uint64_t digit = 0;
            for (std::size_t k = 0; k < size; ++k)
                digit = modular::sum(digit, modular::product(inverse_[i * size + k], rest[k]));
            digits_[i].push_back(digit);
        }
        static const Integer prime = modular::prime;
        for (std::size_t i = 0; i < size; ++i) {
            for (std::size_t k = 0; k < size; ++k)
                if (!matrix_[i][k].is_zero() && digits_[k].back() != 0) rest_[i] -= matrix_[i][k] * digits_[k].back();
            if (!rest_[i].is_zero()) rest_[i] = exact_quotient(std::move(rest_[i]), prime);
        }
    }

    // The fractions that the digits so far may stand for, if they are the solution.
    std::optional<RationalVector> solution() const {
        const std::size_t count = digits_[0].size();
        Integer modulus = 1;
        for (std::size_t i = 0; i < count; ++i) modulus = (modulus << modular::prime_bits) - modulus;
        const Integer most = power_of_two((modular::prime_bits * static_cast<int>(count) - 2) / 2);
        RationalVector result{{}, 1};
        for (const Residues& digits : digits_) {
            Integer value = 0;
            for (std::size_t i = count; i-- > 0;) value = (value << modular::prime_bits) - value + digits[i];
            value = value * result.denominator % modulus;
            if (value > most && modulus - value > most) {
                Integer numerator, denominator;
                if (!reconstruct(value, modulus, most, numerator, denominator)) return std::nullopt;
                for (Integer& before : result.numerator) before *= denominator;
                result.denominator *= denominator;
                if (result.denominator > most) return std::nullopt;
                result.numerator.push_back(std::move(numerator));
            } else {
                result.numerator.push_back(value > most ? Integer(value - modulus) : value);
            }
        }
        for (std::size_t i = 0; i < right_.size(); ++i) {
            Integer sum = 0;
            for (std::size_t k = 0; k < right_.size(); ++k)
                if (!matrix_[i][k].is_zero()) sum += matrix_[i][k] * result.numerator[k];
            if (sum != right_[i] * result.denominator) return std::nullopt;
        }
        return result;
    }

private:
    const std::vector<std::vector<Integer>>& matrix_;
    const std::vector<Integer>& right_;
    std::vector<Integer> rest_;
    Residues inverse_;
    std::vector<Residues> digits_;  // per unknown, lowest first
};

}  // namespace

std::optional<RationalVector> solve_by_lifting(const std::vector<std::vector<Integer>>& matrix, const std::vector<Integer>& right,
                                               int most_digits, const std::atomic<bool>* stop) {
    if (right.empty()) return RationalVector{{}, 1};
    Residues inverse = inverse_of(matrix);
    if (inverse.empty()) return std::nullopt;
    Lifting lifting(matrix, right, std::move(inverse));
    const double needed = digits_needed(matrix, right);
    const int last = needed < most_digits ? static_cast<int>(needed) + 1 : most_digits;
    for (int digits = 1, next = std::min(2, last); digits <= last; ++digits) {
        if (stop && stop->load(std::memory_order_relaxed)) return std::nullopt;
        lifting.step();
        if (digits < next) continue;
        if (auto found = lifting.solution()) return found;
        next = std::min(2 * next, last);
    }
    return std::nullopt;
}

}  // namespace relutope::exact
