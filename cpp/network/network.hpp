// The network as the core sees it: layers of affine maps with a ReLU after every one but the last. In a hidden layer the last
// units may be linear: no ReLU. A linear unit is no neuron; it has no number, no sign and no bit in a cell's pattern, and it
// never cuts. To the maps of the next layer it is a unit that is always active.
#pragma once

#include <cstdint>
#include <vector>

#include "exact/integer.hpp"

namespace relutope {

// z = weight h + bias + bias_low, over the reals. `bias_low` holds what one double cannot: the exact difference of
// a bias and a level set's level.
struct Layer {
    int inputs = 0;
    int outputs = 0;
    std::vector<double> weight;  // row-major, outputs x inputs
    std::vector<double> bias;
    std::vector<double> bias_low;
    int linear = 0;  // how many of the last units have no ReLU; of no meaning in the output layer

    // Units with a ReLU.
    int neurons() const { return outputs - linear; }
};

// A layer whose entries are integers: those of the real layer times a positive power of two, the same one for the whole
// layer, so signs and zeros are those of the real network.
struct IntegerLayer {
    std::vector<exact::Integer> weight;
    std::vector<exact::Integer> bias;
};

// Number of 64-bit words that hold `bits` bits.
inline int words_for(int bits) { return (bits + 63) / 64; }

class Network {
public:
    // REQUIRES: at least one layer; the sizes of neighbouring layers match; every entry is finite; 0 <= linear <= outputs.
    // The last layer is the affine output and has no neurons.
    explicit Network(std::vector<Layer> layers);

    int input_dimension() const { return layers_.front().inputs; }
    int num_hidden() const { return static_cast<int>(layers_.size()) - 1; }
    int num_neurons() const { return first_neuron_.back(); }
    // Layer 0 is the first hidden layer; layer num_hidden() is the output.
    const Layer& layer(int index) const { return layers_[index]; }
    const IntegerLayer& integer_layer(int index) const { return integer_layers_[index]; }
    // Index of the layer's first neuron in the numbering of all hidden neurons, layer by layer.
    int first_neuron(int layer) const { return first_neuron_[layer]; }
    // Every exact preactivation of the layer is the real one times 2^-scale_exponent(layer).
    int scale_exponent(int layer) const { return scale_exponent_[layer]; }
    // Ones at the layer's linear units: what every pattern of its units has in common.
    const std::vector<std::uint64_t>& linear_bits(int layer) const { return linear_bits_[layer]; }

    // The same network restricted to the inputs in `kept`; the others are zero.
    Network with_inputs(const std::vector<int>& kept) const;

private:
    std::vector<Layer> layers_;
    std::vector<IntegerLayer> integer_layers_;
    std::vector<int> first_neuron_;
    std::vector<int> scale_exponent_;
    std::vector<std::vector<std::uint64_t>> linear_bits_;
};

}  // namespace relutope
