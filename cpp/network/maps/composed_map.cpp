#include "network/maps/composed_map.hpp"

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
    forms.set_exact(nullptr);
    return forms;
}

ComposedMap::ComposedMap(const Layer& layer, int dimension)
    : layer_(layer), forms_(dimension, layer.outputs), transposed_(layer.weight.size()), share_(layer.inputs),
      active_(words_for(layer.inputs)), touched_(words_for(layer.inputs)) {
    for (int i = 0; i < layer.outputs; ++i) {
        const double* row = layer.weight.data() + static_cast<std::size_t>(i) * layer.inputs;
        double scale = 0;
        for (int j = 0; j < layer.inputs; ++j) scale = std::max(scale, std::fabs(row[j]));
        for (int j = 0; j < layer.inputs; ++j) {
            transposed_[static_cast<std::size_t>(j) * layer.outputs + i] = row[j];
            if (scale > 0) share_[j] = std::max(share_[j], std::fabs(row[j]) / scale);
        }
        forms_.describe(i, scale, std::fabs(layer.bias[i]), std::fabs(layer.bias_low[i]));
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
    forms_.set_exact(layer_.bias_low.data());
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
    sizes_ = {0, 0, 0, 0, 0, 0};
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
    const double share = share_[neuron];
    sizes_.norm += share * norm;
    sizes_.constant += share * std::fabs(before.coefficient(neuron, n));
    sizes_.weight_error += share * before.weight_error(neuron);
    sizes_.constant_error += share * before.constant_error(neuron);
}

void ComposedMap::finish() {
    ++version_;
    const double rounding = (additions_ + 3) * error_bound::unit_roundoff;
    FormSizes sizes = sizes_;
    sizes.weight_error += rounding * sizes.norm;
    sizes.constant_error += rounding * sizes.constant;
    sizes.offset_error = rounding;
    sizes.underflow = error_bound::underflow;
    forms_.set_sizes(sizes);
}

}  // namespace relutope
