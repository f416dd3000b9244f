// Facets by linear programs, and sides of the domain. See facet_finder.hpp.
#include "complex/cells/facet_finder.hpp"

#include <algorithm>
#include <cmath>

namespace relutope {

void FacetFinder::push_halfspaces(HalfspaceRows& rows) {
    for (int side = problem_.domain.num_box_sides(); side < problem_.domain.num_sides(); ++side) rows.push(maps_.forms(0), {0, side}, 1.0);
}

// The halfspaces of the cell: those of the domain, and of every neuron that may be a facet, one of each group.
void FacetFinder::make_rows() {
    if (has_rows_) return;
    has_rows_ = true;
    rows_.truncate(0);
    row_of_.assign(names_.size(), -1);
    push_halfspaces(rows_);
    const auto add = [&](int neuron) {
        row_of_[neuron] = rows_.count();
        push(rows_, neuron);
    };
    for (std::size_t i = 0; i < names_.size(); ++i)
        if ((group_.empty() || group_[i] == alone) && other_[i] != PatternTable::none) add(static_cast<int>(i));
    for (const std::vector<int>& members : groups_) add(members.front());
    ignored_.assign(rows_.count(), 0);
}

bool FacetFinder::is_facet_by_program(int neuron) {
    make_rows();
    const int row = row_of_[neuron];
    ignored_[row] = 1;
    InnerPoint beyond;
    const bool negative = program_.negative_somewhere(rows_, ignored_.data(), rows_[row], point_, beyond);
    ignored_[row] = 0;
    return negative;
}

void FacetFinder::find_side_classes() {
    const Domain& domain = problem_.domain;
    for (int side = 0; side < domain.num_sides(); ++side) {
        const auto same = [&](const std::vector<int>& sides) {
            // Two sides of the box are never one.
            return side >= domain.num_box_sides() && !domain.is_at_infinity(sides[0]) && same_halfspace(maps_.exact().side(side), maps_.exact().side(sides[0]));
        };
        const auto found = std::find_if(side_classes_.begin(), side_classes_.end(), same);
        if (found == side_classes_.end()) side_classes_.push_back({side});
        else found->push_back(side);
    }
}

bool FacetFinder::same_halfspace(const exact::Form& a, const exact::Form& b) {
    if (!proportional(a, b)) return false;
    for (std::size_t k = 0; k < a.weight.size(); ++k)
        if (!a.weight[k].is_zero()) return a.weight[k].sign() == b.weight[k].sign();
    return false;
}

// `zeros`: everything that vanishes on the side's hyperplane, but not on the whole cell.
bool FacetFinder::is_side_facet(int side, const std::vector<HyperplaneId>& zeros) {
    make_rows();
    const int first_halfspace = problem_.domain.num_box_sides();
    const auto set_ignored = [&](char value) {
        for (const HyperplaneId id : zeros) {
            const int row = is_side(id) ? side_of(id) - first_halfspace : row_of_[place_[problem_.repeated.original(id)]];
            if (row >= 0) ignored_[row] = value;
        }
    };
    set_ignored(1);
    bool result;
    if (side < first_halfspace) {
        one_.truncate(0);
        one_.push(maps_.forms(0), {0, side}, 1.0);
        result = program_.meets_side(rows_, ignored_.data(), BoxSide(side), one_[0], point_);
    } else {
        InnerPoint beyond;
        result = program_.negative_somewhere(rows_, ignored_.data(), rows_[side - first_halfspace], point_, beyond);
    }
    set_ignored(0);
    return result;
}

std::vector<HyperplaneId> FacetFinder::zeros_on_sides(const std::vector<int>& sides) {
    std::vector<HyperplaneId> zeros;
    for (const int side : sides) zeros.push_back(side_id(side));
    if (problem_.domain.is_at_infinity(sides.front())) return zeros;
    const exact::Form& form = maps_.exact().side(sides.front());
    for (std::size_t i = 0; i < names_.size(); ++i) {
        if (vanishes_on_cell(static_cast<int>(i))) continue;
        if (!may_be_axis_parallel(static_cast<int>(i), sides.front())) continue;
        if (proportional(form, maps_.exact().neuron(names_[i].level - 1, names_[i].index))) add_with_copies(static_cast<int>(i), zeros);
    }
    return zeros;
}

// False when floating point shows that the neuron depends on a coordinate that a side of the box does not.
bool FacetFinder::may_be_axis_parallel(int neuron, int side) const {
    if (side >= problem_.domain.num_box_sides()) return true;
    const FormRef name = names_[neuron];
    const FormTable& table = maps_.forms(name.level);
    for (int k = 0; k < dimension_; ++k)
        if (k != BoxSide(side).axis && std::fabs(table.coefficient(name.index, k)) > table.weight_error(name.index)) return false;
    return true;
}

}  // namespace relutope
