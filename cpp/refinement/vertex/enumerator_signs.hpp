// Enumerator, part 2: the sign of a form at a vertex, from floating point to integers. See enumerator.hpp.
//
// Stages (sign_stages.hpp): evaluate with the vertex's error radius; solve for the vertex again from its hyperplanes, and evaluate once
// more; what signs of other forms and the facets' forms say; on a facet that is nearly parallel, what the form differs by from that; the
// same with twice the digits and a scale for each coordinate; integers.
// Copies of neurons (repeated_rows.hpp) are not looked at: they follow.
#pragma once

#include <algorithm>
#include <bit>
#include <optional>
#include <vector>

#include "geometry/audit.hpp"
#include "network/sign_by_terms.hpp"
#include "predicates/sign_stages.hpp"
#include "refinement/vertex/enumerator.hpp"

namespace relutope {

// So many points are looked at together. Below, their box costs as much as it saves.
inline constexpr int least_batch = 6;
// And only those whose relative error is this small: on their box the largest stands for all.
inline constexpr double well_placed = 0x1p-16;
// A vertex is solved for at once when more of its signs are in doubt: each costs a bound of its own.
inline constexpr int most_doubts = 12;

inline bool is_well_placed(const VertexState& state) {
    return !state.at_infinity && state.finite.radius <= well_placed * state.finite.extent;
}

// Value of form `index` at v, of which `bound` bounds the error; at an infinite vertex, of its coefficient of R.
template <int D, int W>
double Enumerator<D, W>::evaluate(VertexId v, const FormTable& table, int index, const error_bound::FormBound& bound,
                                  double& error) const {
    return evaluate(v, table, index, bound, store_.state(v).at_infinity, error);
}

// The coefficient of R, or the rest.
template <int D, int W>
double Enumerator<D, W>::evaluate(VertexId v, const FormTable& table, int index, const error_bound::FormBound& bound, bool infinite,
                                  double& error) const {
    const double* x = infinite ? store_.infinite_coordinates(v) : store_.coordinates(v);
    const Position& position = infinite ? store_.state(v).infinite : store_.state(v).finite;
    const int n = dimension();
    double sum = infinite ? 0.0 : table.coefficient(index, n);
    for (int k = 0; k < n; ++k) sum += table.coefficient(index, k) * x[k];
    error = error_bound::certified ? bound.at(position.radius, position.extent) : 0.0;
    return sum;
}

// Writes the signs of a level at v: known(word) gives those that are known together, decide(index) the others one by one.
template <int D, int W>
template <class Known, class Decide>
void Enumerator<D, W>::write_signs(VertexId v, int level, Known&& known, Decide&& decide) {
    const LevelWords& words = problem_.layout.level(level);
    bool generic = store_.state(v).generic;
    for (int word = 0; word < words.words; ++word) {
        const int width = std::min(64, words.count - 64 * word);
        SignWord signs = known(word);
        std::uint64_t doubtful = signs.doubtful(problem_.own_bits(level, word));
        counts_.signs.filtered += width - std::popcount(doubtful);
        for (; doubtful; doubtful &= doubtful - 1) {
            const int i = std::countr_zero(doubtful);
            const Sign sign = decide(64 * word + i);
            signs.set(i, sign);
            if (sign == Sign::zero) generic = false;
        }
        store_.positive(v)[words.first + word] = signs.positive;
        store_.negative(v)[words.first + word] = signs.negative;
    }
    store_.state(v).generic = generic;
    store_.state(v).known_level = level;
    problem_.copy_signs(level, store_.positive(v), store_.negative(v));
}

// All forms of a level at v; of a layer, those of its neurons, which come first in its table. Errors grow by a factor with every cut: in
// deep cells they leave most signs in doubt until the vertex is solved for.
template <int D, int W>
void Enumerator<D, W>::evaluate_level(VertexId v, const Mask& facets, int level) {
    const LevelWords& words = problem_.layout.level(level);
    signs_.resize(words.words);
    const auto look = [&] {
        int doubts = 0;
        evaluate_forms(v, facets, level);
        for (int word = 0; word < words.words; ++word) doubts += std::popcount(signs_[word].doubtful(problem_.own_bits(level, word)));
        return doubts;
    };
    const VertexState& state = store_.state(v);
    if (look() > most_doubts && error_bound::certified && !state.at_infinity && !state.solved && solve_rounded(v, facets)) look();
    write_signs(
        v, level, [&](int word) { return signs_[word]; }, [&](int index) { return sign_after_doubt(v, facets, level, index); });
}

// Those signs of a level at v that one bound for all forms leaves no doubt of.
template <int D, int W>
void Enumerator<D, W>::evaluate_forms(VertexId v, const Mask& facets, int level) {
    const FormTable& table = forms(level);
    const int count = problem_.layout.level(level).count;
    values_.resize(count);
    const bool infinite = store_.state(v).at_infinity;
    table.evaluate(infinite ? store_.infinite_coordinates(v) : store_.coordinates(v), infinite, count, values_.data());
    const Position& position = infinite ? store_.state(v).infinite : store_.state(v).finite;
    const double bound = error_bound::certified ? table.widest_bound().at(position.radius, position.extent) : 0.0;
    if constexpr (audit::on)
        for (int i = 0; i < count; ++i) audit_value(v, facets, level, i, values_[i], bound);
    for (int first = 0; first < count; first += 64) signs_[first / 64] = filtered_signs(values_.data() + first, std::min(64, count - first), bound);
}

#ifndef RELUTOPE_SMALL  // the browser's module looks at vertices one by one
// The signs that the batch has found at new vertices, and what it leaves in doubt.
template <int D, int W>
void Enumerator<D, W>::write_batch(const Polytope<W>& polytope, int level) {
    for (int point = 0; point < static_cast<int>(new_.size()); ++point) {
        const VertexId v = polytope.vertex[new_[point]];
        const Mask& facets = polytope.facets_of[new_[point]];
        if constexpr (audit::on) audit_batch(point, facets, level);
        write_signs(
            v, level, [&](int word) { return batch_.signs(point, word); },
            [&](int index) { return sign_after_doubt(v, facets, level, index); });
    }
}
#endif

// All forms of a level at those vertices of a polytope where they are not known.
template <int D, int W>
void Enumerator<D, W>::evaluate_new(const Frame& current, int level) {
    const Polytope<W>& polytope = current.polytope;
#ifdef RELUTOPE_SMALL  // the browser's module
    for (int i = 0; i < polytope.size(); ++i)
        if (store_.state(polytope.vertex[i]).known_level < level) evaluate_level(polytope.vertex[i], polytope.facets_of[i], level);
#else
    if (current.ahead.level == level) return evaluate_open(current, level);
    new_.clear();
    for (int i = 0; i < polytope.size(); ++i) {
        const VertexState& state = store_.state(polytope.vertex[i]);
        if (state.known_level >= level) continue;
        if (dimension() > 2) place_well(polytope.vertex[i], polytope.facets_of[i]);
        dimension() > 2 && is_well_placed(state) ? new_.push_back(i) : evaluate_level(polytope.vertex[i], polytope.facets_of[i], level);
    }
    if (static_cast<int>(new_.size()) < least_batch) {
        for (const int i : new_) evaluate_level(polytope.vertex[i], polytope.facets_of[i], level);
        return;
    }
    batch_.begin(dimension(), static_cast<int>(new_.size()));
    for (const int i : new_) batch_.add(store_.coordinates(polytope.vertex[i]), store_.state(polytope.vertex[i]).finite);
    batch_.find(forms(level), problem_.layout.level(level).count);
    write_batch(polytope, level);
#endif
}

// The bound that holds for all forms of the level first: it is at hand.
template <int D, int W>
Sign Enumerator<D, W>::sign_at(VertexId v, const Mask& facets, int level, int index) {
    const FormTable& table = forms(level);
    double error;
    const double value = evaluate(v, table, index, table.widest_bound(), error);
    if (const auto sign = sign_filtered(value, error)) {
        ++counts_.signs.filtered;
        return *sign;
    }
    return sign_after_doubt(v, facets, level, index);
}

template <int D, int W>
Sign Enumerator<D, W>::sign_after_doubt(VertexId v, const Mask& facets, int level, int index) {
    if constexpr (!error_bound::certified) return Sign::zero;
    const FormTable& table = forms(level);
    const error_bound::FormBound bound = table.bound(index);
    const auto filtered = [&] {
        double error;
        const double value = evaluate(v, table, index, bound, error);
        if constexpr (audit::on) audit_value(v, facets, level, index, value, error);
        return sign_filtered(value, error);
    };
    const auto refined = [&]() -> std::optional<Sign> {
        if (store_.state(v).solved) return std::nullopt;
        solve(v, facets);
        if constexpr (audit::on) audit_position(v, facets);
        return filtered();
    };
    return decide_sign(
        counts_.signs, [&] { return exact_sign(v, facets, level, index); }, filtered_stage(filtered), refined_stage(refined),
        inherited_stage([&] { return sign_by_structure(v, facets, level, index); }),
#ifndef RELUTOPE_SMALL  // the browser's module
        refined_stage([&] { return sign_by_parallel_facet(v, facets, level, index); }),
#endif
        refined_stage([&] { return sign_in_many_digits(v, facets, level, index); }));
}

// REQUIRES: the signs of the level before are known at v.
template <int D, int W>
std::optional<Sign> Enumerator<D, W>::sign_by_structure(VertexId v, const Mask& facets, int level, int index) {
    if (level > 0 && known_zeros_.hold(KnownZeros<Mask>::Of::form, level, index, facets)) return Sign::zero;
    if (level > 1) {
        const std::uint64_t* positive = store_.positive(v) + problem_.layout.level(level - 1).first;
        if (const auto sign = sign_by_terms(problem_.network, level - 1, index, positive)) return sign;
    }
    if (!store_.state(v).at_infinity || !is_flat(facets, level, index)) return std::nullopt;
    const FormTable& table = forms(level);
    double error;
    const double value = evaluate(v, table, index, table.bound(index), false, error);
    return sign_filtered(value, error);
}

// Whether the form is known not to change along the ray that leads to a vertex at infinity: its finite part decides there.
template <int D, int W>
bool Enumerator<D, W>::is_flat(const Mask& facets, int level, int index) const {
    return (level > 0 && known_zeros_.hold(KnownZeros<Mask>::Of::weights, level, index, facets)) || flat_at_infinity(facets, level);
}

// Whether no form of the level changes along the ray that leads to a vertex at infinity. They are combinations of the forms of the
// active units of any layer before. Where as many independent facets of the vertex are such combinations, too, as there are active
// units, they span the same space, and what vanishes on the ray for them does so for all.
template <int D, int W>
bool Enumerator<D, W>::flat_at_infinity(const Mask& facets, int level) const {
    if (facets.count() != dimension()) return false;  // more need not be independent
    for (int before = 1; before < level; ++before) {
        const std::vector<std::uint64_t>& active = patterns_[before - 1];
        int units = 0, spanned = 0;
        for (const std::uint64_t word : active) units += std::popcount(word);
        facets.for_each([&](int slot) {
            const FormRef form = slots_[slot];
            const SignBit bit(form.index);
            spanned += form.level > before || (form.level == before && (active[bit.word] & bit.bit));
        });
        if (spanned >= units) return true;
    }
    return false;
}

template <int D, int W>
bool Enumerator<D, W>::are_nearly_parallel(FormRef form, FormRef row) const {
    const FormTable* const table[] = {&forms(form.level), &forms(row.level)};
    const int index[] = {form.index, row.index};
    return FormDifference::is_worth_taking(dimension(), [&](int i, int k) { return table[i]->coefficient(index[i], k); });
}

// Where the facet's form vanishes.
template <int D, int W>
std::optional<Sign> Enumerator<D, W>::sign_by_parallel_facet(VertexId v, const Mask& facets, int level, int index) {
    std::optional<Sign> sign;
    const bool infinite = store_.state(v).at_infinity;
    facets.for_each([&](int slot) {
        if (sign || !are_nearly_parallel({level, index}, slots_[slot])) return;
        if (!difference_.take(leading_form({level, index}), leading_form(slots_[slot]))) return;
        const Position& position = infinite ? store_.state(v).infinite : store_.state(v).finite;
        const double* const x = infinite ? store_.infinite_coordinates(v) : store_.coordinates(v);
        double value = infinite ? 0.0 : difference_.row()[dimension()];
        for (int k = 0; k < dimension(); ++k) value += difference_.row()[k] * x[k];
        sign = sign_filtered(value, difference_.bound().at(position.radius, position.extent));
    });
    if constexpr (audit::on) {
        if (sign) audit_sign(facets, {level, index}, infinite, *sign);
    }
    return sign;
}

template <int D, int W>
std::optional<Sign> Enumerator<D, W>::sign_in_many_digits(VertexId v, const Mask& facets, int level, int index) {
    if (store_.exact(v) || !find_in_many_digits(v, facets)) return std::nullopt;
    const bool at_infinity = store_.state(v).at_infinity, flat = at_infinity && is_flat(facets, level, index);
    if (flat && !refined_vertex_.solve(RefinedVertex::Part::finite, store_.coordinates(v))) return std::nullopt;
    const std::optional<Sign> sign = refined_vertex_.sign_of(leading_form({level, index}));
    if constexpr (audit::on) {
        if (sign) audit_sign(facets, {level, index}, at_infinity && !flat, *sign);
    }
    return sign;
}

template <int D, int W>
Sign Enumerator<D, W>::exact_sign(VertexId v, const Mask& facets, int level, int index) {
    const exact::Value value = exact::value_at(exact_form({level, index}), exact_point(v, facets));
    if (!value.infinite.is_zero()) return to_sign(value.infinite.sign());
    const Sign sign = to_sign(value.finite.sign());
    if (level > 0 && !asked_ && (sign == Sign::zero || store_.state(v).at_infinity)) keep_zero(facets, level, index, sign == Sign::zero);
    return sign;
}

// A zero is kept with the few facets that it follows from: of the form, or of its coefficient of R.
template <int D, int W>
void Enumerator<D, W>::keep_zero(const Mask& facets, int level, int index, bool of_form) {
    std::vector<const exact::Form*> rows;
    std::vector<int> slots;
    facets.for_each([&](int slot) {
        const exact::Form& row = exact_form(slots_[slot]);
        if (!of_form && !row.infinite.is_zero()) return;
        rows.push_back(&row);
        slots.push_back(slot);
    });
    const auto in_support = exact::combination_support(rows, exact_form({level, index}));
    if (!in_support && of_form) throw std::logic_error("internal error: a form vanishes at a vertex without being a combination of its facets");
    if (!in_support) return;  // a zero by chance
    Mask support;
    for (std::size_t k = 0; k < slots.size(); ++k)
        if ((*in_support)[k]) support.insert(slots[k]);
    if (of_form && support.count() >= dimension()) return;
    known_zeros_.add(of_form ? KnownZeros<Mask>::Of::form : KnownZeros<Mask>::Of::weights, level, index, support);
}

template <int D, int W>
const exact::LeadingForm& Enumerator<D, W>::leading_form(FormRef form) {
    return form.level == 0 ? exact_maps_.leading_side(form.index) : exact_maps_.leading_neuron(form.level - 1, form.index);
}

template <int D, int W>
const exact::Form& Enumerator<D, W>::exact_form(FormRef form) {
    return form.level == 0 ? exact_maps_.side(form.index) : exact_maps_.neuron(form.level - 1, form.index);
}

}  // namespace relutope
