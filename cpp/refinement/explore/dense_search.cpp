#include "refinement/explore/dense_search.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "predicates/clones.hpp"
#include "refinement/explore/quad.hpp"

namespace relutope {

using namespace quads;

namespace {

// Rows have length one. How exactly rows that hold a point do so, at first and late, in parts of the box's mean width, and what part of it
// is no violation of others.
constexpr double first_exactness = 1e-3, last_exactness = 1e-7, overlooked = 0.1;
// The first point lies this many times as far away as the row's hyperplane, if nothing is in the way; from a hint it may go much further,
// since most rows that are in the way are known.
constexpr double first_distance = 3, distance_from_hint = 10;
// With each centre the stiffness falls to where what was gained would do, but by no more and no less than these factors, and not below
// what clips nearly all coordinates (times the box's mean width).
constexpr double most_softening = 0.05, least_softening = 0.2, softest = 3e-3;
// When members are still violated, each second time the step was too long.
constexpr int patience_with_step = 2;
constexpr double stiffening = 4;
// After so many rounds the rest is about small differences. What has no bounds cannot be shown to be positive, and is given up soon.
constexpr int small_differences = 6, most_looks = 100, most_looks_without_bounds = 20;
// The centre moves by so many times what the point has moved (from 0 to 2 it converges), and after so many rounds in any case.
constexpr double overshoot = 1.5;
constexpr int looks_per_centre = 2;
constexpr std::size_t met_by_look = 8;
constexpr int early_steps = 4, late_steps = 8, most_parts = 8, most_corrections = 6;
constexpr double next_part = 0.4, longer = 4;

}  // namespace

DenseSearch::DenseSearch(const HalfspaceRows& rows, const std::vector<double>& inside, const std::vector<double>& lower,
                         const std::vector<double>& upper)
    : rows_(rows), inside_(inside), lower_(lower), upper_(upper), x_(inside), centre_(inside), free_(inside.size()),
      slope_(inside.size()), is_member_(rows.count()), seen_(rows.count()) {
    const int n = rows.dimension();
    double widths = 0;
    int finite = 0;
    for (int k = 0; k < n; ++k) {
        const double width = upper[k] - lower[k];
        if (!std::isfinite(width)) continue;
        widths += width;
        ++finite;
    }
    bounded_ = finite == n;
    if (widths > 0) width_ = widths / finite;
    rows.evaluate(inside.data(), at_inside_);
    for (int i = 0; i < rows.count(); ++i) {
        const double inverse = 1 / std::sqrt(dot(rows.row(i), rows.row(i), n));
        inverse_length_.push_back(inverse);
        constant_.push_back(rows.row(i)[n] * inverse);
        at_inside_[i] *= inverse;
    }
}

std::vector<int> DenseSearch::holding_rows() const {
    std::vector<int> rows;
    for (const Member& member : members_)
        if (member.multiplier > 0) rows.push_back(member.row);
    return rows;
}

void DenseSearch::begin(int row, const Hint& hint) {
    for (const Member& member : members_) is_member_[member.row] = 0;
    members_.clear();
    for (std::size_t i = 0; i < seen_.size(); ++i) seen_[i] = {at_inside_[i], 0.0};
    looked_from_ = inside_;
    moved_ = 0;
    objective_ = row;
    tolerance_ = first_exactness * width_;
    centre_ = inside_;
    if (!hint.near.empty()) centre_.assign(hint.near.begin(), hint.near.end());
    x_ = centre_;
    at_centre_ = at(row);
    const double distance = hint.near.empty() ? at_centre_ : std::max(at_centre_, 0.0) + distance_from_hint / first_distance * at_inside_[row];
    stiffness_ = 1 / (first_distance * distance);
    for (const int i : hint.rows)
        if (i != row) meet(i);
    std::fill(slope_.begin(), slope_.end(), 0.0);
    add_to_slope(row, 1.0);
    clip();
}

DenseSearch::Outcome DenseSearch::decide(int row, const char* ignored, const Hint& hint, const Proof& proves, const std::atomic<bool>& stop) {
    begin(row, hint);
    const int most = bounded_ ? most_looks : most_looks_without_bounds;
    int since_centre = 0, unsettled = 0;
    for (int round = 0; round < most && !stop.load(std::memory_order_relaxed); ++round) {
        const bool settled = settle();
        if (shows_positive(proves)) return Outcome::positive;
        ++since_centre;
        const std::size_t met = look(ignored);
        if (is_beyond_) return Outcome::point;
        if (met > 0 && since_centre < looks_per_centre) continue;
        if (settled) move_centre();
        else if (++unsettled % patience_with_step == 0) stiffen();
        if (round > small_differences) tolerance_ = last_exactness * width_;
        since_centre = 0;
    }
    return Outcome::none;
}

void DenseSearch::meet(int row) {
    if (is_member_[row]) return;
    is_member_[row] = 1;
    members_.push_back({row, 0.0});
}

// To the step's best point, as far as members are known; false when it has not come there.
bool DenseSearch::settle() {
    const int steps = tolerance_ > last_exactness * width_ ? early_steps : late_steps;
    for (int step = 0; step < steps; ++step) {
        if (sweep() < tolerance_) return true;
        move_all();
    }
    return false;
}

RELUTOPE_CLONES
double DenseSearch::at(int row) const {
    return product(rows_.row(row), x_.data(), rows_.dimension()) * inverse_length_[row] + constant_[row];
}

// Moves each multiplier to where its row holds with equality, by a Newton step in the coordinates that are not clipped, or lets go
// of it. Returns the largest violation met.
RELUTOPE_CLONES
double DenseSearch::sweep() {
    const int n = rows_.dimension();
    double worst = 0;
    for (Member& member : members_) {
        const double* const row = rows_.row(member.row);
        const double inverse = inverse_length_[member.row];
        Quad values[2] = {}, squares[2] = {};
        int k = 0;
        for (; k + 2 * lanes <= n; k += 2 * lanes) {
            for (int l = 0; l < 2; ++l) {
                Quad weight, at, free;
                load(weight, row + k + l * lanes);
                load(at, x_.data() + k + l * lanes);
                load(free, free_.data() + k + l * lanes);
                values[l] += weight * at;
                squares[l] += weight * weight * free;
            }
        }
        double value = sum(values[0] + values[1]), square = sum(squares[0] + squares[1]);
        for (; k < n; ++k) {
            value += row[k] * x_[k];
            square += row[k] * row[k] * free_[k];
        }
        value = value * inverse + constant_[member.row];
        square *= inverse * inverse;
        if (value >= 0 && member.multiplier == 0) continue;
        const double change = std::max(-value * stiffness_ / std::max(square, 1e-2), -member.multiplier);
        if (member.multiplier + change > 0) worst = std::max(worst, std::fabs(value));
        push(member, change);
        if (square < 0.5) correct(member, value, change);
    }
    return worst;
}

// After a change of a multiplier where most of the row's coordinates were clipped: these may not be any more, so that it came much too far,
// or still be, so that nothing has happened. On to where the row is less than half of what it was, by secants and by longer steps.
void DenseSearch::correct(Member& member, double value, double change) {
    const double all = -member.multiplier + change;  // lets go of the row
    double from = 0, at_from = value, beyond = 0, at_beyond = 0;
    for (int i = 0; i < most_corrections; ++i) {
        const double after = at(member.row);
        if (std::fabs(after) <= 0.5 * std::fabs(value)) return;
        double next = longer * change;
        if ((after > 0) == (value > 0)) {
            from = change;
            at_from = after;
        } else {
            beyond = change;
            at_beyond = after;
        }
        if (beyond != 0) next = from + (beyond - from) * std::min(std::max(at_from / (at_from - at_beyond), 0.1), 0.9);
        next = std::max(next, all);
        if (next == change) return;
        push(member, next - change);
        change = next;
    }
}

RELUTOPE_CLONES
void DenseSearch::add_to_slope(int row, double factor) {
    const int n = rows_.dimension();
    const double by = factor * inverse_length_[row];
    const double* __restrict source = rows_.row(row);
    double* __restrict slope = slope_.data();
    for (int k = 0; k < n; ++k) slope[k] += by * source[k];
}

// Both at once.
RELUTOPE_CLONES
void DenseSearch::push(Member& member, double change) {
    member.multiplier += change;
    const int n = rows_.dimension();
    const double softness = 1 / stiffness_, by = change * inverse_length_[member.row];
    const double *const row = rows_.row(member.row), *const centre = centre_.data();
    const double *const lower = lower_.data(), *const upper = upper_.data();
    double *const slope = slope_.data(), *const x = x_.data(), *const free = free_.data();
    int k = 0;
    for (; k + lanes <= n; k += lanes) {
        Quad changed, weight, from;
        load(changed, slope + k);
        load(weight, row + k);
        load(from, centre + k);
        changed -= weight * by;
        std::memcpy(slope + k, &changed, sizeof changed);
        clip_into(from - changed * softness, lower + k, upper + k, x + k, free + k);
    }
    for (; k < n; ++k) {
        slope[k] -= by * row[k];
        clip_into(centre[k] - softness * slope[k], lower[k], upper[k], x[k], free[k]);
    }
}

// Moves all coordinates to where they are best with the multipliers at hand.
RELUTOPE_CLONES
void DenseSearch::clip() {
    const int n = rows_.dimension();
    const double softness = 1 / stiffness_;
    const double *const slope = slope_.data(), *const centre = centre_.data();
    const double *const lower = lower_.data(), *const upper = upper_.data();
    double *const x = x_.data(), *const free = free_.data();
    int k = 0;
    for (; k + lanes <= n; k += lanes) {
        Quad from, by;
        load(from, centre + k);
        load(by, slope + k);
        clip_into(from - by * softness, lower + k, upper + k, x + k, free + k);
    }
    for (; k < n; ++k) clip_into(centre[k] - softness * slope[k], lower[k], upper[k], x[k], free[k]);
}

// Newton's method for all members that hold the point, together, by as large a part of its step as does not lower the dual.
void DenseSearch::move_all() {
    gather_holding();
    const std::size_t m = holding_.size();
    if (m == 0) return;
    change_.resize(m);
    before_.resize(m);
    for (std::size_t i = 0; i < m; ++i) {
        before_[i] = members_[holding_[i]].multiplier;
        change_[i] = -at(members_[holding_[i]].row) * stiffness_;
    }
    fill_matrix();
    matrix_.factor();
    matrix_.solve(change_);
    const double least = dual();
    double part = 1;
    for (int attempt = 0; attempt <= most_parts; ++attempt) {
        if (attempt == most_parts) part = 0;
        for (std::size_t i = 0; i < m; ++i) {
            Member& member = members_[holding_[i]];
            const double multiplier = std::max(0.0, before_[i] + part * change_[i]);
            if (multiplier == member.multiplier) continue;
            add_to_slope(member.row, member.multiplier - multiplier);
            member.multiplier = multiplier;
        }
        clip();
        if (dual() >= least) return;
        part *= next_part;
    }
}

void DenseSearch::gather_holding() {
    holding_.clear();
    for (std::size_t i = 0; i < members_.size(); ++i)
        if (members_[i].multiplier > 0) holding_.push_back(i);
    std::vector<int> columns;
    for (std::size_t k = 0; k < free_.size(); ++k)
        if (free_[k] != 0) columns.push_back(static_cast<int>(k));
    stride_ = (columns.size() + lanes - 1) / lanes * lanes;
    gathered_.resize(stride_ * holding_.size());
    for (std::size_t i = 0; i < holding_.size(); ++i) {
        const int row = members_[holding_[i]].row;
        const double* const source = rows_.row(row);
        double* target = gathered_.data() + i * stride_;
        double* const end = target + stride_;
        for (const int k : columns) *target++ = source[k] * inverse_length_[row];
        std::fill(target, end, 0.0);
    }
}

RELUTOPE_CLONES
void DenseSearch::fill_matrix() {
    const std::size_t m = holding_.size();
    matrix_.begin(std::vector<int>(m));
    const auto row = [&](std::size_t i) { return gathered_.data() + i * stride_; };
    for (std::size_t i = 0; i < m; ++i) {
        const PositiveDefinite::Line line = matrix_.line(static_cast<int>(i));
        const double* const own = row(i);
        for (std::size_t j = 0; j <= i; j += 4) {
            // Lines past the last are read again, and not kept.
            const double* others[4];
            for (std::size_t l = 0; l < 4; ++l) others[l] = row(std::min(j + l, i));
            Quad sums[4] = {};
            for (std::size_t k = 0; k < stride_; k += lanes) {
                Quad weight, other;
                load(weight, own + k);
                for (int l = 0; l < 4; ++l) {
                    load(other, others[l] + k);
                    sums[l] += weight * other;
                }
            }
            for (std::size_t l = 0; l < std::min<std::size_t>(4, i + 1 - j); ++l) line[static_cast<int>(j + l)] = sum(sums[l]);
        }
        line[static_cast<int>(i)] += 1e-6;
    }
}

// The least value of the step's objective minus the combination, which is at x.
double DenseSearch::dual() const {
    double value = constant_[objective_];
    for (const Member& member : members_) value -= member.multiplier * constant_[member.row];
    double even = 0, odd = 0;
    for (std::size_t k = 0; k < x_.size(); ++k) {
        const double moved = x_[k] - centre_[k];
        (k & 1 ? odd : even) += (slope_[k] + 0.5 * stiffness_ * moved) * moved + slope_[k] * centre_[k];
    }
    return value + (even + odd);
}

// The least value in the box of the row minus the combination.
double DenseSearch::bound() const {
    double value = constant_[objective_];
    for (const Member& member : members_) value -= member.multiplier * constant_[member.row];
    for (std::size_t k = 0; k < x_.size(); ++k) value += slope_[k] * (slope_[k] < 0 ? upper_[k] : lower_[k]);
    return value;
}

bool DenseSearch::shows_positive(const Proof& proves) {
    if (!bounded_ || !(bound() > 0)) return false;
    combination_.clear();
    for (const Member& member : members_) {
        if (member.multiplier > 0)
            combination_.push_back({member.row, member.multiplier * inverse_length_[member.row] / inverse_length_[objective_]});
    }
    return proves(combination_);
}

// Looks at all rows: whether the row in question becomes negative first on the way from the point inside, and else which rows are to be
// met. Returns how many have become members. A row that was further away than the point has moved since is passed over.
RELUTOPE_CLONES
std::size_t DenseSearch::look(const char* ignored) {
    const auto reached = [](double here, double there) { return there < 0 ? here / (here - there) : 1.0; };
    const int n = rows_.dimension();
    double first = 1, square = 0;
    for (int k = 0; k < n; ++k) {
        const double moved = x_[k] - looked_from_[k];
        square += moved * moved;
    }
    moved_ += std::sqrt(square);
    looked_from_ = x_;
    violated_.clear();
    for (int i = 0; i < rows_.count(); ++i) {
        Seen& seen = seen_[i];
        if (seen.value > moved_ - seen.moved || ignored[i] || i == objective_) continue;
        const double value = product(rows_.row(i), x_.data(), n) * inverse_length_[i] + constant_[i];
        seen = {value, moved_};
        if (value >= 0) continue;
        first = std::min(first, reached(at_inside_[i], value));
        if (value < -overlooked * tolerance_ && !is_member_[i]) violated_.emplace_back(value, i);
    }
    is_beyond_ = reached(at_inside_[objective_], at(objective_)) < first;
    const std::size_t count = std::min(met_by_look, violated_.size());
    std::partial_sort(violated_.begin(), violated_.begin() + static_cast<std::ptrdiff_t>(count), violated_.end());
    for (std::size_t i = 0; i < count; ++i) meet(violated_[i].second);
    return count;
}

// On to the next step.
void DenseSearch::move_centre() {
    const double value = at(objective_), gained = at_centre_ - value;
    for (std::size_t k = 0; k < x_.size(); ++k) centre_[k] += overshoot * (x_[k] - centre_[k]);
    at_centre_ = value - (overshoot - 1) * gained;
    if (value > 0) {
        const double softening = std::max(most_softening, std::min(least_softening, gained / value));
        stiffness_ = std::max(softest / width_, softening * stiffness_);
    }
    clip();
}

void DenseSearch::stiffen() {
    stiffness_ *= stiffening;
    clip();
}

}  // namespace relutope
