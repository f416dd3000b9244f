// Whether a halfspace of a polyhedron is one of its facets, in floating point alone, where rows see most of many coordinates.
#pragma once

#include <atomic>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "geometry/box_simplex.hpp"
#include "geometry/halfspace_rows.hpp"
#include "refinement/explore/positive_definite.hpp"

namespace relutope {

// The method of SparseSearch (sparse_search.hpp): nearest points to centres that move on, by their duals, which have one multiplier for
// each row that is met; the box only clips. A vertex of a linear program touches as many sides as there are coordinates, such a point few
// rows. Rows are taken whole here, and a row is looked at when the point has moved as far as the row was away.
class DenseSearch {
public:
    enum class Outcome { positive, point, none };
    using Proof = std::function<bool(std::span<const BoxSimplex::Active>)>;
    // Where to begin: a point near the row's hyperplane, and rows that may hold the point there. What is wrong of it costs time alone.
    struct Hint {
        std::span<const double> near;  // empty: the point inside
        std::span<const int> rows;
    };

    // REQUIRES: `inside` is strictly inside the rows and the box; `rows` outlives this object and stays as it is.
    DenseSearch(const HalfspaceRows& rows, const std::vector<double>& inside, const std::vector<double>& lower,
                const std::vector<double>& upper);

    // Looks at a row and all others but those that `ignored` marks. `positive` is a combination of these for which `proves` was true;
    // after `point` the row is negative at point(), and on the way there from the point inside before any other is. `none` says nothing,
    // and comes soon when `stop` becomes true. Where the box has no bounds nothing is shown to be positive.
    Outcome decide(int row, const char* ignored, const Hint& hint, const Proof& proves, const std::atomic<bool>& stop);
    // In the box.
    const std::vector<double>& point() const { return x_; }
    // The rows that held the point last.
    std::vector<int> holding_rows() const;

private:
    struct Member {
        int row;
        double multiplier;  // of the row divided by its length
    };
    // A row's value when it was last evaluated, and moved_ then.
    struct Seen {
        double value, moved;
    };

    void begin(int row, const Hint& hint);
    void meet(int row);
    bool settle();
    double sweep();
    void correct(Member& member, double value, double change);
    void add_to_slope(int row, double factor);
    void push(Member& member, double change);
    void clip();
    void move_all();
    void gather_holding();
    void fill_matrix();
    double at(int row) const;
    double dual() const;
    double bound() const;
    bool shows_positive(const Proof& proves);
    std::size_t look(const char* ignored);
    void move_centre();
    void stiffen();

    const HalfspaceRows& rows_;
    std::vector<double> inside_, lower_, upper_;
    bool bounded_ = true;
    double width_ = 1;  // of the box, on average
    // per row: divided by its length, which these are
    std::vector<double> inverse_length_, constant_, at_inside_;

    int objective_ = 0;
    double stiffness_ = 0, tolerance_ = 0;
    std::vector<double> x_, centre_;
    double at_centre_ = 0;       // the row's value there
    std::vector<double> free_;   // one where x is not clipped, else zero
    std::vector<double> slope_;  // of the row minus the combination
    std::vector<Member> members_;
    std::vector<char> is_member_;
    std::vector<double> looked_from_;  // x at the last look
    double moved_ = 0;                 // from look to look, in all
    std::vector<Seen> seen_;           // per row
    bool is_beyond_ = false;
    std::vector<std::pair<double, int>> violated_;
    std::vector<std::size_t> holding_;
    std::vector<double> gathered_;  // their weights where x is not clipped, one row after the other, filled up with zeros
    std::size_t stride_ = 0;
    std::vector<double> change_, before_;
    PositiveDefinite matrix_;
    std::vector<BoxSimplex::Active> combination_;
};

}  // namespace relutope
