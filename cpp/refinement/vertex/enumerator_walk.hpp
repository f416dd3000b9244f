// Enumerator, part 1: the walk through levels, and jobs. See enumerator.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "geometry/audit.hpp"
#include "refinement/vertex/enumerator.hpp"

namespace relutope {

template <int D, int W>
Enumerator<D, W>::Enumerator(const Problem& problem, SearchControl& control)
    : problem_(problem), control_(control), counter_(control, problem.options), meter_(control, problem.options), dimension_(problem.domain.dimension()), symbolic_(false),
      domain_forms_(domain_forms(problem.domain)), maps_(problem.network, problem.domain.dimension()), exact_maps_(problem.network, problem.domain), known_zeros_(problem.layout.num_levels()),
      store_(0, false, 0), solver_(problem.domain.dimension()), refined_vertex_(problem.domain.dimension()),
      rounded_(problem.domain.dimension()),
      infinite_sides_(problem.layout.level(0).words),
      slots_(Mask::capacity), difference_(problem.domain.dimension()) {
    const Domain& domain = problem.domain;
    for (int side = 0; side < domain.num_box_sides(); ++side) {
        if (!domain.is_at_infinity(side)) continue;
        symbolic_ = true;
        infinite_sides_[side >> 6] |= std::uint64_t{1} << (side & 63);
    }
    store_ = VertexStore(dimension_, symbolic_, problem.layout.total_words());
    const Network& network = problem.network;
    for (int layer = 0; layer < network.num_hidden(); ++layer) patterns_.push_back(network.linear_bits(layer));
    if (problem.options.compared == 0) return;
    bounds_ = std::make_unique<HullBounds>(network, problem.options.compared);
    for (int layer = 0; layer < network.num_hidden(); ++layer)
        for (int i = 0; i < network.layer(layer).neurons(); ++i) {
            if (network.first_neuron(layer) + i < network.num_neurons() - problem.options.compared) continue;
            const SignBit bit(i);
            compared_.emplace_back(problem.layout.level(layer + 1).first + bit.word, bit.bit);
        }
}

// Whether bounds prove that one decision is made on all of a frame's polytope. Looked at on entering a level, and again after splits.
template <int D, int W>
bool Enumerator<D, W>::is_decided(Frame& current) {
    if (!bounds_ || current.level == 0 || current.level > bounds_->output_layer()) return false;
    if (current.splits < current.next_bound) return false;
    current.next_bound = current.splits + bounds_->interval(current.level - 1);
    const int n = dimension();
    hull_.points.clear();
    hull_.radius = 0;
    for (const VertexId v : current.polytope.vertex) {
        const VertexState& state = store_.state(v);
        if (state.at_infinity || !(state.finite.radius < error_bound::largest_extent)) return false;
        hull_.points.insert(hull_.points.end(), store_.coordinates(v), store_.coordinates(v) + n);
        hull_.radius = std::max(hull_.radius, state.finite.radius);
    }
    return bounds_->decided(current.level - 1, forms(current.level), current.polytope.any_positive, current.polytope.any_negative, hull_);
}

template <int D, int W>
typename Enumerator<D, W>::Frame& Enumerator<D, W>::frame(int depth) {
    while (depth >= static_cast<int>(frames_.size())) frames_.push_back(std::make_unique<Frame>());
    return *frames_[depth];
}

// The 2^n corners of the box, with exact coordinates.
template <int D, int W>
void Enumerator<D, W>::start_box() {
    const int n = dimension();
    const Domain& domain = problem_.domain;
    Polytope<W>& box = frame(0).polytope;
    const LevelWords& sides = problem_.layout.level(0);
    box.clear(sides.words);
    store_.truncate(0);
    for (int side = 0; side < domain.num_box_sides(); ++side) {
        slots_[side] = {0, side};
        box.live.insert(side);
    }
    for (std::uint32_t corner = 0; corner >> n == 0; ++corner) {
        const VertexId v = store_.push();
        std::fill_n(store_.positive(v), 2 * store_.sign_words(), 0);
        VertexState& state = store_.state(v);
        state.solved = true;
        Mask facets;
        for (int k = 0; k < n; ++k) {
            const BoxSide side(k, corner >> k & 1);
            const double bound = domain.bound(side);
            const bool infinite = std::isinf(bound);
            store_.coordinates(v)[k] = infinite ? 0.0 : bound;
            if (symbolic_) store_.infinite_coordinates(v)[k] = infinite ? side.outwards() : 0.0;
            state.at_infinity = state.at_infinity || infinite;
            if (!infinite) state.finite.extent = std::max(state.finite.extent, std::fabs(bound));
            facets.insert(side.index());
            const SignBit inside(side.opposite().index());
            store_.positive(v)[inside.word] |= inside.bit;
        }
        state.infinite.extent = 1.0;
        state.finite.extent = error_bound::extent_in_range(state.finite.extent);
        for (int row = domain.num_box_sides(); row < sides.count; ++row) {
            const SignBit bit(row);
            const Sign sign = sign_at(v, facets, 0, row);
            if (sign == Sign::positive) store_.positive(v)[bit.word] |= bit.bit;
            if (sign == Sign::negative) store_.negative(v)[bit.word] |= bit.bit;
            if (sign == Sign::zero) store_.state(v).generic = false;
        }
        box.generic = box.generic && store_.state(v).generic;
        box.add(v, facets);
        accumulate(box, v, sides);
    }
}

// Every halfspace of the domain must have interior points in common with what is left of the box.
template <int D, int W>
void Enumerator<D, W>::check_domain(const Polytope<W>& polytope) const {
    const LevelWords& sides = problem_.layout.level(0);
    for (int side = 0; side < sides.count; ++side) {
        const SignBit bit(side);
        if (polytope.any_positive[bit.word] & bit.bit) continue;
        throw EmptyDomain("the domain has no interior: inequality " + std::to_string(side - problem_.domain.num_box_sides()) +
                          " leaves no point, or only boundary points, of what the others allow");
    }
}

template <int D, int W>
std::vector<typename Enumerator<D, W>::Job> Enumerator<D, W>::plan(int depth) {
    planning_ = true;
    plan_depth_ = depth;
    jobs_.clear();
    sections_ = {};
    meter_.set_own(2 * store_.bytes_of(std::uint64_t{1} << dimension()));  // the box, before it is made
    if (control_.stop.load(std::memory_order_relaxed)) throw Stopped();
    start_box();
    check_domain(frame(0).polytope);
    walk(0);
    planning_ = false;
    return std::move(jobs_);
}

template <int D, int W>
std::vector<typename Enumerator<D, W>::Job> Enumerator<D, W>::plan(const Job& job, int depth, const std::vector<std::uint64_t>& last) {
    planning_ = true;
    plan_depth_ = depth;
    jobs_.clear();
    start_after(job, last);
    walk(job.level);
    planning_ = false;
    return std::move(jobs_);
}

template <int D, int W>
typename Enumerator<D, W>::Job Enumerator<D, W>::save(const Polytope<W>& polytope, int level) const {
    Job job{level, VertexStore(dimension_, symbolic_, store_.sign_words()), polytope, slots_, patterns_, {}};
    job.vertices.reserve(polytope.vertex.size());
    for (VertexId& v : job.polytope.vertex) {
        const VertexId copy = job.vertices.push();
        std::copy_n(store_.coordinates(v), store_.coordinate_stride(), job.vertices.coordinates(copy));
        std::copy_n(store_.positive(v), 2 * store_.sign_words(), job.vertices.positive(copy));
        job.vertices.state(copy) = store_.state(v);
        v = copy;
    }
    return job;
}

template <int D, int W>
void Enumerator<D, W>::load(const Job& job) {
    store_.truncate(0);
    for (VertexId v = 0; v < job.vertices.size(); ++v) {
        const VertexId copy = store_.push();
        std::copy_n(job.vertices.coordinates(v), store_.coordinate_stride(), store_.coordinates(copy));
        std::copy_n(job.vertices.positive(v), 2 * store_.sign_words(), store_.positive(copy));
        store_.state(copy) = job.vertices.state(v);
    }
    frame(0).polytope = job.polytope;
    slots_ = job.slots;
    patterns_ = job.patterns;
    maps_.forget();
    known_zeros_.forget_level(0);
    for (int layer = 0; layer < job.level; ++layer) enter_layer(layer);
}

template <int D, int W>
void Enumerator<D, W>::run(const Job& job, Records& records) {
    const std::vector<std::uint64_t>& patterns = records.cells.patterns;
    const auto words = static_cast<std::ptrdiff_t>(words_for(problem_.network.num_neurons()));
    run(job, {records.num_cells() ? patterns.end() - words : patterns.end(), patterns.end()}, records);
}

template <int D, int W>
void Enumerator<D, W>::run(const Job& job, const std::vector<std::uint64_t>& last, Records& records) {
    cells_ = &records.cells;
    vertices_ = &records.vertices;
    meter_.begin(bytes_taken(records));
    last_counted_.clear();
    vertex_table_.reset(2 * static_cast<std::size_t>(store_.sign_words()));
    start_after(job, last);
    walk(job.level);
    counter_.flush();
    meter_.set(bytes_taken(records));
}

// Makes the job's polytope that of frame 0, from which the walk goes on behind the cell with the pattern `last`, if that is given.
template <int D, int W>
void Enumerator<D, W>::start_after(const Job& job, const std::vector<std::uint64_t>& last) {
    load(job);
    last_pattern_ = last;
    frame(0).holds_last = !last.empty();
    sections_ = job.sections;
}

// Refines the polytope of frame 0. REQUIRES: the signs of `level` are known at all of its vertices and summed up in it.
template <int D, int W>
void Enumerator<D, W>::walk(int level) {
    given_slots_.clear();
    frame(0).level = level;
    frame(0).splits = frame(0).next_bound = 0;
    frame(0).ahead.level = 0;
    asked_ = nullptr;
    for (int depth = 0;;) {
        if (advance(depth)) {
            if (is_first_side_recorded(depth)) {
                take_second_side(depth);
            } else {
                take_first_side(depth++);
            }
        } else if (depth > 0) {
            take_second_side(--depth);
        } else {
            return;
        }
    }
}

// Cells come in increasing order: those recorded before are the last one and all that come before it.
template <int D, int W>
bool Enumerator<D, W>::is_first_side_recorded(int depth) const {
    return frames_[depth]->holds_last && is_last_active(slots_[frames_[depth]->slot]);
}

// Whether the form is positive on the last cell that was recorded before. REQUIRES: there is one.
template <int D, int W>
bool Enumerator<D, W>::is_last_active(FormRef form) const {
    const HyperplaneId id = id_of(form);
    return last_pattern_[id >> 6] >> (id & 63) & 1;
}

// The first form of the level that cuts the polytope, or -1.
template <int D, int W>
int Enumerator<D, W>::first_crossing(const Polytope<W>& polytope, int level) const {
    for (int k = 0; k < problem_.layout.level(level).words; ++k)
        if (const std::uint64_t crossing = polytope.any_positive[k] & polytope.any_negative[k]) return 64 * k + std::countr_zero(crossing);
    return -1;
}

// Takes a polytope through the levels up to the next neuron that cuts it, and splits it there; false when it is done with.
template <int D, int W>
bool Enumerator<D, W>::advance(int depth) {
    Frame& current = frame(depth);
    Polytope<W>& polytope = current.polytope;
    const int last = problem_.layout.num_levels() - 1;
    while (true) {
        const int level = current.level;
        if (is_decided(current)) return false;
        const int crossing = first_crossing(polytope, level);
        if (crossing >= 0 && level == 0) {
            cut_off(depth, crossing);
            continue;
        }
#ifndef RELUTOPE_SMALL  // the browser's module is small, and its cells are all made
        if (crossing >= 0 && planning_ && plan_sections(depth)) return false;
        if (crossing >= 0 && is_counted_at_once(current)) {
            count_polytope(depth);
            return false;
        }
        if (crossing >= 0 && look_ahead(current) && is_next_counted(current)) {
            count_polytope(depth);
            return false;
        }
#endif
        const bool planned = planning_ && (current.splits >= plan_depth_ || is_one_job(current));
        if (crossing >= 0 && !planned) return split(depth, crossing);
        if (crossing < 0 && level == 0) check_domain(polytope);
        if (crossing < 0 && level > 0) set_active(level - 1, polytope.any_positive);
        if (crossing >= 0 || level == last) {
            if (planning_) {
                jobs_.push_back(save(polytope, level));
                planned_bytes_ += jobs_.back().bytes();
                meter_.set_own(own_bytes());
            } else if (!current.holds_last) {
                leaf(polytope);
            }
            return false;
        }
        ++current.level;
        enter_level(current);
        current.next_bound = current.splits;
    }
}

// The units of a layer that pass their value on: its positive neurons and its linear units.
template <int D, int W>
void Enumerator<D, W>::set_active(int layer, const std::vector<std::uint64_t>& positive) {
    const std::vector<std::uint64_t>& linear = problem_.network.linear_bits(layer);
    for (std::size_t k = 0; k < positive.size(); ++k) patterns_[layer][k] = positive[k] | linear[k];
}

// REQUIRES: patterns_ are those of the current cell up to the layer before.
template <int D, int W>
void Enumerator<D, W>::enter_layer(int layer) {
    const std::vector<std::uint64_t>* active = layer > 0 ? &patterns_[layer - 1] : nullptr;
    known_zeros_.forget_level(layer + 1);
    maps_.enter(layer, active ? active->data() : nullptr);
    if (active) exact_maps_.set_pattern(layer - 1, active->data(), static_cast<int>(active->size()));
    if constexpr (audit::on) audit_level(layer + 1);
}

template <int D, int W>
void Enumerator<D, W>::enter_level(Frame& current) {
    Polytope<W>& polytope = current.polytope;
    const int level = current.level;
    enter_layer(level - 1);
    evaluate_new(current, level);
    const LevelWords& words = problem_.layout.level(level);
    polytope.any_positive.assign(words.words, 0);
    polytope.any_negative.assign(words.words, 0);
    for (const VertexId v : polytope.vertex) {
        polytope.generic = polytope.generic && store_.state(v).generic;
        accumulate(polytope, v, words);
    }
}

}  // namespace relutope
