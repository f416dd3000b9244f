// The forms whose hyperplanes bound a cell, and where they meet.
#pragma once

#include <span>
#include <vector>

#include "complex/cells/cell_complex.hpp"
#include "geometry/form_ref.hpp"
#include "geometry/refined_vertex.hpp"
#include "network/maps/exact_maps.hpp"

namespace relutope {

class CellForms {
public:
    // REQUIRES: all outlive this object.
    CellForms(const CellComplex& cells, const Network& network, const Domain& domain);

    // Cells one after the other cost less than in any order. Everything below is about this cell.
    void enter(CellId cell);
    CellId cell() const { return cell_; }
    // Its active units of a hidden layer, linear ones among them.
    const std::vector<std::uint64_t>& active(int layer) const { return active_[layer]; }

    // Whether one of the hyperplanes is a side of the domain at infinity.
    bool meet_at_infinity(std::span<const HyperplaneId> ids) const;

    // Where as many hyperplanes as there are dimensions meet, rounded once to nearest; false where that is not proven.
    // REQUIRES: they do not meet at infinity.
    bool round(std::span<const HyperplaneId> ids, double* point);
    // The same exactly; nothing if they do not meet in one point.
    std::optional<exact::Point> solve(std::span<const HyperplaneId> ids);
    // Whether that point is a vertex of the cell. REQUIRES: in every vertex as many forms vanish as there are dimensions.
    bool is_vertex(std::span<const HyperplaneId> ids);

private:
    FormRef form_of(HyperplaneId id) const;
    const exact::Form& exact_form(HyperplaneId id);
    const exact::LeadingForm& leading_form(HyperplaneId id);
    std::optional<Sign> sign_rounded(HyperplaneId id);

    const CellComplex& cells_;
    const Network& network_;
    const Domain& domain_;
    const int n_;
    ExactMaps maps_;
    RefinedVertex refined_;
    const std::vector<double> start_;  // the origin
    std::vector<double> point_;        // scratch
    CellId cell_ = no_cell;
    std::vector<std::vector<std::uint64_t>> active_;
};

}  // namespace relutope
