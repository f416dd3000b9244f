// Signs of forms on a polytope on which units of the layer before change their state.
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "geometry/bent_signs.hpp"
#include "geometry/form_table.hpp"

using namespace relutope;

namespace {

FormTable table_of_integers(int dimension, int count, int size, std::mt19937& random) {
    FormTable table(dimension, count);
    std::uniform_int_distribution<int> coefficient(-size, size);
    for (int k = 0; k <= dimension; ++k)
        for (int i = 0; i < count; ++i) table.column(k)[i] = coefficient(random);
    table.set_exact(nullptr);
    return table;
}

double affine_value(const FormTable& table, int form, const std::vector<double>& x) {
    double value = table.coefficient(form, table.dimension());
    for (int k = 0; k < table.dimension(); ++k) value += table.coefficient(form, k) * x[k];
    return value;
}

}  // namespace

TEST_SUITE_BEGIN("bent_signs");

TEST_CASE("what is said of a polytope holds at its vertices and between them, and what follows from the vertices is said") {
    std::mt19937 random(1);
    std::uniform_int_distribution<int> coordinate(-3, 3), any_weight(-2, 2), any_points(4, 17);
    std::uniform_real_distribution<double> share(0, 1);
    int said = 0, open = 0, between = 0;
    for (int round = 0; round < 400; ++round) {
        const int n = 3 + round % 3, units = round % (BentSigns::most_bends + 1), count = round % 2 ? 70 : 9;
        const int num_points = any_points(random);
        FormTable forms = table_of_integers(n, count, 3, random);
        for (int i = 0; i < count; ++i) forms.column(n)[i] *= 7;
        forms.set_exact(nullptr);
        const FormTable before = table_of_integers(n, units + 1, 2, random);
        std::vector<std::vector<double>> weight(units, std::vector<double>(count));
        std::vector<std::vector<double>> points(num_points, std::vector<double>(n));
        for (auto& column : weight)
            for (double& w : column) w = any_weight(random);
        for (auto& point : points)
            for (double& x : point) x = coordinate(random);
        const auto value = [&](int form, const std::vector<double>& x) {
            double sum = affine_value(forms, form, x);
            for (int c = 0; c < units; ++c) sum += weight[c][form] * std::max(0.0, affine_value(before, c, x));
            return sum;
        };
        BentSigns bent;
        bent.begin(n, num_points);
        for (const auto& x : points) bent.add(x.data(), {0, 3});
        for (int c = 0; c < units; ++c) bent.bend(before, c, weight[c].data(), count);
        std::vector<std::uint64_t> positive(2), negative(2);
        bent.find(forms, count, positive.data(), negative.data());
        for (int i = 0; i < count; ++i) {
            const bool up = positive[i / 64] >> i % 64 & 1, down = negative[i / 64] >> i % 64 & 1;
            CHECK_FALSE((up && down));
            bool all_up = true, all_down = true, concave = true, convex = true;
            for (const auto& x : points) {
                all_up = all_up && value(i, x) > 0;
                all_down = all_down && value(i, x) < 0;
            }
            for (int c = 0; c < units; ++c) {
                concave = concave && weight[c][i] <= 0;
                convex = convex && weight[c][i] >= 0;
            }
            if (up) CHECK(all_up);
            if (down) CHECK(all_down);
            if (all_up && concave) CHECK(up);
            if (all_down && convex) CHECK(down);
            said += up || down;
            open += !up && !down;
            for (int sample = 0; sample < 5 && (up || down); ++sample) {
                std::vector<double> x(n, 0.0), shares(num_points);
                double sum = 0;
                for (double& s : shares) sum += s = std::pow(share(random), 4);
                for (int j = 0; j < num_points; ++j)
                    for (int k = 0; k < n; ++k) x[k] += shares[j] / sum * points[j][k];
                CHECK((up ? value(i, x) : -value(i, x)) > 0);
                ++between;
            }
        }
    }
    CHECK(said > 1000);
    CHECK(open > 1000);
    CHECK(between > 1000);
}

TEST_CASE("points that are not known well are named, and looked at again where they are known better") {
    FormTable forms(3, 2);
    forms.column(0)[0] = forms.column(0)[1] = 1;
    forms.column(3)[0] = 4;
    forms.column(3)[1] = -1;  // changes its sign
    forms.set_exact(nullptr);
    const std::vector<std::vector<double>> points{{0, 0, 0}, {2, 0, 0}, {0, 2, 0}, {0, 0, 2}};
    for (int bad = 0; bad < 4; ++bad) {
        BentSigns bent;
        bent.begin(3, 4);
        for (int j = 0; j < 4; ++j) bent.add(points[j].data(), {j == bad ? 100.0 : 0.0, 200});
        FormTable unit(3, 1);
        unit.column(1)[0] = 1;
        unit.column(3)[0] = -1;
        unit.set_exact(nullptr);
        const std::vector<double> weight{-1, 1};
        bent.bend(unit, 0, weight.data(), 2);
        std::uint64_t positive = 0, negative = 0;
        bent.find(forms, 2, &positive, &negative);
        CHECK(positive == 0);
        CHECK(bent.doubtful() == std::vector<int>{bad});
        bent.move(bad, points[bad].data(), {0, 200});
        bent.find(forms, 2, &positive, &negative);
        CHECK(positive == 1);
        CHECK(negative == 0);
        CHECK(bent.doubtful().empty());
    }
    BentSigns bent;  // nothing is known
    bent.begin(3, 4);
    for (const auto& x : points) bent.add(x.data(), {HUGE_VAL, HUGE_VAL});
    std::uint64_t positive = 0, negative = 0;
    bent.find(forms, 2, &positive, &negative);
    CHECK((positive | negative) == 0);
}

TEST_SUITE_END();
