// A vertex from the hyperplanes it lies on, in floating point, with a proven error radius.
#pragma once

#include <vector>

namespace relutope {

// Rows  w . x + c = 0  with bounds on their errors (see error_bound.hpp).
class VertexSolver {
public:
    explicit VertexSolver(int dimension);

    void clear() { count_ = 0; }
    // `infinite` is the coefficient of the symbolic infinity R, exact.
    void add_row(const double* weight, double constant, double weight_error, double constant_error, double infinite);

    // Chooses independent rows and inverts them. False when floating point cannot prove that they are independent.
    bool factorise();

    // The solution for the constants (or for the coefficients of R) and a bound on the error of each coordinate.
    // REQUIRES: factorise() returned true.
    double solve_finite(double* point) const { return solve(point, constant_, constant_error_); }
    double solve_infinite(double* point) const { return solve(point, infinite_, no_error_); }

    // The chosen rows, an approximate inverse B of them (row-major) and a bound on ||I - B A||_inf below 1/2.
    // REQUIRES: factorise() returned true.
    const int* chosen() const { return chosen_.data(); }
    const double* inverse() const { return inverse_.data(); }
    double contraction() const { return contraction_; }

private:
    bool choose_rows();
    bool invert();
    template <int N>
    bool invert_rows();
    double solve(double* point, const std::vector<double>& constant, const std::vector<double>& error) const;
    template <int N>
    double solve_rows(double* point, const std::vector<double>& constant, const std::vector<double>& error) const;

    int n_;
    int count_ = 0;
    std::vector<double> weight_;  // count_ x n_
    std::vector<double> constant_, weight_error_, constant_error_, infinite_, no_error_;
    std::vector<int> chosen_;     // n_ rows
    std::vector<double> work_;
    std::vector<double> inverse_;  // n_ x n_, approximate inverse B of the chosen rows
    double contraction_ = 0;       // >= ||I - B A||_inf for the true A
};

}  // namespace relutope
