#include "refinement/bounds/box_bounds.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "predicates/error_bound.hpp"

namespace relutope {

namespace {

using error_bound::infinite;
using error_bound::inflate;
using error_bound::least_double;
using error_bound::underflow;
using error_bound::unit_roundoff;

// A product of sizes, in which nothing times infinity is nothing.
double times(double a, double b) { return a == 0 || b == 0 ? 0 : a * b; }

}  // namespace

BoxBounds::BoxBounds(const Network& network, const ConditionRows& conditions) : network_(network), conditions_(conditions) {
    layers_.resize(network.num_hidden() + 1);
    all_inputs_.resize(network.input_dimension());
    std::iota(all_inputs_.begin(), all_inputs_.end(), 0);
    int total = network.input_dimension() + 8;
    for (int l = 0; l <= network.num_hidden(); ++l) {
        layers_[l].units.resize(width(l));
        total += 2 * width(l) + 8;
    }
    shares_.resize(std::size_t(network.num_neurons()) * network.input_dimension());
    operations_ = total;  // at least the number of terms of any sum below
}

void BoxBounds::Rows::reset(int rows, std::size_t units) {
    count = rows;
    coefficient.assign(rows * units, 0.0);
    constant.assign(rows, 0.0);
    constant_size.assign(rows, 0.0);
    error.assign(rows, 0.0);
}

// The weights of a unit, zeros included.
const double* BoxBounds::row_of(const Layer& layer, int unit) {
    if (!layer.is_sparse()) return layer.weight.data() + std::size_t(unit) * layer.inputs;
    written_out_.assign(layer.inputs, 0.0);
    layer.for_row(unit, [this](int j, double w) { written_out_[j] = w; });
    return written_out_.data();
}

// Sizes of the units of a layer, from those of the layer before; what is known of its preactivations comes with `relax`.
void BoxBounds::measure(int layer) {
    const Layer& here = network_.layer(layer);
    for (int i = 0; i < here.outputs; ++i) {
        const double* weight = row_of(here, i);
        double terms = std::fabs(here.bias[i]) + std::fabs(here.bias_low[i]);
        for (const int j : before(layer)) terms += times(std::fabs(weight[j]), size_before(layer, j));
        layers_[layer].units[i].terms = terms * inflate + underflow;
    }
}

void BoxBounds::relax(int layer, std::span<const double> lower, std::span<const double> upper) {
    const Layer& here = network_.layer(layer);
    LayerOnBox& mine = layers_[layer];
    mine.alive.clear();
    mine.packed = false;
    mine.sum_after = 0;
    for (int i = 0; i < here.outputs; ++i) {
        Unit& unit = mine.units[i];
        const bool neuron = layer < network_.num_hidden() && i < here.neurons();
        const double l = neuron ? lower[i] : 0, u = neuron ? upper[i] : infinite;
        if (neuron && u <= 0) continue;
        unit.unstable = l < 0;
        unit.size = unit.after = unit.terms;
        if (neuron) {
            unit.size = std::min(unit.terms, std::max(std::fabs(l), std::fabs(u)));
            unit.after = std::min(unit.size, u);
        }
        if (unit.unstable) {
            double slope = u / (u - l);
            if (!(slope >= 0 && slope <= 1)) slope = 1;  // u is infinite
            if (l == -infinite) slope = 0;
            unit.lower_slope = u > -l ? 1 : 0;
            unit.upper_slope = slope;
            unit.upper_constant = std::max(times(slope, -l), times(u, 1 - slope)) * inflate + underflow;
        }
        mine.alive.push_back(i);
        mine.sum_after += unit.after;
    }
}

void BoxBounds::pack(int layer) {
    LayerOnBox& mine = layers_[layer];
    if (mine.packed) return;
    const Layer& here = network_.layer(layer);
    const std::vector<int>& columns = before(layer);
    mine.weight.resize(mine.alive.size() * columns.size());
    double* target = mine.weight.data();
    for (const int i : mine.alive) {
        const double* weight = row_of(here, i);
        for (const int j : columns) *target++ = weight[j];
    }
    mine.packed = true;
}

// Replaces functions of the units of `layer` by lower bounds that are functions of the layer before (or of the inputs).
void BoxBounds::substitute(int layer, Rows& rows, Slope slope) {
    pack(layer);
    const Layer& here = network_.layer(layer);
    const LayerOnBox& mine = layers_[layer];
    const std::size_t units = mine.alive.size(), columns = before(layer).size();
    const double rounding = (static_cast<double>(units) + 2) * unit_roundoff;
    const double lost = least_double * static_cast<double>(units) * (layer == 0 ? sum_inputs_ : layers_[layer - 1].sum_after);
    next_.assign(rows.count * columns, 0.0);
    for (int r = 0; r < rows.count; ++r) {
        const double* coefficient = rows.coefficient.data() + r * units;
        double* target = next_.data() + r * columns;
        double constant = rows.constant[r], size = rows.constant_size[r], error = 0, terms = 0;
        for (std::size_t k = 0; k < units; ++k) {
            double w = coefficient[k];
            if (w == 0) continue;
            const int i = mine.alive[k];
            const Unit& unit = mine.units[i];
            if (unit.unstable) {
                if (w < 0) {
                    const double shift = times(w, unit.upper_constant);
                    constant += shift;
                    size += std::fabs(shift);
                }
                w *= w < 0 || slope == Slope::parallel ? unit.upper_slope : unit.lower_slope;
                error += unit_roundoff * times(std::fabs(w), unit.size) + times(underflow, unit.size);
                if (w == 0) continue;
            }
            const double* weight = mine.weight.data() + k * columns;
            for (std::size_t j = 0; j < columns; ++j) target[j] += w * weight[j];
            constant += w * here.bias[i];
            size += std::fabs(w * here.bias[i]);
            error += std::fabs(w * here.bias_low[i]);
            terms += times(std::fabs(w), unit.terms);
        }
        rows.constant[r] = constant;
        rows.constant_size[r] = size;
        rows.error[r] += error + times(rounding, terms) + lost;
    }
    rows.coefficient.swap(next_);
}

// Adds what the rows lose at the unstable neurons of `layer` to the losses of the inputs that these neurons depend on.
void BoxBounds::share_losses(int layer, const Rows& rows, Known& known) const {
    const LayerOnBox& mine = layers_[layer];
    const std::size_t units = mine.alive.size(), n = all_inputs_.size();
    if (layer == network_.num_hidden()) return;
    for (int r = 0; r < rows.count; r += 2)
        for (std::size_t k = 0; k < units; ++k) {
            const Unit& unit = mine.units[mine.alive[k]];
            if (!unit.unstable) continue;
            const double lost = std::fabs(rows.coefficient[r * units + k]) * unit.upper_constant;
            const double* share = shares_.data() + std::size_t(network_.first_neuron(layer) + mine.alive[k]) * n;
            for (std::size_t j = 0; j < n; ++j) known.loss[r / 2 * n + j] += lost * share[j];
        }
}

void BoxBounds::to_inputs(int layer, Rows& rows, Slope slope) {
    for (int l = layer; l >= 0; --l) substitute(l, rows, slope);
}

// Rounded.
double BoxBounds::dual_norm(const double* a) const {
    double largest = 0, sum = 0;
    for (int j = 0; j < network_.input_dimension(); ++j) {
        const double size = std::fabs(a[j]);
        largest = std::max(largest, size);
        sum += ball_->norm == Norm::two ? size * size : size;
    }
    if (ball_->norm == Norm::one || largest == 0) return largest;
    if (ball_->norm == Norm::maximum) return sum;
    if (sum > 1e-200 && sum < infinite) return std::sqrt(sum);
    sum = 0;  // squares out of range
    for (int j = 0; j < network_.input_dimension(); ++j) sum += a[j] / largest * (a[j] / largest);
    return largest * std::sqrt(sum);
}

// The least value of a function of the inputs over the box, or the box and the ball, less all that rounding may have done.
double BoxBounds::minimum(const Rows& rows, int row) const {
    const int n = network_.input_dimension();
    const double* a = rows.coefficient.data() + std::size_t(row) * n;
    double value = rows.constant[row], size = rows.constant_size[row];
    for (int j = 0; j < n; ++j) {
        if (a[j] == 0) continue;
        value += a[j] * (a[j] > 0 ? lower_[j] : upper_[j]);
        size += times(std::fabs(a[j]), input_size_[j]);
    }
    if (ball_) {
        // The norm is off by less than operations_ units of rounding of its size, as the sum is of the sizes of its terms.
        const double reach = times(ball_->radius, dual_norm(a));
        double within = rows.constant[row] - reach;
        for (int j = 0; j < n; ++j) within += times(a[j], ball_->centre[j]);
        if (within > value || std::isnan(value)) {
            value = within;
            size += reach;
        }
    }
    const double error = rows.error[row] + times(operations_ * unit_roundoff, size);
    const double bound = value - (error * inflate + underflow);
    const double rounded_down = bound - std::fabs(bound) * (4 * unit_roundoff);
    return rounded_down > -infinite && rounded_down < infinite ? rounded_down : -infinite;
}

// The constant of a function of the inputs, less all that rounding may have done to the function.
double BoxBounds::offset(const Rows& rows, int row) const {
    const double error = rows.error[row] + operations_ * unit_roundoff * rows.constant_size[row];
    const double bound = rows.constant[row] - (error * inflate + underflow);
    const double rounded_down = bound - std::fabs(bound) * (4 * unit_roundoff);
    return rounded_down < infinite ? rounded_down : -infinite;
}

// Bounds the neurons of a layer whose sign is open: row 2k is the k-th of them, row 2k + 1 its negative.
void BoxBounds::bound_layer(int layer, Known& known) {
    const Layer& here = network_.layer(layer);
    const int first = network_.first_neuron(layer);
    measure(layer);
    std::vector<int> open;
    for (int i = 0; i < here.neurons(); ++i)
        if (known.lower[first + i] < 0 && known.upper[first + i] > 0) open.push_back(i);
    const std::vector<int>& columns = before(layer);
    rows_.reset(2 * static_cast<int>(open.size()), columns.size());
    double* target = rows_.coefficient.data();
    for (int r = 0; r < rows_.count; ++r) {
        const int i = open[r / 2];
        const double sign = r % 2 ? -1 : 1;
        const double* weight = row_of(here, i);
        for (const int j : columns) *target++ = sign * weight[j];
        rows_.constant[r] = sign * here.bias[i];
        rows_.constant_size[r] = std::fabs(here.bias[i]);
        rows_.error[r] = std::fabs(here.bias_low[i]);
    }
    to_inputs(layer - 1, rows_, Slope::area);
    const std::size_t n = all_inputs_.size();
    for (std::size_t k = 0; k < open.size(); ++k) {
        double* share = shares_.data() + std::size_t(first + open[k]) * n;
        double total = underflow;
        for (std::size_t j = 0; j < n; ++j) {
            const double slope = std::fabs(rows_.coefficient[2 * k * n + j]) + std::fabs(rows_.coefficient[(2 * k + 1) * n + j]);
            share[j] = slope * (upper_[j] - lower_[j]);
            total += share[j];
        }
        for (std::size_t j = 0; j < n; ++j) share[j] /= total;
    }
    for (int r = 0; r < rows_.count; ++r) {
        const double bound = minimum(rows_, r);
        const int i = first + open[r / 2];
        if (r % 2) known.upper[i] = std::min(known.upper[i], -bound);
        else known.lower[i] = std::max(known.lower[i], bound);
    }
    relax(layer, known.lower.subspan(first, here.neurons()), known.upper.subspan(first, here.neurons()));
}

// The conditions as functions of the outputs; those of the inputs are added at the end.
void BoxBounds::start_conditions() {
    const int n = network_.input_dimension(), last = network_.num_hidden(), m = width(last);
    rows_.reset(2 * conditions_.rows(), m);
    for (int r = 0; r < rows_.count; ++r) {
        const double sign = r % 2 ? -1 : 1;
        const int row = r / 2;
        double size = std::fabs(conditions_.constant[row]);
        for (int o = 0; o < m; ++o) {
            const double c = conditions_.outputs[std::size_t(row) * m + o];
            rows_.coefficient[std::size_t(r) * m + o] = sign * c;
            size += times(std::fabs(c), layers_[last].units[o].after);
        }
        for (int j = 0; j < n; ++j) size += times(std::fabs(conditions_.inputs[std::size_t(row) * n + j]), input_size_[j]);
        rows_.constant[r] = sign * conditions_.constant[row];
        rows_.constant_size[r] = std::fabs(conditions_.constant[row]);
        if (conditions_.rounded[row]) rows_.error[r] = 2 * unit_roundoff * size + underflow;
    }
}

void BoxBounds::bound_conditions(Known& known, Slope slope) {
    const int n = network_.input_dimension();
    start_conditions();
    for (int l = network_.num_hidden(); l >= 0; --l) {
        if (slope == Slope::area) share_losses(l, rows_, known);
        substitute(l, rows_, slope);
    }
    for (int r = 0; r < rows_.count; ++r) {
        const int row = r / 2;
        double* a = rows_.coefficient.data() + std::size_t(r) * n;
        for (int j = 0; j < n; ++j) {
            const double c = conditions_.inputs[std::size_t(row) * n + j];
            if (c == 0) continue;
            a[j] += r % 2 ? -c : c;
            rows_.error[r] += times(2 * unit_roundoff * std::fabs(a[j]), input_size_[j]);
        }
        const double bound = minimum(rows_, r);
        if (r % 2) known.condition_upper[row] = std::min(known.condition_upper[row], -bound);
        else if (slope == Slope::area || bound > known.condition_lower[row]) {
            known.condition_lower[row] = bound;
            std::copy(a, a + n, known.slope.begin() + std::size_t(row) * n);
            if (!known.offset.empty()) known.offset[row] = offset(rows_, r);
        }
    }
}

void BoxBounds::bound(std::span<const double> lower, std::span<const double> upper, Known known, const Ball* ball) {
    lower_ = lower;
    upper_ = upper;
    ball_ = ball && ball->radius < infinite ? ball : nullptr;
    const int n = network_.input_dimension();
    input_size_.resize(n);
    sum_inputs_ = 0;
    for (int j = 0; j < n; ++j) {
        input_size_[j] = std::max(std::fabs(lower[j]), std::fabs(upper[j]));
        sum_inputs_ += input_size_[j];
    }
    for (int l = 0; l < network_.num_hidden(); ++l) bound_layer(l, known);
    measure(network_.num_hidden());
    relax(network_.num_hidden(), {}, {});
    std::fill(known.loss.begin(), known.loss.end(), 0.0);
    std::fill(known.condition_upper.begin(), known.condition_upper.end(), infinite);
    bound_conditions(known, Slope::area);
    bound_conditions(known, Slope::parallel);
}

}  // namespace relutope
