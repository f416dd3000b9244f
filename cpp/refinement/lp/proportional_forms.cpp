#include "refinement/lp/proportional_forms.hpp"

#include <algorithm>
#include <cmath>

#include "predicates/error_bound.hpp"

namespace relutope {

bool proportional(const exact::Form& a, const exact::Form& b) {
    const int n = static_cast<int>(a.weight.size());
    const auto entry = [n](const exact::Form& form, int k) -> const exact::Integer& {
        return k < n ? form.weight[k] : form.constant;
    };
    int pivot = 0;
    while (entry(a, pivot).is_zero()) ++pivot;
    for (int k = 0; k <= n; ++k)
        if (entry(a, pivot) * entry(b, k) != entry(b, pivot) * entry(a, k)) return false;
    return true;
}

std::vector<double> generic_direction(int dimension) {
    std::vector<double> direction;
    double value = 0.5;
    for (int k = 0; k < dimension; ++k) {
        value += 0.6180339887498949;
        value -= std::floor(value);
        direction.push_back(value - 0.25);
    }
    return direction;
}

ProportionalForms::Ratio ProportionalForms::ratio(double derivative, double derivative_error, double value, double value_error) {
    const double middle = derivative / value;
    const double size = std::fabs(middle);
    const double error = (derivative_error + size * value_error) / (value - value_error) * error_bound::inflate +
                         4 * error_bound::unit_roundoff * size + error_bound::underflow;
    if (value > value_error && error < error_bound::infinite) return {middle, error};
    return {0, error_bound::infinite};
}

std::vector<std::vector<int>> ProportionalForms::groups(std::vector<int> indices, const std::vector<Ratio>& ratios, bool singles,
                                                        const std::function<exact::Form(int)>& exact_form,
                                                        const std::function<bool(int, int)>& surely_same) {
    const auto same = [&](int a, int b) { return (surely_same && surely_same(a, b)) || proportional(exact_form(a), exact_form(b)); };
    const auto low = [&](int i) { return ratios[i].middle - ratios[i].error; };
    const auto high = [&](int i) { return ratios[i].middle + ratios[i].error; };
    std::vector<std::vector<int>> found;
    std::sort(indices.begin(), indices.end(), [&](int a, int b) { return low(a) < low(b); });
    std::size_t begin = 0;
    while (begin < indices.size()) {
        double reach = high(indices[begin]);
        std::size_t end = begin + 1;
        for (; end < indices.size() && !(low(indices[end]) > reach); ++end) reach = std::max(reach, high(indices[end]));
        std::vector<int> rest(indices.begin() + static_cast<std::ptrdiff_t>(begin), indices.begin() + static_cast<std::ptrdiff_t>(end));
        std::sort(rest.begin(), rest.end());
        begin = end;
        if (rest.size() == 1) {
            if (singles) found.push_back(std::move(rest));
            continue;
        }
        while (!rest.empty()) {
            std::vector<int> members{rest[0]}, others;
            for (std::size_t k = 1; k < rest.size(); ++k) (same(rest[0], rest[k]) ? members : others).push_back(rest[k]);
            if (members.size() > 1 || singles) found.push_back(std::move(members));
            rest = std::move(others);
        }
    }
    return found;
}

}  // namespace relutope
