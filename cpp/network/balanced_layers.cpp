#include "network/balanced_layers.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <cmath>
#include <cstddef>
#include <random>
#include <utility>

#include "exact/integer.hpp"

namespace relutope {

namespace {

// Beyond it a network is balanced. It leaves room for two weights of single precision one after the other.
constexpr int largest_moderate = 200;

// Doubles are integer multiples of 2^-1074, below 2^1024.
constexpr int least_bit = -1074;
constexpr int most_exponent = 1023;

// What units are at a few inputs. Sizes are looked at; nothing is proven by them.
constexpr int num_points = 4;
using Values = std::array<double, num_points>;

// Infinite if one is not a number.
double largest(const Values& values) {
    double most = 0;
    for (const double value : values) most = value == value ? std::max(most, std::fabs(value)) : HUGE_VAL;
    return most;
}

std::vector<Values> random_points(int inputs) {
    std::minstd_rand random;
    std::vector<Values> points(inputs);
    for (Values& values : points)
        for (double& value : values) value = 2.0 * static_cast<double>(random()) / static_cast<double>(std::minstd_rand::max()) - 1;
    return points;
}

// The outputs of a layer from its preactivations. One that is zero altogether at a point says nothing of the layers after it there, and
// is taken to be one.
void rectify(const Layer& layer, std::vector<Values>& values) {
    for (int unit = 0; unit < layer.neurons(); ++unit)
        for (double& value : values[unit]) value = std::max(value, 0.0);
    for (int point = 0; point < num_points; ++point) {
        const auto is_zero = [&](const Values& unit) { return unit[point] == 0; };
        if (!std::all_of(values.begin(), values.end(), is_zero)) continue;
        for (Values& unit : values) unit[point] = 1;
    }
}

// Preactivations of a unit.
Values preactivation(const Layer& layer, int unit, const std::vector<Values>& before) {
    Values z;
    z.fill(layer.bias[unit]);
    layer.for_row(unit, [&](int j, double w) {
        for (int point = 0; point < num_points; ++point) z[point] += w * before[j][point];
    });
    return z;
}

bool is_moderate(const std::vector<Layer>& layers) {
    const double most = std::ldexp(1.0, largest_moderate);
    std::vector<Values> values = random_points(layers.front().inputs);
    for (auto layer = layers.begin(); layer != layers.end() - 1; ++layer) {
        std::vector<Values> next;
        for (int unit = 0; unit < layer->outputs; ++unit) {
            next.push_back(preactivation(*layer, unit, values));
            const double size = largest(next.back());
            if (size != 0 && !(size <= most && size >= 1 / most)) return false;
        }
        rectify(*layer, next);
        values = std::move(next);
    }
    return true;
}

// The powers of two by which something may be divided so that no number is rounded.
struct Powers {
    int least = -INT_MAX / 4, most = INT_MAX / 4;

    bool contain(int power) const { return least <= power && power <= most; }
    void meet(int other_least, int other_most) {
        least = std::max(least, other_least);
        most = std::min(most, other_most);
    }
    // 2^by `value` is divided.
    void divide(double value, int by) {
        if (value != 0) meet(std::ilogb(value) + by - most_exponent, exact::lowest_exponent(value) + by - least_bit);
    }
    // `value` is multiplied instead.
    void multiply(double value) {
        if (value != 0) meet(least_bit - exact::lowest_exponent(value), most_exponent - std::ilogb(value));
    }
};

// Visits the entries of a row, to be changed; zeros may be left out.
template <class Visit>
void change_row(Layer& layer, int row, Visit&& visit) {
    if (layer.is_sparse()) {
        SparseRows& rows = layer.sparse;
        for (std::int64_t e = rows.begin[row]; e < rows.begin[row + 1]; ++e) visit(rows.column[e], rows.value[e]);
    } else {
        for (int j = 0; j < layer.inputs; ++j) visit(j, layer.weight[static_cast<std::size_t>(row) * layer.inputs + j]);
    }
}

// Divides layer after layer.
class Balance {
public:
    Balance(std::vector<Layer>& layers, int from)
        : layers_(layers), from_(from), power_(layers.front().inputs, 0), value_(random_points(layers.front().inputs)) {}

    // False where no powers fit; then the layers are of no use.
    bool run() {
        const int last = static_cast<int>(layers_.size()) - 1;
        for (int l = 0; l <= last; ++l) {
            Layer& layer = layers_[l];
            std::vector<Unit> units;
            for (int unit = 0; unit < layer.outputs; ++unit) units.push_back(look_at(layer, unit));
            if (l < from_ || l == last) {
                for (Unit& unit : units) unit.power = 0;
            } else {
                if (l + 1 == last) spare_outputs(units);
                choose(layer, units);
            }
            for (int unit = 0; unit < layer.outputs; ++unit) {
                if (!units[unit].powers.contain(units[unit].power)) return false;
                divide(layer, unit, units[unit].power);
            }
            pass_on(layer, units);
        }
        return true;
    }

private:
    struct Unit {
        Powers powers;
        bool empty = true;  // without any entry that is not zero
        int scale = 0;      // of the values
        Values value{};     // 2^-scale times the preactivations
        int power = 0;
    };

    // What there is to know of a unit before it is divided; its columns are yet to be multiplied.
    Unit look_at(const Layer& layer, int index) const {
        Unit unit;
        const auto take = [&](double value, int by) {
            if (value == 0) return;
            unit.powers.divide(value, by);
            unit.scale = unit.empty ? std::ilogb(value) + by : std::max(unit.scale, std::ilogb(value) + by);
            unit.empty = false;
        };
        layer.for_row(index, [&](int j, double w) { take(w, power_[j]); });
        take(layer.bias[index], 0);
        take(layer.bias_low[index], 0);
        unit.value.fill(std::ldexp(layer.bias[index], -unit.scale));
        layer.for_row(index, [&](int j, double w) {
            const double weight = std::ldexp(w, power_[j] - unit.scale);
            for (int point = 0; point < num_points; ++point) unit.value[point] += weight * value_[j][point];
        });
        const double size = largest(unit.value);
        unit.power = unit.scale + (size > 0 && size < HUGE_VAL ? std::ilogb(size) : 0);
        return unit;
    }

    // The outputs are what they are, so that their weights take over all that hidden units are divided by.
    void spare_outputs(std::vector<Unit>& units) const {
        const Layer& outputs = layers_.back();
        for (int output = 0; output < outputs.outputs; ++output)
            outputs.for_row(output, [&](int j, double w) { units[j].powers.multiply(w); });
    }

    // Units without entries are as the largest, so that the next layer's column is not too small; linear units have one power.
    static void choose(const Layer& layer, std::vector<Unit>& units) {
        const auto largest_power = [](auto begin, auto end) {
            int most = INT_MIN;
            for (auto unit = begin; unit != end; ++unit)
                if (!unit->empty) most = std::max(most, unit->power);
            return most == INT_MIN ? 0 : most;
        };
        const int most = largest_power(units.begin(), units.end());
        for (Unit& unit : units)
            if (unit.empty) unit.power = most;
        const auto linear = units.begin() + layer.neurons();
        const int together = largest_power(linear, units.end());
        Powers common;
        for (auto unit = linear; unit != units.end(); ++unit) common.meet(unit->powers.least, unit->powers.most);
        for (auto unit = linear; unit != units.end(); ++unit) {
            unit->power = together;
            unit->powers = common;
        }
        for (Unit& unit : units) unit.power = std::max(unit.powers.least, std::min(unit.power, unit.powers.most));
    }

    void divide(Layer& layer, int unit, int power) const {
        change_row(layer, unit, [&](int j, double& w) { w = std::ldexp(w, power_[j] - power); });
        layer.bias[unit] = std::ldexp(layer.bias[unit], -power);
        layer.bias_low[unit] = std::ldexp(layer.bias_low[unit], -power);
    }

    void pass_on(const Layer& layer, const std::vector<Unit>& units) {
        power_.clear();
        value_.clear();
        for (const Unit& unit : units) {
            power_.push_back(unit.power);
            value_.push_back(unit.value);
            for (double& value : value_.back()) value = std::ldexp(value, unit.scale - unit.power);
        }
        rectify(layer, value_);
    }

    std::vector<Layer>& layers_;
    int from_;
    // Of the units of the layer before: what they were divided by, and their outputs now.
    std::vector<int> power_;
    std::vector<Values> value_;
};

}  // namespace

std::vector<Layer> balanced(std::vector<Layer> layers, int from) {
    for (Layer& layer : layers) layer.bias_low.resize(layer.outputs, 0.0);
    if (is_moderate(layers)) return layers;
    std::vector<Layer> divided = layers;
    return Balance(divided, from).run() ? divided : layers;
}

}  // namespace relutope
