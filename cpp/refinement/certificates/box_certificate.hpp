// "This form is positive on the cell", shown with bounds of some coordinates and none of the others.
//
// Proposed multipliers y of forms a_i that are nonnegative on the cell leave  r = g - sum y_i a_i  of the goal g. Where a coordinate
// is bounded, rounding in r_k costs a little of the constant (Neumaier and Shcherbina, Safe bounds in linear and mixed-integer linear
// programming, 2004). Where it is not, r_k must vanish: as many of the forms as there are such coordinates get the multipliers for
// which it does, which are enclosed rigorously (multipliers.hpp) and must be positive. Coordinates that neither the goal nor the forms
// depend on need nothing; so what concerns few coordinates is shown among these alone, whatever the cell is in the others.
#pragma once

#include <span>
#include <vector>

#include "predicates/multipliers.hpp"

namespace relutope {

class BoxCertificate {
public:
    // Rounded coefficients, and what bounds their errors; a coefficient of zero without an error is exactly zero.
    struct Form {
        const double* weight;
        const double* weight_error;
        double constant;
        double constant_error;
    };

    // Whether `goal` is certainly positive where all `forms` are nonnegative and lower[k] <= x_k <= upper[k], bounds that may be
    // infinite. REQUIRES: a multiplier for each form, none negative.
    bool positive(const Form& goal, std::span<const Form> forms, std::span<const double> multipliers, const std::vector<double>& lower,
                  const std::vector<double>& upper);

private:
    void combine(const Form& goal, std::span<const Form> forms, std::span<const double> multipliers);
    bool choose(std::span<const Form> forms);
    double enclosed(std::span<const Form> forms, std::span<const double> multipliers);
    double error_of(int k, double off, std::span<const Form> forms) const;

    MultiplierSystem system_;
    std::vector<double> residual_, error_, size_;  // of each coordinate: r_k, what bounds its error, the sum of the terms' sizes
    std::vector<char> touched_;                    // whether anything depends on it
    std::vector<int> free_;                        // coordinates in which r is to vanish
    std::vector<int> chosen_;                      // forms whose multipliers see to that
    std::vector<double> work_;
};

}  // namespace relutope
