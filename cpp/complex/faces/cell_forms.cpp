#include "complex/faces/cell_forms.hpp"

#include <algorithm>
#include <cmath>

#include "predicates/error_bound.hpp"
#include "predicates/sign.hpp"

namespace relutope {

CellForms::CellForms(const CellComplex& cells, const Network& network, const Domain& domain)
    : cells_(cells), network_(network), domain_(domain), n_(cells.dimension), maps_(network, domain), refined_(n_), start_(n_), point_(n_),
      active_(network.num_hidden()) {}

void CellForms::enter(CellId cell) {
    if (cell == cell_) return;
    cell_ = cell;
    for (int layer = 0; layer < network_.num_hidden(); ++layer) {
        std::vector<std::uint64_t>& active = active_[layer];
        active = network_.linear_bits(layer);
        unpack_bits(cells_.pattern(cell), network_.first_neuron(layer), cells_.layout.level(layer + 1).count, active);
        maps_.set_pattern(layer, active.data(), static_cast<int>(active.size()));
    }
}

FormRef CellForms::form_of(HyperplaneId id) const {
    if (is_side(id)) return {0, side_of(id)};
    const auto after = std::upper_bound(cells_.first_neuron.begin(), cells_.first_neuron.end(), id);
    return {static_cast<int>(after - cells_.first_neuron.begin()), id - after[-1]};
}

const exact::Form& CellForms::exact_form(HyperplaneId id) {
    const FormRef form = form_of(id);
    return form.level == 0 ? maps_.side(form.index) : maps_.neuron(form.level - 1, form.index);
}

const exact::LeadingForm& CellForms::leading_form(HyperplaneId id) {
    const FormRef form = form_of(id);
    return form.level == 0 ? maps_.leading_side(form.index) : maps_.leading_neuron(form.level - 1, form.index);
}

bool CellForms::meet_at_infinity(std::span<const HyperplaneId> ids) const {
    return std::any_of(ids.begin(), ids.end(), [&](HyperplaneId id) { return is_side(id) && domain_.is_at_infinity(side_of(id)); });
}

bool CellForms::round(std::span<const HyperplaneId> ids, double* point) {
    refined_.clear();
    for (const HyperplaneId id : ids) refined_.add_row(leading_form(id));
    return refined_.factorise() && refined_.solve(RefinedVertex::Part::finite, start_.data()) && refined_.round(point);
}

std::optional<exact::Point> CellForms::solve(std::span<const HyperplaneId> ids) {
    std::vector<const exact::Form*> rows;
    for (const HyperplaneId id : ids) rows.push_back(&exact_form(id));
    return exact::common_zero(rows, n_);
}

// The sign of a form at the point of which point_ is the nearest double. Coefficients and coordinates are off by less than a unit in the
// last place, each product and sum by half a one.
std::optional<Sign> CellForms::sign_rounded(HyperplaneId id) {
    if (is_side(id) && domain_.is_at_infinity(side_of(id))) return Sign::positive;
    const exact::LeadingForm& form = leading_form(id);
    double value = form.high[n_];
    double size = std::fabs(value);
    for (int k = 0; k < n_; ++k) {
        const double product = form.high[k] * point_[k];
        value += product;
        size += std::fabs(product);
    }
    return sign_filtered(value, (n_ + 4) * error_bound::unit_roundoff * size * error_bound::inflate + error_bound::underflow);
}

bool CellForms::is_vertex(std::span<const HyperplaneId> ids) {
    std::optional<exact::Point> exact;
    const bool rounded = !meet_at_infinity(ids) && round(ids, point_.data());
    for (std::int64_t facet = cells_.facet_begin[cell_]; facet < cells_.facet_begin[cell_ + 1]; ++facet) {
        const HyperplaneId id = cells_.facet_id[facet];
        if (std::find(ids.begin(), ids.end(), id) != ids.end()) continue;
        std::optional<Sign> sign;
        if (rounded) sign = sign_rounded(id);
        if (!sign) {
            if (!exact) exact = solve(ids);
            if (!exact) return false;
            sign = to_sign(exact::sign_at(exact_form(id), *exact));
        }
        const bool positive = is_side(id) || cells_.active(cell_, id);
        if (sign != (positive ? Sign::positive : Sign::negative)) return false;
    }
    return true;
}

}  // namespace relutope
