#include <doctest/doctest.h>

#include <atomic>
#include <bit>
#include <climits>
#include <cmath>

#include "exact/lifting.hpp"
#include "exact/linear.hpp"
#include "exact/residue.hpp"
#include "numbers.hpp"

using namespace relutope;
using namespace relutope::testing;
using exact::Form;
using exact::Integer;
using exact::Point;

namespace {

std::optional<Point> meet(const std::vector<Form>& forms, int dimension) {
    std::vector<const Form*> rows;
    for (const Form& form : forms) rows.push_back(&form);
    return exact::common_zero(rows, dimension);
}

void check_point(const std::optional<Point>& point, const std::vector<Integer>& finite, const std::vector<Integer>& infinite,
                 const Integer& denominator) {
    REQUIRE(point);
    CHECK(point->finite == finite);
    CHECK(point->infinite == infinite);
    CHECK(point->denominator == denominator);
}

Form random_form(Random& random, int dimension, int bits) {
    Form form;
    const auto entry = [&] { return Integer(random_integer(random, 9)) << static_cast<int>(random() % bits); };
    for (int k = 0; k < dimension; ++k) form.weight.push_back(entry());
    form.constant = entry();
    return form;
}

}  // namespace

TEST_SUITE_BEGIN("exact_linear");

TEST_CASE("value_at and sign_at: the R part decides, then the finite part") {
    const Form form{{2, -3}, 5, 0};  // 2x - 3y + 5
    CHECK(exact::sign_at(form, {{1, 2}, {}, 1}) == 1);
    CHECK(exact::sign_at(form, {{-1, 1}, {}, 1}) == 0);
    CHECK(exact::sign_at(form, {{-1, 2}, {}, 1}) == -1);
    CHECK(exact::sign_at(form, {{-5, 0}, {}, 2}) == 0);
    CHECK(exact::sign_at(form, {{0, 0}, {3, 2}, 7}) == 1);     // (3R, 2R) / 7: the R part is zero, 5 is left
    CHECK(exact::sign_at(form, {{-1, 1}, {3, 2}, 1}) == 0);
    CHECK(exact::sign_at(form, {{1000, 0}, {0, 1}, 1}) == -1);
    const exact::Value value = exact::value_at(form, {{1, 2}, {0, 1}, 7});
    CHECK(value.finite == 2 - 6 + 35);
    CHECK(value.infinite == -3);
    const Form side{{-1}, 0, 1};  // R - x
    CHECK(exact::sign_at(side, {{1000}, {}, 1}) == 1);
    CHECK(exact::sign_at(side, {{0}, {1}, 1}) == 0);
    CHECK(exact::sign_at(side, {{1}, {1}, 1}) == -1);
}

TEST_CASE("common_zero: known systems") {
    check_point(meet({{{1, 0}, -1, 0}, {{0, 1}, 2, 0}}, 2), {1, -2}, {}, 1);
    check_point(meet({{{-3}, 2, 0}}, 1), {2}, {}, 3);
    check_point(meet({{{0, 2}, -1, 0}, {{-3, 0}, 1, 0}}, 2), {2, 3}, {}, 6);                     // rows need exchanging
    check_point(meet({{{4, 0}, -8, 0}, {{0, 6}, -12, 0}}, 2), {2, 2}, {}, 1);                    // common factors go
    check_point(meet({{{1, 1}, 0, 0}, {{2, 2}, 0, 0}, {{1, -1}, -2, 0}}, 2), {1, -1}, {}, 1);    // one row too many
    check_point(meet({{{0, 0}, 0, 0}, {{1, 0}, -1, 0}, {{0, 1}, -1, 0}}, 2), {1, 1}, {}, 1);     // an empty row
    // Hilbert matrix of order 3, scaled to integers: its inverse applied to (1, 1, 1) is (3, -24, 30).
    check_point(meet({{{6, 3, 2}, -6, 0}, {{6, 4, 3}, -12, 0}, {{20, 15, 12}, -60, 0}}, 3), {3, -24, 30}, {}, 1);
}

TEST_CASE("common_zero: nothing where the forms do not determine a point") {
    CHECK_FALSE(meet({{{1, 2}, 3, 0}}, 2));
    CHECK_FALSE(meet({{{1, 2}, 3, 0}, {{2, 4}, 6, 0}}, 2));
    CHECK_FALSE(meet({{{1, 2}, 3, 0}, {{-2, -4}, 5, 0}}, 2));  // parallel
    CHECK_FALSE(meet({{{1, 1, 0}, 0, 0}, {{0, 1, 1}, 0, 0}, {{1, 2, 1}, 0, 0}, {{1, 0, -1}, 0, 0}}, 3));
    CHECK_FALSE(meet({{{0}, 1, 0}}, 1));
}

TEST_CASE("common_zero: symbolic infinity") {
    check_point(meet({{{-1, 0}, 0, 1}, {{-1, 1}, 3, 0}}, 2), {0, -3}, {1, 1}, 1);   // x = R, y = x - 3
    check_point(meet({{{1, 0}, 0, 1}, {{0, 3}, -1, 0}}, 2), {0, 1}, {-3, 0}, 3);    // x = -R, y = 1/3
    check_point(meet({{{2, 0}, 0, 1}, {{0, -1}, 0, 1}}, 2), {0, 0}, {-1, 2}, 2);    // (-R/2, R)
}

TEST_CASE("common_zero agrees with rational elimination") {
    Random random(4);
    int solved = 0;
    int singular = 0;
    for (int trial = 0; trial < 2000; ++trial) {
        const int n = 1 + static_cast<int>(random() % 5);
        std::vector<Form> forms;
        for (int i = 0; i < n; ++i) forms.push_back(random_form(random, n, trial % 2 ? 1 : 200));
        if (n > 1 && trial % 3 == 0) {  // a combination of the others instead of the last
            for (int k = 0; k < n; ++k) forms[n - 1].weight[k] = 3 * forms[0].weight[k] - (n > 2 ? forms[1].weight[k] : Integer(0));
        }
        std::vector<std::vector<Rational>> rows;
        std::vector<Rational> constant;
        for (const Form& form : forms) {
            rows.emplace_back(form.weight.begin(), form.weight.end());
            constant.emplace_back(form.constant);
        }
        const auto expected = solve(rows, constant);
        const auto point = meet(forms, n);
        CAPTURE(trial);
        REQUIRE(point.has_value() == expected.has_value());
        if (!point) {
            ++singular;
            continue;
        }
        ++solved;
        CHECK(point->denominator > 0);
        Integer content = point->denominator;
        for (int k = 0; k < n; ++k) {
            CHECK(Rational(point->finite[k], point->denominator) == (*expected)[k]);
            content = gcd(content, point->finite[k]);
        }
        CHECK(content == 1);
        for (const Form& form : forms) CHECK(exact::sign_at(form, *point) == 0);
    }
    CHECK(solved > 500);
    CHECK(singular > 500);
}

TEST_CASE("common_zero with infinite sides: both parts vanish on every form") {
    Random random(5);
    for (int trial = 0; trial < 500; ++trial) {
        const int n = 2 + static_cast<int>(random() % 3);
        std::vector<Form> forms;
        for (int i = 0; i < n; ++i) {
            forms.push_back(random_form(random, n, 30));
            if (i % 2) forms.back().infinite = random_integer(random, 3);
        }
        const auto point = meet(forms, n);
        if (!point) continue;
        for (const Form& form : forms) {
            const exact::Value value = exact::value_at(form, *point);
            CHECK(value.finite == 0);
            CHECK(value.infinite == 0);
        }
    }
}

TEST_CASE("independent_columns: known matrices") {
    const auto columns = [](std::vector<double> matrix, int rows) {
        return exact::independent_columns(matrix, rows, static_cast<int>(matrix.size()) / rows);
    };
    using Indices = std::vector<int>;
    CHECK(columns({1, 0, 0, 1}, 2) == Indices{0, 1});
    CHECK(columns({0, 1, 1, 0, 2, 2}, 2) == Indices{1});
    CHECK(columns({0, 0, 0}, 1) == Indices{});
    CHECK(columns({0, 0, 0, 0}, 2) == Indices{});
    CHECK(columns({1, 2, 3, 2, 4, 7}, 2) == Indices{0, 2});        // greedy from the left
    CHECK(columns({1, 1, 1, 1, 1, 1}, 3) == Indices{0});           // more rows than columns
    CHECK(columns({1, 3, 1e-300, 3e-300}, 2) == Indices{0, 1});    // 3e-300 is not 3 times 1e-300 in doubles
    CHECK(columns({1, 2, 1e-300, 2e-300}, 2) == Indices{0});
    CHECK(columns({1, 1, 1, 1 + 0x1p-52}, 2) == Indices{0, 1});    // one unit in the last place
}

TEST_CASE("independent_columns: as many as the rank, each new one raises the rank") {
    Random random(6);
    for (int trial = 0; trial < 400; ++trial) {
        const int rows = 1 + static_cast<int>(random() % 5);
        const int columns = 1 + static_cast<int>(random() % 7);
        std::vector<double> matrix(rows * columns);
        for (double& entry : matrix) entry = std::ldexp(random_integer(random, 2), trial % 2 ? 0 : random_integer(random, 400));
        std::vector<int> expected;
        std::vector<std::vector<Rational>> chosen;  // columns, as rows
        for (int k = 0; k < columns; ++k) {
            std::vector<Rational> column;
            for (int i = 0; i < rows; ++i) column.push_back(rational(matrix[i * columns + k]));
            chosen.push_back(column);
            if (rank(chosen) == static_cast<int>(chosen.size())) {
                expected.push_back(k);
            } else {
                chosen.pop_back();
            }
        }
        CHECK(exact::independent_columns(matrix, rows, columns) == expected);
    }
}

TEST_CASE("combination_support: which forms a zero follows from") {
    const exact::Form x{{1, 0, 0}, 0, 0}, y{{0, 1, 0}, -1, 0}, z{{0, 0, 1}, 5, 0}, sum{{1, 1, 0}, -1, 0};
    const exact::Form* forms[] = {&x, &y, &z};
    const exact::Form goal{{2, -3, 0}, 3, 0}, beyond{{1, 1, 1}, 0, 0};
    CHECK(exact::combination_support(forms, goal) == std::vector<bool>{true, true, false});
    CHECK(exact::combination_support(forms, beyond) == std::vector<bool>{true, true, true});
    const exact::Form* more[] = {&x, &sum, &y, &z};  // y is a combination of those before
    CHECK(exact::combination_support(more, y) == std::vector<bool>{true, true, false, false});
    const exact::Form* few[] = {&x, &y};
    CHECK_FALSE(exact::combination_support(few, z));
}

TEST_CASE("combination_on: factors, denominator and what is left") {
    const std::vector<exact::Form> forms{{{2, 1, 0}, 1, 0}, {{0, 3, 1}, -2, 0}};
    const exact::Form goal{{1, 5, 7}, 11, 0};
    const std::vector<int> basis{0, 1};
    const auto found = exact::combination_on(forms, goal, basis);
    REQUIRE(found);
    CHECK(found->denominator > 0);
    for (std::size_t k = 0; k < 3; ++k)
        CHECK(goal.weight[k] * found->denominator ==
              found->factor[0] * forms[0].weight[k] + found->factor[1] * forms[1].weight[k] + found->rest.weight[k]);
    CHECK(goal.constant * found->denominator ==
          found->factor[0] * forms[0].constant + found->factor[1] * forms[1].constant + found->rest.constant);
    CHECK(found->rest.weight[0] == 0);
    CHECK(found->rest.weight[1] == 0);
    const std::vector<exact::Form> dependent{{{2, 1, 0}, 1, 0}, {{4, 2, 1}, 0, 0}};
    CHECK_FALSE(exact::combination_on(dependent, goal, basis));
}

TEST_CASE("combination_on: few and many coordinates") {
    Random random(45);
    for (const int size : {3, 16, 17, 24}) {
        CAPTURE(size);
        std::vector<exact::Form> forms;
        std::vector<int> basis(size);
        exact::Form goal{std::vector<Integer>(size + 1), 5, 0};
        for (int i = 0; i < size; ++i) {
            basis[i] = size - i;  // all but coordinate 0
            forms.push_back({std::vector<Integer>(size + 1), random_integer(random, 9), 0});
            for (Integer& weight : forms.back().weight) weight = Integer(random_integer(random, 99)) << static_cast<int>(random() % 50);
            for (int k = 0; k <= size; ++k) goal.weight[k] += (i - 1) * forms[i].weight[k];
            goal.constant += (i - 1) * forms[i].constant;
        }
        goal.weight[0] += 7;
        const auto found = exact::combination_on(forms, goal, basis);
        REQUIRE(found);
        for (int i = 0; i < size; ++i) CHECK(found->factor[i] == (i - 1) * found->denominator);
        CHECK(found->rest.weight[0] == 7 * found->denominator);
        CHECK(found->rest.constant == 5 * found->denominator);
    }
}

TEST_CASE("solve_by_lifting: short and long solutions, and none") {
    Random random(44);
    for (int trial = 0; trial < 200; ++trial) {
        CAPTURE(trial);
        const int size = 1 + trial % 9;
        const int bits = trial % 3 == 0 ? 3 : trial % 3 == 1 ? 60 : 300;
        const auto entry = [&] {
            Integer value = 0;
            for (int k = 0; k < bits; k += 20) value = (value << 20) + static_cast<int>(random() % (1 << std::min(bits, 20)));
            return random() % 4 == 0 ? Integer(0) : random() & 1 ? value : Integer(-value);
        };
        std::vector<std::vector<Integer>> matrix(size, std::vector<Integer>(size));
        std::vector<Integer> solution(size), right(size);
        for (auto& row : matrix)
            for (Integer& value : row) value = entry();
        for (Integer& value : solution) value = entry();
        const Integer denominator = trial % 2 ? Integer(1) : abs(entry()) + 1;
        // (denominator * matrix) x = matrix * solution
        for (int i = 0; i < size; ++i)
            for (int k = 0; k < size; ++k) right[i] += matrix[i][k] * solution[k];
        for (auto& row : matrix)
            for (Integer& value : row) value *= denominator;
        std::vector<exact::Form> rows;
        for (int i = 0; i < size; ++i) rows.push_back({matrix[i], -right[i], 0});
        std::vector<const exact::Form*> forms;
        for (const exact::Form& row : rows) forms.push_back(&row);
        const auto expected = exact::common_zero(forms, size);
        const auto found = exact::solve_by_lifting(matrix, right, INT_MAX);
        REQUIRE(found.has_value() == expected.has_value());
        if (!found) continue;
        CHECK(found->denominator > 0);
        for (int k = 0; k < size; ++k) {
            CHECK(found->numerator[k] * denominator == solution[k] * found->denominator);
            CHECK(found->numerator[k] * expected->denominator == expected->finite[k] * found->denominator);
        }
    }
}

TEST_CASE("solve_by_lifting: determinants as long as can be, limits, a flag") {
    const int size = 8;  // powers of two off the diagonal: Hadamard's bound is nearly reached
    std::vector<std::vector<Integer>> matrix(size, std::vector<Integer>(size));
    std::vector<Integer> right(size, 1);
    for (int i = 0; i < size; ++i)
        for (int k = 0; k < size; ++k)
            matrix[i][k] = (std::popcount(static_cast<unsigned>(i & k)) % 2 ? -1 : 1) * ((Integer(1) << 200) + 13 * i + k * k);
    const auto found = exact::solve_by_lifting(matrix, right, INT_MAX);
    REQUIRE(found);
    for (int i = 0; i < size; ++i) {
        Integer sum = 0;
        for (int k = 0; k < size; ++k) sum += matrix[i][k] * found->numerator[k];
        CHECK(sum == found->denominator);
    }
    CHECK_FALSE(exact::solve_by_lifting(matrix, right, 2));
    std::atomic<bool> stop = true;
    CHECK_FALSE(exact::solve_by_lifting(matrix, right, INT_MAX, &stop));
    // singular over the rationals; and modulo the prime alone, which is told as such
    CHECK_FALSE(exact::solve_by_lifting({{1, 2}, {2, 4}}, {1, 2}, INT_MAX));
    CHECK_FALSE(exact::solve_by_lifting({{(Integer(1) << 61) - 1}}, {1}, INT_MAX));
    CHECK(exact::solve_by_lifting({}, {}, INT_MAX)->numerator.empty());
}

// Coordinates outside the basis are what the point says, those of the basis what the forms say.
TEST_CASE("may_vanish: what does not vanish is told by a prime") {
    Random random(45);
    int vanishing = 0, others = 0, told = 0;
    for (int trial = 0; trial < 400; ++trial) {
        CAPTURE(trial);
        const int n = 1 + trial % 7, size = static_cast<int>(random() % (n + 1));
        std::vector<int> basis;
        for (int k = n - size; k < n; ++k) basis.push_back(k);
        std::vector<double> point;
        for (int k = 0; k < n; ++k) point.push_back(std::ldexp(random_integer(random, 9), random_integer(random, 300)));
        std::vector<Form> forms;
        for (int i = 0; i < size; ++i) forms.push_back(random_form(random, n, 200));
        Form goal = random_form(random, n, 200);
        // the forms and the other coordinates determine a point
        std::vector<Form> all = forms;
        for (int k = 0; k < n - size; ++k) {
            Form side;
            side.weight.assign(n, 0);
            side.weight[k] = exact::power_of_two(400);
            side.constant = -exact::scaled_integer(point[k], -400);
            all.push_back(side);
        }
        const auto met = meet(all, n);
        if (!met) {
            CHECK(exact::may_vanish(forms, goal, basis, point));
            continue;
        }
        if (trial % 2) {  // through that point
            for (Integer& weight : goal.weight) weight *= met->denominator;
            goal.constant = 0;
            for (int k = 0; k < n; ++k) goal.constant -= goal.weight[k] / met->denominator * met->finite[k];
        }
        const bool vanishes = exact::sign_at(goal, *met) == 0;
        const bool may = exact::may_vanish(forms, goal, basis, point);
        if (vanishes) CHECK(may);
        vanishing += vanishes;
        others += !vanishes;
        told += !may;
    }
    CHECK(vanishing > 100);
    CHECK(others > 100);
    CHECK(told >= others - 2);  // 2^61 and 1 are the same to the prime
}

TEST_CASE("short coefficients: machine integers say what long ones say") {
    Random random(43);
    const Integer odd = (Integer(1) << 150) + 1;  // makes the same forms too long
    int singular = 0, at_infinity = 0, dependent = 0;
    for (int round = 0; round < 4000; ++round) {
        const int n = 1 + round % 6;
        const int rows = n + static_cast<int>(random() % 2);
        const int bits = 1 + static_cast<int>(random() % 50);  // minors of some do not fit
        std::vector<Form> forms;
        for (int k = 0; k < n; ++k) {
            forms.push_back(random_form(random, n, round % 3 ? 1 : bits));
            if (random() % 8 == 0) forms.back().infinite = random_integer(random, 2);
        }
        Form goal = random_form(random, n, 1);
        if (rows > n || round % 5 == 0) {  // a combination of the others
            goal = Form{std::vector<Integer>(n), 0, 0};
            for (const Form& form : forms) {
                const Integer factor = random_integer(random, 2);
                for (int k = 0; k < n; ++k) goal.weight[k] += factor * form.weight[k];
                goal.constant += factor * form.constant;
                goal.infinite += factor * form.infinite;
            }
        }
        if (rows > n) forms.insert(forms.begin() + static_cast<int>(random() % n), goal);
        std::vector<Form> longer = forms;
        for (Form& form : longer) {
            for (Integer& weight : form.weight) weight *= odd;
            form.constant *= odd;
            form.infinite *= odd;
        }
        const auto point = meet(forms, n), same = meet(longer, n);
        REQUIRE(point.has_value() == same.has_value());
        singular += !point;
        if (point) {
            CHECK(point->finite == same->finite);
            CHECK(point->infinite == same->infinite);
            CHECK(point->denominator == same->denominator);
            for (const Form& form : forms) CHECK(exact::sign_at(form, *point) == 0);
            at_infinity += !point->infinite.empty();
        }
        std::vector<const Form*> given, long_given;
        for (const Form& form : forms) given.push_back(&form);
        for (const Form& form : longer) long_given.push_back(&form);
        const auto support = exact::combination_support(given, goal);
        CHECK(support == exact::combination_support(long_given, goal));
        dependent += support.has_value();
    }
    CHECK(singular > 20);
    CHECK(at_infinity > 200);
    CHECK(dependent > 1000);
}

TEST_SUITE_END();
