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
//
// Precise forms. Bounds of errors that are passed on grow by sum_j |W_ij| per layer, the forms themselves by much less, so that in
// deep networks nothing is left of the first. There each coefficient is kept as a sum hi + lo of two doubles, normalised between
// changes: |lo| <= u |hi|. Adding W_ij (a + a'), where a + a' are the two parts of a_jk:
//     p = fl(W a), e its error, q = fl(fl(W a') + e);   s = fl(hi + p), t its error;   hi <- s, lo <- fl(lo + fl(t + q)).
// With |a'| <= u |a|, |W a|, |s| <= S, and |lo| <= (3 m + 1) u S after m additions since it was normalised, the roundings of q cost
// 3 u^2 S, that of t + q 3 u^2 S, and the last (3 m + 4) u^2 S. So T additions cost at most  T (3 T + 10) u^2 S (1 + small), to which
// the errors of the layer before are added as above. What the table shows of a coefficient is hi alone: off by at most u |hi| more.
//
// Errors at once. In networks of many layers not even twice the digits hold out against sum_j |W_ij| per layer. But errors obey the
// recursion of the forms: those that a layer s has come to layer l as P (errors of s), where P is the product of the weights of the
// active units between, and sum_j |P_ij| is smaller by far than the product of the layers' sums (in interval arithmetic: the wrapping
// effect, Moore, Interval analysis, 1966). P is a ComposedMap as well, of the preactivations of l in those of s. So the errors that are
// made after s are passed on layer by layer, and those of s at once.
class ComposedMap {
public:
    // REQUIRES: `layer` outlives this object.
    ComposedMap(const Layer& layer, int dimension);

    const FormTable& forms() const { return forms_; }
    // The weights that the units of the layer have for one of the layer before. REQUIRES: the layer is not sparse.
    const double* column(int unit) const { return transposed_.data() + static_cast<std::size_t>(unit) * forms_.count(); }
    // Counts the changes of the forms.
    std::uint64_t version() const { return version_; }

    // The first layer: no pattern.
    void set_first();
    // A later layer, on the cell where the layer before has the forms of `before` and the pattern `active`, in which its linear
    // units are always set.
    void set_pattern(const ComposedMap& before, const std::uint64_t* active);

    // The same for what comes of the errors of `start`, an earlier layer, of whose forms `transfer` is made, when errors up to it are not
    // passed on layer by layer. Does nothing when set_pattern has changed nothing. When this layer is the `last` that has `start`, it is
    // the next layers' start, and passes nothing on by itself.
    // REQUIRES: precise forms.
    void carry(const ComposedMap& transfer, const ComposedMap& start, bool last);

    // Whether errors have grown so much that they decide about signs at ordinary points.
    bool blurred() const;
    // The pattern that the forms belong to.
    const std::uint64_t* active() const { return active_.data(); }
    // How coefficients are kept from now on; those of a layer of which nothing is composed may be plain when the others are precise. The
    // next set_first or set_pattern builds everything anew, so that results do not depend on what came before.
    void restart(bool precise);

private:
    void update(const ComposedMap& before, const std::uint64_t* active);
    void rebuild(const ComposedMap& before, const std::uint64_t* active);
    void apply(const ComposedMap& before, int neuron, double direction);
    void add_rounded(const ComposedMap& before, const std::vector<int>& neurons);
    void touch(const ComposedMap& before, int neuron);
    void apply_rounded(const double* weight, const ComposedMap& before, int neuron, double direction);
    void apply_precisely(const double* weight, const ComposedMap& before, int neuron, double direction);
    void apply_sparse(const ComposedMap& before, int neuron, double direction);
    void transpose_sparse();
    void set_constants();
    void normalise();
    void finish();
    void show_sizes();
    // The part of a coefficient that the table does not show.
    double low(int form, int k) const { return precise_ ? low_[static_cast<std::size_t>(k) * forms_.count() + form] : 0.0; }
    // Bounds on the errors with it, from all errors or those that are passed on.
    double weight_error(int form, const FormSizes& sizes) const;
    double constant_error(int form, const FormSizes& sizes) const;

    const Layer& layer_;
    FormTable forms_;
    std::vector<double> transposed_;      // inputs x outputs; of a sparse layer
    SparseRows columns_;                  // its columns
    std::vector<double> share_;           // per input j: the largest |W_ij| / scale_i
    std::vector<std::uint64_t> active_;   // the pattern the forms belong to
    std::vector<std::uint64_t> touched_;
    std::vector<int> added_;              // by a rebuild
    std::vector<double> low_;             // like the table's columns, when precise
    FormSizes sizes_;                     // summed over the touched neurons, without rounding
    FormSizes precise_sizes_;             // errors of the two parts together
    FormSizes passed_on_;                 // those of them that the next layer passes on
    std::uint64_t carried_version_ = 0;
    std::uint64_t before_version_ = 0;
    std::uint64_t version_ = 0;
    int additions_ = 0;
    bool precise_ = false;
    bool built_ = false;
};

}  // namespace relutope
