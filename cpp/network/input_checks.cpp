#include "network/input_checks.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace relutope {

void check_finite(std::span<const double> values, const char* what) {
    if (!std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); }))
        throw std::invalid_argument(std::string(what) + " must be finite");
}

void check_layers(const std::vector<Layer>& layers) {
    if (layers.size() < 2) throw std::invalid_argument("a network needs a hidden layer and an output layer");
    for (std::size_t l = 0; l < layers.size(); ++l) {
        const Layer& layer = layers[l];
        const bool fits = layer.inputs >= 1 && layer.outputs >= 1 && (l == 0 || layers[l - 1].outputs == layer.inputs);
        if (!fits) throw std::invalid_argument("the shapes of the layers do not fit together");
        const auto outputs = static_cast<std::size_t>(layer.outputs);
        if (layer.weight.size() != outputs * static_cast<std::size_t>(layer.inputs) || layer.bias.size() != outputs ||
            layer.bias_low.size() != outputs)
            throw std::invalid_argument("the shapes of the layers do not fit together");
        if (layer.linear < 0 || layer.linear > layer.outputs)
            throw std::invalid_argument("a layer has more linear units than units");
        check_finite(layer.weight, "weights");
        check_finite(layer.bias, "biases");
        check_finite(layer.bias_low, "biases");
    }
}

void check_domain(const Domain& domain, const Network& network) {
    const auto n = static_cast<std::size_t>(network.input_dimension());
    if (domain.lower.size() != n || domain.upper.size() != n)
        throw std::invalid_argument("the domain does not have the network's number of inputs");
    for (std::size_t k = 0; k < n; ++k)
        if (!(domain.lower[k] < domain.upper[k])) throw std::invalid_argument("the domain is empty");
    for (const std::vector<double>& row : domain.halfspaces) {
        if (row.size() != n + 1) throw std::invalid_argument("the domain does not have the network's number of inputs");
        check_finite(row, "halfspaces");
    }
}

}  // namespace relutope
