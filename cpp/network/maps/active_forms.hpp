// Preactivations on one cell as affine forms of the units that are active in a layer before: z = sum_k w_k h_k + c over the active
// units k of the base layer. One form at a time, from its layer backwards, so that a few forms of a wide network cost little.
//
// A form of the layer after the base has the network's own weights, without any rounding; and forms that depend on few units have few
// coefficients, where in input coordinates they would be a thin subspace that rounding leaves. That is what certificates on cells
// that are unbounded, or that sit behind a narrow layer, need.
//
// Errors. Passed on from layer to layer, bounds grow by the sums of absolute weights, and after thirty layers of a dozen units nothing is
// left. Where that happens errors are bounded once more. Let g_m be the computed weights in the units z_m of layer m,
// z_m = A_m z_{m-1} + b_m, and s_m what rounding did to g_m = g_{m+1} A_{m+1} + s_m. Then
//     g_{m+1} z_{m+1} = g_m z_m - s_m z_m + g_{m+1} b_{m+1},
// so that the form and the computed one differ by no more than the sum of |s_m| |z_m| and what the constants' sums round: every layer
// adds what is made there alone. The units' own forms, in the base layer's units, bound the coefficients of z_m.
#pragma once

#include <cstdint>
#include <vector>

#include "exact/linear.hpp"
#include "network/network.hpp"

namespace relutope {

struct ActiveForm {
    std::vector<double> weight;        // per active unit of the base layer
    std::vector<double> weight_error;  // bounds |weight_k - true weight_k|
    double constant = 0;
    double constant_error = 0;
};

class ActiveForms {
public:
    // REQUIRES: `network` outlives this object.
    explicit ActiveForms(const Network& network);

    // The units of hidden layer `layer` that pass their value on, linear units among them, as bits. A layer that has not changed
    // costs a comparison.
    void set_active(int layer, const std::uint64_t* active);
    // In increasing order.
    const std::vector<int>& active(int layer) const { return layers_[layer].units; }

    // Unit `index` of hidden layer `layer` in the active units of hidden layer `base`; base -1 is the input.
    // REQUIRES: -1 <= base < layer; the layers between have been set.
    void form(int layer, int index, int base, ActiveForm& result);
    // The same over the integers, up to a positive factor.
    exact::Form exact_form(int layer, int index, int base) const;

private:
    struct ActiveLayer {
        std::vector<std::uint64_t> bits;
        std::vector<int> units;
        std::vector<int> place;
        // The weights of these units to the active units of the layer before; made on demand.
        std::vector<double> weight;
        bool packed = false;
    };

    // What bounds the coefficients of active units in those of a base layer.
    struct UnitSizes {
        std::vector<double> weight, constant;
    };

    int width(int layer) const;
    void start(int layer, int index, ActiveForm& result) const;
    void bound_by_layer(int layer, int index, int base, ActiveForm& result);
    void find_sizes(int base, int last);
    static void find_places(ActiveLayer& target, int outputs);
    template <class Visit>
    void for_active(int layer, int unit, Visit&& visit) const;
    const double* packed_weights(int layer);
    void step_back(int from, ActiveForm& result);
    void add_dense(const double* packed, int columns, const ActiveForm& form);
    void add_sparse(int from, const ActiveForm& form);

    const Network& network_;
    std::vector<ActiveLayer> layers_;
    std::vector<UnitSizes> sizes_;  // per layer, from base + 1 to the last one that is known
    int sizes_base_ = -1, sizes_known_ = -1;
    std::vector<double> next_weight_, next_error_, next_size_;
    std::vector<char> reached_;
    std::vector<int> reaching_;  // the units whose coefficients are not zero
};

}  // namespace relutope
