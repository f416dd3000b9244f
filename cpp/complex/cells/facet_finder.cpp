#include "complex/cells/facet_finder.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "predicates/error_bound.hpp"

namespace relutope {

FacetFinder::FacetFinder(const LpRecords& cells, const PatternTable& table, const Problem& problem, bool sides, SearchControl& control)
    : cells_(cells), table_(table), problem_(problem), control_(control), dimension_(problem.domain.dimension()),
      words_(words_for(problem.network.num_neurons())), maps_(problem.network, problem.domain), program_(problem.domain, maps_),
      direction_(generic_direction(dimension_)), rows_(dimension_), with_sides_(sides) {
    program_.watch(control.stop);
    const Network& network = problem.network;
    place_.assign(network.num_neurons(), 0);
    for (int level = 1; level < problem.layout.num_levels(); ++level) {
        first_.push_back(static_cast<int>(names_.size()));
        for (int i = 0; i < problem.layout.level(level).count; ++i) {
            const HyperplaneId id = network.first_neuron(level - 1) + i;
            if (problem.repeated.original(id) != id) continue;
            place_[id] = static_cast<int>(names_.size());
            names_.push_back({level, i});
            ids_.push_back(id);
        }
    }
    first_.push_back(static_cast<int>(names_.size()));
    const std::size_t count = names_.size();
    for (auto* values : {&at_inside_, &error_inside_, &at_other_, &at_foot_, &error_foot_, &sense_, &alpha_, &beta_, &gamma_})
        values->resize(count);
    ratios_ = ProportionalForms::Ratios(count);
    forms_.resize(count * (dimension_ + 1));
    other_.resize(count);
    if (with_sides_) find_side_classes();
}

void FacetFinder::run(std::int64_t first, std::int64_t last, FoundFacets& found) {
    found_ = &found;
    maps_.forget();
    for (std::int64_t cell = first; cell < last; ++cell) {
        if (control_.stop.load(std::memory_order_relaxed)) throw Stopped();
        enter(cell);
        find();
    }
}

void FacetFinder::enter(std::int64_t cell) {
    cell_ = cell;
    pattern_ = cells_.patterns.data() + cell * words_;
    for (int level = 1; level < problem_.layout.num_levels(); ++level) {
        maps_.enter(level);
        auto& active = maps_.active(level);
        active = problem_.network.linear_bits(level - 1);
        unpack_bits(pattern_, problem_.network.first_neuron(level - 1), problem_.layout.level(level).count, active);
    }
    set_inside();
    zero_.clear();
    const auto [begin, end] = std::equal_range(cells_.zero_cells.begin(), cells_.zero_cells.end(), static_cast<std::uint64_t>(cell));
    for (auto at = begin; at != end; ++at) zero_.push_back(cells_.zero_neurons[at - cells_.zero_cells.begin()]);
    has_rows_ = false;
}

void FacetFinder::set_inside() {
    point_.x.assign(inside(cell_), inside(cell_) + dimension_);
    point_.extent = 0;
    for (const double x : point_.x) point_.extent = std::max(point_.extent, std::fabs(x));
    point_.radius = 0;
    point_.exact.reset();
    const auto found = std::lower_bound(cells_.exact_cell.begin(), cells_.exact_cell.end(), static_cast<std::uint64_t>(cell_));
    if (found != cells_.exact_cell.end() && *found == static_cast<std::uint64_t>(cell_)) {
        point_.radius = point_.extent * error_bound::unit_roundoff * error_bound::inflate + error_bound::underflow;
        point_.exact = std::make_shared<const exact::Point>(cells_.exact_inside[found - cells_.exact_cell.begin()]);
    }
    point_.extent = error_bound::extent_in_range(point_.extent + point_.radius);
}

// The neurons' forms, one after the other, nonnegative on the cell's side.
void FacetFinder::orient() {
    const std::size_t count = names_.size();
    for (int level = 1; level < problem_.layout.num_levels(); ++level) {
        const FormTable& table = maps_.forms(level);
        const int first = first_[level - 1];
        const int width = first_[level] - first;
        const FormRef* const name = names_.data() + first;
        for (int i = 0; i < width; ++i) sense_[first + i] = is_active(ids_[first + i]) ? 1.0 : -1.0;
        for (int k = 0; k <= dimension_; ++k) {
            const double* __restrict source = table.column(k);
            double* __restrict target = forms_.data() + k * count + first;
            if (width == problem_.layout.level(level).count) {
                for (int i = 0; i < width; ++i) target[i] = sense_[first + i] * source[i];
            } else {
                for (int i = 0; i < width; ++i) target[i] = sense_[first + i] * source[name[i].index];
            }
        }
        for (int i = 0; i < width; ++i) {
            const error_bound::FormBound bound = table.bound(name[i].index);
            alpha_[first + i] = bound.alpha;
            beta_[first + i] = bound.beta;
            gamma_[first + i] = bound.gamma;
        }
    }
}

void FacetFinder::evaluate(const double* x, std::vector<double>& value) const {
    const int count = static_cast<int>(names_.size());
    double* __restrict target = value.data();
    std::copy_n(forms_.data() + static_cast<std::size_t>(dimension_) * count, count, target);
    for (int k = 0; k < dimension_; ++k) {
        const double* __restrict column = forms_.data() + static_cast<std::size_t>(k) * count;
        const double xk = x[k];
        for (int i = 0; i < count; ++i) target[i] += column[i] * xk;
    }
}

void FacetFinder::bound_errors(double radius, double extent, std::vector<double>& error) const {
    const int count = static_cast<int>(names_.size());
    double* __restrict target = error.data();
    const double *__restrict alpha = alpha_.data(), *__restrict beta = beta_.data(), *__restrict gamma = gamma_.data();
    for (int i = 0; i < count; ++i) target[i] = alpha[i] * radius + beta[i] * extent + gamma[i];
}

void FacetFinder::find() {
    orient();
    evaluate(point_.x.data(), at_inside_);
    bound_errors(point_.radius, point_.extent, error_inside_);
    const std::uint64_t hash = table_.hash(cell_);
    for (std::size_t i = 0; i < names_.size(); ++i) other_[i] = table_.flipped(cell_, hash, ids_[i]);
    find_groups();
    for (std::size_t i = 0; i < names_.size(); ++i) {
        if (!group_.empty() && group_[i] != alone) continue;
        if (other_[i] > cell_ && is_plain_facet(static_cast<int>(i)))
            found_->plain.push_back({static_cast<CellId>(cell_), other_[i], ids_[i]});
    }
    for (const std::vector<int>& members : groups_) {
        if (!is_facet_by_program(members.front())) continue;
        std::vector<HyperplaneId> zeros;
        for (const int neuron : members) add_with_copies(neuron, zeros);
        add_special(zeros);
    }
    for (const std::vector<int>& sides : side_classes_) {
        const std::vector<HyperplaneId> zeros = zeros_on_sides(sides);
        if (is_side_facet(sides.front(), zeros)) add_special(zeros);
    }
}

void FacetFinder::add_with_copies(int neuron, std::vector<HyperplaneId>& zeros) const {
    const std::vector<HyperplaneId>& group = problem_.repeated.group(ids_[neuron]);
    if (group.empty()) zeros.push_back(ids_[neuron]);
    zeros.insert(zeros.end(), group.begin(), group.end());
}

// `members` vanish on the facet, but not on the whole cell.
void FacetFinder::add_special(const std::vector<HyperplaneId>& members) {
    SpecialFacet facet{static_cast<CellId>(cell_), *std::min_element(members.begin(), members.end()), members};
    facet.zeros.insert(facet.zeros.end(), zero_.begin(), zero_.end());
    std::sort(facet.zeros.begin(), facet.zeros.end());
    found_->special.push_back(std::move(facet));
}

// Fills groups_ with the sets of neurons that vanish on one hyperplane, unless it is one neuron and none vanishes on the whole
// cell; group_ says which group a neuron is in and is empty when there are none.
void FacetFinder::find_groups() {
    groups_.clear();
    group_.clear();
    find_ratios();
    order_.clear();
    for (std::size_t i = 0; i < names_.size(); ++i)
        if (!vanishes_on_cell(static_cast<int>(i))) order_.push_back(static_cast<int>(i));
    std::vector<std::vector<int>> clusters = ProportionalForms::clusters(order_, ratios_);
    drop_distant(clusters);
    for (const std::vector<int>& cluster : clusters) {
        if (cluster.size() < 2 && zero_.empty()) continue;
        const auto exact_form = [this](int i) { return maps_.exact().neuron(names_[i].level - 1, names_[i].index); };
        for (std::vector<int>& members : ProportionalForms::classes(cluster, exact_form))
            if (members.size() > 1 || !zero_.empty()) groups_.push_back(std::move(members));
    }
    if (!groups_.empty()) group_.assign(names_.size(), alone);
    for (std::size_t g = 0; g < groups_.size(); ++g)
        for (const int neuron : groups_[g]) group_[neuron] = static_cast<int>(g);
}

// Takes the neurons out of larger clusters of which a program shows that they vanish nowhere on the cell, so that the integers need
// not tell them apart: in deep networks the forms of late layers are nearly proportional. Where the neuron's flipped bit is a cell's,
// it is likely to be a facet.
void FacetFinder::drop_distant(std::vector<std::vector<int>>& clusters) {
    outer_.truncate(0);
    bool has_rows = false;
    const auto surely_positive = [&](int neuron) {
        if (other_[neuron] != PatternTable::none) return false;
        if (!std::exchange(has_rows, true)) {
            push_halfspaces(outer_);
            for (const std::vector<int>& single : clusters)
                if (single.size() == 1 && other_[single[0]] != PatternTable::none) push(outer_, single[0]);
        }
        one_.truncate(0);
        push(one_, neuron);
        InnerPoint beyond;
        return program_.ask(outer_, nullptr, one_[0], point_, beyond) == CellProgram::Verdict::no;
    };
    for (std::vector<int>& cluster : clusters)
        if (cluster.size() > 1) std::erase_if(cluster, surely_positive);
}

// What ProportionalForms::Ratios::set() does, for all forms at once.
void FacetFinder::find_ratios() {
    const int count = static_cast<int>(names_.size());
    double* __restrict ratio = ratios_.middle.data();
    double* __restrict error = ratios_.error.data();
    std::fill_n(ratio, count, 0.0);
    for (int k = 0; k < dimension_; ++k) {
        const double* __restrict column = forms_.data() + static_cast<std::size_t>(k) * count;
        for (int i = 0; i < count; ++i) ratio[i] += column[i] * direction_[k];
    }
    const double *__restrict value = at_inside_.data(), *__restrict value_error = error_inside_.data(), *__restrict beta = beta_.data();
    for (int i = 0; i < count; ++i) {
        ratio[i] /= value[i];
        const double room = value[i] - value_error[i];
        const double size = std::fabs(ratio[i]);
        error[i] = (beta[i] + size * value_error[i]) / room * error_bound::inflate + 4 * error_bound::unit_roundoff * size +
                   error_bound::underflow;
    }
    for (int i = 0; i < count; ++i) {
        if (value[i] > value_error[i] && error[i] < error_bound::infinite) continue;
        ratio[i] = 0;
        error[i] = error_bound::infinite;
    }
}

}  // namespace relutope
