#include <doctest/doctest.h>

#include <cmath>

#include "geometry/rounded_vertex.hpp"
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
    RoundedVertex vertex(n);
    vertex.clear();
    for (const auto& form : leading) vertex.add_row(form);
    std::vector<double> point(n, NAN);
    const std::vector<double> start(n, 0.0);
    Outcome outcome{vertex.solve(start.data(), point.data()), true};
    const auto truth = exact::common_zero(rows, n);
    if (!truth) return {outcome.proven, !outcome.proven};
    for (int k = 0; k < n; ++k)
        outcome.right = outcome.right && point[k] == exact::nearest_double(truth->finite[k], truth->denominator);
    return outcome;
}

}  // namespace

TEST_SUITE_BEGIN("rounded_vertex");

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

TEST_SUITE_END();
