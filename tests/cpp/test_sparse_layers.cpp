#include <doctest/doctest.h>

#include "complexes.hpp"
#include "network/input_checks.hpp"
#include "network/maps/active_forms.hpp"
#include "network/maps/exact_maps.hpp"
#include "network/maps/point_signs.hpp"
#include "refinement/lp/lp_search.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

constexpr int width = 70;

// Two inputs and two hidden layers of 70 neurons, of which the second has three weights a row.
std::vector<Layer> mostly_zeros(Random& random) {
    std::vector<Row> first(width, Row(3)), second(width, Row(width + 1)), last(1, Row(width + 1, 1.0));
    for (Row& row : first)
        for (double& entry : row) entry = random_double(random, -4, 0);
    for (int i = 0; i < width; ++i) {
        for (int k = 0; k < 3; ++k) second[i][random() % width] = random_double(random, -4, 0);
        second[i][width] = random_double(random, -6, -2);
    }
    std::vector<Layer> layers{layer_of(first), layer_of(second), layer_of(last)};
    for (Layer& layer : layers) layer.bias_low.assign(layer.outputs, 0.0);
    return layers;
}

Layer compressed(const Layer& layer) {
    Layer result = layer;
    result.weight.clear();
    result.sparse.begin.push_back(0);
    for (int i = 0; i < layer.outputs; ++i) {
        for (int j = 0; j < layer.inputs; ++j) {
            const double weight = layer.weight[static_cast<std::size_t>(i) * layer.inputs + j];
            if (weight == 0) continue;
            result.sparse.column.push_back(j);
            result.sparse.value.push_back(weight);
        }
        result.sparse.begin.push_back(static_cast<std::int64_t>(result.sparse.value.size()));
    }
    return result;
}

}  // namespace

TEST_SUITE_BEGIN("sparse_layers");

TEST_CASE("layers of mostly zeros are held without them, small and full ones with them") {
    Random random(300);
    const std::vector<Layer> layers = mostly_zeros(random);
    std::vector<Layer> rows;
    for (const Layer& layer : layers) rows.push_back(compressed(layer));
    for (const Network& network : {Network(layers), Network(rows)}) {
        CHECK(network.layer(1).is_sparse());
        CHECK(network.layer(1).weight.empty());
        CHECK(network.layer(1).sparse.value.size() <= 3 * width);
        CHECK(!network.layer(0).is_sparse());
        CHECK(network.layer(0).weight == layers[0].weight);
        CHECK(network.layer(2).weight == layers[2].weight);
    }
}

TEST_CASE("a sparse network is decomposed exactly, by both engines") {
    Random random(301);
    const Network network(mostly_zeros(random));
    REQUIRE(network.layer(1).is_sparse());
    const CellComplex cells = check_complex(network, box(2, -0.5, 0.5), 1);
    SearchControl control;
    const LpCells found = lp_search(network, box(2, -0.5, 0.5), {}, control);
    CHECK(found.cells.patterns == cells.patterns);
}

TEST_CASE("all of the plane") {
    Random random(302);
    std::vector<Layer> layers = mostly_zeros(random);
    layers[0].outputs = width;
    const Network network(std::move(layers));
    SearchControl control;
    CHECK(lp_search(network, whole_space(2), {}, control).cells.patterns == cells_of(network, whole_space(2)).patterns);
}

TEST_CASE("forms, signs at points and the integer network are those of the same rows with zeros") {
    Random random(303);
    std::vector<Layer> layers = mostly_zeros(random);
    const Network network(layers);
    const std::vector<std::uint64_t> pattern{0xF0F0F0F0A5A5A5A5u, 0x2Au};
    ActiveForms forms(network);
    forms.set_active(0, pattern.data());
    ExactMaps exact(network, box(2, -1, 1));
    exact.set_pattern(0, pattern.data(), 2);
    for (int i = 0; i < width; ++i) {
        std::vector<Rational> expected(3);
        expected[2] = rational(layers[1].bias[i]);
        for (int j = 0; j < width; ++j) {
            if (!(pattern[j >> 6] >> (j & 63) & 1)) continue;
            const Rational weight = rational(layers[1].weight[static_cast<std::size_t>(i) * width + j]);
            for (int k = 0; k < 2; ++k) expected[k] += weight * rational(layers[0].weight[2 * j + k]);
            expected[2] += weight * rational(layers[0].bias[j]);
        }
        const exact::Form& made = exact.neuron(1, i);
        ActiveForm form;
        forms.form(1, i, -1, form);
        for (int k = 0; k < 2; ++k) {
            CHECK(scaled(made.weight[k], network.scale_exponent(1)) == expected[k]);
            CHECK(abs(rational(form.weight[k]) - expected[k]) <= rational(form.weight_error[k]));
            CHECK(form.weight_error[k] < 1e-12);
        }
        CHECK(scaled(made.constant, network.scale_exponent(1)) == expected[2]);
        CHECK(abs(rational(form.constant) - expected[2]) <= rational(form.constant_error));
    }
    PointSigns signs(network);
    std::vector<std::int8_t> found(network.num_neurons());
    for (int trial = 0; trial < 50; ++trial) {
        const std::vector<double> point{random_double(random, -3, 0), random_double(random, -3, 0)};
        signs.at(point, found.data());
        CHECK(std::vector<int>(found.begin(), found.end()) == signs_at(network, rationals(point)));
    }
}

TEST_CASE("kept inputs of a sparse first layer, in the order they are named") {
    Layer first = layer_of({Row(5001, 0.0)});
    first.weight[10] = 2;
    first.weight[4000] = -1;
    const Network network({first, layer_of({{1, 0}})});
    REQUIRE(network.layer(0).is_sparse());
    const Network kept = network.with_inputs({4000, 3, 10});
    CHECK(kept.layer(0).weight == std::vector<double>{-1, 0, 2});
}

TEST_CASE("rows that do not fit are refused") {
    Random random(304);
    const auto refused = [&](auto&& damage) {
        std::vector<Layer> layers = mostly_zeros(random);
        layers[1] = compressed(layers[1]);
        CHECK_NOTHROW(check_layers(layers));
        damage(layers[1]);
        CHECK_THROWS_AS(check_layers(layers), std::invalid_argument);
    };
    refused([](Layer& layer) { layer.sparse.column.back() = width; });
    refused([](Layer& layer) { layer.sparse.column.front() = -1; });
    refused([](Layer& layer) { layer.sparse.begin.pop_back(); });
    refused([](Layer& layer) { layer.sparse.begin[1] = 1000000; });
    refused([](Layer& layer) { layer.sparse.begin.front() = 1; });
    refused([](Layer& layer) { layer.sparse.value.pop_back(); });
    refused([](Layer& layer) { layer.sparse.value.front() = HUGE_VAL; });
    refused([](Layer& layer) { layer.weight.push_back(1); });
    refused([](Layer& layer) {
        layer.sparse.column[0] = layer.sparse.column[1] = 5;
        layer.sparse.begin[1] = std::max<std::int64_t>(2, layer.sparse.begin[1]);
    });
}

TEST_SUITE_END();
