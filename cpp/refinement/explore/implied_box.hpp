// Bounds of single coordinates that the rows of a cell imply where the domain gives none.
//
// In a box it is easy to show that a form is positive: rounding costs a little of a constant. A cell of an unbounded domain is often
// bounded all the same, or in most coordinates, as soon as the first layer is wide; then what its rows say of each coordinate is worth
// finding once, and each later question is one in that box. A bound holds strictly on the whole cell, so the box may take the domain's
// place when facets of the cell are asked for.
#pragma once

#include <span>
#include <vector>

#include "geometry/halfspace_rows.hpp"
#include "network/domain.hpp"
#include "refinement/certificates/box_certificate.hpp"

namespace relutope {

class ImpliedBox {
public:
    // REQUIRES: `rows` outlives this object.
    ImpliedBox(const Domain& domain, const HalfspaceRows& rows);

    // Bounds the errors of the weights of the row that was pushed last; call it for each row.
    void push_errors(const std::vector<double>& weight_error);

    const std::vector<double>& lower() const { return lower_; }
    const std::vector<double>& upper() const { return upper_; }
    bool is_bounded(BoxSide side) const;

    // Takes what rows of one coordinate say, with room beyond them. `inside` is a point of the cell.
    void take_single_rows(const std::vector<double>& inside);

    // The form that is positive where side `side` (2k: below, 2k + 1: above) of the box may be put at `bound`.
    Halfspace begin(BoxSide side, double bound);
    // Takes that bound, with room beyond it: the form has been shown to be positive on the cell.
    void accept(const std::vector<double>& inside);

    // Whether a row, or with -1 the form of begin(), is certainly positive where these rows are nonnegative, in the box.
    bool positive(int objective, std::span<const int> rows, std::span<const double> multipliers);

private:
    BoxCertificate::Form form(int row) const;

    const HalfspaceRows& rows_;
    std::vector<double> lower_, upper_;
    std::vector<double> errors_;  // of the weights, row by row
    std::vector<double> goal_, goal_error_;
    BoxSide side_{0, false};
    double bound_ = 0;
    BoxCertificate certificate_;
    std::vector<BoxCertificate::Form> forms_;
};

}  // namespace relutope
