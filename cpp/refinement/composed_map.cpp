#include "refinement/composed_map.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace relutope {

namespace {

// After so many additions the error terms are worth a rebuild.
constexpr int max_additions = 512;

}  // namespace

FormTable domain_forms(const Domain& domain) {
    const int n = domain.dimension();
    FormTable forms(n, domain.num_sides());
    for (int k = 0; k < n; ++k) {
        forms.column(k)[2 * k] = 1.0;
        forms.column(n)[2 * k] = std::isinf(domain.lower[k]) ? 0.0 : -domain.lower[k];
        forms.column(k)[2 * k + 1] = -1.0;
        forms.column(n)[2 * k + 1] = std::isinf(domain.upper[k]) ? 0.0 : domain.upper[k];
    }
    for (std::size_t row = 0; row < domain.halfspaces.size(); ++row)
        for (int k = 0; k <= n; ++k) forms.column(k)[2 * n + row] = domain.halfspaces[row][k];
    forms.update_bounds();
    return forms;
}

ComposedMap::ComposedMap(const Layer& layer, int dimension)
    : layer_(layer), forms_(dimension, layer.outputs),
      transposed_(layer.weight.size()), transposed_abs_(layer.weight.size()),
      active_(words_for(layer.inputs)), touched_(words_for(layer.inputs)),
      passed_weight_(layer.outputs), passed_constant_(layer.outputs),
      size_weight_(layer.outputs), size_constant_(layer.outputs) {
    for (int i = 0; i < layer.outputs; ++i) {
        for (int j = 0; j < layer.inputs; ++j) {
            const double w = layer.weight[static_cast<std::size_t>(i) * layer.inputs + j];
            transposed_[static_cast<std::size_t>(j) * layer.outputs + i] = w;
            transposed_abs_[static_cast<std::size_t>(j) * layer.outputs + i] = std::fabs(w);
        }
    }
}

void ComposedMap::set_first() {
    if (built_) return;
    built_ = true;
    ++version_;
    const int n = forms_.dimension();
    for (int k = 0; k < n; ++k)
        std::copy_n(transposed_.data() + static_cast<std::size_t>(k) * layer_.outputs, layer_.outputs, forms_.column(k));
    std::copy(layer_.bias.begin(), layer_.bias.end(), forms_.column(n));
    for (int i = 0; i < layer_.outputs; ++i) forms_.constant_error()[i] = std::fabs(layer_.bias_low[i]);
    forms_.update_bounds();
}

void ComposedMap::set_pattern(const FormTable& before, std::uint64_t before_version, const std::uint64_t* active) {
    const int words = static_cast<int>(active_.size());
    int changed = 0;
    int kept = 0;
    for (int k = 0; k < words; ++k) {
        changed += std::popcount(active[k] ^ active_[k]);
        kept += std::popcount(active[k]);
    }
    if (!built_ || before_version != before_version_ || changed >= kept || additions_ + changed > max_additions) {
        rebuild(before, active);
        before_version_ = before_version;
    } else if (changed == 0) {
        return;
    } else {
        for (int k = 0; k < words; ++k) {
            for (std::uint64_t rest = active[k] ^ active_[k]; rest; rest &= rest - 1) {
                const int bit = std::countr_zero(rest);
                apply(before, 64 * k + bit, active[k] >> bit & 1 ? 1.0 : -1.0);
            }
        }
    }
    std::copy_n(active, words, active_.begin());
    finish();
}

void ComposedMap::rebuild(const FormTable& before, const std::uint64_t* active) {
    const int n = forms_.dimension();
    const int count = forms_.count();
    std::fill_n(forms_.column(0), static_cast<std::size_t>(n) * count, 0.0);
    std::copy(layer_.bias.begin(), layer_.bias.end(), forms_.column(n));
    std::fill(touched_.begin(), touched_.end(), 0);
    std::fill(passed_weight_.begin(), passed_weight_.end(), 0.0);
    std::fill(size_weight_.begin(), size_weight_.end(), 0.0);
    for (int i = 0; i < count; ++i) {
        passed_constant_[i] = std::fabs(layer_.bias_low[i]);
        size_constant_[i] = std::fabs(layer_.bias[i]);
    }
    additions_ = 0;
    built_ = true;
    for (std::size_t k = 0; k < active_.size(); ++k)
        for (std::uint64_t rest = active[k]; rest; rest &= rest - 1)
            apply(before, static_cast<int>(64 * k) + std::countr_zero(rest), 1.0);
}

void ComposedMap::apply(const FormTable& before, int neuron, double direction) {
    const int n = forms_.dimension();
    const int count = forms_.count();
    const double* __restrict weight = transposed_.data() + static_cast<std::size_t>(neuron) * count;
    double norm = 0;
    for (int k = 0; k <= n; ++k) {
        const double a = before.coefficient(neuron, k);
        if (k < n) norm += std::fabs(a);
        const double step = direction * a;
        double* __restrict column = forms_.column(k);
        for (int i = 0; i < count; ++i) column[i] += weight[i] * step;
    }
    ++additions_;
    if constexpr (!error_bound::certified) return;
    std::uint64_t& word = touched_[neuron >> 6];
    if (word >> (neuron & 63) & 1) return;
    word |= std::uint64_t{1} << (neuron & 63);
    const double* size = transposed_abs_.data() + static_cast<std::size_t>(neuron) * count;
    const double weight_error = before.weight_error()[neuron];
    const double constant_error = before.constant_error()[neuron];
    const double constant = std::fabs(before.coefficient(neuron, n));
    for (int i = 0; i < count; ++i) {
        passed_weight_[i] += size[i] * weight_error;
        passed_constant_[i] += size[i] * constant_error;
        size_weight_[i] += size[i] * norm;
        size_constant_[i] += size[i] * constant;
    }
}

void ComposedMap::finish() {
    ++version_;
    if constexpr (!error_bound::certified) return;
    const double rounding = (additions_ + 3) * error_bound::unit_roundoff;
    const auto sum_up = [&](const std::vector<double>& passed_on, const std::vector<double>& sizes, double* __restrict error) {
        const double* __restrict passed = passed_on.data();
        const double* __restrict size = sizes.data();
        for (int i = 0; i < forms_.count(); ++i)
            error[i] = (passed[i] + rounding * size[i]) * error_bound::inflate + error_bound::underflow;
    };
    sum_up(passed_weight_, size_weight_, forms_.weight_error());
    sum_up(passed_constant_, size_constant_, forms_.constant_error());
    forms_.update_bounds();
}

}  // namespace relutope
