// Which halfspaces of a cell are facets, in the LP engine.
//
// A neuron can only be a facet where another cell has the pattern with its bit flipped. Often a point near the segment between both
// cells' interior points shows that it is; otherwise a linear program decides. Forms that are proportional are one facet, and sides of
// the domain are asked about last. See lp_facets.hpp.
#pragma once

#include <algorithm>
#include <vector>

#include "complex/cells/cell_complex.hpp"
#include "complex/cells/pattern_table.hpp"
#include "geometry/halfspace_rows.hpp"
#include "refinement/common/problem.hpp"
#include "refinement/lp/layer_maps.hpp"
#include "refinement/lp/lp_search.hpp"
#include "refinement/lp/proportional_forms.hpp"

namespace relutope {

// A facet between two cells on which one neuron vanishes, with its copies.
struct PlainFacet {
    CellId first;
    CellId second;
    HyperplaneId neuron;
};

// A facet of one cell on which several neurons vanish.
struct SpecialFacet {
    CellId cell;
    HyperplaneId name;
    std::vector<HyperplaneId> zeros;
};

struct FoundFacets {
    std::vector<PlainFacet> plain;
    std::vector<SpecialFacet> special;
};

class FacetFinder {
public:
    FacetFinder(const LpRecords& cells, const PatternTable& table, const Problem& problem, bool sides, SearchControl& control);
    // What is found for cells first, ..., last - 1 goes to the end of `found`. Throws Stopped.
    void run(std::int64_t first, std::int64_t last, FoundFacets& found);
    const ProgramCounts& programs() const { return program_.counts(); }

private:
    const double* inside(std::int64_t cell) const { return cells_.inside.data() + cell * dimension_; }
    bool is_active(int neuron) const { return pattern_[neuron >> 6] >> (neuron & 63) & 1; }
    void enter(std::int64_t cell);
    void set_inside();
    void orient();
    void evaluate(const double* x, std::vector<double>& value) const;
    void bound_errors(double radius, double extent, std::vector<double>& error) const;
    void find();
    void add_with_copies(int neuron, std::vector<HyperplaneId>& zeros) const;
    bool vanishes_on_cell(int neuron) const { return std::binary_search(zero_.begin(), zero_.end(), ids_[neuron]); }
    void add_special(const std::vector<HyperplaneId>& members);

    // -- groups of proportional forms
    static constexpr int alone = -1;
    void find_groups();
    void drop_distant(std::vector<std::vector<int>>& clusters);
    void find_ratios();

    // -- by points (facet_finder_points.cpp)
    bool is_plain_facet(int neuron) { return found_by_points(neuron) || is_facet_by_program(neuron); }
    bool found_by_points(int neuron);
    bool on_hyperplane(int neuron, const double* q, double crossing);
    bool certainly_only(int neuron);

    // -- by programs, and sides of the domain (facet_finder_programs.cpp)
    void push_halfspaces(HalfspaceRows& rows);
    void push(HalfspaceRows& rows, int neuron) { rows.push(maps_.forms(names_[neuron].level), names_[neuron], sense_[neuron]); }
    void make_rows();
    bool is_facet_by_program(int neuron);
    void find_side_classes();
    static bool same_halfspace(const exact::Form& a, const exact::Form& b);
    bool is_side_facet(int side, const std::vector<HyperplaneId>& zeros);
    std::vector<HyperplaneId> zeros_on_sides(const std::vector<int>& sides);
    bool may_be_axis_parallel(int neuron, int side) const;

    const LpRecords& cells_;
    const PatternTable& table_;
    const Problem& problem_;
    SearchControl& control_;
    int dimension_;
    int words_;
    LayerMaps maps_;
    CellProgram program_;
    std::vector<double> direction_;
    // Neurons are counted here without copies, which are where their originals are.
    std::vector<FormRef> names_;
    std::vector<HyperplaneId> ids_;  // in the network
    std::vector<int> place_;         // here, of a neuron of the network that is no copy
    std::vector<int> first_;         // per layer, and one more
    FoundFacets* found_ = nullptr;

    // the current cell
    std::int64_t cell_ = 0;
    const std::uint64_t* pattern_ = nullptr;
    InnerPoint point_;
    std::vector<HyperplaneId> zero_;
    std::vector<CellId> other_;  // per neuron: the cell with its bit flipped
    std::vector<double> at_inside_, error_inside_, at_other_;
    ProportionalForms::Ratios ratios_{0};
    std::vector<double> at_foot_, error_foot_, between_, foot_;
    std::vector<double> forms_, sense_, alpha_, beta_, gamma_;  // all neurons' forms on the cell's side, and what bounds their errors
    std::vector<int> order_, group_;
    std::vector<std::vector<int>> groups_;
    HalfspaceRows rows_;
    HalfspaceRows outer_{dimension_};
    HalfspaceRows one_{dimension_};
    bool has_rows_ = false;
    bool with_sides_;
    std::vector<std::vector<int>> side_classes_;  // sides of the domain that are one
    std::vector<int> row_of_;
    std::vector<char> ignored_;
};

}  // namespace relutope
