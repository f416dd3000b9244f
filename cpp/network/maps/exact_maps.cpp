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

exact::Form box_side(int dimension, int axis, double direction, double bound) {
    std::vector<double> row(dimension + 1, 0.0);
    row[axis] = direction;
    row[dimension] = std::isinf(bound) ? 0.0 : -direction * bound;
    exact::Form form = form_of(row);
    if (std::isinf(bound)) form.infinite = 1;
    return form;
}

}  // namespace

exact::Form domain_side(const Domain& domain, int side) {
    const int n = domain.dimension();
    if (side >= 2 * n) return form_of(domain.halfspaces[side - 2 * n]);
    const bool upper = side & 1;
    return box_side(n, side / 2, upper ? -1.0 : 1.0, upper ? domain.upper[side / 2] : domain.lower[side / 2]);
}

ExactMaps::ExactMaps(const Network& network, const Domain& domain) : network_(network) {
    for (int side = 0; side < domain.num_sides(); ++side) sides_.push_back(domain_side(domain, side));
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

const exact::Form& ExactMaps::neuron(int layer, int index) {
    Level& level = levels_[layer];
    Made& made = level.made[index];
    if (made.stamp != level.stamp) {
        start(made, layer, index);
        made.stamp = level.stamp;
    }
    if (layer > 0 && made.active != levels_[layer - 1].active) update(made, layer, index);
    return made.form;
}

// The form when no neuron of the layer before is active.
void ExactMaps::start(Made& made, int layer, int index) const {
    const IntegerLayer& integers = network_.integer_layer(layer);
    const int inputs = network_.layer(layer).inputs;
    made.form.constant = integers.bias[index];
    made.active.assign(words_for(inputs), 0);
    if (layer > 0) {
        made.form.weight.assign(network_.input_dimension(), 0);
    } else {
        const auto row = integers.weight.begin() + static_cast<std::ptrdiff_t>(index) * inputs;
        made.form.weight.assign(row, row + inputs);
    }
}

void ExactMaps::update(Made& made, int layer, int index) {
    const int inputs = network_.layer(layer).inputs;
    const exact::Integer* weight = network_.integer_layer(layer).weight.data() + static_cast<std::size_t>(index) * inputs;
    const std::vector<std::uint64_t>& active = levels_[layer - 1].active;
    for (std::size_t k = 0; k < active.size(); ++k) {
        for (std::uint64_t rest = active[k] ^ made.active[k]; rest; rest &= rest - 1) {
            const int bit = std::countr_zero(rest);
            const int j = static_cast<int>(64 * k) + bit;
            if (weight[j].is_zero()) continue;
            const exact::Form& before = neuron(layer - 1, j);
            const exact::Integer factor = active[k] >> bit & 1 ? weight[j] : exact::Integer(-weight[j]);
            for (std::size_t c = 0; c < made.form.weight.size(); ++c) made.form.weight[c] += factor * before.weight[c];
            made.form.constant += factor * before.constant;
        }
    }
    made.active = active;
}

}  // namespace relutope
