// A vertex as sums of two doubles, without integers wherever floating point can prove what is asked: its coordinates rounded once to
// nearest, or the sign of a form there.
//
// Each form that vanishes at the vertex is known as sums of two doubles (exact::LeadingForm). From an approximate inverse B of
// independent ones, with ||I - B A||_inf <= g < 1/2, Newton steps x <- x - B (A x + c) are taken with residuals in twice the
// precision, x itself a sum of two doubles. For the error e = x - x* and the true residual r = A x + c,
//     A e = r,   e = (I - B A) e + B r,   so   |e|_inf <= |B r|_inf / (1 - g)   and   |e_i| <= (|B| |r|)_i + g |e|_inf.
//
// All this depends on the sizes of rows and coordinates, which powers of two change without rounding: where rows or columns of A are
// of very different sizes, x_k = s_k y_k is solved for, with each row, and then each column, brought to size one.
//
// The rounding of a coordinate is proven when both ends of x_i -+ |e_i| round to the same double (Ziv, Fast evaluation of
// elementary mathematical functions with correctly rounded last bit, 1991).
#pragma once

#include <optional>
#include <vector>

#include "exact/linear.hpp"
#include "geometry/vertex_solver.hpp"
#include "predicates/sign.hpp"

namespace relutope {

class RefinedVertex {
public:
    enum class Part { finite, infinite };  // p or q of a vertex p + q R

    explicit RefinedVertex(int dimension);

    void clear() { rows_.clear(); }
    // A form that vanishes at the vertex. REQUIRES: it outlives the calls below.
    void add_row(const exact::LeadingForm& form) { rows_.push_back(&form); }

    // False when floating point cannot prove that the rows have one common zero.
    bool factorise();

    // Encloses a part of the vertex, for the questions that follow; false when that cannot be done. `start` is a guess, the better the
    // fewer steps. REQUIRES: factorise() returned true.
    bool solve(Part part, const double* start);

    // Writes the coordinates, each rounded to nearest, ties to even. False, with `point` left in any state, when the rounding is not
    // proven. REQUIRES: the finite part was solved for.
    bool round(double* point);
    // Writes doubles near the coordinates, and returns a bound on how far off one is.
    double near(double* point) const;
    // The sign of a form there: of its coefficient of R where the infinite part was solved for. Nothing when it is not proven.
    std::optional<Sign> sign_of(const exact::LeadingForm& form) const;

private:
    // A sum of two doubles and a bound on its error.
    struct Enclosed {
        double value, error;
    };

    bool scale();
    void settle_exact_coordinates(double* point);
    Enclosed residual(const exact::LeadingForm& row, const double* column_scale) const;
    double step();
    bool enclose();

    int n_;
    Part part_ = Part::finite;
    std::vector<const exact::LeadingForm*> rows_;
    std::vector<exact::LeadingForm> scaled_;      // what rows_ points to when they had to be scaled
    std::vector<double> column_scale_, no_scale_;  // x_k = column_scale_[k] y_k
    bool is_scaled_ = false;
    double padding_ = 0;                          // covers what was lost to underflow, in the coefficients too
    VertexSolver solver_;
    std::vector<double> high_, low_;              // y = high + low
    std::vector<double> rest_;                    // residuals of the chosen rows
    std::vector<double> radius_;                  // of y
    std::vector<char> known_;                     // coordinates that one row alone gives exactly
};

}  // namespace relutope
