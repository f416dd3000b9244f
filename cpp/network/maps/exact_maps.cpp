#include "network/maps/exact_maps.hpp"

#include <algorithm>
#include <bit>
#include <climits>
#include <cmath>

namespace relutope {

namespace {

exact::Form form_of(const std::vector<double>& row) {
    int exponent = INT_MAX;
    for (double value : row) exponent = std::min(exponent, exact::lowest_exponent(value));
    exact::Form form;
    for (double value : row) form.weight.push_back(exact::scaled_integer(value, exponent));
    form.constant = form.weight.back();
    form.weight.pop_back();
    return form;
}

exact::Form box_side(int dimension, BoxSide side, double bound) {
    std::vector<double> row(dimension + 1, 0.0);
    row[side.axis] = side.inwards();
    row[dimension] = std::isinf(bound) ? 0.0 : side.outwards() * bound;
    exact::Form form = form_of(row);
    if (std::isinf(bound)) form.infinite = 1;
    return form;
}

}  // namespace

exact::Form domain_side(const Domain& domain, int side) {
    if (side >= domain.num_box_sides()) return form_of(domain.halfspaces[side - domain.num_box_sides()]);
    return box_side(domain.dimension(), BoxSide(side), domain.bound(BoxSide(side)));
}

ExactMaps::ExactMaps(const Network& network, const Domain& domain) : network_(network) {
    for (int side = 0; side < domain.num_sides(); ++side) sides_.push_back(domain_side(domain, side));
    for (const exact::Form& side : sides_) leading_sides_.push_back(exact::leading_form(side));
    for (int layer = 0; layer <= network.num_hidden(); ++layer) {
        const int outputs = network.layer(layer).outputs;
        Level level;
        level.made.resize(outputs);
        levels_.push_back(std::move(level));
    }
}

void ExactMaps::set_pattern(int layer, const std::uint64_t* active, int words) {
    Level& level = levels_[layer];
    if (std::equal(level.active.begin(), level.active.end(), active, active + words)) return;
    level.active.assign(active, active + words);
    for (std::size_t later = layer + 2; later < levels_.size(); ++later) ++levels_[later].stamp;
}

bool ExactMaps::is_current(int layer, int index) const {
    const Made& made = levels_[layer].made[index];
    return made.stamp == levels_[layer].stamp && (layer == 0 || made.active == levels_[layer - 1].active);
}

// A form is made of forms of the layer before; there may be very many layers.
const exact::Form& ExactMaps::neuron(int layer, int index) {
    if (!is_current(layer, index)) wanted_.push_back({layer, index});
    while (!wanted_.empty()) {
        const int l = wanted_.back().first;
        const int i = wanted_.back().second;
        Made& made = levels_[l].made[i];
        if (made.stamp != levels_[l].stamp) {
            start(made, l, i);
            made.stamp = levels_[l].stamp;
        }
        const std::size_t before = wanted_.size();
        if (l > 0 && !is_current(l, i)) {
            for_changes(made, l, i, [&](int j, double, bool) {
                if (!is_current(l - 1, j)) wanted_.push_back({l - 1, j});
            });
            if (wanted_.size() > before) continue;
            update(made, l, i);
        }
        wanted_.pop_back();
    }
    return levels_[layer].made[index].form;
}

const exact::LeadingForm& ExactMaps::leading_neuron(int layer, int index) {
    const exact::Form& form = neuron(layer, index);
    Made& made = levels_[layer].made[index];
    if (!made.has_leading) made.leading = exact::leading_form(form);
    made.has_leading = true;
    return made.leading;
}

// The form when no neuron of the layer before is active.
void ExactMaps::start(Made& made, int layer, int index) const {
    const Layer& own = network_.layer(layer);
    made.has_leading = false;
    made.form.constant = network_.integer_bias(layer, index);
    made.active.assign(words_for(own.inputs), 0);
    made.form.weight.assign(network_.input_dimension(), 0);
    if (layer > 0) return;
    own.for_row(index, [&](int j, double w) { made.form.weight[j] = network_.integer_weight(layer, w); });
}

// visit(j, weight, active) for the units of the layer before that enter the form and have changed since it was made.
template <class Visit>
void ExactMaps::for_changes(const Made& made, int layer, int index, Visit&& visit) const {
    const Layer& own = network_.layer(layer);
    const std::vector<std::uint64_t>& active = levels_[layer - 1].active;
    const auto look = [&](int j, double w) {
        if (w != 0) visit(j, w, active[j >> 6] >> (j & 63) & 1);
    };
    if (own.is_sparse()) {
        own.for_row(index, [&](int j, double w) {
            if ((active[j >> 6] ^ made.active[j >> 6]) >> (j & 63) & 1) look(j, w);
        });
        return;
    }
    const double* row = own.weight.data() + static_cast<std::size_t>(index) * own.inputs;
    for (std::size_t k = 0; k < active.size(); ++k)
        for (std::uint64_t rest = active[k] ^ made.active[k]; rest; rest &= rest - 1) {
            const int j = static_cast<int>(64 * k) + std::countr_zero(rest);
            look(j, row[j]);
        }
}

// REQUIRES: the forms of the layer before that have changed are current.
void ExactMaps::update(Made& made, int layer, int index) {
    made.has_leading = false;
    for_changes(made, layer, index, [&](int j, double w, bool active) {
        const exact::Form& before = levels_[layer - 1].made[j].form;
        const exact::Integer factor = network_.integer_weight(layer, active ? w : -w);
        for (std::size_t c = 0; c < made.form.weight.size(); ++c) made.form.weight[c] += factor * before.weight[c];
        made.form.constant += factor * before.constant;
    });
    made.active = levels_[layer - 1].active;
}

}  // namespace relutope
