// The same forms as in composed_map.hpp over the integers, made on demand.
#pragma once

#include <cstdint>
#include <vector>

#include "exact/linear.hpp"
#include "refinement/domain.hpp"
#include "refinement/network.hpp"

namespace relutope {

class ExactMaps {
public:
    // REQUIRES: both outlive this object.
    ExactMaps(const Network& network, const Domain& domain);

    // The form of side `side` of the domain, up to a positive factor.
    const exact::Form& side(int side) const { return sides_[side]; }

    // Neuron `index` of hidden layer `layer` (or output `index` if `layer` is num_hidden) on the current cell, times
    // 2^-scale_exponent(layer).
    const exact::Form& neuron(int layer, int index);

    // Tells which neurons of `layer` are active on the current cell. Forms of later layers are dropped.
    void set_pattern(int layer, const std::uint64_t* active, int words);

private:
    struct Level {
        std::vector<exact::Form> form;
        std::vector<std::uint64_t> made;       // stamp at which each form was made
        std::uint64_t stamp = 1;
        std::vector<std::uint64_t> active;     // pattern of this layer
    };

    exact::Form compose(int layer, int index);

    const Network& network_;
    std::vector<exact::Form> sides_;
    std::vector<Level> levels_;
};

}  // namespace relutope
