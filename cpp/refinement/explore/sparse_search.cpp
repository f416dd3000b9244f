#include "refinement/explore/sparse_search.hpp"

#include <algorithm>
#include <cmath>

#include "predicates/clones.hpp"

namespace relutope {

namespace {

// Rows have length one. How exactly rows that hold a point do so, at first and late, and what part of it is no violation of others.
constexpr double first_tolerance = 1e-4, last_tolerance = 1e-7, unnoticed = 0.1;
// The first point lies this many times as far away as the row's hyperplane, if nothing is in the way; the stiffness never rises above
// what that takes, and falls by steps to what is the least at first.
constexpr double first_reach = 3, least_stiffness = 0.4, first_softening = 0.4;
// After so many rounds the rest is about small differences, for which the stiffness falls on.
constexpr int late_round = 15, most_search_rounds = 200;
constexpr double late_softening = 0.8, last_stiffness = 1e-3;
// The centre moves by so many times what the point has moved (from 0 to 2 it converges), and after so many rounds in any case.
constexpr double relaxation = 1.5;
constexpr int rounds_per_centre = 4;
constexpr std::size_t met_at_once = 50;
constexpr int sweeps_per_step = 2, first_steps = 3, last_steps = 4, most_shortenings = 8, most_pull_backs = 3;
constexpr double halving = 0.4;

}  // namespace

SparseSearch::SparseSearch(const HalfspaceRows& rows, const std::vector<double>& inside, const std::vector<double>& lower,
                           const std::vector<double>& upper)
    : inside_(inside), lower_(lower), upper_(upper), seen_by_(inside.size()), x_(inside), centre_(inside), looked_from_(inside),
      slope_(inside.size()), is_touched_(inside.size()), is_member_(rows.count()), is_near_(rows.count()), seen_(rows.count()), held_by_(inside.size()) {
    const int n = rows.dimension();
    for (int i = 0; i < rows.count(); ++i) {
        const double* const source = rows.row(i);
        const double length = std::sqrt(dot(source, source, n));
        const std::size_t begin = columns_.size();
        double sum = 0;
        for (int k = 0; k < n; ++k) {
            if (source[k] == 0) continue;
            columns_.push_back(k);
            weights_.push_back(source[k] / length);
            sum += std::fabs(weights_.back());
            seen_by_[k].push_back(i);
        }
        rows_.push_back({begin, columns_.size(), source[n] / length, length, sum, rows.at(i, inside.data()) / length});
    }
}

void SparseSearch::touch(const Row& row) {
    for (std::size_t e = row.begin; e < row.end; ++e) {
        const int k = columns_[e];
        if (is_touched_[k]) continue;
        is_touched_[k] = 1;
        touched_.push_back(k);
        for (const int i : seen_by_[k]) {
            if (is_near_[i]) continue;
            is_near_[i] = 1;
            near_.push_back(i);
            seen_[i] = {rows_[i].at_inside, 0};
        }
    }
}

void SparseSearch::begin(int row) {
    for (const int k : touched_) {
        is_touched_[k] = 0;
        slope_[k] = 0;
        x_[k] = centre_[k] = looked_from_[k] = inside_[k];
    }
    touched_.clear();
    for (const Member& member : members_) is_member_[member.row] = 0;
    members_.clear();
    for (const int i : near_) is_near_[i] = 0;
    near_.clear();
    moved_ = 0;
    listed_.clear();
    const Row& objective = rows_[row];
    tolerance_ = first_tolerance;
    stiffness_ = std::max(least_stiffness, 1 / (first_reach * objective.at_inside));
    objective_constant_ = objective.constant;
    objective_length_ = objective.length;
    touch(objective);
    for (std::size_t e = objective.begin; e < objective.end; ++e) {
        slope_[columns_[e]] = weights_[e];
        clip(columns_[e]);
    }
}

SparseSearch::Outcome SparseSearch::decide(int row, const char* ignored, const Proof& proves, const std::atomic<bool>& stop) {
    begin(row);
    int since_centre = 0;
    for (int round = 0; round < most_search_rounds && !stop.load(std::memory_order_relaxed); ++round) {
        settle();
        if (shows_positive(proves)) return Outcome::positive;
        ++since_centre;
        if (since_centre < rounds_per_centre && look_at_listed()) continue;
        const std::size_t met = look(row, ignored);
        if (is_beyond_) return Outcome::point;
        if (met > 0 && since_centre < rounds_per_centre) continue;
        move_centre();
        if (round > late_round) refine();
        since_centre = 0;
    }
    return Outcome::none;
}

// To the step's best point, as far as members are known; false when it has not come there.
bool SparseSearch::settle() {
    const int steps = tolerance_ > last_tolerance ? first_steps : last_steps;
    for (int step = 0; step < steps; ++step) {
        for (int i = 0; i < sweeps_per_step; ++i)
            if (sweep() < tolerance_) return true;
        move_all();
    }
    return false;
}

// Moves each multiplier to where its row holds with equality, by a Newton step in the coordinates that are not clipped, or lets go
// of it. Returns the largest violation met.
RELUTOPE_CLONES
double SparseSearch::sweep() {
    double worst = 0;
    for (Member& member : members_) {
        const Row& row = rows_[member.row];
        double value = row.constant, square = 0;
        for (std::size_t e = row.begin; e < row.end; ++e) {
            const int k = columns_[e];
            value += weights_[e] * x_[k];
            if (lower_[k] < x_[k] && x_[k] < upper_[k]) square += weights_[e] * weights_[e];
        }
        if (value >= 0 && member.multiplier == 0) continue;
        const double change = std::max(-value * stiffness_ / std::max(square, 1e-2), -member.multiplier);
        if (member.multiplier + change > 0) worst = std::max(worst, std::fabs(value));
        push(member, change);
        if (square < 0.5) pull_back(member, value, change);
    }
    return worst;
}

// After a change of a multiplier that may have come much too far, since coordinates that were clipped are not any more: back to where
// the row would be zero if it rose evenly. With at least half of its square in coordinates that are free it cannot have been.
void SparseSearch::pull_back(Member& member, double value, double change) {
    for (int i = 0; i < most_pull_backs; ++i) {
        const double after = at(rows_[member.row]);
        if (!(std::fabs(after) > std::fabs(value) && (after > 0) != (value > 0))) return;
        const double back = change * after / (after - value);
        push(member, -back);
        change -= back;
    }
}

void SparseSearch::push(Member& member, double change) {
    const Row& row = rows_[member.row];
    member.multiplier += change;
    for (std::size_t e = row.begin; e < row.end; ++e) {
        slope_[columns_[e]] -= change * weights_[e];
        clip(columns_[e]);
    }
}

// Newton's method for all members that hold the point, together, by as large a part of its step as does not lower the dual.
RELUTOPE_CLONES
void SparseSearch::move_all() {
    holding_.clear();
    for (std::size_t i = 0; i < members_.size(); ++i)
        if (members_[i].multiplier > 0) holding_.push_back(i);
    const std::size_t m = holding_.size();
    if (m == 0) return;
    const auto middle = [&](std::size_t i) {
        const Row& row = rows_[members_[i].row];
        return columns_[row.begin] + columns_[row.end - 1];
    };
    std::sort(holding_.begin(), holding_.end(), [&](std::size_t a, std::size_t b) { return std::pair(middle(a), a) < std::pair(middle(b), b); });
    change_.resize(m);
    before_.resize(m);
    for (std::size_t i = 0; i < m; ++i) before_[i] = members_[holding_[i]].multiplier;
    begin_matrix();
    for (std::size_t i = 0; i < m; ++i) {
        const auto place = static_cast<int>(i);
        const Row& row = rows_[members_[holding_[i]].row];
        const PositiveDefinite::Line line = matrix_.line(place);
        for (std::size_t e = row.begin; e < row.end; ++e) {
            const double weight = weights_[e];
            for (const Held& other : held_by_[columns_[e]]) {
                if (other.place > place) break;
                line[other.place] += weight * other.weight;
            }
        }
        line[place] += 1e-6;
        change_[i] = -at(row) * stiffness_;
    }
    matrix_.factor();
    matrix_.solve(change_);
    const double least = dual();
    double part = 1;
    for (int attempt = 0; attempt <= most_shortenings; ++attempt) {
        if (attempt == most_shortenings) part = 0;
        for (std::size_t i = 0; i < m; ++i) {
            Member& member = members_[holding_[i]];
            push(member, std::max(0.0, before_[i] + part * change_[i]) - member.multiplier);
        }
        if (dual() >= least) return;
        part *= halving;
    }
}

// Where the rows that hold the point see coordinates that are not clipped.
void SparseSearch::begin_matrix() {
    for (const int k : touched_) held_by_[k].clear();
    starts_.clear();
    for (std::size_t i = 0; i < holding_.size(); ++i) {
        const auto place = static_cast<int>(i);
        int start = place;
        const Row& row = rows_[members_[holding_[i]].row];
        for (std::size_t e = row.begin; e < row.end; ++e) {
            const int k = columns_[e];
            if (!(lower_[k] < x_[k] && x_[k] < upper_[k])) continue;
            held_by_[k].push_back({place, weights_[e]});
            start = std::min(start, held_by_[k].front().place);
        }
        starts_.push_back(start);
    }
    matrix_.begin(starts_);
}

// The least value of the step's objective minus the combination, which is at x.
double SparseSearch::dual() const {
    double value = objective_constant_;
    for (const Member& member : members_) value -= member.multiplier * rows_[member.row].constant;
    for (const int k : touched_) {
        const double moved = x_[k] - centre_[k];
        value += slope_[k] * x_[k] + 0.5 * stiffness_ * moved * moved;
    }
    return value;
}

// The least value in the box of the row minus the combination.
double SparseSearch::bound() const {
    double value = objective_constant_;
    for (const Member& member : members_) value -= member.multiplier * rows_[member.row].constant;
    for (const int k : touched_) value += slope_[k] * (slope_[k] < 0 ? upper_[k] : lower_[k]);
    return value;
}

bool SparseSearch::shows_positive(const Proof& proves) {
    if (!(bound() > 0)) return false;
    combination_.clear();
    for (const Member& member : members_)
        if (member.multiplier > 0) combination_.push_back({member.row, member.multiplier * objective_length_ / rows_[member.row].length});
    return proves(combination_);
}

// Looks at all rows that see what has been touched: whether the row in question becomes negative first on the way from the point inside,
// and else which rows are to be met. Returns how many have become members.
RELUTOPE_CLONES
std::size_t SparseSearch::look(int row, const char* ignored) {
    const auto reached = [](double here, double there) { return there < 0 ? here / (here - there) : 1.0; };
    double first = 1;
    violated_.clear();
    // Rows that cannot have come to zero since they were evaluated last are passed over.
    double furthest = 0;
    for (const int k : touched_) {
        furthest = std::max(furthest, std::fabs(x_[k] - looked_from_[k]));
        looked_from_[k] = x_[k];
    }
    moved_ += furthest;
    for (const int i : near_) {
        Seen& seen = seen_[i];
        if (seen.value > (moved_ - seen.moved) * rows_[i].sum || ignored[i] || i == row) continue;
        const double value = at(rows_[i]);
        seen = {value, moved_};
        if (value >= 0) continue;
        first = std::min(first, reached(rows_[i].at_inside, value));
        if (value < -unnoticed * tolerance_ && !is_member_[i]) violated_.emplace_back(value, i);
    }
    is_beyond_ = reached(rows_[row].at_inside, at(rows_[row])) < first;
    return add_worst();
}

// The same among the rows that were violated at the last look, which cost less than all.
bool SparseSearch::look_at_listed() {
    violated_.clear();
    for (const int i : listed_) {
        const double value = at(rows_[i]);
        if (value < -unnoticed * tolerance_) violated_.emplace_back(value, i);
    }
    return add_worst() > 0;
}

std::size_t SparseSearch::add_worst() {
    const std::size_t count = std::min(met_at_once, violated_.size());
    std::partial_sort(violated_.begin(), violated_.begin() + static_cast<std::ptrdiff_t>(count), violated_.end());
    listed_.clear();
    for (std::size_t i = 0; i < violated_.size(); ++i) {
        const int row = violated_[i].second;
        if (i >= count) {
            listed_.push_back(row);
            continue;
        }
        is_member_[row] = 1;
        members_.push_back({row, 0.0});
        touch(rows_[row]);
    }
    return count;
}

// On to the next step, which goes further when the first point was near.
void SparseSearch::move_centre() {
    for (const int k : touched_) centre_[k] += relaxation * (x_[k] - centre_[k]);
    if (stiffness_ > least_stiffness) stiffness_ = std::max(least_stiffness, first_softening * stiffness_);
    for (const int k : touched_) clip(k);
}

// For what differs by little: more exactly, and further at once.
void SparseSearch::refine() {
    tolerance_ = last_tolerance;
    stiffness_ = std::max(last_stiffness, late_softening * stiffness_);
    for (const int k : touched_) clip(k);
}

}  // namespace relutope
