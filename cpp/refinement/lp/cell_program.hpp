// Linear programs over a cell, with certificates.
//
// One question is asked: given halfspaces that contain `inside` strictly, and an affine form g that is positive there, does g take
// a negative value on the polyhedron (the halfspaces within the domain's box)? Floating point proposes, and only what is proven
// counts:
//  * "yes": a point strictly inside all halfspaces where g is negative, all signs with error bounds;
//  * "no", bounded box: multipliers y >= 0; then  g >= g - sum y_i a_i,  whose minimum over the box is summed up coordinate by
//    coordinate, with a bound for every rounding error (Neumaier and Shcherbina, Safe bounds in linear and mixed-integer linear
//    programming, 2004);
//  * "no", where that is a matter of rounding: the same combination with multipliers solved for in integers, on the basis that
//    floating point has come to. This is how forms that touch the cell (true degeneracy) are decided;
//  * either, with twice the digits, where doubles are too coarse (refined_program.hpp);
//  * "no", where everything vanishes at the origin: n tight halfspaces with positive multipliers, in any box (no biases: all cells are
//    cones, and all forms touch them there);
//  * "no", unbounded box: n tight halfspaces, whose multipliers are determined by a linear system; they are enclosed rigorously
//    and must be positive (multipliers.hpp). Fewer halfspaces do in the coordinates of an inner layer (layer_certificate.hpp).
// What none of them proves goes to an exact rational linear program.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "exact/linear_program.hpp"
#include "geometry/box_simplex.hpp"
#include "geometry/halfspace_rows.hpp"
#include "geometry/sizes.hpp"
#include "network/domain.hpp"
#include "predicates/error_bound.hpp"
#include "predicates/multipliers.hpp"
#include "refinement/common/program_counts.hpp"
#include "refinement/common/program_forms.hpp"
#include "refinement/lp/refined_program.hpp"

namespace relutope {

// Bounds the size of all coordinates, for error bounds.
inline double extent_of(std::span<const double> x) {
    return error_bound::extent_in_range(greatest_size(x.data(), static_cast<int>(x.size())));
}

// A point by doubles that are within `radius` of it; with radius 0 they are the point.
struct InnerPoint {
    std::vector<double> x;
    double radius = 0;
    double extent = 0;  // bounds the size of all coordinates
    std::shared_ptr<const exact::Point> exact;  // when radius is not 0

    // The point as a rational one.
    exact::Point rational() const;
    // The point rounded to sums of two doubles.
    std::vector<double_double::Number> refined() const;
};

// Sums of two doubles as a rational point. REQUIRES: all are finite.
exact::Point rational(std::span<const double_double::Number> x);

class CellProgram {
public:
    // REQUIRES: `forms` outlives this object.
    CellProgram(const Domain& domain, ProgramForms& forms);

    // Lets what is decided in integers end with Stopped when `stop` becomes true. REQUIRES: `stop` is there as long as
    // questions are asked.
    void watch(const std::atomic<bool>& stop) { stop_ = &stop; }

    // Whether `objective` is negative somewhere in `rows` (without those that `ignored` marks, if given) within the domain's box;
    // if so, `found` is a point strictly inside where it is.
    // REQUIRES: `inside` is strictly inside, and `objective` is positive there.
    bool negative_somewhere(const HalfspaceRows& rows, const char* ignored, const Halfspace& objective, const InnerPoint& inside,
                            InnerPoint& found);

    // The same where doubles have left it open: with twice their digits, and then in integers.
    bool negative_in_many_digits(const HalfspaceRows& rows, const char* ignored, const Halfspace& objective, const InnerPoint& inside,
                                 InnerPoint& found);

    // A point strictly inside where `objective` is positive. REQUIRES: `inside` is strictly inside, `objective` vanishes there but not
    // everywhere.
    void step_off(const HalfspaceRows& rows, const Halfspace& objective, const InnerPoint& inside, InnerPoint& found);

    // Whether the polyhedron has a facet on a side of the box. On an infinite side: whether it reaches that side of the symbolically
    // infinite box in a set of full dimension there.
    // REQUIRES: `inside` is strictly inside; `halfspace` is the form of box side `side`.
    bool meets_side(const HalfspaceRows& rows, const char* ignored, BoxSide side, const Halfspace& halfspace, const InnerPoint& inside);

    // Like negative_somewhere for the form of finite side `side` of the box, when that side itself is not asked for.
    bool negative_beyond(const HalfspaceRows& rows, const char* ignored, BoxSide side, const Halfspace& halfspace, const InnerPoint& inside,
                         InnerPoint& found);

    // Whether `x` (exact doubles) is strictly inside of the box and of every row, proven in floating point.
    bool certainly_inside(const HalfspaceRows& rows, const char* ignored, const double* x, double extent) const;

    // What floating point can say to negative_somewhere. `inside` only guides it; what is proven is proven anyway.
    enum class Verdict { no, yes, unknown };
    Verdict ask(const HalfspaceRows& rows, const char* ignored, const Halfspace& objective, const InnerPoint& inside, InnerPoint& found);

    // After ask() has said "unknown" to the same question: whether `objective` touches the polyhedron without being negative there, for
    // which the basis that floating point has come to is looked at in integers.
    bool touches_on_basis(const HalfspaceRows& rows, const Halfspace& objective);

    // Whether this combination of rows shows that `objective` is positive. REQUIRES: no multiplier is negative.
    bool shows(const HalfspaceRows& rows, const Halfspace& objective, std::span<const BoxSimplex::Active> combination);

    // The combination of rows by which ask() said "no", or which shows() was given, last.
    std::span<const ProgramForms::Term> multipliers() const { return terms_; }

    // Whether the domain's box is.
    bool bounded() const { return bounded_; }
    const ProgramCounts& counts() const { return counts_; }

private:
    Verdict in_floating_point(const HalfspaceRows& rows, const char* ignored, const Halfspace& objective, const InnerPoint& inside,
                              InnerPoint& found);
    Verdict in_search_box(const HalfspaceRows& rows, const char* ignored, const Halfspace& objective, const InnerPoint& inside,
                          InnerPoint& found);
    // What the segment from `inside` to the simplex's point meets first: a row or a side of the search box, if any.
    struct Stop {
        double at = 1;  // from 0, `inside`, to 1
        int row = -1;
        int coordinate = -1;
        double value = 0;  // of the row, at the simplex's point

        bool found() const { return row >= 0 || coordinate >= 0; }
    };
    Stop first_stop(const HalfspaceRows& rows, const char* ignored, const InnerPoint& inside);
    Stop first_on_shortlist(const HalfspaceRows& rows, const InnerPoint& inside) const;
    void stop_at_box(const InnerPoint& inside, double size, Stop& stop) const;
    Verdict refined(const HalfspaceRows& rows, const char* ignored, const Halfspace& objective, const InnerPoint& inside,
                    InnerPoint& found);
    bool may_touch(const Halfspace& objective) const;
    enum class Effort { little, any };
    bool nonnegative_on_basis(const HalfspaceRows& rows, const Halfspace& objective, const std::vector<int>& tight,
                              std::span<const int> basic, Effort effort);
    bool exactly(const HalfspaceRows& rows, const char* ignored, const Halfspace& objective, const InnerPoint& inside,
                 InnerPoint& found);
    bool certainly_nonnegative(const HalfspaceRows& rows, const Halfspace& objective);
    bool certainly_nonnegative_in_box(const HalfspaceRows& rows, const Halfspace& objective, std::span<const BoxSimplex::Active> active);
    bool certainly_nonnegative_at_vertex(const HalfspaceRows& rows, const Halfspace& objective);
    bool nonnegative_at_origin(const HalfspaceRows& rows, const Halfspace& objective);
    std::optional<double> positive_multipliers(const HalfspaceRows& rows, const Halfspace& objective);
    bool certainly_nonnegative_by_layers(const Halfspace& objective);
    void list_terms(const HalfspaceRows& rows, std::span<const BoxSimplex::Active> active);
    bool try_witness(const HalfspaceRows& rows, const char* ignored, const Halfspace& objective, const InnerPoint& inside, double step,
                     InnerPoint& found) const;
    void set_bounds(int k, double lower, double upper);
    void find_extent();
    std::vector<exact::Interval>& intervals() const;
    void set_search_box(const InnerPoint& inside, double size);
    Verdict meets_infinite_side(const HalfspaceRows& rows, const char* ignored, BoxSide side, const InnerPoint& inside);
    exact::Minimum exact_minimum(const std::vector<exact::Form>& forms, const exact::Form& goal, std::span<const int> likely = {}) const;
    void check_stop() const;
    exact::Form exact_form(FormRef name, double sense);
    std::vector<exact::Form> exact_forms(const HalfspaceRows& rows, const char* ignored);
    bool is_inside(const std::vector<exact::Form>& forms, const exact::Point& point, bool strictly) const;
    void settle(const HalfspaceRows& rows, const char* ignored, const Halfspace& objective, double sense, exact::Point point,
                InnerPoint& found) const;

    const std::atomic<bool>* stop_ = nullptr;
    std::vector<double> domain_lower_, domain_upper_;
    ProgramForms& forms_;
    int dimension_;
    bool bounded_;
    double extent_ = 0;  // of the box
    std::vector<double> lower_, upper_;  // finite: where floating point looks
    mutable std::vector<exact::Interval> intervals_;  // empty until they are asked for
    BoxSimplex simplex_;
    std::optional<RefinedProgram> refined_;  // made when it is first asked
    MultiplierSystem system_;
    std::vector<ProgramForms::Term> terms_;
    std::vector<double> at_inside_, at_point_;  // each row's value there, and at the simplex's point
    std::vector<std::pair<double, int>> met_;   // rows on the way to the simplex's point, by where
    std::vector<int> shortlist_;                // rows that were met early on the way to one of its points
    mutable std::vector<double> values_;
    std::vector<double> residual_;
    ProgramCounts counts_;
};

}  // namespace relutope
