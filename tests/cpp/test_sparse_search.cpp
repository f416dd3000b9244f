#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <optional>

#include "questions.hpp"
#include "refinement/explore/sparse_search.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

using Outcome = SparseSearch::Outcome;

// Asks about a program's objective, which becomes the row after the others. Combinations are taken at their word up to rounding.
struct Asked {
    explicit Asked(const Program& asked, const std::vector<double>& inside) : program(asked), n(asked.dimension()), rows(n) {
        for (const Row& row : program.rows) push(row);
        push(program.objective);
        ignored.assign(rows.count(), 0);
        search.emplace(rows, inside, program.lower, program.upper);
    }

    void push(const Row& row) { rows.push(row.data(), row[n], {}, {1, rows.count()}, 1.0); }

    Outcome decide() {
        return search->decide(rows.count() - 1, ignored.data(), [this](std::span<const BoxSimplex::Active> given) {
            combination.assign(given.begin(), given.end());
            Row rest = program.objective;
            for (const BoxSimplex::Active& term : combination) {
                CHECK(term.multiplier > 0);
                CHECK(!ignored[term.row]);
                REQUIRE(term.row < rows.count() - 1);
                for (int k = 0; k <= n; ++k) rest[k] -= term.multiplier * program.rows[term.row][k];
            }
            double least = rest[n];
            for (int k = 0; k < n; ++k) least += std::min(rest[k] * program.lower[k], rest[k] * program.upper[k]);
            CHECK(least > -1e-9);
            return accepts;
        }, stop);
    }

    double value_at(const Row& row, double step) const {
        double value = row[n];
        for (int k = 0; k < n; ++k) value += row[k] * step * search->point()[k];
        return value;
    }

    Program program;
    int n;
    HalfspaceRows rows;
    std::vector<char> ignored;
    std::optional<SparseSearch> search;
    std::vector<BoxSimplex::Active> combination;
    bool accepts = true;
    std::atomic<bool> stop = false;
};

Row entries(int n, std::initializer_list<std::pair<int, double>> weights, double constant) {
    Row row(n + 1, 0.0);
    for (const auto& [k, weight] : weights) row[k] = weight;
    row[n] = constant;
    return row;
}

// x3 + x4 + constant in [-1, 1]^40, where  x3 >= x5 - 1/4  and  x4 >= -x5 - 1/4: it is at least constant - 1/2.
Program sum_of_two(double constant) {
    Program program = blank(40);
    set_sides(program, 0);
    program.objective = entries(40, {{3, 1}, {4, 1}}, constant);
    program.rows = {entries(40, {{3, 1}, {5, -1}}, 0.25), entries(40, {{4, 1}, {5, 1}}, 0.25), entries(40, {{20, 1}, {30, -2}}, 0.1)};
    return program;
}

}  // namespace

TEST_SUITE_BEGIN("sparse_search");

TEST_CASE("the box alone decides") {
    Asked positive(sum_of_two(2.5), std::vector<double>(40, 0.0));
    CHECK(positive.decide() == Outcome::positive);
    CHECK(positive.combination.empty());
}

TEST_CASE("rows decide, as closely as that takes") {
    for (const double constant : {0.9, 0.6, 0.501, 0.5001}) {
        CAPTURE(constant);
        Asked asked(sum_of_two(constant), std::vector<double>(40, 0.0));
        REQUIRE(asked.decide() == Outcome::positive);
        REQUIRE(asked.combination.size() == 2);
        for (const BoxSimplex::Active& term : asked.combination) CHECK(term.row < 2);
        asked.ignored[1] = 1;
        CHECK(asked.decide() == Outcome::point);
    }
    for (const double constant : {0.2, 0.4, 0.499, 0.4999}) {
        CAPTURE(constant);
        Asked asked(sum_of_two(constant), std::vector<double>(40, 0.0));
        REQUIRE(asked.decide() == Outcome::point);
        CHECK(asked.value_at(asked.program.objective, 1) < 0);
        for (int k = 6; k < 40; ++k) CHECK(asked.search->point()[k] == 0);  // the third row has not been met
    }
}

TEST_CASE("a proof that is not accepted, and a form that only touches: neither is decided") {
    Asked refused(sum_of_two(0.9), std::vector<double>(40, 0.0));
    refused.accepts = false;
    CHECK(refused.decide() == Outcome::none);
    Asked touching(sum_of_two(0.5), std::vector<double>(40, 0.0));
    touching.accepts = false;  // rounding may leave more than zero
    CHECK(touching.decide() == Outcome::none);
}

TEST_CASE("a search that is to stop says nothing") {
    Asked asked(sum_of_two(2.5), std::vector<double>(40, 0.0));
    asked.stop = true;
    CHECK(asked.decide() == Outcome::none);
    asked.stop = false;
    CHECK(asked.decide() == Outcome::positive);
}

TEST_CASE("random polyhedra: what is said is so, and nearly all is said") {
    Random random(78);
    int positive = 0, point = 0, none = 0;
    for (int trial = 0; trial < 1000; ++trial) {
        CAPTURE(trial);
        const int n = 1 + trial % 6;
        Program program = blank(n);
        set_sides(program, 0);
        const auto fill = [&](Row& row) {
            for (double& entry : row) entry = random() % 2 == 0 ? 0.0 : random_double(random, -3, 1);
            row[random() % n] = 1;
        };
        fill(program.objective);
        for (int i = static_cast<int>(random() % 12); i > 0; --i) fill(program.rows.emplace_back(n + 1));
        const std::vector<double> inside(n, 0.0);
        if (!make_positive_at(program, rationals(inside))) continue;
        Asked asked(program, inside);
        const Outcome outcome = asked.decide();
        if (outcome == Outcome::none) {
            ++none;
            continue;
        }
        REQUIRE((outcome == Outcome::point) == negative_exactly(program));
        if (outcome == Outcome::positive) {
            ++positive;
            continue;
        }
        ++point;
        // On the way from the point inside the objective becomes negative first.
        const double there = asked.value_at(program.objective, 1), here = program.objective[n];
        REQUIRE(there < 0);
        for (const Row& row : program.rows) CHECK(asked.value_at(row, here / (here - there)) > -1e-12);
    }
    CHECK(positive > 100);
    CHECK(point > 200);
    CHECK(none < 20);
}

TEST_SUITE_END();
