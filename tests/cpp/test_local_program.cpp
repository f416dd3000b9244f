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
    Outcome solve() {
        return local.solve(rows, goal.data(), lower, upper, domain, [&](const auto& combination) { return proves(combination); });
    }
};

}  // namespace

TEST_SUITE_BEGIN("local_program");

TEST_CASE("rows that see other coordinates count only when these have been taken in") {
    Question question;
    question.goal = row_of({{3, 1}, {4, 1}}, 0.25);
    question.add(row_of({{3, 1}, {4, 1}, {5, 1}}, 0));      // x3 + x4 + x5 >= 0
    question.add(row_of({{4, 1}, {5, -4}, {20, 1}}, 0.25));  // x5 <= (1/4 + x4 + x20) / 4
    question.begin();
    REQUIRE(question.solve() == Outcome::point);
    std::vector<double> at = question.local.point(std::vector<double>(n, 0.125));
    CHECK(at[3] == -1);
    CHECK(at[4] == -1);
    CHECK(std::count(at.begin(), at.end(), 0.125) == n - 2);
    REQUIRE(question.local.grow(question.rows));  // by x5: two thirds of the first row, and a third of the second
    REQUIRE(question.solve() == Outcome::point);  // x5 = 1: x3 + x4 = -1
    at = question.local.point(std::vector<double>(n, 0.125));
    CHECK(at[3] + at[4] == doctest::Approx(-1));
    CHECK(at[5] == 1);
    CHECK(at[20] == 0.125);
    // by x20: x5 <= (5/4 + x4) / 4 at most, and x4 >= 1 - x5 where x3 = -1, so x5 = 0.45 and x4 = 0.55
    REQUIRE(question.local.grow(question.rows));
    REQUIRE(question.solve() == Outcome::point);
    at = question.local.point(std::vector<double>(n, 0.125));
    CHECK(at[3] + at[4] == doctest::Approx(-0.45));
    CHECK_FALSE(question.local.grow(question.rows));
}

TEST_CASE("a combination of the rows at hand shows that the form is positive") {
    Question question;
    question.goal = row_of({{0, 1}, {1, 1}}, 0.75);
    question.add(row_of({{0, 1}, {1, -1}}, 0));     // x0 >= x1
    question.add(row_of({{1, 2}}, 0.5));            // x1 >= -1/4
    question.add(row_of({{0, 1}, {30, 1}}, -10));  // never; not looked at
    question.begin();
    CHECK(question.solve() == Outcome::positive);
    CHECK(question.bound == doctest::Approx(0.25));
}

TEST_CASE("from one coordinate it grows by the rows that see it") {
    Question question;
    question.goal = row_of({{7, 1}}, 0.5);
    question.add(row_of({{7, 1}, {8, 1}, {9, 1}}, 0));
    question.add(row_of({{8, -1}, {10, 1}}, 0));
    question.begin();
    REQUIRE(question.local.grow(question.rows));
    REQUIRE(question.solve() == Outcome::point);
    const std::vector<double> at = question.local.point(std::vector<double>(n, 0.0));
    CHECK(at[7] == -1);
    CHECK(at[8] + at[9] >= 1 - 1e-12);
    CHECK(at[10] == 0);
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

TEST_CASE("with all coordinates at hand: the minimum of random programs") {
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
            const std::vector<double> at = question.local.point(std::vector<double>(n, 0.0));
            CHECK(dot(question.goal.data(), at.data(), n) + question.goal[n] == doctest::Approx(least).epsilon(1e-6));
        }
        positive += outcome == Outcome::positive;
        points += outcome == Outcome::point;
    }
    CHECK(positive > 20);
    CHECK(points > 20);
}
