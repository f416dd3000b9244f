#include <doctest/doctest.h>

#include <cmath>

#include "geometry/halfspace_rows.hpp"
#include "network/maps/exact_maps.hpp"
#include "networks.hpp"
#include "refinement/lp/layer_maps.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

Row row_of(const HalfspaceRows& rows, int i) { return {rows.row(i), rows.row(i) + rows.dimension() + 1}; }

// Whether the integers are the numbers times one positive factor.
bool positive_multiple(const exact::Form& form, const std::vector<Rational>& row) {
    std::vector<Rational> entries(form.weight.begin(), form.weight.end());
    entries.emplace_back(form.constant);
    std::size_t pivot = 0;
    while (pivot < row.size() && row[pivot] == 0) ++pivot;
    if (pivot == row.size()) return false;
    const Rational factor = entries[pivot] / row[pivot];
    for (std::size_t k = 0; k < row.size(); ++k)
        if (entries[k] != factor * row[k]) return false;
    return factor > 0;
}

}  // namespace

TEST_SUITE_BEGIN("halfspace_rows");

TEST_CASE("dot products of any length") {
    for (int n = 0; n < 12; ++n) {
        std::vector<double> a(n), b(n);
        double sum = 0;
        for (int k = 0; k < n; ++k) {
            a[k] = k + 1;
            b[k] = k % 3 - 1;
            sum += a[k] * b[k];
        }
        CHECK(dot(a.data(), b.data(), n) == sum);
    }
}

TEST_CASE("a form of a table, turned to the cell's side") {
    const Network network = arrangement({{1, -2, 3}, {0.5, 4, -1}});
    const Domain domain = box(2, -1, 1);
    LayerMaps maps(network, domain);
    maps.enter(1);
    HalfspaceRows rows(2);
    rows.push(maps.forms(1), {1, 1}, 1.0);
    rows.push(maps.forms(1), {1, 0}, -1.0);
    REQUIRE(rows.count() == 2);
    CHECK(row_of(rows, 0) == Row{0.5, 4, -1});
    CHECK(row_of(rows, 1) == Row{-1, 2, -3});
    CHECK(rows[1].name.level == 1);
    CHECK(rows[1].name.index == 0);
    CHECK(rows[1].sense == -1);
    const std::vector<double> x{2, 10};
    CHECK(rows[1].at(x.data(), 2) == 15);
    CHECK(rows[1].error(0.25, 10) == maps.forms(1).bound(0).at(0.25, 10));
}

TEST_CASE("coefficients with their bound, already on the cell's side") {
    HalfspaceRows rows(3);
    const std::vector<double> weight{1, 2, 3};
    rows.push(weight.data(), -4, {1, 2, 3}, {5, 6}, -1.0);
    CHECK(row_of(rows, 0) == Row{1, 2, 3, -4});  // the sense is the name's alone
    CHECK(rows[0].error(10, 100) == 213);
    CHECK(rows[0].name.level == 5);
    CHECK(rows[0].name.index == 6);
    CHECK(rows[0].sense == -1);
}

TEST_CASE("a row of another collection is the same row") {
    HalfspaceRows rows(2), others(2);
    const std::vector<double> first{1, 2}, second{-0.5, 7};
    rows.push(first.data(), 3, {1, 2, 3}, {1, 0}, 1.0);
    rows.push(second.data(), 4, {4, 5, 6}, {2, 9}, -1.0);
    others.push(rows[1]);
    others.push(rows[0]);
    rows.truncate(0);
    REQUIRE(others.count() == 2);
    CHECK(row_of(others, 0) == Row{-0.5, 7, 4});
    CHECK(row_of(others, 1) == Row{1, 2, 3});
    CHECK(others[0].alpha == 4);
    CHECK(others[0].beta == 5);
    CHECK(others[0].gamma == 6);
    CHECK(others[0].name.level == 2);
    CHECK(others[0].name.index == 9);
    CHECK(others[0].sense == -1);
    CHECK(others[1].sense == 1);
}

TEST_CASE("truncated collections grow again") {
    HalfspaceRows rows(1);
    const double one = 1, two = 2;
    rows.push(&one, 1, {}, {1, 1}, 1.0);
    rows.push(&one, 2, {}, {1, 2}, 1.0);
    rows.truncate(1);
    rows.push(&two, 3, {}, {1, 3}, -1.0);
    REQUIRE(rows.count() == 2);
    CHECK(row_of(rows, 0) == Row{1, 1});
    CHECK(row_of(rows, 1) == Row{2, 3});
    CHECK(rows[1].name.index == 3);
}

TEST_CASE("sides of a domain are nonnegative inside, with the symbolic infinity where they are infinite") {
    Random random(840);
    for (int trial = 0; trial < 100; ++trial) {
        CAPTURE(trial);
        const int n = 1 + trial % 4;
        Domain domain = box(n, 0, 0);
        for (int k = 0; k < n; ++k) {
            const double a = random_double(random, -300, 300), b = random_double(random, -20, 20);
            domain.lower[k] = random() % 3 ? std::min(a, b) : -HUGE_VAL;
            domain.upper[k] = random() % 3 ? std::max(a, b) : HUGE_VAL;
        }
        for (int j = 0; j < 2; ++j) {
            domain.halfspaces.emplace_back(n + 1);
            for (double& entry : domain.halfspaces.back()) entry = random() % 4 ? random_double(random, -300, 300) : 0.0;
            domain.halfspaces.back()[0] = 0.1;
        }
        for (int side = 0; side < domain.num_sides(); ++side) {
            CAPTURE(side);
            const exact::Form form = domain_side(domain, side);
            REQUIRE(static_cast<int>(form.weight.size()) == n);
            if (side >= 2 * n) {
                CHECK(form.infinite.is_zero());
                CHECK(positive_multiple(form, rationals(domain.halfspaces[side - 2 * n])));
                continue;
            }
            const bool upper = side % 2;
            const double bound = upper ? domain.upper[side / 2] : domain.lower[side / 2];
            std::vector<Rational> row(n + 1);
            row[side / 2] = upper ? -1 : 1;
            CHECK(form.infinite.sign() == (std::isinf(bound) ? 1 : 0));
            if (!std::isinf(bound)) row[n] = upper ? rational(bound) : Rational(-rational(bound));
            CHECK(positive_multiple(form, row));
        }
    }
}

TEST_CASE("the maps of a network know the same sides") {
    const Network network = arrangement({{1, 1, 0}});
    const Domain domain = cut_box(2, -0.75, HUGE_VAL, {{0.1, 0.2, 0.3}});
    const ExactMaps maps(network, domain);
    for (int side = 0; side < 5; ++side) {
        const exact::Form mine = domain_side(domain, side);
        CHECK(maps.side(side).weight == mine.weight);
        CHECK(maps.side(side).constant == mine.constant);
        CHECK(maps.side(side).infinite == mine.infinite);
    }
}

TEST_CASE("sparse rows of many coordinates among others: the same values, also from another point, and after truncating") {
    Random random(8);
    const int n = 70;
    for (int trial = 0; trial < 40; ++trial) {
        CAPTURE(trial);
        HalfspaceRows rows(n);
        std::vector<Row> kept;
        const auto push = [&](bool sparse) {
            Row row(n + 1, 0.0);
            for (int k = 0; k < n; ++k)
                if (!sparse || random() % 10 == 0) row[k] = random_integer(random, 9);
            row[n] = random_integer(random, 9);
            rows.push(row.data(), row[n], {}, {1, rows.count()}, 1.0);
            kept.push_back(row);
        };
        const auto check = [&] {
            std::vector<double> x(n), from(n), at_from, values;
            for (double& entry : from) entry = random_integer(random, 9);
            x = from;
            for (int k = 0; k < trial; ++k) x[random() % n] = random_integer(random, 9);
            rows.evaluate(from.data(), at_from);
            rows.evaluate(x.data(), from.data(), at_from, values);
            REQUIRE(rows.count() == static_cast<int>(kept.size()));
            for (int i = 0; i < rows.count(); ++i) {  // small integers: sums are exact
                CHECK(at_from[i] == dot(kept[i].data(), from.data(), n) + kept[i][n]);
                CHECK(values[i] == dot(kept[i].data(), x.data(), n) + kept[i][n]);
                CHECK(rows.at(i, x.data()) == values[i]);
            }
        };
        for (int i = 0; i < 30; ++i) push(random() % 2);
        check();
        CHECK(rows.num_sparse() > 0);
        CHECK(rows.num_sparse() < rows.count());
        const int left = static_cast<int>(random() % 30);
        rows.truncate(left);
        kept.resize(left);
        check();
        for (int i = 0; i < 12; ++i) push(random() % 2);
        check();
        for (int place = 0; place < rows.num_sparse(); ++place) {
            const Row& row = kept[rows.sparse_row(place)];
            CHECK(rows.is_sparse(rows.sparse_row(place)));
            for (int k = 0; k < n; ++k) CHECK((rows.seen(place)[k >> 6] >> (k & 63) & 1) == (row[k] != 0));
        }
    }
}

TEST_SUITE_END();
