// The sign of a neuron at a point from the signs of the layer before, where those say it.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>

#include "predicates/sign.hpp"
#include "network/network.hpp"

namespace relutope {

// A preactivation is the bias plus the sum of weights times outputs of the layer before, which are zero or positive. When all terms
// that are not zero have one sign, so has the sum; when there are none it is zero. `positive` holds the neurons of the layer before
// that are strictly positive at the point. Nothing where terms have both signs, or linear units come in.
inline std::optional<Sign> sign_by_terms(const Network& network, int layer, int neuron, const std::uint64_t* positive) {
    if (layer == 0) return std::nullopt;
    const Layer& own = network.layer(layer);
    const int neurons = network.layer(layer - 1).neurons();
    const double bias = own.bias[neuron] + own.bias_low[neuron];  // rounding keeps the sign of a sum, and zero
    bool up = bias > 0, down = bias < 0;
    if (own.is_sparse()) {
        bool linear = false;
        own.for_row(neuron, [&](int j, double weight) {
            linear = linear || j >= neurons;
            if (j >= neurons || !(positive[j >> 6] >> (j & 63) & 1)) return;
            up = up || weight > 0;
            down = down || weight < 0;
        });
        if (linear || (up && down)) return std::nullopt;
        return up ? Sign::positive : down ? Sign::negative : Sign::zero;
    }
    const double* row = own.weight.data() + static_cast<std::size_t>(neuron) * own.inputs;
    for (int j = neurons; j < own.inputs; ++j)
        if (row[j] != 0) return std::nullopt;
    for (int k = 0; 64 * k < neurons; ++k) {
        for (std::uint64_t rest = positive[k]; rest; rest &= rest - 1) {
            const double weight = row[64 * k + std::countr_zero(rest)];
            up = up || weight > 0;
            down = down || weight < 0;
        }
        if (up && down) return std::nullopt;
    }
    return up ? Sign::positive : down ? Sign::negative : Sign::zero;
}

}  // namespace relutope
