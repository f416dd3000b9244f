// Neurons of a layer whose rows are multiples of each other: their hyperplanes are one and the same on every cell, so the sign of one
// says that of all, and none but the first has to be looked at.
#pragma once

#include <cstdint>
#include <vector>

#include "network/network.hpp"

namespace relutope {

class RepeatedRows {
public:
    // A neuron whose row (weights and bias) is a multiple of an earlier one's: of a positive number times `sense`.
    struct Copy {
        int neuron;
        int original;
        int sense;
    };

    explicit RepeatedRows(const Network& network);

    // Whether there are any.
    bool any() const { return any_; }
    // Those of hidden layer `layer`.
    const std::vector<Copy>& copies(int layer) const { return copies_[layer]; }
    // Their bits among the layer's neurons.
    const std::vector<std::uint64_t>& bits(int layer) const { return bits_[layer]; }
    // The first neuron of the layer on the hyperplane of `neuron`, itself if there is none before; both by their numbers in the network.
    std::int32_t original(int neuron) const { return original_[neuron]; }
    // All neurons on the hyperplane of `neuron`, which is an original, by their numbers in the network, ascending; empty if it is the
    // only one. `neuron` is a number in the network, too.
    const std::vector<std::int32_t>& group(int neuron) const { return group_[neuron]; }

private:
    void find(const Network& network, int layer);

    bool any_ = false;
    std::vector<std::vector<Copy>> copies_;
    std::vector<std::vector<std::uint64_t>> bits_;
    std::vector<std::int32_t> original_;
    std::vector<std::vector<std::int32_t>> group_;
};

// Sets the signs of a layer's copies from those of their originals, in words of strictly positive and negative signs.
inline void copy_signs(const std::vector<RepeatedRows::Copy>& copies, std::uint64_t* positive, std::uint64_t* negative) {
    for (const RepeatedRows::Copy& copy : copies) {
        const auto bit = [](const std::uint64_t* words, int k) { return words[k >> 6] >> (k & 63) & 1; };
        const std::uint64_t up = bit(copy.sense > 0 ? positive : negative, copy.original);
        const std::uint64_t down = bit(copy.sense > 0 ? negative : positive, copy.original);
        const std::uint64_t one = std::uint64_t{1} << (copy.neuron & 63);
        positive[copy.neuron >> 6] = (positive[copy.neuron >> 6] & ~one) | (up ? one : 0);
        negative[copy.neuron >> 6] = (negative[copy.neuron >> 6] & ~one) | (down ? one : 0);
    }
}

}  // namespace relutope
