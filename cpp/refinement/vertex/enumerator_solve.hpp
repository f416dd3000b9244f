// Enumerator, part 7: the coordinates of a vertex from the hyperplanes of its facets. See enumerator.hpp.
//
// In floating point; where facets are nearly parallel, with what their forms differ by (form_difference.hpp); with twice the digits; in
// integers.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "geometry/audit.hpp"
#include "refinement/vertex/enumerator.hpp"

namespace relutope {

// Where a vertex that was solved for is not known to that much, nearly parallel facets are looked for.
inline constexpr double badly_placed = 0x1p-36;

// Of coordinates x that are known up to `radius`.
template <int D, int W>
void Enumerator<D, W>::settle(Position& position, const double* x, double radius) const {
    position.radius = radius;
    position.extent = 0;
    for (int k = 0; k < dimension(); ++k) position.extent = std::max(position.extent, std::fabs(x[k]));
    // The radius may be less than half a unit in the last place.
    position.extent = error_bound::extent_in_range((position.extent + radius) * error_bound::inflate);
}

template <int D, int W>
double Enumerator<D, W>::infinite_coefficient(FormRef form) const {
    return form.level == 0 && problem_.domain.is_at_infinity(form.index) ? 1.0 : 0.0;
}

// Coordinates of v from the hyperplanes of `facets`, in floating point, if need be with twice the digits; when that fails, in integers.
template <int D, int W>
void Enumerator<D, W>::solve(VertexId v, const Mask& facets) {
    if (solve_rounded(v, facets)) return;
    store_.state(v).solved = true;
    if (!find_in_many_digits(v, facets)) exact_point(v, facets);
}

template <int D, int W>
bool Enumerator<D, W>::solve_rounded(VertexId v, const Mask& facets) {
    const int n = dimension();
    solver_.clear();
    facets.for_each([&](int slot) { add_row(slots_[slot]); });
    ++counts_.solved_vertices;
    VertexState& state = store_.state(v);
    const auto place = [&] {
        state.solved = true;
        double point[64];
        const double radius = solver_.solve_finite(point);
        if (radius < state.finite.radius) {
            std::copy_n(point, n, store_.coordinates(v));
            settle(state.finite, point, radius);
        }
        if (!state.at_infinity) return;
        const double infinite_radius = solver_.solve_infinite(store_.infinite_coordinates(v));
        settle(state.infinite, store_.infinite_coordinates(v), infinite_radius);
    };
    const bool found = solver_.factorise();
    if (found) place();
#ifndef RELUTOPE_SMALL  // the browser's module
    if (found && state.finite.radius <= badly_placed * state.finite.extent) return true;
    if (!factorise_by_differences(facets)) return found;
    place();
    return true;
#else
    return found;
#endif
}

template <int D, int W>
void Enumerator<D, W>::add_row(FormRef form) {
    const int n = dimension();
    double row[64];
    const FormTable& table = forms(form.level);
    for (int k = 0; k < n; ++k) row[k] = table.coefficient(form.index, k);
    solver_.add_row(row, table.coefficient(form.index, n), table.weight_error(form.index), table.constant_error(form.index),
                    infinite_coefficient(form));
}

// Where nearly parallel facets meet, doubles see one of them only: of the others, what they differ by is taken.
template <int D, int W>
bool Enumerator<D, W>::factorise_by_differences(const Mask& facets) {
    std::vector<FormRef> taken;
    bool any = false;
    solver_.clear();
    facets.for_each([&](int slot) {
        const FormRef form = slots_[slot];
        const auto parallel = std::find_if(taken.begin(), taken.end(), [&](FormRef row) {
            return are_nearly_parallel(form, row) && difference_.take(leading_form(form), leading_form(row));
        });
        if (parallel == taken.end()) {
            add_row(form);
        } else {
            solver_.add_row(difference_.row(), difference_.row()[dimension()], difference_.weight_error(), difference_.constant_error(), 0.0);
            any = true;
        }
        taken.push_back(form);
    });
    return any && solver_.factorise();
}

template <int D, int W>
bool Enumerator<D, W>::factorise_in_many_digits(const Mask& facets) {
    refined_vertex_.clear();
    facets.for_each([&](int slot) { refined_vertex_.add_row(leading_form(slots_[slot])); });
    return refined_vertex_.factorise();
}

// Has refined_vertex_ enclose v: what of it decides signs, last.
template <int D, int W>
bool Enumerator<D, W>::find_in_many_digits(VertexId v, const Mask& facets) {
    VertexState& state = store_.state(v);
    if (!factorise_in_many_digits(facets)) return false;
    const auto find = [&](RefinedVertex::Part part, Position& position, double* x) {
        if (!refined_vertex_.solve(part, x)) return false;
        const double radius = refined_vertex_.near(rounded_.data());
        if (!(radius < position.radius)) return true;
        std::copy_n(rounded_.data(), dimension(), x);
        settle(position, x, radius);
        return true;
    };
    if (!find(RefinedVertex::Part::finite, state.finite, store_.coordinates(v))) return false;
    if (state.at_infinity && !find(RefinedVertex::Part::infinite, state.infinite, store_.infinite_coordinates(v))) return false;
    if constexpr (audit::on) audit_position(v, facets);
    return true;
}

// Made once per vertex; also the source of better coordinates: rounding a rational costs half a unit in the last place.
template <int D, int W>
const exact::Point& Enumerator<D, W>::exact_point(VertexId v, const Mask& facets) {
    std::unique_ptr<exact::Point>& made = store_.exact(v);
    if (made) return *made;
    std::vector<const exact::Form*> rows;
    facets.for_each([&](int slot) { rows.push_back(&exact_form(slots_[slot])); });
    auto point = exact::common_zero(rows, dimension());
    if (!point) throw std::logic_error("internal error: the hyperplanes of a vertex do not meet in a point");
    made = std::make_unique<exact::Point>(std::move(*point));
    ++counts_.exact_vertices;
    VertexState& state = store_.state(v);
    const auto settle = [&](Position& position, double* x, const std::vector<exact::Integer>& part) {
        double extent = 0;
        for (int k = 0; k < dimension(); ++k) {
            x[k] = exact::nearest_double(part[k], made->denominator);
            extent = std::max(extent, std::fabs(x[k]));
        }
        position.radius = extent * error_bound::unit_roundoff * error_bound::inflate + error_bound::underflow;
        position.extent = error_bound::extent_in_range(extent + position.radius);
    };
    settle(state.finite, store_.coordinates(v), made->finite);
    if (state.at_infinity) settle(state.infinite, store_.infinite_coordinates(v), made->infinite);
    state.solved = true;
    return *made;
}

// The coordinates that exact_point would give, without integers where that can be proven; false elsewhere.
template <int D, int W>
bool Enumerator<D, W>::round_vertex(VertexId v, const Mask& facets, double* point) {
    if (store_.exact(v) || store_.state(v).at_infinity) return false;
    return factorise_in_many_digits(facets) && refined_vertex_.solve(RefinedVertex::Part::finite, store_.coordinates(v)) &&
           refined_vertex_.round(point);
}

}  // namespace relutope
