// The network as the core sees it: layers of affine maps with a ReLU after every one but the last. In a hidden layer the last
// units may be linear: no ReLU. A linear unit is no neuron; it has no number, no sign and no bit in a cell's pattern, and it
// never cuts. To the maps of the next layer it is a unit that is always active.
#pragma once

#include <cstdint>
#include <vector>

#include "exact/integer.hpp"

namespace relutope {

// Rows without their zeros: row i has the entries begin[i], ..., begin[i + 1] - 1, by increasing column.
struct SparseRows {
    std::vector<std::int64_t> begin;
    std::vector<std::int32_t> column;
    std::vector<double> value;
};

// z = weight h + bias + bias_low, over the reals. `bias_low` holds what one double cannot: the exact difference of
// a bias and a level set's level.
struct Layer {
    int inputs = 0;
    int outputs = 0;
    std::vector<double> weight;  // row-major, outputs x inputs; empty when `sparse` holds the weights
    std::vector<double> bias;
    std::vector<double> bias_low;
    int linear = 0;  // how many of the last units have no ReLU; of no meaning in the output layer

    SparseRows sparse;  // of a layer of mostly zeros, as convolutions are

    // Units with a ReLU.
    int neurons() const { return outputs - linear; }
    bool is_sparse() const { return !sparse.begin.empty(); }
    // visit(column, weight) for the entries of a row, by increasing column; zeros may be left out.
    template <class Visit>
    void for_row(int row, Visit&& visit) const {
        if (is_sparse()) {
            for (std::int64_t e = sparse.begin[row]; e < sparse.begin[row + 1]; ++e) visit(sparse.column[e], sparse.value[e]);
        } else {
            const double* entry = weight.data() + static_cast<std::size_t>(row) * inputs;
            for (int j = 0; j < inputs; ++j) visit(j, entry[j]);
        }
    }
    // Holds the weights in the way that suits their zeros.
    void choose_storage();
};

// Number of 64-bit words that hold `bits` bits.
inline int words_for(int bits) { return (bits + 63) / 64; }

// Beside the network of doubles there is one of integers: the weights of each layer times a positive power of two, the same one for the
// whole layer, and biases to fit, so signs and zeros are those of the real network. It is not kept: entries are made when they are needed.
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
    // The integer network's entry for the entry `weight` of a layer, and its bias.
    exact::Integer integer_weight(int layer, double weight) const { return exact::scaled_integer(weight, weight_exponent_[layer]); }
    exact::Integer integer_bias(int layer, int unit) const {
        return exact::scaled_integer(layers_[layer].bias[unit], scale_exponent_[layer]) +
               exact::scaled_integer(layers_[layer].bias_low[unit], scale_exponent_[layer]);
    }
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
    std::vector<int> first_neuron_;
    std::vector<int> weight_exponent_;
    std::vector<int> scale_exponent_;
    std::vector<std::vector<std::uint64_t>> linear_bits_;
};

}  // namespace relutope
