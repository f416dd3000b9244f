#include "facet_questions.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

using Outcome = DenseSearch::Outcome;
using Asked = FacetQuestion<DenseSearch>;

// A random polyhedron in [-1, 1]^n around the origin, with rows that see all coordinates; false when the objective is not positive there.
bool fill_program(Random& random, int n, int rows, Program& program) {
    program = blank(n);
    set_sides(program, 0);
    for (double& entry : program.objective) entry = random_double(random, -3, 1);
    for (int i = 0; i < rows; ++i)
        for (double& entry : program.rows.emplace_back(n + 1)) entry = random_double(random, -3, 1);
    return make_positive_at(program, rationals(std::vector<double>(n, 0.0)));
}

}  // namespace

TEST_SUITE_BEGIN("dense_search");

TEST_CASE("nothing in the way: straight ahead") {
    Program program = blank(3);
    set_sides(program, 0);
    program.objective = {3, 4, 0, 1};
    const std::vector<double> inside(3, 0.0);
    Asked asked(program, inside);
    REQUIRE(asked.decide() == Outcome::point);
    asked.check_point(inside);
    CHECK(asked.search->point()[0] == doctest::Approx(0.75 * asked.search->point()[1]));
    CHECK(asked.search->point()[2] == 0);
}

TEST_CASE("a side and a halfspace in the way") {
    Program program = blank(2);
    set_sides(program, 0);
    program.objective = {2, 1, 2.5};
    program.rows = {{-1, 1, 0.25}};  // y >= x - 1/4
    const std::vector<double> inside(2, 0.0);
    Asked corner(program, inside);
    REQUIRE(corner.decide() == Outcome::point);
    corner.check_point(inside);
    program.objective = {2, 1, 3.5};  // beyond the corner
    Asked beyond(program, inside);
    REQUIRE(beyond.decide() == Outcome::positive);
    program.objective = {1, 1, 1.5};
    program.rows = {{1, 0, 0.6}, {0, 1, 0.6}};
    Asked rows(program, inside);
    REQUIRE(rows.decide() == Outcome::positive);  // the corner (-0.6, -0.6) is not beyond
    CHECK(rows.combination.size() == 2);
    rows.ignored[0] = 1;
    CHECK(rows.decide() == Outcome::point);
    program.rows = {{1, 0, 0.8}, {0, 1, 0.8}};
    Asked further(program, inside);
    REQUIRE(further.decide() == Outcome::point);
    further.check_point(inside);
}

TEST_CASE("rows decide, as closely as that takes") {
    const std::vector<double> inside(40, 0.0);
    for (const double constant : {0.9, 0.6, 0.501, 0.5001}) {
        CAPTURE(constant);
        Asked asked(sum_of_two(constant), inside);
        REQUIRE(asked.decide() == Outcome::positive);
        for (const BoxSimplex::Active& term : asked.combination) CHECK(term.row < 2);
        CHECK(asked.search->holding_rows().size() == 2);
        asked.ignored[1] = 1;
        CHECK(asked.decide() == Outcome::point);
    }
    for (const double constant : {0.2, 0.4, 0.499, 0.4999}) {
        CAPTURE(constant);
        Asked asked(sum_of_two(constant), inside);
        REQUIRE(asked.decide() == Outcome::point);
        asked.check_point(inside);
    }
}

TEST_CASE("a proof that is not accepted, and a form that only touches: neither is decided") { check_undecided<DenseSearch>(); }

TEST_CASE("a search that is to stop says nothing") { check_stopped<DenseSearch>(); }

TEST_CASE("without bounds points are found and nothing is shown") {
    Program program = sum_of_two(0.4);
    for (int k = 10; k < 40; ++k) program.upper[k] = infinity;
    const std::vector<double> inside(40, 0.0);
    Asked asked(program, inside);
    REQUIRE(asked.decide() == Outcome::point);
    asked.check_point(inside);
    program.objective[40] = 0.9;
    Asked open(program, inside);
    CHECK(open.decide() == Outcome::none);
}

TEST_CASE("random polyhedra, small and of many dimensions: what is said is so, whatever is hinted, and nearly all is said") {
    Random random(77);
    int positive = 0, point = 0, none = 0;
    const auto ask = [&](Asked& asked, const std::vector<double>& inside, bool negative) {
        const Outcome outcome = asked.decide();
        none += outcome == Outcome::none;
        if (outcome == Outcome::none) return;
        REQUIRE((outcome == Outcome::point) == negative);
        ++(negative ? point : positive);
        if (negative) asked.check_point(inside);
    };
    for (int trial = 0; trial < 1000; ++trial) {
        CAPTURE(trial);
        const int n = trial < 990 ? 1 + trial % 6 : 34;
        Program program;
        if (!fill_program(random, n, n == 34 ? 20 : static_cast<int>(random() % 12), program)) continue;
        const std::vector<double> inside(n, 0.0);
        const bool negative = negative_exactly(program);
        Asked asked(program, inside);
        ask(asked, inside, negative);
        asked.likely = asked.search->holding_rows();
        for (int k = 0; k < n; ++k) asked.near.push_back(0.5 * random_double(random, -3, 0));
        ask(asked, inside, negative);
    }
    CHECK(positive > 500);
    CHECK(point > 600);
    CHECK(none < 20);
}

TEST_SUITE_END();
