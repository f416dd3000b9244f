// Hidden units without a ReLU, in everything that knows units: layouts, maps, points, complexes, outputs.
#include <doctest/doctest.h>

#include <cmath>

#include "complexes.hpp"
#include "network/maps/composed_map.hpp"
#include "network/maps/exact_maps.hpp"
#include "network/maps/point_signs.hpp"
#include "network/sign_layout.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

// The network with so many linear units at the end of each hidden layer.
Network with_linear(const Network& network, const std::vector<int>& linear) {
    std::vector<Layer> layers;
    for (int l = 0; l <= network.num_hidden(); ++l) layers.push_back(network.layer(l));
    for (std::size_t l = 0; l < linear.size(); ++l) layers[l].linear = linear[l];
    return Network(std::move(layers));
}

std::vector<int> signs_of(const Network& network, const std::vector<double>& point) {
    std::vector<std::int8_t> signs(network.num_neurons());
    PointSigns(network).at(point, signs.data());
    return {signs.begin(), signs.end()};
}

using Words = std::vector<std::uint64_t>;

}  // namespace

TEST_SUITE_BEGIN("linear_units");

TEST_CASE("numbers, bits and words count neurons; maps count units") {
    Random random(300);
    const Network network = with_linear(random_network(random, {2, 70, 3, 5, 1}), {10, 3, 0});
    CHECK(network.num_neurons() == 65);
    CHECK(network.first_neuron(1) == 60);
    CHECK(network.first_neuron(2) == 60);
    CHECK(network.linear_bits(0) == Words{std::uint64_t{0xF} << 60, 0x3F});
    CHECK(network.linear_bits(1) == Words{7});
    CHECK(network.linear_bits(2) == Words{0});
    const SignLayout layout(network, box(2, -1, 1));
    CHECK(layout.level(1).words == 1);
    CHECK(layout.level(2).words == 0);
    CHECK(layout.level(3).first == 2);
    CHECK(layout.total_words() == 3);
    CHECK(layout.last_level() == 3);
    CHECK(SignLayout(with_linear(network, {70, 3, 5}), box(2, -1, 1)).last_level() == 0);
}

TEST_CASE("signs at points: 1 - |x| from relu(x) and x") {
    const Network network = with_linear(network_of({{{1, 0}, {1, 0}}, {{-2, 1, 1}}}), {1});
    using Signs = std::vector<int>;
    CHECK(signs_of(network, {0.5}) == Signs{1, 1});
    CHECK(signs_of(network, {-0.5}) == Signs{-1, 1});
    CHECK(signs_of(network, {-1}) == Signs{-1, 0});
    CHECK(signs_of(network, {std::nextafter(-1, -2)}) == Signs{-1, -1});
    CHECK(signs_of(network, {2}) == Signs{1, -1});
}

TEST_CASE("signs at random points") {
    Random random(301);
    for (int trial = 0; trial < 300; ++trial) {
        const Network network = with_linear(random_network(random, {1 + trial % 4, 7, 6, 4, 1}), {trial % 8, trial % 7, trial % 3});
        std::vector<double> point(network.input_dimension());
        for (double& x : point) x = random_double(random, -6, 1);
        CAPTURE(trial);
        CHECK(signs_of(network, point) == signs_at(network, rationals(point)));
    }
}

// Negative values all the way: what is left of 3 A - B is the rounding of linear units, which a ReLU would have cut off.
TEST_CASE("signs at points: errors of negative linear units are passed on") {
    Random random(302);
    for (int trial = 0; trial < 400; ++trial) {
        const double p = std::fabs(random_double(random, -1, 1)), q = p * (1 - 0x1p-30);
        const double u = std::fabs(random_double(random, -1, 1)), v = std::fabs(random_double(random, -1, 1));
        const Network network = with_linear(
            network_of({{{-u, -v, -0.1}, {-u, -v, -0.1}}, {{p, -q, 0}, {3 * p, -3 * q, 0}}, {{3, -1, 0}, {-3, 1, 0}}}), {2, 2, 0});
        const std::vector<double> point{std::fabs(random_double(random, -1, 1)), std::fabs(random_double(random, -1, 1))};
        CAPTURE(trial);
        CHECK(signs_of(network, point) == signs_at(network, rationals(point)));
    }
}

TEST_CASE("composed forms: errors stay within their bounds where only linear units lead") {
    Random random(303);
    for (int trial = 0; trial < 20; ++trial) {
        const Network network = with_linear(random_network(random, {3, 70, 6, 5, 1}), {70, 6, 0});
        std::vector<ComposedMap> maps;
        ExactMaps exact(network, box(3, -1, 1));
        for (int l = 0; l < 3; ++l) maps.emplace_back(network.layer(l), 3);
        maps[0].set_first();
        for (int l = 1; l < 3; ++l) {
            const Words& active = network.linear_bits(l - 1);
            maps[l].set_pattern(maps[l - 1], active.data());
            exact.set_pattern(l - 1, active.data(), static_cast<int>(active.size()));
        }
        for (int i = 0; i < 5; ++i) {
            const FormTable& table = maps[2].forms();
            Rational error;
            for (int k = 0; k < 3; ++k)
                error += abs(scaled(exact.neuron(2, i).weight[k], network.scale_exponent(2)) - rational(table.coefficient(i, k)));
            CHECK(error > 0);
            CHECK(error <= rational(table.weight_error(i)));
            CHECK(table.weight_error(i) < 1e-10);
        }
    }
}

TEST_CASE("complexes of random networks with linear units") {
    Random random(304);
    const std::vector<std::vector<int>> counts = {{0, 0, 2}, {3, 0, 1}, {6, 2, 0}, {2, 6, 4}, {6, 6, 0}, {1, 1, 4}};
    for (int trial = 0; trial < 24; ++trial) {
        CAPTURE(trial);
        const int n = 1 + trial % 3;
        const std::vector<int> widths{n, 6, 6, 4, 1};
        const Network network = with_linear(trial % 2 ? random_network(random, widths) : integer_network(random, widths, 2),
                                            counts[trial % counts.size()]);
        check_complex(network, box(n, -1, 1), Rational(1 << n));
    }
}

TEST_CASE("complexes: neurons and linear units share a word") {
    Random random(305);
    const Network network = with_linear(random_network(random, {1, 70, 68, 5, 1}), {10, 8, 1});
    const CellComplex cells = check_complex(network, box(1, -1, 1), 2);
    CHECK(cells.num_cells() > 60);
    CHECK(cells.num_neurons == 124);
}

TEST_CASE("all of R^n: the first layer is linear") {
    Random random(306);
    for (int trial = 0; trial < 6; ++trial) {
        CAPTURE(trial);
        check_complex(with_linear(integer_network(random, {2, 2, 5, 3, 1}, 3), {2, 0, 0}), whole_space(2));
    }
}

TEST_CASE("a residual network is the one that carries x as relu(x + 4) - 4") {
    Random random(307);
    for (int trial = 0; trial < 10; ++trial) {
        CAPTURE(trial);
        std::vector<Row> first(5, Row(3)), second(4, Row(8)), shifted;
        for (Row& row : first)
            for (double& value : row) value = random_integer(random, 3);
        for (Row& row : second) {
            for (double& value : row) value = random_integer(random, 3);
            shifted.push_back(row);
            shifted.back()[7] -= 4 * (row[5] + row[6]);
        }
        std::vector<Row> carried = first, widened = first;
        for (const double shift : {0.0, 4.0}) {
            std::vector<Row>& rows = shift == 0 ? carried : widened;
            rows.push_back({1, 0, shift});
            rows.push_back({0, 1, shift});
        }
        const Domain domain = box(2, -2, 2);
        const CellComplex residual = check_complex(with_linear(network_of({carried, second}), {2, 0}), domain, 16);
        const CellComplex plain = check_complex(network_of({widened, shifted}), domain, 16);
        std::vector<std::string> expected = patterns(plain);
        for (std::string& pattern : expected) {
            CHECK(pattern.substr(5, 2) == "11");
            pattern.erase(5, 2);
        }
        CHECK(patterns(residual) == expected);
        CHECK(residual.facet_neighbour == plain.facet_neighbour);
    }
}

TEST_CASE("exact outputs at vertices, with linear units in the last hidden layer") {
    // |x| + 3 = 2 relu(x) - x + 3
    Layer output = layer_of({{2, -1, 3}});
    Layer hidden = layer_of({{1, 0}, {1, 0}});
    hidden.linear = 1;
    const Network network({hidden, output});
    const Domain domain = box(1, -2, 5);
    const CellComplex cells = cells_of(network, domain);
    const VertexComplex vertices = vertices_of(network, domain, cells, true);
    REQUIRE(vertices.num_vertices == 3);
    for (int v = 0; v < 3; ++v) CHECK(vertices.output[v] == std::fabs(vertices.coordinates[v]) + 3);
}

TEST_CASE("a network without neurons has one cell") {
    const Network network = with_linear(network_of({{{1, 2, 3}}, {{5, 0}}}), {1, 1});
    const Domain domain = cut_box(2, -1, 1, {{1, 1, 0}});
    const CellComplex cells = cells_of(network, domain);
    CHECK(cells.num_cells() == 1);
    CHECK(cells.num_facets() == 3);
    CHECK(f_vector(cells, vertices_of(network, domain, cells), domain) == std::vector<std::int64_t>{3, 3, 1});
}

TEST_SUITE_END();
