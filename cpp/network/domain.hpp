// The part of input space that is refined.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace relutope {

// A box whose sides may be infinite, cut by further halfspaces  weight . x + constant >= 0.
// Side 2k is x_k = lower[k], side 2k + 1 is x_k = upper[k], side 2 dimension + j is halfspace j.
struct Domain {
    std::vector<double> lower;  // -inf allowed
    std::vector<double> upper;  // +inf allowed
    std::vector<std::vector<double>> halfspaces;  // each of dimension + 1 numbers: weight, then constant

    int dimension() const { return static_cast<int>(lower.size()); }
    bool has_bounded_box() const {
        const auto finite = [](double bound) { return std::isfinite(bound); };
        return std::all_of(lower.begin(), lower.end(), finite) && std::all_of(upper.begin(), upper.end(), finite);
    }
    int num_sides() const { return 2 * dimension() + static_cast<int>(halfspaces.size()); }
};

}  // namespace relutope
