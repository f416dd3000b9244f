#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "programs.hpp"
#include "refinement/lp/local_program.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

constexpr int n = 40;
using Outcome = LocalProgram::Outcome;
using Others = LocalProgram::Others;

// weight, and where
using Entries = std::vector<std::pair<int, double>>;

Row row_of(const Entries& entries, double constant) {
    Row row(n + 1, 0.0);
    for (const auto& [k, weight] : entries) row[k] = weight;
    row[n] = constant;
    return row;
}

struct Question {
    HalfspaceRows rows{n};
    Row goal;
    std::vector<double> lower = std::vector<double>(n, -1), upper = std::vector<double>(n, 1);
    Domain domain{lower, upper, {}};
    Row inside = Row(n, 0.0);
    LocalProgram local;
    double bound = 0;  // of the goal, by the last combination

    void add(const Row& row) { rows.push(row.data(), row[n], {}, {1, rows.count()}, 1.0); }
    void begin() { local.begin(goal.data(), n); }
    // The goal minus the combination, at its least in the box.
    bool proves(std::span<const BoxSimplex::Active> combination) {
        Row rest = goal;
        for (const BoxSimplex::Active& tight : combination) {
            CHECK(tight.multiplier > 0);
            for (int k = 0; k <= n; ++k) rest[k] -= tight.multiplier * rows.row(tight.row)[k];
        }
        bound = rest[n];
        for (int k = 0; k < n; ++k)
            if (std::fabs(rest[k]) > 1e-9) bound += std::min(rest[k] * domain.lower[k], rest[k] * domain.upper[k]);
        return bound > 0;
    }
    Outcome solve(Others others = Others::dropped) {
        const Halfspace objective{goal.data(), 0, 0, 0, {}, 1.0};
        return local.solve(rows, objective, inside, lower, upper, domain, others, [&](const auto& combination) { return proves(combination); });
    }
    Row point() const { return local.point(inside); }
    double goal_at(const Row& x) const { return dot(goal.data(), x.data(), n) + goal[n]; }
};

}  // namespace

TEST_SUITE_BEGIN("local_program");

// x3 + x4 + constant where  x3 + x4 + x5 >= 0  and  x5 <= (1/4 + x4 + x20) / 4.
Question sum_of_two(double constant) {
    Question question;
    question.goal = row_of({{3, 1}, {4, 1}}, constant);
    question.add(row_of({{3, 1}, {4, 1}, {5, 1}}, 0));
    question.add(row_of({{4, 1}, {5, -4}, {20, 1}}, 0.25));
    question.inside.assign(n, 0.0625);
    question.inside[3] = question.inside[4] = 0.125;
    return question;
}

TEST_CASE("rows that see other coordinates count when these are held, or have been taken in") {
    Question question = sum_of_two(0.25);
    question.begin();
    REQUIRE(question.solve() == Outcome::point);
    Row at = question.point();
    CHECK(question.goal_at(at) < 0);
    CHECK(std::count(at.begin(), at.end(), 0.0625) == n - 2);
    CHECK(question.solve(Others::held) == Outcome::none);  // x5 = 1/16: x3 + x4 >= -1/16
    REQUIRE(question.local.grow(question.rows));           // by x5: two thirds of the first row, and a third of the second
    // x3 + x4 >= -1 by the first row; with x20 = 1/16, x5 <= (5/16 + x4) / 4 too, so x3 = -1, x4 = 1 - x5, x5 = 21/80 at the least
    for (const Others others : {Others::dropped, Others::held}) {
        REQUIRE(question.solve(others) == Outcome::point);
        at = question.point();
        CHECK(question.goal_at(at) < 0);
        CHECK(question.rows.at(0, at.data()) > 0);
        CHECK(at[20] == 0.0625);
    }
    CHECK(question.rows.at(1, at.data()) > 0);
    // by x20: x5 <= (5/4 + x4) / 4 at most, and x4 >= 1 - x5 where x3 = -1, so x5 = 0.45 and x4 = 0.55
    REQUIRE(question.local.grow(question.rows));
    REQUIRE(question.solve() == Outcome::point);
    at = question.point();
    CHECK(question.goal_at(at) < 0);
    for (const int row : {0, 1}) CHECK(question.rows.at(row, at.data()) > 0);
    CHECK_FALSE(question.local.grow(question.rows));
}

TEST_CASE("the least value with coordinates left out, held and taken in") {
    // -1, -21/80 and -0.45, see above
    for (const double constant : {0.3, 0.5}) {
        CAPTURE(constant);
        Question question = sum_of_two(constant);
        question.begin();
        REQUIRE(question.local.grow(question.rows));
        CHECK(question.solve() == Outcome::point);
        CHECK(question.solve(Others::held) == Outcome::none);
        REQUIRE(question.local.grow(question.rows));
        CHECK(question.solve() == (constant < 0.45 ? Outcome::point : Outcome::positive));
        CHECK(question.solve(Others::held) == (constant < 0.45 ? Outcome::point : Outcome::none));
        if (constant > 0.45) CHECK(question.bound == doctest::Approx(constant - 0.45));
    }
}

TEST_CASE("a combination of the rows at hand shows that the form is positive") {
    Question question;
    question.goal = row_of({{0, 1}, {1, 1}}, 0.75);
    question.add(row_of({{0, 1}, {1, -1}}, 0));     // x0 >= x1
    question.add(row_of({{1, 2}}, 0.5));            // x1 >= -1/4
    question.add(row_of({{0, 1}, {30, 1}}, 0.125));  // not looked at
    question.inside[0] = 0.25;
    question.begin();
    CHECK(question.solve() == Outcome::positive);
    CHECK(question.bound == doctest::Approx(0.25));
}

TEST_CASE("from one coordinate it grows by the rows that see it") {
    Question question;
    question.goal = row_of({{7, 1}}, 0.5);
    question.add(row_of({{7, 1}, {8, 1}, {9, 1}}, 0));
    question.add(row_of({{8, -1}, {10, 1}}, 0));
    question.inside[8] = question.inside[9] = 0.25;
    question.inside[10] = 0.5;
    question.begin();
    REQUIRE(question.local.grow(question.rows));
    REQUIRE(question.solve() == Outcome::point);
    const Row at = question.point();
    CHECK(at[7] < -0.5);
    CHECK(at[7] + at[8] + at[9] > 0);
    CHECK(at[10] == 0.5);
}

TEST_CASE("what only a side at infinity holds is not proposed") {
    Question question;
    question.domain = {std::vector<double>(n, -HUGE_VAL), std::vector<double>(n, HUGE_VAL), {}};
    question.goal = row_of({{0, 1}}, 2);  // positive in the box, not on the line
    question.begin();
    CHECK(question.solve() == Outcome::none);
    question.add(row_of({{0, 2}, {1, 1}}, 1));
    question.add(row_of({{0, 2}, {1, -1}}, 1));
    REQUIRE(question.local.grow(question.rows));
    CHECK(question.solve() == Outcome::positive);  // x0 >= -1/2
    CHECK(question.bound == doctest::Approx(1.5));
}

TEST_CASE("with all coordinates at hand: the sign of the minimum of random programs") {
    Random random(5);
    int positive = 0, points = 0;
    for (int trial = 0; trial < 200; ++trial) {
        CAPTURE(trial);
        Question question;
        Program program;
        const auto entries = [&] {
            Entries found;
            for (int k = 0; k < 4; ++k) found.emplace_back(k, random_double(random, -3, 1));
            return found;
        };
        const auto dense = [&](const Row& row) {
            Row result(row.begin(), row.begin() + 4);
            result.push_back(row[n]);
            return result;
        };
        question.goal = row_of(entries(), std::fabs(random_double(random, -1, 1)));
        program.objective = dense(question.goal);
        program.lower.assign(4, -1.0);
        program.upper.assign(4, 1.0);
        for (int i = 0; i < 5; ++i) {
            const Row row = row_of(entries(), std::fabs(random_double(random, -3, 0)));
            question.add(row);
            program.rows.push_back(dense(row));
        }
        const double least = static_cast<double>(least_value(program));
        question.begin();
        const Outcome outcome = question.solve();
        if (least > 1e-6) CHECK(outcome == Outcome::positive);
        if (least < -1e-6) {
            REQUIRE(outcome == Outcome::point);
            const Row at = question.point();
            CHECK(question.goal_at(at) < 0);
            for (int i = 0; i < question.rows.count(); ++i) CHECK(question.rows.at(i, at.data()) > 0);
        }
        if (std::fabs(least) > 1e-6) CHECK((question.solve(Others::held) == Outcome::point) == (least < 0));
        positive += outcome == Outcome::positive;
        points += outcome == Outcome::point;
    }
    CHECK(positive > 20);
    CHECK(points > 20);
}
