#include "facet_questions.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

using Outcome = SparseSearch::Outcome;
using Asked = FacetQuestion<SparseSearch>;

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
        asked.check_point(std::vector<double>(40, 0.0));
        for (int k = 6; k < 40; ++k) CHECK(asked.search->point()[k] == 0);  // the third row has not been met
    }
}

TEST_CASE("a proof that is not accepted, and a form that only touches: neither is decided") { check_undecided<SparseSearch>(); }

TEST_CASE("a search that is to stop says nothing") { check_stopped<SparseSearch>(); }

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
        asked.check_point(inside);
    }
    CHECK(positive > 100);
    CHECK(point > 200);
    CHECK(none < 20);
}

TEST_SUITE_END();
