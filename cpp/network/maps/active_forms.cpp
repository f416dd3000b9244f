#include "network/maps/active_forms.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "network/maps/row_sums.hpp"
#include "predicates/error_bound.hpp"

namespace relutope {

using error_bound::inflate;
using error_bound::underflow;
using error_bound::unit_roundoff;

namespace {

// Errors of this size, relative to the form, are worth another look.
constexpr double relative_blur = 0x1p-30;

bool is_blurred(const ActiveForm& form) {
    constexpr std::size_t lanes = 8;  // sums that need not wait for each other
    double excess[lanes] = {};
    std::size_t k = 0;
    for (; k + lanes <= form.weight.size(); k += lanes)
        for (std::size_t lane = 0; lane < lanes; ++lane)
            excess[lane] += form.weight_error[k + lane] - relative_blur * std::fabs(form.weight[k + lane]);
    for (; k < form.weight.size(); ++k) excess[0] += form.weight_error[k] - relative_blur * std::fabs(form.weight[k]);
    return std::accumulate(excess, excess + lanes, 0.0) > 0;
}

}  // namespace

ActiveForms::ActiveForms(const Network& network)
    : network_(network), layers_(network.num_hidden()), sizes_(network.num_hidden()) {}

void ActiveForms::set_active(int layer, const std::uint64_t* active) {
    ActiveLayer& target = layers_[layer];
    const int words = words_for(network_.layer(layer).outputs);
    if (!target.bits.empty() && std::equal(target.bits.begin(), target.bits.end(), active)) return;
    target.bits.assign(active, active + words);
    target.units.clear();
    for (int word = 0; word < words; ++word)
        for (std::uint64_t rest = active[word]; rest; rest &= rest - 1) target.units.push_back(64 * word + std::countr_zero(rest));
    find_places(target, network_.layer(layer).outputs);
    target.packed = false;
    sizes_known_ = std::min(sizes_known_, layer - 1);
    if (layer + 1 < static_cast<int>(layers_.size())) layers_[layer + 1].packed = false;
}

int ActiveForms::width(int layer) const {
    return layer < 0 ? network_.input_dimension() : static_cast<int>(layers_[layer].units.size());
}

// Where each unit stands among the active ones of its layer, or -1.
void ActiveForms::find_places(ActiveLayer& target, int outputs) {
    target.place.assign(outputs, -1);
    for (std::size_t k = 0; k < target.units.size(); ++k) target.place[target.units[k]] = static_cast<int>(k);
}

// visit(k, weight) for the entries of a unit's row that belong to active units of the layer before; k counts these.
template <class Visit>
void ActiveForms::for_active(int layer, int unit, Visit&& visit) const {
    network_.layer(layer).for_row(unit, [&](int before, double weight) {
        const int place = layer == 0 ? before : layers_[layer - 1].place[before];
        if (place >= 0 && weight != 0) visit(place, weight);
    });
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
void ActiveForms::form(int layer, int index, int base, ActiveForm& result) {
    start(layer, index, result);
    for (int from = layer - 1; from > base; --from) step_back(from, result);
    if (layer - base > 2 && is_blurred(result)) bound_by_layer(layer, index, base, result);
    // Beyond this range sums may overflow; nothing is decided from such forms.
    const double* const weight = result.weight.data();
    double* const error = result.weight_error.data();
    for (std::size_t k = 0; k < result.weight.size(); ++k)
        error[k] = std::fabs(weight[k]) <= error_bound::largest_coefficient ? error[k] : error_bound::infinite;
    if (!(std::fabs(result.constant) <= error_bound::largest_constant)) result.constant_error = error_bound::infinite;
}

// In the active units of the layer before.
void ActiveForms::start(int layer, int index, ActiveForm& result) const {
    const Layer& own = network_.layer(layer);
    result.constant = own.bias[index];
    result.constant_error = std::fabs(own.bias_low[index]);
    if (own.is_sparse()) {
        result.weight.assign(width(layer - 1), 0.0);
        for_active(layer, index, [&](int k, double weight) { result.weight[k] = weight; });
    } else {
        const double* const row = own.weight.data() + static_cast<std::size_t>(index) * own.inputs;
        if (layer == 0) {
            result.weight.assign(row, row + own.inputs);
        } else {
            const std::vector<int>& units = layers_[layer - 1].units;
            result.weight.resize(units.size());
            for (std::size_t k = 0; k < units.size(); ++k) result.weight[k] = row[units[k]];
        }
    }
    result.weight_error.assign(result.weight.size(), 0.0);
}

// The errors of `result` by what each layer adds, where that is less: not where there are none. A bound that is not a number changes
// nothing.
void ActiveForms::bound_by_layer(int layer, int index, int base, ActiveForm& result) {
    find_sizes(base, layer - 2);
    ActiveForm own;
    start(layer, index, own);
    double weight = 0, constant = 0;
    for (int from = layer - 1; from > base; --from) {
        std::fill(own.weight_error.begin(), own.weight_error.end(), 0.0);
        step_back(from, own);
        if (from - 1 == base) break;
        const UnitSizes& sizes = sizes_[from - 1];
        for (std::size_t k = 0; k < own.weight.size(); ++k) {
            weight += own.weight_error[k] * sizes.weight[k];
            constant += own.weight_error[k] * sizes.constant[k];
        }
    }
    for (std::size_t k = 0; k < result.weight.size(); ++k)
        result.weight_error[k] = std::min(result.weight_error[k], (own.weight_error[k] + weight) * inflate + underflow);
    result.constant_error = std::min(result.constant_error, (own.constant_error + constant) * inflate + underflow);
}

// Of all layers after `base` up to `last`, in order, since each needs those before.
void ActiveForms::find_sizes(int base, int last) {
    if (sizes_base_ != base) sizes_known_ = base;
    sizes_base_ = base;
    ActiveForm unit;
    while (sizes_known_ < last) {
        const int layer = std::max(sizes_known_, base) + 1;
        UnitSizes& sizes = sizes_[layer];
        sizes.weight.clear();
        sizes.constant.clear();
        for (const int index : layers_[layer].units) {
            form(layer, index, base, unit);
            double largest = 0;
            for (std::size_t k = 0; k < unit.weight.size(); ++k)
                largest = std::max(largest, (std::fabs(unit.weight[k]) + unit.weight_error[k]) * inflate);
            sizes.weight.push_back(largest);
            sizes.constant.push_back((std::fabs(unit.constant) + unit.constant_error) * inflate);
        }
        sizes_known_ = layer;
    }
}

void ActiveForms::step_back(int from, ActiveForm& result) {
    const Layer& before = network_.layer(from);
    const std::vector<int>& units = layers_[from].units;
    const auto count = static_cast<int>(units.size());
    const int columns = width(from - 1);
    next_weight_.assign(columns, 0.0);
    next_error_.assign(columns, 0.0);
    next_size_.assign(columns, 0.0);
    reached_.assign(columns, 0);
    before.is_sparse() ? add_sparse(from, result) : add_dense(packed_weights(from), columns, result);
    double size = std::fabs(result.constant);
    double passed = result.constant_error;
    for (int j = 0; j < count; ++j) {
        const double w = result.weight[j], error = result.weight_error[j];
        const double bias = before.bias[units[j]], low = std::fabs(before.bias_low[units[j]]);
        const double product = w * bias;
        result.constant += product;
        size += std::fabs(product);
        passed += error * std::fabs(bias) + (std::fabs(w) + error) * low;
    }
    const double rounding = (count + 3) * unit_roundoff;
    result.constant_error = (passed + rounding * size) * inflate + underflow;
    result.weight.swap(next_weight_);
    result.weight_error.resize(columns);
    // Where no term comes in, the sum is zero without any error.
    for (int k = 0; k < columns; ++k)
        result.weight_error[k] = reached_[k] ? (next_error_[k] + rounding * next_size_[k]) * inflate + underflow : 0.0;
}

void ActiveForms::add_dense(const double* packed, int columns, const ActiveForm& form) {
    const auto count = static_cast<int>(form.weight.size());
    reaching_.clear();
    for (int j = 0; j < count; ++j)
        if (form.weight[j] != 0 || form.weight_error[j] != 0) reaching_.push_back(j);
    add_rows(packed, columns, reaching_, form.weight.data(), form.weight_error.data(),
             {next_weight_.data(), next_error_.data(), next_size_.data()});
    const std::size_t terms = reaching_.size();
    const double* const last = terms > 0 ? packed + static_cast<std::size_t>(reaching_.back()) * columns : packed;
    // With one term nothing is summed, and a product with zero is zero.
    for (int k = 0; k < columns; ++k) reached_[k] = next_size_[k] != 0 || next_error_[k] != 0 || terms > 1 || (terms == 1 && last[k] != 0);
}

void ActiveForms::add_sparse(int from, const ActiveForm& form) {
    for (std::size_t j = 0; j < form.weight.size(); ++j) {
        const double w = form.weight[j], error = form.weight_error[j];
        if (w == 0 && error == 0) continue;
        for_active(from, layers_[from].units[j], [&](int k, double entry) {
            const double product = w * entry;
            next_weight_[k] += product;
            next_size_[k] += std::fabs(product);
            next_error_[k] += error * std::fabs(entry);
            reached_[k] = 1;
        });
    }
}

exact::Form ActiveForms::exact_form(int layer, int index, int base) const {
    exact::Form form{std::vector<exact::Integer>(width(layer - 1)), network_.integer_bias(layer, index), 0};
    for_active(layer, index, [&](int k, double weight) { form.weight[k] = network_.integer_weight(layer, weight); });
    for (int from = layer - 1; from > base; --from) {
        const std::vector<int>& units = layers_[from].units;
        std::vector<exact::Integer> next(width(from - 1));
        for (std::size_t j = 0; j < units.size(); ++j) {
            if (form.weight[j].is_zero()) continue;
            for_active(from, units[j], [&](int k, double weight) { next[k] += form.weight[j] * network_.integer_weight(from, weight); });
            form.constant += form.weight[j] * network_.integer_bias(from, units[j]);
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
