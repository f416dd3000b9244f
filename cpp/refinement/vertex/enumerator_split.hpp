// Enumerator, part 3: splitting a polytope by a hyperplane. See enumerator.hpp.
#pragma once

#include <algorithm>
#include <cmath>

#include "geometry/audit.hpp"
#include "geometry/edge_cut.hpp"
#include "refinement/vertex/enumerator.hpp"

namespace relutope {

// Where edges are looked for in the simplest way.
#ifdef RELUTOPE_SMALL  // the browser's module
template <int D>
inline constexpr bool few_vertices = true;
#else
template <int D>
inline constexpr bool few_vertices = D > 0 && D <= 3;
#endif

// Splits the polytope of a frame by a neuron; false when both sides are done with.
template <int D, int W>
bool Enumerator<D, W>::split(int depth, int index) {
    Frame& current = frame(depth);
    // When nothing else crosses, both sides are cells and their new vertices are of no interest.
    if (is_last_crossing(current.polytope, current.level)) {
        if (control_.stop.load(std::memory_order_relaxed)) throw Stopped();
        ++counts_.splits;
        leaf_pair(current, index);
        return false;
    }
    cut(depth, index);
    return true;
}

template <int D, int W>
bool Enumerator<D, W>::is_last_crossing(const Polytope<W>& polytope, int level) const {
    if (level != problem_.layout.last_level() || planning_ || problem_.options.vertices) return false;
    if (!polytope.generic && !problem_.options.count_only()) return false;
    int crossing = 0;
    for (int k = 0; k < problem_.layout.level(level).words; ++k)
        crossing += std::popcount(polytope.any_positive[k] & polytope.any_negative[k] & problem_.own_bits(level, k));
    return crossing == 1;
}

// Makes the vertices where a form of the frame's level vanishes.
template <int D, int W>
void Enumerator<D, W>::cut(int depth, int index) {
    if (control_.stop.load(std::memory_order_relaxed)) throw Stopped();
    Frame& current = frame(depth);
    ++counts_.splits;
    current.slot = current.polytope.live.first_free();
    if (current.slot < 0) throw TooManyFacets(Mask::capacity);
    give_slot(current.slot, {current.level, index});
    partition(current, problem_.layout.level(current.level), SignBit(index));
    current.first_new = store_.size();
    find_edges(current, current.level, index, current.slot);
    current.given = given_slots_.size();
    current.end = store_.size();
}

// The domain is where its sides are nonnegative.
template <int D, int W>
void Enumerator<D, W>::cut_off(int depth, int index) {
    cut(depth, index);
    Frame& current = frame(depth);
    build_child(current, frame(depth + 1).polytope, true, current.level, current.slot);
    std::swap(current.polytope, frame(depth + 1).polytope);
}

// The negative side first, for the order of the cells. Cells that are only counted, in one go, need no order, and in one dimension, where
// no form crosses both sides, taking first what fewer forms cross keeps the path short.
template <int D, int W>
void Enumerator<D, W>::take_first_side(int depth) {
    Frame& current = frame(depth);
    Frame& next = frame(depth + 1);
    const auto crossing = [](const Polytope<W>& polytope) {
        int count = 0;
        for (std::size_t k = 0; k < polytope.any_positive.size(); ++k)
            count += std::popcount(polytope.any_positive[k] & polytope.any_negative[k]);
        return count;
    };
    const bool any_order = dimension() == 1 && problem_.options.count_only() && !planning_ && !counter_.pauses();
    const int all = any_order ? crossing(current.polytope) : 0;
    // What is summed up is of no use any more, and long where there are many neurons.
    std::swap(current.polytope.any_positive, next.polytope.any_positive);
    std::swap(current.polytope.any_negative, next.polytope.any_negative);
    build_child(current, next.polytope, false, current.level, current.slot);
    current.second_positive = !(any_order && 2 * crossing(next.polytope) >= all);
    if (!current.second_positive) build_child(current, next.polytope, true, current.level, current.slot);
    next.level = current.level;
    next.holds_last = current.holds_last;
    current.holds_last = false;
    next.splits = current.splits + 1;
    next.next_bound = current.next_bound;
#ifndef RELUTOPE_SMALL  // the browser's module does not look ahead
    next.ahead.level = current.ahead.level;
    if (current.ahead.level > 0) next.ahead = current.ahead;
#endif
}

// REQUIRES: the first side is done with, or its cells were recorded before.
template <int D, int W>
void Enumerator<D, W>::take_second_side(int depth) {
    Frame& current = frame(depth);
    store_.truncate(current.end);
    take_slots_back(current.given);
    build_child(current, frame(depth + 1).polytope, current.second_positive, current.level, current.slot);
    std::swap(current.polytope, frame(depth + 1).polytope);
    ++current.splits;
    const VertexId base = depth > 0 ? frame(depth - 1).end : 0;
    if (store_.size() - base > 2 * current.polytope.vertex.size() + 256) compact(current.polytope, base);
}

// Closes the gaps that dropped vertices have left. REQUIRES: no other polytope has vertices from `base` on.
template <int D, int W>
void Enumerator<D, W>::compact(Polytope<W>& polytope, VertexId base) {
    std::vector<int> order;
    for (int i = 0; i < polytope.size(); ++i)
        if (polytope.vertex[i] >= base) order.push_back(i);
    std::sort(order.begin(), order.end(), [&](int a, int b) { return polytope.vertex[a] < polytope.vertex[b]; });
    for (const int i : order) {
        if (polytope.vertex[i] != base) store_.move(polytope.vertex[i], base);
        polytope.vertex[i] = base++;
    }
    store_.truncate(base);
}

// What is known of the slot's facet before does not hold for the next.
template <int D, int W>
void Enumerator<D, W>::give_slot(int slot, FormRef form) {
    known_zeros_.forget_slot(form.level, slot);
    given_slots_.push_back({slot, slots_[slot]});
    slots_[slot] = form;
}

template <int D, int W>
void Enumerator<D, W>::take_slots_back(std::size_t given) {
    for (; given_slots_.size() > given; given_slots_.pop_back()) {
        const GivenSlot& last = given_slots_.back();
        known_zeros_.forget_slot(slots_[last.slot].level, last.slot);
        slots_[last.slot] = last.before;
    }
}

template <int D, int W>
void Enumerator<D, W>::partition(Frame& current, const LevelWords& words, SignBit bit) {
    current.positive.clear();
    current.negative.clear();
    current.zero.clear();
    const int word = words.first + bit.word;
    for (int i = 0; i < current.polytope.size(); ++i) {
        const VertexId v = current.polytope.vertex[i];
        if (store_.positive(v)[word] & bit.bit) {
            current.positive.push_back(i);
        } else if (store_.negative(v)[word] & bit.bit) {
            current.negative.push_back(i);
        } else {
            current.zero.push_back(i);
        }
    }
}

// Finds the edges that the hyperplane cuts and makes their new vertices.
template <int D, int W>
void Enumerator<D, W>::find_edges(Frame& current, int level, int index, int slot) {
    const Polytope<W>& polytope = current.polytope;
    const int needed = dimension() - 1;
    current.new_facets.clear();
    current.value.resize(polytope.size());
    current.error.resize(polytope.size());
    evaluate_at_all(current, level, index);
    current.negative_facets.clear();
    for (const int b : current.negative) current.negative_facets.push_back(polytope.facets_of[b]);
    const int num_negative = static_cast<int>(current.negative.size());
    if constexpr (!few_vertices<D>) near_.resize(num_negative);
    for (const int a : current.positive) {
        if (control_.stop.load(std::memory_order_relaxed)) throw Stopped();
        const Mask facets = polytope.facets_of[a];
        const Mask* other = current.negative_facets.data();
        int* near = near_.data();
        int found = 0;
        const auto add = [&](int k, const Mask& common) {
            const int b = current.negative[k];
            if (spans_edge(polytope, a, b, common)) add_edge_vertex(current, a, b, common, level, index, slot);
        };
        if constexpr (few_vertices<D>) {
            for (int k = 0; k < num_negative; ++k)
                if (const Mask common = facets & other[k]; common.count() >= needed) add(k, common);
            continue;
        }
        for (int k = 0; k < num_negative; ++k) {  // without a branch, which nobody can foresee
            near[found] = k;
            found += (facets & other[k]).count() >= needed;
        }
        for (int i = 0; i < found; ++i) add(near[i], facets & other[near[i]]);
    }
}

// The splitting form at each vertex.
template <int D, int W>
void Enumerator<D, W>::evaluate_at_all(Frame& current, int level, int index) {
    const Polytope<W>& polytope = current.polytope;
    const FormTable& table = forms(level);
    const error_bound::FormBound bound = table.bound(index);
    const int n = dimension();
    double weight[D > 0 ? D : 64];
    for (int k = 0; k < n; ++k) weight[k] = table.coefficient(index, k);
    const double constant = table.coefficient(index, n);
    for (int i = 0; i < polytope.size(); ++i) {
        const VertexId v = polytope.vertex[i];
        const VertexState& state = store_.state(v);
        const double* const x = state.at_infinity ? store_.infinite_coordinates(v) : store_.coordinates(v);
        const Position& position = state.at_infinity ? state.infinite : state.finite;
        double sum = state.at_infinity ? 0.0 : constant;
        for (int k = 0; k < n; ++k) sum += weight[k] * x[k];
        current.value[i] = sum;
        current.error[i] = error_bound::certified ? bound.at(position.radius, position.extent) : 0.0;
        if constexpr (audit::on) audit_value(v, polytope.facets_of[i], level, index, current.value[i], current.error[i]);
    }
}

template <int D, int W>
bool Enumerator<D, W>::spans_edge(const Polytope<W>& polytope, int a, int b, const Mask& common) const {
    const int n = dimension();
    if (polytope.facets_of[a].count() == n || polytope.facets_of[b].count() == n) return true;
    for (int i = 0; i < polytope.size(); ++i)
        if (i != a && i != b && polytope.facets_of[i].includes(common)) return false;
    return true;
}

template <int D, int W>
void Enumerator<D, W>::add_edge_vertex(Frame& current, int a, int b, const Mask& common, int level, int index, int slot) {
    const VertexId u = current.polytope.vertex[a];
    const VertexId w = current.polytope.vertex[b];
    const VertexId v = store_.push();
    Mask facets = common;
    facets.insert(slot);
    if (symbolic_) std::fill_n(store_.infinite_coordinates(v), dimension(), 0.0);
    if (symbolic_ && (store_.state(u).at_infinity || store_.state(w).at_infinity)) {
        place_far_out(current, a, b, v, facets);
    } else {
        place_on_edge(current, a, b, v, false);
    }
    if constexpr (audit::on) audit_position(v, facets);
    inherit_signs(u, w, v, facets, level, SignBit(index));
    current.new_facets.push_back(common);
}

// A new vertex on an edge with an end at infinity. It is at infinity itself when an infinite side contains the edge; then its finite
// part is left unknown, since its infinite part decides nearly all signs.
template <int D, int W>
void Enumerator<D, W>::place_far_out(const Frame& current, int a, int b, VertexId v, const Mask& facets) {
    const VertexId u = current.polytope.vertex[a];
    const VertexId w = current.polytope.vertex[b];
    VertexState& state = store_.state(v);
    for (std::size_t k = 0; k < infinite_sides_.size(); ++k) {
        const std::uint64_t off = store_.positive(u)[k] | store_.positive(w)[k];
        if (infinite_sides_[k] & ~off) state.at_infinity = true;
    }
    if (state.at_infinity) {
        std::fill_n(store_.coordinates(v), dimension(), 0.0);
        state.finite = {HUGE_VAL, HUGE_VAL};
        place_on_edge(current, a, b, v, true);
    } else if (store_.state(u).at_infinity && store_.state(w).at_infinity) {
        state.finite = {HUGE_VAL, HUGE_VAL};
        solve(v, facets);
    } else {
        place_on_ray(current, a, b, v);
    }
}

// From the finite end of an edge in the direction of the other.
template <int D, int W>
void Enumerator<D, W>::place_on_ray(const Frame& current, int a, int b, VertexId v) {
    const bool from_a = !store_.state(current.polytope.vertex[a]).at_infinity;
    const VertexId u = current.polytope.vertex[from_a ? a : b];
    const VertexId w = current.polytope.vertex[from_a ? b : a];
    const EndValue at_a{current.value[a], current.error[a]}, at_b{-current.value[b], current.error[b]};
    const EdgeCut cut = from_a ? cut_ray(at_a, at_b) : cut_ray(at_b, at_a);
    const double* pu = store_.coordinates(u);
    const double* q = store_.infinite_coordinates(w);
    double* pv = store_.coordinates(v);
    double extent = 0;
    for (int k = 0; k < dimension(); ++k) {
        pv[k] = pu[k] + cut.share * q[k];
        extent = std::max(extent, std::fabs(pv[k]));
    }
    if constexpr (!error_bound::certified) return;
    Position& at_v = store_.state(v).finite;
    at_v.radius = ray_cut_radius(cut, store_.state(u).finite, store_.state(w).infinite);
    at_v.extent = error_bound::extent_in_range(extent + at_v.radius);
}

// See edge_cut.hpp. `infinite`: the infinite parts.
template <int D, int W>
void Enumerator<D, W>::place_on_edge(const Frame& current, int a, int b, VertexId v, bool infinite) {
    const int n = dimension();
    const VertexId u = current.polytope.vertex[a];
    const VertexId w = current.polytope.vertex[b];
    const auto coordinates = [&](VertexId id) { return infinite ? store_.infinite_coordinates(id) : store_.coordinates(id); };
    const auto position = [&](VertexId id) -> Position& { return infinite ? store_.state(id).infinite : store_.state(id).finite; };
    const double* pu = coordinates(u);
    const double* pw = coordinates(w);
    double* pv = coordinates(v);
    const EdgeCut cut = cut_edge({current.value[a], current.error[a]}, {-current.value[b], current.error[b]});
    double length = 0;
    double extent = 0;
    for (int k = 0; k < n; ++k) {
        const double difference = pw[k] - pu[k];
        pv[k] = pu[k] + cut.share * difference;
        length = std::max(length, std::fabs(difference));
        extent = std::max(extent, std::fabs(pv[k]));
    }
    if constexpr (!error_bound::certified) return;
    Position& at_v = position(v);
    at_v.radius = cut_radius(cut, length, position(u), position(w));
    at_v.extent = error_bound::extent_in_range(extent + at_v.radius);
}

// Signs of the new vertex v on the edge u w. Forms of earlier levels and those already split keep one weak sign on the
// polytope; of this level's others, only those with opposite strict signs at u and w have to be evaluated.
template <int D, int W>
void Enumerator<D, W>::inherit_signs(VertexId u, VertexId w, VertexId v, const Mask& facets, int level,
                                     SignBit bit) {
    const LevelWords& words = problem_.layout.level(level);
    const std::uint64_t *pu = store_.positive(u), *nu = store_.negative(u);
    const std::uint64_t *pw = store_.positive(w), *nw = store_.negative(w);
    std::uint64_t *pv = store_.positive(v), *nv = store_.negative(v);
    bool generic = store_.state(u).generic || store_.state(w).generic;
    for (int k = 0; k < words.first; ++k) {
        pv[k] = pu[k] | pw[k];
        nv[k] = nu[k] | nw[k];
    }
    counts_.signs.inherited += words.count;
    for (int k = 0; k < words.words; ++k) {
        const int at = words.first + k;
        const std::uint64_t positive = pu[at] | pw[at];
        const std::uint64_t negative = nu[at] | nw[at];
        const std::uint64_t opposite = positive & negative;
        SignWord signs{positive & ~opposite, negative & ~opposite};
        std::uint64_t open = (k == bit.word ? opposite & ~bit.bit : opposite) & (asked_ ? asked_[k] : problem_.own_bits(level, k));
        for (; open; open &= open - 1) {
            const int i = std::countr_zero(open);
            const Sign sign = sign_at(v, facets, level, 64 * k + i);
            signs.set(i, sign);
            if (sign == Sign::zero) generic = false;
        }
        pv[at] = signs.positive;
        nv[at] = signs.negative;
    }
    store_.state(v).generic = generic;
    store_.state(v).known_level = level;
    problem_.copy_signs(level, store_.positive(v), store_.negative(v));
}

template <int D, int W>
void Enumerator<D, W>::accumulate(Polytope<W>& polytope, VertexId v, const LevelWords& words) const {
    const std::uint64_t* positive = store_.positive(v) + words.first;
    const std::uint64_t* negative = store_.negative(v) + words.first;
    for (int k = 0; k < words.words; ++k) {
        polytope.any_positive[k] |= positive[k];
        polytope.any_negative[k] |= negative[k];
    }
}

template <int D, int W>
void Enumerator<D, W>::build_child(Frame& current, Polytope<W>& child, bool positive_side, int level, int slot) {
    const Polytope<W>& parent = current.polytope;
    const LevelWords& words = problem_.layout.level(level);
    child.clear(words.words);
    const std::vector<int>& strict = positive_side ? current.positive : current.negative;
    child.resize(strict.size() + current.zero.size() + current.new_facets.size());
    VertexId* vertex = child.vertex.data();
    Mask* facets_of = child.facets_of.data();
    for (const int i : strict) {
        *vertex++ = parent.vertex[i];
        *facets_of++ = parent.facets_of[i];
        child.live = child.live | parent.facets_of[i];
    }
    Mask here;
    here.insert(slot);
    child.live = child.live | here;
    for (const int i : current.zero) {
        *vertex++ = parent.vertex[i];
        *facets_of++ = parent.facets_of[i] | here;
    }
    for (std::size_t i = 0; i < current.new_facets.size(); ++i) {
        *vertex++ = current.first_new + static_cast<VertexId>(i);
        *facets_of++ = current.new_facets[i] | here;
    }
    for (Mask& facets : child.facets_of) facets = facets & child.live;
    for (const VertexId v : child.vertex) {
        child.generic = child.generic && store_.state(v).generic;
        accumulate(child, v, words);
    }
}

}  // namespace relutope
