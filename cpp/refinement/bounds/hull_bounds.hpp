// Whether one class wins on all of a part of a search: affine bounds over the convex hull of its vertices.
//
// On the part the preactivations of one hidden layer are affine functions of the inputs, known as forms. Every later unit lies between
// two affine functions, passed on layer by layer (Zhang, Weng, Chen, Hsieh, Daniel 2018): over the hull, on which z lies in [l, u] with
// l < 0 < u,
//
//     s z <= relu(z) <= t z + m,     s in {0, 1},  t in [0, 1],  m >= max(-t l, u (1 - t)),
//
// whatever s and t are. An affine function is least at one of the points.
//
// Rounding. Model and u as in predicates/error_bound.hpp. A function is known as a . x + c with a bound e on what it is wrong by at any
// point of the hull, and with a size S >= sum_k |a_k| X_k + |c|, where X_k >= |x_k|. A sum of w_i times k functions is wrong by at most
//
//     sum_i |w_i| e_i  +  (k + 2) u (sum_i |w_i| S_i + |bias|)  +  |bias_low|  +  (k + 1) 2^-1074 (1 + sum_k X_k),
//
// its value at a point that is known to within r in each coordinate by (n + 2) u S + r sum_k |a_k| more.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "geometry/form_table.hpp"
#include "network/network.hpp"

namespace relutope {

// Points of which each coordinate is known to within `radius`.
struct Hull {
    std::vector<double> points;  // row-major, points x dimension
    double radius = 0;
};

class HullBounds {
public:
    // The last `compared` neurons compare outputs: the one output with zero, or each output with those before it.
    // REQUIRES: `network` outlives this object.
    HullBounds(const Network& network, int compared);

    // The layer whose units are the outputs; parts on which its forms are known need no bounds.
    int output_layer() const { return output_layer_; }

    // After how many splits by neurons of a layer it pays to look again: bounds through later layers cost more than a split.
    int interval(int layer) const { return interval_[layer]; }

    // Whether it is proven that one class wins at all points of the hull (or that the one output is not zero there).
    // `forms`: the preactivations of a hidden layer before that of the outputs; `positive`, `negative`: bits of its neurons that have
    // this sign at some point.
    bool decided(int layer, const FormTable& forms, std::span<const std::uint64_t> positive, std::span<const std::uint64_t> negative,
                 const Hull& hull);

private:
    // Affine functions that bound a unit, n coefficients and a constant each, and how wrong they and their values may be.
    struct Unit {
        std::span<double> least, most;
        double error = 0;
        double size = 0;
        bool same = false;  // least is most
    };
    struct Range {
        double lower, upper;
    };
    // Some units of a layer; the others are zero.
    struct Units {
        std::vector<int> index;
        std::vector<Unit> unit;
        std::vector<double> storage;
        void reset(int most_units, int stride);
        Unit& add(int which, int stride);
        void drop_last() {
            index.pop_back();
            unit.pop_back();
        }
    };
    // Row `plus` of a layer's weights, minus row `minus` if there is one.
    struct Row {
        int layer, plus, minus = -1;
    };

    bool start(int layer, const FormTable& forms, std::span<const std::uint64_t> positive, std::span<const std::uint64_t> negative);
    bool pass_on(int layer);
    bool combine(const Row& row, Unit& target);
    std::optional<Range> range(const Unit& unit) const;
    bool relax(Units& units, const Range& range);
    bool measure(std::span<const double> function, double& size) const;
    bool wins(int output, Unit& scratch);

    const Network& network_;
    int dimension_;
    int output_layer_;
    std::vector<int> interval_;
    const Hull* hull_ = nullptr;
    std::vector<double> extent_;  // of the hull, per coordinate
    double extents_ = 0;          // their sum, and one
    Units here_, next_;
    std::vector<double> row_, difference_;
    std::vector<double> scratch_;
};

}  // namespace relutope
