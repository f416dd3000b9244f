// Which stage decides the signs: every one of them is reached, and the expensive ones only when they must be.
#include <doctest/doctest.h>

#include "complexes.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

SearchCounts counts_of(const Network& network, const Domain& domain) { return run(network, domain).counts; }

// Lines x = 0, y = 0 and x + y = c: they meet in a point when c is 0.
Network triangle(double c) { return arrangement({{1, 0, 0}, {0, 1, 0}, {1, 1, -c}}); }

}  // namespace

TEST_SUITE_BEGIN("search_stages");

TEST_CASE("generic networks never reach the integers") {
    Random random(80);
    for (const auto& widths : {std::vector{2, 24, 24, 1}, {2, 60, 1}, {3, 10, 10, 10, 1}, {4, 8, 8, 1}, {5, 6, 6, 1}}) {
        for (int trial = 0; trial < 3; ++trial) {
            const SearchCounts counts = counts_of(random_network(random, widths), box(widths.front(), -1, 1));
            CAPTURE(widths.front());
            CHECK(counts.signs.exact == 0);
            CHECK(counts.exact_vertices == 0);
            CHECK(counts.splits > 0);
            CHECK(counts.signs.filtered > counts.splits);
            CHECK(counts.signs.inherited > counts.splits);
            // Fewer than one sign in a thousand, and one more for the smallest networks, needs its vertex solved for again.
            CHECK(counts.signs.refined <= 1 + counts.signs.filtered / 1000);
        }
    }
}

TEST_CASE("a true zero is found by the integers") {
    const SearchCounts counts = counts_of(triangle(0), box(2, -1, 1));
    CHECK(counts.signs.exact > 0);
    CHECK(counts.exact_vertices > 0);
    CHECK(counts.signs.filtered > 0);
}

// The vertex that splitting the box has left has lost a few bits against its hyperplanes; solving for it again gets them back.
TEST_CASE("a vertex close to a hyperplane is solved for again") {
    Random random(81);
    std::uint64_t refined = 0;
    for (int trial = 0; trial < 60; ++trial) {
        const double u = random_double(random, -2, 0), v = random_double(random, -2, 0), far = 1000;
        // Three lines through a point but for a step, in a box a thousand times as large.
        const Rational x = rational(u), y = rational(v);
        std::vector<Row> rows;
        for (const auto& [a, b] : {std::pair{1.0, 0.25}, {0.5, 1.0}, {1.0, -1.0}}) {
            const Rational constant = -(rational(a) * x + rational(b) * y);
            rows.push_back({a, b, exact::nearest_double(numerator(constant), denominator(constant))});
        }
        rows.back().back() += std::ldexp(1.0, -44);
        const SearchCounts counts = counts_of(arrangement(rows), box(2, -far, far));
        refined += counts.signs.refined;
        CHECK(counts.signs.exact == 0);
    }
    CHECK(refined > 0);
}

TEST_CASE("the nearer to degenerate, the later the stage; the answer is right at every distance") {
    bool exact_reached = false;
    for (int exponent = 0; exponent <= 1074; exponent += exponent < 80 ? 4 : 71) {
        const double step = std::ldexp(0.5, -exponent);
        const Network network = triangle(step);
        const SearchCounts counts = counts_of(network, box(2, -1, 1));
        CAPTURE(exponent);
        CHECK(cells_of(network, box(2, -1, 1)).num_cells() == (step > 0 ? 7 : 6));
        if (exponent < 40) CHECK(counts.signs.exact == 0);
        exact_reached = exact_reached || counts.signs.exact > 0;
    }
    CHECK(exact_reached);
}

// The second line is the first one turned by very little, so floating point knows badly where they cross; the third goes through
// that point but for the rounding of its constant. An error bound that forgot how far the crossing may slip would decide wrongly.
TEST_CASE("a vertex far along an edge that the hyperplane hardly cuts") {
    Random random(82);
    std::uint64_t doubted = 0;
    for (int trial = 0; trial < 120; ++trial) {
        const double turn = std::ldexp(1.0, -8 - trial % 45);
        const double a = random_double(random, -1, 0), b = random_double(random, -1, 0), at = random_double(random, -2, -2);
        const double p = a + turn * random_double(random, -1, 0), q = b + turn * random_double(random, -1, 0);
        const Rational y = -rational(a) * rational(at) / rational(b);  // (at, y) is on the first line
        const auto through = [&](double u, double v) {
            const Rational constant = -(rational(u) * rational(at) + rational(v) * y);
            return Row{u, v, exact::nearest_double(numerator(constant), denominator(constant))};
        };
        const Network network = arrangement({{a, b, 0}, through(p, q), through(random_double(random, -1, 0), random_double(random, -1, 0))});
        CAPTURE(trial);
        check_complex(network, box(2, -4, 4), 64);
        const SearchCounts counts = counts_of(network, box(2, -4, 4));
        doubted += counts.signs.refined + counts.signs.exact;
    }
    CHECK(doubted > 0);
}

// Rows, and a tenth of them, rounded: a strip of the last bit's width between two hyperplanes, which cross somewhere.
TEST_CASE("nearly repeated neurons need no integers, nor do the points where they cross") {
    Random random(83);
    for (int trial = 0; trial < 12; ++trial) {
        const int n = 2 + trial % 3;
        std::vector<Row> rows;
        for (int i = 0; i < 5; ++i) {
            Row row;
            for (int k = 0; k <= n; ++k) row.push_back(std::ldexp(static_cast<double>(random() >> 11), -53) - 0.5);
            rows.push_back(row);
        }
        for (int i = 0; i < 5; ++i) {
            rows.push_back(rows[i]);
            for (double& entry : rows.back()) entry *= 0.1;
        }
        const Network network = arrangement(rows);
        const SearchCounts counts = counts_of(network, box(n, -2, 2));
        CAPTURE(trial);
        CHECK(counts.signs.refined > 0);
        CHECK(counts.signs.exact == 0);
        CHECK(counts.exact_vertices == 0);
        check_complex(network, box(n, -2, 2));
        check_complex(network, whole_space(n));  // here and there the last bits agree in a direction
    }
}

TEST_CASE("signs are inherited along edges of earlier levels, not evaluated again") {
    // A grid of k + k lines: each new vertex inherits the signs of all lines but those that cut the same edge. Without that,
    // every sign at every vertex (`inherited` counts 16 for each new one) would be evaluated.
    std::vector<Row> rows;
    for (int k = 0; k < 8; ++k) rows.push_back({1, 0, (k - 3.5) / 5});
    for (int k = 0; k < 8; ++k) rows.push_back({0, 1, (k - 3.5) / 5});
    const SearchCounts counts = counts_of(arrangement(rows), box(2, -1, 1));
    CHECK(counts.signs.filtered < counts.signs.inherited / 3);
}

TEST_SUITE_END();
