// The LP engine's points inside cells, and the cells that it records.
#include <algorithm>
#include <bit>
#include <cmath>

#include "geometry/audit.hpp"
#include "network/sign_by_terms.hpp"
#include "predicates/error_bound.hpp"
#include "predicates/sign_stages.hpp"
#include "refinement/lp/lp_enumerator.hpp"

namespace relutope {

// Settles neurons whose forms have one sign on the whole box, which costs as much as two points. Rounded sums are monotone, so that the
// least value is at most, and the largest at least, what evaluation gives at any corner: the error bound of a point is enough.
void LpEnumerator::settle_by_box(int level) {
    if (!program_.bounded()) return;
    const FormTable& table = maps_.forms(level);
    values_.resize(table.count());
    most_values_.resize(table.count());
    table.bound_on_box(problem_.domain.lower.data(), problem_.domain.upper.data(), table.count(), values_.data(), most_values_.data());
    const double bound = table.widest_bound().at(0, std::max(extent_of(problem_.domain.lower), extent_of(problem_.domain.upper)));
    for (int index = 0; index < problem_.layout.level(level).count; ++index) {
        if (!(values_[index] > bound || most_values_[index] < -bound) || copy(level, index)) continue;
        const SignBit bit(index);
        settled_[level][bit.word] |= bit.bit;
        maps_.set(level, index, values_[index] > bound);
    }
}

// -- points

InnerPoint LpEnumerator::inner(PointId id) {
    const VertexState& state = store_.state(id);
    InnerPoint point{{store_.coordinates(id), store_.coordinates(id) + dimension_}, state.finite.radius, state.finite.extent, nullptr};
    if (point.radius != 0) point.exact = std::make_shared<const exact::Point>(*store_.exact(id));
    return point;
}

LpEnumerator::PointId LpEnumerator::add_point(const InnerPoint& point, int level) {
    const PointId id = store_.push();
    std::copy(point.x.begin(), point.x.end(), store_.coordinates(id));
    std::fill_n(store_.positive(id), 2 * store_.sign_words(), 0);
    store_.state(id).finite = {point.radius, point.extent};
    if (point.exact) store_.exact(id) = std::make_unique<exact::Point>(*point.exact);
    evaluate_level(id, level);
    return id;
}

void LpEnumerator::evaluate_level(PointId id, int level) {
    const FormTable& table = maps_.forms(level);
    const LevelWords& words = problem_.layout.level(level);
    const int count = words.count;
    values_.resize(table.count());
    table.evaluate(store_.coordinates(id), false, count, values_.data());
    // One bound for all forms; the few that it leaves open get their own.
    const double bound = table.widest_bound().at(store_.state(id).finite.radius, store_.state(id).finite.extent);
    for (int word = 0; word < words.words; ++word) {
        const int width = std::min(64, count - 64 * word);
        SignWord signs = filtered_signs(values_.data() + 64 * word, width, bound);
        std::uint64_t doubtful = signs.doubtful(problem_.own_bits(level, word));
        counts_.signs.filtered += width - std::popcount(doubtful);
        if constexpr (audit::on) {
            for (int i = 0; i < width; ++i) audit_value(id, level, 64 * word + i, values_[64 * word + i], bound);
        }
        for (; doubtful; doubtful &= doubtful - 1) {
            const int i = std::countr_zero(doubtful);
            signs.set(i, sign_at(id, level, 64 * word + i));
        }
        store_.positive(id)[words.first + word] = signs.positive;
        store_.negative(id)[words.first + word] = signs.negative;
    }
    problem_.copy_signs(level, store_.positive(id), store_.negative(id));
}

Sign LpEnumerator::sign_at(PointId id, int level, int index) {
    const auto filtered = [&] {
        const FormTable& table = maps_.forms(level);
        const auto [radius, extent] = store_.state(id).finite;
        double value = table.coefficient(index, dimension_);
        for (int k = 0; k < dimension_; ++k) value += table.coefficient(index, k) * store_.coordinates(id)[k];
        return sign_filtered(value, table.error(index, radius, extent));
    };
    const auto inherited = [&]() -> std::optional<Sign> {  // the point is strictly inside the cell, whose pattern says what is positive
        if (level < 2) return std::nullopt;
        return sign_by_terms(problem_.network, level - 1, index, maps_.active(level - 1).data());
    };
    return decide_sign(
        counts_.signs, [&] { return exact_sign(id, level, index); }, filtered_stage(filtered), inherited_stage(inherited));
}

void LpEnumerator::audit_value(PointId id, int level, int index, double value, double error) {
    const exact::Point point = inner(id).rational();
    const exact::Form& form = level == 0 ? maps_.exact().side(index) : maps_.exact().neuron(level - 1, index);
    if (level == 0) {
        audit::check_sign(form, point, false, value, error);
    } else {
        audit::check_value(form, problem_.network.scale_exponent(level - 1), point, false, value, error);
    }
}

Sign LpEnumerator::exact_sign(PointId id, int level, int index) {
    if (!store_.exact(id)) store_.exact(id) = std::make_unique<exact::Point>(inner(id).rational());
    const exact::Form& form = level == 0 ? maps_.exact().side(index) : maps_.exact().neuron(level - 1, index);
    return to_sign(exact::sign_at(form, *store_.exact(id)));
}

// -- leaves

void LpEnumerator::leaf(int depth) {
    if (sampler_) {
        sampler_->leaf();
        return;
    }
    if (!problem_.options.count_only()) {
        record_cell(depth);
        if (meter_.is_due()) meter_.set(bytes_taken(*records_));
    } else if (counter_.pauses()) {
        last_counted_.assign(words_for(problem_.network.num_neurons()), 0);
        pack_pattern(last_counted_.data());
    }
    counter_.add();
}

// REQUIRES: all bits are clear.
void LpEnumerator::pack_pattern(std::uint64_t* packed) {
    const Network& network = problem_.network;
    for (int layer = 0; layer < network.num_hidden(); ++layer)
        pack_bits(maps_.active(layer + 1), network.first_neuron(layer), problem_.layout.level(layer + 1).count, packed);
}

void LpEnumerator::record_cell(int depth) {
    const std::size_t at = records_->patterns.size();
    records_->patterns.resize(at + words_for(problem_.network.num_neurons()), 0);
    pack_pattern(records_->patterns.data() + at);
    const InnerPoint point = centre(points(depth));
    records_->inside.insert(records_->inside.end(), point.x.begin(), point.x.end());
    if (point.radius != 0) {
        records_->exact_cell.push_back(records_->num_cells());
        records_->exact_inside.push_back(*point.exact);
    }
    for (const HyperplaneId neuron : zero_neurons_) {
        records_->zero_cells.push_back(records_->num_cells());
        records_->zero_neurons.push_back(neuron);
    }
    ++records_->count;
}

// The mean of the points, if it is proven to be inside as well: it is further from the boundary.
InnerPoint LpEnumerator::centre(const std::vector<PointId>& ids) {
    InnerPoint mean{std::vector<double>(dimension_, 0.0), 0, 0, nullptr};
    for (const PointId id : ids)
        for (int k = 0; k < dimension_; ++k) mean.x[k] += store_.coordinates(id)[k];
    for (double& x : mean.x) {
        x /= static_cast<double>(ids.size());
        mean.extent = std::max(mean.extent, std::fabs(x));
    }
    mean.extent = error_bound::extent_in_range(mean.extent);
    if (ids.size() > 1 && program_.certainly_inside(rows_, nullptr, mean.x.data(), mean.extent)) return mean;
    for (const PointId id : ids)
        if (store_.state(id).finite.radius == 0) return inner(id);
    return inner(ids.front());
}

}  // namespace relutope
