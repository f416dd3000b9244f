#include "refinement/layer_certificate.hpp"

#include <algorithm>
#include <cmath>

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
    tight_.assign(count, 0);
    multiplier_.clear();
    std::size_t used = 0;
    for (const Term& term : terms) {
        if (term.name.level == base + 1) {
            tight_[std::lower_bound(units.begin(), units.end(), term.name.index) - units.begin()] = 1;
            continue;
        }
        if (used == rows_.size()) rows_.emplace_back();
        load(term, base, rows_[used++]);
        multiplier_.push_back(term.multiplier);
    }
    const auto t = static_cast<int>(used);
    if (t > count) return false;
    const auto reduce = [&](int k) {
        double value = goal_.weight[k];
        for (int i = 0; i < t; ++i) value -= multiplier_[i] * rows_[i].weight[k];
        return value;
    };
    residual_.resize(count);
    order_.clear();
    for (int k = 0; k < count; ++k) {
        residual_[k] = reduce(k);
        if (!tight_[k]) order_.push_back(k);
    }
    if (static_cast<int>(order_.size()) < t) return false;
    const auto surplus = [&](int k) { return has_sign(k) ? residual_[k] : -HUGE_VAL; };
    std::nth_element(order_.begin(), order_.begin() + t, order_.end(), [&](int a, int b) { return surplus(a) < surplus(b); });
    order_.resize(t);
    basic_.assign(count, 0);
    for (const int k : order_) basic_[k] = 1;

    system_.start(t);
    double rho = 0;
    for (int i = 0; i < t; ++i) {
        double error = 0;
        for (int b = 0; b < t; ++b) {
            system_.row(i)[b] = rows_[i].weight[order_[b]];
            error += rows_[i].weight_error[order_[b]];
        }
        system_.set_error(i, error * inflate);
    }
    // How far a residual is from what the multipliers at hand would make exactly.
    const auto residual_error = [&](int k) {
        double size = std::fabs(goal_.weight[k]), error = goal_.weight_error[k];
        for (int i = 0; i < t; ++i) {
            size += multiplier_[i] * std::fabs(rows_[i].weight[k]);
            error += multiplier_[i] * rows_[i].weight_error[k];
        }
        return size == 0 && error == 0 ? 0.0 : (error + (t + 3) * unit_roundoff * size) * inflate + underflow;
    };
    for (const int k : order_) rho += std::fabs(residual_[k]) + residual_error(k);
    const double off = t == 0 ? 0.0 : system_.bound(rho * inflate);
    if (!(off < error_bound::infinite)) return false;
    for (const double multiplier : multiplier_)
        if (!(multiplier > off)) return false;
    for (int k = 0; k < count; ++k) {
        if (basic_[k]) continue;
        double size = 0;
        for (int i = 0; i < t; ++i) size += std::fabs(rows_[i].weight[k]) + rows_[i].weight_error[k];
        const double error = residual_error(k) + (size > 0 ? off * size * inflate + underflow : 0.0);
        const bool vanishes = residual_[k] == 0 && error == 0;
        if (!vanishes && (!has_sign(k) || !(residual_[k] > error))) return false;
    }
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

}  // namespace relutope
