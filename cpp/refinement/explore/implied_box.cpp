#include "refinement/explore/implied_box.hpp"

#include <algorithm>
#include <cmath>

#include "predicates/error_bound.hpp"

namespace relutope {

ImpliedBox::ImpliedBox(const Domain& domain, const HalfspaceRows& rows)
    : rows_(rows), lower_(domain.lower), upper_(domain.upper), goal_(domain.dimension() + 1), goal_error_(domain.dimension()) {}

void ImpliedBox::push_errors(const std::vector<double>& weight_error) {
    errors_.insert(errors_.end(), weight_error.begin(), weight_error.end());
}

bool ImpliedBox::is_bounded(BoxSide side) const { return std::isfinite(side.of(lower_, upper_)[side.axis]); }

BoxCertificate::Form ImpliedBox::form(int row) const {
    const int n = rows_.dimension();
    const Halfspace halfspace = rows_[row];
    // gamma bounds the error of the constant, and more.
    return {halfspace.row, errors_.data() + static_cast<std::size_t>(row) * n, halfspace.row[n], halfspace.gamma};
}

// w x + c >= 0 with an exact w says x >= -c / w or x <= -c / w. The quotient rounds by a unit in the last place, or a subnormal number;
// the bound is moved outwards by some of them, by the error of c, and by as far again as the point inside is away, so that there is room
// beyond the row's own hyperplane.
void ImpliedBox::take_single_rows(const std::vector<double>& inside) {
    const int n = rows_.dimension();
    for (int i = 0; i < rows_.count(); ++i) {
        const BoxCertificate::Form own = form(i);
        int only = -1, count = 0;
        for (int k = 0; k < n; ++k) {
            if (own.weight[k] == 0 && own.weight_error[k] == 0) continue;
            only = k;
            ++count;
        }
        if (count != 1 || own.weight_error[only] != 0) continue;
        const double bound = -own.constant / own.weight[only];
        if (!(std::fabs(bound) <= error_bound::largest_extent)) continue;
        const double error = (own.constant_error / std::fabs(own.weight[only]) + 4 * error_bound::unit_roundoff * std::fabs(bound)) * error_bound::inflate +
                             error_bound::underflow;
        const double room = error + std::fabs(inside[only] - bound);
        if (own.weight[only] > 0 && bound - room > lower_[only]) lower_[only] = bound - room;
        if (own.weight[only] < 0 && bound + room < upper_[only]) upper_[only] = bound + room;
    }
}

Halfspace ImpliedBox::begin(BoxSide side, double bound) {
    const int n = rows_.dimension();
    side_ = side;
    bound_ = bound;
    std::fill(goal_.begin(), goal_.end(), 0.0);
    goal_[side.axis] = side.inwards();
    goal_[n] = side.outwards() * bound;
    const error_bound::FormBound error = error_bound::form_bound(n, 1.0, goal_[n], 0.0, 0.0);
    return {goal_.data(), error.alpha, error.beta, error.gamma, {0, side.index()}, 1.0};
}

// As far again as the bound is from the point inside.
void ImpliedBox::accept(const std::vector<double>& inside) {
    side_.of(lower_, upper_)[side_.axis] = bound_ + (bound_ - inside[side_.axis]);
}

bool ImpliedBox::positive(int objective, std::span<const int> rows, std::span<const double> multipliers) {
    forms_.clear();
    for (const int row : rows) forms_.push_back(form(row));
    const BoxCertificate::Form goal =
        objective < 0 ? BoxCertificate::Form{goal_.data(), goal_error_.data(), goal_[rows_.dimension()], 0.0} : form(objective);
    return certificate_.positive(goal, forms_, multipliers, lower_, upper_);
}

}  // namespace relutope
