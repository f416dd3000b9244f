// Enumerator, part 4: recording cells. See enumerator.hpp.
#pragma once

#include <algorithm>

#include "refinement/vertex/enumerator.hpp"

namespace relutope {

template <int D, int W>
HyperplaneId Enumerator<D, W>::id_of(FormRef form) const {
    return form.level == 0 ? side_id(form.index) : problem_.network.first_neuron(form.level - 1) + form.index;
}

// REQUIRES: patterns_ are those of the cell; all bits are clear.
template <int D, int W>
void Enumerator<D, W>::pack_pattern(std::uint64_t* packed) const {
    const Network& network = problem_.network;
    const int words = words_for(network.num_neurons());
    for (int layer = 0; layer < network.num_hidden(); ++layer) {
        const int first = network.first_neuron(layer);
        const LevelWords& level = problem_.layout.level(layer + 1);
        for (int k = 0; k < level.words; ++k) {
            const std::uint64_t neurons = patterns_[layer][k] & problem_.layout.used()[level.first + k];
            const int bit = first + 64 * k;
            packed[bit >> 6] |= neurons << (bit & 63);
            if ((bit & 63) && (bit >> 6) + 1 < words) packed[(bit >> 6) + 1] |= neurons >> (64 - (bit & 63));
        }
    }
}

// REQUIRES: patterns_ are those of the last cell.
template <int D, int W>
void Enumerator<D, W>::stop_counting() {
    last_counted_.assign(words_for(problem_.network.num_neurons()), 0);
    pack_pattern(last_counted_.data());
    throw Stopped();
}

// REQUIRES: patterns_ are those of the cell.
template <int D, int W>
void Enumerator<D, W>::record_cell(const Mask& live) {
    const std::size_t at = cells_->patterns.size();
    cells_->patterns.resize(at + words_for(problem_.network.num_neurons()), 0);
    pack_pattern(cells_->patterns.data() + at);
    const std::size_t first_facet = cells_->facets.size();
    const int count = live.count();
    cells_->facets.resize(first_facet + count);
    HyperplaneId* facets = cells_->facets.data() + first_facet;
    int filled = 0;
    live.for_each([&](int slot) {  // insertion sort: facets are few
        const HyperplaneId id = id_of(slots_[slot]);
        int place = filled++;
        for (; place > 0 && facets[place - 1] > id; --place) facets[place] = facets[place - 1];
        facets[place] = id;
    });
    cells_->facet_count.push_back(static_cast<std::uint32_t>(count));
    counter_.add();
}

// A cell on whose facets nothing else vanishes than copies of the neurons they are named by.
template <int D, int W>
void Enumerator<D, W>::record_generic(const Mask& live) {
    const std::size_t first_facet = cells_->facets.size();
    record_cell(live);
    if (!problem_.repeated.any()) return;
    for (std::size_t f = first_facet; f < cells_->facets.size(); ++f) {
        if (is_side(cells_->facets[f])) continue;
        const std::vector<HyperplaneId>& group = problem_.repeated.group(cells_->facets[f]);
        if (group.empty()) continue;
        cells_->simple = false;
        cells_->special.push_back(f);
        cells_->zero_ids.insert(cells_->zero_ids.end(), group.begin(), group.end());
        cells_->special_end.push_back(cells_->zero_ids.size());
    }
}

// Whether the decision may change at a facet. The last neuron that is positive names the winner, so only that and those after it can
// change it; the one that does is zero on the facet, which has at least as many vertices as there are dimensions.
template <int D, int W>
bool Enumerator<D, W>::meets_boundary(const Polytope<W>& polytope) const {
    for (auto it = compared_.rbegin(); it != compared_.rend(); ++it) {
        const auto [word, bit] = *it;
        int zeros = 0;
        bool positive = false;
        for (const VertexId v : polytope.vertex) {
            zeros += !((store_.positive(v)[word] | store_.negative(v)[word]) & bit);
            positive = positive || (store_.positive(v)[word] & bit);
        }
        if (zeros >= dimension()) return true;
        if (positive) return false;
    }
    return false;
}

template <int D, int W>
void Enumerator<D, W>::leaf(const Polytope<W>& polytope) {
    if (!compared_.empty() && !meets_boundary(polytope)) return;
    if (!problem_.options.cells) {
        counter_.add();
    } else if (polytope.generic) {
        record_generic(polytope.live);
    } else {
        record_zero_sets(polytope);
    }
    if (problem_.options.vertices) record_vertices(polytope);
    measure();
    if (!control_.stop.load(std::memory_order_relaxed)) return;
    if (problem_.options.count_only()) stop_counting();
    throw Stopped();
}

// Counts what is recorded, now and then, and stops the search when it is too much.
template <int D, int W>
void Enumerator<D, W>::measure() {
    if (problem_.options.count_only() || !meter_.is_due()) return;
    meter_.set(bytes_taken(*cells_) + bytes_taken(*vertices_));
    if (meter_.is_due_for_own()) meter_.set_own(own_bytes());
}

template <int D, int W>
std::uint64_t Enumerator<D, W>::own_bytes() const {
    std::uint64_t bytes = store_.bytes() + planned_bytes_;
    for (const auto& frame : frames_) bytes += frame->bytes();
    return bytes;
}

// Puts a neuron and its copies on one side of its hyperplane.
template <int D, int W>
void Enumerator<D, W>::set_side(int level, int index, bool positive) {
    std::vector<std::uint64_t>& pattern = patterns_[level - 1];
    const SignBit bit(index);
    pattern[bit.word] = positive ? pattern[bit.word] | bit.bit : pattern[bit.word] & ~bit.bit;
    for (const RepeatedRows::Copy& copy : problem_.repeated.copies(level - 1)) {
        if (copy.original != index) continue;
        const SignBit same(copy.neuron);
        const bool active = positive == (copy.sense > 0);
        pattern[same.word] = active ? pattern[same.word] | same.bit : pattern[same.word] & ~same.bit;
    }
}

// Both sides of the only hyperplane that cuts a polytope, which is of the last neuron: if neurons compare outputs, that is one of them,
// and the decision changes there. REQUIRES: its vertices are all generic, or cells are only counted.
template <int D, int W>
void Enumerator<D, W>::leaf_pair(const Frame& current, int index) {
    const Polytope<W>& polytope = current.polytope;
    const int level = current.level;
    const bool recorded[2] = {current.holds_last, current.holds_last && is_last_active({level, index})};
    if (problem_.options.count_only()) {
        for (const bool before : recorded)
            if (!before) counter_.add();
        if (!control_.stop.load(std::memory_order_relaxed)) return;
        set_active(level - 1, polytope.any_positive);
        set_side(level, index, true);
        stop_counting();
    }
    const LevelWords& words = problem_.layout.level(level);
    const SignBit bit(index);
    const int slot = polytope.live.first_free();
    if (slot < 0) throw TooManyFacets(Mask::capacity);
    const FormRef replaced = slots_[slot];
    slots_[slot] = {level, index};
    Mask live[2];
    for (int i = 0; i < polytope.size(); ++i) {
        const VertexId v = polytope.vertex[i];
        Mask& side = live[(store_.positive(v)[words.first + bit.word] & bit.bit) != 0];
        side = side | polytope.facets_of[i];
    }
    set_active(level - 1, polytope.any_positive);
    for (const bool positive_side : {false, true}) {
        if (recorded[positive_side]) continue;
        live[positive_side].insert(slot);
        set_side(level, index, positive_side);
        record_generic(live[positive_side]);
    }
    slots_[slot] = replaced;
    measure();
}

// A cell with a vertex where more forms vanish than its dimension: the forms that vanish on each facet are those that vanish
// at all of its vertices.
template <int D, int W>
void Enumerator<D, W>::record_zero_sets(const Polytope<W>& polytope) {
    const SignLayout& layout = problem_.layout;
    const int total = layout.total_words();
    // Words of the forms that vanish at all vertices: of the cell first, then of each slot.
    zero_words_.resize(static_cast<std::size_t>(Mask::capacity + 1) * total);
    std::uint64_t* on_cell = zero_words_.data();
    const auto on_slot = [&](int slot) { return zero_words_.data() + static_cast<std::size_t>(slot + 1) * total; };
    std::copy(layout.used().begin(), layout.used().end(), on_cell);
    polytope.live.for_each([&](int slot) { std::copy(layout.used().begin(), layout.used().end(), on_slot(slot)); });
    for (int i = 0; i < polytope.size(); ++i) {
        const std::uint64_t* positive = store_.positive(polytope.vertex[i]);
        const std::uint64_t* negative = store_.negative(polytope.vertex[i]);
        for (int k = 0; k < total; ++k) on_cell[k] &= ~(positive[k] | negative[k]);
        polytope.facets_of[i].for_each([&](int slot) {
            std::uint64_t* words = on_slot(slot);
            for (int k = 0; k < total; ++k) words[k] &= ~(positive[k] | negative[k]);
        });
    }
    const auto ids_in = [&](const std::uint64_t* words) {
        std::vector<HyperplaneId> ids;
        for (int level = 0; level < layout.num_levels(); ++level) {
            const LevelWords& at = layout.level(level);
            for (int k = 0; k < at.words; ++k)
                for (std::uint64_t rest = words[at.first + k]; rest; rest &= rest - 1)
                    ids.push_back(id_of({level, 64 * k + std::countr_zero(rest)}));
        }
        std::sort(ids.begin(), ids.end());
        return ids;
    };
    const std::vector<HyperplaneId> everywhere = ids_in(on_cell);
    // The facet is named by a side if it lies on one, else by the first neuron that vanishes on it but not on the cell.
    std::vector<std::pair<HyperplaneId, std::vector<HyperplaneId>>> facets;
    polytope.live.for_each([&](int slot) {
        std::vector<HyperplaneId> zeros = ids_in(on_slot(slot));
        const auto names_facet = [&](HyperplaneId id) {
            return !std::binary_search(everywhere.begin(), everywhere.end(), id);
        };
        const HyperplaneId name = *std::find_if(zeros.begin(), zeros.end(), names_facet);
        facets.emplace_back(name, std::move(zeros));
    });
    std::sort(facets.begin(), facets.end());
    const std::size_t cell = cells_->num_cells();
    const std::size_t first_facet = cells_->facets.size();
    record_cell(polytope.live);
    cells_->simple = false;
    for (std::size_t f = 0; f < facets.size(); ++f) {
        cells_->facets[first_facet + f] = facets[f].first;
        if (facets[f].second.size() == 1) continue;
        cells_->special.push_back(first_facet + f);
        cells_->zero_ids.insert(cells_->zero_ids.end(), facets[f].second.begin(), facets[f].second.end());
        cells_->special_end.push_back(cells_->zero_ids.size());
    }
    for (const HyperplaneId neuron : everywhere) {
        cells_->zero_cells.push_back(cell);
        cells_->zero_neurons.push_back(neuron);
    }
}

template <int D, int W>
void Enumerator<D, W>::record_vertices(const Polytope<W>& polytope) {
    if (problem_.options.outputs)
        exact_maps_.set_pattern(problem_.network.num_hidden() - 1, patterns_.back().data(), static_cast<int>(patterns_.back().size()));
    for (int i = 0; i < polytope.size(); ++i)
        vertices_->cell_vertices.push_back(vertex_record(polytope.vertex[i], polytope.facets_of[i]));
    vertices_->cell_vertex_count.push_back(static_cast<std::uint32_t>(polytope.size()));
}

// Whether the coordinates at hand are good enough for a picture, after a Newton step if they were not.
template <int D, int W>
bool Enumerator<D, W>::is_near(VertexId v, const Mask& facets) {
    const VertexState& state = store_.state(v);
    const auto near = [&] { return state.finite.radius <= near_error * state.finite.extent; };
    if (state.at_infinity || near()) return !state.at_infinity;
    if (state.solved) return false;
    solve(v, facets);
    return near();
}

// The record of the point with v's sign vector, which is v itself (Fact: a sign vector names one face). REQUIRES: all signs are known.
template <int D, int W>
std::uint32_t Enumerator<D, W>::vertex_record(VertexId v, const Mask& facets) {
    std::uint32_t& record = store_.record(v);
    if (record == VertexStore::no_record) record = find_or_record(v, facets);
    return record;
}

template <int D, int W>
std::uint32_t Enumerator<D, W>::find_or_record(VertexId v, const Mask& facets) {
    VertexRecords& records = *vertices_;
    const std::size_t width = 2 * static_cast<std::size_t>(store_.sign_words());
    const std::uint64_t* key = store_.positive(v);
    const auto known = fitting<std::uint32_t>(vertex_table_.size(), "vertices of a part of the domain", UINT32_MAX - 2);
    const std::uint32_t record = vertex_table_.find_or_add(key, [&](std::uint32_t r) { return &records.signs[r * width]; });
    if (record < known) return record;
    records.signs.insert(records.signs.end(), key, key + width);
    const bool points = problem_.options.outputs || problem_.options.points;
    const double* x = rounded_.data();
    if (problem_.options.near && !points && is_near(v, facets)) {
        x = store_.coordinates(v);
    } else if (points || !round_vertex(v, facets, rounded_.data())) {
        exact_point(v, facets);
        x = store_.coordinates(v);
    }
    records.coordinates.insert(records.coordinates.end(), x, x + dimension());
    if (symbolic_) {
        const double* q = store_.infinite_coordinates(v);
        records.infinite_coordinates.insert(records.infinite_coordinates.end(), q, q + dimension());
    }
    records.at_infinity.push_back(store_.state(v).at_infinity);
    if (!points) return record;
    const exact::Point& point = exact_point(v, facets);
    if (problem_.options.outputs) {
        const int layer = problem_.network.num_hidden();
        for (int output = 0; output < problem_.network.layer(layer).outputs; ++output)
            records.outputs.push_back({exact::value_at(exact_maps_.neuron(layer, output), point), point.denominator});
    }
    if (problem_.options.points) records.points.push_back(point);
    return record;
}

}  // namespace relutope
