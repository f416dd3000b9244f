#include "refinement/lp/proportional_forms.hpp"

#include <algorithm>
#include <cmath>

#include "exact/residue.hpp"
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

void ProportionalForms::Ratios::set(std::size_t form, double derivative, double derivative_error, double value, double value_error) {
    const double quotient = derivative / value;
    const double size = std::fabs(quotient);
    const double bound = (derivative_error + size * value_error) / (value - value_error) * error_bound::inflate +
                         4 * error_bound::unit_roundoff * size + error_bound::underflow;
    const bool known = value > value_error && bound < error_bound::infinite;
    middle[form] = known ? quotient : 0;
    error[form] = known ? bound : error_bound::infinite;
}

namespace {

// Splits ascending `members` into classes, in the order of their first members.
std::vector<std::vector<int>> split(std::vector<int> members, const std::function<bool(int, int)>& same) {
    std::vector<std::vector<int>> found;
    while (!members.empty()) {
        std::vector<int> own{members[0]}, others;
        for (std::size_t k = 1; k < members.size(); ++k) (same(members[0], members[k]) ? own : others).push_back(members[k]);
        found.push_back(std::move(own));
        members = std::move(others);
    }
    return found;
}

struct Keyed {
    std::uint64_t key = 0;
    exact::Form form;
    std::vector<int> members;
};

// Joins `parts`, sets of proportional forms, where they are proportional to each other.
std::vector<std::vector<int>> joined(std::vector<std::vector<int>> parts, const std::function<exact::Form(int)>& exact_form) {
    if (parts.size() < 2) return parts;
    std::vector<Keyed> keyed;
    bool all_known = true;
    for (std::vector<int>& members : parts) {
        exact::Form form = exact_form(members[0]);
        const std::optional<std::uint64_t> key = exact::direction_residue(form);
        all_known = all_known && key;
        keyed.push_back({key.value_or(0), std::move(form), std::move(members)});
    }
    if (!all_known)  // a form without a key could be proportional to any
        for (Keyed& each : keyed) each.key = 0;
    std::stable_sort(keyed.begin(), keyed.end(), [](const Keyed& a, const Keyed& b) { return a.key < b.key; });
    std::vector<std::vector<int>> found;
    for (std::size_t begin = 0, end; begin < keyed.size(); begin = end) {
        std::vector<int> run;
        for (end = begin; end < keyed.size() && keyed[end].key == keyed[begin].key; ++end) run.push_back(static_cast<int>(end));
        for (const std::vector<int>& same : split(std::move(run), [&](int a, int b) { return proportional(keyed[a].form, keyed[b].form); })) {
            std::vector<int> members;
            for (const int k : same) members.insert(members.end(), keyed[k].members.begin(), keyed[k].members.end());
            std::sort(members.begin(), members.end());
            found.push_back(std::move(members));
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace

std::vector<std::vector<int>> ProportionalForms::clusters(std::vector<int>& indices, const Ratios& ratios) {
    const auto low = [&](int i) { return ratios.middle[i] - ratios.error[i]; };
    const auto high = [&](int i) { return ratios.middle[i] + ratios.error[i]; };
    std::vector<std::vector<int>> found;
    std::sort(indices.begin(), indices.end(), [&](int a, int b) { return low(a) < low(b); });
    for (std::size_t begin = 0, end; begin < indices.size(); begin = end) {
        double reach = high(indices[begin]);
        for (end = begin + 1; end < indices.size() && !(low(indices[end]) > reach); ++end) reach = std::max(reach, high(indices[end]));
        found.emplace_back(indices.begin() + static_cast<std::ptrdiff_t>(begin), indices.begin() + static_cast<std::ptrdiff_t>(end));
        std::sort(found.back().begin(), found.back().end());
    }
    return found;
}

std::vector<std::vector<int>> ProportionalForms::classes(const std::vector<int>& cluster,
                                                         const std::function<exact::Form(int)>& exact_form,
                                                         const std::function<bool(int, int)>& surely_same) {
    std::vector<std::vector<int>> parts;
    if (surely_same) parts = split(cluster, surely_same);
    else for (const int member : cluster) parts.push_back({member});
    return joined(std::move(parts), exact_form);
}

}  // namespace relutope
