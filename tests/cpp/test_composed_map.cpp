// Composed forms, in floating point with their error bounds and over the integers, against each other and against a network
// evaluated in rational numbers.
#include <doctest/doctest.h>

#include <cmath>

#include "network/maps/composed_map.hpp"
#include "network/maps/composed_maps.hpp"
#include "network/maps/exact_maps.hpp"
#include "networks.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

using Pattern = std::vector<std::uint64_t>;

// The errors of a form's weights (summed) and of its constant are within their bounds. Returns whether there are any of the weights.
bool check_errors(const Network& network, ExactMaps& exact, const FormTable& table, int layer, int index) {
    const exact::Form& form = exact.neuron(layer, index);
    const int scale = network.scale_exponent(layer);
    const int n = network.input_dimension();
    Rational weight_error;
    for (int k = 0; k < n; ++k) weight_error += abs(scaled(form.weight[k], scale) - rational(table.coefficient(index, k)));
    CHECK(weight_error <= rational(table.weight_error(index)));
    CHECK(abs(scaled(form.constant, scale) - rational(table.coefficient(index, n))) <= rational(table.constant_error(index)));
    return weight_error > 0;
}

// All hidden layers' forms for chosen patterns (realised or not: composing does not ask).
class Maps {
public:
    Maps(const Network& network, const Domain& domain) : network_(network), exact(network, domain) {
        for (int l = 0; l < network.num_hidden(); ++l) {
            maps.emplace_back(network.layer(l), network.input_dimension());
            pattern.emplace_back(words_for(network.layer(l).outputs), 0);
        }
        maps[0].set_first();
    }

    void flip(int layer, int neuron) { pattern[layer][neuron >> 6] ^= std::uint64_t{1} << (neuron & 63); }

    void update() {
        for (std::size_t l = 1; l < maps.size(); ++l) {
            maps[l].set_pattern(maps[l - 1], pattern[l - 1].data());
            exact.set_pattern(static_cast<int>(l) - 1, pattern[l - 1].data(), static_cast<int>(pattern[l - 1].size()));
        }
    }

    void check(int layer, int index) {
        const FormTable& table = maps[layer].forms();
        inexact += check_errors(network_, exact, table, layer, index);
        largest_bound = std::max({largest_bound, table.weight_error(index), table.constant_error(index)});
    }

    void check_layer(int layer) {
        for (int i = 0; i < network_.layer(layer).outputs; ++i) check(layer, i);
    }

private:
    const Network& network_;

public:
    ExactMaps exact;
    std::vector<ComposedMap> maps;
    std::vector<Pattern> pattern;
    double largest_bound = 0;
    int inexact = 0;
};

void flip_some(Maps& maps, Random& random, const Network& network, int layer, int count) {
    for (int k = 0; k < count; ++k) maps.flip(layer, static_cast<int>(random() % network.layer(layer).outputs));
}

// Few bits change at a time, mostly in the layer before the last.
void check_updates(const Network& network, Random& random, int updates, double expected_bound) {
    const Domain domain = box(network.input_dimension(), -1, 1);
    Maps maps(network, domain);
    const int hidden = network.num_hidden();
    for (int l = 0; l + 1 < hidden; ++l) flip_some(maps, random, network, l, network.layer(l).outputs / 2);
    maps.update();
    for (int l = 0; l < hidden; ++l) maps.check_layer(l);
    for (int step = 0; step < updates; ++step) {
        flip_some(maps, random, network, hidden - 2, 1 + static_cast<int>(random() % 3));
        if (step % 16 == 15) flip_some(maps, random, network, static_cast<int>(random() % (hidden - 1)), 2);
        maps.update();
        for (int l = 1; l < hidden; ++l)
            for (int k = 0; k < 2; ++k) maps.check(l, static_cast<int>(random() % network.layer(l).outputs));
    }
    for (int l = 0; l < hidden; ++l) maps.check_layer(l);
    CHECK(maps.largest_bound < expected_bound);
    CHECK(maps.inexact > 0);
}

}  // namespace

TEST_SUITE_BEGIN("composed_map");

TEST_CASE("domain forms: nonnegative inside, R kept apart") {
    Domain domain = cut_box(2, -2, 3, {{5, 6, 7}});
    domain.upper[1] = HUGE_VAL;
    const FormTable forms = domain_forms(domain);
    const ExactMaps exact(network_of({{{1, 0, 0}}}), domain);
    const double expected[5][3] = {{1, 0, 2}, {-1, 0, 3}, {0, 1, 2}, {0, -1, 0}, {5, 6, 7}};
    REQUIRE(forms.count() == 5);
    for (int side = 0; side < 5; ++side) {
        for (int k = 0; k < 3; ++k) CHECK(forms.coefficient(side, k) == expected[side][k]);
        CHECK(exact.side(side).weight[0] == static_cast<int>(expected[side][0]));
        CHECK(exact.side(side).weight[1] == static_cast<int>(expected[side][1]));
        CHECK(exact.side(side).constant == static_cast<int>(expected[side][2]));
        CHECK(exact.side(side).infinite == (side == 3 ? 1 : 0));
    }
}

TEST_CASE("exact sides are the real ones times a positive number") {
    const Domain domain = cut_box(1, -0.375, 0x1p-1074, {{0.1, 1e300}});
    const ExactMaps exact(network_of({{{1, 0}}}), domain);
    const double rows[3][2] = {{1, 0.375}, {-1, 0x1p-1074}, {0.1, 1e300}};
    for (int side = 0; side < 3; ++side) {
        const exact::Form& form = exact.side(side);
        const Rational factor = Rational(form.weight[0]) / rational(rows[side][0]);
        CHECK(factor > 0);
        CHECK(Rational(form.constant) == factor * rational(rows[side][1]));
    }
}

TEST_CASE("a composed form: by hand") {
    // h = (relu(x + 1), relu(2 x - 3)), z = 3 h_0 - h_1 + 5
    const Network network = network_of({{{1, 1}, {2, -3}}, {{3, -1, 5}}});
    Maps maps(network, box(1, -1, 1));
    const double expected[4][2] = {{0, 5}, {3, 8}, {-2, 8}, {1, 11}};  // for the patterns 00, 10, 01, 11
    for (std::uint64_t pattern = 0; pattern < 4; ++pattern) {
        maps.pattern[0][0] = pattern;
        maps.update();
        CHECK(maps.maps[1].forms().coefficient(0, 0) == expected[pattern][0]);
        CHECK(maps.maps[1].forms().coefficient(0, 1) == expected[pattern][1]);
        maps.check(1, 0);
    }
}

TEST_CASE("exact forms of all layers, the output included, follow the pattern at a point") {
    Random random(40);
    for (int trial = 0; trial < 30; ++trial) {
        const Network network = random_network(random, {3, 9, 70, 5, 2});
        const std::vector<Rational> point = rationals({random_double(random, -3, 0), random_double(random, -3, 0), 0.5});
        const std::vector<int> signs = signs_at(network, point);
        ExactMaps maps(network, box(3, -1, 1));
        for (int l = 0; l < network.num_hidden(); ++l) {
            Pattern pattern(words_for(network.layer(l).outputs));
            for (int i = 0; i < network.layer(l).outputs; ++i) {
                Rational value = scaled(maps.neuron(l, i).constant, network.scale_exponent(l));
                for (int k = 0; k < 3; ++k) value += scaled(maps.neuron(l, i).weight[k], network.scale_exponent(l)) * point[k];
                CHECK(value.sign() == signs[network.first_neuron(l) + i]);
                if (value > 0) pattern[i >> 6] |= std::uint64_t{1} << (i & 63);
            }
            maps.set_pattern(l, pattern.data(), static_cast<int>(pattern.size()));
        }
        CHECK(maps.neuron(network.num_hidden(), 1).weight.size() == 3);
    }
}

TEST_CASE("errors of the first layer: none but the biases' low parts") {
    Layer first = layer_of({{0.1, 0.2, 0.3}, {1, 2, 3}});
    first.bias_low = {0x1p-60, -0x1p-70};
    const Network network({first, layer_of({{1, 1, 0}})});
    Maps maps(network, box(2, -1, 1));
    maps.check_layer(0);
    for (int i = 0; i < 2; ++i) {
        CHECK(maps.maps[0].forms().weight_error(i) == 0);
        CHECK(maps.maps[0].forms().constant_error(i) >= std::fabs(first.bias_low[i]));
        CHECK(maps.maps[0].forms().constant_error(i) <= 1.001 * std::fabs(first.bias_low[i]));
    }
}

TEST_CASE("errors stay within their bounds through many small changes of the pattern") {
    Random random(41);
    for (int trial = 0; trial < 6; ++trial) {
        check_updates(random_network(random, {1 + trial % 4, 12, 12, 8, 1}), random, 60, 1e-10);
    }
}

TEST_CASE("errors stay within their bounds: layers wider than a word, and past the limit of additions") {
    Random random(42);
    check_updates(random_network(random, {2, 5, 130, 6, 1}), random, 400, 1e-8);
}

TEST_CASE("errors stay within their bounds: entries of sizes far apart") {
    Random random(43);
    for (int trial = 0; trial < 6; ++trial) {
        std::vector<Layer> layers;
        for (const auto& [inputs, outputs] : {std::pair{2, 10}, {10, 10}, {10, 6}, {6, 1}}) {
            std::vector<Row> rows(outputs, Row(inputs + 1));
            for (Row& row : rows)
                for (double& entry : row) entry = random_double(random, -250, trial % 2 ? 250 : -200);
            layers.push_back(layer_of(rows));
        }
        layers[1].bias_low.assign(10, 0x1p-300);
        check_updates(Network(layers), random, 40, HUGE_VAL);
    }
}

TEST_CASE("errors stay within their bounds: layers that underflow") {
    Random random(44);
    std::vector<Layer> layers;
    for (const auto& [inputs, outputs] : {std::pair{2, 8}, {8, 8}, {8, 4}, {4, 1}}) {
        std::vector<Row> rows(outputs, Row(inputs + 1));
        for (Row& row : rows)
            for (double& entry : row) entry = random_double(random, -560, -500);
        layers.push_back(layer_of(rows));
    }
    check_updates(Network(layers), random, 40, 0x1p-480);
}

// The middle layer's forms are differences that lose forty bits; the last layer adds next to nothing to their errors.
TEST_CASE("errors stay within their bounds: those of the layer before dominate") {
    Random random(48);
    for (int trial = 0; trial < 10; ++trial) {
        std::vector<Row> first, middle(6, Row(13, 0.0)), last(4, Row(7, 0.0));
        for (int i = 0; i < 6; ++i) {
            first.push_back({random_double(random, -1, 1), random_double(random, -1, 1), random_double(random, -1, 1)});
            first.push_back(first.back());
            middle[i][2 * i] = random_double(random, -1, 1);
            middle[i][2 * i + 1] = -middle[i][2 * i] * (1 + 0x1p-40);
        }
        for (Row& row : last)
            for (int i = 0; i < 6; ++i) row[i] = random_double(random, -1, 1);
        const Network network = network_of({first, middle, last});
        Maps maps(network, box(2, -1, 1));
        maps.pattern[0][0] = 0xFFF;
        maps.pattern[1][0] = 0x3F;
        maps.update();
        for (const int layer : {1, 2}) maps.check_layer(layer);
        CHECK(maps.inexact > 4);
        CHECK(maps.largest_bound < 1e-10);
    }
}

// The forms before are wrong by exactly what they claim, each in the direction that hurts form i most; all numbers are small
// multiples of 2^-20, so nothing is rounded and every part of the bound that is passed on is needed in full.
TEST_CASE("errors of the layer before are passed on, also those of units that are active no more") {
    Random random(49);
    const int units = 8, forms = 5;
    std::vector<Row> first(units, Row(3)), rows(forms, Row(units + 1));
    for (std::vector<Row>* table : {&first, &rows})
        for (Row& row : *table)
            for (double& entry : row) entry = random_integer(random, 4);
    Layer lower = layer_of(first), layer = layer_of(rows);
    lower.bias_low.clear();
    for (int j = 0; j < units; ++j) lower.bias_low.push_back(random_integer(random, 3) * 0x1p-20);  // errors of the forms before
    layer.bias_low.assign(forms, 0x1p-20);
    ComposedMap before(lower, 2), map(layer, 2);
    before.set_first();
    std::uint64_t active = 0xFF, touched = 0;
    for (const std::uint64_t flipped : {0x00, 0x12, 0x81, 0x12}) {
        active ^= flipped;
        touched |= active;
        map.set_pattern(before, &active);
        for (int i = 0; i < forms; ++i) {
            Rational error = rational(0x1p-20);
            for (int j = 0; j < units; ++j)
                if (touched >> j & 1) error += abs(rational(rows[i][j]) * rational(lower.bias_low[j]));
            CHECK(rational(map.forms().constant_error(i)) >= error);
        }
    }
}

TEST_CASE("errors of a later layer: the low parts of its biases are among them") {
    Random random(50);
    std::vector<Layer> layers;
    const Network whole = random_network(random, {2, 6, 4, 1});
    for (int l = 0; l <= whole.num_hidden(); ++l) layers.push_back(whole.layer(l));
    for (double& low : layers[1].bias_low) low = random_double(random, -40, -30);
    const Network network(layers);
    Maps maps(network, box(2, -1, 1));
    for (int step = 0; step < 12; ++step) {
        flip_some(maps, random, network, 0, 2);
        maps.update();
        maps.check_layer(1);
    }
    CHECK(maps.largest_bound < 0x1p-28);
}

TEST_CASE("errors stay within their bounds: sums that cancel to zero") {
    Random random(45);
    const Network network = integer_network(random, {2, 40, 6, 1}, 2);
    Maps maps(network, box(2, -1, 1));
    for (int step = 0; step < 100; ++step) {
        flip_some(maps, random, network, 0, 3);
        maps.update();
        maps.check_layer(1);
    }
    CHECK(maps.inexact == 0);  // small integers: floating point is exact, and the bounds say almost so
    CHECK(maps.largest_bound < 1e-10);
}

TEST_CASE("after restart() the forms do not depend on what came before") {
    Random random(46);
    const Network network = random_network(random, {2, 20, 8, 1});
    const Domain domain = box(2, -1, 1);
    Maps used(network, domain);
    for (int step = 0; step < 50; ++step) {
        flip_some(used, random, network, 0, 2);
        used.update();
    }
    Maps fresh(network, domain);
    fresh.pattern = used.pattern;
    used.maps[1].restart(false);
    used.update();
    fresh.update();
    for (int i = 0; i < 8; ++i) {
        for (int k = 0; k <= 2; ++k)
            CHECK(used.maps[1].forms().coefficient(i, k) == fresh.maps[1].forms().coefficient(i, k));
        CHECK(used.maps[1].forms().weight_error(i) == fresh.maps[1].forms().weight_error(i));
        CHECK(used.maps[1].forms().constant_error(i) == fresh.maps[1].forms().constant_error(i));
    }
}

namespace {

// A network of many layers, at whose end nothing is left of bounds that are passed on.
Network deep_network(Random& random, int depth, int units = 6) {
    std::vector<Layer> layers;
    for (int l = 0; l <= depth; ++l) {
        std::vector<Row> rows(l < depth ? units : 1, Row(l ? units + 1 : 3));
        for (Row& row : rows)
            for (double& entry : row) entry = random_integer(random, 1 << 20) * 0x1p-20;
        layers.push_back(layer_of(rows));
    }
    return Network(layers);
}

}  // namespace

TEST_CASE("precise forms: errors stay within their bounds, and are those of one rounding") {
    Random random(51);
    for (int trial = 0; trial < 10; ++trial) {
        const Network network = trial % 2 ? deep_network(random, 30) : random_network(random, {3, 40, 30, 20, 1});
        const int n = network.input_dimension(), last = network.num_hidden() - 1;
        Maps maps(network, box(n, -1, 1));
        for (ComposedMap& map : maps.maps) map.restart(true);
        maps.maps[0].set_first();
        for (int l = 0; l < last; ++l) flip_some(maps, random, network, l, network.layer(l).outputs);
        for (int step = 0; step < 8; ++step) {
            for (int l = 0; l < last; ++l)
                if (step % 4 == 3 || l == last - 1) flip_some(maps, random, network, l, 1);
            maps.update();
            for (int l = 0; l <= last; ++l) maps.check_layer(l);
        }
        const FormTable& table = maps.maps[last].forms();
        for (int i = 0; i < table.count(); ++i) {
            double norm = 0;
            for (int k = 0; k < n; ++k) norm += std::fabs(table.coefficient(i, k));
            if (norm > 0x1p-40) CHECK(table.weight_error(i) < 0x1p-44 * norm);
        }
    }
}

TEST_CASE("precise forms hold the low parts of the biases") {
    Layer first = layer_of({{1, 0.5}}), second = layer_of({{3, 0.25}});
    first.bias_low = {0x1p-60};
    second.bias_low = {-0x1p-62};
    const Network network({first, second, layer_of({{1, 0}})});
    Maps maps(network, box(1, -1, 1));
    for (ComposedMap& map : maps.maps) map.restart(true);
    maps.maps[0].set_first();
    maps.flip(0, 0);
    maps.update();
    maps.check(1, 0);
    CHECK(maps.maps[1].forms().coefficient(0, 1) == 1.75);
    // 1.75 + 3 * 2^-60 - 2^-62, of which the table shows 1.75
    CHECK(maps.maps[1].forms().constant_error(0) < 0x1p-50);
}

TEST_CASE("a chain of many layers is composed anew in twice the precision, and forgets it") {
    Random random(52);
    const Network network = deep_network(random, 30);
    ComposedMaps chain(network, 2);
    Maps rounded(network, box(2, -1, 1));
    for (int l = 0; l + 1 < network.num_hidden(); ++l) flip_some(rounded, random, network, l, 6);
    rounded.update();
    const auto enter_all = [&] {
        for (int l = 0; l < network.num_hidden(); ++l) chain.enter(l, l ? rounded.pattern[l - 1].data() : nullptr);
        return chain.forms(network.num_hidden() - 1).weight_error(0);
    };
    const double error = enter_all();
    CHECK(error < 0x1p-10 * rounded.maps.back().forms().weight_error(0));
    chain.forget();
    CHECK(enter_all() == error);
    CHECK(chain.forms(2).weight_error(0) < rounded.maps[2].forms().weight_error(0));
}

// Without cancellation, and with weights scale_i share_j, passing errors on at once gives no more and no less than layer by layer.
TEST_CASE("errors that are carried over layers: those that are passed on one by one, where nothing cancels") {
    Random random(53);
    const int depth = 7, units = 5;
    std::vector<Layer> layers;
    for (int l = 0; l <= depth; ++l) {
        std::vector<double> scale(units), share(l ? units : 2);
        for (double& value : scale) value = std::ldexp(1, random_integer(random, 2));
        for (double& value : share) value = std::ldexp(1, -static_cast<int>(random() % 3));
        share.back() = 1;
        std::vector<Row> rows;
        for (const double a : scale) {
            rows.emplace_back();
            for (const double b : share) rows.back().push_back(a * b);
            rows.back().push_back(0x1.fffffffffffffp-1);
        }
        layers.push_back(layer_of(rows));
    }
    const Network network(layers);
    Maps one_by_one(network, box(2, -1, 1)), at_once(network, box(2, -1, 1));
    for (Maps* maps : {&one_by_one, &at_once}) {
        for (Pattern& pattern : maps->pattern) pattern[0] = 0x1B;  // all but the third
        for (ComposedMap& map : maps->maps) map.restart(true);
        maps->maps[0].set_first();
    }
    one_by_one.update();
    Layer unit = layer_of({{1, 0, 0, 0, 0, 0}, {0, 1, 0, 0, 0, 0}, {0, 0, 1, 0, 0, 0}, {0, 0, 0, 1, 0, 0}, {0, 0, 0, 0, 1, 0}});
    unit.bias_low.assign(units, 0.0);
    ComposedMap identity(unit, units);
    identity.set_first();
    std::vector<ComposedMap> product;
    for (int l = 0; l < depth; ++l) product.emplace_back(network.layer(l), l ? units : 2);
    for (int l = 1; l < depth; ++l) {
        const int start = (l - 1) / 2 * 2;
        at_once.maps[l].set_pattern(at_once.maps[l - 1], at_once.pattern[l - 1].data());
        product[l].set_pattern(l == start + 1 ? identity : product[l - 1], at_once.pattern[l - 1].data());
        at_once.maps[l].carry(product[l], at_once.maps[start], l == start + 2);
        at_once.maps[l].carry(product[l], at_once.maps[start], l == start + 2);  // nothing has changed
        for (int i = 0; i < units; ++i) {
            const FormTable &expected = one_by_one.maps[l].forms(), &found = at_once.maps[l].forms();
            CHECK(found.weight_error(i) == doctest::Approx(expected.weight_error(i)).epsilon(1e-4));
            CHECK(found.constant_error(i) == doctest::Approx(expected.constant_error(i)).epsilon(1e-4));
        }
    }
}

TEST_CASE("a chain of many wide layers passes errors on at once: within bounds, and small") {
    Random random(54);
    const int depth = 70;
    for (int trial = 0; trial < 3; ++trial) {
        const Network network = deep_network(random, depth, 16);
        ComposedMaps chain(network, 2);
        Maps twice(network, box(2, -1, 1));
        for (ComposedMap& map : twice.maps) map.restart(true);
        twice.maps[0].set_first();
        for (int step = 0; step < 6; ++step) {
            for (int l = 0; l + 1 < depth; ++l)
                if (step == 0 || l % 9 == step) flip_some(twice, random, network, l, step ? 1 : 24);
            twice.update();
            double error = 0, norm = 0;
            for (int l = 0; l < depth; ++l) {
                chain.enter(l, l ? twice.pattern[l - 1].data() : nullptr);
                for (int i = 0; i < network.layer(l).outputs; ++i) check_errors(network, twice.exact, chain.forms(l), l, i);
            }
            const FormTable& last = chain.forms(depth - 1);
            for (int i = 0; i < last.count(); ++i) {
                error = std::max(error, last.weight_error(i));
                for (int k = 0; k < 2; ++k) norm = std::max(norm, std::fabs(last.coefficient(i, k)));
            }
            CHECK(error < 0x1p-34 * norm);
            CHECK(twice.maps.back().forms().weight_error(0) > norm);
            if (step == 3) chain.forget();
        }
    }
}

TEST_CASE("a map that is made anew is the sum over the active units in their order, bit for bit") {
    Random random(48);
    for (int trial = 0; trial < 60; ++trial) {
        CAPTURE(trial);
        const int n = 1 + trial % 5, width = 1 + trial % 13;
        const Network network = random_network(random, {n, width, 1 + trial % 7, 1});
        Maps maps(network, box(n, -1, 1));
        flip_some(maps, random, network, 0, 2 * width);
        maps.update();
        const FormTable &before = maps.maps[0].forms(), &forms = maps.maps[1].forms();
        const Layer& layer = network.layer(1);
        for (int i = 0; i < layer.outputs; ++i)
            for (int k = 0; k <= n; ++k) {
                double sum = k == n ? layer.bias[i] : 0;
                for (int j = 0; j < width; ++j)
                    if (maps.pattern[0][0] >> j & 1) sum += layer.weight[i * width + j] * before.coefficient(j, k);
                CHECK(forms.coefficient(i, k) == sum);
            }
    }
}

TEST_CASE("the version changes exactly when the forms do") {
    Random random(47);
    const Network network = random_network(random, {2, 20, 8, 8, 1});
    Maps maps(network, box(2, -1, 1));
    for (const int layer : {0, 1}) flip_some(maps, random, network, layer, 9);
    maps.update();
    const auto middle = maps.maps[1].version(), last = maps.maps[2].version();
    maps.update();
    CHECK(maps.maps[1].version() == middle);
    CHECK(maps.maps[2].version() == last);
    maps.flip(1, 3);
    maps.update();
    CHECK(maps.maps[1].version() == middle);
    CHECK(maps.maps[2].version() != last);
    maps.flip(0, 3);  // the forms before the last layer change: it has to be made anew
    maps.update();
    CHECK(maps.maps[1].version() != middle);
    maps.check_layer(1);
    maps.check_layer(2);
}

TEST_SUITE_END();
