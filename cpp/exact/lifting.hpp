// Systems of linear equations over the integers by lifting: digits of the solution to the base of a prime, one after the other, each for
// the price of two products with a matrix (Dixon, Exact solution of linear equations using p-adic expansions, 1982). Elimination makes
// integers as long as determinants all the way; here short solutions are found as soon as they can be told, and checked.
#pragma once

#include <atomic>
#include <optional>
#include <span>
#include <vector>

#include "exact/integer.hpp"

namespace relutope::exact {

struct RationalVector {
    std::vector<Integer> numerator;
    Integer denominator;  // > 0
};

// The solution x of  matrix x = right. Nothing when the matrix is singular (or when the prime divides its determinant, which happens
// once in 2^60), when more than `most_digits` digits of 61 bits would be needed, or when `stop` is given and becomes true.
// REQUIRES: the matrix is square.
std::optional<RationalVector> solve_by_lifting(const std::vector<std::vector<Integer>>& matrix, const std::vector<Integer>& right,
                                               int most_digits, const std::atomic<bool>* stop = nullptr);

}  // namespace relutope::exact
