#include "network/maps/composed_map.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "predicates/clones.hpp"
#include "predicates/double_double.hpp"

namespace relutope {

namespace {

// After so many additions the error terms are worth a rebuild.
constexpr int max_additions = 512;
// Errors of this size, relative to the forms, are worth keeping coefficients in two parts.
constexpr double blur = 0x1p-34;

constexpr FormSizes no_errors{0, 0, 0, 0, 0, 0};

// high + low += weight (step + rest); `parts` are those of step.
inline void add_precisely(double weight, double step, double rest, const double_double::Split& parts, double& high, double& low) {
    const double product = weight * step;
    const double more = weight * rest + double_double::product_error(product, double_double::split(weight), parts);
    const double sum = high + product;
    low += double_double::sum_error(sum, high, product) + more;
    high = sum;
}

// Adds the sizes of a column's entries, and these times two errors.
RELUTOPE_CLONES
void add_sizes(const double* __restrict column, double weight_error, double constant_error, std::vector<double>& norms,
               std::vector<double>& weights, std::vector<double>& constants) {
    double *__restrict norm = norms.data(), *__restrict weight = weights.data(), *__restrict constant = constants.data();
    const std::size_t count = norms.size();
    for (std::size_t i = 0; i < count; ++i) {
        const double size = std::fabs(column[i]);
        norm[i] += size;
        weight[i] += size * weight_error;
        constant[i] += size * constant_error;
    }
}

}  // namespace

FormTable domain_forms(const Domain& domain) {
    const int n = domain.dimension();
    FormTable forms(n, domain.num_sides());
    for (int index = 0; index < domain.num_box_sides(); ++index) {
        const BoxSide side(index);
        forms.column(side.axis)[index] = side.inwards();
        forms.column(n)[index] = domain.is_at_infinity(index) ? 0.0 : side.outwards() * domain.bound(side);
    }
    for (std::size_t row = 0; row < domain.halfspaces.size(); ++row)
        for (int k = 0; k <= n; ++k) forms.column(k)[domain.num_box_sides() + row] = domain.halfspaces[row][k];
    forms.set_exact(nullptr);
    return forms;
}

ComposedMap::ComposedMap(const Layer& layer, int dimension)
    : layer_(layer), forms_(dimension, layer.outputs), transposed_(layer.weight.size()), share_(layer.inputs),
      active_(words_for(layer.inputs)), touched_(words_for(layer.inputs)) {
    if (layer.is_sparse()) transpose_sparse();
    for (int i = 0; i < layer.outputs; ++i) {
        double scale = 0;
        layer.for_row(i, [&](int, double w) { scale = std::max(scale, std::fabs(w)); });
        layer.for_row(i, [&](int j, double w) {
            if (!layer.is_sparse()) transposed_[static_cast<std::size_t>(j) * layer.outputs + i] = w;
            if (scale > 0) share_[j] = std::max(share_[j], std::fabs(w) / scale);
        });
        const double low = std::fabs(layer.bias_low[i]);
        forms_.describe(i, scale, std::fabs(layer.bias[i]) + low, low);
    }
}

void ComposedMap::transpose_sparse() {
    columns_.begin.assign(static_cast<std::size_t>(layer_.inputs) + 1, 0);
    for (const std::int32_t column : layer_.sparse.column) ++columns_.begin[column + 1];
    for (int j = 0; j < layer_.inputs; ++j) columns_.begin[j + 1] += columns_.begin[j];
    columns_.column.resize(layer_.sparse.column.size());
    columns_.value.resize(layer_.sparse.value.size());
    std::vector<std::int64_t> next(columns_.begin.begin(), columns_.begin.end() - 1);
    for (int i = 0; i < layer_.outputs; ++i)
        layer_.for_row(i, [&](int j, double w) {
            const std::int64_t place = next[j]++;
            columns_.column[place] = i;
            columns_.value[place] = w;
        });
}

void ComposedMap::set_first() {
    if (built_) return;
    built_ = true;
    ++version_;
    const int n = forms_.dimension();
    for (int k = 0; k < n; ++k) {
        if (layer_.is_sparse()) {
            std::fill_n(forms_.column(k), layer_.outputs, 0.0);
            for (std::int64_t e = columns_.begin[k]; e < columns_.begin[k + 1]; ++e) forms_.column(k)[columns_.column[e]] = columns_.value[e];
        } else {
            std::copy_n(transposed_.data() + static_cast<std::size_t>(k) * layer_.outputs, layer_.outputs, forms_.column(k));
        }
    }
    set_constants();
    if (!precise_) {
        forms_.set_exact(layer_.bias_low.data());
        return;
    }
    precise_sizes_ = passed_on_ = no_errors;
    forms_.set_exact(low_.data() + static_cast<std::size_t>(n) * layer_.outputs);
}

void ComposedMap::restart(bool precise) {
    built_ = false;
    precise_ = precise;
    if (precise) low_.resize(static_cast<std::size_t>(forms_.dimension() + 1) * forms_.count());
}

bool ComposedMap::blurred() const {
    return built_ && sizes_.weight_error > blur * sizes_.norm;
}

void ComposedMap::set_pattern(const ComposedMap& before, const std::uint64_t* active) {
    const int words = static_cast<int>(active_.size());
    if (built_ && before.version_ == before_version_ && std::equal(active_.begin(), active_.end(), active)) return;
    update(before, active);
    std::copy_n(active, words, active_.begin());
    before_version_ = before.version_;
    finish();
}

void ComposedMap::update(const ComposedMap& before, const std::uint64_t* active) {
    const int words = static_cast<int>(active_.size());
    int changed = 0;
    int kept = 0;
    for (int k = 0; k < words; ++k) {
        changed += std::popcount(active[k] ^ active_[k]);
        kept += std::popcount(active[k]);
    }
    if (!built_ || before.version_ != before_version_ || changed >= kept || additions_ + changed > max_additions) {
        rebuild(before, active);
        return;
    }
    for (int k = 0; k < words; ++k) {
        for (std::uint64_t rest = active[k] ^ active_[k]; rest; rest &= rest - 1) {
            const int bit = std::countr_zero(rest);
            apply(before, 64 * k + bit, active[k] >> bit & 1 ? 1.0 : -1.0);
        }
    }
}

void ComposedMap::rebuild(const ComposedMap& before, const std::uint64_t* active) {
    const int n = forms_.dimension();
    const int count = forms_.count();
    std::fill_n(forms_.column(0), static_cast<std::size_t>(n) * count, 0.0);
    set_constants();
    std::fill(touched_.begin(), touched_.end(), 0);
    sizes_ = no_errors;
    additions_ = 0;
    built_ = true;
    added_.clear();
    for (std::size_t k = 0; k < active_.size(); ++k)
        for (std::uint64_t rest = active[k]; rest; rest &= rest - 1) added_.push_back(static_cast<int>(64 * k) + std::countr_zero(rest));
    if (!precise_ && !layer_.is_sparse()) {
        add_rounded(before, added_);
        for (const int neuron : added_) touch(before, neuron);
    } else {
        for (const int neuron : added_) apply(before, neuron, 1.0);
    }
}

// Precise forms hold both parts of the bias.
void ComposedMap::set_constants() {
    const int n = forms_.dimension();
    std::copy(layer_.bias.begin(), layer_.bias.end(), forms_.column(n));
    if (!precise_) return;
    std::fill(low_.begin(), low_.end(), 0.0);
    std::copy(layer_.bias_low.begin(), layer_.bias_low.end(), low_.begin() + static_cast<std::ptrdiff_t>(n) * forms_.count());
    normalise();
}

void ComposedMap::apply(const ComposedMap& before, int neuron, double direction) {
    if (layer_.is_sparse()) {
        apply_sparse(before, neuron, direction);
    } else {
        const double* weight = transposed_.data() + static_cast<std::size_t>(neuron) * forms_.count();
        precise_ ? apply_precisely(weight, before, neuron, direction) : apply_rounded(weight, before, neuron, direction);
    }
    touch(before, neuron);
}

// Takes notice of what a neuron adds to the errors.
void ComposedMap::touch(const ComposedMap& before, int neuron) {
    ++additions_;
    if constexpr (!error_bound::certified) return;
    std::uint64_t& word = touched_[neuron >> 6];
    if (word >> (neuron & 63) & 1) return;
    word |= std::uint64_t{1} << (neuron & 63);
    const int n = forms_.dimension();
    double norm = 0;
    for (int k = 0; k < n; ++k) norm += std::fabs(before.forms_.coefficient(neuron, k));
    const double share = share_[neuron];
    sizes_.norm += share * norm;
    sizes_.constant += share * std::fabs(before.forms_.coefficient(neuron, n));
    // Plain sums see of precise forms what their table shows.
    sizes_.weight_error += share * (precise_ ? before.weight_error(neuron, before.passed_on_) : before.forms_.weight_error(neuron));
    sizes_.constant_error += share * (precise_ ? before.constant_error(neuron, before.passed_on_) : before.forms_.constant_error(neuron));
}

// The same sums as by apply_rounded for one neuron after the other, four of them and two columns at a time.
RELUTOPE_CLONES
void ComposedMap::add_rounded(const ComposedMap& before, const std::vector<int>& neurons) {
    const int count = forms_.count(), columns = forms_.dimension() + 1;
    const std::size_t fours = neurons.size() / 4 * 4;
    const auto weights = [&](std::size_t at) { return transposed_.data() + static_cast<std::size_t>(neurons[at]) * count; };
    for (int k = 0; k < columns; k += 2) {
        const bool single = k + 1 == columns;
        double* __restrict one = forms_.column(k);
        double* __restrict two = single ? nullptr : forms_.column(k + 1);
        const double* of_one = before.forms_.column(k);
        const double* of_two = single ? of_one : before.forms_.column(k + 1);
        for (std::size_t at = 0; at < fours; at += 4) {
            const double *w0 = weights(at), *w1 = weights(at + 1), *w2 = weights(at + 2), *w3 = weights(at + 3);
            const int *j = neurons.data() + at;
            const double a0 = of_one[j[0]], a1 = of_one[j[1]], a2 = of_one[j[2]], a3 = of_one[j[3]];
            if (single) {
                for (int i = 0; i < count; ++i) one[i] = (((one[i] + w0[i] * a0) + w1[i] * a1) + w2[i] * a2) + w3[i] * a3;
                continue;
            }
            const double b0 = of_two[j[0]], b1 = of_two[j[1]], b2 = of_two[j[2]], b3 = of_two[j[3]];
            for (int i = 0; i < count; ++i) {
                one[i] = (((one[i] + w0[i] * a0) + w1[i] * a1) + w2[i] * a2) + w3[i] * a3;
                two[i] = (((two[i] + w0[i] * b0) + w1[i] * b1) + w2[i] * b2) + w3[i] * b3;
            }
        }
        for (std::size_t at = fours; at < neurons.size(); ++at) {
            const double* w = weights(at);
            const double a = of_one[neurons[at]], b = of_two[neurons[at]];
            for (int i = 0; i < count; ++i) one[i] += w[i] * a;
            if (single) continue;
            for (int i = 0; i < count; ++i) two[i] += w[i] * b;
        }
    }
}

void ComposedMap::apply_rounded(const double* __restrict weight, const ComposedMap& before, int neuron, double direction) {
    const int count = forms_.count();
    for (int k = 0; k <= forms_.dimension(); ++k) {
        const double step = direction * before.forms_.coefficient(neuron, k);
        double* __restrict column = forms_.column(k);
        for (int i = 0; i < count; ++i) column[i] += weight[i] * step;
    }
}

RELUTOPE_CLONES
void ComposedMap::apply_precisely(const double* __restrict weight, const ComposedMap& before, int neuron, double direction) {
    const int count = forms_.count();
    for (int k = 0; k <= forms_.dimension(); ++k) {
        const double step = direction * before.forms_.coefficient(neuron, k);
        const double rest = direction * before.low(neuron, k);
        const double_double::Split parts = double_double::split(step);
        double* __restrict column = forms_.column(k);
        double* __restrict low = low_.data() + static_cast<std::size_t>(k) * count;
        for (int i = 0; i < count; ++i) add_precisely(weight[i], step, rest, parts, column[i], low[i]);
    }
}

// What is zero changes no sum.
void ComposedMap::apply_sparse(const ComposedMap& before, int neuron, double direction) {
    const std::int64_t begin = columns_.begin[neuron], end = columns_.begin[neuron + 1];
    for (int k = 0; k <= forms_.dimension(); ++k) {
        const double step = direction * before.forms_.coefficient(neuron, k);
        double* column = forms_.column(k);
        if (!precise_) {
            for (std::int64_t e = begin; e < end; ++e) column[columns_.column[e]] += columns_.value[e] * step;
            continue;
        }
        const double rest = direction * before.low(neuron, k);
        const double_double::Split parts = double_double::split(step);
        double* low = low_.data() + static_cast<std::size_t>(k) * forms_.count();
        for (std::int64_t e = begin; e < end; ++e)
            add_precisely(columns_.value[e], step, rest, parts, column[columns_.column[e]], low[columns_.column[e]]);
    }
}

void ComposedMap::normalise() {
    double* __restrict high = forms_.column(0);
    double* __restrict low = low_.data();
    for (std::size_t i = 0; i < low_.size(); ++i) {
        const double sum = high[i] + low[i];
        low[i] = double_double::sum_error(sum, high[i], low[i]);
        high[i] = sum;
    }
}

double ComposedMap::weight_error(int form, const FormSizes& sizes) const {
    return forms_.scale(form) * sizes.weight_error * error_bound::inflate + error_bound::underflow;
}

double ComposedMap::constant_error(int form, const FormSizes& sizes) const {
    const double error = forms_.scale(form) * sizes.constant_error + forms_.offset(form) * sizes.offset_error;
    return error * error_bound::inflate + error_bound::underflow;
}

void ComposedMap::finish() {
    ++version_;
    const double additions = additions_;
    const double unit = error_bound::unit_roundoff;
    const double rounding = precise_ ? additions * (3 * additions + 10) * unit * unit : (additions + 3) * unit;
    FormSizes sizes = sizes_;
    sizes.weight_error += rounding * sizes.norm;
    sizes.constant_error += rounding * sizes.constant;
    sizes.offset_error = rounding;
    sizes.underflow = error_bound::underflow;
    if (!precise_) {
        forms_.set_sizes(sizes);
        return;
    }
    normalise();
    precise_sizes_ = passed_on_ = sizes;
    show_sizes();
}

// What the table shows of precise forms.
void ComposedMap::show_sizes() {
    const double unit = error_bound::unit_roundoff;
    FormSizes sizes = precise_sizes_;
    sizes.weight_error += unit * sizes.norm;
    sizes.constant_error += unit * sizes.constant;
    sizes.offset_error += unit;
    forms_.set_sizes(sizes);
}

// sum_j |P_ij| e_j with the computed P', and row by row at most |P - P'| max_j e_j more. A form without weights takes nothing over.
void ComposedMap::carry(const ComposedMap& transfer, const ComposedMap& start, bool last) {
    if (carried_version_ == version_) return;
    carried_version_ = version_;
    const int count = forms_.count();
    std::vector<double> norm(count), weight(count), constant(count);
    double largest_weight = 0, largest_constant = 0;
    for (int j = 0; j < start.forms_.count(); ++j) {
        const double weight_error = start.weight_error(j, start.precise_sizes_), constant_error = start.constant_error(j, start.precise_sizes_);
        largest_weight = std::max(largest_weight, weight_error);
        largest_constant = std::max(largest_constant, constant_error);
        add_sizes(transfer.forms_.column(j), weight_error, constant_error, norm, weight, constant);
    }
    double weight_error = 0, constant_error = 0;
    const auto raise = [](double& most, double value) { most = value <= most ? most : value < error_bound::infinite ? value : error_bound::infinite; };
    for (int i = 0; i < count; ++i) {
        const double scale = forms_.scale(i);
        if (scale == 0) continue;
        const double error = transfer.forms_.weight_error(i);
        const double doubt = (norm[i] + error) * error_bound::inflate <= error_bound::largest_coefficient ? error : error_bound::infinite;
        raise(weight_error, (weight[i] + doubt * largest_weight) / scale * error_bound::inflate);
        raise(constant_error, (constant[i] + doubt * largest_constant) / scale * error_bound::inflate);
    }
    precise_sizes_.weight_error += weight_error;
    precise_sizes_.constant_error += constant_error;
    if (last) passed_on_ = no_errors;
    show_sizes();
}

}  // namespace relutope
