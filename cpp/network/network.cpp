#include "network/network.hpp"

#include <algorithm>
#include <climits>

namespace relutope {

namespace {

int lowest_exponent(const std::vector<double>& values) {
    int exponent = INT_MAX;
    for (double value : values) exponent = std::min(exponent, exact::lowest_exponent(value));
    return exponent;
}

// The power of two that makes weights integers and, with the scale of the layers before, the biases too.
int layer_exponent(const Layer& layer, int scale_before) {
    const int bias = std::min(lowest_exponent(layer.bias), lowest_exponent(layer.bias_low));
    const int from_bias = bias == INT_MAX ? INT_MAX : bias - scale_before;
    const int exponent = std::min(lowest_exponent(layer.weight), from_bias);
    return exponent == INT_MAX ? 0 : exponent;
}

std::vector<std::uint64_t> linear_bits_of(const Layer& layer) {
    std::vector<std::uint64_t> bits(words_for(layer.outputs));
    for (int unit = layer.neurons(); unit < layer.outputs; ++unit) bits[unit >> 6] |= std::uint64_t{1} << (unit & 63);
    return bits;
}

}  // namespace

Network::Network(std::vector<Layer> layers) : layers_(std::move(layers)) {
    int scale = 0;
    int neurons = 0;
    for (Layer& layer : layers_) {
        layer.bias_low.resize(layer.outputs, 0.0);
        const int exponent = layer_exponent(layer, scale);
        scale += exponent;
        IntegerLayer integers;
        for (double w : layer.weight) integers.weight.push_back(exact::scaled_integer(w, exponent));
        for (int i = 0; i < layer.outputs; ++i) {
            integers.bias.push_back(exact::scaled_integer(layer.bias[i], scale) +
                                    exact::scaled_integer(layer.bias_low[i], scale));
        }
        integer_layers_.push_back(std::move(integers));
        scale_exponent_.push_back(scale);
        first_neuron_.push_back(neurons);
        neurons += layer.neurons();
        linear_bits_.push_back(linear_bits_of(layer));
    }
}

Network Network::with_inputs(const std::vector<int>& kept) const {
    std::vector<Layer> layers = layers_;
    Layer& first = layers.front();
    const Layer& full = layers_.front();
    first.inputs = static_cast<int>(kept.size());
    first.weight.clear();
    for (int i = 0; i < full.outputs; ++i)
        for (int k : kept) first.weight.push_back(full.weight[i * full.inputs + k]);
    return Network(std::move(layers));
}

}  // namespace relutope
