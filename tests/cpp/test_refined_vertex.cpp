#include <doctest/doctest.h>

#include <cmath>

#include "geometry/refined_vertex.hpp"
#include "numbers.hpp"

using namespace relutope;
using namespace relutope::testing;
using exact::Integer;

namespace {

exact::Form form_of(const std::vector<Integer>& row) {
    exact::Form form;
    form.weight.assign(row.begin(), row.end() - 1);
    form.constant = row.back();
    return form;
}

// A random integer of up to `bits` bits.
Integer integer_of_bits(Random& random, int bits) {
    Integer value = 0;
    for (int k = 0; k < bits; k += 30) value = (value << std::min(30, bits - k)) + Integer(random() & 0x3fffffff);
    return random() & 1 ? value : Integer(-value);
}

std::vector<exact::Form> random_forms(Random& random, int n, int count, int bits) {
    std::vector<exact::Form> forms;
    for (int i = 0; i < count; ++i) {
        std::vector<Integer> row;
        for (int k = 0; k <= n; ++k) row.push_back(integer_of_bits(random, bits));
        forms.push_back(form_of(row));
    }
    return forms;
}

struct Outcome {
    bool proven;
    bool right;  // every coordinate is the exact one, rounded once
};

Outcome round_common_zero(const std::vector<exact::Form>& forms, int n) {
    std::vector<const exact::Form*> rows;
    std::vector<exact::LeadingForm> leading;
    for (const auto& form : forms) {
        rows.push_back(&form);
        leading.push_back(exact::leading_form(form));
    }
    RefinedVertex vertex(n);
    vertex.clear();
    for (const auto& form : leading) vertex.add_row(form);
    std::vector<double> point(n, NAN);
    const std::vector<double> start(n, 0.0);
    Outcome outcome{vertex.factorise() && vertex.solve(RefinedVertex::Part::finite, start.data()) && vertex.round(point.data()), true};
    const auto truth = exact::common_zero(rows, n);
    if (!truth) return {outcome.proven, !outcome.proven};
    for (int k = 0; k < n; ++k)
        outcome.right = outcome.right && point[k] == exact::nearest_double(truth->finite[k], truth->denominator);
    return outcome;
}

// Forms of powers of two of all sizes, the columns of very different ones.
std::vector<exact::Form> uneven_forms(Random& random, int n, int count) {
    std::vector<exact::Form> forms;
    std::vector<int> column;
    for (int k = 0; k <= n; ++k) column.push_back(static_cast<int>(random() % 160));
    for (int i = 0; i < count; ++i) {
        std::vector<Integer> row;
        for (int k = 0; k <= n; ++k) {
            const Integer size = exact::power_of_two(column[k] + static_cast<int>(random() % 40));
            row.push_back(random() % 5 == 0 ? Integer(0) : random() & 1 ? size : Integer(-size));
        }
        forms.push_back(form_of(row));
    }
    return forms;
}

struct Signs {
    int asked = 0, proven = 0, right = 0;
};

// Of other such forms at the common zero of some.
Signs signs_at_common_zero(RefinedVertex& vertex, const std::vector<exact::Form>& forms, const std::vector<exact::Form>& others, int n) {
    Signs signs;
    std::vector<const exact::Form*> rows;
    std::vector<exact::LeadingForm> leading;
    for (const auto& form : forms) {
        rows.push_back(&form);
        leading.push_back(exact::leading_form(form));
    }
    const auto truth = exact::common_zero(rows, n);
    vertex.clear();
    for (const auto& form : leading) vertex.add_row(form);
    const bool factorised = vertex.factorise();
    if (!truth) {
        CHECK_FALSE(factorised);
        return signs;
    }
    const auto part = truth->infinite.empty() ? RefinedVertex::Part::finite : RefinedVertex::Part::infinite;
    const std::vector<double> start(n, 0.0);
    signs.asked = static_cast<int>(others.size());
    if (!factorised || !vertex.solve(part, start.data())) return signs;
    for (const auto& form : others) {
        const auto sign = vertex.sign_of(exact::leading_form(form));
        if (!sign) continue;
        ++signs.proven;
        const exact::Value value = exact::value_at(form, *truth);
        signs.right += static_cast<int>(*sign) == (truth->infinite.empty() ? value.finite : value.infinite).sign();
    }
    return signs;
}

}  // namespace

TEST_SUITE_BEGIN("refined_vertex");

TEST_CASE("leading parts of integers") {
    Random random(1);
    for (int trial = 0; trial < 2000; ++trial) {
        const int bits = 1 + static_cast<int>(random() % 400);
        const Integer value = integer_of_bits(random, bits);
        const exact::Leading parts = exact::leading(value, bits);
        CHECK(std::fabs(parts.low) <= 0x1p-53 * std::fabs(parts.high));
        const Rational difference = Rational(value) * power_of_two(-bits) - rational(parts.high) - rational(parts.low);
        CHECK(abs(difference) <= rational(std::fabs(parts.high)) * power_of_two(-105));
    }
    CHECK(exact::leading(Integer(0), 5).high == 0.0);
    CHECK(exact::leading((Integer(1) << 200) - 1, 200).high == 1.0);
}

TEST_CASE("random vertices are rounded as integers round them, nearly always without these") {
    Random random(2);
    for (const int bits : {5, 53, 150, 700}) {
        int proven = 0;
        for (int trial = 0; trial < 400; ++trial) {
            const int n = 1 + trial % 6;
            const Outcome outcome = round_common_zero(random_forms(random, n, n, bits), n);
            if (outcome.proven) CHECK(outcome.right);
            proven += outcome.proven;
        }
        CHECK(proven > (bits == 5 ? 300 : 390));
    }
}

TEST_CASE("a vertex on more hyperplanes than its dimension") {
    Random random(3);
    for (int trial = 0; trial < 200; ++trial) {
        const int n = 2 + trial % 3;
        auto forms = random_forms(random, n, n, 40);
        forms.push_back(forms[0]);
        for (int k = 0; k < n; ++k) forms.back().weight[k] += 3 * forms[1].weight[k];
        forms.back().constant += 3 * forms[1].constant;
        const Outcome outcome = round_common_zero(forms, n);
        CHECK(outcome.proven);
        CHECK(outcome.right);
    }
}

TEST_CASE("ties and what lies next to them are left to integers") {
    const Integer odd = (Integer(1) << 54) + 1;  // halfway between two doubles
    CHECK_FALSE(round_common_zero({form_of({1, 1, -odd}), form_of({1, -1, -odd - 2})}, 2).proven);
    for (const int shift : {60, 90, 101, 150}) {
        for (const int step : {-1, 1}) {
            const Integer scale = Integer(1) << shift;
            const Outcome outcome = round_common_zero({form_of({scale, scale, -(odd * scale + step)}), form_of({1, -3, 0})}, 2);
            if (outcome.proven) CHECK(outcome.right);
        }
    }
}

TEST_CASE("sides of a box and the origin are exact") {
    const Integer third = (Integer(1) << 20) / 3;
    const Outcome zero_side = round_common_zero({form_of({1, 0, 0}), form_of({third, 7, -5})}, 2);
    CHECK(zero_side.proven);
    CHECK(zero_side.right);
    const Outcome origin = round_common_zero({form_of({3, 5, 0}), form_of({third, 7, 0})}, 2);
    CHECK(origin.proven);
    CHECK(origin.right);
    const Outcome halfway_side = round_common_zero({form_of({-2, 0, (Integer(1) << 54) + 1}), form_of({1, 7, -5})}, 2);
    CHECK(halfway_side.right);
}

TEST_CASE("nearly parallel and dependent rows are not decided wrongly") {
    Random random(4);
    for (int trial = 0; trial < 400; ++trial) {
        const int n = 2 + trial % 4;
        auto forms = random_forms(random, n, n, 60);
        forms[1] = forms[0];
        for (auto& weight : forms[1].weight) weight <<= trial % 90;
        forms[1].constant <<= trial % 90;
        if (trial % 3) forms[1].weight[0] += 1;
        const Outcome outcome = round_common_zero(forms, n);
        if (outcome.proven) CHECK(outcome.right);
    }
}

TEST_CASE("signs at vertices whose coordinates have very different sizes") {
    Random random(5);
    int asked = 0, proven = 0;
    for (int trial = 0; trial < 600; ++trial) {
        const int n = 2 + trial % 5;
        RefinedVertex vertex(n);
        auto all = uneven_forms(random, n, n + 4);
        const std::vector<exact::Form> others(all.begin() + n, all.end());
        all.resize(n);
        if (trial % 2) {  // a side at infinity
            std::vector<Integer> row(n + 1);
            row[trial % n] = 1;
            all.back() = form_of(row);
            all.back().infinite = 1;
        }
        const Signs signs = signs_at_common_zero(vertex, all, others, n);
        CHECK(signs.right == signs.proven);
        asked += signs.asked;
        proven += signs.proven;
    }
    CHECK(proven > asked / 2);
}

TEST_CASE("coordinates of very different sizes are rounded as integers round them") {
    Random random(6);
    int proven = 0;
    for (int trial = 0; trial < 400; ++trial) {
        const int n = 2 + trial % 4;
        const Outcome outcome = round_common_zero(uneven_forms(random, n, n), n);
        if (outcome.proven) CHECK(outcome.right);
        proven += outcome.proven;
    }
    CHECK(proven > 200);
}

TEST_SUITE_END();
