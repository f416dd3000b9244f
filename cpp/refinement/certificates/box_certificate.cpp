#include "refinement/certificates/box_certificate.hpp"

#include <algorithm>
#include <cmath>

#include "predicates/clones.hpp"
#include "predicates/error_bound.hpp"

namespace relutope {

using error_bound::inflate;
using error_bound::underflow;
using error_bound::unit_roundoff;

namespace {

// A pivot smaller than this times its column's largest entry is noise: then the forms do not determine the multipliers.
constexpr double dependent_below = 1e-10;

}  // namespace

// r_k rounds by at most (t + 3) u times the sum of its t + 1 terms' sizes (see error_bound.hpp).
RELUTOPE_CLONES
void BoxCertificate::combine(const Form& goal, std::span<const Form> forms, std::span<const double> multipliers) {
    const auto n = static_cast<int>(residual_.size());
    double *__restrict residual = residual_.data(), *__restrict error = error_.data(), *__restrict size = size_.data();
    char* __restrict touched = touched_.data();
    for (int k = 0; k < n; ++k) {
        residual[k] = goal.weight[k];
        error[k] = goal.weight_error[k];
        size[k] = std::fabs(goal.weight[k]);
        touched[k] = static_cast<char>((goal.weight[k] != 0) | (goal.weight_error[k] != 0));
    }
    for (std::size_t i = 0; i < forms.size(); ++i) {
        const double y = multipliers[i];
        const double *__restrict weight = forms[i].weight, *__restrict own = forms[i].weight_error;
        for (int k = 0; k < n; ++k) {
            const double product = y * weight[k];
            residual[k] -= product;
            size[k] += std::fabs(product);
            error[k] += y * own[k];
            touched[k] = static_cast<char>(touched[k] | (weight[k] != 0) | (own[k] != 0));
        }
    }
    const double rounding = (static_cast<double>(forms.size()) + 3) * unit_roundoff;
    for (int k = 0; k < n; ++k) error[k] = touched[k] ? (error[k] + rounding * size[k]) * inflate + underflow : 0.0;
}

// Takes as many forms as there are free coordinates, independent there; false when there are not so many. Elimination with the largest
// pivot of each column, in floating point: that the choice is good is for the enclosure to show.
bool BoxCertificate::choose(std::span<const Form> forms) {
    const std::size_t t = forms.size(), u = free_.size();
    chosen_.clear();
    if (u > t) return false;
    work_.resize(t * u);
    for (std::size_t i = 0; i < t; ++i)
        for (std::size_t c = 0; c < u; ++c) work_[i * u + c] = forms[i].weight[free_[c]];
    std::vector<char> taken(t);
    for (std::size_t c = 0; c < u; ++c) {
        double largest = 0, size = 0;
        std::size_t pivot = 0;
        for (std::size_t i = 0; i < t; ++i) {
            size = std::max(size, std::fabs(forms[i].weight[free_[c]]));
            const double entry = std::fabs(work_[i * u + c]);
            if (taken[i] || !(entry > largest)) continue;
            largest = entry;
            pivot = i;
        }
        if (!(largest > dependent_below * size)) return false;
        taken[pivot] = 1;
        chosen_.push_back(static_cast<int>(pivot));
        const double* source = work_.data() + pivot * u;
        for (std::size_t i = 0; i < t; ++i) {
            double* target = work_.data() + i * u;
            if (taken[i] || target[c] == 0) continue;
            const double factor = target[c] / source[c];
            for (std::size_t d = c; d < u; ++d) target[d] -= factor * source[d];
        }
    }
    return true;
}

// How far the chosen forms' multipliers are at most from those for which r vanishes in the free coordinates.
double BoxCertificate::enclosed(std::span<const Form> forms, std::span<const double> multipliers) {
    const auto u = static_cast<int>(free_.size());
    if (u == 0) return 0;
    system_.start(u);
    double rho = 0;
    for (int c = 0; c < u; ++c) {
        double error = 0;
        for (int d = 0; d < u; ++d) {
            system_.row(c)[d] = forms[chosen_[c]].weight[free_[d]];
            error += forms[chosen_[c]].weight_error[free_[d]];
        }
        system_.set_error(c, error * inflate);
        rho += std::fabs(residual_[free_[c]]) + error_[free_[c]];
    }
    const double off = system_.bound(rho * inflate);
    for (const int i : chosen_)
        if (!(multipliers[i] > off)) return error_bound::infinite;
    return off;
}

// Bounds the error of r_k when the chosen multipliers are up to `off` from those at hand.
double BoxCertificate::error_of(int k, double off, std::span<const Form> forms) const {
    if (off == 0) return error_[k];
    double size = 0;
    for (const int i : chosen_) size += std::fabs(forms[i].weight[k]) + forms[i].weight_error[k];
    return size == 0 ? error_[k] : (error_[k] + off * size) * inflate + underflow;
}

// The constant that is left is a sum of 1 + t + n products: it rounds by at most (t + n + 6) u times their sizes.
bool BoxCertificate::positive(const Form& goal, std::span<const Form> forms, std::span<const double> multipliers,
                              const std::vector<double>& lower, const std::vector<double>& upper) {
    const auto n = static_cast<int>(lower.size());
    residual_.resize(n);
    error_.resize(n);
    size_.resize(n);
    touched_.resize(n);
    combine(goal, forms, multipliers);
    // With one bound it is enough that r_k has the sign that this bound needs.
    const auto inwards = [&](int k) { return std::isinf(lower[k]) ? (std::isinf(upper[k]) ? 0.0 : -1.0) : (std::isinf(upper[k]) ? 1.0 : 2.0); };
    free_.clear();
    for (int k = 0; k < n; ++k) {
        const double sense = inwards(k);
        if (touched_[k] && sense != 2.0 && (sense == 0.0 || !(sense * residual_[k] > 2 * error_[k]))) free_.push_back(k);
    }
    if (!choose(forms)) return false;
    const double off = enclosed(forms, multipliers);
    if (!(off < error_bound::infinite)) return false;
    double constant = goal.constant, size = std::fabs(constant), error = goal.constant_error;
    for (std::size_t i = 0; i < forms.size(); ++i) {
        const double product = multipliers[i] * forms[i].constant;
        constant -= product;
        size += std::fabs(product);
        error += multipliers[i] * forms[i].constant_error;
    }
    for (const int i : chosen_) error += off * (std::fabs(forms[i].constant) + forms[i].constant_error);
    auto next = free_.begin();
    for (int k = 0; k < n; ++k) {
        if (next != free_.end() && *next == k) {
            ++next;
            continue;
        }
        if (!touched_[k]) continue;
        const double sense = inwards(k), own = error_of(k, off, forms);
        if (sense != 2.0 && !(sense * residual_[k] > own)) return false;
        const double least = residual_[k] < 0 ? upper[k] : lower[k];
        const double product = residual_[k] * least;
        constant += product;
        size += std::fabs(product);
        error += own * (sense == 2.0 ? std::max(std::fabs(lower[k]), std::fabs(upper[k])) : std::fabs(least));
    }
    const double rounding = (static_cast<double>(forms.size()) + n + 6) * unit_roundoff;
    return constant > (error + rounding * size) * inflate + underflow;
}

}  // namespace relutope
