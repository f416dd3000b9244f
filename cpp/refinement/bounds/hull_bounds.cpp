#include "refinement/bounds/hull_bounds.hpp"

#include <algorithm>
#include <cmath>

#include "network/sign_layout.hpp"
#include "predicates/error_bound.hpp"

namespace relutope {

namespace {

using error_bound::infinite;
using error_bound::inflate;
using error_bound::least_double;
using error_bound::underflow;
using error_bound::unit_roundoff;

// Beyond it nothing is decided; below it no sum overflows.
constexpr double largest_size = 0x1p900;

// About what a split costs, measured in two to six dimensions.
constexpr double products_per_split = 4000;

bool has_bit(std::span<const std::uint64_t> words, int index) {
    const SignBit bit(index);
    return words[bit.word] & bit.bit;
}

}  // namespace

void HullBounds::Units::reset(int most_units, int stride) {
    index.clear();
    unit.clear();
    storage.resize(std::size_t(2) * most_units * stride);
}

HullBounds::Unit& HullBounds::Units::add(int which, int stride) {
    double* at = storage.data() + 2 * unit.size() * stride;
    index.push_back(which);
    unit.push_back({{at, std::size_t(stride)}, {at + stride, std::size_t(stride)}});
    return unit.back();
}

HullBounds::HullBounds(const Network& network, int compared)
    : network_(network), dimension_(network.input_dimension()), output_layer_(0), extent_(network.input_dimension()),
      scratch_(2 * (std::size_t(network.input_dimension()) + 1)) {
    const int first = network.num_neurons() - compared;
    while (network.first_neuron(output_layer_ + 1) <= first) ++output_layer_;
    // The layer of the first of these neurons. One output is that neuron itself; several are the units of the layer before.
    if (network.layer(network.num_hidden()).outputs > 1) --output_layer_;
    double products = 0;
    interval_.resize(output_layer_);
    for (int layer = output_layer_ - 1; layer >= 0; --layer) {
        interval_[layer] = 1 + static_cast<int>(products * (dimension_ + 1) / products_per_split);
        products += static_cast<double>(network.layer(layer).outputs) * network.layer(layer).inputs;
    }
}

bool HullBounds::decided(int layer, const FormTable& forms, std::span<const std::uint64_t> positive,
                         std::span<const std::uint64_t> negative, const Hull& hull) {
    hull_ = &hull;
    std::fill(extent_.begin(), extent_.end(), 0.0);
    for (std::size_t i = 0; i < hull.points.size(); ++i) extent_[i % dimension_] = std::max(extent_[i % dimension_], std::fabs(hull.points[i]));
    extents_ = 1;
    for (double& extent : extent_) {
        extent += hull.radius;
        extent *= inflate;
        extents_ += extent;
    }
    if (!(extents_ <= error_bound::largest_extent)) return false;
    if (!start(layer, forms, positive, negative)) return false;
    for (int later = layer + 1; later < output_layer_; ++later)
        if (!pass_on(later)) return false;

    const std::size_t stride = dimension_ + 1;
    Unit scratch{{scratch_.data(), stride}, {scratch_.data() + stride, stride}};
    const int outputs = network_.layer(network_.num_hidden()).outputs;
    if (outputs == 1) {
        if (!combine({output_layer_, 0}, scratch)) return false;
        const std::optional<Range> all = range(scratch);
        return all && (all->lower > 0 || all->upper < 0);
    }
    // Only the output that is largest at the first point, or nearly so, can win on all of the hull.
    int best = 0;
    double largest = -infinite;
    for (int k = 0; k < outputs; ++k) {
        if (!combine({output_layer_, k}, scratch)) return false;
        double value = scratch.least[dimension_] + scratch.most[dimension_];
        for (int j = 0; j < dimension_; ++j) value += (scratch.least[j] + scratch.most[j]) * hull.points[j];
        if (value > largest) {
            largest = value;
            best = k;
        }
    }
    return wins(best, scratch);
}

bool HullBounds::wins(int output, Unit& scratch) {
    const int outputs = network_.layer(network_.num_hidden()).outputs;
    for (int other = 0; other < outputs; ++other) {
        if (other == output) continue;
        if (!combine({output_layer_, output, other}, scratch)) return false;
        const std::optional<Range> lead = range(scratch);
        if (!lead || !(lead->lower > 0)) return false;
    }
    return true;
}

// The units of the first layer, of which the forms are known.
bool HullBounds::start(int layer, const FormTable& forms, std::span<const std::uint64_t> positive,
                       std::span<const std::uint64_t> negative) {
    const Layer& here = network_.layer(layer);
    const int stride = dimension_ + 1;
    double farthest = 0;
    for (const double extent : extent_) farthest = std::max(farthest, extent);
    here_.reset(here.outputs, stride);
    for (int i = 0; i < here.outputs; ++i) {
        const bool neuron = i < here.neurons();
        if (neuron && !has_bit(positive, i)) continue;
        Unit& unit = here_.add(i, stride);
        for (int k = 0; k < stride; ++k) unit.least[k] = unit.most[k] = forms.coefficient(i, k);
        unit.same = true;
        unit.error = forms.bound(i).at(0.0, farthest);
        if (!measure(unit.least, unit.size) || !(unit.error <= largest_size)) return false;
        if (!neuron || !has_bit(negative, i)) continue;
        const std::optional<Range> between = range(unit);
        if (!between || !relax(here_, *between)) return false;
    }
    return true;
}

// From here_, the units of the layer before, to those of `layer`.
bool HullBounds::pass_on(int layer) {
    const Layer& to = network_.layer(layer);
    const int stride = dimension_ + 1;
    next_.reset(to.outputs, stride);
    for (int i = 0; i < to.outputs; ++i) {
        Unit& unit = next_.add(i, stride);
        if (!combine({layer, i}, unit)) return false;
        if (i >= to.neurons()) continue;
        const std::optional<Range> between = range(unit);
        if (!between || !relax(next_, *between)) return false;
    }
    std::swap(here_, next_);
    return true;
}

// What the last of the units passes on, where its preactivation is in this range. False beyond the range of bounds.
bool HullBounds::relax(Units& units, const Range& range) {
    if (range.upper <= 0) {
        units.drop_last();
        return true;
    }
    if (range.lower >= 0) return true;
    Unit& unit = units.unit.back();
    double t = range.upper / (range.upper - range.lower);
    if (!(t >= 0 && t <= 1)) t = 1;
    const double m = std::max(t * -range.lower, range.upper * (1 - t)) * inflate + underflow;
    for (double& a : unit.most) a *= t;
    unit.most[dimension_] += m;
    if (!(range.upper > -range.lower)) std::fill(unit.least.begin(), unit.least.end(), 0.0);
    unit.same = false;
    unit.error = (unit.error + 4 * unit_roundoff * (unit.size + m)) * inflate + least_double * 8 * extents_ + underflow;
    unit.size = (unit.size + m) * inflate;
    return unit.size <= largest_size;
}

// The preactivation that a row of a layer's weights makes of the units in here_.
bool HullBounds::combine(const Row& row, Unit& target) {
    const Layer& layer = network_.layer(row.layer);
    const auto weights_of = [&](int unit, std::vector<double>& into) {
        into.assign(layer.inputs, 0.0);
        layer.for_row(unit, [&](int j, double w) { into[j] = w; });
    };
    weights_of(row.plus, row_);
    double bias = layer.bias[row.plus], low = std::fabs(layer.bias_low[row.plus]), biases = std::fabs(bias);
    if (row.minus >= 0) {
        weights_of(row.minus, difference_);
        for (int j = 0; j < layer.inputs; ++j) row_[j] -= difference_[j];
        bias -= layer.bias[row.minus];
        low += std::fabs(layer.bias_low[row.minus]);
        biases += std::fabs(layer.bias[row.minus]);
    }
    std::fill(target.least.begin(), target.least.end(), 0.0);
    std::fill(target.most.begin(), target.most.end(), 0.0);
    double error = 0, size = biases;
    bool same = true;
    double* __restrict least = target.least.data();
    double* __restrict most = target.most.data();
    const int stride = dimension_ + 1;
    for (std::size_t u = 0; u < here_.unit.size(); ++u) {
        const double w = row_[here_.index[u]];
        if (w == 0) continue;
        const Unit& unit = here_.unit[u];
        const double* low_side = w > 0 ? unit.least.data() : unit.most.data();
        const double* high_side = w > 0 ? unit.most.data() : unit.least.data();
        for (int k = 0; k < stride; ++k) least[k] += w * low_side[k];
        for (int k = 0; k < stride; ++k) most[k] += w * high_side[k];
        error += std::fabs(w) * unit.error;
        size += std::fabs(w) * unit.size;
        same = same && unit.same;
    }
    least[dimension_] += bias;
    most[dimension_] += bias;
    const double terms = static_cast<double>(here_.unit.size()) + 4;  // two more for the difference of the rows
    target.same = same;
    target.error = (error + low + terms * unit_roundoff * size + terms * least_double * extents_) * inflate + underflow;
    target.size = size * inflate;
    return target.size <= largest_size && target.error <= largest_size;
}

// A bound on the size of a function's values. False beyond the range of bounds.
bool HullBounds::measure(std::span<const double> function, double& size) const {
    size = std::fabs(function[dimension_]);
    for (int k = 0; k < dimension_; ++k) size += std::fabs(function[k]) * extent_[k];
    size = size * inflate + underflow;
    return size <= largest_size;
}

// Between which values the unit is at all points of the hull.
std::optional<HullBounds::Range> HullBounds::range(const Unit& unit) const {
    const auto bound = [&](std::span<const double> function, double sense) -> double {
        double size, norm = 0, smallest = infinite;
        if (!measure(function, size)) return -infinite;
        for (int k = 0; k < dimension_; ++k) norm += std::fabs(function[k]);
        for (std::size_t at = 0; at < hull_->points.size(); at += dimension_) {
            double value = function[dimension_];
            for (int k = 0; k < dimension_; ++k) value += function[k] * hull_->points[at + k];
            smallest = std::min(smallest, sense * value);
        }
        const double error = (unit.error + (dimension_ + 3) * unit_roundoff * size + hull_->radius * norm) * inflate +
                             least_double * (dimension_ + 1) + underflow;
        const double found = smallest - error;
        return std::nextafter(found, -infinite);
    };
    const double lower = bound(unit.least, 1), upper = -bound(unit.most, -1);
    if (!(lower > -infinite && upper < infinite)) return std::nullopt;
    return Range{lower, upper};
}

}  // namespace relutope
