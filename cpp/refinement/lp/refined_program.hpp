// The question of cell_program.hpp with twice the digits: whether an affine form is negative somewhere in a polyhedron. For cells that
// are too thin, and forms that are too nearly parallel, for doubles; forms are made of integers and rounded once, to sums of two
// doubles. As there, only what is proven counts.
//
// Bounds. A coefficient is off by 2^-105 of its size, a product or a sum by 2^-103. So a sum of m terms  w_k x_k  or  y_i w_ik x_k  is
// off by less than 2 (m + 8) 2^-102 times the sum of their sizes. What underflows is at most 2^-1074 when a form is rounded, which
// powers of two of at most 2^301 are multiplied with later, and 2^-1070 in each operation; with |x|, |y| < 2^200 that stays below
// 2^-350 in a sum of 2^20 terms, and nothing smaller is decided here.
//
// Witnesses. The way from the point inside to the minimum is where one is looked for first. Where the cell is 2^-55 wide and the
// objective falls to -2^-55 that way keeps 2^-110 from both, which does not show, though between them there is room: so rows are then
// asked to stay positive by a margin, and the minimum found under that is a witness (retreat).
#pragma once

#include <span>
#include <vector>

#include "exact/linear.hpp"
#include "geometry/box_simplex.hpp"
#include "predicates/double_double.hpp"

namespace relutope {

class RefinedProgram {
public:
    using Number = double_double::Number;
    enum class Verdict { no, yes, unknown };

    explicit RefinedProgram(int dimension);

    // A new program: the form that is to be negative, times `sense`. REQUIRES: `objective` is made of a form without part at infinity.
    void start(const exact::LeadingForm& objective, double sense);
    // A halfspace: the form times `sense` is nonnegative. `id` names it in tight_rows().
    void add(const exact::LeadingForm& form, double sense, int id);

    // Looks in the box (in one after the other if need be), which may be a part of the domain's: then nothing but "yes" is proven (`is_whole` false). `inside` only guides it.
    // REQUIRES: all bounds finite.
    Verdict minimise(std::span<const double> lower, std::span<const double> upper, std::span<const Number> inside, bool is_whole);

    // After "yes": a point strictly inside the box and all halfspaces where the objective is negative.
    const std::vector<Number>& witness() const { return witness_; }
    // After "unknown": whether the least value may be zero, for all that is known, and where the search ended (see BasicBoxSimplex).
    bool may_touch();
    std::vector<int> tight_rows() const;
    std::span<const int> basic() const { return simplex_.basic(); }

private:
    struct Stop {
        Number at = 1;  // from 0, `inside`, to 1
        int row = -1;
        int coordinate = -1;
        Number value = 0;

        bool found() const { return row >= 0 || coordinate >= 0; }
    };

    void scale();
    void push(const exact::LeadingForm& form, double sense);
    const Number* row(int i) const { return rows_.data() + static_cast<std::size_t>(i) * (dimension_ + 1); }
    int count() const { return static_cast<int>(ids_.size()); }  // without the objective, which is row 0
    void list_columns();
    void evaluate(const Number* x);
    bool certainly_positive(int i, double sense) const;
    bool certainly_nonnegative();
    Stop first_stop();
    Stop furthest_from_margin();
    bool try_witness(const Number& step);
    bool retreat();
    void set_margins(double margin, double allowance);

    int dimension_;
    BasicBoxSimplex<Number> simplex_;
    std::vector<Number> rows_;
    std::size_t stride_ = 0;      // count() + 1, rounded up to whole vectors
    std::vector<double> column_;  // rows_ by coordinate, constants last: a column's high parts, then its low parts
    std::vector<double> value_high_, value_low_;  // of all rows, where they were evaluated last
    std::vector<double> size_;                    // there: the sum of what the value is the sum of
    std::vector<int> ids_;
    std::vector<double> margin_;  // that each row is to keep
    bool scaled_ = false;
    std::vector<int> exponent_;  // coordinates are multiplied by these powers of two
    std::vector<double> lower_, upper_;
    std::vector<Number> inside_, at_inside_, residual_, witness_;
};

}  // namespace relutope
