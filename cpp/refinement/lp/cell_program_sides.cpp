// Sides of the domain: whether a polyhedron reaches them, and beyond. See cell_program.hpp.
#include <algorithm>
#include <cmath>
#include <vector>

#include "predicates/error_bound.hpp"
#include "refinement/lp/cell_program.hpp"

namespace relutope {

using error_bound::inflate;

namespace {

// How far away a point is looked for that tells whether a coordinate is unbounded, relative to where the point inside stands.
constexpr double reach = 0x1p20;

}  // namespace

// With the side moved outwards, the polyhedron goes beyond where it was.
bool CellProgram::meets_side(const HalfspaceRows& rows, const char* ignored, BoxSide side, const Halfspace& halfspace,
                             const InnerPoint& inside) {
    const double bound = side.of(domain_lower_, domain_upper_)[side.axis];
    if (std::isinf(bound)) {
        ++counts_.solved;
        const Verdict verdict = meets_infinite_side(rows, ignored, side, inside);
        if (verdict != Verdict::unknown) return verdict == Verdict::yes;
        ++counts_.exact;
        exact::Interval& bounds = intervals()[side.axis];
        int& multiple = side.of(bounds.lower_infinite, bounds.upper_infinite);
        multiple *= 2;
        const bool negative = exact_minimum(exact_forms(rows, ignored), forms_.exact_form({0, side.index()})).negative;
        multiple /= 2;
        return negative;
    }
    InnerPoint beyond;
    return negative_beyond(rows, ignored, side, halfspace, inside, beyond);
}

bool CellProgram::negative_beyond(const HalfspaceRows& rows, const char* ignored, BoxSide side, const Halfspace& halfspace,
                                  const InnerPoint& inside, InnerPoint& found) {
    const double lower = domain_lower_[side.axis], upper = domain_upper_[side.axis];
    double lower_beyond = lower, upper_beyond = upper;
    double& bound = side.of(lower_beyond, upper_beyond);
    bound += side.outwards() * std::max(1.0, std::fabs(bound));
    set_bounds(side.axis, lower_beyond, upper_beyond);
    const bool negative = negative_somewhere(rows, ignored, halfspace, inside, found);
    set_bounds(side.axis, lower, upper);
    return negative;
}

// No: the coordinate is bounded by a finite number. Yes: a direction strictly inside all halfspaces in which this coordinate grows
// faster than the others.
CellProgram::Verdict CellProgram::meets_infinite_side(const HalfspaceRows& rows, const char* ignored, BoxSide side,
                                                      const InnerPoint& inside) {
    if (inside.radius != 0) return Verdict::unknown;
    const int k = side.axis;
    const double outwards = side.outwards();
    std::vector<double> goal(dimension_ + 1, 0.0);
    goal[k] = -outwards;
    goal[dimension_] = outwards * inside.x[k] + std::max(1.0, inside.extent) * std::sqrt(reach);
    const double padding = error_bound::coefficient_padding;
    const error_bound::FormBound bound = error_bound::form_bound(dimension_, 1.0, goal[dimension_], 0, 0);
    InnerPoint far;
    const Verdict verdict = in_floating_point(rows, ignored, {goal.data(), bound.alpha + padding, bound.beta, bound.gamma, {0, side.index()}, 1.0},
                                              inside, far);
    if (verdict != Verdict::yes) return verdict;
    std::vector<double> direction(dimension_);
    double size = 0;
    for (int i = 0; i < dimension_; ++i) {
        direction[i] = far.x[i] - inside.x[i];
        if (i != k) size = std::max(size, std::fabs(direction[i]));
        // Along a finite side's coordinate nothing moves, so no direction is strictly inside.
        if (std::isfinite(domain_lower_[i]) || std::isfinite(domain_upper_[i])) return Verdict::unknown;
    }
    if (!(outwards * direction[k] > size)) return Verdict::unknown;
    size = std::fabs(direction[k]);
    for (int i = 0; i < rows.count(); ++i) {
        if (ignored && ignored[i]) continue;
        if (!(dot(rows.row(i), direction.data(), dimension_) > rows[i].beta * size * inflate + error_bound::underflow)) return Verdict::unknown;
    }
    return Verdict::yes;
}

}  // namespace relutope
