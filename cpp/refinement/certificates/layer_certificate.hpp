// "This neuron is positive on the cell", shown in the coordinates of the active units of an inner layer.
//
// There a cell's own conditions are h_k >= 0 for the active neurons k, and forms of later layers. Proposed multipliers, from a linear
// program in any coordinates, are taken over: with the rows T of later layers and the objective g,
//     g - sum y_i a_i = sum_k r_k h_k + const,   r_k >= 0, const > 0
// proves g > 0. As many coordinates as T has rows are chosen where r is to vanish, which determines y; y is enclosed rigorously, and
// the other r_k must come out positive. Nothing has to be bounded, and what is a thin subspace of the input space is a full one here.
//
// Such a proof holds on many cells. Let v_k be what multiplies the preactivation of neuron k in  g - sum y_i a_i,  forms of later
// layers replaced by those of the layers before, and w_k what multiplies its output. An active neuron has the multiplier w_k - v_k, an
// inactive one v_k. Where neither is negative the neuron may be in either state: v, the combination and its constant stay what they are.
// In the base layer v is 0 and w_k is r_k. (The same v bounds a network's output in the dual problem of Wong and Kolter, Provable
// defenses against adversarial examples via the convex outer adversarial polytope, ICML 2018.)
#pragma once

#include <span>
#include <vector>

#include "network/maps/active_forms.hpp"
#include "predicates/multipliers.hpp"
#include "refinement/common/program_forms.hpp"

namespace relutope {

class LayerCertificate {
public:
    using Term = ProgramForms::Term;

    explicit LayerCertificate(const Network& network) : network_(network), forms_(network) {}

    // Tells which units of hidden layer `layer` are active; as far as the forms depend on it.
    void set_active(int layer, const std::uint64_t* active) { forms_.set_active(layer, active); }

    // Whether `objective` is certainly positive where all of `terms` are nonnegative, on a cell with these active units.
    // Terms of negligible multipliers may be among them, and are left out.
    bool positive(const Term& objective, std::span<const Term> terms);
    // The same in the coordinates of hidden layer `base` alone. The objective may be one of its own active neurons: then that this
    // neuron is not negative is not made use of.
    // REQUIRES: all terms are of later layers or active neurons of the base, other than the objective.
    bool positive_over(int base, const Term& objective, std::span<const Term> terms);

    // Takes over a proof in input coordinates, where what the combination leaves of the objective is positive on the whole domain.
    // REQUIRES: no term has a negative multiplier. Terms of level 0 are sides of the domain.
    void adopt(const Term& objective, std::span<const Term> terms);

    // The neurons whose states the last proof depends on: on a cell where these are as on this one, the objective is positive, too. One
    // bit for each of the network's neurons; for the layers before the base there are none.
    // REQUIRES: the last question was answered with yes, or a proof was taken over since.
    void needed_states(std::vector<std::uint64_t>& needed);

    ActiveForms& forms() { return forms_; }
    const ActiveForms& forms() const { return forms_; }

private:
    // Coefficients of a layer's outputs.
    struct Coefficients {
        std::vector<double> value, error;
    };

    void load(const Term& term, int base, ActiveForm& form);
    int load_rows(int base, std::span<const Term> terms);
    bool choose_basis(int t);
    double residual_error(int k) const;
    double multiplier_error(int t);
    bool leaves_nonnegative(int k, double off) const;
    bool leaves_positive_constant(double off) const;
    void pass_back(int layer, const Coefficients& preactivations);

    const Network& network_;
    ActiveForms forms_;
    MultiplierSystem system_;
    std::vector<Term> terms_;
    // the last proof
    int proven_base_ = 0;  // -1 for the inputs
    Term proven_objective_{};
    std::vector<Term> proven_terms_;  // of later layers than the base
    double proven_off_ = 0;           // bounds the errors of their multipliers
    Coefficients outputs_, preactivations_;
    std::vector<double> size_;
    std::vector<char> reached_;  // whether a weight leads there from what is passed back
    std::vector<int> passed_;
    ActiveForm goal_;
    std::vector<ActiveForm> rows_;
    std::vector<double> multiplier_, residual_;
    std::vector<int> order_;
    std::vector<char> tight_, basic_, signed_;  // per active unit of the base; signed: known to be nonnegative
};

}  // namespace relutope
