#include <doctest/doctest.h>

#include <climits>
#include <cmath>

#include "complexes.hpp"
#include "network/balanced_layers.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

using Layers = std::vector<Layer>;

Layers layers_of(const Network& network) {
    Layers layers;
    for (int l = 0; l <= network.num_hidden(); ++l) layers.push_back(network.layer(l));
    return layers;
}

// Hidden units of 2^power(layer) times the size they were.
template <class Power>
Layers scaled_by(Layers layers, Power&& power) {
    for (std::size_t l = 0; l + 1 < layers.size(); ++l)
        for (int i = 0; i < layers[l].outputs; ++i) {
            const int k = power(static_cast<int>(l));
            const int before = l == 0 ? 0 : power(static_cast<int>(l) - 1);
            for (int j = 0; j < layers[l].inputs; ++j) {
                double& weight = layers[l].weight[static_cast<std::size_t>(i) * layers[l].inputs + j];
                weight = std::ldexp(weight, k - before);
            }
            layers[l].bias[i] = std::ldexp(layers[l].bias[i], k);
        }
    return layers;
}

// He's initialisation, whose layers neither grow nor shrink.
Layers random_layers(Random& random, const std::vector<int>& widths) {
    std::normal_distribution<double> normal;
    Layers layers;
    for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
        std::vector<Row> rows(widths[l + 1], Row(widths[l] + 1));
        for (Row& row : rows) {
            for (double& weight : row) weight = std::sqrt(2.0 / widths[l]) * normal(random);
            row.back() = 0.1 * normal(random);
        }
        layers.push_back(layer_of(rows));
    }
    return layers;
}

std::vector<Rational> row_of(const Layer& layer, int unit) {
    std::vector<Rational> row(layer.inputs, 0);
    layer.for_row(unit, [&](int j, double w) { row[j] = rational(w); });
    row.push_back(rational(layer.bias[unit]) + (layer.bias_low.empty() ? Rational(0) : rational(layer.bias_low[unit])));
    return row;
}

// By which power of two each unit of each layer was divided, when all rows are those of `before` but for that; fails where they are not.
// Of a unit without entries a column of the next layer tells it.
std::vector<std::vector<int>> powers_between(const Layers& before, const Layers& after) {
    constexpr int unknown = INT_MIN;
    std::vector<std::vector<int>> powers{std::vector<int>(before.front().inputs, 0)};
    for (std::size_t l = 0; l < before.size(); ++l) {
        std::vector<int> own;
        for (int i = 0; i < before[l].outputs; ++i) {
            const std::vector<Rational> given = row_of(before[l], i), found = row_of(after[l], i);
            std::vector<int> columns = powers.back();
            columns.push_back(0);  // of the bias
            int power = unknown;
            // Those that are known first.
            for (const bool first : {true, false})
                for (std::size_t j = 0; j < given.size(); ++j) {
                    if (first) CHECK((given[j] == 0) == (found[j] == 0));
                    if (given[j] == 0 || first == (columns[j] == unknown)) continue;
                    const Rational ratio = given[j] / found[j];
                    const int by = static_cast<int>(msb(numerator(ratio))) - static_cast<int>(msb(denominator(ratio)));
                    CHECK(ratio == power_of_two(by));
                    if (!first) {
                        powers.back()[j] = power - by;
                        continue;
                    }
                    if (power != unknown) CHECK(by + columns[j] == power);
                    power = by + columns[j];
                }
            own.push_back(power);
        }
        powers.push_back(own);
    }
    powers.erase(powers.begin());
    return powers;
}

bool same(const Layers& a, const Layers& b) {
    for (std::size_t l = 0; l < a.size(); ++l)
        if (a[l].weight != b[l].weight || a[l].sparse.value != b[l].sparse.value || a[l].bias != b[l].bias) return false;
    return a.size() == b.size();
}

Layers with_output(Layers layers, const Row& row) {
    layers.push_back(layer_of({row}));
    return layers;
}

}  // namespace

TEST_SUITE_BEGIN("balanced_layers");

TEST_CASE("a known network: each unit is divided by what it has grown by") {
    const double big = 0x1p250, small = 0x1p-250;
    const Layers given = with_output({layer_of({{big, 0, 0}, {0, small, small}}), layer_of({{small, -big, 2}, {1, 0, big}})}, {4, small, 1});
    const Layers found = balanced(given);
    const auto powers = powers_between(given, found);
    CHECK(std::abs(powers[0][0] - 250) < 8);
    CHECK(std::abs(powers[0][1] + 250) < 8);
    CHECK(std::abs(powers[1][0]) < 8);
    CHECK(std::abs(powers[1][1] - 250) < 8);
    CHECK(powers[2] == std::vector<int>{0});
    CHECK(found[1].weight[0] == std::ldexp(1.0, -250 + powers[0][0] - powers[1][0]));
}

TEST_CASE("only the sizes of hidden units change, by powers of two, and those to about 1") {
    Random random(700);
    for (const int factor : {-300, -20, 20, 300}) {
        for (int trial = 0; trial < 6; ++trial) {
            CAPTURE(factor);
            CAPTURE(trial);
            const int depth = 900 / std::abs(factor);
            std::vector<int> widths(depth + 1, 6);
            widths[0] = 3;
            widths.push_back(2);
            const Layers plain = random_layers(random, widths);
            // All the same way, or there and back.
            const auto power = [&](int layer) { return trial % 2 ? factor * (layer + 1) : (factor > 0 ? 300 : -300) * (layer % 2); };
            const Layers given = scaled_by(plain, power);
            const Layers found = balanced(given);
            const auto powers = powers_between(given, found);
            CHECK(powers.back() == std::vector<int>{0, 0});
            for (int l = 0; l + 1 < static_cast<int>(given.size()); ++l)
                for (const double weight : found[l].weight) CHECK(std::fabs(weight) < 0x1p20);
            for (int l = 0; l + 1 < static_cast<int>(given.size()); ++l)
                for (const int found_one : powers[l]) CHECK(std::abs(found_one - power(l)) < 20);
        }
    }
}

TEST_CASE("units whose sizes differ within a layer") {
    Random random(701);
    for (int trial = 0; trial < 10; ++trial) {
        CAPTURE(trial);
        Layers given = random_layers(random, {3, 6, 6, 6, 1});
        for (std::size_t l = 0; l + 1 < given.size(); ++l)
            for (int i = 0; i < 6; ++i) {
                const int k = 100 * random_integer(random, 3);
                for (int j = 0; j < given[l].inputs; ++j) given[l].weight[i * given[l].inputs + j] *= std::ldexp(1.0, k);
                given[l].bias[i] *= std::ldexp(1.0, k);
                for (int next = 0; next < given[l + 1].outputs; ++next) given[l + 1].weight[next * 6 + i] *= std::ldexp(1.0, -k);
            }
        const Layers found = balanced(given);
        const auto powers = powers_between(given, found);
        for (std::size_t l = 0; l + 1 < given.size(); ++l)
            for (const double weight : found[l].weight) CHECK((std::fabs(weight) > 0x1p-30 && std::fabs(weight) < 0x1p30));
    }
}

TEST_CASE("moderate networks are left alone") {
    Random random(702);
    for (const int factor : {-100, 0, 100}) {
        const Layers given = scaled_by(random_layers(random, {2, 5, 5, 5, 1}), [&](int layer) { return layer == 1 ? factor : 0; });
        CHECK(same(balanced(given), given));
    }
    const Layers zeros = with_output({layer_of({{0, 0}, {0, 0}})}, {0, 0, 0});
    CHECK(same(balanced(zeros), zeros));
}

TEST_CASE("linear units keep their ratios; layers before the first to be balanced stay") {
    Random random(703);
    Layers given = scaled_by(random_layers(random, {2, 6, 6, 6, 1}), [](int layer) { return 250 * (layer + 1); });
    for (std::size_t l = 0; l + 1 < given.size(); ++l) {
        given[l].linear = 3;
        for (int j = 0; j < given[l].inputs; ++j) given[l].weight[5 * given[l].inputs + j] *= 0x1p-90;
        given[l].bias_low.assign(6, 0x1p-40);
    }
    for (int from = 0; from < 4; ++from) {
        CAPTURE(from);
        const Layers found = balanced(given, from);
        const auto powers = powers_between(given, found);
        for (int l = 0; l < 3; ++l) {
            CHECK(powers[l][3] == powers[l][4]);
            CHECK(powers[l][3] == powers[l][5]);
            const bool stays = powers[l] == std::vector<int>(6, 0);
            CHECK(stays == (l < from));
        }
    }
}

TEST_CASE("sparse layers are balanced as dense ones are") {
    Random random(704);
    Layers dense = random_layers(random, {70, 70, 70, 70, 1});
    for (std::size_t l = 0; l + 1 < dense.size(); ++l)
        for (double& weight : dense[l].weight)
            if (random_integer(random, 10) != 0) weight = 0;
    dense = scaled_by(dense, [](int layer) { return 250 * (layer + 1); });
    Layers sparse = dense;
    for (Layer& layer : sparse) layer.choose_storage();
    REQUIRE(sparse[1].is_sparse());
    const Layers found = balanced(sparse);
    REQUIRE(found[1].is_sparse());
    CHECK(powers_between(sparse, found) == powers_between(dense, balanced(dense)));
    CHECK(powers_between(sparse, found)[2][0] > 700);
}

TEST_CASE("no entry is rounded: powers stop where one would be, and where none fit nothing changes") {
    // A bias of one bit, an output's weight that must not overflow, or underflow.
    const auto power_of = [](const Row& hidden, double output) {
        const Layers given = with_output({layer_of({hidden})}, {output, 0});
        return powers_between(given, balanced(given))[0][0];
    };
    CHECK(std::abs(power_of({0x1p900, 0x1p-100}, 1) - 900) < 4);
    CHECK(power_of({0x1p900, 0x1p-1070}, 1) == 4);
    CHECK(power_of({0x1p900, 0x1p-1074}, 1) == 0);
    CHECK(power_of({0x1p900, 0}, 0x1p600) == 423);
    CHECK(power_of({0x1p-900, 0}, 0x1p-600) == -474);
    CHECK(power_of({0x1p-900, 0}, 0x1.8p-600) == -473);
    const Layers given = with_output({layer_of({{0x1p600, 0, 0}, {0, 0x1p-600, 0}}), layer_of({{0x1p500, 0x1p-500, 0}})}, {1, 0});
    CHECK(same(balanced(given), given));
    const Layers largest = with_output({layer_of({{0x1.fffffffffffffp1023, -0x1.fffffffffffffp1023, 1}})}, {0x1.fffffffffffffp1023, 0});
    CHECK(same(balanced(largest), largest));
}

TEST_CASE("rows without entries and layers that are zero at all inputs do not stop it") {
    std::vector<std::vector<Row>> hidden{{{1, 0, -5}, {0, 1, -5}, {0, 0, 0}}};
    for (int l = 0; l < 8; ++l) hidden.push_back({{0x1p250, 0x1p250, 0, 0}, {-0x1p250, 0x1p250, 1, 0}, {0, 0, 0, 0}});
    const Layers given = layers_of(network_of(hidden));
    const Layers found = balanced(given);
    const auto powers = powers_between(given, found);
    for (int l = 1; l < 4; ++l) CHECK(std::abs(powers[l][0] - 250 * l) < 12 * l);
}

TEST_CASE("a network that grows has the cells of the one that does not, without integers") {
    Random random(705);
    for (const int factor : {-24, -20, 20, 24}) {
        const Layers plain = random_layers(random, {2, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 1});
        const Layers given = scaled_by(plain, [&](int layer) { return factor * (layer + 1); });
        const Network balanced_one{balanced(given)};
        const Domain domain = box(2, -1, 1);
        const CellComplex cells = cells_of(balanced_one, domain);
        CHECK(patterns(cells) == patterns(cells_of(Network(plain), domain)));
        CHECK(run(balanced_one, domain).counts.signs.exact == 0);
    }
    // Without it more signs need twice the digits.
    const Layers given = scaled_by(random_layers(random, {2, 8, 8, 8, 8, 8, 8, 8, 1}), [](int layer) { return 100 * (layer + 1); });
    const auto refined = [](const Network& network) { return run(network, box(2, -1, 1)).counts.signs.refined; };
    CHECK(refined(Network(given)) > refined(Network(balanced(given))));
}

TEST_CASE("complexes of balanced networks in special position") {
    Random random(706);
    for (int trial = 0; trial < 12; ++trial) {
        CAPTURE(trial);
        const Network plain = integer_network(random, {2, 4, 4, 3, 1}, 2);
        const Layers given = scaled_by(layers_of(plain), [&](int layer) { return (trial % 2 ? 300 : -300) * (layer + 1); });
        const Domain domain = trial % 3 ? box(2, -1, 1) : whole_space(2);
        const CellComplex cells = check_complex(Network(balanced(given)), domain);
        CHECK(patterns(cells) == patterns(cells_of(plain, domain)));
    }
}
