// The part of input space that is refined.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace relutope {

// A side of a box: where coordinate `axis` has its lower, or its upper bound.
struct BoxSide {
    int axis;
    bool upper;

    BoxSide(int axis, bool upper) : axis(axis), upper(upper) {}
    explicit BoxSide(int index) : axis(index / 2), upper(index % 2 != 0) {}

    int index() const { return 2 * axis + upper; }
    double inwards() const { return upper ? -1.0 : 1.0; }  // along the axis
    double outwards() const { return -inwards(); }
    BoxSide opposite() const { return {axis, !upper}; }
    // Of two bounds, or vectors of bounds, the one that is this side's.
    template <class T>
    T& of(T& lower_one, T& upper_one) const {
        return upper ? upper_one : lower_one;
    }
};

// A box whose sides may be infinite, cut by further halfspaces  weight . x + constant >= 0.
// Sides are counted: those of the box by BoxSide::index(), then the halfspaces.
struct Domain {
    std::vector<double> lower;  // -inf allowed
    std::vector<double> upper;  // +inf allowed
    std::vector<std::vector<double>> halfspaces;  // each of dimension + 1 numbers: weight, then constant

    int dimension() const { return static_cast<int>(lower.size()); }
    bool has_bounded_box() const {
        const auto finite = [](double bound) { return std::isfinite(bound); };
        return std::all_of(lower.begin(), lower.end(), finite) && std::all_of(upper.begin(), upper.end(), finite);
    }
    int num_box_sides() const { return 2 * dimension(); }
    int num_sides() const { return num_box_sides() + static_cast<int>(halfspaces.size()); }
    double bound(BoxSide side) const { return side.of(lower, upper)[side.axis]; }
    bool is_at_infinity(int side) const { return side < num_box_sides() && std::isinf(bound(BoxSide(side))); }
};

}  // namespace relutope
