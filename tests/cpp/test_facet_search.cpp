#include "questions.hpp"
#include "refinement/explore/facet_search.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

// Looks for a point beyond the program's objective.
bool search(const Program& program, const std::vector<double>& inside, std::vector<double>& found) {
    const int n = program.dimension();
    const Domain domain{program.lower, program.upper, {}};
    const auto push = [n](HalfspaceRows& rows, const Row& row) { rows.push(row.data(), row[n], {}, {1, rows.count()}, 1.0); };
    HalfspaceRows rows(n), objective(n);
    for (const Row& row : program.rows) push(rows, row);
    push(objective, program.objective);
    return FacetSearch(domain).beyond(rows, objective[0], inside, found);
}

double value_at(const Row& row, const std::vector<double>& x) { return dot(row.data(), x.data(), static_cast<int>(x.size())) + row.back(); }

}  // namespace

TEST_SUITE_BEGIN("facet_search");

TEST_CASE("nothing in the way: straight ahead") {
    Program program = blank(3);
    set_sides(program, 0);
    program.objective = {3, 4, 0, 2.5};
    std::vector<double> found;
    REQUIRE(search(program, {0, 0, 0}, found));
    CHECK(found[0] == doctest::Approx(-0.3).epsilon(0.01));
    CHECK(found[1] == doctest::Approx(-0.4).epsilon(0.01));
    CHECK(found[2] == 0);
}

TEST_CASE("a side and a halfspace in the way") {
    Program program = blank(2);
    set_sides(program, 0);
    program.objective = {2, 1, 2.5};  // meets the side x = -1 at y = -1/2; the nearest point would be (-1, -1/2) itself
    program.rows = {{-1, 1, 0.25}};   // y >= x - 1/4
    std::vector<double> found;
    REQUIRE(search(program, {0, 0}, found));
    CHECK(value_at(program.objective, found) < 0);
    CHECK(found[0] > -1);
    CHECK(found[1] == doctest::Approx(-0.5).epsilon(0.05));
    program.objective = {2, 1, 3.5};  // beyond the corner
    CHECK_FALSE(search(program, {0, 0}, found));
    program.objective = {1, 1, 1.5};
    program.rows = {{1, 0, 0.6}, {0, 1, 0.6}};
    CHECK_FALSE(search(program, {0, 0}, found));  // the corner (-0.6, -0.6) is not beyond
    program.rows = {{1, 0, 0.8}, {0, 1, 0.8}};
    REQUIRE(search(program, {0, 0}, found));
    CHECK(found[0] > -0.8);
    CHECK(found[1] > -0.8);
}

TEST_CASE("random polyhedra: a point is beyond one halfspace and inside the others, and nearly always found") {
    Random random(77);
    int exist = 0, seen = 0, none = 0;
    for (int trial = 0; trial < 1000; ++trial) {
        CAPTURE(trial);
        const int n = 1 + trial % 6;
        Program program = blank(n);
        set_sides(program, 0);
        for (double& entry : program.objective) entry = random_double(random, -3, 1);
        for (int i = static_cast<int>(random() % 12); i > 0; --i) {
            program.rows.emplace_back(n + 1);
            for (double& entry : program.rows.back()) entry = random_double(random, -3, 1);
        }
        std::vector<double> x(n), found;
        for (double& entry : x) entry = 0.4 * random_double(random, -3, 0);
        if (!make_positive_at(program, rationals(x))) continue;
        const bool exists = negative_exactly(program);
        if (!search(program, x, found)) {
            exist += exists;
            none += !exists;
            continue;
        }
        REQUIRE(exists);
        ++exist;
        ++seen;
        CHECK(value_at(program.objective, found) < 0);
        for (const Row& row : program.rows) CHECK(value_at(row, found) > 0);
        for (int k = 0; k < n; ++k) CHECK((program.lower[k] < found[k] && found[k] < program.upper[k]));
    }
    CHECK(none > 200);
    CHECK(exist > 300);
    CHECK(seen > 0.95 * exist);
}

TEST_SUITE_END();
