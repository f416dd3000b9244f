// Questions to searches for facets, with a check of what they combine.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "questions.hpp"
#include "refinement/explore/dense_search.hpp"
#include "refinement/explore/sparse_search.hpp"

namespace relutope::testing {

// Asks about a program's objective, which becomes the row after the others. Combinations are taken at their word up to rounding.
template <class Search>
struct FacetQuestion {
    using Outcome = typename Search::Outcome;

    FacetQuestion(const Program& asked, const std::vector<double>& inside) : program(asked), n(asked.dimension()), rows(n) {
        for (const Row& row : program.rows) push(row);
        push(program.objective);
        ignored.assign(rows.count(), 0);
        search.emplace(rows, inside, program.lower, program.upper);
    }

    void push(const Row& row) { rows.push(row.data(), row[n], {}, {1, rows.count()}, 1.0); }

    Outcome decide() {
        const auto proves = [this](std::span<const BoxSimplex::Active> given) { return takes(given); };
        const int asked = rows.count() - 1;
        if constexpr (std::is_same_v<Search, DenseSearch>) return search->decide(asked, ignored.data(), {near, likely}, proves, stop);
        else return search->decide(asked, ignored.data(), proves, stop);
    }

    bool takes(std::span<const BoxSimplex::Active> given) {
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
    }

    // At this part of the way from `inside` to the point that was found.
    double value_at(const Row& row, const std::vector<double>& inside, double step) const {
        double value = row[n];
        for (int k = 0; k < n; ++k) value += row[k] * (inside[k] + step * (search->point()[k] - inside[k]));
        return value;
    }

    // On the way from `inside` the objective becomes negative first.
    void check_point(const std::vector<double>& inside) const {
        const double there = value_at(program.objective, inside, 1), here = value_at(program.objective, inside, 0);
        REQUIRE(there < 0);
        for (std::size_t i = 0; i < program.rows.size(); ++i)
            if (!ignored[i]) CHECK(value_at(program.rows[i], inside, here / (here - there)) > -1e-12);
        for (int k = 0; k < n; ++k) CHECK((program.lower[k] <= search->point()[k] && search->point()[k] <= program.upper[k]));
    }

    Program program;
    int n;
    HalfspaceRows rows;
    std::vector<char> ignored;
    std::optional<Search> search;
    std::vector<double> near;  // hints
    std::vector<int> likely;
    std::vector<BoxSimplex::Active> combination;
    bool accepts = true;
    std::atomic<bool> stop = false;
};

inline Row entries(int n, std::initializer_list<std::pair<int, double>> weights, double constant) {
    Row row(n + 1, 0.0);
    for (const auto& [k, weight] : weights) row[k] = weight;
    row[n] = constant;
    return row;
}

// x3 + x4 + constant in [-1, 1]^40, where  x3 >= x5 - 1/4  and  x4 >= -x5 - 1/4: it is at least constant - 1/2.
inline Program sum_of_two(double constant) {
    Program program = blank(40);
    set_sides(program, 0);
    program.objective = entries(40, {{3, 1}, {4, 1}}, constant);
    program.rows = {entries(40, {{3, 1}, {5, -1}}, 0.25), entries(40, {{4, 1}, {5, 1}}, 0.25), entries(40, {{20, 1}, {30, -2}}, 0.1)};
    return program;
}

template <class Search>
void check_undecided() {
    FacetQuestion<Search> refused(sum_of_two(0.9), std::vector<double>(40, 0.0));
    refused.accepts = false;
    CHECK(refused.decide() == Search::Outcome::none);
    FacetQuestion<Search> touching(sum_of_two(0.5), std::vector<double>(40, 0.0));
    touching.accepts = false;  // rounding may leave more than zero
    CHECK(touching.decide() == Search::Outcome::none);
}

template <class Search>
void check_stopped() {
    FacetQuestion<Search> question(sum_of_two(2.5), std::vector<double>(40, 0.0));
    question.stop = true;
    CHECK(question.decide() == Search::Outcome::none);
    question.stop = false;
    CHECK(question.decide() == Search::Outcome::positive);
}

}  // namespace relutope::testing
