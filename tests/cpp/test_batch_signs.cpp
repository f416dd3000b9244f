// Signs of many forms at several points at once.
#include <cmath>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "geometry/batch_signs.hpp"
#include "geometry/form_table.hpp"

using namespace relutope;

namespace {

// Forms with small integers, in which every value is exact.
FormTable integer_forms(int dimension, int count, std::mt19937& random) {
    FormTable table(dimension, count);
    std::uniform_int_distribution<int> coefficient(-4, 4);
    for (int k = 0; k <= dimension; ++k)
        for (int i = 0; i < count; ++i) table.column(k)[i] = coefficient(random);
    table.set_exact(nullptr);
    return table;
}

double value_at(const FormTable& table, int form, const std::vector<double>& x) {
    double value = table.coefficient(form, table.dimension());
    for (int k = 0; k < table.dimension(); ++k) value += table.coefficient(form, k) * x[k];
    return value;
}

std::vector<std::vector<double>> integer_points(int dimension, int count, std::mt19937& random) {
    std::uniform_int_distribution<int> coordinate(-3, 3);
    std::vector<std::vector<double>> points(count, std::vector<double>(dimension));
    for (std::vector<double>& x : points)
        for (double& coordinate_of : x) coordinate_of = coordinate(random);
    return points;
}

}  // namespace

TEST_SUITE_BEGIN("batch_signs");

TEST_CASE("values of all forms at a point, and of their weights at infinity") {
    std::mt19937 random(1);
    for (int dimension = 1; dimension <= 11; ++dimension) {
        const FormTable table = integer_forms(dimension, 21, random);
        const std::vector<double> x = integer_points(dimension, 1, random)[0];
        std::vector<double> values(20), at_infinity(20);
        table.evaluate(x.data(), false, 20, values.data());
        table.evaluate(x.data(), true, 20, at_infinity.data());
        for (int i = 0; i < 20; ++i) {
            CHECK(values[i] == value_at(table, i, x));
            CHECK(at_infinity[i] == value_at(table, i, x) - table.coefficient(i, dimension));
        }
    }
}

TEST_CASE("the least and the largest value on a box are those at two of its corners") {
    std::mt19937 random(2);
    const int n = 4, count = 9;
    const FormTable table = integer_forms(n, count, random);
    const std::vector<double> lower{-1, 0, 2, -3}, upper{2, 0, 5, 1};
    std::vector<double> least(count), most(count);
    table.bound_on_box(lower.data(), upper.data(), count, least.data(), most.data());
    for (int i = 0; i < count; ++i) {
        double smallest = HUGE_VAL, largest = -HUGE_VAL;
        for (int corner = 0; corner < 1 << n; ++corner) {
            std::vector<double> x(n);
            for (int k = 0; k < n; ++k) x[k] = corner >> k & 1 ? upper[k] : lower[k];
            smallest = std::min(smallest, value_at(table, i, x));
            largest = std::max(largest, value_at(table, i, x));
        }
        CHECK(least[i] == smallest);
        CHECK(most[i] == largest);
    }
}

TEST_CASE("signs at exact points are those of the values, and zeros are in doubt") {
    std::mt19937 random(3);
    int zeros = 0, told = 0;
    for (const int count : {1, 63, 64, 65, 130})
        for (const int points : {1, 2, 7, 16, 33}) {
            const int n = 3;
            const FormTable table = integer_forms(n, count, random);
            const std::vector<std::vector<double>> x = integer_points(n, points, random);
            BatchSigns batch;
            for (int again = 0; again < 2; ++again) {  // nothing is left of what was asked before
                batch.begin(n, points);
                for (const std::vector<double>& point : x) batch.add(point.data(), {0, 3});
                batch.find(table, count);
                for (int j = 0; j < points; ++j)
                    for (int i = 0; i < count; ++i) {
                        const SignWord signs = batch.signs(j, i / 64);
                        const double value = value_at(table, i, x[j]);
                        CHECK((signs.positive >> i % 64 & 1) == (value > 0));
                        CHECK((signs.negative >> i % 64 & 1) == (value < 0));
                        zeros += value == 0;
                    }
                std::vector<std::uint64_t> positive((count + 63) / 64), negative(positive.size());
                for (int i = 0; i < count; i += 2) {  // those that have one sign are told
                    bool up = true, down = true;
                    for (const std::vector<double>& point : x) {
                        up = up && value_at(table, i, point) > 0;
                        down = down && value_at(table, i, point) < 0;
                    }
                    if (up) positive[i / 64] |= std::uint64_t{1} << i % 64;
                    if (down) negative[i / 64] |= std::uint64_t{1} << i % 64;
                    told += up || down;
                }
                batch.find_others(table, count, positive.data(), negative.data());
                for (int j = 0; j < points; ++j)
                    for (int i = 0; i < count; ++i) {
                        const SignWord signs = batch.signs(j, i / 64);
                        CHECK((signs.positive >> i % 64 & 1) == (value_at(table, i, x[j]) > 0));
                        CHECK((signs.negative >> i % 64 & 1) == (value_at(table, i, x[j]) < 0));
                    }
            }
        }
    CHECK(zeros > 0);
    CHECK(told > 0);
}

TEST_CASE("each point has its own bound, and the worst stands for all on the box") {
    FormTable table(3, 2);
    for (int i = 0; i < 2; ++i) table.column(0)[i] = 1;
    table.column(3)[1] = 10;
    table.set_exact(nullptr);
    const std::vector<double> near{1, 0, 0}, far{2, 0, 0};
    BatchSigns batch;
    const auto ask = [&](double radius) {
        batch.begin(3, 2);
        batch.add(near.data(), {radius, 2});
        batch.add(far.data(), {0, 2});
        batch.find(table, 2);
        return std::vector<std::uint64_t>{batch.signs(0, 0).positive, batch.signs(1, 0).positive};
    };
    CHECK(ask(0) == std::vector<std::uint64_t>{3, 3});
    CHECK(ask(1.5) == std::vector<std::uint64_t>{2, 3});
    CHECK(ask(HUGE_VAL) == std::vector<std::uint64_t>{0, 3});
}

TEST_SUITE_END();
