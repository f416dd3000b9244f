#include "refinement/explore/facet_search.hpp"

#include <algorithm>
#include <cmath>

#include "predicates/clones.hpp"

namespace relutope {

namespace {

// How far from what is not to be met, in parts of the distance from the point inside: asked for, and enough.
constexpr double margin = 3e-3, enough = 1.5e-3;
// Multipliers are exact enough when moving them moves the point by less than this part of what they move it in all.
constexpr double settled = 1e-8;
// Few of the points there are take longer; then a program decides.
constexpr int most_moves = 4000;
constexpr int most_rounds = 40;
// How far from the point inside it is looked in a direction without a side, relative to where that stands.
constexpr double search_reach = 0x1p10;
constexpr int sweeps = 3, most_newton_steps = 10;
constexpr std::size_t added_at_once = 3;

}  // namespace

double FacetSearch::Condition::pushed() const { return multiplier * std::sqrt(square); }

bool FacetSearch::beyond(const HalfspaceRows& rows, const Halfspace& objective, const std::vector<double>& inside,
                         std::vector<double>& found) {
    const int n = rows.dimension();
    start(inside);
    rows.evaluate(inside.data(), at_inside_);
    const double limit = enough * objective.at(inside.data(), n);
    add(-1, objective, -1.0, 0.0);
    for (int round = 0; round < most_rounds; ++round) {
        if (!settle()) return false;
        if (add_violated(rows) || !(objective.at(x_.data(), n) < limit)) continue;
        // On the way from the point inside to this one and a little further the objective becomes negative, and the others later.
        found.resize(n);
        for (int k = 0; k < n; ++k) found[k] = inside[k] + (x_[k] - inside[k]) / (1 - enough);
        return true;
    }
    return false;
}

void FacetSearch::start(const std::vector<double>& inside) {
    const std::size_t n = inside.size();
    inside_ = free_ = x_ = inside;
    lower_.resize(n);
    upper_.resize(n);
    masked_.resize(n);
    furthest_ = 0;
    double size = 1;
    for (const double x : inside) size = std::max(size, std::fabs(x));
    for (std::size_t k = 0; k < n; ++k) {
        lower_[k] = inside[k] + (1 - margin) * (domain_.lower[k] - inside[k]);
        upper_[k] = inside[k] + (1 - margin) * (domain_.upper[k] - inside[k]);
        double far = std::max(upper_[k] - inside[k], inside[k] - lower_[k]);
        if (std::isinf(far)) far = search_reach * size;
        furthest_ += 0.5 * far * far;
    }
    conditions_.clear();
    moves_left_ = most_moves;
}

void FacetSearch::add(int index, const Halfspace& halfspace, double sense, double least) {
    const auto n = static_cast<int>(x_.size());
    conditions_.push_back({index, sense, halfspace.row, least - sense * halfspace.row[n], dot(halfspace.row, halfspace.row, n), 0.0});
}

// To the nearest point that satisfies the conditions so far; false when there is none, or none in time.
bool FacetSearch::settle() {
    for (int step = 0; step < most_newton_steps; ++step) {
        for (int sweep = 0; sweep < sweeps; ++sweep) {
            moves_left_ -= static_cast<int>(conditions_.size());
            if (moves_left_ < 0) return false;
            double moved = 0, pushed = 0;
            for (Condition& condition : conditions_) {
                moved = std::max(moved, move(condition));
                pushed = std::max(pushed, condition.pushed());
            }
            if (moved <= settled * pushed) return true;
        }
        if (hopeless()) return false;
        move_all();
    }
    return !hopeless();
}

// Moves to where the condition holds with equality, by a Newton step in the coordinates that are not at a side of the box, or lets go
// of it. Returns the length of the move.
RELUTOPE_CLONES
double FacetSearch::move(Condition& condition) {
    const double missing = condition.missing(x_);
    if (missing <= 0 && condition.multiplier == 0) return 0;
    const auto n = static_cast<int>(x_.size());
    const double* __restrict row = condition.row;
    const double *__restrict lower = lower_.data(), *__restrict upper = upper_.data();
    double *__restrict free = free_.data(), *__restrict x = x_.data(), *__restrict masked = masked_.data();
    for (int k = 0; k < n; ++k) masked[k] = free[k] == x[k] ? row[k] : 0.0;
    const double square = std::max(dot(masked, row, n), 1e-3 * condition.square);
    const double step = std::max(missing / square, -condition.multiplier);
    condition.multiplier += step;
    const double along = step * condition.sense;
    for (int k = 0; k < n; ++k) {
        free[k] += along * row[k];
        const double raised = free[k] < lower[k] ? lower[k] : free[k];
        x[k] = raised > upper[k] ? upper[k] : raised;
    }
    return std::fabs(step) * std::sqrt(condition.square);
}

// The same for all conditions that hold the point, together.
RELUTOPE_CLONES
void FacetSearch::move_all() {
    const auto n = static_cast<int>(x_.size());
    holding_.clear();
    for (Condition& condition : conditions_)
        if (condition.multiplier > 0) holding_.push_back(&condition);
    const std::size_t m = holding_.size();
    matrix_.begin(std::vector<int>(m));
    change_.resize(m);
    for (std::size_t i = 0; i < m; ++i) {
        const Condition& condition = *holding_[i];
        for (int k = 0; k < n; ++k) masked_[k] = free_[k] == x_[k] ? condition.row[k] : 0.0;
        const PositiveDefinite::Line line = matrix_.line(static_cast<int>(i));
        for (std::size_t j = 0; j <= i; ++j) line[static_cast<int>(j)] = condition.sense * holding_[j]->sense * dot(masked_.data(), holding_[j]->row, n);
        line[static_cast<int>(i)] += 1e-9 * condition.square;
        change_[i] = condition.missing(x_);
    }
    matrix_.factor();
    matrix_.solve(change_);
    for (std::size_t i = 0; i < m; ++i) {
        Condition& condition = *holding_[i];
        const double step = std::max(change_[i], -condition.multiplier);
        condition.multiplier += step;
        for (int k = 0; k < n; ++k) free_[k] += step * condition.sense * condition.row[k];
    }
    for (int k = 0; k < n; ++k) x_[k] = std::min(std::max(free_[k], lower_[k]), upper_[k]);
}

// Whether the multipliers show that there is no such point: the dual objective bounds half of the square of its distance from below.
bool FacetSearch::hopeless() const {
    double bound = 0;
    for (std::size_t k = 0; k < x_.size(); ++k) bound += 0.5 * (x_[k] - inside_[k]) * (x_[k] - inside_[k]);
    for (const Condition& condition : conditions_)
        if (condition.multiplier > 0) bound += condition.multiplier * condition.missing(x_);
    return bound > furthest_;
}

// Takes in some rows that are too near or violated; false when there are none.
bool FacetSearch::add_violated(const HalfspaceRows& rows) {
    const auto n = static_cast<int>(x_.size());
    rows.evaluate(x_.data(), inside_.data(), at_inside_, at_x_);
    violated_.clear();
    for (int i = 0; i < rows.count(); ++i) {
        if (!(at_x_[i] < enough * at_inside_[i])) continue;
        violated_.emplace_back((at_x_[i] - margin * at_inside_[i]) / std::sqrt(dot(rows.row(i), rows.row(i), n)), i);
    }
    if (violated_.empty()) return false;
    for (const Condition& condition : conditions_)
        std::erase_if(violated_, [&](const auto& entry) { return entry.second == condition.index; });
    const auto end = violated_.begin() + static_cast<std::ptrdiff_t>(std::min(added_at_once, violated_.size()));
    std::partial_sort(violated_.begin(), end, violated_.end());
    for (auto row = violated_.begin(); row != end; ++row) add(row->second, rows[row->second], 1.0, margin * at_inside_[row->second]);
    return true;
}

}  // namespace relutope
