#include "network/maps/active_forms.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "predicates/clones.hpp"
#include "predicates/error_bound.hpp"

namespace relutope {

using error_bound::inflate;
using error_bound::underflow;
using error_bound::unit_roundoff;

ActiveForms::ActiveForms(const Network& network) : network_(network), layers_(network.num_hidden()) {}

void ActiveForms::set_active(int layer, const std::uint64_t* active) {
    ActiveLayer& target = layers_[layer];
    const int words = words_for(network_.layer(layer).outputs);
    if (!target.bits.empty() && std::equal(target.bits.begin(), target.bits.end(), active)) return;
    target.bits.assign(active, active + words);
    target.units.clear();
    for (int word = 0; word < words; ++word)
        for (std::uint64_t rest = active[word]; rest; rest &= rest - 1) target.units.push_back(64 * word + std::countr_zero(rest));
    target.packed = false;
    if (layer + 1 < static_cast<int>(layers_.size())) layers_[layer + 1].packed = false;
}

int ActiveForms::width(int layer) const {
    return layer < 0 ? network_.input_dimension() : static_cast<int>(layers_[layer].units.size());
}

const double* ActiveForms::packed_weights(int layer) {
    ActiveLayer& target = layers_[layer];
    if (target.packed) return target.weight.data();
    target.packed = true;
    const Layer& source = network_.layer(layer);
    target.weight.clear();
    for (const int unit : target.units) {
        const double* row = source.weight.data() + static_cast<std::size_t>(unit) * source.inputs;
        if (layer == 0) {
            target.weight.insert(target.weight.end(), row, row + source.inputs);
        } else {
            for (const int before : layers_[layer - 1].units) target.weight.push_back(row[before]);
        }
    }
    return target.weight.data();
}

// One step back replaces the units j of a layer by their own forms: with m of them,
//     w'_k = sum_j w_j W_jk,   c' = c + sum_j w_j (b_j + low_j).
// The products and sums round by at most (m + 3) u sum_j |w_j W_jk| (see error_bound.hpp), errors e_j of w_j enter as sum_j e_j |W_jk|.
// `low` is not added, so all of it counts as an error.
RELUTOPE_CLONES
void ActiveForms::form(int layer, int index, int base, ActiveForm& result) {
    const Layer& own = network_.layer(layer);
    const double* row = own.weight.data() + static_cast<std::size_t>(index) * own.inputs;
    result.constant = own.bias[index];
    result.constant_error = std::fabs(own.bias_low[index]);
    result.weight.clear();
    if (layer == 0) {
        result.weight.assign(row, row + own.inputs);
    } else {
        for (const int unit : layers_[layer - 1].units) result.weight.push_back(row[unit]);
    }
    result.weight_error.assign(result.weight.size(), 0.0);
    for (int from = layer - 1; from > base; --from) {
        const std::vector<int>& units = layers_[from].units;
        const auto count = static_cast<int>(units.size());
        const int columns = width(from - 1);
        const double* packed = packed_weights(from);
        next_weight_.assign(columns, 0.0);
        next_error_.assign(columns, 0.0);
        next_size_.assign(columns, 0.0);
        double size = std::fabs(result.constant);
        double passed = result.constant_error;
        for (int j = 0; j < count; ++j) {
            const double w = result.weight[j], error = result.weight_error[j];
            const double* __restrict source = packed + static_cast<std::size_t>(j) * columns;
            double *__restrict weight = next_weight_.data(), *__restrict errors = next_error_.data(), *__restrict sizes = next_size_.data();
            for (int k = 0; k < columns; ++k) {
                const double product = w * source[k];
                weight[k] += product;
                sizes[k] += std::fabs(product);
                errors[k] += error * std::fabs(source[k]);
            }
            const Layer& before = network_.layer(from);
            const double bias = before.bias[units[j]], low = std::fabs(before.bias_low[units[j]]);
            const double product = w * bias;
            result.constant += product;
            size += std::fabs(product);
            passed += error * std::fabs(bias) + (std::fabs(w) + error) * low;
        }
        const double rounding = (count + 3) * unit_roundoff;
        result.constant_error = (passed + rounding * size) * inflate + underflow;
        result.weight.assign(next_weight_.begin(), next_weight_.end());
        result.weight_error.resize(columns);
        // With at most one term nothing is summed, and a product with zero is zero.
        for (int k = 0; k < columns; ++k) {
            const bool zero = next_size_[k] == 0 && next_error_[k] == 0 && count <= 1 && (count == 0 || packed[k] == 0);
            result.weight_error[k] = zero ? 0.0 : (next_error_[k] + rounding * next_size_[k]) * inflate + underflow;
        }
    }
    // Beyond this range sums may overflow; nothing is decided from such forms.
    for (std::size_t k = 0; k < result.weight.size(); ++k)
        if (!(std::fabs(result.weight[k]) <= error_bound::largest_coefficient)) result.weight_error[k] = error_bound::infinite;
    if (!(std::fabs(result.constant) <= error_bound::largest_constant)) result.constant_error = error_bound::infinite;
}

exact::Form ActiveForms::exact_form(int layer, int index, int base) const {
    const auto weights_of = [&](int from, int unit) {
        const int inputs = network_.layer(from).inputs;
        const exact::Integer* row = network_.integer_layer(from).weight.data() + static_cast<std::size_t>(unit) * inputs;
        std::vector<exact::Integer> weights;
        if (from == 0) {
            weights.assign(row, row + inputs);
        } else {
            for (const int before : layers_[from - 1].units) weights.push_back(row[before]);
        }
        return weights;
    };
    exact::Form form{weights_of(layer, index), network_.integer_layer(layer).bias[index], 0};
    for (int from = layer - 1; from > base; --from) {
        const std::vector<int>& units = layers_[from].units;
        std::vector<exact::Integer> next(width(from - 1));
        for (std::size_t j = 0; j < units.size(); ++j) {
            if (form.weight[j].is_zero()) continue;
            const std::vector<exact::Integer> row = weights_of(from, units[j]);
            for (std::size_t k = 0; k < next.size(); ++k) next[k] += form.weight[j] * row[k];
            form.constant += form.weight[j] * network_.integer_layer(from).bias[units[j]];
        }
        form.weight = std::move(next);
    }
    // The integer network's units are the real ones times a power of two.
    const int exponent = base < 0 ? 0 : network_.scale_exponent(base);
    if (exponent < 0)
        for (exact::Integer& weight : form.weight) weight <<= -exponent;
    if (exponent > 0) form.constant <<= exponent;
    return form;
}

}  // namespace relutope
