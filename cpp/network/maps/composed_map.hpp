// The preactivations of one hidden layer (and its linear units) as affine forms of the input, on one cell of the layers before it.
#pragma once

#include <cstdint>
#include <vector>

#include "geometry/form_table.hpp"
#include "network/domain.hpp"
#include "network/network.hpp"

namespace relutope {

// The domain's sides as forms that are nonnegative inside; an infinite side x_k = +-R is stored as +-x_k, its R apart.
FormTable domain_forms(const Domain& domain);

// Floating-point forms of a layer, kept up to date as the activation pattern of the layer before changes by few bits:
// a changed neuron j adds or removes the product of column j of the weights and neuron j's own form.
//
// Error: with T additions since the last rebuild, each coefficient is a sum whose partial sums are bounded by
// S = sum of |W_ij| |a_jk| over all j touched since then. Products cost at most u S in total (a removed product is the
// same rounded number that was added), sums u S each, so the rounding error is at most (T + 2) u S (1 + small); the
// errors of the forms of the layer before enter as sum |W_ij| e_j. Both sums only grow until the next rebuild. They are kept
// for all forms at once (FormSizes): |W_ij| <= scale_i share_j with scale_i = max_j |W_ij| and share_j = max_i |W_ij| / scale_i.
class ComposedMap {
public:
    // REQUIRES: `layer` outlives this object.
    ComposedMap(const Layer& layer, int dimension);

    const FormTable& forms() const { return forms_; }
    // Counts the changes of the forms.
    std::uint64_t version() const { return version_; }

    // The first layer: no pattern.
    void set_first();
    // A later layer, on the cell where the layer before has the forms `before` (with that version) and the pattern `active`, in
    // which its linear units are always set.
    void set_pattern(const FormTable& before, std::uint64_t before_version, const std::uint64_t* active);
    // Makes the next set_pattern rebuild everything, so that results do not depend on what came before.
    void forget() { built_ = false; }

private:
    void rebuild(const FormTable& before, const std::uint64_t* active);
    void apply(const FormTable& before, int neuron, double direction);
    void finish();

    const Layer& layer_;
    FormTable forms_;
    std::vector<double> transposed_;      // inputs x outputs
    std::vector<double> share_;           // per input j: the largest |W_ij| / scale_i
    std::vector<std::uint64_t> active_;   // the pattern the forms belong to
    std::vector<std::uint64_t> touched_;
    FormSizes sizes_;                     // summed over the touched neurons, without rounding
    std::uint64_t before_version_ = 0;
    std::uint64_t version_ = 0;
    int additions_ = 0;
    bool built_ = false;
};

}  // namespace relutope
