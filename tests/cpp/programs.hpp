// Small linear programs, solved by looking at every vertex with rational arithmetic.
#pragma once

#include <vector>

#include "networks.hpp"

namespace relutope::testing {

struct Program {
    Row objective;  // weight, then constant
    std::vector<Row> rows;  // each nonnegative
    std::vector<double> lower, upper;

    int dimension() const { return static_cast<int>(lower.size()); }
};

Rational value_of(const Row& row, const std::vector<Rational>& point);
// The least value of the objective. REQUIRES: finite bounds; a point that satisfies everything.
Rational least_value(const Program& program);

// Integer rows that are nonnegative at the origin, which is in the box [-size, size]^n; half of them vanish there. The objective is
// now and then a nonnegative combination of the rows.
Program integer_program(Random& random, int dimension, int rows, double size);

}  // namespace relutope::testing
