// Built with RELUTOPE_AUDIT only: random networks of every kind, on each of which every error bound is compared with integers.
#include <doctest/doctest.h>

#include <cmath>

#include "networks.hpp"
#include "geometry/audit.hpp"
#include "refinement/lp/lp_search.hpp"
#include "refinement/vertex/search.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

Network sized(Random& random, const std::vector<int>& widths, int low, int high) {
    std::vector<Layer> layers;
    for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
        std::vector<Row> rows(widths[l + 1], Row(widths[l] + 1));
        for (Row& row : rows)
            for (double& entry : row) entry = random_double(random, low, high);
        layers.push_back(layer_of(rows));
    }
    return Network(layers);
}

std::vector<int> deep(int inputs, int depth) {
    std::vector<int> widths(depth + 2, 5);
    widths.front() = inputs;
    widths.back() = 1;
    return widths;
}

void search_both(const Network& network, const Domain& domain) {
    SearchControl by_vertices, by_programs;
    SearchOptions options;
    options.cells = false;
    search(network, domain, options, by_vertices);
    lp_search(network, domain, options, by_programs);
    CHECK(by_vertices.cells == by_programs.cells);
}

void search_all(Random& random, const Network& network) {
    const int n = network.input_dimension();
    search_both(network, box(n, -1, 1));
    search_both(network, whole_space(n));
    search_both(network, cut_box(n, -1, 1, {Row(n + 1, std::fabs(random_double(random, -2, 0)))}));
}

}  // namespace

TEST_SUITE_BEGIN("audit");

TEST_CASE("networks in general position") {
    Random random(1);
    for (int trial = 0; trial < 40; ++trial) {
        const int n = 1 + trial % 4;
        search_all(random, random_network(random, {n, 5, 4, 1}));
    }
}

TEST_CASE("small integers: hyperplanes in special position") {
    Random random(2);
    for (int trial = 0; trial < 40; ++trial) search_all(random, integer_network(random, {1 + trial % 4, 5, 3, 1}, 2));
}

TEST_CASE("entries of very different sizes, subnormal ones among them") {
    Random random(3);
    const int ranges[][2] = {{-40, 40}, {-300, 300}, {-1000, -900}, {-1074, -1000}, {-1074, 0}, {300, 480}, {900, 1000}};
    for (int trial = 0; trial < 42; ++trial) {
        const auto& range = ranges[trial % 7];
        search_all(random, sized(random, {1 + trial % 3, 4, 3, 1}, range[0], range[1]));
    }
}

TEST_CASE("many layers: forms in twice the precision") {
    Random random(4);
    for (int trial = 0; trial < 12; ++trial) search_both(sized(random, deep(1 + trial % 3, 25), -2, 0), box(1 + trial % 3, -1, 1));
}

TEST_CASE("nearly repeated neurons: strips of the last bit's width, and wider ones") {
    Random random(6);
    for (int trial = 0; trial < 24; ++trial) {
        const int n = 1 + trial % 4;
        std::vector<Row> rows, later(3);
        for (int i = 0; i < 3; ++i) {
            Row row;
            for (int k = 0; k <= n; ++k) row.push_back(random_double(random, -2, 1));
            rows.push_back(row);
            const double factor = i == 0 ? -3 : 3, step = trial % 2 ? std::ldexp(1.0, -25 - trial) : 0;
            for (double& entry : row) entry *= factor * (1 + step * random_double(random, -1, 0));
            rows.push_back(row);
        }
        for (Row& row : later)
            for (int k = 0; k <= 6; ++k) row.push_back(random_double(random, -2, 1));
        search_all(random, network_of({rows, later}));
    }
}

TEST_CASE("all kinds of claims were looked at") {
    Random random(5);
    const audit::Counts before = audit::counts();
    search_all(random, random_network(random, {2, 5, 4, 1}));
    const audit::Counts after = audit::counts();
    CHECK(audit::on);
    CHECK(after.radii > before.radii + 20);
    CHECK(after.values > before.values + 200);
    CHECK(after.forms > before.forms + 20);
}

TEST_CASE("a claim that does not hold ends the search") {
    const exact::Point third{{1}, {}, 3};
    const double x = 0.25;
    CHECK_NOTHROW(audit::check_position(third, false, &x, 0.1, 1));
    CHECK_THROWS_AS(audit::check_position(third, false, &x, 0.0625, 1), std::logic_error);
    CHECK_THROWS_AS(audit::check_position(third, false, &x, 0.1, 0.3), std::logic_error);
    const exact::Form form{{3}, 1, 0};  // 3 x + 1, twice that at exponent 1
    CHECK_NOTHROW(audit::check_value(form, 1, third, false, 4.5, 0.5));
    CHECK_THROWS_AS(audit::check_value(form, 1, third, false, 4.5, 0.25), std::logic_error);
    CHECK_THROWS_AS(audit::check_sign(form, third, false, -1, 0.5), std::logic_error);
    FormTable table(1, 1);
    table.column(0)[0] = 6.5;
    table.column(1)[0] = 2;
    table.set_exact(nullptr);
    CHECK_THROWS_AS(audit::check_form(form, 1, table, 0), std::logic_error);
    table.column(0)[0] = 6;
    CHECK_NOTHROW(audit::check_form(form, 1, table, 0));
}

TEST_SUITE_END();
