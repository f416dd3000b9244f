#include "refinement/certificates/layer_certificate.hpp"

#include <algorithm>
#include <cmath>

#include "network/maps/row_sums.hpp"
#include "predicates/error_bound.hpp"

namespace relutope {

using error_bound::inflate;
using error_bound::underflow;
using error_bound::unit_roundoff;

namespace {

// Multipliers below this, relative to the largest, are noise of the linear program.
constexpr double negligible = 1e-11;

}  // namespace

bool LayerCertificate::positive(const Term& objective, std::span<const Term> terms) {
    if (objective.name.level < 2) return false;
    double largest = 0;
    for (const Term& term : terms) largest = std::max(largest, term.multiplier);
    terms_.clear();
    for (const Term& term : terms)
        if (term.multiplier > negligible * largest) terms_.push_back(term);
    // The base layer is before all forms, but its own active neurons may be among the terms.
    int lowest = objective.name.level;
    for (const Term& term : terms_) lowest = std::min(lowest, term.name.level);
    if (lowest < 1) return false;
    // The objective too, when later layers are known.
    const auto fits = [&](const Term& term) { return term.name.level > lowest || term.sense > 0; };
    const bool known = std::any_of(terms_.begin(), terms_.end(), [&](const Term& term) { return term.name.level > objective.name.level; });
    const bool own = fits(objective) && std::all_of(terms_.begin(), terms_.end(), fits) && (lowest < objective.name.level || known);
    if (own && positive_over(lowest - 1, objective, terms_)) return true;
    // A narrower layer further back does when the units of this one depend on each other.
    for (int base = lowest - 2; base >= 0; --base)
        if (positive_over(base, objective, terms_)) return true;
    return false;
}

void LayerCertificate::load(const Term& term, int base, ActiveForm& form) {
    if (term.name.level == base + 1) {
        const std::vector<int>& units = forms_.active(base);
        form.weight.assign(units.size(), 0.0);
        form.weight_error.assign(units.size(), 0.0);
        form.weight[std::lower_bound(units.begin(), units.end(), term.name.index) - units.begin()] = 1.0;
        form.constant = form.constant_error = 0;
        return;
    }
    forms_.form(term.name.level - 1, term.name.index, base, form);
    if (term.sense > 0) return;
    for (double& weight : form.weight) weight = -weight;
    form.constant = -form.constant;
}

bool LayerCertificate::positive_over(int base, const Term& objective, std::span<const Term> terms) {
    const std::vector<int>& units = forms_.active(base);
    const auto count = static_cast<int>(units.size());
    const int neurons = network_.layer(base).neurons();
    const int free_unit = objective.name.level == base + 1 ? objective.name.index : -1;
    const auto has_sign = [&](int k) { return units[k] < neurons && units[k] != free_unit; };
    load(objective, base, goal_);
    const int t = load_rows(base, terms);
    signed_.resize(count);
    for (int k = 0; k < count; ++k) signed_[k] = has_sign(k);
    if (t > count || !choose_basis(t)) return false;
    const double off = multiplier_error(t);
    if (!(off < error_bound::infinite)) return false;
    for (const double multiplier : multiplier_)
        if (!(multiplier > off)) return false;
    for (int k = 0; k < count; ++k)
        if (!basic_[k] && !leaves_nonnegative(k, off)) return false;
    proven_base_ = base;
    proven_objective_ = objective;
    proven_off_ = off;
    return leaves_positive_constant(off);
}

// The terms of later layers than the base become rows with multipliers, and their number is returned; the base's own are marked as tight.
int LayerCertificate::load_rows(int base, std::span<const Term> terms) {
    const std::vector<int>& units = forms_.active(base);
    tight_.assign(units.size(), 0);
    multiplier_.clear();
    proven_terms_.clear();
    std::size_t used = 0;
    for (const Term& term : terms) {
        if (term.name.level == base + 1) {
            tight_[std::lower_bound(units.begin(), units.end(), term.name.index) - units.begin()] = 1;
            continue;
        }
        if (used == rows_.size()) rows_.emplace_back();
        load(term, base, rows_[used++]);
        multiplier_.push_back(term.multiplier);
        proven_terms_.push_back(term);
    }
    return static_cast<int>(used);
}

// What the combination leaves of each coordinate, and the t coordinates of which it is to leave nothing: those that may be negative, then
// those where least is left. False when there are too few.
bool LayerCertificate::choose_basis(int t) {
    const auto count = static_cast<int>(signed_.size());
    residual_.resize(count);
    order_.clear();
    for (int k = 0; k < count; ++k) {
        residual_[k] = goal_.weight[k];
        for (int i = 0; i < t; ++i) residual_[k] -= multiplier_[i] * rows_[i].weight[k];
        if (!tight_[k]) order_.push_back(k);
    }
    if (static_cast<int>(order_.size()) < t) return false;
    const auto surplus = [&](int k) { return signed_[k] ? residual_[k] : -HUGE_VAL; };
    std::nth_element(order_.begin(), order_.begin() + t, order_.end(), [&](int a, int b) { return surplus(a) < surplus(b); });
    order_.resize(t);
    basic_.assign(count, 0);
    for (const int k : order_) basic_[k] = 1;
    return true;
}

// How far a residual is from what the multipliers at hand would make exactly.
double LayerCertificate::residual_error(int k) const {
    const auto t = static_cast<int>(multiplier_.size());
    double size = std::fabs(goal_.weight[k]), error = goal_.weight_error[k];
    for (int i = 0; i < t; ++i) {
        size += multiplier_[i] * std::fabs(rows_[i].weight[k]);
        error += multiplier_[i] * rows_[i].weight_error[k];
    }
    return size == 0 && error == 0 ? 0.0 : (error + (t + 3) * unit_roundoff * size) * inflate + underflow;
}

// How far the multipliers are at most from those that leave nothing of the basis exactly.
double LayerCertificate::multiplier_error(int t) {
    system_.start(t);
    for (int i = 0; i < t; ++i) {
        double error = 0;
        for (int b = 0; b < t; ++b) {
            system_.row(i)[b] = rows_[i].weight[order_[b]];
            error += rows_[i].weight_error[order_[b]];
        }
        system_.set_error(i, error * inflate);
    }
    double rho = 0;
    for (const int k : order_) rho += std::fabs(residual_[k]) + residual_error(k);
    return t == 0 ? 0.0 : system_.bound(rho * inflate);
}

// Whether the combination leaves nothing of coordinate k, or something positive of one that is not negative.
bool LayerCertificate::leaves_nonnegative(int k, double off) const {
    double size = 0;
    for (std::size_t i = 0; i < multiplier_.size(); ++i) size += std::fabs(rows_[i].weight[k]) + rows_[i].weight_error[k];
    const double error = residual_error(k) + (size > 0 ? off * size * inflate + underflow : 0.0);
    return (residual_[k] == 0 && error == 0) || (signed_[k] && residual_[k] > error);
}

bool LayerCertificate::leaves_positive_constant(double off) const {
    const auto t = static_cast<int>(multiplier_.size());
    double constant = goal_.constant, size = std::fabs(constant), error = goal_.constant_error, constants = 0;
    for (int i = 0; i < t; ++i) {
        const double product = multiplier_[i] * rows_[i].constant;
        constant -= product;
        size += std::fabs(product);
        error += multiplier_[i] * rows_[i].constant_error;
        constants += std::fabs(rows_[i].constant) + rows_[i].constant_error;
    }
    return constant > (error + (t + 3) * unit_roundoff * size + off * constants) * inflate + underflow;
}

// Coefficients of the preactivations of the layer after `layer` become those of its outputs. With m of them an entry rounds by at most
// (m + 3) u sum_j |v_j W_jk| (see error_bound.hpp), errors e_j of v_j enter as sum_j e_j |W_jk|.
void LayerCertificate::pass_back(int layer, const Coefficients& preactivations) {
    const Layer& next = network_.layer(layer + 1);
    const int columns = next.inputs;
    outputs_.value.assign(columns, 0.0);
    outputs_.error.assign(columns, 0.0);
    size_.assign(columns, 0.0);
    reached_.assign(columns, 0);
    passed_.clear();
    for (int j = 0; j < next.outputs; ++j)
        if (preactivations.value[j] != 0 || preactivations.error[j] != 0) passed_.push_back(j);
    if (next.is_sparse()) {
        for (const int j : passed_) {
            const double v = preactivations.value[j], e = preactivations.error[j];
            next.for_row(j, [&](int k, double w) {
                const double product = v * w;
                outputs_.value[k] += product;
                size_[k] += std::fabs(product);
                outputs_.error[k] += e * std::fabs(w);
                reached_[k] |= w != 0;
            });
        }
    } else {
        add_rows(next.weight.data(), columns, passed_, preactivations.value.data(), preactivations.error.data(),
                 {outputs_.value.data(), outputs_.error.data(), size_.data()});
        // Where weights are zero so are the sums, but products of others may have vanished.
        const auto has_weight = [&](int k) {
            const auto is_weight = [&](int j) { return next.weight[static_cast<std::size_t>(j) * columns + k] != 0; };
            return std::any_of(passed_.begin(), passed_.end(), is_weight);
        };
        for (int k = 0; k < columns; ++k) reached_[k] = size_[k] != 0 || outputs_.error[k] != 0 || has_weight(k);
    }
    const double rounding = (static_cast<double>(passed_.size()) + 3) * unit_roundoff;
    for (int k = 0; k < columns; ++k)
        outputs_.error[k] = reached_[k] ? (outputs_.error[k] + rounding * size_[k]) * inflate + underflow : 0.0;
}

void LayerCertificate::adopt(const Term& objective, std::span<const Term> terms) {
    proven_base_ = -1;
    proven_objective_ = objective;
    proven_off_ = 0;
    proven_terms_.clear();
    for (const Term& term : terms)
        if (term.name.level > 0) proven_terms_.push_back(term);
}

void LayerCertificate::needed_states(std::vector<std::uint64_t>& needed) {
    needed.assign(words_for(network_.num_neurons()), 0);
    // Without branches, which would be guessed wrong half of the time.
    const auto set_need = [&](int layer, int neuron, bool is_needed) {
        const int bit = network_.first_neuron(layer) + neuron;
        std::uint64_t& word = needed[bit >> 6];
        word = (word & ~(std::uint64_t{1} << (bit & 63))) | std::uint64_t{is_needed} << (bit & 63);
    };
    int top = proven_objective_.name.level - 1;
    for (const Term& term : proven_terms_) top = std::max(top, term.name.level - 1);
    const auto set_active = [&](int layer) {
        tight_.assign(network_.layer(layer).outputs, 0);
        for (const int unit : forms_.active(layer)) tight_[unit] = 1;
    };
    for (int layer = top; layer > proven_base_; --layer) {
        const Layer& here = network_.layer(layer);
        if (layer < top) {
            pass_back(layer, preactivations_);
        } else {
            outputs_.value.assign(here.outputs, 0.0);
            outputs_.error.assign(here.outputs, 0.0);
        }
        set_active(layer);
        preactivations_.value.resize(here.outputs);
        preactivations_.error.resize(here.outputs);
        const auto take = [&](int k, double y, bool is_objective) {
            double& value = preactivations_.value[k];
            double& error = preactivations_.error[k];
            value = tight_[k] ? outputs_.value[k] : 0.0;
            error = tight_[k] ? outputs_.error[k] : 0.0;
            if (y != 0) {
                value += tight_[k] ? -y : y;
                error = (error + proven_off_ + unit_roundoff * std::fabs(value)) * inflate;
            }
            if (is_objective) {
                value += proven_objective_.sense;
                if (value != proven_objective_.sense) error = (error + unit_roundoff * std::fabs(value)) * inflate;
            }
            if (k >= here.neurons()) return;
            // The multiplier of one state is y, or nothing; that of the other is w - y.
            const double error_of_other = outputs_.error[k] + (y != 0 ? proven_off_ : 0.0);
            const double other = outputs_.value[k] - y;
            set_need(layer, k, is_objective || !(other >= (error_of_other + unit_roundoff * std::fabs(other)) * inflate));
        };
        for (int k = 0; k < here.outputs; ++k) take(k, 0.0, false);
        const int objective = proven_objective_.name.level == layer + 1 ? proven_objective_.name.index : -1;
        for (const Term& term : proven_terms_)
            if (term.name.level == layer + 1) take(term.name.index, term.multiplier, term.name.index == objective);
        const auto is_taken = [&](const Term& term) { return term.name.level == layer + 1 && term.name.index == objective; };
        if (objective >= 0 && std::none_of(proven_terms_.begin(), proven_terms_.end(), is_taken)) take(objective, 0.0, true);
    }
    if (proven_base_ < 0) return;
    pass_back(proven_base_, preactivations_);
    set_active(proven_base_);
    for (int k = 0; k < network_.layer(proven_base_).neurons(); ++k) {
        const bool is_objective = proven_objective_.name.level == proven_base_ + 1 && proven_objective_.name.index == k;
        set_need(proven_base_, k, is_objective || (!tight_[k] && !(outputs_.value[k] >= outputs_.error[k])));
    }
}

}  // namespace relutope
