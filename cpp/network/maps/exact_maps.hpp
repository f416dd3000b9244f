// The same forms as in composed_map.hpp over the integers, made on demand. Integers do not drift, so a form that was made for
// another pattern of the layer before is brought up to date by the neurons that differ.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "exact/linear.hpp"
#include "network/domain.hpp"
#include "network/network.hpp"

namespace relutope {

// The form of side `side` of the domain, up to a positive factor.
exact::Form domain_side(const Domain& domain, int side);

class ExactMaps {
public:
    // REQUIRES: both outlive this object.
    ExactMaps(const Network& network, const Domain& domain);

    // The form of side `side` of the domain, up to a positive factor.
    const exact::Form& side(int side) const { return sides_[side]; }

    // Unit `index` of hidden layer `layer` (or output `index` if `layer` is num_hidden) on the current cell, times
    // 2^-scale_exponent(layer).
    const exact::Form& neuron(int layer, int index);

    // The same forms as sums of two doubles, each made once for a form.
    const exact::LeadingForm& leading_side(int side) const { return leading_sides_[side]; }
    const exact::LeadingForm& leading_neuron(int layer, int index);

    // Tells which units of `layer` are active on the current cell; linear units always are.
    void set_pattern(int layer, const std::uint64_t* active, int words);

private:
    struct Made {
        exact::Form form;
        exact::LeadingForm leading;
        bool has_leading = false;            // `leading` is that of `form`
        std::uint64_t stamp = 0;             // of the level when the form was made
        std::vector<std::uint64_t> active;   // pattern of the layer before that it was made for
    };
    struct Level {
        std::vector<Made> made;
        std::uint64_t stamp = 1;             // counts the changes of the forms of the layer before
        std::vector<std::uint64_t> active;   // pattern of this layer
    };

    bool is_current(int layer, int index) const;
    template <class Visit>
    void for_changes(const Made& made, int layer, int index, Visit&& visit) const;
    void start(Made& made, int layer, int index) const;
    void update(Made& made, int layer, int index);

    const Network& network_;
    std::vector<exact::Form> sides_;
    std::vector<exact::LeadingForm> leading_sides_;
    std::vector<Level> levels_;
    std::vector<std::pair<int, int>> wanted_;  // (layer, index) of forms to be made, those of later layers first
};

}  // namespace relutope
