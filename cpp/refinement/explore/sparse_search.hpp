// Whether a halfspace of a polyhedron is one of its facets, in floating point alone, where rows see few of many coordinates.
#pragma once

#include <atomic>
#include <functional>
#include <span>
#include <vector>

#include "geometry/box_simplex.hpp"
#include "geometry/halfspace_rows.hpp"
#include "refinement/explore/positive_definite.hpp"

namespace relutope {

// Goes from a point inside to where one row is least in the box and the other rows: a linear program, which is solved as accurately as
// the answer needs, and that is seldom much. Each step looks for the nearest point to a centre, weighed against the row's value:
//
//     minimise  row(x) + stiffness / 2 |x - centre|^2,  with other rows >= 0, in the box,
//
// and the next centre lies beyond the point that was found (Rockafellar, Monotone operators and the proximal point algorithm, SIAM
// Journal on Control and Optimization 14, 1976). The dual of a step has one multiplier for each row that is met, and the box only clips.
// Multipliers are moved one by one (Hildreth, A quadratic programming procedure, Naval Research Logistics Quarterly 4, 1957), which costs
// as much as the row sees coordinates, and now and then all together by Newton's method. At each step the multipliers may show that the row is positive, or the point that it is not, whatever
// is left to gain. Only rows that are met count, so that coordinates far away are never looked at.
class SparseSearch {
public:
    enum class Outcome { positive, point, none };
    using Proof = std::function<bool(std::span<const BoxSimplex::Active>)>;

    // REQUIRES: all bounds are finite; `inside` is strictly inside the rows and the box.
    SparseSearch(const HalfspaceRows& rows, const std::vector<double>& inside, const std::vector<double>& lower,
                 const std::vector<double>& upper);

    // Looks at a row and all others but those that `ignored` marks. `positive` is a combination of these for which `proves` was true;
    // after `point` the row is negative at point(), and on the way there from the point inside before any other is. `none` says nothing,
    // and comes soon when `stop` becomes true.
    Outcome decide(int row, const char* ignored, const Proof& proves, const std::atomic<bool>& stop);
    const std::vector<double>& point() const { return x_; }

private:
    // Divided by its length.
    struct Row {
        std::size_t begin, end;  // of the weights
        double constant, length;
        double sum;  // of the sizes of the weights
        double at_inside;
    };
    // A row's value when it was last evaluated, and moved_ then.
    struct Seen {
        double value, moved;
    };
    // A row that holds the point by its place in holding_, and its weight in a coordinate.
    struct Held {
        int place;
        double weight;
    };
    // A row that has been met.
    struct Member {
        int row;
        double multiplier;
    };

    double at(const Row& row) const {
        double even = row.constant, odd = 0;
        std::size_t e = row.begin;
        for (; e + 2 <= row.end; e += 2) {
            even += weights_[e] * x_[columns_[e]];
            odd += weights_[e + 1] * x_[columns_[e + 1]];
        }
        if (e < row.end) even += weights_[e] * x_[columns_[e]];
        return even + odd;
    }
    // Moves a coordinate to where it is best with the multipliers at hand.
    void clip(int k) {
        const double free = centre_[k] - slope_[k] / stiffness_;
        x_[k] = std::min(std::max(free, lower_[k]), upper_[k]);
    }
    void touch(const Row& row);
    void begin(int row);
    bool settle();
    double sweep();
    void pull_back(Member& member, double value, double change);
    void push(Member& member, double change);
    void move_all();
    void begin_matrix();
    double dual() const;
    double bound() const;
    bool shows_positive(const Proof& proves);
    std::size_t look(int row, const char* ignored);
    bool look_at_listed();
    std::size_t add_worst();
    void move_centre();
    void refine();

    std::vector<double> inside_, lower_, upper_;
    std::vector<Row> rows_;
    std::vector<int> columns_;
    std::vector<double> weights_;
    std::vector<std::vector<int>> seen_by_;  // per coordinate: the rows that see it

    double stiffness_ = 0, tolerance_ = 0;
    double objective_constant_ = 0, objective_length_ = 0;
    std::vector<double> x_, centre_;
    std::vector<double> looked_from_;  // x at the last look
    std::vector<double> slope_;  // of the row minus the combination
    std::vector<int> touched_;  // coordinates that the row or a member sees; the others of x_ are those inside
    std::vector<char> is_touched_, is_member_, is_near_;
    std::vector<Member> members_;
    std::vector<int> near_;  // rows that see one of them
    double moved_ = 0;  // at most so far have coordinates moved from look to look, in all
    std::vector<Seen> seen_;         // per row that is near
    bool is_beyond_ = false;
    std::vector<std::pair<double, int>> violated_;
    std::vector<int> listed_;  // violated at the last look, and not members yet
    std::vector<std::size_t> holding_;
    std::vector<double> change_, before_;
    std::vector<std::vector<Held>> held_by_;  // per coordinate that is not clipped: the rows that hold the point and see it
    std::vector<int> starts_;
    PositiveDefinite matrix_;
    std::vector<BoxSimplex::Active> combination_;
};

}  // namespace relutope
