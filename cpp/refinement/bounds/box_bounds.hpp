// Certified bounds over a box, or its intersection with a ball: of every preactivation, and of linear conditions on inputs and
// outputs.
//
// Each quantity is bounded by an affine function of the inputs, found by substituting backwards through the layers (Zhang, Weng,
// Chen, Hsieh, Daniel 2018; Singh, Gehr, Pueschel, Vechev 2019). Over a box on which z lies in [l, u] with l < 0 < u,
//
//     s z <= relu(z) <= t z + m,     s in {0, 1},  t in [0, 1],  m >= max(-t l, u (1 - t)),
//
// whatever s and t are, so these are taken as rounded; only m is rounded up.
//
// Rounding. Model and u as in predicates/error_bound.hpp. A lower bound is sum_j a_j h_j + c for the units h_j of one layer. One
// step replaces a_j by sum_i w_i W_ij. With k terms the computed coefficient differs from that sum by at most
// (k + 1) u sum_i |w_i W_ij| + k 2^-1074, which changes the value by at most that times H_j >= |h_j| over the box. Summed over j,
//
//     (k + 1) u sum_i |w_i| S_i + k 2^-1074 sum_j H_j     with S_i >= sum_j |W_ij| H_j,
//
// so that S_i, one number per unit and box, is all that the bound costs. The products w_i = a_i t_i and the sum of the constants
// have terms of the same kind. These errors are summed beside the value and taken off at the end, over-estimated by the factor
// `inflate`, which covers their own rounding.
#pragma once

#include <span>
#include <vector>

#include "network/network.hpp"

namespace relutope {

// Rows ``inputs . x + outputs . y + constant``; `error` bounds what the rounding of the row's coefficients did, in units of
// |coefficient|: the true coefficients differ by at most 2^-53 times their size if `rounded`, not at all otherwise.
struct ConditionRows {
    std::vector<double> inputs;    // row-major, rows x inputs
    std::vector<double> outputs;   // row-major, rows x outputs
    std::vector<double> constant;  // per row
    std::vector<char> rounded;     // per row
    int rows() const { return static_cast<int>(constant.size()); }
};

class BoxBounds {
public:
    // REQUIRES: `network` and `conditions` outlive this object and fit each other.
    BoxBounds(const Network& network, const ConditionRows& conditions);

    // What is known of one box.
    struct Known {
        std::span<double> lower, upper;                      // per neuron; in: bounds that hold on the box; out: these or better ones
        std::span<double> condition_lower, condition_upper;  // per row; out
        std::span<double> slope;                             // rows x inputs: the affine lower bounds' gradients; out
        std::span<double> loss;                              // rows x inputs; out: see below
        std::span<double> offset = {};                       // per row, or empty; out: the row is at least slope . x + offset, exactly
    };
    // All points within `radius` (in the 1-, 2- or maximum norm) of a centre, which lies in the box. An affine function a . x + c is at
    // least a . centre + c - radius |a| there, in the dual norm; that or the box's least value is taken, whichever is larger.
    enum class Norm : char { one, two, maximum };
    struct Ball {
        std::span<const double> centre;
        double radius;
        Norm norm;
    };
    // `loss` says to which input's width a row's lower bound owes how much of its looseness, about: the loss at each unstable
    // neuron is shared out among the inputs as the width of the neuron's own bounds is. Where to halve a box; nothing is proven by it.
    // What comes out holds at those points of the box (and the ball) at which every neuron lies within the bounds given for it.
    // REQUIRES: lower <= upper (infinite allowed).
    void bound(std::span<const double> lower, std::span<const double> upper, Known known, const Ball* ball = nullptr);

private:
    // Which lower bound s z of an unstable neuron is taken: the one of smaller area, or the one parallel to the upper bound.
    enum class Slope : char { area, parallel };
    struct Unit {
        bool unstable = false;
        double lower_slope = 1;                      // relu(z) >= s z
        double upper_slope = 1, upper_constant = 0;  // relu(z) <= t z + m
        double size = 0;                             // >= |z|
        double after = 0;                            // >= |h|
        double terms = 0;                            // >= sum_j |W_ij| H_j + |bias| + |bias_low|
    };
    // A layer on the present box. Units that are zero on all of it, the dead ones, are left out everywhere.
    struct LayerOnBox {
        std::vector<Unit> units;
        std::vector<int> alive;
        std::vector<double> weight;  // alive units x alive units of the layer before; made on demand
        bool packed = false;
        double sum_after = 0;
    };
    // Affine functions of the alive units of one layer that are being substituted backwards.
    struct Rows {
        int count = 0;
        std::vector<double> coefficient;  // count x units
        std::vector<double> constant, constant_size, error;
        void reset(int rows, std::size_t units);
    };

    int width(int layer) const { return network_.layer(layer).outputs; }
    const std::vector<int>& before(int layer) const { return layer == 0 ? all_inputs_ : layers_[layer - 1].alive; }
    double size_before(int layer, int unit) const {
        return layer == 0 ? input_size_[unit] : layers_[layer - 1].units[unit].after;
    }
    const double* row_of(const Layer& layer, int unit);
    void measure(int layer);
    void relax(int layer, std::span<const double> lower, std::span<const double> upper);
    void pack(int layer);
    void bound_layer(int layer, Known& known);
    void bound_conditions(Known& known, Slope slope);
    void start_conditions();
    void substitute(int layer, Rows& rows, Slope slope);
    void to_inputs(int layer, Rows& rows, Slope slope);
    void share_losses(int layer, const Rows& rows, Known& known) const;
    double minimum(const Rows& rows, int row) const;
    double offset(const Rows& rows, int row) const;
    double dual_norm(const double* a) const;

    const Network& network_;
    const ConditionRows& conditions_;
    std::vector<LayerOnBox> layers_;  // the output layer included
    std::span<const double> lower_, upper_;
    const Ball* ball_ = nullptr;
    std::vector<int> all_inputs_;
    std::vector<double> input_size_;
    double sum_inputs_ = 0;
    std::vector<double> shares_;  // neurons x inputs: how much of a neuron's width comes from each input
    Rows rows_;
    std::vector<double> next_, written_out_;
    int operations_ = 0;
};

}  // namespace relutope
