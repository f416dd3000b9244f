#include <doctest/doctest.h>

#include <cmath>

#include "exact/linear_program.hpp"
#include "programs.hpp"

using namespace relutope;
using namespace relutope::testing;
using exact::Form;
using exact::Interval;

namespace {

// REQUIRES: integers.
Form form_of(const Row& row) {
    Form form;
    for (const double entry : row) form.weight.emplace_back(entry);
    form.constant = form.weight.back();
    form.weight.pop_back();
    return form;
}

exact::Minimum minimum_of(const Form& objective, const std::vector<Form>& forms, const std::vector<Interval>& box) {
    std::vector<const Form*> rows;
    for (const Form& form : forms) rows.push_back(&form);
    return exact::minimise(objective, rows, box);
}

std::vector<Form> forms_of(const std::vector<Row>& rows) {
    std::vector<Form> forms;
    for (const Row& row : rows) forms.push_back(form_of(row));
    return forms;
}

// The point with R = 2^shift.
std::vector<Rational> at(const exact::Point& point, int shift) {
    std::vector<Rational> result;
    for (std::size_t k = 0; k < point.finite.size(); ++k) {
        Rational x(point.finite[k], point.denominator);
        if (!point.infinite.empty()) x += Rational(point.infinite[k], point.denominator) * power_of_two(shift);
        result.push_back(x);
    }
    return result;
}

constexpr int far = 40;  // beyond all vertices of these programs with entries up to 3

}  // namespace

TEST_SUITE_BEGIN("linear_program");

TEST_CASE("known programs") {
    const Interval unit{-1, 1, 1, 0, 0};
    const Interval half{-1, 1, 2, 0, 0};
    const Interval line{0, 0, 1, -1, 1};
    exact::Minimum minimum = minimum_of({{1}, 0, 0}, {}, {unit});
    CHECK(minimum.negative);
    CHECK(at(minimum.minimiser, 0) == std::vector<Rational>{-1});
    CHECK_FALSE(minimum_of({{1}, 1, 0}, {}, {unit}).negative);  // touches zero
    CHECK_FALSE(minimum_of({{2}, 1, 0}, {}, {half}).negative);
    CHECK(minimum_of({{2}, 0, 0}, {}, {half}).minimiser.denominator % 2 == 0);
    CHECK_FALSE(minimum_of({{1}, 0, 0}, {{{1}, 0, 0}}, {unit}).negative);
    minimum = minimum_of({{1, 1}, -1, 0}, {{{1, 0}, 0, 0}, {{0, 3}, -1, 0}}, {unit, unit});
    CHECK(minimum.negative);
    CHECK(at(minimum.minimiser, 0) == std::vector<Rational>{0, Rational(1, 3)});
    CHECK_FALSE(minimum_of({{0, 0}, 0, 0}, {}, {line, line}).negative);
    CHECK(minimum_of({{0, 0}, -1, 0}, {}, {line, line}).negative);
}

TEST_CASE("symbolic infinity") {
    const Interval line{0, 0, 1, -1, 1};
    const Interval ray{2, 0, 1, 0, 1};
    CHECK(minimum_of({{1}, 1000000, 0}, {}, {line}).negative);
    CHECK_FALSE(minimum_of({{1}, -2, 0}, {}, {ray}).negative);
    CHECK(minimum_of({{-1}, 1000000, 0}, {}, {ray}).negative);
    // The objective's own infinity: the side x = R of a box that was moved to 2R.
    const Interval moved{0, 0, 1, -1, 2};
    CHECK(minimum_of({{-1}, 0, 1}, {}, {moved}).negative);
    CHECK_FALSE(minimum_of({{-1}, 0, 1}, {}, {line}).negative);
    CHECK_FALSE(minimum_of({{-1, 0}, 0, 1}, {{{-1, 1}, 0, 0}}, {moved, line}).negative);    // x <= y <= R
    CHECK(minimum_of({{-1, 0}, 0, 1}, {{{-2, 3}, 0, 0}}, {moved, line}).negative);          // x <= 3/2 y
    CHECK_FALSE(minimum_of({{-1, 0}, 0, 1}, {{{-1, 0}, 1000000, 0}}, {moved, line}).negative);
}

TEST_CASE("agrees with all vertices, on bounded boxes and on symbolically infinite ones") {
    Random random(21);
    int negative = 0, touching = 0, infinite = 0;
    for (int trial = 0; trial < 900; ++trial) {
        const int n = 1 + trial % 3;
        const bool bounded = trial % 2 == 0;
        Program program = integer_program(random, n, static_cast<int>(random() % 6), bounded ? 2 : std::ldexp(1.0, far));
        std::vector<Interval> box(n, bounded ? Interval{-2, 2, 1, 0, 0} : Interval{0, 0, 1, -1, 1});
        if (trial % 4 == 1) {  // a half-line among the sides
            program.lower[0] = 0;
            box[0] = {0, 0, 1, 0, 1};
        }
        const Rational least = least_value(program);
        const std::vector<Form> forms = forms_of(program.rows);
        const Form objective = form_of(program.objective);
        const exact::Minimum minimum = minimum_of(objective, forms, box);
        CAPTURE(trial);
        REQUIRE(minimum.negative == (least < 0));
        touching += least == 0;
        if (!minimum.negative) continue;
        ++negative;
        infinite += !minimum.minimiser.infinite.empty();
        CHECK(exact::sign_at(objective, minimum.minimiser) < 0);
        for (const Form& form : forms) CHECK(exact::sign_at(form, minimum.minimiser) >= 0);
        CHECK(value_of(program.objective, at(minimum.minimiser, far)) == least);
    }
    CHECK(negative > 200);
    CHECK(touching > 50);
    CHECK(infinite > 50);
}

TEST_SUITE_END();
