// All facets of one cell, for networks with too many cells to enumerate and too many neurons for one program over all of them.
//
// Two ideas keep the programs small.
//
// *Coordinates of the first layer.* When the rows of the first layer are linearly independent and the domain is all of R^n, the first
// layer's units y are coordinates themselves (times directions that no neuron sees). A cell is then {y_k >= 0 for active neurons k,
// y_k <= 0 for the others} cut by forms of later layers, which depend on the active units alone: an inactive neuron is always a facet,
// and the rest is a problem in as many dimensions as the layer has active units.
//
// *Peeling.* In the coordinates of the active units of layer l, forms of the layers after l have small, exact coefficients. A form
// that is implied there by h >= 0 and the other later forms is implied in the cell. So layers are looked at from the last to the
// first, each in few dimensions, and few forms are left for the program that decides: the one in the coordinates of the first layer
// (or of the input).
//
// What is left is made irredundant one form at a time: a form is dropped when the facets known so far imply it; otherwise the
// program's point shows the way to another facet (Clarkson, More output-sensitive geometric algorithms, FOCS 1994). Each facet has a
// witness: a point that violates it and nothing else. All signs are certified (cell_program.hpp).
//
// In an unbounded domain the bounds of the cell that its rows imply take the domain's place as soon as programs are many or prove nothing
// (implied_box.hpp).
//
// In a box, rows that see few coordinates are searched for first by a method that meets few rows and stops as soon as either answer shows
// (sparse_search.hpp). What it leaves open is looked at among few coordinates, with few rows (local_program.hpp).
//
// In a bounded domain what showed on an earlier cell that a neuron is no facet is tried first. With many dimensions programs take long
// there, since all sides of the domain matter, and dense rows are searched for before by a method that meets few rows (dense_search.hpp).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "network/network.hpp"
#include "network/repeated_rows.hpp"
#include "refinement/certificates/layer_certificate.hpp"
#include "refinement/certificates/proof_store.hpp"
#include "refinement/common/records.hpp"
#include "refinement/explore/dense_search.hpp"
#include "refinement/explore/implied_box.hpp"
#include "refinement/explore/sparse_search.hpp"
#include "refinement/lp/cell_program.hpp"
#include "refinement/lp/local_program.hpp"
#include "refinement/lp/proportional_forms.hpp"

namespace relutope {

struct CellFacet {
    // One that vanishes on the facet, but not on the whole cell.
    HyperplaneId neuron;
    // All neurons that vanish on the facet, ascending; those that vanish on the whole cell among them.
    std::vector<HyperplaneId> zeros;
    // Where the segment from the cell's point to a point beyond meets the facet, rounded, in the coordinates of the cell's program.
    // Empty for an inactive neuron of the first layer when its units are the coordinates: there the neuron's own coordinate is zero.
    std::vector<double> crossing;
};

class CellFacets {
public:
    static constexpr HyperplaneId no_neuron = -1;  // of a row that is a side of the domain

    // With `by_first_layer` points are given by the units of the first layer, else by the inputs.
    // REQUIRES: with `by_first_layer` the rows of the first layer are linearly independent and `domain` is all of R^n. `network` and
    // `domain` outlive this object.
    CellFacets(const Network& network, const Domain& domain, bool by_first_layer);
    CellFacets(CellFacets&&) = delete;  // its parts refer to each other

    // Coordinates of points.
    int dimension() const;
    // Coordinates of a crossing in a facet of the cell with this pattern, and whether a neuron's facets may have none.
    std::size_t coordinates_of(const std::uint64_t* pattern) const;
    bool is_own(HyperplaneId neuron) const { return by_first_layer_ && neuron < network_.layer(0).neurons(); }

    // Turns to the cell with this pattern, num_neurons() bits. REQUIRES: there is such a cell.
    void set_cell(const std::uint64_t* pattern);
    // Takes `point` as the point inside; false when it is not certainly strictly inside.
    bool set_point(const std::vector<double>& point);
    // Moves the point away from the cell's nearest facets; false if it stays. REQUIRES: there is a point.
    bool centre();
    const std::vector<double>& point() const { return point_; }

    // What is known of the cell before: the facet in between, and its facets' neurons with a point on each.
    struct Door {
        HyperplaneId neuron = no_neuron;
        std::vector<std::pair<HyperplaneId, std::vector<double>>> crossings;
    };
    // Finds all facets, and centres the point on the way. REQUIRES: there is a point. Throws Stopped.
    const std::vector<CellFacet>& find(const SearchControl& control, const Door& door);

    // The pattern of the cell beyond a facet of the current cell.
    std::vector<std::uint64_t> neighbour(const CellFacet& facet);
    // Facets of the current cell as halfspaces of the input space, rounded: n weights and a constant each, nonnegative in the cell.
    void input_rows(const std::vector<CellFacet>& facets, std::vector<double>& rows);

    // A point on the continuation of the segment from `point`, in the cell with this pattern, through the crossing of one of its
    // facets, by `step` times its length.
    std::vector<double> beyond(const std::uint64_t* pattern, const std::vector<double>& point, const CellFacet& facet, double step) const;

    ProgramCounts counts() const;
    // Of what is kept from cell to cell, and about of the programs of one.
    std::uint64_t bytes() const;

private:
    enum class State : char { candidate, redundant, facet };

    struct Reduction;

    // What programs in the coordinates of the active units of a base ask for.
    class BaseForms : public ProgramForms {
    public:
        BaseForms(const Network& network, Reduction& problem, LayerCertificate& certificate)
            : network_(network), problem_(problem), certificate_(certificate) {}
        exact::Form exact_form(FormRef name) override;
        exact::LeadingForm leading_form(FormRef name) override;
        bool certainly_positive(const Term& objective, std::span<const Term> terms) override;

    private:
        bool positive_in_box(const Term& objective, std::span<const Term> terms);

        const Network& network_;
        Reduction& problem_;
        LayerCertificate& certificate_;
        std::vector<int> rows_;
        std::vector<double> multipliers_;
        std::unordered_map<std::uint64_t, exact::LeadingForm> leading_;
    };

    // Rows of the neurons after a layer in the coordinates of its active units, with a program and a point inside.
    struct Reduction {
        int base;
        Domain domain;
        std::unique_ptr<BaseForms> forms;
        std::unique_ptr<CellProgram> program;
        HalfspaceRows rows;
        std::vector<HyperplaneId> neuron;  // of each row; sides of the domain, which are first, have none (-1) and are no candidates
        std::vector<int> row_of;           // each neuron's, or -1
        InnerPoint inside;
        std::vector<double> at_inside;     // the rows' values there; empty when they are not known
        HalfspaceRows known;  // facets, as far as they have been found
        // In an unbounded domain of the inputs: the bounds that the rows imply; whether they have been looked for, and what was asked before.
        std::unique_ptr<ImpliedBox> box;
        bool enclosed = false;
        int asked = 0;
        std::optional<DenseSearch> dense;
        std::optional<SparseSearch> nearby;  // made when it is first asked
    };

    ActiveForms& forms() { return certificate_.forms(); }
    FormRef name_of(HyperplaneId neuron) const;
    bool is_coordinate(const std::uint64_t* pattern, int i) const {
        return base_ < 0 || i >= network_.layer(0).neurons() || pattern[i >> 6] >> (i & 63) & 1;
    }
    bool is_active(HyperplaneId neuron) const { return pattern_[neuron >> 6] >> (neuron & 63) & 1; }
    double sense_of(HyperplaneId neuron) const { return is_active(neuron) ? 1.0 : -1.0; }
    Domain orthant(int base) const;
    std::unique_ptr<Reduction> reduction(int base);
    void add_row(Reduction& target, HyperplaneId neuron);
    void drop(Reduction& problem, int row);
    bool shown_as_before(Reduction& problem, int row);
    bool in_bounded_domain(const Reduction& problem) const { return problem.base < 0 && bounded_domain_; }
    bool is_redundant(const Reduction& problem, int row) const {
        return problem.neuron[row] != no_neuron && state_[problem.neuron[row]] == State::redundant;
    }
    static bool is_wide(const Reduction& problem);
    static bool can_enclose(const Reduction& problem) { return problem.box && !problem.enclosed; }
    void enclose(Reduction& problem, const SearchControl& control);
    bool is_facet_exactly(Reduction& problem, int row, CellProgram::Verdict verdict, InnerPoint& beyond);
    CellProgram::Verdict ask(Reduction& problem, int row, InnerPoint& found, const SearchControl& control);
    bool bounds_locally(Reduction& problem, const Halfspace& goal, double size);
    void mark_redundant(const Reduction& problem);
    void confirm_towards(Reduction& problem, const std::vector<double>& target, bool final);
    void search_densely(Reduction& problem, int row, bool final, const SearchControl& control);
    void search_nearby(Reduction& problem, int row, bool final, const SearchControl& control);
    void look_locally(Reduction& problem, int row, bool final, const SearchControl& control);
    void shoot(Reduction& problem, int row, bool final);
    void keep_proof(const Reduction& problem, int row);
    bool vanishes(HyperplaneId neuron);
    bool move_to(const std::vector<double>& x);
    InnerPoint program_point(const std::vector<double>& point) const;
    void find_groups();
    void look(const Door& door);
    void move_before(int between, int wanted, InnerPoint& x) const;
    void peel(int base);
    void reduce(Reduction& problem, bool final, const SearchControl& control);
    struct Hit {
        int row = -1;
        int axis = -1;  // an own neuron of the first layer by its place among the coordinates
    };
    Hit first_hit(Reduction& problem, const InnerPoint& target, InnerPoint& beyond);
    bool is_beyond_on_segment(const Reduction& problem, int row, const InnerPoint& target, double step) const;
    void leave_out_redundant(Reduction& problem);
    void confirm(Reduction& problem, int row, const InnerPoint& beyond, bool final);
    void confirm_own(const Reduction& problem, int axis, const InnerPoint& beyond);
    void find_own_facets(Reduction& problem);
    void add_facet(HyperplaneId neuron, std::vector<double> crossing);
    std::vector<double> crossing_of(const Reduction& problem, double here, double there, const InnerPoint& beyond) const;

    const Network& network_;
    RepeatedRows repeated_;
    const Domain& domain_;
    bool bounded_domain_;
    bool by_first_layer_;
    int base_;  // of the program that decides: 0, or -1 for the inputs
    LayerCertificate certificate_;
    std::vector<FormRef> names_;
    ProgramCounts counts_;
    ProofStore proofs_;
    std::vector<std::vector<BaseForms::Term>> combinations_;  // per neuron: what showed last in a bounded domain that it is no facet
    std::vector<std::uint64_t> needed_;

    // the current cell
    std::vector<std::uint64_t> pattern_;
    std::vector<std::vector<std::uint64_t>> active_;  // per layer, linear units among them
    std::vector<double> point_;
    std::unique_ptr<Reduction> last_;  // the program that decides, made when there is a point
    std::vector<HyperplaneId> zero_;   // neurons that vanish on the cell
    std::vector<State> state_;         // per neuron
    std::vector<std::vector<int>> groups_;
    std::vector<int> group_of_;        // per neuron, or -1
    std::vector<CellFacet> facets_;
    ActiveForm form_;
    LocalProgram local_;
    std::vector<char> ignored_;
    HyperplaneId between_ = no_neuron;  // where the cell has been entered
    // Per neuron, for dense searches: where the cell before had its facet, if it had one, and the neurons whose rows held the point last.
    std::vector<const std::vector<double>*> crossing_before_;
    std::vector<std::vector<HyperplaneId>> held_before_;
    bool domain_decides_ = false;  // of most rows that were left on the cell before: they were no facets
    std::vector<double> there_;
};

}  // namespace relutope
