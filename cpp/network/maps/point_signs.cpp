#include "network/maps/point_signs.hpp"

#include <algorithm>
#include <climits>
#include <cmath>

#include "predicates/error_bound.hpp"
#include "predicates/sign.hpp"

namespace relutope {

PointSigns::PointSigns(const Network& network) : network_(network) {}

void PointSigns::at(std::span<const double> point, std::int8_t* signs) {
    if (!filtered(point, signs)) exactly(point, signs);
}

// z = sum of m products and a bias: rounding at most (m + 2) u (sum |w h| + |b|), errors of h enter as sum |w| e (see
// error_bound.hpp). ReLU does not increase an error, and where it is certain to give zero there is none.
bool PointSigns::filtered(std::span<const double> point, std::int8_t* signs) {
    value_.assign(point.begin(), point.end());
    error_.assign(point.size(), 0.0);
    for (int l = 0; l < network_.num_hidden(); ++l) {
        const Layer& layer = network_.layer(l);
        next_value_.resize(layer.outputs);
        next_error_.resize(layer.outputs);
        for (int i = 0; i < layer.outputs; ++i) {
            double z = layer.bias[i];
            double size = std::fabs(z);
            double passed = std::fabs(layer.bias_low[i]);
            layer.for_row(i, [&](int j, double w) {
                const double product = w * value_[j];
                z += product;
                size += std::fabs(product);
                passed += std::fabs(w) * error_[j];
            });
            const double error = (passed + (layer.inputs + 3) * error_bound::unit_roundoff * size) * error_bound::inflate +
                                 error_bound::underflow;
            next_value_[i] = z;
            next_error_[i] = error;
            if (i >= layer.neurons()) continue;
            const auto sign = sign_filtered(z, error);
            if (!sign) return false;
            *signs++ = static_cast<std::int8_t>(*sign);
            if (*sign != Sign::positive) next_value_[i] = next_error_[i] = 0.0;
        }
        value_.swap(next_value_);
        error_.swap(next_error_);
    }
    return true;
}

// The point is scaled to integers; biases are scaled along.
void PointSigns::exactly(std::span<const double> point, std::int8_t* signs) const {
    int exponent = 0;
    for (const double x : point) exponent = std::min(exponent, exact::lowest_exponent(x));
    std::vector<exact::Integer> value;
    for (const double x : point) value.push_back(exact::scaled_integer(x, exponent));
    for (int l = 0; l < network_.num_hidden(); ++l) {
        const Layer& layer = network_.layer(l);
        const int neurons = layer.neurons();
        std::vector<exact::Integer> next;
        for (int i = 0; i < layer.outputs; ++i) {
            exact::Integer z = network_.integer_bias(l, i) << -exponent;
            layer.for_row(i, [&](int j, double w) {
                if (w != 0 && !value[j].is_zero()) z += network_.integer_weight(l, w) * value[j];
            });
            if (i < neurons) *signs++ = static_cast<std::int8_t>(z.sign());
            next.push_back(i >= neurons || z.sign() > 0 ? z : exact::Integer(0));
        }
        value = std::move(next);
    }
}

}  // namespace relutope
