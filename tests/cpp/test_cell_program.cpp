#include "questions.hpp"

using namespace relutope;
using namespace relutope::testing;

TEST_SUITE_BEGIN("cell_program");

TEST_CASE("random programs: the answer is the exact one, and floating point gives nearly all of them on a bounded box") {
    Random random(31);
    for (const int kind : {0, 1, 2}) {
        std::uint64_t solved = 0, exact = 0;
        int negative = 0;
        for (int trial = 0; trial < 400; ++trial) {
            const int n = 1 + trial % 5;
            Program program = blank(n);
            set_sides(program, kind);
            for (double& entry : program.objective) entry = random_double(random, -3, 1);
            for (int i = static_cast<int>(random() % 9); i > 0; --i) {
                program.rows.emplace_back(n + 1);
                for (double& entry : program.rows.back()) entry = random_double(random, -3, 1);
            }
            std::vector<double> x(n);
            for (double& entry : x) entry = 0.4 * random_double(random, -3, 0);
            if (!make_positive_at(program, rationals(x))) continue;
            Question question(program);
            CAPTURE(kind);
            CAPTURE(trial);
            const bool answer = question.negative_somewhere(inner_point(x));
            CHECK(answer == negative_exactly(program));
            negative += answer;
            solved += question.counts().solved;
            exact += question.counts().exact;
        }
        CHECK(negative > 100);
        CHECK(solved > negative + 50u);
        if (kind == 0) CHECK(exact * 50 < solved);
        if (kind == 1) CHECK(exact * 2 < solved);
    }
}

// The objective is a combination of the rows, so that it touches the polyhedron; then its constant moves by some units in the last place.

TEST_CASE("an objective that touches, or misses by a rounding error, is decided exactly") {
    Random random(32);
    int negative = 0, not_negative = 0;
    for (int trial = 0; trial < 900; ++trial) {
        const int n = 1 + trial % 4;
        const bool on_box = trial % 2;
        Program program = blank(n);
        set_sides(program, on_box ? 0 : 1);
        const double unit = trial % 3 ? 0.1 : std::ldexp(1.0, random_integer(random, 400));
        const std::vector<double> x(n, 1 / 64.0);
        for (int i = 0; i < n + 2; ++i) {
            Row row(n + 1);
            for (double& entry : row) entry = unit * random_integer(random, 3);
            program.rows.push_back(row);
        }
        program.objective.assign(n + 1, unit);
        if (!make_positive_at(program, rationals(x)) || program.rows.size() < 2) continue;
        for (int k = 0; k <= n; ++k) program.objective[k] = 2 * program.rows[0][k] + program.rows[1][k];
        if (on_box && n > 1) program.objective[0] = program.rows[0][0];
        double& constant = program.objective[n];
        for (int ulps = random_integer(random, 2); ulps != 0; ulps += ulps < 0 ? 1 : -1)
            constant = std::nextafter(constant, ulps < 0 ? -infinity : infinity);
        if (value_of(program.objective, rationals(x)) <= 0) continue;
        Question question(program);
        CAPTURE(trial);
        const bool answer = question.negative_somewhere(inner_point(x));
        CHECK(answer == negative_exactly(program));
        (answer ? negative : not_negative)++;
    }
    CHECK(negative > 100);
    CHECK(not_negative > 100);
}

// A combination of rows through the origin, rounded, and lifted by less than the rounding errors of adding it up again.

TEST_CASE("an objective lifted by less than rounding errors") {
    Random random(35);
    int negative = 0, not_negative = 0;
    for (int trial = 0; trial < 800; ++trial) {
        const int n = 2 + trial % 4;
        Program program = blank(n);
        const bool on_box = trial % 3 != 0;
        set_sides(program, on_box ? 0 : 1);
        for (int i = 0; i < (on_box ? n - 1 : n); ++i) {  // on the box something is left that the rows do not explain
            program.rows.emplace_back(n + 1, 0.0);
            for (int k = 0; k < n; ++k) program.rows[i][k] = random_double(random, -3, 1);
        }
        std::vector<double> x(n);
        for (double& entry : x) entry = 0.4 * random_double(random, -3, 0);
        program.objective.assign(n + 1, 1.0);
        if (!make_positive_at(program, rationals(x))) continue;
        std::fill(program.objective.begin(), program.objective.end(), 0.0);
        for (const Row& row : program.rows) {
            const double multiplier = std::fabs(random_double(random, -2, 2));
            for (int k = 0; k < n; ++k) program.objective[k] += multiplier * row[k];
        }
        program.objective[n] = std::ldexp(random_integer(random, 4), -55);
        if (value_of(program.objective, rationals(x)) <= 0) continue;
        Question question(program);
        CAPTURE(trial);
        const bool answer = question.negative_somewhere(inner_point(x));
        CHECK(answer == negative_exactly(program));
        (answer ? negative : not_negative)++;
    }
    CHECK(negative > 100);
    CHECK(not_negative > 100);
}

TEST_CASE("nearly parallel rows") {
    Random random(33);
    int negative = 0, not_negative = 0;
    for (int trial = 0; trial < 600; ++trial) {
        const int n = 2 + trial % 3;
        Program program = blank(n);
        set_sides(program, trial % 2);
        const double nudge = std::ldexp(1.0, -20 - static_cast<int>(random() % 33));
        Row row(n + 1);
        for (double& entry : row) entry = random_double(random, -2, 1);
        for (int i = 0; i < n + 3; ++i) {
            program.rows.push_back(row);
            for (double& entry : program.rows.back()) entry *= 1 + nudge * random_integer(random, 3);
            if (i % 2)
                for (double& entry : program.rows.back()) entry = -entry;
            program.rows.back().back() += i % 2 ? nudge : -nudge;
        }
        program.objective = program.rows.back();
        program.rows.pop_back();
        // a point in the sliver between the first two rows, rounded: only what it satisfies is kept
        std::vector<double> x(n, 0.0);
        double square = 0;
        for (int k = 0; k < n; ++k) square += row[k] * row[k];
        for (int k = 0; k < n; ++k) x[k] = -row[k] * row[n] / square;
        bool inside = true;
        for (const double entry : x) inside = inside && std::fabs(entry) < 1;
        if ((trial % 2 == 0 && !inside) || !make_positive_at(program, rationals(x))) continue;
        Question question(program);
        CAPTURE(trial);
        const bool answer = question.negative_somewhere(inner_point(x));
        CHECK(answer == negative_exactly(program));
        (answer ? negative : not_negative)++;
    }
    CHECK(negative > 100);
    CHECK(not_negative > 30);
}

TEST_CASE("numbers of very different sizes, beyond the range of the error bounds too") {
    Random random(34);
    int negative = 0, not_negative = 0;
    for (int trial = 0; trial < 500; ++trial) {
        const int n = 1 + trial % 3;
        Program program = blank(n);
        set_sides(program, trial % 3);
        const int size = trial % 2 ? 1000 : 60;
        const auto entry = [&] { return std::ldexp(random_integer(random, 3), random_integer(random, 2) * size / 2); };
        for (double& value : program.objective) value = entry();
        for (int i = 0; i < 4; ++i) {
            program.rows.emplace_back(n + 1);
            for (double& value : program.rows.back()) value = entry();
        }
        const std::vector<double> x(n, 0x1p-30);
        if (!make_positive_at(program, rationals(x))) continue;
        Question question(program);
        CAPTURE(trial);
        const bool answer = question.negative_somewhere(inner_point(x));
        CHECK(answer == negative_exactly(program));
        (answer ? negative : not_negative)++;
    }
    CHECK(negative > 80);
    CHECK(not_negative > 80);
}

// A pivot whose inverse overflows makes the matrix that encloses the multipliers NaN, which must prove nothing.

TEST_CASE("rows of subnormal size") {
    for (const double slope : {0x1p-1030, 0x1p-1074, 0x1p-1020}) {
        for (const double constant : {0.0, 0x1p-1074}) {
            Program program = blank(2);
            set_sides(program, 1);
            program.rows = {{slope, 0, 0}, {0, 1, 0}};
            program.objective = {slope, 1, -constant};
            Question question(program);
            const std::vector<double> x{1, 1};
            CHECK(question.negative_somewhere(inner_point(x)) == negative_exactly(program));
            CHECK(negative_exactly(program) == (constant > 0));
        }
    }
}

TEST_CASE("what is ignored does not count") {
    Program program = blank(1);
    program.rows = {{1, -0.25}};      // x >= 1/4
    program.objective = {1, 0};
    Question question(program);
    const InnerPoint inside = inner_point({0.5});
    CHECK_FALSE(question.negative_somewhere(inside));
    CHECK(question.negative_somewhere(inside, 0));
    CHECK(question.counts().exact == 0);
}

TEST_CASE("a cell of thickness 2^-60 has points inside, rational ones") {
    Program program = blank(2);
    program.rows = {{1, 0, -0.5}, {-1, 0x1p-60, 0.5}};  // x between 1/2 and 1/2 + 2^-60 y
    program.objective = {0, -1, 0.5};
    Question question(program);
    const exact::Integer quarter = exact::power_of_two(64);
    InnerPoint inside = inner_point({0.5, 0.25});
    inside.exact = std::make_shared<const exact::Point>(exact::Point{{2 * quarter + 1, quarter}, {}, 4 * quarter});
    inside.radius = 0x1p-53;
    inside.extent = 0.5 + 0x1p-52;
    CHECK(question.negative_somewhere(inside));
    CHECK(question.counts().refined == 1);
}

TEST_CASE("sides of a bounded box") {
    Program program = blank(2);
    program.rows = {{-1, -1, 0.5}, {1, 0, 0.5}};  // x + y <= 1/2, x >= -1/2
    program.objective = {1, 0, 2};
    Question question(program);
    const InnerPoint inside = inner_point({0, 0});
    CHECK_FALSE(question.meets_side(0, inside));
    CHECK(question.meets_side(1, inside));
    CHECK(question.meets_side(2, inside));
    CHECK_FALSE(question.meets_side(3, inside));  // in the point (-1/2, 1)
    program.rows = {{-1, 0, 0.75}, {-1, -1, 0}};  // y = 1 is met where x <= -1: in a point
    Question corner(program);
    CHECK_FALSE(corner.meets_side(3, inner_point({-0.5, -0.5})));
    CHECK(corner.meets_side(2, inner_point({-0.5, -0.5})));
}

TEST_CASE("sides at infinity are met in full dimension there, or not") {
    const auto meets = [](const std::vector<Row>& rows, const std::vector<double>& inside) {
        Program program = blank(2);
        set_sides(program, 1);
        program.rows = rows;
        program.objective = {0, 0, 1};
        std::vector<int> result;
        for (int side = 0; side < 4; ++side) {
            Question question(program);
            result.push_back(question.meets_side(side, inner_point(inside)));
        }
        return result;
    };
    using Sides = std::vector<int>;
    CHECK(meets({}, {0, 0}) == Sides{1, 1, 1, 1});
    CHECK(meets({{1, 0, 0}}, {1, 0}) == Sides{0, 1, 1, 1});
    CHECK(meets({{1, 0, 0}, {0, 1, 0}}, {1, 1}) == Sides{0, 1, 0, 1});
    CHECK(meets({{1, -1, 0}, {0, 1, 0}}, {2, 1}) == Sides{0, 1, 0, 0});         // 0 <= y <= x: y = R at a point only
    CHECK(meets({{2, -1, 0}, {0, 1, 0}}, {2, 1}) == Sides{0, 1, 0, 1});         // 0 <= y <= 2 x
    CHECK(meets({{1, -1, 5}, {-1, 1, 5}}, {0, 0}) == Sides{1, 1, 1, 1});        // a strip along the diagonal, to the corners
    CHECK(meets({{1, 0, 1}, {-1, 0, 1}, {0, 1, 0}}, {0, 1}) == Sides{0, 0, 0, 1});
    CHECK(meets({{1, 0, 1}, {-1, 0, 1}, {0, 1, 0}, {0, -1, 0x1p400}}, {0, 1}) == Sides{0, 0, 0, 0});
    CHECK(meets({{1, 0, 1}, {-1, 0, 1}, {0x1p-40, 1, 0}, {0x1p-300, -1, 0x1p30}}, {0, 1}) == Sides{0, 0, 0, 0});
}

TEST_CASE("asking floating point alone: the exact answer, or none") {
    Random random(36);
    int yes = 0, no = 0, unknown = 0;
    for (int trial = 0; trial < 600; ++trial) {
        const int n = 1 + trial % 4;
        Program program = blank(n);
        set_sides(program, trial % 3);
        const bool integers = trial % 2;  // the objective often touches
        const auto entry = [&] { return integers ? random_integer(random, 3) : random_double(random, -3, 1); };
        for (double& value : program.objective) value = entry();
        for (int i = static_cast<int>(random() % 8); i > 0; --i) {
            program.rows.emplace_back(n + 1);
            for (double& value : program.rows.back()) value = entry();
        }
        if (integers && program.rows.size() > 1)
            for (int k = 0; k <= n; ++k) program.objective[k] = program.rows[0][k] + program.rows[1][k];
        std::vector<double> x(n);
        for (double& value : x) value = 0.4 * random_double(random, -3, 0);
        if (!make_positive_at(program, rationals(x))) continue;
        Question question(program);
        CAPTURE(trial);
        const CellProgram::Verdict verdict = question.ask(inner_point(x));
        CHECK(question.counts().exact == 0);
        CHECK(question.counts().solved == 1);
        yes += verdict == CellProgram::Verdict::yes;
        no += verdict == CellProgram::Verdict::no;
        unknown += verdict == CellProgram::Verdict::unknown;
        if (verdict != CellProgram::Verdict::unknown) CHECK((verdict == CellProgram::Verdict::yes) == negative_exactly(program));
    }
    CHECK(yes > 100);
    CHECK(no > 50);
    CHECK(unknown > 50);
}

TEST_CASE("beyond a side of the box") {
    Program program = blank(2);
    program.rows = {{-1, -1, 0.5}, {1, 0, 0.5}};  // x + y <= 1/2, x >= -1/2
    program.objective = {1, 0, 2};
    Question question(program);
    const InnerPoint inside = inner_point({0, 0});
    CHECK_FALSE(question.negative_beyond(0, inside));
    CHECK(question.negative_beyond(1, inside));
    CHECK(question.negative_beyond(2, inside));
    CHECK_FALSE(question.negative_beyond(3, inside));
    CHECK_FALSE(question.negative_somewhere(inside));  // the box is what it was: 2 + x > 0
    program.lower[0] = 0.25;  // x >= 1/4 and y >= 0 without end
    program.upper = {infinity, infinity};
    program.lower[1] = 0;
    program.rows = {{1, -1, 0}};  // y <= x
    Question wedge(program);
    CHECK(wedge.negative_beyond(0, inner_point({1, 0.5})));
    CHECK(wedge.negative_beyond(2, inner_point({1, 0.5})));
    program.rows = {{1, -1, -0.25}};  // y <= x - 1/4 touches the side x = 1/4 in y = 0
    Question corner(program);
    CHECK_FALSE(corner.negative_beyond(0, inner_point({1, 0.5})));
}

TEST_CASE("beyond sides of random boxes: as if that side were further out") {
    Random random(37);
    int negative = 0, not_negative = 0;
    for (int trial = 0; trial < 500; ++trial) {
        const int n = 1 + trial % 4;
        Program program = blank(n);
        set_sides(program, trial % 2 ? 2 : 0);
        const bool integers = trial % 3 == 0;
        for (int i = static_cast<int>(random() % 6); i > 0; --i) {
            program.rows.emplace_back(n + 1);
            for (double& value : program.rows.back()) value = integers ? random_integer(random, 3) : random_double(random, -3, 1);
        }
        std::vector<double> x(n);
        for (double& value : x) value = 0.4 * random_double(random, -3, 0);
        program.objective.assign(n + 1, 0.0);
        program.objective[n] = 1;
        make_positive_at(program, rationals(x));
        const int k = trial % n;
        const bool upper = std::isfinite(program.upper[k]) && random() & 1;
        Question question(program);
        CAPTURE(trial);
        const bool answer = question.negative_beyond(2 * k + upper, inner_point(x));
        Program larger = program;
        larger.objective.assign(n + 1, 0.0);
        larger.objective[k] = upper ? -1 : 1;
        larger.objective[n] = 1;
        (upper ? larger.upper : larger.lower)[k] *= 1.5;
        CHECK(answer == negative_exactly(larger));
        (answer ? negative : not_negative)++;
    }
    CHECK(negative > 100);
    CHECK(not_negative > 50);
}

TEST_CASE("a combination of rows that is given") {
    Program program = blank(2);
    set_sides(program, 0);
    program.objective = {1, 2, 0.5};
    program.rows = {{1, 0, 0.125}, {0, 1, 0.125}};
    CHECK(Question(program).shows({{0, 1.0}, {1, 2.0}}));  // 1/8 is left
    CHECK(Question(program).shows({{0, 0.9375}, {1, 2.0}}));  // x / 16 + 17/128
    CHECK_FALSE(Question(program).shows({{0, 1.0}}));
    CHECK_FALSE(Question(program).shows({}));
    program.objective[2] = 0.375;  // touches
    CHECK_FALSE(Question(program).shows({{0, 1.0}, {1, 2.0}}));
    program.objective[2] = 3.5;
    CHECK(Question(program).shows({}));  // by the box alone
}

// What touches is decided in integers.
TEST_CASE("a flag that is watched ends what is decided in integers") {
    Program program = blank(2);
    set_sides(program, 1);
    program.rows = {{1, 0.125, -1}, {0.125, 1, -1}};
    program.objective = {1.125, 1.125, -2};  // their sum
    Question question(program);
    std::atomic<bool> stop = false;
    question.watch(stop);
    CHECK_FALSE(question.negative_somewhere(inner_point({3, 3})));
    CHECK(question.counts().by_basis + question.counts().exact > 0);
    stop = true;
    CHECK_THROWS_AS(question.negative_somewhere(inner_point({3, 3})), Stopped);
}

TEST_SUITE_END();
