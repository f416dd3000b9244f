// Exact linear programs: the last resort of the engine that decides with linear programs.
#pragma once

#include <atomic>
#include <optional>
#include <span>
#include <vector>

#include "exact/linear.hpp"

namespace relutope::exact {

// A coordinate's bounds: lower / denominator + lower_infinite * R, and the same for upper. The symbolically infinite box has
// -1 and 1 as multiples of R.
struct Interval {
    Integer lower;
    Integer upper;
    Integer denominator = 1;
    int lower_infinite = 0;
    int upper_infinite = 0;
};

struct Minimum {
    bool negative = false;
    Point minimiser;  // when negative
};

// Whether `objective` is negative somewhere in the polyhedron  {rows >= 0}  within the box, and where it is least. On an unbounded
// domain the box is the symbolically infinite one, so "somewhere" is a point at a finite distance or infinitely far out.
//
// Dual simplex method from the box's corner; stops as soon as the rising bound is nonnegative. The rows that `likely` names enter first,
// those that floating point has found to hold the minimum in place; after as many steps as that may take, Bland's rule goes on, which
// cannot cycle.
//
// When `stop` is given and becomes true, what is returned has no meaning.
// REQUIRES: the polyhedron is not empty; rows have no infinite part (the objective may).
Minimum minimise(const Form& objective, std::span<const Form* const> rows, std::span<const Interval> box,
                 std::span<const int> likely = {}, const std::atomic<bool>* stop = nullptr);

}  // namespace relutope::exact
