#include "refinement/lp/lp_enumerator.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "predicates/error_bound.hpp"

namespace relutope {

namespace {

// Points inside a cell that are handed on. Each shows crossings without a linear program, and costs an evaluation of every layer.
constexpr std::size_t max_points = 8;
// While sampling, all neurons of the level are looked at in every partial cell, so points save more.
constexpr std::size_t max_points_sampling = 32;

// Strictly between two bounds, either of which may be infinite; rounded, so the caller looks whether it is.
double between(double lower, double upper) {
    if (std::isinf(lower) && std::isinf(upper)) return 0;
    if (std::isinf(upper)) return lower + std::max(1.0, std::fabs(lower));
    if (std::isinf(lower)) return upper - std::max(1.0, std::fabs(upper));
    return 0.5 * lower + 0.5 * upper;
}

InnerPoint centre_of(const Domain& domain) {
    const int n = domain.dimension();
    InnerPoint point;
    bool inside = true;
    for (int k = 0; k < n; ++k) {
        point.x.push_back(between(domain.lower[k], domain.upper[k]));
        point.extent = std::max(point.extent, std::fabs(point.x[k]));
        inside = inside && domain.lower[k] < point.x[k] && point.x[k] < domain.upper[k];
    }
    point.extent = error_bound::extent_in_range(point.extent);
    if (inside) return point;
    // Neighbouring doubles have no double between them. Infinite sides do not come here: their coordinate is exact below 2^1023.
    int exponent = 0;
    for (int k = 0; k < n; ++k)
        for (const double bound : {domain.lower[k], domain.upper[k], point.x[k]})
            if (std::isfinite(bound)) exponent = std::min(exponent, exact::lowest_exponent(bound));
    exact::Point exact;
    exact.denominator = exact::power_of_two(1 - exponent);
    for (int k = 0; k < n; ++k) {
        const bool finite = std::isfinite(domain.lower[k]) && std::isfinite(domain.upper[k]);
        const double a = finite ? domain.lower[k] : point.x[k], b = finite ? domain.upper[k] : point.x[k];
        exact.finite.push_back(exact::scaled_integer(a, exponent) + exact::scaled_integer(b, exponent));
    }
    point.radius = point.extent * error_bound::unit_roundoff * error_bound::inflate + error_bound::underflow;
    point.extent = error_bound::extent_in_range(point.extent + point.radius);
    point.exact = std::make_shared<const exact::Point>(std::move(exact));
    return point;
}

}  // namespace

LpEnumerator::LpEnumerator(const Problem& problem, SearchControl& control)
    : problem_(problem), control_(control), counter_(control, problem.options), meter_(control, problem.options), dimension_(problem.domain.dimension()),
      maps_(problem.network, problem.domain),
      program_(problem.domain, maps_), store_(dimension_, false, problem.layout.total_words()), rows_(dimension_),
      objective_(dimension_) {
    for (int level = 0; level < problem.layout.num_levels(); ++level) settled_.emplace_back(problem.layout.level(level).words);
    program_.watch(control.stop);
}

LpEnumerator::Frame& LpEnumerator::frame(int depth) {
    while (depth >= static_cast<int>(frames_.size())) frames_.push_back(std::make_unique<Frame>());
    return *frames_[depth];
}

// -- jobs

std::vector<LpJob> LpEnumerator::plan(int depth) {
    planning_ = true;
    plan_depth_ = depth;
    jobs_.clear();
    points(0) = {add_point(centre_of(problem_.domain), 0)};
    cut_domain();
    walk(0, problem_.layout.level(0).count);
    planning_ = false;
    return std::move(jobs_);
}

std::vector<LpJob> LpEnumerator::plan(const LpJob& job, int depth, const std::vector<std::uint64_t>& last) {
    planning_ = true;
    plan_depth_ = depth;
    jobs_.clear();
    walk_after(job, last);
    planning_ = false;
    return std::move(jobs_);
}

void LpEnumerator::cut_domain() {
    const int first = problem_.domain.num_box_sides();
    for (int side = first; side < problem_.layout.level(0).count; ++side) {
        const Side found = side_of_cell(0, 0, side);
        if (found == Side::negative || found == Side::zero)
            throw EmptyDomain("the domain has no interior: inequality " + std::to_string(side - first) +
                              " leaves no point, or only boundary points, of what the others allow");
        if (found == Side::positive) continue;
        rows_.push(maps_.forms(0), {0, side}, 1.0);
        const SignBit bit(side);
        std::erase_if(points(0), [&](PointId id) { return !(store_.positive(id)[bit.word] & bit.bit); });
    }
}

void LpEnumerator::save(int depth, int level, int index) {
    LpJob job{level, index, rows_, {}, {}, zero_neurons_, settled_[level]};
    for (const PointId id : points(depth)) job.points.push_back(inner(id));
    for (int layer = 0; layer < problem_.network.num_hidden(); ++layer) job.active.push_back(maps_.active(layer + 1));
    planned_bytes_ += job.rows.bytes() + job.points.size() * (sizeof(InnerPoint) + dimension_ * sizeof(double)) + sizeof(LpJob);
    for (const auto& active : job.active) planned_bytes_ += bytes_of(active);
    meter_.set_own(planned_bytes_);
    jobs_.push_back(std::move(job));
}

void LpEnumerator::load(const LpJob& job) {
    store_.truncate(0);
    rows_ = job.rows;
    zero_neurons_ = job.zero_neurons;
    settled_[job.level] = job.settled;
    maps_.forget();
    for (int layer = 0; layer < problem_.network.num_hidden(); ++layer) maps_.active(layer + 1) = job.active[layer];
    for (int level = 1; level <= job.level; ++level) maps_.enter(level);
    points(0).clear();
    for (const InnerPoint& point : job.points) points(0).push_back(add_point(point, job.level));
}

void LpEnumerator::run(const LpJob& job, LpRecords& records) {
    const std::vector<std::uint64_t>& patterns = records.patterns;
    const auto words = static_cast<std::ptrdiff_t>(words_for(problem_.network.num_neurons()));
    run(job, {records.num_cells() ? patterns.end() - words : patterns.end(), patterns.end()}, records);
}

void LpEnumerator::run(const LpJob& job, const std::vector<std::uint64_t>& last, LpRecords& records) {
    records_ = &records;
    meter_.begin(bytes_taken(records));
    last_counted_.clear();
    walk_after(job, last);
    counter_.flush();
    meter_.set(bytes_taken(records));
}

// Walks a job behind the cell with the pattern `last`, if that is given.
void LpEnumerator::walk_after(const LpJob& job, const std::vector<std::uint64_t>& last) {
    last_pattern_ = last;
    frame(0).holds_last = !last.empty();
    load(job);
    walk(job.level, job.index);
}

void LpEnumerator::sample(const LpJob& job, DescentSampler& sampler) {
    sampler_ = &sampler;
    load(job);
    walk(job.level, job.index);
    sampler_ = nullptr;
}

// -- walk

// Refines the cell of frame 0. REQUIRES: the neurons of `level` before `index` are settled, and those of `level` are evaluated at the
// points.
void LpEnumerator::walk(int level, int index) {
    Frame& root = frame(0);
    root.level = level;
    root.index = index;
    root.splits = root.entered = 0;
    for (int depth = 0; depth >= 0;) {
        if (!advance(depth)) leave(depth--);
        while (depth >= 0 && !take_side(depth)) leave(depth--);
        if (depth >= 0) ++depth;
    }
}

// Takes a cell through the levels up to the next neuron that cuts it, and splits it there; false when it is done with.
bool LpEnumerator::advance(int depth) {
    Frame& current = frame(depth);
    const SignLayout& layout = problem_.layout;
    while (true) {
        const int level = current.level;
        for (int& index = current.index; index < layout.level(level).count; ++index) {
            const SignBit bit(index);
            if (settled_[level][bit.word] & bit.bit || follow_original(level, index)) continue;
            const Side side = side_of_cell(depth, level, index);
            if (side == Side::both) {
                if (planning_ && current.splits >= plan_depth_) {
                    save(depth, level, index);
                    return false;
                }
                split(depth, index);
                return true;
            }
            maps_.set(level, index, side == Side::positive);
            if (side == Side::zero) zero_neurons_.push_back(problem_.network.first_neuron(level - 1) + index);
        }
        if (level == layout.last_level()) {
            if (planning_) {
                save(depth, level, current.index);
            } else if (!current.holds_last) {
                leaf(depth);
            }
            return false;
        }
        enter_level(depth, ++current.level);
        current.index = 0;
        if (sampler_ && !is_wanted(depth)) return false;
    }
}

// What a neuron that copies an earlier one's hyperplane copies, or null.
const RepeatedRows::Copy* LpEnumerator::copy(int level, int index) const {
    if (level == 0 || !problem_.repeated.any()) return nullptr;
    const auto& copies = problem_.repeated.copies(level - 1);
    const auto found =
        std::lower_bound(copies.begin(), copies.end(), index, [](const RepeatedRows::Copy& a, int neuron) { return a.neuron < neuron; });
    return found != copies.end() && found->neuron == index ? &*found : nullptr;
}

// Gives a copy its original's side; false when it is none. REQUIRES: it does not vanish on the whole cell.
bool LpEnumerator::follow_original(int level, int index) {
    const RepeatedRows::Copy* same = copy(level, index);
    if (!same) return false;
    const SignBit bit(same->original);
    const bool active = maps_.active(level)[bit.word] & bit.bit;
    maps_.set(level, index, active == (same->sense > 0));
    return true;
}

void LpEnumerator::enter_level(int depth, int level) {
    maps_.enter(level);
    for (const PointId id : points(depth)) evaluate_level(id, level);
    std::fill(settled_[level].begin(), settled_[level].end(), 0);
    settle_by_box(level);
    settle(depth, level, 0);
}

// Looks at the neurons of `level` from `index` on that are not settled; returns how many cross the cell, and settles the others.
int LpEnumerator::settle(int depth, int level, int index) {
    int crossing = 0;
    for (; index < problem_.layout.level(level).count; ++index) {
        const SignBit bit(index);
        if (settled_[level][bit.word] & bit.bit) continue;
        const RepeatedRows::Copy* same = copy(level, index);
        const int first = problem_.network.first_neuron(level - 1);
        if (same && std::find(zero_neurons_.begin(), zero_neurons_.end(), first + same->original) == zero_neurons_.end()) continue;
        const Side side = same ? Side::zero : side_of_cell(depth, level, index);
        if (side == Side::both) {
            ++crossing;
            continue;
        }
        settled_[level][bit.word] |= bit.bit;
        maps_.set(level, index, side == Side::positive);
        if (side == Side::zero) zero_neurons_.push_back(problem_.network.first_neuron(level - 1) + index);
    }
    return crossing;
}

// Whether the sampler goes on with a cell that the walk has come to.
bool LpEnumerator::is_wanted(int depth) {
    Frame& current = frame(depth);
    const int crossing = settle(depth, current.level, current.index);
    if (!sampler_->enter(partial_cell(current.level, current.index, crossing))) return false;
    ++current.entered;
    return true;
}

void LpEnumerator::leave(int depth) {
    for (; frame(depth).entered > 0; --frame(depth).entered) sampler_->leave();
}

// REQUIRES: the neurons of `level` before `index` are settled, and those after that do not cross are marked.
PartialCell LpEnumerator::partial_cell(int level, int index, int crossing) {
    PartialCell cell{level, index, problem_.network.first_neuron(level - 1) + level - 1 + index, crossing, dimension_, 0};
    for (int before = 1; before < level; ++before) {
        int passed_on = 0;
        for (const std::uint64_t word : maps_.active(before)) passed_on += std::popcount(word);
        cell.rank = std::min(cell.rank, passed_on);
    }
    for (int neuron = 0; neuron < problem_.layout.level(level).count; ++neuron) {
        const SignBit bit(neuron);
        const bool known = neuron < index || settled_[level][bit.word] & bit.bit;
        cell.active += known && maps_.active(level)[bit.word] & bit.bit;
    }
    return cell;
}

void LpEnumerator::split(int depth, int index) {
    ++counts_.splits;
    Frame& current = frame(depth);
    current.index = index;
    current.sides_taken = 0;
    current.num_rows = rows_.count();
    current.num_zero = zero_neurons_.size();
    current.num_points = store_.size();
    if (sampler_) current.settled = settled_[current.level];
}

// Makes the next side of a cell that is split the cell of the next frame; false when there is none.
bool LpEnumerator::take_side(int depth) {
    Frame& current = frame(depth);
    Frame& next = frame(depth + 1);
    const int level = current.level;
    const SignBit bit(current.index);
    const int word = problem_.layout.level(level).first + bit.word;
    const std::size_t most_points = sampler_ ? max_points_sampling : max_points;
    const bool is_first_recorded = current.holds_last && is_last_active(level, current.index);
    while (current.sides_taken < 2) {
        const double sense = current.sides_taken++ == 0 ? -1.0 : 1.0;
        if (sense < 0 && is_first_recorded) continue;
        rows_.truncate(current.num_rows);
        zero_neurons_.resize(current.num_zero);
        store_.truncate(current.num_points);
        if (sampler_) settled_[level] = current.settled;
        next.points.clear();
        for (const PointId id : current.points) {
            const std::uint64_t* signs = sense > 0 ? store_.positive(id) : store_.negative(id);
            if (signs[word] & bit.bit && next.points.size() < most_points) next.points.push_back(id);
        }
        maps_.set(level, current.index, sense > 0);
        rows_.push(maps_.forms(level), {level, current.index}, sense);
        next.level = level;
        next.index = current.index + 1;
        next.splits = current.splits + 1;
        next.holds_last = current.holds_last && is_first_recorded == (sense > 0);
        next.entered = 0;
        if (!sampler_ || is_wanted(depth + 1)) return true;
    }
    return false;
}

// Whether the neuron is active on the last cell that was recorded before. REQUIRES: there is one.
bool LpEnumerator::is_last_active(int level, int index) const {
    const int id = problem_.network.first_neuron(level - 1) + index;
    return last_pattern_[id >> 6] >> (id & 63) & 1;
}

LpEnumerator::Side LpEnumerator::side_of_cell(int depth, int level, int index) {
    if (control_.stop.load(std::memory_order_relaxed)) throw Stopped();
    const SignBit bit(index);
    const int word = problem_.layout.level(level).first + bit.word;
    PointId positive = 0, negative = 0;
    bool any_positive = false, any_negative = false;
    for (const PointId id : points(depth)) {
        if (!any_positive && store_.positive(id)[word] & bit.bit) {
            any_positive = true;
            positive = id;
        }
        if (!any_negative && store_.negative(id)[word] & bit.bit) {
            any_negative = true;
            negative = id;
        }
        if (any_positive && any_negative) return Side::both;
    }
    if (!any_positive && !any_negative) return step_off(depth, level, index, points(depth).front()) ? Side::both : Side::zero;
    objective_.truncate(0);
    objective_.push(maps_.forms(level), {level, index}, any_positive ? 1.0 : -1.0);
    InnerPoint found;
    if (!program_.negative_somewhere(rows_, nullptr, objective_[0], inner(any_positive ? positive : negative), found))
        return any_positive ? Side::positive : Side::negative;
    points(depth).push_back(add_point(found, level));
    return Side::both;
}

// The form vanishes at a point inside: everywhere, or it crosses the cell. False if everywhere.
bool LpEnumerator::step_off(int depth, int level, int index, PointId from) {
    const exact::Form& form = level == 0 ? maps_.exact().side(index) : maps_.exact().neuron(level - 1, index);
    if (std::all_of(form.weight.begin(), form.weight.end(), [](const exact::Integer& w) { return w.is_zero(); })) return false;
    for (const double sense : {-1.0, 1.0}) {
        objective_.truncate(0);
        objective_.push(maps_.forms(level), {level, index}, sense);
        InnerPoint found;
        program_.step_off(rows_, objective_[0], inner(from), found);
        points(depth).push_back(add_point(found, level));
    }
    return true;
}

}  // namespace relutope
