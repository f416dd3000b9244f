// Bounds over hulls: what they prove is true at the corners and between them, by rational arithmetic.
#include <doctest/doctest.h>

#include "network/maps/composed_map.hpp"
#include "network/sign_layout.hpp"
#include "networks.hpp"
#include "refinement/bounds/hull_bounds.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

using Point = std::vector<Rational>;

// Hidden layers of these widths, then neurons that compare one output with zero or two with each other.
Network comparing_network(Random& random, const std::vector<int>& widths, int low, int high) {
    std::vector<Layer> layers;
    for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
        std::vector<Row> rows(widths[l + 1], Row(widths[l] + 1));
        for (Row& row : rows)
            for (double& value : row) value = random_double(random, low, high);
        layers.push_back(layer_of(rows));
    }
    if (widths.back() == 1) {
        const std::vector<Row> rows(2, [&] {
            Row row(layers.back().weight);
            row.push_back(layers.back().bias[0]);
            return row;
        }());
        layers.back() = layer_of(rows);
        layers.back().linear = 1;
        layers.push_back(layer_of({{0, 1, 0}}));
        return Network(std::move(layers));
    }
    layers.back().linear = 2;
    layers.push_back(layer_of({{-1, 1, 0}, {1, 0, 0}, {0, 1, 0}}));
    layers.back().linear = 2;
    layers.push_back(layer_of({{0, 1, 0, 0}, {0, 0, 1, 0}}));
    return Network(std::move(layers));
}

struct Corners {
    Hull hull;
    std::vector<Point> points;  // within the radius of the hull's
};

Corners random_corners(Random& random, int n, double size, double radius) {
    Corners corners;
    corners.hull.radius = radius;
    std::vector<double> centre(n);
    for (double& x : centre) x = random_double(random, -3, 0);
    for (int k = 0; k < n + 2; ++k) {
        Point point;
        for (int i = 0; i < n; ++i) {
            const double x = centre[i] + size * random_double(random, -3, 0);
            corners.hull.points.push_back(x);
            point.push_back(rational(x) + rational(radius) * Rational(random_integer(random, 8)) / 8);
        }
        corners.points.push_back(std::move(point));
    }
    return corners;
}

Point between(Random& random, const std::vector<Point>& corners) {
    Point point(corners.front().size(), Rational(0));
    Rational total = 0;
    for (const Point& corner : corners) {
        const Rational weight = static_cast<int>(random() % 64);
        total += weight;
        for (std::size_t k = 0; k < point.size(); ++k) point[k] += weight * corner[k];
    }
    if (total == 0) return corners.front();
    for (Rational& x : point) x /= total;
    return point;
}

// Which signs the first layer's neurons have at the corners.
std::pair<std::vector<std::uint64_t>, std::vector<std::uint64_t>> signs_of_first_layer(const Network& network, const Corners& corners) {
    std::vector<std::uint64_t> positive(words_for(network.layer(0).neurons())), negative(positive.size());
    for (const Point& point : corners.points) {
        const std::vector<int> signs = signs_at(network, point);
        for (int i = 0; i < network.layer(0).neurons(); ++i) {
            const SignBit bit(i);
            if (signs[i] > 0) positive[bit.word] |= bit.bit;
            if (signs[i] < 0) negative[bit.word] |= bit.bit;
        }
    }
    return {positive, negative};
}

// How many of so many random hulls are decided; each that is, is checked.
int decided_of(int trials, Random& random, const std::vector<int>& widths, int low, int high, double radius) {
    int decided = 0;
    for (int trial = 0; trial < trials; ++trial) {
        const Network network = comparing_network(random, widths, low, high);
        const int n = network.input_dimension();
        HullBounds bounds(network, 1);
        REQUIRE(bounds.output_layer() == static_cast<int>(widths.size()) - 2);
        ComposedMap first(network.layer(0), n);
        first.set_first();
        const Corners corners = random_corners(random, n, trial % 2 ? 0.5 : 0x1p-6, radius);
        const auto [positive, negative] = signs_of_first_layer(network, corners);
        if (!bounds.decided(0, first.forms(), positive, negative, corners.hull)) continue;
        ++decided;
        const int sign = signs_at(network, corners.points.front()).back();
        CHECK(sign != 0);
        for (const Point& corner : corners.points) CHECK(signs_at(network, corner).back() == sign);
        for (int k = 0; k < 8; ++k) CHECK(signs_at(network, between(random, corners.points)).back() == sign);
    }
    return decided;
}

}  // namespace

TEST_SUITE_BEGIN("hull_bounds");

TEST_CASE("one class wins where bounds say so: one output, two, depths one to three") {
    Random random(1);
    for (const int outputs : {1, 2})
        for (const std::vector<int>& hidden : {std::vector<int>{6}, {5, 5}, {4, 4, 4}}) {
            std::vector<int> widths{2};
            widths.insert(widths.end(), hidden.begin(), hidden.end());
            widths.push_back(outputs);
            CHECK(decided_of(100, random, widths, -4, 0, 0.0) > 30);
        }
}

TEST_CASE("corners that are known only roughly, and more inputs") {
    Random random(2);
    CHECK(decided_of(100, random, {4, 6, 5, 1}, -4, 0, 0x1p-8) > 20);
    CHECK(decided_of(100, random, {3, 6, 5, 2}, -4, 0, 0x1p-20) > 20);
}

TEST_CASE("weights of very different sizes") {
    Random random(3);
    CHECK(decided_of(100, random, {2, 5, 5, 1}, -60, 60, 0.0) > 10);
    decided_of(100, random, {2, 5, 5, 1}, -400, -300, 0.0);
    decided_of(100, random, {2, 5, 5, 2}, -1060, -900, 0.0);
    decided_of(100, random, {2, 5, 5, 1}, 300, 500, 0.0);
}

TEST_CASE("two outputs that are equal somewhere in the hull are never decided") {
    Random random(4);
    for (int trial = 0; trial < 200; ++trial) {
        // f = |x| - t with 0 < t within the hull
        const double t = std::fabs(random_double(random, -5, -1));
        std::vector<Layer> layers{layer_of({{1, 0}, {-1, 0}}), layer_of({{1, 1, -t}, {1, 1, -t}}), layer_of({{0, 1, 0}})};
        layers[1].linear = 1;
        const Network network(std::move(layers));
        HullBounds bounds(network, 1);
        ComposedMap first(network.layer(0), 1);
        first.set_first();
        const std::vector<std::uint64_t> both{3};
        CHECK_FALSE(bounds.decided(0, first.forms(), both, both, {{-1.0, 1.0}, 0.0}));
        const std::vector<std::uint64_t> right{1}, left{2};
        CHECK_FALSE(bounds.decided(0, first.forms(), right, left, {{t / 2, t}, 0.0}));
        CHECK(bounds.decided(0, first.forms(), right, left, {{t * 1.0001, 1.0}, 0.0}));
        CHECK_FALSE(bounds.decided(0, first.forms(), right, left, {{t * 1.0001, 1.0}, t * 0.001}));
    }
}

TEST_SUITE_END();
