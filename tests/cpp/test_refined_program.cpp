#include "questions.hpp"

using namespace relutope;
using namespace relutope::testing;
using double_double::Number;

namespace {

Rational rational_of(const Number& number) { return rational(number.high) + rational(number.low); }

Number random_number(Random& random, int size) {
    const double high = random_double(random, -size, size);
    return double_double::normalised(high, random() % 4 ? high * random_double(random, -70, -54) : 0.0);
}

void check_normalised(const Number& number) { CHECK(number.high + number.low == number.high); }

// A rational point with an inner point's rounding.
InnerPoint inner_point(const exact::Point& exact) {
    InnerPoint point;
    for (const exact::Integer& numerator : exact.finite) point.x.push_back(exact::nearest_double(numerator, exact.denominator));
    point.extent = extent_of(point.x);
    point.radius = point.extent * 0x1p-52 + 0x1p-1000;
    point.extent += point.radius;
    point.exact = std::make_shared<const exact::Point>(exact);
    return point;
}

// A point at which the row is `value`, and whose other coordinates than the last are x.
exact::Point point_on(const Row& row, std::vector<double> x, double value) {
    const int n = static_cast<int>(row.size()) - 1;
    const auto integer = [](double entry) { return exact::scaled_integer(entry, -1074); };
    exact::Point point;
    point.denominator = abs(integer(row[n - 1])) << 1074;
    exact::Integer rest = (integer(value) - integer(row[n])) << 1074;  // times 2^2148
    for (int k = 0; k + 1 < n; ++k) {
        rest -= integer(row[k]) * integer(x[k]);
        point.finite.push_back(integer(x[k]) * abs(integer(row[n - 1])));
    }
    point.finite.push_back(row[n - 1] < 0 ? exact::Integer(-rest) : rest);
    return point;
}

}  // namespace

TEST_SUITE_BEGIN("refined_program");

TEST_CASE("sums, differences, products and quotients of two doubles are off by what is said") {
    Random random(910);
    for (int trial = 0; trial < 3000; ++trial) {
        const Number a = random_number(random, 40);
        Number b = random_number(random, 40);
        if (trial % 3 == 0) b = Number(-a.high) + Number(std::nextafter(a.low, 1));  // nearly all cancels
        const Rational exact_a = rational_of(a), exact_b = rational_of(b);
        const Rational bound = rational(0x1p-103);
        for (const Number& number : {a + b, a - b, a * b}) check_normalised(number);
        CHECK(abs(Rational(rational_of(a + b) - (exact_a + exact_b))) <= bound * abs(Rational(exact_a + exact_b)));
        CHECK(abs(Rational(rational_of(a - b) - (exact_a - exact_b))) <= bound * abs(Rational(exact_a - exact_b)));
        CHECK(abs(Rational(rational_of(a * b) - exact_a * exact_b)) <= bound * abs(Rational(exact_a * exact_b)));
        if (b.high != 0) CHECK(abs(Rational(rational_of(a / b) * exact_b - exact_a)) <= rational(0x1p-98) * abs(exact_a));
        CHECK((a < b) == (exact_a < exact_b));
        CHECK((a <= b) == (exact_a <= exact_b));
        CHECK((a == b) == (exact_a == exact_b));
        CHECK(rational_of(double_double::abs(a)) == abs(exact_a));
    }
    CHECK(std::isnan((Number(0x1p1000) * Number(0x1p1000)).low));
}

// Rows twice, 3 times and rounded, or turned by a unit in the last place, so that cells are some 2^-53 thin.
TEST_CASE("thin cells: the answer is the exact one, and few of them need the rational program") {
    Random random(911);
    for (const int kind : {0, 1, 2}) {
        ProgramCounts counts;
        int negative = 0, asked = 0;
        for (int trial = 0; trial < 300; ++trial) {
            const int n = 1 + trial % 5;
            Program program = blank(n);
            set_sides(program, kind);
            for (int i = 1 + static_cast<int>(random() % 4); i > 0; --i) {
                Row row(n + 1);
                for (double& entry : row) entry = random_double(random, -3, 0);
                program.rows.push_back(row);
                for (double& entry : row) entry *= 3;
                if (trial % 3 == 0) row[random() % row.size()] *= 1 + 0x1p-52;
                program.rows.push_back(row);
            }
            std::vector<double> x(n);
            for (double& entry : x) entry = 0.4 * random_double(random, -3, 0);
            const Row first = program.rows[0];
            const exact::Point point = point_on(first, x, trial % 2 ? 0x1p-56 : -0x1p-70);
            const InnerPoint inside = inner_point(point);
            if (kind != 1 && std::fabs(inside.x[n - 1]) > 0.9) continue;
            program.objective = program.rows.back();
            program.rows.pop_back();
            if (trial % 4 == 0) std::swap(program.objective, program.rows[0]);
            if (!make_positive_at(program, coordinates(inside))) continue;
            CAPTURE(kind);
            CAPTURE(trial);
            Question question(program);
            const bool answer = question.negative_somewhere(inside);
            CHECK(answer == negative_exactly(program));
            negative += answer;
            ++asked;
            counts.add(question.counts());
        }
        CHECK(asked > 100);
        CHECK(negative > 50);
        CHECK(asked - negative > 10);
        CHECK(counts.refined > 20);
        CHECK(10 * counts.exact < counts.solved);
    }
}

// The objective falls to some -2^-55 where rows leave some 2^-55 of room: the way there from the point inside keeps 2^-110 from both.
TEST_CASE("between many nearly repeated rows points are found with twice the digits") {
    Random random(914);
    ProgramCounts counts;
    int negative = 0;
    for (int trial = 0; trial < 60; ++trial) {
        const int n = 6 + trial % 5;
        Program program = blank(n);
        set_sides(program, 0);
        std::vector<double> x(n);
        for (double& entry : x) entry = 0.4 * random_double(random, -3, 0);
        for (int i = 0; i < 12; ++i) {
            Row row(n + 1);
            for (double& entry : row) entry = random_double(random, -3, 0);
            double value = row[n];
            for (int k = 0; k < n; ++k) value += row[k] * x[k];
            for (double& entry : row) entry = value < 0 ? -entry : entry;
            program.rows.push_back(row);
            for (double& entry : row) entry *= 3;
            program.rows.push_back(row);
        }
        program.objective = program.rows.back();
        program.rows.pop_back();
        CAPTURE(trial);
        Question question(program);
        const bool answer = question.negative_somewhere(inner_point(x));
        CHECK(answer == negative_exactly(program));
        negative += answer;
        counts.add(question.counts());
    }
    CHECK(negative > 20);
    CHECK(counts.refined > 20);
    CHECK(counts.exact == 0);
}

// Coefficients of very different sizes, without constants: cells are thin cones.
TEST_CASE("powers of two: the answer is the exact one") {
    Random random(912);
    ProgramCounts counts;
    int negative = 0, asked = 0;
    for (int trial = 0; trial < 600; ++trial) {
        const int n = 2 + trial % 4, size = 20 + trial % 60;
        Program program = blank(n);
        set_sides(program, trial % 2);
        const auto random_row = [&] {
            Row row(n + 1);
            for (int k = 0; k < n; ++k) row[k] = std::ldexp(random_integer(random, 2), random_integer(random, size));
            return row;
        };
        for (int i = 2 + static_cast<int>(random() % 6); i > 0; --i) program.rows.push_back(random_row());
        program.objective = random_row();
        if (trial % 3 == 0)
            for (int k = 0; k <= n; ++k) program.objective[k] = program.rows[0][k] + program.rows[1][k] * 0x1p-20;
        std::vector<double> x(n);
        for (double& entry : x) entry = random_double(random, -size, 0) * 0.5;
        if (!make_positive_at(program, rationals(x))) continue;
        CAPTURE(trial);
        Question question(program);
        const bool answer = question.negative_somewhere(inner_point(x));
        CHECK(answer == negative_exactly(program));
        negative += answer;
        ++asked;
        counts.add(question.counts());
    }
    CHECK(negative > 50);
    CHECK(asked - negative > 50);
    CHECK(counts.refined > 20);
}

// Sizes at which powers of two that scale, or products, leave the range of doubles.
TEST_CASE("extreme sizes are right, by the rational program where need be") {
    Random random(913);
    for (int trial = 0; trial < 300; ++trial) {
        const int n = 1 + trial % 3;
        Program program = blank(n);
        const double far = std::ldexp(1.0, random_integer(random, 900));
        for (int k = 0; k < n; ++k) {
            program.lower[k] = -far;
            program.upper[k] = far * (1 + (trial % 2));
        }
        for (int i = 0; i < 4; ++i) {
            Row row(n + 1);
            for (double& entry : row) entry = std::ldexp(random_integer(random, 4), random_integer(random, 30));
            row[n] *= far;
            const double size = std::ldexp(1.0, random_integer(random, 100));
            for (double& entry : row) entry *= size;
            program.rows.push_back(row);
        }
        program.objective = program.rows.back();
        program.rows.pop_back();
        std::vector<double> x(n);
        for (double& entry : x) entry = 0.4 * far * random_double(random, -3, 0);
        const auto finite = [](const Row& row) {
            for (const double entry : row)
                if (!std::isfinite(entry)) return false;
            return true;
        };
        std::erase_if(program.rows, [&](const Row& row) { return !finite(row); });
        if (!finite(program.objective) || !make_positive_at(program, rationals(x))) continue;
        CAPTURE(trial);
        Question question(program);
        CHECK(question.negative_somewhere(inner_point(x)) == negative_exactly(program));
    }
}

// The program before has left rows in the basis, of which there are fewer now.
TEST_CASE("a program that is out of range leaves nothing of the one before") {
    const auto form = [](std::vector<exact::Integer> weight, exact::Integer constant) {
        return exact::leading_form({std::move(weight), std::move(constant), 0});
    };
    RefinedProgram program(2);
    const std::vector<Number> inside{0.25, 0.25};
    program.start(form({1, 1}, 0), 1.0);
    program.add(form({1, 0}, 0), 1.0, 0);
    program.add(form({0, 1}, 0), 1.0, 1);
    const std::vector<double> near{-1, -1}, far{1, 1};
    CHECK(program.minimise(near, far, inside, true) == RefinedProgram::Verdict::unknown);  // it is zero at least
    CHECK(program.may_touch());
    CHECK(program.tight_rows().size() == 2);
    program.start(form({1, 1}, 1), 1.0);
    const std::vector<double> too_near{-0x1p900, -1}, too_far{0x1p900, 1};
    CHECK(program.minimise(too_near, too_far, inside, true) == RefinedProgram::Verdict::unknown);
    CHECK(program.tight_rows().empty());
    CHECK(program.basic().empty());
}

TEST_SUITE_END();
