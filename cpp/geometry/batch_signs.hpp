// Certain signs of the forms of a table at several points at once.
//
// First the box of the points: rounded sums are monotone, so that a form that is above its error bound on the box is that at each of the
// points. Only the forms that are left open are evaluated, each at all points. In small cells of late layers these are few.
#pragma once

#include <cstdint>
#include <vector>

#include "geometry/form_table.hpp"
#include "geometry/vertex_store.hpp"
#include "predicates/sign_stages.hpp"

namespace relutope {

class BatchSigns {
public:
    // As many finite points as add() will be called for.
    void begin(int dimension, int points);
    void add(const double* x, const Position& position);

    // Finds the signs of form i < `count`.
    void find(const FormTable& table, int count);
    // The same where some are known to be positive, or negative, at all points.
    void find_others(const FormTable& table, int count, const std::uint64_t* positive, const std::uint64_t* negative);
    // Signs of forms 64 word, ... at a point, in the order of add(). What is not set is in doubt.
    SignWord signs(int point, int word) const {
        const std::size_t at = static_cast<std::size_t>(word) * points_ + point;
        return {positive_[at], negative_[at]};
    }

private:
    double bound_points(const FormTable& table);
    void find_open(const FormTable& table);

    int dimension_ = 0, points_ = 0, added_ = 0;
    std::vector<double> x_;  // dimension x points
    std::vector<double> lower_, upper_;
    std::vector<Position> position_;
    std::vector<double> bound_;  // on the errors at each point
    std::vector<double> least_, most_, weight_;  // scratch
    std::vector<std::uint64_t> open_;            // likewise
    std::vector<std::uint64_t> positive_, negative_;  // words x points
};

}  // namespace relutope
