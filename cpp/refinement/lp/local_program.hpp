// Linear programs among few of many coordinates, in floating point alone.
//
// Neurons of convolutional layers see few inputs each, and whether one of them can be negative is mostly decided by rows that see the
// same inputs. So a form is looked at among the coordinates that it sees, and where that says nothing, among some more. With those rows
// only that see no others a combination may show that the form is positive, which needs nothing but these rows. With all rows, and the
// other coordinates held where they are, there may be a point where it is negative. What is proposed is for others to prove.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "geometry/box_simplex.hpp"
#include "geometry/halfspace_rows.hpp"
#include "network/domain.hpp"

namespace relutope {

class LocalProgram {
public:
    enum class Outcome { positive, point, none };
    // Rows that see other coordinates too: left out, or kept with those coordinates held at the point inside.
    enum class Others { dropped, held };
    using Proof = std::function<bool(std::span<const BoxSimplex::Active>)>;

    // Begins with the coordinates that this form sees.
    void begin(const double* form, int dimension);
    // Takes in the coordinates that rows see which see mostly those at hand. False when there are none.
    bool grow(const HalfspaceRows& rows);

    // Looks for a point where `objective` is negative, in `rows` and the box, starting from `inside`; with rows left out it may also be
    // shown positive. A side that `domain` has at infinity is only where it is looked: nothing that it holds in place is proposed.
    // REQUIRES: `objective` sees no coordinate but those at hand; all bounds of the box are finite; `inside` is strictly inside.
    Outcome solve(const HalfspaceRows& rows, const Halfspace& objective, const std::vector<double>& inside, const std::vector<double>& lower,
                  const std::vector<double>& upper, const Domain& domain, Others others, const Proof& proves);

    // After Outcome::point: `inside` with the coordinates at hand moved to where the objective is negative; rows that count are positive.
    std::vector<double> point(const std::vector<double>& inside) const;

private:
    struct Stop {
        double at = 1;  // from 0, the point inside, to 1
        int row = -1;
        int coordinate = -1;
        double value = 0;  // of the row, at the simplex's point
    };

    void list_coordinates();
    void load(const HalfspaceRows& rows, const Halfspace& objective, const std::vector<double>& inside, Others others);
    const double* row(std::size_t i) const { return rows_.data() + i * (coordinates_.size() + 1); }
    Stop first_stop(const double* x) const;

    int dimension_ = 0;
    std::vector<std::uint64_t> seen_;  // the coordinates at hand, as bits
    std::vector<int> coordinates_;
    std::vector<double> share_;  // of each sparse row's coordinates, those at hand; 0 for all of them
    std::vector<double> objective_, rows_, norm_;
    std::vector<int> ids_;
    std::vector<double> lower_, upper_, domain_lower_, domain_upper_;
    std::vector<BoxSimplex::Active> combination_;
    std::vector<double> found_;
};

}  // namespace relutope
