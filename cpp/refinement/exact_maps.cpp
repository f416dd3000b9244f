#include "refinement/exact_maps.hpp"

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

ExactMaps::ExactMaps(const Network& network, const Domain& domain) : network_(network) {
    const int n = domain.dimension();
    for (int k = 0; k < n; ++k) {
        sides_.push_back(box_side(n, k, 1.0, domain.lower[k]));
        sides_.push_back(box_side(n, k, -1.0, domain.upper[k]));
    }
    for (const auto& row : domain.halfspaces) sides_.push_back(form_of(row));
    for (int layer = 0; layer <= network.num_hidden(); ++layer) {
        const int outputs = network.layer(layer).outputs;
        Level level;
        level.form.resize(outputs);
        level.made.resize(outputs, 0);
        levels_.push_back(std::move(level));
    }
}

void ExactMaps::set_pattern(int layer, const std::uint64_t* active, int words) {
    Level& level = levels_[layer];
    if (std::equal(level.active.begin(), level.active.end(), active, active + words)) return;
    level.active.assign(active, active + words);
    for (std::size_t later = layer + 1; later < levels_.size(); ++later) ++levels_[later].stamp;
}

const exact::Form& ExactMaps::neuron(int layer, int index) {
    Level& level = levels_[layer];
    if (level.made[index] != level.stamp) {
        level.form[index] = compose(layer, index);
        level.made[index] = level.stamp;
    }
    return level.form[index];
}

exact::Form ExactMaps::compose(int layer, int index) {
    const IntegerLayer& integers = network_.integer_layer(layer);
    const int inputs = network_.layer(layer).inputs;
    const exact::Integer* weight = integers.weight.data() + static_cast<std::size_t>(index) * inputs;
    exact::Form form;
    form.constant = integers.bias[index];
    if (layer == 0) {
        form.weight.assign(weight, weight + inputs);
        return form;
    }
    form.weight.resize(network_.input_dimension());
    const std::vector<std::uint64_t>& active = levels_[layer - 1].active;
    for (std::size_t k = 0; k < active.size(); ++k) {
        for (std::uint64_t rest = active[k]; rest; rest &= rest - 1) {
            const int j = static_cast<int>(64 * k) + std::countr_zero(rest);
            if (weight[j].is_zero()) continue;
            const exact::Form& before = neuron(layer - 1, j);
            for (std::size_t c = 0; c < form.weight.size(); ++c) form.weight[c] += weight[j] * before.weight[c];
            form.constant += weight[j] * before.constant;
        }
    }
    return form;
}

}  // namespace relutope
