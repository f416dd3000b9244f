// Questions to programs over cells, with a check of each answer's witness and with the exact answer.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <vector>

#include "programs.hpp"
#include "refinement/common/records.hpp"
#include "refinement/lp/cell_program.hpp"
#include "refinement/lp/layer_maps.hpp"

namespace relutope::testing {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

inline Domain domain_of(const Program& program) { return {program.lower, program.upper, {}}; }

// The rows of a program as neurons of one layer, the objective as the last one.
inline Network network_of_program(const Program& program) {
    std::vector<Row> rows = program.rows;
    rows.push_back(program.objective);
    return arrangement(rows);
}

inline InnerPoint inner_point(const std::vector<double>& x) {
    InnerPoint point{x, 0, 0, nullptr};
    for (const double value : x) point.extent = std::max(point.extent, std::fabs(value));
    return point;
}

inline std::vector<Rational> coordinates(const InnerPoint& point) {
    const exact::Point exact = point.rational();
    std::vector<Rational> x;
    for (const exact::Integer& numerator : exact.finite) x.emplace_back(numerator, exact.denominator);
    return x;
}

// Asks for the sign of a program's objective in its interior, and checks the answer's witness.
class Question {
public:
    explicit Question(const Program& program)
        : program_(program), network_(network_of_program(program)), domain_(domain_of(program)), maps_(network_, domain_),
          solver_(domain_, maps_), rows_(program.dimension()), objective_(program.dimension()) {
        maps_.enter(1);
        const int count = static_cast<int>(program.rows.size());
        for (int i = 0; i < count; ++i) rows_.push(maps_.forms(1), {1, i}, 1.0);
        objective_.push(maps_.forms(1), {1, count}, 1.0);
    }

    bool negative_somewhere(const InnerPoint& inside, int ignored = -1) {
        std::vector<char> mask(program_.rows.size() + 1, 0);
        if (ignored >= 0) mask[ignored] = 1;
        InnerPoint found;
        const bool negative = solver_.negative_somewhere(rows_, mask.data(), objective_[0], inside, found);
        if (negative) check_witness(found, ignored);
        return negative;
    }

    bool meets_side(int side, const InnerPoint& inside) {
        HalfspaceRows one(program_.dimension());
        one.push(maps_.forms(0), {0, side}, 1.0);
        return solver_.meets_side(rows_, nullptr, BoxSide(side), one[0], inside);
    }

    CellProgram::Verdict ask(const InnerPoint& inside) {
        InnerPoint found;
        const CellProgram::Verdict verdict = solver_.ask(rows_, nullptr, objective_[0], inside, found);
        if (verdict == CellProgram::Verdict::yes) check_witness(found, -1);
        return verdict;
    }

    bool shows(const std::vector<BoxSimplex::Active>& combination) { return solver_.shows(rows_, objective_[0], combination); }

    bool negative_beyond(int side, const InnerPoint& inside) {
        HalfspaceRows one(program_.dimension());
        one.push(maps_.forms(0), {0, side}, 1.0);
        InnerPoint found;
        const bool negative = solver_.negative_beyond(rows_, nullptr, BoxSide(side), one[0], inside, found);
        if (negative) check_rows(found, -1, side);
        return negative;
    }

    void watch(const std::atomic<bool>& stop) { solver_.watch(stop); }
    const ProgramCounts& counts() const { return solver_.counts(); }

private:
    void check_witness(const InnerPoint& found, int ignored) {
        CHECK(value_of(program_.objective, coordinates(found)) < 0);
        check_rows(found, ignored, -1);
    }

    // Strictly inside of everything, but strictly outside of box side `beyond` if that is one.
    void check_rows(const InnerPoint& found, int ignored, int beyond) {
        const std::vector<Rational> x = coordinates(found);
        for (std::size_t i = 0; i < program_.rows.size(); ++i)
            if (static_cast<int>(i) != ignored) CHECK(value_of(program_.rows[i], x) > 0);
        for (int k = 0; k < program_.dimension(); ++k) {
            if (std::isfinite(program_.lower[k])) CHECK((x[k] > rational(program_.lower[k])) == (beyond != 2 * k));
            if (std::isfinite(program_.upper[k])) CHECK((x[k] < rational(program_.upper[k])) == (beyond != 2 * k + 1));
            CHECK(std::fabs(found.x[k]) <= found.extent);
            if (std::isinf(found.radius)) continue;
            const Rational off = x[k] - rational(found.x[k]);
            CHECK(abs(off) <= rational(found.radius));
        }
    }

    Program program_;
    Network network_;
    Domain domain_;
    LayerMaps maps_;
    CellProgram solver_;
    HalfspaceRows rows_, objective_;
};

// By the exact simplex alone, whose own test compares it with all vertices.
inline bool negative_exactly(const Program& program, int ignored = -1) {
    const Network network = network_of_program(program);
    ExactMaps maps(network, domain_of(program));
    std::vector<exact::Form> forms;
    for (std::size_t i = 0; i < program.rows.size(); ++i)
        if (static_cast<int>(i) != ignored) forms.push_back(maps.neuron(0, static_cast<int>(i)));
    std::vector<const exact::Form*> rows;
    for (const exact::Form& form : forms) rows.push_back(&form);
    std::vector<exact::Interval> box;
    for (int k = 0; k < program.dimension(); ++k) {
        exact::Interval side;
        side.denominator = exact::power_of_two(1100);
        const auto numerator = [](double bound) { return std::isinf(bound) ? exact::Integer(0) : exact::scaled_integer(bound, -1100); };
        side.lower = numerator(program.lower[k]);
        side.upper = numerator(program.upper[k]);
        side.lower_infinite = std::isinf(program.lower[k]) ? -1 : 0;
        side.upper_infinite = std::isinf(program.upper[k]) ? 1 : 0;
        box.push_back(side);
    }
    return exact::minimise(maps.neuron(0, static_cast<int>(program.rows.size())), rows, box).negative;
}

// Rows and objective positive at a random point in the box: turned around where they are negative, left out where they vanish.
inline bool make_positive_at(Program& program, const std::vector<Rational>& x) {
    std::erase_if(program.rows, [&](const Row& row) { return value_of(row, x) == 0; });
    for (Row& row : program.rows)
        if (value_of(row, x) < 0)
            for (double& entry : row) entry = -entry;
    if (value_of(program.objective, x) == 0) return false;
    if (value_of(program.objective, x) < 0)
        for (double& entry : program.objective) entry = -entry;
    return true;
}

inline void set_sides(Program& program, int kind) {  // 0: bounded, 1: all of space, 2: half-lines
    for (int k = 0; k < program.dimension(); ++k) {
        program.lower[k] = kind == 1 ? -infinity : -1;
        program.upper[k] = kind == 0 || (kind == 2 && k % 2) ? 1 : infinity;
    }
}

inline Program blank(int dimension) {
    return {Row(dimension + 1), {}, std::vector<double>(dimension, -1.0), std::vector<double>(dimension, 1.0)};
}

}  // namespace relutope::testing
