// A vertex rounded once to nearest, without integers wherever floating point can prove the rounding.
//
// Each form that vanishes at the vertex is known as sums of two doubles (exact::LeadingForm). From an approximate inverse B of
// independent ones, with ||I - B A||_inf <= g < 1/2, Newton steps x <- x - B (A x + c) are taken with residuals in twice the
// precision, x itself a sum of two doubles. For the error e = x - x* and the true residual r = A x + c,
//     A e = r,   e = (I - B A) e + B r,   so   |e|_inf <= |B r|_inf / (1 - g)   and   |e_i| <= (|B| |r|)_i + g |e|_inf.
// The rounding of a coordinate is proven when both ends of x_i -+ |e_i| round to the same double (Ziv, Fast evaluation of
// elementary mathematical functions with correctly rounded last bit, 1991).
#pragma once

#include <vector>

#include "exact/linear.hpp"
#include "geometry/vertex_solver.hpp"

namespace relutope {

class RoundedVertex {
public:
    explicit RoundedVertex(int dimension);

    void clear();
    // A form that vanishes at the vertex. REQUIRES: it outlives the call of solve; its coefficient of R is zero.
    void add_row(const exact::LeadingForm& form);

    // Writes the coordinates of the only common zero of the rows, each rounded to nearest, ties to even. False, with `point` left in any
    // state, when the rounding is not proven. `start` is a guess, the better the fewer steps.
    bool solve(const double* start, double* point);

private:
    void settle_exact_coordinates(double* point);
    double residual(const exact::LeadingForm& form) const;
    double residual_error(const exact::LeadingForm& form) const;
    double step();
    bool round(double* point);

    int n_;
    std::vector<const exact::LeadingForm*> rows_;
    VertexSolver solver_;
    std::vector<double> high_, low_;  // x = high + low
    std::vector<double> rest_;        // residuals of the chosen rows
    std::vector<double> radius_;
    std::vector<char> known_;         // coordinates that one row alone gives exactly
};

}  // namespace relutope
