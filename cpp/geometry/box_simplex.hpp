// Dual simplex method for  minimise an affine form over a box and halfspaces  in floating point, with doubles or with sums of two of
// them. It proves nothing: it proposes points and multipliers, which its callers certify.
//
// It starts at the corner of the box where the objective is least, so no first phase is needed, and takes in a halfspace only
// when the caller finds it violated: the objective rises towards the minimum and is a lower bound of it at every step.
//
// State: n nonbasic quantities, each at a bound (a coordinate at a side of the box, or a row's slack at zero), and the other
// coordinates as affine functions of these (the dictionary). The ratio test is the long-step one: a coordinate that would
// leave the basis only to come back at its opposite bound is moved there at once.
#pragma once

#include <span>
#include <vector>

#include "predicates/double_double.hpp"

namespace relutope {

template <class Number>
class BasicBoxSimplex {
public:
    // A row in the basis, and its multiplier.
    struct Active {
        int row;
        Number multiplier;
    };

    explicit BasicBoxSimplex(int dimension);

    // REQUIRES: both bounds finite; they and `objective` (weights, then the constant) outlive the solve.
    void start(const Number* objective, const double* lower, const double* upper);

    Number value() const { return value_; }
    const Number* point() const { return point_.data(); }

    // Brings row `id` (weights, then the constant; it must be nonnegative) to zero; `value` is what it is at point().
    // Returns false when no move does: the program is infeasible, or numerically so.
    // REQUIRES: value < 0.
    bool enter_row(const Number* row, int id, Number value);
    // The same for a coordinate that has left the box. REQUIRES: point()[k] < lower[k] or point()[k] > upper[k].
    bool enter_bound(int k);

    // Moves the point to where each row that holds it in place has risen by `rise(row, multiplier)`.
    template <class Rise>
    void raise_rows(const Rise& rise) {
        for (int j = 0; j < dimension_; ++j)
            if (slots_[j].row >= 0) shift(j, rise(slots_[j].row, reduced_[j]));
    }

    // Breaks ties: raises the cost of leaving each bound by about `size`, by different amounts. The objective that is minimised from then
    // on is another one, that much apart; value() goes on from where it was.
    void perturb(double size);

    // Whether a side of the box that is at infinity in `lower` or `upper` holds the minimum in place, by more than `noise` per unit.
    bool leans_beyond(const double* lower, const double* upper, double noise) const;

    // The rows that hold the minimum in place.
    std::span<const Active> active();
    // All rows that hold the point in place, those without a multiplier too, and the coordinates that the box does not hold: as many.
    std::vector<int> tight_rows() const;
    std::span<const int> basic() const { return basic_; }

private:
    struct Slot {
        int coordinate;  // or -1
        int row;         // or -1
    };

    // Where a coordinate leaves the basis, and how far the move gets while it crosses the box instead.
    struct StopAt {
        Number ratio, length;
        int slot;
    };

    bool move(Number change);
    int pass_many(Number& left);
    void flip(std::size_t count);
    void shift(int slot, Number change);
    void exchange(int slot);
    double bound(int coordinate, double inwards) const { return inwards > 0 ? lower_[coordinate] : upper_[coordinate]; }

    Number* line(int basic) { return dictionary_.data() + static_cast<std::size_t>(basic) * dimension_; }

    int dimension_;
    const double* lower_ = nullptr;
    const double* upper_ = nullptr;
    Number value_ = 0;
    std::vector<Number> point_;
    std::vector<Number> reduced_;     // d objective / d slot
    std::vector<Slot> slots_;
    std::vector<double> inwards_;     // of each slot: 1 at a lower bound, -1 at an upper one
    Slot pending_{-1, -1};            // what enters next, and its place in inwards_
    double pending_inwards_ = 1;
    std::vector<int> basic_;          // coordinates in the basis
    std::vector<int> line_of_;        // per coordinate: its line of the dictionary, or -1
    std::vector<Number> dictionary_;  // basic_.size() lines of d coordinate / d slot; room for as many as there have been
    std::vector<Number> direction_;   // d (entering quantity) / d slot
    std::vector<Number> ratio_;       // of each slot: how much the objective rises per unit of the entering quantity
    std::vector<StopAt> stops_;       // of a move
    std::vector<Active> active_;
};

extern template class BasicBoxSimplex<double>;
extern template class BasicBoxSimplex<double_double::Number>;

using BoxSimplex = BasicBoxSimplex<double>;

}  // namespace relutope
