// Which of the preactivations of a layer keep one sign on a polytope where few units of the layer before change their state.
//
// With the units c that do, which pass on max(0, h_c), a preactivation is  f = g + sum_c w_c max(0, h_c)  on the polytope, where g and
// the h_c are affine. For l_c in {0, 1}, max(0, h_c) >= l_c h_c, so that
//     f >= g + sum_{w_c < 0} w_c max(0, h_c) + sum_{w_c > 0} w_c l_c h_c,
// which is concave: its least value is at a vertex. Likewise f has an upper bound that is convex, with  w_c > 0  and  w_c < 0  exchanged.
// So no part of the polytope has to be made. (Bounds as in HullBounds, which pass through many layers; these are only for the next one.)
//
// Rounding, with the names of error_bound.hpp and m units. At a vertex that is known up to its radius, g is known up to the table's bound
// b, h_c up to its own bound e_c, and so are max(0, h_c) and l_c h_c. Products w_c h_c and m sums are rounded once each, relative to sizes
// up to |g| + sum_c |w_c h_c| of computed numbers. So the values above are known up to
//     b + sum_c |w_c| e_c + (m + 2) u (|g| + sum_c |w_c h_c|),
// where u |g| is at most the part of b that is there at radius zero, |w_c| is at most the largest of all forms, and m at most six. What
// products lose to underflow is below what `underflow` adds.
#pragma once

#include <cstdint>
#include <vector>

#include "geometry/form_table.hpp"
#include "geometry/vertex_store.hpp"

namespace relutope {

class BentSigns {
public:
    static constexpr int most_bends = 6;

    // As many finite points as add() will be called for: the vertices of a polytope.
    void begin(int dimension, int points);
    void add(const double* x, const Position& position);
    // Unit `unit` of `units` changes its state among the points, which have all been added. The forms have it with `weight`.
    // REQUIRES: no more than most_bends.
    void bend(const FormTable& units, int unit, const double* weight, int count);

    // Sets bits of forms i < `count` of `table`, which is that of g, that are certainly positive, or negative, on the whole polytope.
    // Those whose bits are set already are passed over.
    void find(const FormTable& table, int count, std::uint64_t* positive, std::uint64_t* negative);
    // A point is known better, or as well elsewhere. REQUIRES: it is one of those that were added, by number.
    void move(int point, const double* x, const Position& position);
    // Points whose errors alone have left forms open, as often as they have.
    const std::vector<int>& doubtful() const { return doubtful_; }

private:
    struct Bend {
        const double* weight;
        double least, most;  // of l_c h_c, and of max(0, h_c)
        double largest;      // of the weights
        bool mostly_positive;
        const FormTable* units;
        int unit;
    };
    double* line(std::vector<double>& values, std::size_t which) { return values.data() + which * points_; }
    void fill();
    bool bound_points(const FormTable& table);
    void find_on_box(const FormTable& table, int count, std::uint64_t* positive, std::uint64_t* negative);

    int dimension_ = 0;
    int given_ = 0;
    int points_ = 0;  // rounded up to a multiple of eight
    int added_ = 0;
    std::vector<double> x_;               // dimension x points
    std::vector<double> radius_, extent_;
    std::vector<Bend> bends_;
    std::vector<double> part_, cut_;      // bends x points: max(0, h_c), and l_c h_c
    std::vector<double> bend_error_, error_;  // at each point: what the units add to the bound, and that
    double largest_error_ = 0;
    std::vector<double> least_, most_, weight_, value_;  // scratch
    std::vector<const double*> line_;     // likewise
    std::vector<int> doubtful_;
};

}  // namespace relutope
