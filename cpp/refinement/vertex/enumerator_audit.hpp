// Enumerator, part 6: the checks of the audit build. See enumerator.hpp and audit.hpp.
#pragma once

#include "geometry/audit.hpp"
#include "refinement/vertex/enumerator.hpp"

namespace relutope {

template <int D, int W>
exact::Point Enumerator<D, W>::solved_exactly(const Mask& facets) {
    std::vector<const exact::Form*> rows;
    facets.for_each([&](int slot) { rows.push_back(&exact_form(slots_[slot])); });
    auto point = exact::common_zero(rows, dimension());
    if (!point) throw std::logic_error("audit: the hyperplanes of a vertex do not meet in a point");
    return std::move(*point);
}

template <int D, int W>
void Enumerator<D, W>::audit_position(VertexId v, const Mask& facets) {
    const VertexState& state = store_.state(v);
    const exact::Point point = solved_exactly(facets);
    audit::check_position(point, false, store_.coordinates(v), state.finite.radius, state.finite.extent);
    if (state.at_infinity)
        audit::check_position(point, true, store_.infinite_coordinates(v), state.infinite.radius, state.infinite.extent);
}

// The value that floating point has for a form at v, of its coefficient of R when v is at infinity.
template <int D, int W>
void Enumerator<D, W>::audit_value(VertexId v, const Mask& facets, int level, int index, double value, double error) {
    const bool infinite = store_.state(v).at_infinity;
    const exact::Point point = solved_exactly(facets);
    const exact::Form& form = exact_form({level, index});
    if (level == 0) {
        audit::check_sign(form, point, infinite, value, error);
    } else {
        audit::check_value(form, problem_.network.scale_exponent(level - 1), point, infinite, value, error);
    }
}

// The signs that a batch of vertices has at v.
template <int D, int W>
void Enumerator<D, W>::audit_batch(int point, const Mask& facets, int level) {
    const exact::Point at_v = solved_exactly(facets);
    for (int i = 0; i < problem_.layout.level(level).count; ++i) {
        const SignWord signs = batch_.signs(point, i / 64);
        const int claimed = static_cast<int>(signs.positive >> i % 64 & 1) - static_cast<int>(signs.negative >> i % 64 & 1);
        if (claimed != 0 && exact::sign_at(exact_form({level, i}), at_v) != claimed)
            throw std::logic_error("audit: a form does not have the sign that is claimed for a batch of vertices");
    }
}

template <int D, int W>
void Enumerator<D, W>::audit_sign(const Mask& facets, FormRef form, bool infinite, Sign sign) {
    audit::check_sign(exact_form(form), solved_exactly(facets), infinite, static_cast<double>(sign), 0.5);
}

template <int D, int W>
void Enumerator<D, W>::audit_level(int level) {
    for (int i = 0; i < problem_.network.layer(level - 1).outputs; ++i)
        audit::check_form(exact_form({level, i}), problem_.network.scale_exponent(level - 1), forms(level), i);
}

}  // namespace relutope
