#include <doctest/doctest.h>

#include "network/repeated_rows.hpp"
#include "network/sign_by_terms.hpp"
#include "networks.hpp"
#include "refinement/lp/lp_search.hpp"
#include "refinement/vertex/search.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

std::uint64_t count(const Network& network, const Domain& domain, bool by_vertices) {
    SearchControl control;
    SearchOptions options;
    options.cells = false;
    if (by_vertices) {
        search(network, domain, options, control);
    } else {
        lp_search(network, domain, options, control);
    }
    return control.cells;
}

}  // namespace

TEST_SUITE_BEGIN("repeated_rows");

TEST_CASE("multiples are found, whatever their sign and size") {
    const Network network = arrangement({{1, 3, 0.1}, {0, 0, 1}, {2, 6, 0.2}, {-0.5, -1.5, -0.05}, {1, 3, 0.25}, {0x1p-1074, 0, 0}, {3, 0, 0}});
    const RepeatedRows repeated(network);
    REQUIRE(repeated.copies(0).size() == 3);
    const int expected[3][3] = {{2, 0, 1}, {3, 0, -1}, {6, 5, 1}};
    for (int k = 0; k < 3; ++k) {
        CHECK(repeated.copies(0)[k].neuron == expected[k][0]);
        CHECK(repeated.copies(0)[k].original == expected[k][1]);
        CHECK(repeated.copies(0)[k].sense == expected[k][2]);
    }
    CHECK(repeated.any());
    CHECK(repeated.bits(0)[0] == 0b1001100);
    CHECK(repeated.group(0) == std::vector<std::int32_t>{0, 2, 3});
    CHECK(repeated.group(4).empty());
    CHECK(repeated.original(3) == 0);
    CHECK(repeated.original(4) == 4);
}

TEST_CASE("a multiple but for rounding is none") {
    const double third = 1.0 / 3;  // 3 * third is not 1
    const RepeatedRows repeated(arrangement({{third, 0.1, 0}, {3 * third, 3 * 0.1, 0}, {1, 1 + 0x1p-52, 0}, {1, 1, 0}}));
    CHECK_FALSE(repeated.any());
}

TEST_CASE("the low parts of biases count") {
    Layer layer = layer_of({{1, 1}, {2, 2}, {2, 2}});
    layer.bias_low = {0x1p-60, 0x1p-60, 0x1p-59};
    const RepeatedRows repeated(Network({layer, layer_of({{1, 1, 1, 0}})}));
    REQUIRE(repeated.copies(0).size() == 1);
    CHECK(repeated.copies(0)[0].neuron == 2);
}

TEST_CASE("signs of copies follow in every word") {
    std::vector<Row> rows;
    for (int k = 0; k < 70; ++k) rows.push_back({1.0 + k, 1});
    rows.push_back({-3, -3.0 / 3});  // minus neuron 2
    const RepeatedRows repeated(arrangement(rows));
    REQUIRE(repeated.copies(0).size() == 1);
    std::uint64_t positive[2] = {0b100, ~std::uint64_t{0}}, negative[2] = {0, 0};
    copy_signs(repeated.copies(0), positive, negative);
    CHECK(positive[1] == ~(std::uint64_t{1} << 6));
    CHECK(negative[1] == std::uint64_t{1} << 6);
    negative[0] = 0b100;
    positive[0] = 0;
    copy_signs(repeated.copies(0), positive, negative);
    CHECK(positive[1] == ~std::uint64_t{0});
    CHECK(negative[1] == 0);
}

TEST_CASE("both engines find as many cells with copies as without") {
    Random random(60);
    for (int trial = 0; trial < 12; ++trial) {
        const int n = 2 + trial % 3;
        const Network plain = random_network(random, {n, 5, 4, 1});
        Layer first = plain.layer(0), second = plain.layer(1);
        const int kept = first.outputs;
        for (int i = 0; i < kept; ++i) {
            const double factor = std::ldexp(random() % 2 ? 1.0 : -1.0, static_cast<int>(random() % 5) - 2);
            for (int k = 0; k < n; ++k) first.weight.push_back(factor * first.weight[i * n + k]);
            first.bias.push_back(factor * first.bias[i]);
        }
        first.outputs = 2 * kept;
        first.bias_low.assign(first.outputs, 0);
        std::vector<double> weight;
        for (int i = 0; i < second.outputs; ++i)
            for (int j = 0; j < 2 * kept; ++j) weight.push_back(j < kept ? second.weight[i * kept + j] : 0.0);
        second.weight = weight;
        second.inputs = 2 * kept;
        const Network doubled({first, second, plain.layer(2)});
        for (const Domain& domain : {box(n, -1, 1), whole_space(n)}) {
            const std::uint64_t cells = count(plain, domain, true);
            CHECK(count(doubled, domain, true) == cells);
            CHECK(count(doubled, domain, false) == cells);
        }
    }
}

TEST_CASE("the sign of a neuron from those of the layer before") {
    Layer first = layer_of({{1, 0}, {1, 0}, {1, 0}}), second = layer_of({{1, 2, 0, 0}, {-1, 2, 0, 0}, {0, 0, -1, -1}, {0, 0, 0, 0}, {1, 0, 0, -1}});
    const Network network({first, second, layer_of({Row(6, 1.0)})});
    const auto sign = [&](int neuron, std::uint64_t positive) { return sign_by_terms(network, 1, neuron, &positive); };
    CHECK(sign(0, 0b011) == Sign::positive);
    CHECK(sign(0, 0b100) == Sign::zero);
    CHECK_FALSE(sign(1, 0b011));
    CHECK(sign(1, 0b001) == Sign::negative);
    CHECK(sign(2, 0b000) == Sign::negative);
    CHECK(sign(2, 0b100) == Sign::negative);
    CHECK(sign(3, 0b111) == Sign::zero);
    CHECK_FALSE(sign(4, 0b001));
    CHECK(sign(4, 0b110) == Sign::negative);
    CHECK_FALSE(sign_by_terms(network, 0, 0, nullptr));
}

TEST_CASE("linear units may have either sign") {
    Layer first = layer_of({{1, 0}, {1, 0}});
    first.linear = 1;
    const Network network({first, layer_of({{1, 1, 0}, {1, 0, 0}}), layer_of({{1, 1, 0}})});
    const std::uint64_t positive = 1;
    CHECK_FALSE(sign_by_terms(network, 1, 0, &positive));
    CHECK(sign_by_terms(network, 1, 1, &positive) == Sign::positive);
}

TEST_SUITE_END();
