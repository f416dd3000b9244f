// "This neuron is positive on the cell", shown in the coordinates of the active units of an inner layer.
//
// There a cell's own conditions are h_k >= 0 for the active neurons k, and forms of later layers. Proposed multipliers, from a linear
// program in any coordinates, are taken over: with the rows T of later layers and the objective g,
//     g - sum y_i a_i = sum_k r_k h_k + const,   r_k >= 0, const > 0
// proves g > 0. As many coordinates as T has rows are chosen where r is to vanish, which determines y; y is enclosed rigorously, and
// the other r_k must come out positive. Nothing has to be bounded, and what is a thin subspace of the input space is a full one here.
#pragma once

#include <span>
#include <vector>

#include "predicates/multipliers.hpp"
#include "refinement/active_forms.hpp"
#include "refinement/program_forms.hpp"

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

    ActiveForms& forms() { return forms_; }
    const ActiveForms& forms() const { return forms_; }

private:
    void load(const Term& term, int base, ActiveForm& form);

    const Network& network_;
    ActiveForms forms_;
    MultiplierSystem system_;
    std::vector<Term> terms_;
    ActiveForm goal_;
    std::vector<ActiveForm> rows_;
    std::vector<double> multiplier_, residual_;
    std::vector<int> order_;
    std::vector<char> tight_, basic_;
};

}  // namespace relutope
