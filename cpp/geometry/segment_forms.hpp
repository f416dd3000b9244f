// Forms at the two ends of a segment, and the order of the points where they vanish on it.
//
// For forms with sizes a and b at the ends, known up to e_0 and e_1, the share s = a / (a + b) of the way from end 0 to the point
// differs from the true one by at most
//     (s e_1 + (1 - s) e_0) / gap  <=  max(e_0, e_1) / gap,    gap = a + b - e_0 - e_1    (edge_cut.hpp),
// and 3 u for its own rounding. On a ray, with the coefficient b of the direction, the form vanishes a / b times the direction from end 0,
// and s grows with a / b. On a line through a point, where a may have any sign, a / (|a| + b) grows with a / b, too, and its derivatives
// by a and b are at most 1 / (|a| + b), so that it differs from the true one by at most the same bound. Where shares are further apart
// than twice the largest of these bounds, and what is rounded in comparing them, the points are distinct.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "geometry/form_table.hpp"
#include "geometry/vertex_store.hpp"
#include "predicates/sign.hpp"

namespace relutope {

class SegmentForms {
public:
    // Those of a level whose bits are set. What was known of others is forgotten.
    void take(const FormTable& table, const std::vector<std::uint64_t>& chosen) {
        form_.clear();
        for (std::size_t k = 0; k < chosen.size(); ++k)
            for (std::uint64_t rest = chosen[k]; rest; rest &= rest - 1)
                form_.push_back(static_cast<int>(64 * k) + std::countr_zero(rest));
        dimension_ = table.dimension();
        column_.clear();
        for (int k = 0; k <= dimension_; ++k)
            for (const int form : form_) column_.push_back(table.coefficient(form, k));
        widest_ = {};
        const auto widen = [](double& widest, double bound) {
            if (!(bound <= widest)) widest = bound > widest ? bound : error_bound::infinite;  // NaN, too
        };
        for (const int form : form_) {
            const error_bound::FormBound bound = table.bound(form);
            widen(widest_.alpha, bound.alpha);
            widen(widest_.beta, bound.beta);
            widen(widest_.gamma, bound.gamma);
        }
        for (std::vector<double>& value : value_) value.resize(form_.size());
    }

    int count() const { return static_cast<int>(form_.size()); }
    int form(int k) const { return form_[k]; }
    double value(int end, int k) const { return value_[end][k]; }
    double error(int end) const { return error_[end]; }

    // The first `count` forms at an end: a point, or the infinite part of one at infinity.
    void evaluate(int end, const double* x, bool infinite, const Position& position, int count) {
        double* __restrict value = value_[end].data();
        const double* constant = column(dimension_);
        const double use_constant = infinite ? 0.0 : 1.0;
        for (int i = 0; i < count; ++i) value[i] = use_constant * constant[i];
        for (int k = 0; k < dimension_; ++k) {
            const double* __restrict w = column(k);
            const double xk = x[k];
            for (int i = 0; i < count; ++i) value[i] += w[i] * xk;
        }
        const double error = error_bound::certified ? widest_.at(position.radius, position.extent) : 0.0;
        error_[end] = error < error_bound::infinite ? error : error_bound::infinite;  // NaN is infinite, too
    }

    // Which of the first `count` forms vanish between the ends; false if one does on all of the segment. Signs that the values leave
    // open are asked for: exact(end, form).
    template <class Exact>
    bool find_crossing(int count, Exact&& exact) {
        crossing_.resize(static_cast<std::size_t>(count) + 1);
        int found = 0;
        for (int k = 0; k < count; ++k) {
            const double a = value_[0][k], b = value_[1][k];
            crossing_[found] = k;
            if ((std::fabs(a) > error_[0]) & (std::fabs(b) > error_[1])) {
                found += (a > 0) != (b > 0);
                continue;
            }
            const Sign at_0 = settle(0, k, exact), at_1 = settle(1, k, exact);
            if (at_0 == Sign::zero && at_1 == Sign::zero) return false;
            found += at_0 != Sign::zero && at_1 != Sign::zero && at_0 != at_1;
        }
        crossing_.resize(found);
        return true;
    }
    const std::vector<int>& crossing() const { return crossing_; }

    // Whether the points of `crossing` are proven to be distinct. REQUIRES: not both ends are at infinity, or end 0 has been evaluated at a
    // point of the line instead.
    bool are_distinct() {
        const double error = std::max(error_[0], error_[1]), errors = error_[0] + error_[1];
        double least_gap = error_bound::infinite;
        share_.resize(crossing_.size());
        for (std::size_t i = 0; i < crossing_.size(); ++i) {
            const double a = value_[0][crossing_[i]], b = value_[1][crossing_[i]], size = std::fabs(a) + std::fabs(b);
            share_[i] = (b > 0 ? a : -a) / size;
            least_gap = std::min(least_gap, size);
        }
        least_gap -= errors;
        if (!(least_gap > 0)) return false;  // NaN, too
        const double apart = 2 * (error / least_gap + 8 * error_bound::unit_roundoff) * error_bound::inflate;
        if (!(apart < 1)) return false;
        std::sort(share_.begin(), share_.end());
        double nearest = 1;
        for (std::size_t i = 1; i < share_.size(); ++i) nearest = std::min(nearest, share_[i] - share_[i - 1]);
        return nearest > apart;
    }

private:
    const double* column(int k) const { return column_.data() + static_cast<std::size_t>(k) * form_.size(); }

    // A value whose sign was not known gets that sign, within its bound: the true size is positive, and below the bound less the size
    // that was computed with the other sign.
    template <class Exact>
    Sign settle(int end, int k, Exact&& exact) {
        double& value = value_[end][k];
        if (std::fabs(value) > error_[end]) return value > 0 ? Sign::positive : Sign::negative;
        const Sign sign = exact(end, form_[k]);
        if (sign == Sign::positive && !(value > 0)) value = error_[end] / 2;
        if (sign == Sign::negative && !(value < 0)) value = -error_[end] / 2;
        return sign;
    }

    int dimension_ = 0;
    std::vector<int> form_;
    std::vector<double> column_;  // one column for each coefficient
    error_bound::FormBound widest_{};
    std::vector<double> value_[2];
    double error_[2] = {};
    std::vector<int> crossing_;
    std::vector<double> share_;
};

}  // namespace relutope
