// Enumerator, part 5: counting the cells of a polytope without making them. See enumerator.hpp.
//
// The distinct hyperplanes h_1, ..., h_k that cross a polytope P divide it into
//     r(P; h_1, ..., h_k) = 1 + sum_i r(P n h_i; h_1, ..., h_{i-1})
// cells: h_i divides as many of those that are made before it as these leave traces on P n h_i, where only the hyperplanes that cross
// the section count, and those that are equal on it count once (deletion and restriction; Zaslavsky, Facing up to arrangements, 1975).
// A segment is divided by the distinct points on it, so that the cost is that of ordering points on lines, one for each vertex of the
// arrangement. Only the forms of one level are affine on a whole polytope: levels before the last are searched as ever.
//
// The terms of the sum are independent of each other: a large part is given away in ranges of them, which cost nothing more.
//
// Sections of sections are frames like those of the path. A section's vertices keep the slots of the facets of P that they lie on and
// get that of its hyperplane. Not every slot is one of a facet of the section, but each supports it or contains it and all its facets
// are among them; with that, two of its vertices span an edge under the same conditions as in P.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

#include "geometry/audit.hpp"
#include "geometry/edge_cut.hpp"
#include "refinement/vertex/enumerator.hpp"

namespace relutope {

// Vertices of parts that are not cut into several jobs, in each of which many of their sections are made again: some tens of milliseconds.
inline constexpr double largest_part = 1 << 20;
// And of parts that are counted to the end, even in a search that is to pause sooner: some milliseconds.
inline constexpr double least_part = 1 << 16;
// Jobs that a part's sections are given away in, at a time.
inline constexpr int most_ranges = 64;

// Whether the cells of a frame at `level` are only to be counted, and no level after it has any say in that.
template <int D, int W>
bool Enumerator<D, W>::is_counted(int level) const {
    return level == problem_.layout.last_level() && problem_.options.count_only() && compared_.empty();
}

// The most vertices that so many hyperplanes have.
template <int D, int W>
double Enumerator<D, W>::vertices_of(int forms, int dimensions) const {
    double vertices = 1;
    for (int k = 0; k < dimensions; ++k) vertices *= std::max(0.0, static_cast<double>(forms - k)) / (k + 1);
    return vertices;
}

template <int D, int W>
int Enumerator<D, W>::num_crossing(const Polytope<W>& polytope, int level) const {
    int forms = 0;
    for (std::size_t k = 0; k < polytope.any_positive.size(); ++k)
        forms += std::popcount(polytope.any_positive[k] & polytope.any_negative[k] & problem_.own_bits(level, static_cast<int>(k)));
    return forms;
}

// Whether the forms that cut a polytope have at most `most` vertices.
template <int D, int W>
bool Enumerator<D, W>::is_small_part(const Polytope<W>& polytope, int level, double most) const {
    return vertices_of(num_crossing(polytope, level), dimension()) <= most;
}

// Whether half of the forms that cut a polytope meet in one of its vertices. Then their sections have little in them, and splitting
// costs less: nothing is gained where all meet in one point.
template <int D, int W>
bool Enumerator<D, W>::is_pencil(const Polytope<W>& polytope, int level) const {
    if (polytope.generic) return false;
    const LevelWords& words = problem_.layout.level(level);
    for (const VertexId v : polytope.vertex) {
        if (store_.state(v).generic) continue;
        int forms = 0, met = 0;
        for (int k = 0; k < words.words; ++k) {
            const std::uint64_t crossing = polytope.any_positive[k] & polytope.any_negative[k] & problem_.own_bits(level, k);
            forms += std::popcount(crossing);
            met += std::popcount(crossing & ~(store_.positive(v)[words.first + k] | store_.negative(v)[words.first + k]));
        }
        if (2 * met > forms) return true;
    }
    return false;
}

// Vertices of what is counted without a look at anything else, where sections are given away.
template <int D, int W>
double Enumerator<D, W>::part_size() const {
    return counter_.pauses() ? std::max(least_part, static_cast<double>(counter_.pause())) : least_part;
}

// A count that is to pause and go on elsewhere does so behind a cell: parts are made small first, and counted to the end.
template <int D, int W>
bool Enumerator<D, W>::is_counted_at_once(const Frame& current) const {
    const Polytope<W>& polytope = current.polytope;
    if (planning_ || current.holds_last || !is_counted(current.level)) return false;
    if (sections_.end != Sections::all) return true;
    if (is_pencil(polytope, current.level)) return false;
    return !counter_.pauses() || is_small_part(polytope, current.level, part_size());
}

// Whether a polytope in which a search begins is one job.
template <int D, int W>
bool Enumerator<D, W>::is_one_job(const Frame& current) const {
    if (!is_counted(current.level)) return false;
    if (current.splits > 0) return is_small_part(current.polytope, current.level, largest_part);
    return is_small_part(current.polytope, current.level, part_size()) && !is_pencil(current.polytope, current.level);
}

// Whether the sections of a large job's polytope are given away instead of parts of it, in each of which there would be more of them.
// Those of a job that is made of sections are, if they are too many.
template <int D, int W>
bool Enumerator<D, W>::is_cut_by_sections(const Frame& current) const {
    if (dimension() < 2 || current.splits > 0 || current.holds_last || !is_counted(current.level)) return false;
    const int forms = num_crossing(current.polytope, current.level), end = std::min(forms, sections_.end);
    const double all = vertices_of(end, dimension()) - vertices_of(sections_.begin, dimension()), size = part_size();
    if (all <= (sections_.end == Sections::all ? size : 2 * size) || end - sections_.begin < 2) return false;
    const double largest = vertices_of(end - 1, dimension() - 1);
    if (sections_.end == Sections::all && largest > (counter_.pauses() ? 4 * size : std::max(size, all / most_ranges))) return false;
    return !is_pencil(current.polytope, current.level);
}

// Plans ranges of sections with about as many vertices each, if that is how the frame's polytope is cut.
template <int D, int W>
bool Enumerator<D, W>::plan_sections(int depth) {
    const Frame& current = frame(depth);
    if (!is_cut_by_sections(current)) return false;
    // A search for few cells would pause behind the first range.
    if (counter_.pauses() && problem_.options.keep_when_stopped) throw Stopped();
    const int end = std::min(num_crossing(current.polytope, current.level), sections_.end);
    const double before = vertices_of(sections_.begin, dimension()), all = vertices_of(end, dimension()) - before;
    const int ranges = static_cast<int>(std::min<double>(most_ranges, std::ceil(all / part_size())));
    for (int begin = sections_.begin, range = 1; begin < end; ++range) {
        int next = begin + 1;
        while (next < end && vertices_of(next, dimension()) - before < all * range / ranges) ++next;
        jobs_.push_back(save(current.polytope, current.level));
        jobs_.back().sections = {begin, next};
        begin = next;
    }
    return true;
}

template <int D, int W>
bool Enumerator<D, W>::is_cut_first(const Job& job) {
    if (!problem_.options.count_only()) return false;
    start_after(job, {});
    frame(0).level = job.level;
    frame(0).splits = 0;
    return is_cut_by_sections(frame(0));
}

// Counts the cells of a frame's polytope, or what the job's sections add to them. The last of them is on the positive side of every hyperplane that cuts what those before it
// have left, so that it takes the same turns as a pattern that is positive for all that cut the polytope.
template <int D, int W>
void Enumerator<D, W>::count_polytope(int depth) {
    Frame& current = frame(depth);
    const Polytope<W>& polytope = current.polytope;
    current.crossing.resize(polytope.any_positive.size());
    for (std::size_t k = 0; k < current.crossing.size(); ++k)
        current.crossing[k] = polytope.any_positive[k] & polytope.any_negative[k] & problem_.own_bits(current.level, static_cast<int>(k));
    counter_.hold(counter_.pauses());
    count_cells(depth, dimension(), depth == 0 ? sections_ : Sections{});
    counter_.hold(false);
    asked_ = nullptr;
    if (depth == 0 || !control_.stop.load(std::memory_order_relaxed)) return;  // at depth 0, nothing is left of the job
    set_active(current.level - 1, polytope.any_positive);
    stop_counting();
}

// Leaves those in `crossing` that cut the section. False if one vanishes on all of it: then it has the same trace as the section's own,
// which was counted as that form's.
template <int D, int W>
bool Enumerator<D, W>::is_new_section(Frame& section) const {
    for (std::size_t k = 0; k < section.crossing.size(); ++k) {
        const std::uint64_t positive = section.polytope.any_positive[k], negative = section.polytope.any_negative[k];
        if (section.crossing[k] & ~(positive | negative)) return false;
        section.crossing[k] &= positive & negative;
    }
    return true;
}

// Counts the cells into which the forms in `crossing` divide the polytope of a frame, of so many dimensions. What has been counted when
// the search is stopped is a lower bound. Of several sections only some may be asked for, of which the first stands for the whole, too.
// REQUIRES: each of them cuts it; their signs are known at its vertices.
template <int D, int W>
void Enumerator<D, W>::count_cells(int depth, int dimensions, Sections sections) {
    Frame& current = frame(depth);
    int forms = 0;
    for (const std::uint64_t word : current.crossing) forms += std::popcount(word);
    if (forms <= 1) return counter_.add(1 + forms);
    if (dimensions <= 2) {
        segment_.take(this->forms(current.level), current.crossing);
        return dimensions == 2 ? count_polygon(depth, sections) : counter_.add(1 + *count_points(depth, forms));
    }
    if (forms == 2 && sections.begin == 0 && sections.end >= 2 && count_pair(current)) return;
    if (sections.begin == 0) counter_.add(1);
    Frame& section = frame(depth + 1);
    section.level = current.level;
    int index = 0;
    for (std::size_t k = 0; k < current.crossing.size(); ++k)
        for (std::uint64_t rest = current.crossing[k]; rest; rest &= rest - 1, ++index) {
            if (index < sections.begin) continue;
            if (index >= sections.end) return;
            section.crossing.assign(current.crossing.size(), 0);
            std::copy_n(current.crossing.begin(), k, section.crossing.begin());
            section.crossing[k] = current.crossing[k] & ~rest;
            if (std::all_of(section.crossing.begin(), section.crossing.end(), [](std::uint64_t word) { return word == 0; })) {
                counter_.add(1);
                continue;
            }
            const std::size_t given = given_slots_.size();
            asked_ = section.crossing.data();
            cut(depth, static_cast<int>(64 * k) + std::countr_zero(rest));
            build_section(current, section.polytope);
            if (is_new_section(section)) count_cells(depth + 1, dimensions - 1);
            take_slots_back(given);
            store_.truncate(current.first_new);
        }
}

// The part of the frame's polytope on the hyperplane that cut it.
template <int D, int W>
void Enumerator<D, W>::build_section(const Frame& current, Polytope<W>& section) const {
    const LevelWords& words = problem_.layout.level(current.level);
    section.clear(words.words);
    const auto add = [&](VertexId v, Mask facets) {
        facets.insert(current.slot);
        section.add(v, facets);
        section.live = section.live | facets;
        accumulate(section, v, words);
    };
    for (const int i : current.zero) add(current.polytope.vertex[i], current.polytope.facets_of[i]);
    for (std::size_t i = 0; i < current.new_facets.size(); ++i) add(current.first_new + static_cast<VertexId>(i), current.new_facets[i]);
}

// The same for a polygon and the forms in segment_.
template <int D, int W>
void Enumerator<D, W>::count_polygon(int depth, Sections sections) {
    Frame& current = frame(depth);
    Frame& section = frame(depth + 1);
    section.level = current.level;
    section.crossing.assign(current.crossing.size(), 0);
    if (sections.begin == 0) counter_.add(2);  // the whole, and the first line
    for (int k = std::max(1, sections.begin); k < std::min(segment_.count(), sections.end); ++k) {
        const std::size_t given = given_slots_.size();
        asked_ = section.crossing.data();
        cut(depth, segment_.form(k));
        build_section(current, section.polytope);
        if (const auto points = count_points(depth + 1, k)) counter_.add(1 + *points);
        take_slots_back(given);
        store_.truncate(current.first_new);
    }
}

// In how many distinct points the first `count` forms in segment_ cut the segment of a frame; nothing if one vanishes on all of it.
template <int D, int W>
std::optional<std::uint64_t> Enumerator<D, W>::count_points(int depth, int count) {
    Frame& current = frame(depth);
    const std::vector<VertexId>& ends = current.polytope.vertex;
    const auto at_infinity = [&](int end) { return store_.state(ends[end]).at_infinity; };
    for (const int end : {0, 1}) {
        const VertexState& state = store_.state(ends[end]);
        const double* x = state.at_infinity ? store_.infinite_coordinates(ends[end]) : store_.coordinates(ends[end]);
        segment_.evaluate(end, x, state.at_infinity, state.at_infinity ? state.infinite : state.finite, count);
        if constexpr (audit::on)
            for (int k = 0; k < count; ++k)
                audit_value(ends[end], current.polytope.facets_of[end], current.level, segment_.form(k), segment_.value(end, k), segment_.error(end));
    }
    counts_.signs.filtered += 2 * static_cast<std::uint64_t>(count);
    const auto exact = [&](int end, int form) {
        --counts_.signs.filtered;
        return sign_at(ends[end], current.polytope.facets_of[end], current.level, form);
    };
    if (!segment_.find_crossing(count, exact)) return std::nullopt;
    const std::vector<int>& crossing = segment_.crossing();
    const bool line = at_infinity(0) && at_infinity(1);
    if (crossing.size() <= 1 || (!line && segment_.are_distinct())) return crossing.size();

    const LevelWords& words = problem_.layout.level(current.level);
    current.crossing.assign(words.words, 0);
    asked_ = current.crossing.data();
    on_line_.clear();
    for (const int k : crossing) {
        const SignBit bit(segment_.form(k));
        on_line_.push_back(segment_.form(k));
        for (const int end : {0, 1})
            (segment_.value(end, k) > 0 ? store_.positive(ends[end]) : store_.negative(ends[end]))[words.first + bit.word] |= bit.bit;
    }
    if (line && are_distinct_on_line(depth, count)) return crossing.size();
    for (const int form : on_line_) current.crossing[SignBit(form).word] |= SignBit(form).bit;
    const std::uint64_t points = line ? count_on_line(depth) : count_between(depth, ends[0], ends[1], on_line_);
    current.crossing.assign(words.words, 0);
    return points;
}

// Whether it is proven that the forms in on_line_ vanish at distinct points of a line: its first one tells where the line is. REQUIRES:
// segment_ has the first `count` forms at the ends.
template <int D, int W>
bool Enumerator<D, W>::are_distinct_on_line(int depth, int count) {
    const std::size_t given = given_slots_.size();
    const VertexId base = store_.size();
    cut(depth, on_line_.front());
    const Position& position = store_.state(base).finite;
    segment_.evaluate(0, store_.coordinates(base), false, position, count);
    if constexpr (audit::on) {
        Mask facets = frame(depth).new_facets.front();
        facets.insert(frame(depth).slot);
        for (int k = 0; k < count; ++k)
            audit_value(base, facets, frame(depth).level, segment_.form(k), segment_.value(0, k), segment_.error(0));
    }
    take_slots_back(given);
    store_.truncate(base);
    return segment_.are_distinct();
}

// The same for the forms in on_line_, where both ends are at infinity: on two rays from one of the points, and that.
template <int D, int W>
std::uint64_t Enumerator<D, W>::count_on_line(int depth) {
    const Frame& current = frame(depth);
    const VertexId u = current.polytope.vertex[0], w = current.polytope.vertex[1], base = store_.size();
    const LevelWords& words = problem_.layout.level(current.level);
    const std::size_t given = given_slots_.size();
    cut(depth, on_line_.front());
    std::vector<int> before, after;
    for (const int form : on_line_) {
        const SignBit bit(form);
        const int word = words.first + bit.word;
        const bool positive = store_.positive(base)[word] & bit.bit, negative = store_.negative(base)[word] & bit.bit;
        const bool positive_at_u = store_.positive(u)[word] & bit.bit;
        if (positive || negative) (positive == positive_at_u ? after : before).push_back(form);
    }
    const std::uint64_t points = 1 + count_between(depth, u, base, before) + count_between(depth, base, w, after);
    take_slots_back(given);
    store_.truncate(base);
    return points;
}

// In how many distinct points these forms, all of which vanish between the points u and w of the segment, cut it. REQUIRES: one of the
// two is not at infinity.
template <int D, int W>
std::uint64_t Enumerator<D, W>::count_between(int depth, VertexId u, VertexId w, const std::vector<int>& crossing) {
    if (crossing.size() <= 1) return crossing.size();
    if (store_.state(u).at_infinity) std::swap(u, w);
    place_points(frame(depth).level, u, w, crossing);
    std::sort(points_.begin(), points_.end(), [](const PointOnLine& a, const PointOnLine& b) { return a.least < b.least; });
    std::uint64_t count = 0;
    for (std::size_t begin = 0, end; begin < points_.size(); begin = end) {
        double most = points_[begin].most;
        for (end = begin + 1; end < points_.size() && !(points_[end].least > most); ++end) most = std::max(most, points_[end].most);
        count += end - begin > 1 ? count_distinct(depth, begin, end) : 1;
    }
    return count;
}

// Where the forms vanish between u and w, as shares of the way (edge_cut.hpp). |s - t| is at most the error that is proven for s
// without rounding, plus 3 u s or an underflow for that; the rest of 8 u s is that of the two bounds.
template <int D, int W>
void Enumerator<D, W>::place_points(int level, VertexId u, VertexId w, const std::vector<int>& crossing) {
    const FormTable& table = forms(level);
    const LevelWords& words = problem_.layout.level(level);
    const bool ray = store_.state(w).at_infinity;
    points_.clear();
    for (const int form : crossing) {
        const SignBit bit(form);
        const double sense = store_.positive(u)[words.first + bit.word] & bit.bit ? 1.0 : -1.0;
        const error_bound::FormBound bound = table.bound(form);
        EndValue at_u, at_w;
        at_u.size = sense * evaluate(u, table, form, bound, at_u.error);
        at_w.size = -sense * evaluate(w, table, form, bound, at_w.error);
        const EdgeCut cut = ray ? cut_ray(at_u, at_w) : cut_edge(at_u, at_w);
        const double error = (cut.error + 8 * error_bound::unit_roundoff * cut.share) * error_bound::inflate + error_bound::underflow;
        const bool known = error < error_bound::infinite;
        points_.push_back({known ? cut.share - error : -error_bound::infinite, known ? cut.share + error : error_bound::infinite, form});
    }
    counts_.signs.filtered += crossing.size();
}

// How many distinct points there are among points_[begin, end), whose order is in doubt.
template <int D, int W>
std::uint64_t Enumerator<D, W>::count_distinct(int depth, std::size_t begin, std::size_t end) {
    const LevelWords& words = problem_.layout.level(frame(depth).level);
    const VertexId v = store_.size();
    std::uint64_t count = 0;
    for (std::size_t i = begin; i < end; ++i) {
        const std::size_t given = given_slots_.size();
        if (points_[i].form < 0) continue;
        ++count;
        cut(depth, points_[i].form);
        for (std::size_t j = i + 1; j < end; ++j) {
            if (points_[j].form < 0) continue;
            const SignBit bit(points_[j].form);
            const int word = words.first + bit.word;
            if (!((store_.positive(v)[word] | store_.negative(v)[word]) & bit.bit)) points_[j].form = -1;
        }
        take_slots_back(given);
        store_.truncate(v);
    }
    return count;
}

}  // namespace relutope
