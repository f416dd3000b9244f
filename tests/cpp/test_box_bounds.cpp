#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "networks.hpp"
#include "refinement/bounds/box_bounds.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
using Norm = BoxBounds::Norm;

// What BoxBounds says of one box, with nothing known of the neurons before.
struct Answer {
    std::vector<double> lower, upper, condition_lower, condition_upper, slope, loss, offset;
};

Answer bound(const Network& network, const ConditionRows& rows, const std::vector<double>& lower, const std::vector<double>& upper,
             const BoxBounds::Ball* ball = nullptr) {
    const std::size_t neurons = network.num_neurons(), m = rows.rows(), n = lower.size();
    Answer answer{std::vector<double>(neurons, -infinity), std::vector<double>(neurons, infinity), std::vector<double>(m),
                  std::vector<double>(m), std::vector<double>(m * n), std::vector<double>(m * n), std::vector<double>(m)};
    BoxBounds bounds(network, rows);
    bounds.bound(lower, upper,
                 {answer.lower, answer.upper, answer.condition_lower, answer.condition_upper, answer.slope, answer.loss, answer.offset},
                 ball);
    return answer;
}

// One row for each output: the output itself.
ConditionRows outputs_of(const Network& network) {
    const int m = network.layer(network.num_hidden()).outputs;
    ConditionRows rows;
    rows.inputs.assign(std::size_t(m) * network.input_dimension(), 0.0);
    rows.outputs.assign(std::size_t(m) * m, 0.0);
    for (int o = 0; o < m; ++o) rows.outputs[std::size_t(o) * m + o] = 1;
    rows.constant.assign(m, 0.0);
    rows.rounded.assign(m, 0);
    return rows;
}

ConditionRows random_rows(Random& random, const Network& network, int count, int low, int high) {
    const int m = network.layer(network.num_hidden()).outputs;
    const auto numbers = [&](std::size_t size) {
        std::vector<double> values(size);
        for (double& value : values) value = random() % 4 ? random_double(random, low, high) : 0.0;
        return values;
    };
    return {numbers(std::size_t(count) * network.input_dimension()), numbers(std::size_t(count) * m), numbers(count),
            std::vector<char>(count, 0)};
}

// The preactivations of all hidden neurons, then the outputs.
std::vector<Rational> values_at(const Network& network, const std::vector<Rational>& point) {
    std::vector<Rational> all, value = point;
    for (int l = 0; l <= network.num_hidden(); ++l) {
        const Layer& layer = network.layer(l);
        std::vector<Rational> next;
        for (int i = 0; i < layer.outputs; ++i) {
            Rational z = rational(layer.bias[i]) + rational(layer.bias_low[i]);
            layer.for_row(i, [&](int j, double weight) { z += rational(weight) * value[j]; });
            const bool kept = l == network.num_hidden() || i >= layer.neurons();
            if (i < layer.neurons() || l == network.num_hidden()) all.push_back(z);
            next.push_back(kept || z > 0 ? z : Rational(0));
        }
        value = std::move(next);
    }
    return all;
}

Rational condition_at(const ConditionRows& rows, int row, const std::vector<Rational>& point, const std::vector<Rational>& values) {
    const std::size_t n = point.size(), m = rows.outputs.size() / rows.rows();
    Rational sum = rational(rows.constant[row]);
    for (std::size_t j = 0; j < n; ++j) sum += rational(rows.inputs[row * n + j]) * point[j];
    for (std::size_t o = 0; o < m; ++o) sum += rational(rows.outputs[row * m + o]) * values[values.size() - m + o];
    return sum;
}

bool at_most(double bound, const Rational& value) { return bound == -infinity || (bound < infinity && rational(bound) <= value); }
bool at_least(double bound, const Rational& value) { return bound == infinity || (bound > -infinity && rational(bound) >= value); }

// Whether all that is said holds at a point, compared in rational numbers.
bool holds_at(const Network& network, const ConditionRows& rows, const Answer& answer, const std::vector<Rational>& point) {
    const std::vector<Rational> values = values_at(network, point);
    for (int i = 0; i < network.num_neurons(); ++i)
        if (!at_most(answer.lower[i], values[i]) || !at_least(answer.upper[i], values[i])) return false;
    for (int r = 0; r < rows.rows(); ++r) {
        const Rational value = condition_at(rows, r, point, values);
        if (!at_most(answer.condition_lower[r], value) || !at_least(answer.condition_upper[r], value)) return false;
        if (answer.offset[r] == -infinity) continue;
        Rational affine = rational(answer.offset[r]);
        for (std::size_t j = 0; j < point.size(); ++j) affine += rational(answer.slope[r * point.size() + j]) * point[j];
        if (affine > value) return false;
    }
    return true;
}

// Points of a box: corners, and some within.
std::vector<std::vector<Rational>> points_of(Random& random, const std::vector<double>& lower, const std::vector<double>& upper, int count) {
    std::vector<std::vector<Rational>> points;
    for (int p = 0; p < count; ++p) {
        std::vector<Rational> point;
        for (std::size_t k = 0; k < lower.size(); ++k) {
            const Rational share = p % 2 ? Rational(int(random() % 2)) : Rational(int(random() % 1025), 1024);
            point.push_back(rational(lower[k]) + share * (rational(upper[k]) - rational(lower[k])));
        }
        points.push_back(std::move(point));
    }
    return points;
}

// Networks whose weights and biases have exponents in [low, high]; biases have a part below one double.
Network scaled_network(Random& random, const std::vector<int>& widths, int low, int high) {
    std::vector<Layer> layers;
    for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
        std::vector<Row> rows(widths[l + 1], Row(widths[l] + 1));
        for (Row& row : rows)
            for (double& value : row) value = random() % 8 ? random_double(random, low, high) : 0.0;
        Layer layer = layer_of(rows);
        layer.bias_low.assign(layer.outputs, 0.0);
        for (int i = 0; i < layer.outputs; ++i) layer.bias_low[i] = random() % 2 ? std::ldexp(layer.bias[i], -54) : 0.0;
        if (random() % 3 == 0 && l + 2 < widths.size()) layer.linear = 1;
        layers.push_back(std::move(layer));
    }
    return Network(std::move(layers));
}

}  // namespace

TEST_SUITE_BEGIN("box_bounds");

TEST_CASE("one neuron, both relaxations by hand") {
    const Network network = arrangement({{1, 0}});
    const ConditionRows rows = outputs_of(network);
    // relu(x) on [-1, 3]: x and 0 are below it, (3 x + 3) / 4 above
    Answer answer = bound(network, rows, {-1}, {3});
    CHECK(answer.lower[0] == doctest::Approx(-1));
    CHECK(answer.upper[0] == doctest::Approx(3));
    CHECK(answer.condition_upper[0] == doctest::Approx(3));
    CHECK(answer.condition_lower[0] == doctest::Approx(-0.75));  // the parallel one, 3 x / 4, is better than x
    CHECK(answer.slope[0] == doctest::Approx(0.75));
    // on [-3, 1] zero is below it
    answer = bound(network, rows, {-3}, {1});
    CHECK(std::fabs(answer.condition_lower[0]) < 1e-14);
    CHECK(answer.condition_lower[0] <= 0);
    CHECK(answer.slope[0] == 0);
}

TEST_CASE("a neuron without sign and one that is active") {
    const Network network = network_of({{{1, -2}, {1, 2}}});  // x - 2 < 0 < x + 2 on [-1, 1]
    const Answer answer = bound(network, outputs_of(network), {-1}, {1});
    CHECK(answer.condition_lower[0] == doctest::Approx(1));  // the output is x + 2
    CHECK(answer.condition_upper[0] == doctest::Approx(3));
    CHECK(answer.slope[0] == 1);
    CHECK(answer.offset[0] == doctest::Approx(2));
    CHECK(answer.loss[0] == 0);
}

TEST_CASE("an unbounded box says what it can") {
    const Network network = network_of({{{1, 0}, {0, 1}}});
    const Answer answer = bound(network, outputs_of(network), {-infinity}, {infinity});
    CHECK(answer.lower[0] == -infinity);
    CHECK(answer.upper[0] == infinity);
    CHECK(answer.condition_upper[0] == infinity);
    CHECK(answer.lower[1] == doctest::Approx(1));
}

TEST_CASE("balls: an affine function is least where its gradient points, in each norm") {
    const Network network = network_of({{{3, 4, 100}}});
    const ConditionRows rows = outputs_of(network);
    const std::vector<double> centre{1, 1};
    const std::pair<Norm, double> dual_norms[] = {{Norm::one, 4.0}, {Norm::two, 5.0}, {Norm::maximum, 7.0}};
    for (const auto& [norm, dual] : dual_norms) {
        const BoxBounds::Ball ball{centre, 2, norm};
        const Answer answer = bound(network, rows, {-9, -9}, {9, 9}, &ball);
        CHECK(answer.condition_lower[0] == doctest::Approx(107 - 2 * dual).epsilon(1e-14));
        CHECK(answer.condition_upper[0] == doctest::Approx(107 + 2 * dual).epsilon(1e-14));
        CHECK(rational(answer.condition_lower[0]) <= Rational(107) - 2 * rational(dual));
        CHECK(rational(answer.condition_upper[0]) >= Rational(107) + 2 * rational(dual));
    }
}

TEST_CASE("boxes of one point: nothing but rounding lies between bound and value") {
    Random random(11);
    int tight = 0;
    for (int round = 0; round < 400; ++round) {
        const int range = round % 4 == 0 ? 40 : 3;
        const Network network = scaled_network(random, {3, 5, 5, 4, 2}, -range, range);
        const ConditionRows rows = random_rows(random, network, 3, -range, range);
        std::vector<double> x(3);
        for (double& value : x) value = random_double(random, -3, 3);
        const Answer answer = bound(network, rows, x, x);
        const std::vector<Rational> point = rationals(x);
        REQUIRE(holds_at(network, rows, answer, point));
        for (int r = 0; r < rows.rows(); ++r) {
            const double gap = answer.condition_upper[r] - answer.condition_lower[r];
            const double size = std::max(std::fabs(answer.condition_upper[r]), std::fabs(answer.condition_lower[r]));
            tight += gap <= 1e-9 * size;
        }
    }
    CHECK(tight > 900);  // of 1,200: what cancels is not tight
}

TEST_CASE("one input: never beyond the values at all breakpoints") {
    Random random(12);
    for (int round = 0; round < 150; ++round) {
        const Network network = scaled_network(random, {1, 4, 4, 1}, -2, 2);
        const ConditionRows rows = outputs_of(network);
        const double a = random_double(random, -2, 2), b = random_double(random, -2, 2);
        const std::vector<double> lower{std::min(a, b)}, upper{std::max(a, b)};
        const Answer answer = bound(network, rows, lower, upper);
        // Where neighbouring points have other signs, there is a zero between them: halved, that is where extremes are.
        std::vector<Rational> ends;
        for (int k = 0; k <= 64; ++k) ends.push_back(rational(lower[0]) + (rational(upper[0]) - rational(lower[0])) * k / 64);
        for (const Rational& end : ends) REQUIRE(holds_at(network, rows, answer, {end}));
        for (std::size_t k = 0; k + 1 < ends.size(); ++k) {
            if (signs_at(network, {ends[k]}) == signs_at(network, {ends[k + 1]})) continue;
            Rational low = ends[k], high = ends[k + 1];
            for (int halving = 0; halving < 60; ++halving) {
                const Rational middle = (low + high) / 2;
                (signs_at(network, {middle}) == signs_at(network, {low}) ? low : high) = middle;
            }
            REQUIRE(holds_at(network, rows, answer, {low}));
            REQUIRE(holds_at(network, rows, answer, {high}));
        }
    }
}

TEST_CASE("boxes and balls of every scale hold at all points tried") {
    Random random(13);
    const std::pair<int, int> scales[] = {{-3, 2}, {-60, 60}, {-300, -250}, {200, 230}, {-1074, -1000}};
    for (const auto& [low, high] : scales) {
        for (int round = 0; round < 60; ++round) {
            const Network network = scaled_network(random, {2, 5, 4, 2}, low, high);
            const ConditionRows rows = random_rows(random, network, 3, low, high);
            std::vector<double> lower(2), upper(2), centre(2);
            for (int k = 0; k < 2; ++k) {
                const double a = random_double(random, low, high), b = random_double(random, low, high);
                lower[k] = std::min(a, b);
                upper[k] = round % 3 ? std::max(a, b) : std::nextafter(lower[k], infinity);  // of one unit in the last place, too
                centre[k] = round % 2 ? lower[k] : upper[k];
            }
            const Answer answer = bound(network, rows, lower, upper);
            for (const auto& point : points_of(random, lower, upper, 12)) REQUIRE(holds_at(network, rows, answer, point));
            // A ball in the maximum norm is a box, in the 1-norm it has the corners centre +- radius e_k.
            const double radius = std::max(upper[0] - lower[0], upper[1] - lower[1]) / 4;
            for (const Norm norm : {Norm::one, Norm::two, Norm::maximum}) {
                const BoxBounds::Ball ball{centre, radius, norm};
                const Answer within = bound(network, rows, lower, upper, &ball);
                REQUIRE(holds_at(network, rows, within, rationals(centre)));
                for (int k = 0; k < 2; ++k)
                    for (const int sign : {-1, 1}) {
                        std::vector<Rational> point = rationals(centre);
                        point[k] += sign * rational(radius);
                        if (point[k] >= rational(lower[k]) && point[k] <= rational(upper[k]))
                            REQUIRE(holds_at(network, rows, within, point));
                    }
            }
        }
    }
}

TEST_CASE("conditions with rounded coefficients leave room for the true ones") {
    Random random(14);
    for (int round = 0; round < 200; ++round) {
        const Network network = scaled_network(random, {2, 4, 3, 2}, -3, 3);
        ConditionRows rows = random_rows(random, network, 1, -3, 3);
        std::vector<double> x(2);
        for (double& value : x) value = random_double(random, -3, 3);
        rows.rounded[0] = 1;
        const Answer answer = bound(network, rows, x, x);
        const std::vector<Rational> point = rationals(x), values = values_at(network, point);
        // All coefficients off by half a unit, the way that moves the value most.
        for (const int way : {-1, 1}) {
            const auto off = [&](double coefficient, const Rational& factor) {
                const Rational size = abs(rational(coefficient) * factor);
                return Rational(rational(coefficient) * factor + way * size / exact::power_of_two(53));
            };
            Rational value = off(rows.constant[0], 1);
            for (int j = 0; j < 2; ++j) value += off(rows.inputs[j], point[j]);
            for (int o = 0; o < 2; ++o) value += off(rows.outputs[o], values[values.size() - 2 + o]);
            REQUIRE(at_most(answer.condition_lower[0], value));
            REQUIRE(at_least(answer.condition_upper[0], value));
        }
    }
}

TEST_CASE("bounds that are given are used and never made worse") {
    const Network network = network_of({{{1, 0}, {1, -1}}});
    const ConditionRows rows = outputs_of(network);
    std::vector<double> lower{0, -infinity}, upper{infinity, -0.5}, least(1), most(1), slope(1), loss(1), offset(1);
    const std::vector<double> from{-1}, to{2};
    BoxBounds bounds(network, rows);
    bounds.bound(from, to, {lower, upper, least, most, slope, loss, offset});
    CHECK(lower[0] == 0);  // x >= 0 as given: active, and the other is dead
    CHECK(upper[1] == -0.5);
    CHECK(slope[0] == 1);
    CHECK(most[0] == doctest::Approx(2));
}

TEST_SUITE_END();
