#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "refinement/certificates/box_certificate.hpp"

using namespace relutope;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Question {
    std::vector<double> lower, upper;
    std::vector<double> goal;  // weights, then the constant
    std::vector<std::vector<double>> forms;
    std::vector<double> multipliers;
    double error = 0;  // of each weight that is not zero
};

bool positive(const Question& question) {
    const std::size_t n = question.lower.size();
    std::vector<std::vector<double>> errors;
    const auto errors_of = [&](const std::vector<double>& row) {
        errors.emplace_back();
        for (std::size_t k = 0; k < n; ++k) errors.back().push_back(row[k] == 0 ? 0.0 : question.error);
    };
    for (const auto& row : question.forms) errors_of(row);
    errors_of(question.goal);
    std::vector<BoxCertificate::Form> forms;
    for (std::size_t i = 0; i < question.forms.size(); ++i)
        forms.push_back({question.forms[i].data(), errors[i].data(), question.forms[i][n], 0.0});
    BoxCertificate certificate;
    return certificate.positive({question.goal.data(), errors.back().data(), question.goal[n], 0.0}, forms, question.multipliers,
                                question.lower, question.upper);
}

}  // namespace

TEST_SUITE_BEGIN("box_certificate");

TEST_CASE("a box alone") {
    Question question{{-1, -1}, {1, 1}, {1, 1, 2.5}, {}, {}};
    CHECK(positive(question));
    question.goal = {1, 1, 2};
    CHECK_FALSE(positive(question));  // zero at a corner
    question.goal = {1, 1, 1.5};
    CHECK_FALSE(positive(question));
    question.goal = {1, 1, 2.5};
    question.error = 0.3;
    CHECK_FALSE(positive(question));
}

TEST_CASE("a form of one unbounded coordinate, whatever the others are") {
    Question question{{-infinity, -infinity, 0}, {infinity, infinity, 1}, {2, 0, 0, 1}, {{1, 0, 0, 0}}, {2 * (1 + 1e-12)}};
    CHECK(positive(question));
    question.goal.back() = 0;
    CHECK_FALSE(positive(question));
    question.goal = {2, 1, 0, 1};
    CHECK_FALSE(positive(question));  // nothing bounds the second coordinate
    question.goal = {2, 0, 1, 1};
    CHECK(positive(question));  // the third one is
    question.goal = {2, 0, -1, 1};
    CHECK_FALSE(positive(question));
    question.goal = {2, 0, 0, 1};
    question.forms.front() = {-1, 0, 0, 0};
    CHECK_FALSE(positive(question));
}

TEST_CASE("rounded multipliers of as many forms as there are unbounded coordinates") {
    // 3 x + y + 1 = 2 (x + y) + (x - y) + 1
    Question question{{-infinity, -infinity}, {infinity, infinity}, {3, 1, 1}, {{1, 1, 0}, {1, -1, 0}}, {2 - 1e-9, 1 + 1e-9}};
    CHECK(positive(question));
    question.error = 1e-12;
    CHECK(positive(question));
    question.error = 0.5;
    CHECK_FALSE(positive(question));
    question.error = 0;
    question.forms = {{1, 1, 0}, {2, 2, 0}};
    CHECK_FALSE(positive(question));  // dependent
    question.forms = {{1, 1, 0}};
    question.multipliers = {2};
    CHECK_FALSE(positive(question));  // too few
    // more than enough: x - y + 2 y + x + ... with one form that need not change
    question.forms = {{1, 1, 0}, {1, -1, 0}, {1, 0, -0.5}};
    question.goal = {4, 1, 1};
    question.multipliers = {2, 1, 1};
    CHECK(positive(question));
    question.forms.back().back() = 1;  // then the goal is 2 a + b + c + 0
    CHECK_FALSE(positive(question));
}

TEST_CASE("a multiplier that may be negative proves nothing") {
    Question question{{-infinity, -infinity}, {infinity, infinity}, {1, 1, 1}, {{1, 1, 0}, {1, -1, 0}}, {1, 1e-18}};
    CHECK_FALSE(positive(question));
}

TEST_CASE("one bound needs the right sign") {
    Question question{{0, -infinity}, {infinity, infinity}, {1, 2, 1}, {{0, 1, 0}}, {2}};
    CHECK(positive(question));  // x >= 0
    question.goal = {-1, 2, 1};
    CHECK_FALSE(positive(question));
    question.lower = {-infinity, -infinity};
    question.upper = {0, infinity};
    CHECK(positive(question));
    question.upper = {0.5, infinity};
    CHECK(positive(question));
    question.upper = {1, infinity};
    CHECK_FALSE(positive(question));
}

TEST_CASE("numbers out of range prove nothing") {
    Question question{{-infinity}, {infinity}, {1e300, 1}, {{1e300, 0}}, {1}};
    question.error = infinity;
    CHECK_FALSE(positive(question));
}

TEST_SUITE_END();
