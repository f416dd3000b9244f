// The floating-point forms of all hidden layers on the current cell.
//
// They begin as plain sums. Where rounding has taken too much, all layers but the last are composed anew in twice the precision, and where
// that is not enough, too, the last as well, and errors are passed on by blocks of layers at once (composed_map.hpp). They stay so until
// forget().
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "network/maps/composed_map.hpp"

namespace relutope {

class ComposedMaps {
public:
    // REQUIRES: `network` outlives this object.
    ComposedMaps(const Network& network, int dimension) : network_(network) {
        for (int layer = 0; layer < network.num_hidden(); ++layer) maps_.emplace_back(network.layer(layer), dimension);
    }

    const FormTable& forms(int layer) const { return maps_[layer].forms(); }
    const double* column(int layer, int unit) const { return maps_[layer].column(unit); }

    // Brings the forms of `layer` up to date; `active` is the pattern of the layer before, null for the first layer.
    // REQUIRES: the forms of the layers before are up to date.
    void enter(int layer, const std::uint64_t* active) {
        if (layer == 0) {
            maps_[0].set_first();
            return;
        }
        compose(layer, active);
        while (maps_[layer].blurred() && raise_precision()) {
            maps_[0].set_first();
            for (int k = 1; k <= layer; ++k) compose(k, maps_[k].active());
        }
    }

    // Makes results independent of earlier cells.
    void forget() { restart(Precision::plain); }

private:
    enum class Precision { plain, twice, blocks };
    // Layers whose errors are passed on at once, and the most units of a layer for which products of such layers are kept.
    static constexpr int block = 8;
    static constexpr int most_units = 1024;

    // The product of a block's layers up to one of them, in the units of the layer before the block.
    struct Transfer {
        std::unique_ptr<Layer> identity;  // of the first in a block: what it begins with
        std::unique_ptr<ComposedMap> begin, product;
    };

    void compose(int layer, const std::uint64_t* active) {
        maps_[layer].set_pattern(maps_[layer - 1], active);
        if (precision_ != Precision::blocks) return;
        const int start = (layer - 1) / block * block;
        Transfer& transfer = transfers_[layer];
        transfer.product->set_pattern(transfer.begin ? *transfer.begin : *transfers_[layer - 1].product, active);
        maps_[layer].carry(*transfer.product, maps_[start], layer == start + block);
    }

    bool raise_precision() {
        if (precision_ == Precision::blocks) return false;
        if (precision_ == Precision::twice) {
            for (int layer = 0; layer < network_.num_hidden(); ++layer)
                if (network_.layer(layer).outputs > most_units) return false;
            make_transfers();
        }
        restart(precision_ == Precision::plain ? Precision::twice : Precision::blocks);
        return true;
    }

    void restart(Precision precision) {
        precision_ = precision;
        for (ComposedMap& map : maps_) map.restart(precision != Precision::plain);
        // Nothing is composed of the last layer: of precise forms, plain sums have the rounding of one layer.
        if (precision == Precision::twice) maps_.back().restart(false);
        for (Transfer& transfer : transfers_) {
            if (transfer.product) transfer.product->restart(false);
        }
    }

    void make_transfers() {
        if (!transfers_.empty()) return;
        transfers_.resize(maps_.size());
        for (std::size_t layer = 1; layer < maps_.size(); ++layer) {
            const int units = network_.layer(static_cast<int>((layer - 1) / block * block)).outputs;
            Transfer& transfer = transfers_[layer];
            transfer.product = std::make_unique<ComposedMap>(network_.layer(static_cast<int>(layer)), units);
            if ((layer - 1) % block != 0) continue;
            transfer.identity = std::make_unique<Layer>(identity(units));
            transfer.begin = std::make_unique<ComposedMap>(*transfer.identity, units);
            transfer.begin->set_first();
        }
    }

    static Layer identity(int units) {
        Layer layer;
        layer.inputs = layer.outputs = units;
        layer.weight.assign(static_cast<std::size_t>(units) * units, 0.0);
        for (int i = 0; i < units; ++i) layer.weight[static_cast<std::size_t>(i) * (units + 1)] = 1;
        layer.bias.assign(units, 0.0);
        layer.bias_low = layer.bias;
        return layer;
    }

    const Network& network_;
    std::vector<ComposedMap> maps_;
    std::vector<Transfer> transfers_;  // per layer; empty until there are blocks
    Precision precision_ = Precision::plain;
};

}  // namespace relutope
