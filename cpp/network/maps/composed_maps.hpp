// The floating-point forms of all hidden layers on the current cell.
#pragma once

#include <vector>

#include "network/maps/composed_map.hpp"

namespace relutope {

class ComposedMaps {
public:
    // REQUIRES: `network` outlives this object.
    ComposedMaps(const Network& network, int dimension) {
        for (int layer = 0; layer < network.num_hidden(); ++layer) maps_.emplace_back(network.layer(layer), dimension);
    }

    const FormTable& forms(int layer) const { return maps_[layer].forms(); }

    // Brings the forms of `layer` up to date; `active` is the pattern of the layer before, null for the first layer. Where rounding has
    // taken too much, all layers are composed anew in twice the precision, and stay so until forget().
    // REQUIRES: the forms of the layers before are up to date.
    void enter(int layer, const std::uint64_t* active) {
        if (layer == 0) {
            maps_[0].set_first();
            return;
        }
        maps_[layer].set_pattern(maps_[layer - 1], active);
        if (precise_ || !maps_[layer].blurred()) return;
        restart(true);
        maps_[0].set_first();
        for (int k = 1; k <= layer; ++k) maps_[k].set_pattern(maps_[k - 1], maps_[k].active());
    }

    // Makes results independent of earlier cells.
    void forget() { restart(false); }

private:
    void restart(bool precise) {
        precise_ = precise;
        for (ComposedMap& map : maps_) map.restart(precise);
    }

    std::vector<ComposedMap> maps_;
    bool precise_ = false;
};

}  // namespace relutope
