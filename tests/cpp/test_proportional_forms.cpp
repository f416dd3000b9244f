#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "exact/residue.hpp"
#include "networks.hpp"
#include "refinement/lp/proportional_forms.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

using Groups = std::vector<std::vector<int>>;
using Ratios = ProportionalForms::Ratios;

struct Ratio {
    double middle;
    double error;
};

Ratio ratio(double derivative, double derivative_error, double value, double value_error) {
    Ratios ratios(1);
    ratios.set(0, derivative, derivative_error, value, value_error);
    return {ratios.middle[0], ratios.error[0]};
}

Ratios ratios_of(const std::vector<Ratio>& each) {
    Ratios ratios(each.size());
    for (std::size_t i = 0; i < each.size(); ++i) {
        ratios.middle[i] = each[i].middle;
        ratios.error[i] = each[i].error;
    }
    return ratios;
}

Groups grouped(std::vector<int> indices, const std::vector<Ratio>& ratios, bool singles,
               const std::function<exact::Form(int)>& exact_form, const std::function<bool(int, int)>& surely_same = {}) {
    Groups groups;
    for (const std::vector<int>& cluster : ProportionalForms::clusters(indices, ratios_of(ratios))) {
        if (cluster.size() == 1 && !singles) continue;
        for (std::vector<int>& members : ProportionalForms::classes(cluster, exact_form, surely_same))
            if (members.size() > 1 || singles) groups.push_back(std::move(members));
    }
    std::sort(groups.begin(), groups.end());
    return groups;
}

exact::Form form_of(const Row& row) {
    exact::Form form;
    for (const double entry : row) form.weight.push_back(exact::scaled_integer(entry, -1074));
    form.constant = form.weight.back();
    form.weight.pop_back();
    return form;
}

// By quotients of rationals.
bool multiples(const Row& a, const Row& b) {
    std::size_t pivot = 0;
    while (a[pivot] == 0) ++pivot;
    const Rational factor = rational(b[pivot]) / rational(a[pivot]);
    for (std::size_t k = 0; k < a.size(); ++k)
        if (rational(b[k]) != factor * rational(a[k])) return false;
    return true;
}

// Derivative in the generic direction and value at `x`, with the plainest of error bounds. Forms are turned so that the value is positive.
Ratio ratio_of(const Row& row, const std::vector<double>& x) {
    const std::vector<double> direction = generic_direction(static_cast<int>(x.size()));
    double derivative = 0, value = row.back(), derivative_size = 0, value_size = std::fabs(row.back());
    for (std::size_t k = 0; k < x.size(); ++k) {
        derivative += row[k] * direction[k];
        derivative_size += std::fabs(row[k] * direction[k]);
        value += row[k] * x[k];
        value_size += std::fabs(row[k] * x[k]);
    }
    if (value < 0) return ratio(-derivative, 1e-15 * derivative_size, -value, 1e-15 * value_size);
    return ratio(derivative, 1e-15 * derivative_size, value, 1e-15 * value_size);
}

Groups groups_of(const std::vector<Row>& rows, const std::vector<double>& x, bool singles) {
    std::vector<Ratio> ratios;
    std::vector<int> indices;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        ratios.push_back(ratio_of(rows[i], x));
        indices.push_back(static_cast<int>(i));
    }
    const Groups groups = grouped(indices, ratios, singles, [&](int i) { return form_of(rows[i]); });
    for (const std::vector<int>& group : groups) CHECK(std::is_sorted(group.begin(), group.end()));
    return groups;
}

Groups expected(const std::vector<Row>& rows, bool singles) {
    Groups groups;
    std::vector<char> done(rows.size(), 0);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (done[i]) continue;
        std::vector<int> group;
        for (std::size_t j = i; j < rows.size(); ++j) {
            if (done[j] || !multiples(rows[i], rows[j])) continue;
            done[j] = 1;
            group.push_back(static_cast<int>(j));
        }
        if (singles || group.size() > 1) groups.push_back(group);
    }
    return groups;
}

}  // namespace

TEST_SUITE_BEGIN("proportional_forms");

TEST_CASE("multiples of either sign, and what is none") {
    const auto compare = [](const Row& a, const Row& b) { return proportional(form_of(a), form_of(b)); };
    CHECK(compare({1, 2, 3}, {2, 4, 6}));
    CHECK(compare({1, 2, 3}, {-0.5, -1, -1.5}));
    CHECK_FALSE(compare({1, 2, 3}, {1, 2, -3}));
    CHECK_FALSE(compare({0, 2, 3}, {1, 2, 3}));
    CHECK_FALSE(compare({1, 2, 3}, {0, 2, 3}));
    CHECK(compare({0, 0, 3}, {0, 0, -1}));
    CHECK_FALSE(compare({0, 0, 3}, {0, 1, 0}));
    CHECK_FALSE(compare({0.1, 0.2}, {0.1, std::nextafter(0.2, 1)}));
    CHECK_FALSE(compare({0.1, 0.7}, {3 * 0.1, 3 * 0.7}));  // one product rounds, the other does not
}

TEST_CASE("the direction is fixed and in general position") {
    const std::vector<double> direction = generic_direction(300);
    CHECK(generic_direction(300) == direction);
    CHECK(std::set<double>(direction.begin(), direction.end()).size() == 300);
    for (const double slope : direction) {
        CHECK(slope >= -0.25);
        CHECK(slope <= 0.75);
        CHECK(slope != 0);
    }
    CHECK(generic_direction(0).empty());
}

TEST_CASE("ratios are within their errors of the true ones") {
    Random random(820);
    for (int trial = 0; trial < 500; ++trial) {
        CAPTURE(trial);
        const double derivative = random_double(random, -300, 300), value = std::fabs(random_double(random, -300, 300));
        const double derivative_error = std::fabs(derivative) * std::fabs(random_double(random, -60, 0));
        const double value_error = value * std::ldexp(1.0, -1 - static_cast<int>(random() % 55));
        const Ratio found = ratio(derivative, derivative_error, value, value_error);
        if (!(found.error < HUGE_VAL)) continue;
        for (const double side : {-1.0, 1.0}) {
            for (const double other : {-1.0, 1.0}) {
                const Rational at = rational(value) + rational(other * value_error);
                const Rational exact = (rational(derivative) + rational(side * derivative_error)) / at;
                const Rational off = exact - rational(found.middle);
                CHECK(abs(off) <= rational(found.error));
            }
        }
    }
}

TEST_CASE("nothing is known of a ratio where the value may vanish, or sizes leave the range") {
    CHECK(ratio(1, 0, 0x1p-60, 0x1p-60).error == HUGE_VAL);
    CHECK(ratio(1, 0, 0, 0).error == HUGE_VAL);
    CHECK(ratio(1, 0, -1, 0).error == HUGE_VAL);
    CHECK(ratio(0x1p1000, 0, 0x1p-1000, 0).error == HUGE_VAL);
    CHECK(ratio(1, HUGE_VAL, 1, 0).error == HUGE_VAL);
    CHECK(ratio(1, 0, std::nan(""), 0).error == HUGE_VAL);
    CHECK(ratio(1, 0, 2, 0).error < 1e-15);
    CHECK(ratio(1, 0, 2, 0).middle == 0.5);
}

TEST_CASE("exact multiples among near ones") {
    Random random(821);
    int large = 0;
    for (int trial = 0; trial < 200; ++trial) {
        CAPTURE(trial);
        const int n = 1 + trial % 3;
        std::vector<double> x(n);
        for (double& entry : x) entry = random_double(random, -2, 1);
        std::vector<Row> rows;
        for (int family = 0; family < 4; ++family) {
            Row first(n + 1);
            for (double& entry : first) entry = random_double(random, -2, 1);
            for (int member = 0; member < 5; ++member) {
                Row row = first;
                const double factor = std::ldexp(random() & 1 ? 1.0 : -1.0, random_integer(random, 5));  // exact
                for (double& entry : row) entry *= factor;
                if (random() % 3 == 0) {  // an ulp next to a multiple
                    double& entry = row[random() % row.size()];
                    entry = std::nextafter(entry, random() & 1 ? HUGE_VAL : -HUGE_VAL);
                }
                rows.push_back(row);
            }
        }
        std::shuffle(rows.begin(), rows.end(), random);
        const Groups exact = expected(rows, false);
        for (const auto& group : exact) large += group.size() > 2;
        CHECK(groups_of(rows, x, false) == exact);
        CHECK(groups_of(rows, x, true) == expected(rows, true));
    }
    CHECK(large > 200);
}

TEST_CASE("ratios that say nothing leave everything to the integers") {
    const std::vector<Row> rows{{1, 2, 3}, {1, 1, 1}, {2, 4, 6}, {-1, -1, -1}, {5, 0, 0}};
    const std::vector<Ratio> unknown(rows.size(), {0, HUGE_VAL});
    int asked = 0;
    const auto exact = [&](int i) {
        ++asked;
        return form_of(rows[i]);
    };
    CHECK(grouped({4, 3, 2, 1, 0}, unknown, true, exact) == Groups{{0, 2}, {1, 3}, {4}});
    CHECK(asked > 0);
}

TEST_CASE("ratios that differ are not looked at again") {
    const std::vector<Ratio> ratios{{3, 0.1}, {1, 0.1}, {2, 0.1}, {7, 0.1}};
    const auto never = [](int) -> exact::Form { throw std::logic_error("asked"); };
    CHECK(grouped({0, 1, 2}, ratios, false, never).empty());
    CHECK(grouped({0, 1, 2}, ratios, true, never) == Groups{{0}, {1}, {2}});
    CHECK(grouped({}, ratios, true, never).empty());
}

// The first and the last do not overlap, but both do with the one in between.
TEST_CASE("a chain of overlapping ratios is one question") {
    const std::vector<Ratio> ratios{{1, 0.6}, {2, 0.6}, {3, 0.6}};
    const std::vector<Row> rows{{1, 1}, {3, 1}, {2, 2}};
    const auto exact = [&](int i) { return form_of(rows[i]); };
    CHECK(grouped({0, 1, 2}, ratios, false, exact) == Groups{{0, 2}});
}

TEST_CASE("residues are those of the integer") {
    Random random(822);
    const exact::Integer prime = exact::power_of_two(61) - 1;
    for (int trial = 0; trial < 300; ++trial) {
        exact::Integer value = random_integer(random, 1 << 20);
        for (int limb = 0; limb < trial % 6; ++limb) value = (value << 64) + random();
        if (trial % 2) value = -value;
        exact::Integer rest = value % prime;
        if (rest < 0) rest += prime;
        CHECK(exact::Integer(exact::residue(value)) == rest);
    }
    CHECK(exact::residue(0) == 0);
    CHECK(exact::residue(prime) == 0);
    CHECK(exact::residue(-prime) == 0);
    CHECK(exact::Integer(exact::residue(-1)) == prime - 1);
    CHECK(exact::residue(exact::power_of_two(61)) == 1);
}

TEST_CASE("multiples have one residue of their direction, others have another") {
    Random random(823);
    for (int trial = 0; trial < 300; ++trial) {
        exact::Form form;
        for (int k = 0; k < 1 + trial % 4; ++k) form.weight.push_back(random_integer(random, 3));
        form.constant = random_integer(random, 3) + exact::power_of_two(200);
        exact::Form multiple = form, other = form;
        const exact::Integer factor = (exact::power_of_two(100 + trial) + random()) * (trial % 2 ? -1 : 1);
        for (exact::Integer& weight : multiple.weight) weight *= factor;
        multiple.constant *= factor;
        other.constant += 1;
        CHECK(exact::direction_residue(form) == exact::direction_residue(multiple));
        bool weightless = true;
        for (const exact::Integer& weight : form.weight) weightless = weightless && weight.is_zero();
        if (!weightless) CHECK(exact::direction_residue(form) != exact::direction_residue(other));
    }
}

// Their residues say nothing, so the integers are asked.
TEST_CASE("forms that the prime divides are not lost") {
    const exact::Integer prime = exact::power_of_two(61) - 1;
    const std::vector<exact::Form> forms{{{1, 2}, 3, 0}, {{2 * prime, 4 * prime}, 6 * prime, 0}, {{prime, 2}, 3, 0}, {{-1, -2}, -3, 0}, {{3, 1}, 0, 0},
                                         {{3 * prime, prime}, 0, 0}};
    CHECK_FALSE(exact::direction_residue(forms[1]).has_value());
    CHECK(exact::direction_residue(forms[2]).has_value());
    const std::vector<Ratio> unknown(forms.size(), {0, HUGE_VAL});
    CHECK(grouped({0, 1, 2, 3, 4, 5}, unknown, false, [&](int i) { return forms[i]; }) == Groups{{0, 1, 3}, {4, 5}});
    CHECK(grouped({0, 2, 3, 4}, unknown, true, [&](int i) { return forms[i]; }) == Groups{{0, 3}, {2}, {4}});
}

TEST_CASE("what is known to be the same joins what the integers find") {
    const std::vector<Row> rows{{1, 1}, {2, 1}, {2, 2}, {4, 2}, {3, 3}};
    const std::vector<Ratio> unknown(rows.size(), {0, HUGE_VAL});
    const auto exact = [&](int i) { return form_of(rows[i]); };
    const auto sure = [](int a, int b) { return a == 1 && b == 3; };
    CHECK(grouped({4, 3, 2, 1, 0}, unknown, false, exact, sure) == Groups{{0, 2, 4}, {1, 3}});
}

TEST_SUITE_END();
