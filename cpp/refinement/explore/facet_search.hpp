// Points beyond one facet of a polyhedron and inside all others, in floating point alone.
#pragma once

#include <utility>
#include <vector>

#include "geometry/halfspace_rows.hpp"
#include "network/domain.hpp"
#include "refinement/explore/positive_definite.hpp"

namespace relutope {

// Looks for the nearest point that is beyond one halfspace and inside the others, by a margin. That is a quadratic program; its dual
// has one multiplier for each halfspace that is met on the way, and the box only clips: few numbers, where a vertex of a linear program
// touches as many sides as there are dimensions. Multipliers are moved one by one (Hildreth, A quadratic programming procedure, Naval
// Research Logistics Quarterly 4, 1957) and now and then all together, by Newton's method.
class FacetSearch {
public:
    // REQUIRES: `domain` outlives this object.
    explicit FacetSearch(const Domain& domain) : domain_(domain) {}

    // False when no point is found, which says nothing. One that is found is right but for rounding.
    // REQUIRES: `inside` is strictly inside `rows` and the box, and `objective` is positive there.
    bool beyond(const HalfspaceRows& rows, const Halfspace& objective, const std::vector<double>& inside, std::vector<double>& found);

private:
    // A halfspace that counts: sense * (row . x) >= least.
    struct Condition {
        int index;  // among the rows, or -1 for the objective
        double sense;
        const double* row;
        double least;
        double square;  // of the row's length
        double multiplier;

        double missing(const std::vector<double>& x) const { return least - sense * dot(row, x.data(), static_cast<int>(x.size())); }
        double pushed() const;
    };

    void start(const std::vector<double>& inside);
    void add(int index, const Halfspace& halfspace, double sense, double least);
    bool settle();
    double move(Condition& condition);
    void move_all();
    bool hopeless() const;
    bool add_violated(const HalfspaceRows& rows);

    const Domain& domain_;
    std::vector<double> inside_;
    std::vector<double> lower_, upper_;  // of the box, moved inwards
    std::vector<double> free_, x_;       // the point before and after clipping
    double furthest_ = 0;                // half of the square of the largest distance in the box
    std::vector<Condition> conditions_;
    int moves_left_ = 0;
    std::vector<double> at_inside_, at_x_;
    std::vector<std::pair<double, int>> violated_;
    std::vector<Condition*> holding_;
    PositiveDefinite matrix_;
    std::vector<double> change_, masked_;
};

}  // namespace relutope
