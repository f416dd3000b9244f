// What linear programs over a cell ask of the network when floating-point rows do not do.
#pragma once

#include <span>

#include "exact/linear.hpp"
#include "network/sign_layout.hpp"

namespace relutope {

class ProgramForms {
public:
    // A form, nonnegative on the cell when multiplied by `sense`, and its multiplier in a combination.
    struct Term {
        FormRef name;
        double sense;
        double multiplier;
    };

    virtual ~ProgramForms() = default;

    // The form in the program's coordinates, up to a positive factor.
    virtual exact::Form exact_form(FormRef name) = 0;
    // The same, rounded to sums of two doubles. REQUIRES: it has no part at infinity.
    virtual exact::LeadingForm leading_form(FormRef name) { return exact::leading_form(exact_form(name)); }
    // Whether `objective` is certainly positive where `terms` are nonnegative on the cell, shown by means of the network's structure.
    virtual bool certainly_positive(const Term& objective, std::span<const Term> terms) = 0;
    // Whether the network's structure shows that the form vanishes at the origin.
    virtual bool through_origin(FormRef) const { return false; }
};

}  // namespace relutope
