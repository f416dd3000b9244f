// Linear programs among few of many coordinates, in floating point alone.
//
// Neurons of convolutional layers see few inputs each, and whether one of them can be negative is mostly decided by rows that see the
// same inputs. So the least value of a form is looked for among the coordinates that it sees, with those rows only that see no others;
// where that says nothing, among some more. What is proposed is for others to prove: a combination of rows that may show that the form
// is positive, which needs nothing but these rows; or a point where it is negative, which rows that see other coordinates may not
// allow.
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
    using Proof = std::function<bool(std::span<const BoxSimplex::Active>)>;

    // Begins with the coordinates that this form sees.
    void begin(const double* form, int dimension);
    // Takes in the coordinates that rows see which see mostly those at hand. False when there are none, or too many.
    bool grow(const HalfspaceRows& rows);

    // Looks for the least value of `objective` in `rows` and the box. A side that `domain` has at infinity is only where it is looked:
    // nothing that it holds in place is proposed.
    // REQUIRES: `objective` sees no coordinate but those at hand; all bounds of the box are finite.
    Outcome solve(const HalfspaceRows& rows, const double* objective, const std::vector<double>& lower, const std::vector<double>& upper,
                  const Domain& domain, const Proof& proves);

    // After Outcome::point: `inside` with the coordinates at hand moved to where the objective is negative.
    std::vector<double> point(const std::vector<double>& inside) const;

private:
    void list_coordinates();
    void load(const HalfspaceRows& rows, const double* objective);
    const double* row(std::size_t i) const { return rows_.data() + i * (coordinates_.size() + 1); }
    std::size_t most_violated(const double* x) const;

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
