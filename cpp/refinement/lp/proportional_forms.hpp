// Which of many affine forms vanish on one and the same hyperplane.
#pragma once

#include <functional>
#include <vector>

#include "exact/linear.hpp"

namespace relutope {

// Whether one form is a multiple of the other. REQUIRES: neither is zero everywhere.
bool proportional(const exact::Form& a, const exact::Form& b);

// A fixed direction in general position: multiples of the golden ratio modulo one, between -1/4 and 3/4.
std::vector<double> generic_direction(int dimension);

// Proportional forms have the same ratio of derivative in a fixed direction and value at a point; ratios that floating point tells
// apart need no further look, and those that it does not are compared exactly.
class ProportionalForms {
public:
    // The ratios of many forms, each with a bound on its error; infinite where nothing is known.
    struct Ratios {
        std::vector<double> middle;
        std::vector<double> error;

        explicit Ratios(std::size_t count) : middle(count), error(count) {}
        // Fills in the ratio of a form's derivative (known up to `derivative_error`) and its value (up to `value_error`).
        void set(std::size_t form, double derivative, double derivative_error, double value, double value_error);
    };

    // Sorts the forms in `indices`, to which `ratios` belong, into sets that floating point does not tell apart, each ascending.
    // Changes the order of `indices`.
    static std::vector<std::vector<int>> clusters(std::vector<int>& indices, const Ratios& ratios);

    // Sorts the forms of a cluster into sets of mutually proportional ones, each ascending. Forms are compared exactly, by index, unless
    // `surely_same` says that two are proportional.
    static std::vector<std::vector<int>> classes(const std::vector<int>& cluster, const std::function<exact::Form(int)>& exact_form,
                                                 const std::function<bool(int, int)>& surely_same = {});
};

}  // namespace relutope
