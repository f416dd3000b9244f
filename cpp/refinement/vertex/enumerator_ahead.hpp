// Enumerator, part 8: what is known of the next level before its cells are made. See enumerator.hpp.
//
// In a network of several layers few forms of a layer cut a cell of the layers before, and the same few cut most of the cells into which
// the layer before divides one. Those that cut none of them are found once, for all of them (bent_signs.hpp): their signs need not be
// found at the vertices, and where there is nothing but them, only the cells of the level at hand are left to be counted.
#pragma once

#include <bit>
#include <cmath>

#include "geometry/audit.hpp"
#include "refinement/vertex/enumerator.hpp"
#include "refinement/vertex/enumerator_signs.hpp"

namespace relutope {

// In fewer dimensions cells have so few vertices, and smaller levels so few forms, that a look costs as much as it spares.
inline constexpr int least_dimension_ahead = 4;
inline constexpr int least_forms_ahead = 32;

// Solves for a vertex whose error has grown with every cut that led to it, so that it would leave many signs in doubt.
template <int D, int W>
void Enumerator<D, W>::place_well(VertexId v, const Mask& facets) {
    const VertexState& state = store_.state(v);
    if (error_bound::certified && !state.at_infinity && !state.solved && !is_well_placed(state)) solve_rounded(v, facets);
}

// Finds forms of the next level that keep one sign on a frame's polytope, without making the cells into which its level divides that.
// Whether all do, and none is left in doubt.
template <int D, int W>
bool Enumerator<D, W>::look_ahead(Frame& current) {
    const Polytope<W>& polytope = current.polytope;
    KnownAhead& ahead = current.ahead;
    const int level = current.level, next = level + 1;
    if (dimension() < least_dimension_ahead || level == 0 || planning_ || next >= problem_.layout.num_levels()) return false;
    const Layer& layer = problem_.network.layer(level);
    const LevelWords& words = problem_.layout.level(next);
    if (layer.is_sparse() || words.count < least_forms_ahead) return false;
    int bends = 0;
    for (std::size_t k = 0; k < polytope.any_positive.size(); ++k)
        bends += std::popcount(polytope.any_positive[k] & polytope.any_negative[k]);
    if (bends > BentSigns::most_bends) return false;
    if (ahead.level != next) {
        ahead.positive.assign(words.words, 0);
        ahead.negative.assign(words.words, 0);
    }
    const auto open = [&] {
        std::uint64_t any = 0;
        for (int k = 0; k < words.words; ++k) any |= problem_.own_bits(next, k) & ~(ahead.positive[k] | ahead.negative[k]);
        return any != 0;
    };
    if (ahead.level == next && !open()) return true;
    // Looking again, at a part of the polytope, pays where it may spare all of what is left.
    if (ahead.level == next && !is_counted(next)) return false;
    for (const VertexId v : polytope.vertex)
        if (store_.state(v).at_infinity) return false;
    ahead.level = next;
    unbent_ = problem_.network.linear_bits(level - 1);
    for (std::size_t k = 0; k < polytope.any_positive.size(); ++k) unbent_[k] |= polytope.any_positive[k] & ~polytope.any_negative[k];
    maps_.enter(level, unbent_.data());
    bent_.begin(dimension(), polytope.size());
    for (const VertexId v : polytope.vertex) bent_.add(store_.coordinates(v), store_.state(v).finite);
    for (std::size_t k = 0; k < polytope.any_positive.size(); ++k)
        for (std::uint64_t rest = polytope.any_positive[k] & polytope.any_negative[k]; rest; rest &= rest - 1) {
            const int unit = static_cast<int>(64 * k) + std::countr_zero(rest);
            bent_.bend(forms(level), unit, maps_.column(level, unit), words.count);
        }
    const auto find = [&] { bent_.find(forms(next), words.count, ahead.positive.data(), ahead.negative.data()); };
    find();
    bool better = false;
    for (const int i : bent_.doubtful()) {
        const VertexId v = polytope.vertex[i];
        if (store_.state(v).solved || !solve_rounded(v, polytope.facets_of[i])) continue;
        bent_.move(i, store_.coordinates(v), store_.state(v).finite);
        better = true;
    }
    if (better) find();
    return !open();
}

// Whether the next level is the last and cells are only counted, all of them here and now.
template <int D, int W>
bool Enumerator<D, W>::is_next_counted(const Frame& current) const {
    // The audit walks on, to compare what is known with integers.
    return !audit::on && is_counted(current.level + 1) && !current.holds_last && !counter_.pauses();
}

// The signs of a level at those vertices of a polytope where they are not known, after look_ahead.
template <int D, int W>
void Enumerator<D, W>::evaluate_open(const Frame& current, int level) {
    const Polytope<W>& polytope = current.polytope;
    new_.clear();
    for (int i = 0; i < polytope.size(); ++i)
        if (store_.state(polytope.vertex[i]).known_level < level) new_.push_back(i);
    const LevelWords& words = problem_.layout.level(level);
    std::uint64_t open = 0;
    for (int k = 0; k < words.words; ++k) open |= problem_.own_bits(level, k) & ~(current.ahead.positive[k] | current.ahead.negative[k]);
    if (!open && !audit::on) {
        for (const int i : new_)
            write_signs(
                polytope.vertex[i], level, [&](int word) { return SignWord{current.ahead.positive[word], current.ahead.negative[word]}; },
                [&](int) { return Sign::zero; });
        return;
    }
    batch_.begin(dimension(), static_cast<int>(new_.size()));
    for (const int i : new_) batch_.add(store_.coordinates(polytope.vertex[i]), store_.state(polytope.vertex[i]).finite);
    batch_.find_others(forms(level), words.count, current.ahead.positive.data(), current.ahead.negative.data());
    write_batch(polytope, level);
}

}  // namespace relutope
