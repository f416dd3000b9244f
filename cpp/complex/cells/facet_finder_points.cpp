// Facets that points show. See facet_finder.hpp.
#include "complex/cells/facet_finder.hpp"

#include <algorithm>
#include <cmath>

#include "predicates/error_bound.hpp"

namespace relutope {

// Looks for a point where `neuron` alone is on the wrong side: on the segment to the other cell's interior point; where other
// forms end the segment before, on the line through where it meets the neuron's hyperplane and the foot of the perpendicular.
bool FacetFinder::found_by_points(int neuron) {
    if (point_.radius != 0) return false;
    const double* p = point_.x.data();
    const double* q = inside(other_[neuron]);
    evaluate(q, at_other_);
    if (!(at_other_[neuron] < 0)) return false;
    const double crossing = at_inside_[neuron] / (at_inside_[neuron] - at_other_[neuron]);
    double stop = 1;
    for (std::size_t j = 0; j < names_.size(); ++j) {
        if (at_other_[j] >= 0 || static_cast<int>(j) == neuron) continue;
        stop = std::min(stop, at_inside_[j] / (at_inside_[j] - at_other_[j]));
    }
    between_.resize(dimension_);
    if (crossing < stop) {
        const double step = 0.5 * (crossing + stop);
        for (int k = 0; k < dimension_; ++k) between_[k] = p[k] + step * (q[k] - p[k]);
        return certainly_only(neuron);
    }
    return on_hyperplane(neuron, q, crossing);
}

bool FacetFinder::on_hyperplane(int neuron, const double* q, double crossing) {
    const double* p = point_.x.data();
    const auto weight = [&](int k) { return forms_[k * names_.size() + neuron]; };
    double square = 0;
    for (int k = 0; k < dimension_; ++k) square += weight(k) * weight(k);
    const double down = at_inside_[neuron] / square;
    foot_.resize(dimension_);
    for (int k = 0; k < dimension_; ++k) {
        foot_[k] = p[k] - down * weight(k);
        between_[k] = p[k] + crossing * (q[k] - p[k]);
    }
    evaluate(foot_.data(), at_foot_);
    // Where on the line between_ + s (foot_ - between_) is everything else as in the cell?
    double first = -HUGE_VAL, last = HUGE_VAL;
    const auto cut = [&](double here, double there) {
        const double zero = here / (here - there);
        if (there > here) first = std::max(first, zero);
        else if (there < here) last = std::min(last, zero);
        else if (here < 0) last = -HUGE_VAL;
    };
    for (std::size_t j = 0; j < names_.size(); ++j)
        if (static_cast<int>(j) != neuron && !(at_inside_[j] == 0))
            cut(at_inside_[j] + crossing * (at_other_[j] - at_inside_[j]), at_foot_[j]);
    for (int k = 0; k < dimension_; ++k) {
        cut(between_[k] - problem_.domain.lower[k], foot_[k] - problem_.domain.lower[k]);
        cut(problem_.domain.upper[k] - between_[k], problem_.domain.upper[k] - foot_[k]);
    }
    if (!(first < last)) return false;
    if (std::isinf(first)) first = std::isinf(last) ? 0 : last - 2;
    if (std::isinf(last)) last = first + 2;
    const double middle = 0.5 * (first + last);
    // Beyond that point as seen from inside, up to where the next form ends the ray.
    double stop = 2;
    for (std::size_t j = 0; j < names_.size(); ++j) {
        if (static_cast<int>(j) == neuron) continue;
        const double here = at_inside_[j] + crossing * (at_other_[j] - at_inside_[j]);
        const double there = here + middle * (at_foot_[j] - here);
        if (there < at_inside_[j]) stop = std::min(stop, at_inside_[j] / (at_inside_[j] - there));
    }
    for (int k = 0; k < dimension_; ++k) {
        const double there = between_[k] + middle * (foot_[k] - between_[k]);
        if (there < p[k]) stop = std::min(stop, (p[k] - problem_.domain.lower[k]) / (p[k] - there));
        if (there > p[k]) stop = std::min(stop, (problem_.domain.upper[k] - p[k]) / (there - p[k]));
    }
    if (!(stop > 1)) return false;
    const double step = 0.5 * (1 + stop);
    for (int k = 0; k < dimension_; ++k) {
        const double there = between_[k] + middle * (foot_[k] - between_[k]);
        between_[k] = p[k] + step * (there - p[k]);
    }
    return certainly_only(neuron);
}

// Whether at between_, in the domain, `neuron` alone is on the wrong side.
bool FacetFinder::certainly_only(int neuron) {
    const double* x = between_.data();
    double extent = 0;
    for (int k = 0; k < dimension_; ++k) {
        if (!(problem_.domain.lower[k] <= x[k] && x[k] <= problem_.domain.upper[k])) return false;
        extent = std::max(extent, std::fabs(x[k]));
    }
    extent = error_bound::extent_in_range(extent);
    const FormTable& sides = maps_.forms(0);
    for (int side = problem_.domain.num_box_sides(); side < problem_.domain.num_sides(); ++side) {
        double value = sides.coefficient(side, dimension_);
        for (int k = 0; k < dimension_; ++k) value += sides.coefficient(side, k) * x[k];
        if (!(value > sides.error(side, 0, extent))) return false;
    }
    evaluate(x, at_foot_);
    bound_errors(0, extent, error_foot_);
    at_foot_[neuron] = -at_foot_[neuron];
    for (std::size_t j = 0; j < names_.size(); ++j)
        if (!(at_foot_[j] > error_foot_[j])) return false;
    return true;
}

}  // namespace relutope
