#include <doctest/doctest.h>

#include <cmath>

#include "network/maps/point_signs.hpp"
#include "networks.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

// Number of zeros among the signs, which must be those of rational arithmetic.
int check(const Network& network, const std::vector<double>& point) {
    std::vector<std::int8_t> signs(network.num_neurons());
    PointSigns(network).at(point, signs.data());
    const std::vector<int> expected = signs_at(network, rationals(point));
    int zeros = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CAPTURE(i);
        CHECK(signs[i] == expected[i]);
        zeros += expected[i] == 0;
    }
    return zeros;
}

}  // namespace

TEST_SUITE_BEGIN("point_signs");

TEST_CASE("signs at points of a known arrangement") {
    const Network network = arrangement({{1, 0, 0}, {0, 1, 0}, {1, 1, -1}});
    std::int8_t signs[3];
    PointSigns evaluator(network);
    const auto at = [&](double x, double y) {
        const double point[] = {x, y};
        evaluator.at(point, signs);
        return std::vector<int>(signs, signs + 3);
    };
    using Signs = std::vector<int>;
    CHECK(at(0.25, 0.25) == Signs{1, 1, -1});
    CHECK(at(0, 1) == Signs{0, 1, 0});
    CHECK(at(-3, 4) == Signs{-1, 1, 0});
    CHECK(at(-3, std::nextafter(4, 5)) == Signs{-1, 1, 1});
    CHECK(at(0, -0x1p-1074) == Signs{0, -1, -1});
    CHECK(at(1e300, -1e300) == Signs{1, -1, -1});
}

TEST_CASE("random points of random networks") {
    Random random(50);
    for (int trial = 0; trial < 300; ++trial) {
        const Network network = random_network(random, {1 + trial % 5, 7, 7, 4, 1});
        std::vector<double> point(network.input_dimension());
        for (double& x : point) x = random_double(random, -6, 1);
        CAPTURE(trial);
        check(network, point);
    }
}

TEST_CASE("coordinates of all sizes") {
    Random random(51);
    for (int trial = 0; trial < 200; ++trial) {
        const Network network = random_network(random, {3, 5, 5, 1});
        std::vector<double> point(3);
        for (double& x : point) x = random_double(random, trial % 2 ? -1074 : -1000, trial % 2 ? -900 : 1000);
        CAPTURE(trial);
        check(network, point);
    }
}

TEST_CASE("sums that overflow are left to the integers") {
    const Network network = arrangement({{1, 1, -1, -1, 0}, {1, -1, 1, -1, 0}, {0x1p1000, 0, -0x1p1000, 0, 0}});
    CHECK(check(network, {1e308, 1e308, 1.5e308, 1.5e308}) == 1);
    CHECK(check(network, {1e308, 1e308, 1e308, 1e308}) == 3);
    CHECK(check(network, {1.5e308, 1.5e308, 1e308, 1e308}) == 1);
}

// A vertex of an integer network lies exactly on several hyperplanes; then it is moved off by next to nothing.
TEST_CASE("points on hyperplanes, and moved off them by a unit in the last place down to 1e-300") {
    Random random(52);
    int zeros = 0;
    int moved_zeros = 0;
    for (int trial = 0; trial < 400; ++trial) {
        const Network network = integer_network(random, {2, 6, 6, 4, 1}, 3);
        std::vector<double> point{double(random_integer(random, 4)) / 2, double(random_integer(random, 4)) / 2};
        CAPTURE(trial);
        zeros += check(network, point);
        double& x = point[random() % 2];
        if (x == 0) {
            x = random_double(random, -1074, -20);
        } else {
            x = std::nextafter(x, random() & 1 ? HUGE_VAL : -HUGE_VAL);
        }
        moved_zeros += check(network, point);
    }
    CHECK(zeros > 200);
    CHECK(moved_zeros < zeros);
}

// The rounded evaluation of the second layer is off by far more than the value itself.
TEST_CASE("cancellation in a later layer") {
    Random random(53);
    for (int trial = 0; trial < 200; ++trial) {
        const double w = random_double(random, -3, 3);
        const double step = random_double(random, -60, -1);
        const Network network = network_of({{{w, w, 0.1}, {w, w, 0.1}}, {{1, -1, 0}, {1, -1, std::ldexp(step, -200)}, {3, -3, 0}}});
        const std::vector<double> point{random_double(random, -2, 2), random_double(random, -2, 2)};
        CAPTURE(trial);
        CHECK(check(network, point) >= 2);
    }
}

// Two neurons with the same small difference, one of them three times over: what is left of 3 A - B is rounding of the layer
// before, and the last layer adds almost none of its own.
TEST_CASE("errors that come from the layer before") {
    Random random(54);
    for (int trial = 0; trial < 400; ++trial) {
        const double p = std::fabs(random_double(random, -1, 1)), q = p * (1 - 0x1p-30);
        const double u = std::fabs(random_double(random, -1, 1)), v = std::fabs(random_double(random, -1, 1));
        const Network network = network_of({{{u, v, 0.1}, {u, v, 0.1}}, {{p, -q, 0}, {3 * p, -3 * q, 0}}, {{3, -1, 0}, {-3, 1, 0}}});
        CAPTURE(trial);
        check(network, {std::fabs(random_double(random, -1, 1)), std::fabs(random_double(random, -1, 1))});
    }
}

TEST_CASE("the low part of a bias decides where the rest vanishes") {
    for (const double low : {0x1p-900, 0.0, -0x1p-900}) {
        Layer first = layer_of({{1, -1}, {-1, 1}});
        first.bias_low = {low, 0};
        const Network network({first, layer_of({{1, 1, 0}})});
        std::int8_t signs[2];
        const double point[] = {1.0};
        PointSigns(network).at(point, signs);
        CHECK(signs[0] == (low > 0) - (low < 0));
        CHECK(signs[1] == 0);
        check(network, {1.0});
    }
}

TEST_SUITE_END();
