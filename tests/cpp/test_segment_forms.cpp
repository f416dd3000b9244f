#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "geometry/segment_forms.hpp"
#include "numbers.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

// Forms  slope x - offset  on the line, exact but for their rounding.
FormTable table_of(const std::vector<std::pair<double, double>>& forms) {
    FormTable table(1, static_cast<int>(forms.size()));
    for (std::size_t i = 0; i < forms.size(); ++i) {
        table.column(0)[i] = forms[i].first;
        table.column(1)[i] = -forms[i].second;
    }
    table.set_exact(nullptr);
    return table;
}

SegmentForms on_segment(const std::vector<std::pair<double, double>>& forms, double u, double w, double radius = 0) {
    SegmentForms segment;
    const int count = static_cast<int>(forms.size());
    segment.take(table_of(forms), {(std::uint64_t{1} << count) - 1});
    for (const int end : {0, 1}) {
        const double x = end == 0 ? u : w;
        segment.evaluate(end, &x, false, {radius, std::fabs(x) + radius}, count);
    }
    return segment;
}

Sign sign_of(const std::pair<double, double>& form, double x) {
    const Rational value = rational(form.first) * rational(x) - rational(form.second);
    return to_sign(value < 0 ? -1 : value > 0 ? 1 : 0);
}

}  // namespace

TEST_SUITE_BEGIN("segment_forms");

TEST_CASE("forms that vanish inside, at an end, outside, everywhere") {
    SegmentForms segment = on_segment({{1, 0.25}, {2, 1}, {-1, 0}, {1, 1}, {1, 2}, {0, 0}, {0, 1}}, 0, 1);
    const std::vector<std::pair<double, double>> forms{{1, 0.25}, {2, 1}, {-1, 0}, {1, 1}, {1, 2}, {0, 0}, {0, 1}};
    const auto exact = [&](int end, int form) { return sign_of(forms[form], end); };
    CHECK(segment.find_crossing(5, exact));
    CHECK(segment.crossing() == std::vector<int>{0, 1});
    CHECK(segment.are_distinct());
    CHECK(!segment.find_crossing(7, exact));
    CHECK(segment.form(6) == 6);
}

TEST_CASE("what is called distinct is, and usually so") {
    Random random(77);
    std::uniform_real_distribution<double> any(-1, 1);
    int called = 0, distinct = 0;
    for (int round = 0; round < 2000; ++round) {
        std::vector<std::pair<double, double>> forms;
        const double scale = std::ldexp(1.0, static_cast<int>(random() % 200) - 100);
        for (int k = 0; k < 12; ++k) {
            const double slope = any(random) + (any(random) < 0 ? -1.5 : 1.5);
            forms.emplace_back(slope, slope * any(random) * scale);
        }
        if (round % 2) {  // the first form's point again: exactly, or beside it by a few units in the last place
            const double factor = round % 4 == 1 ? -2.0 : 1.5 + 1e-3 * any(random);
            forms[5] = {forms[0].first * factor, forms[0].second * factor};
        }
        const double u = -scale, w = scale * (1.5 + any(random));
        SegmentForms segment = on_segment(forms, u, w);
        REQUIRE(segment.find_crossing(12, [&](int end, int form) { return sign_of(forms[form], end == 0 ? u : w); }));
        std::set<Rational> points;
        std::vector<int> crossing;
        for (int k = 0; k < 12; ++k) {
            const Rational x = rational(forms[k].second) / rational(forms[k].first);
            if (!(rational(u) < x && x < rational(w))) continue;
            points.insert(x);
            crossing.push_back(k);
        }
        CHECK(segment.crossing() == crossing);
        const bool really = points.size() == crossing.size();
        if (segment.are_distinct()) {
            CHECK(really);
            ++called;
        }
        distinct += really;
    }
    CHECK(called > 900);
    CHECK(called <= distinct);
}

TEST_CASE("nothing is said of points that the ends' errors may exchange") {
    const std::vector<std::pair<double, double>> forms{{1, 0.5}, {-1, -0.5001}};
    const auto none = [](int, int) { return Sign::zero; };
    SegmentForms near = on_segment(forms, 0, 1, 1e-9), far = on_segment(forms, 0, 1, 1e-3);
    CHECK(near.find_crossing(2, none));
    CHECK(near.are_distinct());
    CHECK(far.find_crossing(2, none));
    CHECK(!far.are_distinct());
}

TEST_CASE("signs that the values do not show") {
    const std::vector<std::pair<double, double>> forms{{1, 0x1p-60}, {-1, -0x1p-61}, {1, 0.5}};
    SegmentForms segment = on_segment(forms, 0, 1, 1e-9);
    int asked = 0;
    CHECK(segment.find_crossing(3, [&](int end, int form) {
        ++asked;
        return sign_of(forms[form], end);
    }));
    CHECK(asked == 2);
    CHECK(segment.crossing() == std::vector<int>{0, 1, 2});
    CHECK(segment.value(0, 0) < 0);
    CHECK(segment.value(0, 1) > 0);
    CHECK(!segment.are_distinct());
}

TEST_CASE("an end of which nothing is known") {
    const std::vector<std::pair<double, double>> forms{{1, 0.5}, {1, 0.25}};
    SegmentForms segment = on_segment(forms, 0, 1, error_bound::infinite);
    CHECK(segment.find_crossing(2, [&](int end, int form) { return sign_of(forms[form], end); }));
    CHECK(segment.crossing() == std::vector<int>{0, 1});
    CHECK(!segment.are_distinct());
}

TEST_CASE("forms of which nothing is known") {
    const std::vector<std::pair<double, double>> forms{{0x1p700, 0x1p699}, {1, 0.25}, {-0x1p1000, 0x1p990}};
    SegmentForms segment = on_segment(forms, 0, 1);
    CHECK(segment.error(0) == error_bound::infinite);
    CHECK(segment.find_crossing(3, [&](int end, int form) { return sign_of(forms[form], end); }));
    CHECK(segment.crossing() == std::vector<int>{0, 1});
    for (const int k : segment.crossing()) CHECK((segment.value(0, k) < 0) != (segment.value(1, k) < 0));
    CHECK(!segment.are_distinct());
}

TEST_SUITE_END();
