#include <doctest/doctest.h>

#include <cmath>
#include <functional>

#include "network/maps/active_forms.hpp"
#include "network/maps/row_sums.hpp"
#include "networks.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

using Words = std::vector<std::uint64_t>;

struct ExactForm {
    std::vector<Rational> weight;
    Rational constant;
};

// Which units of each hidden layer pass their value on.
using Pattern = std::vector<std::vector<int>>;

// Linear units always, each other one with the given chance in eight.
Pattern random_pattern(Random& random, const Network& network, unsigned chance) {
    Pattern pattern;
    for (int l = 0; l < network.num_hidden(); ++l) {
        pattern.emplace_back();
        for (int i = 0; i < network.layer(l).outputs; ++i)
            if (i >= network.layer(l).neurons() || random() % 8 < chance) pattern.back().push_back(i);
    }
    return pattern;
}

Words bits_of(const Network& network, const Pattern& pattern, int layer) {
    Words bits(words_for(network.layer(layer).outputs));
    for (const int unit : pattern[layer]) bits[unit / 64] |= std::uint64_t{1} << unit % 64;
    return bits;
}

void set(ActiveForms& forms, const Network& network, const Pattern& pattern) {
    for (int l = 0; l < network.num_hidden(); ++l) forms.set_active(l, bits_of(network, pattern, l).data());
}

// Unit `index` of `layer` in the active units of `base`, forwards from there: layer by layer, all units.
ExactForm compose(const Network& network, const Pattern& pattern, int layer, int index, int base) {
    const int width = base < 0 ? network.input_dimension() : static_cast<int>(pattern[base].size());
    std::vector<ExactForm> value(base < 0 ? network.input_dimension() : network.layer(base).outputs, {std::vector<Rational>(width), 0});
    for (int k = 0; k < width; ++k) value[base < 0 ? k : pattern[base][k]].weight[k] = 1;
    for (int l = base + 1; l <= layer; ++l) {
        const Layer& own = network.layer(l);
        std::vector<ExactForm> next(own.outputs, {std::vector<Rational>(width), 0});
        for (int i = 0; i < own.outputs; ++i) {
            if (l == layer && i != index) continue;
            next[i].constant = rational(own.bias[i]) + rational(own.bias_low[i]);
            for (int j = 0; j < own.inputs; ++j) {
                const Rational w = rational(own.weight[i * own.inputs + j]);
                for (int k = 0; k < width; ++k) next[i].weight[k] += w * value[j].weight[k];
                next[i].constant += w * value[j].constant;
            }
        }
        if (l < layer) {
            std::vector<char> active(own.outputs, 0);
            for (const int unit : pattern[l]) active[unit] = 1;
            for (int i = 0; i < own.outputs; ++i)
                if (!active[i]) next[i] = {std::vector<Rational>(width), 0};
        }
        value = std::move(next);
    }
    return value[index];
}

bool within(double value, const Rational& exact, double error) {
    return !(error < HUGE_VAL) || abs(exact - rational(value)) <= rational(error);
}

struct Tally {
    int bounded = 0, unbounded = 0;
    double largest = 0;  // of the errors
};

void check_form(ActiveForms& forms, const Network& network, const Pattern& pattern, int layer, int index, int base, Tally& tally) {
    const ExactForm exact = compose(network, pattern, layer, index, base);
    ActiveForm form;
    forms.form(layer, index, base, form);
    REQUIRE(form.weight.size() == exact.weight.size());
    REQUIRE(form.weight_error.size() == exact.weight.size());
    const auto count = [&](double error) {
        error < HUGE_VAL ? ++tally.bounded : ++tally.unbounded;
        if (error < HUGE_VAL) tally.largest = std::max(tally.largest, error);
    };
    bool good = within(form.constant, exact.constant, form.constant_error);
    count(form.constant_error);
    for (std::size_t k = 0; k < exact.weight.size(); ++k) {
        good = good && within(form.weight[k], exact.weight[k], form.weight_error[k]);
        count(form.weight_error[k]);
    }
    CHECK(good);

    // A positive multiple: ratios of all entries agree with that of one that is not zero.
    const exact::Form integers = forms.exact_form(layer, index, base);
    REQUIRE(integers.weight.size() == exact.weight.size());
    CHECK(integers.infinite.is_zero());
    std::vector<Rational> mine = exact.weight, theirs(integers.weight.begin(), integers.weight.end());
    mine.push_back(exact.constant);
    theirs.emplace_back(integers.constant);
    std::size_t pivot = 0;
    while (pivot < mine.size() && mine[pivot] == 0) ++pivot;
    if (pivot < mine.size()) {
        const Rational factor = theirs[pivot] / mine[pivot];
        CHECK(factor > 0);
        for (std::size_t k = 0; k < mine.size(); ++k) good = good && theirs[k] == factor * mine[k];
    } else {
        for (const Rational& entry : theirs) good = good && entry == 0;
    }
    CHECK(good);
}

// Some forms of every layer over every base.
Tally check_forms(Random& random, ActiveForms& forms, const Network& network, const Pattern& pattern) {
    Tally tally;
    for (int layer = 0; layer < network.num_hidden(); ++layer)
        for (int base = -1; base < layer; ++base)
            for (int repeat = 0; repeat < 3; ++repeat)
                check_form(forms, network, pattern, layer, static_cast<int>(random() % network.layer(layer).outputs), base, tally);
    return tally;
}

Network with(const Network& network, const std::function<void(int, Layer&)>& change) {
    std::vector<Layer> layers;
    for (int l = 0; l <= network.num_hidden(); ++l) {
        layers.push_back(network.layer(l));
        change(l, layers.back());
    }
    return Network(std::move(layers));
}

}  // namespace

TEST_SUITE_BEGIN("active_forms");

TEST_CASE("rows of a matrix are added one after the other, however many there are") {
    Random random(5);
    const int count = 11, columns = 13;
    std::vector<double> matrix(count * columns), factor(count), error(count);
    for (std::vector<double>* const numbers : {&matrix, &factor, &error})
        for (double& entry : *numbers) entry = random_double(random, -9, 9);
    for (double& entry : error) entry = std::fabs(entry);
    std::vector<int> rows;
    for (int j = 0; j < count; ++j) {
        std::vector<double> value(columns, 0.5), errors(columns, 0.25), size(columns, 1.0);
        std::vector<double> value_sum = value, error_sum = errors, size_sum = size;
        add_rows(matrix.data(), columns, rows, factor.data(), error.data(), {value.data(), errors.data(), size.data()});
        for (const int row : rows) {
            for (int k = 0; k < columns; ++k) {
                const double entry = matrix[row * columns + k], product = factor[row] * entry;
                value_sum[k] += product;
                error_sum[k] += error[row] * std::fabs(entry);
                size_sum[k] += std::fabs(product);
            }
        }
        CHECK(value == value_sum);
        CHECK(errors == error_sum);
        CHECK(size == size_sum);
        rows.push_back((7 * j) % count);
    }
}

TEST_CASE("a known composition") {
    // h0 = x - 1, h1 = 2 y; g = 3 h0 - h1 + 5
    const Network network = network_of({{{1, 0, -1}, {0, 2, 0}}, {{3, -1, 5}, {1, 1, 0}}});
    ActiveForms forms(network);
    set(forms, network, {{0, 1}, {0, 1}});
    ActiveForm form;
    forms.form(1, 0, 0, form);
    CHECK(form.weight == std::vector<double>{3, -1});
    CHECK(form.constant == 5);
    CHECK(form.weight_error == std::vector<double>{0, 0});
    CHECK(form.constant_error == 0);
    forms.form(1, 0, -1, form);
    CHECK(form.weight == std::vector<double>{3, -2});
    CHECK(form.constant == 2);
    set(forms, network, {{1}, {0, 1}});
    CHECK(forms.active(0) == std::vector<int>{1});
    forms.form(1, 0, 0, form);
    CHECK(form.weight == std::vector<double>{-1});
    CHECK(form.constant == 5);
    forms.form(1, 0, -1, form);
    CHECK(form.weight == std::vector<double>{0, -2});
    CHECK(form.weight_error[0] == 0);  // a product with zero
}

TEST_CASE("random networks: every layer in every base") {
    Random random(810);
    ActiveForm form;
    for (int trial = 0; trial < 40; ++trial) {
        CAPTURE(trial);
        const Network network = random_network(random, {1 + trial % 4, 6, 5, 7, 4, 1});
        const Pattern pattern = random_pattern(random, network, 2 + trial % 6);
        ActiveForms forms(network);
        set(forms, network, pattern);
        const Tally tally = check_forms(random, forms, network, pattern);
        CHECK(tally.unbounded == 0);
        CHECK(tally.largest < 1e-10);
    }
}

TEST_CASE("wide layers: bits in several words") {
    Random random(811);
    const Network network = random_network(random, {3, 70, 130, 5, 1});
    for (const unsigned chance : {1u, 4u, 8u}) {
        const Pattern pattern = random_pattern(random, network, chance);
        ActiveForms forms(network);
        set(forms, network, pattern);
        for (int l = 0; l < 3; ++l) CHECK(forms.active(l) == pattern[l]);
        CHECK(check_forms(random, forms, network, pattern).unbounded == 0);
    }
}

TEST_CASE("linear units pass every value on") {
    Random random(812);
    for (int trial = 0; trial < 20; ++trial) {
        CAPTURE(trial);
        const Network network =
            with(random_network(random, {2, 6, 5, 4, 1}), [&](int l, Layer& layer) { layer.linear = l < 3 ? (trial + l) % 5 : 0; });
        const Pattern pattern = random_pattern(random, network, 3);
        ActiveForms forms(network);
        set(forms, network, pattern);
        check_forms(random, forms, network, pattern);
    }
}

// The low parts are larger than an ulp of what they belong to, so that they cannot hide behind rounding.
TEST_CASE("low parts of biases count as errors, and are there exactly") {
    Random random(813);
    for (int trial = 0; trial < 20; ++trial) {
        CAPTURE(trial);
        const Network network = with(random_network(random, {2, 5, 4, 4, 1}), [&](int, Layer& layer) {
            for (double& low : layer.bias_low) low = random_double(random, -30, -20);
        });
        const Pattern pattern = random_pattern(random, network, 5);
        ActiveForms forms(network);
        set(forms, network, pattern);
        const Tally tally = check_forms(random, forms, network, pattern);
        CHECK(tally.largest > 0x1p-31);
        CHECK(tally.largest < 0x1p-8);
    }
}

TEST_CASE("layers without active units leave constants") {
    Random random(814);
    const Network network = random_network(random, {3, 5, 4, 4, 1});
    for (int empty = 0; empty < 3; ++empty) {
        CAPTURE(empty);
        Pattern pattern = random_pattern(random, network, 6);
        pattern[empty].clear();
        ActiveForms forms(network);
        set(forms, network, pattern);
        check_forms(random, forms, network, pattern);
        if (empty == 2) continue;
        ActiveForm form;
        forms.form(empty + 1, 2, empty, form);
        CHECK(form.weight.empty());
        CHECK(form.constant == network.layer(empty + 1).bias[2]);
        CHECK(form.constant_error == 0);
        forms.form(empty + 1, 2, -1, form);
        CHECK(form.weight == std::vector<double>(3, 0.0));
        for (const double error : form.weight_error) CHECK(error == 0);
        CHECK(form.constant == network.layer(empty + 1).bias[2]);
    }
}

TEST_CASE("changing patterns: forms are those of the last one") {
    Random random(815);
    const Network network = random_network(random, {2, 6, 6, 6, 1});
    ActiveForms forms(network);
    Pattern pattern = random_pattern(random, network, 4);
    set(forms, network, pattern);
    for (int step = 0; step < 30; ++step) {
        CAPTURE(step);
        const int layer = static_cast<int>(random() % 3);
        pattern[layer] = random_pattern(random, network, 4)[layer];  // one layer changes, the others keep what they have
        forms.set_active(layer, bits_of(network, pattern, layer).data());
        check_forms(random, forms, network, pattern);
    }
}

TEST_CASE("cancellation: errors cover what rounding leaves") {
    Random random(816);
    int inexact = 0;
    for (int trial = 0; trial < 100; ++trial) {
        CAPTURE(trial);
        const double a = random_double(random, -2, 2), b = random_double(random, -2, 2), c = random_double(random, -2, 2);
        const Network network = network_of({{{a, b, c}, {3 * a, 3 * b, 3 * c}}, {{3 * b, -b, 0}, {1, 1, 0}}, {{1, 0, 0}}});
        const Pattern pattern{{0, 1}, {0, 1}, {0}};
        ActiveForms forms(network);
        set(forms, network, pattern);
        Tally tally;
        check_form(forms, network, pattern, 1, 0, -1, tally);
        check_form(forms, network, pattern, 2, 0, -1, tally);
        ActiveForm form;
        forms.form(1, 0, -1, form);
        inexact += rational(form.weight[0]) != compose(network, pattern, 1, 0, -1).weight[0];
    }
    CHECK(inexact > 10);
}

// What is left of 3 b a - b (3 a) is all rounding; it is multiplied by a large bias afterwards, which its size says nothing about.
TEST_CASE("cancellation: errors of weights reach the constants behind them") {
    Random random(818);
    int inexact = 0;
    for (int trial = 0; trial < 100; ++trial) {
        CAPTURE(trial);
        const double a = random_double(random, -2, 2), b = random_double(random, -2, 2), c = random_double(random, 10, 20);
        const Network network = network_of({{{1, c}}, {{a, 0}, {3 * a, 0}}, {{3 * b, -b, 0}}});
        const Pattern pattern{{0}, {0, 1}, {0}};
        ActiveForms forms(network);
        set(forms, network, pattern);
        Tally tally;
        check_form(forms, network, pattern, 2, 0, -1, tally);
        CHECK(tally.largest < 1e-6);
        ActiveForm form;
        forms.form(2, 0, -1, form);
        inexact += rational(form.constant) != compose(network, pattern, 2, 0, -1).constant;
    }
    CHECK(inexact > 10);
}

// Products overflow, underflow, or both in turn.
TEST_CASE("extreme sizes: an infinite error, or one that holds") {
    Random random(817);
    Tally all;
    for (int trial = 0; trial < 200; ++trial) {
        CAPTURE(trial);
        const int size = 100 + 50 * (trial % 18);
        const Network network = with(random_network(random, {2, 3, 3, 3, 1}), [&](int l, Layer& layer) {
            const int exponent = random_integer(random, size);
            for (double& weight : layer.weight) weight = random() % 6 ? std::ldexp(weight, exponent) : 0.0;
            if (l % 2)
                for (double& bias : layer.bias) bias = std::ldexp(bias, random_integer(random, size));
        });
        const Pattern pattern = random_pattern(random, network, 7);
        ActiveForms forms(network);
        set(forms, network, pattern);
        const Tally tally = check_forms(random, forms, network, pattern);
        all.bounded += tally.bounded;
        all.unbounded += tally.unbounded;
    }
    CHECK(all.bounded > 500);
    CHECK(all.unbounded > 500);
}

TEST_CASE("coefficients beyond the range of the bounds have an infinite error, however exact they are") {
    const Network network = network_of({{{0x1p481, 1, 0x1p961}}});
    ActiveForms forms(network);
    set(forms, network, {{0}});
    ActiveForm form;
    forms.form(0, 0, -1, form);
    CHECK(form.weight_error == std::vector<double>{HUGE_VAL, 0});
    CHECK(form.constant_error == HUGE_VAL);
}

namespace {

// Forms keep their size from layer to layer, and bounds that are passed on grow six times.
Network long_network(Random& random, int inputs, int depth) {
    const int units = 12;
    std::vector<Layer> layers;
    for (int l = 0; l <= depth; ++l) {
        std::vector<Row> rows(l < depth ? units : 1, Row((l ? units : inputs) + 1));
        for (Row& row : rows) {
            for (double& entry : row) entry = random_integer(random, 1 << 10) * 0x1p-10;
            row.back() *= 0.25;
        }
        layers.push_back(layer_of(rows));
        if (l % 5 == 3) layers.back().bias_low.assign(layers.back().bias.size(), 0x1p-60);
    }
    return Network(layers);
}

}  // namespace

TEST_CASE("many layers: errors are what each layer adds, also after the pattern has changed") {
    Random random(817);
    const int depth = 34;
    for (const int inputs : {2, 5}) {
        const Network network = long_network(random, inputs, depth);
        Pattern pattern = random_pattern(random, network, 4);
        ActiveForms forms(network);
        set(forms, network, pattern);
        for (int step = 0; step < 3; ++step) {
            CAPTURE(step);
            for (const int layer : {11, 23, depth - 1}) {
                for (const int base : {-1, 4}) {
                    Tally tally;
                    const int index = static_cast<int>(random() % 12);
                    check_form(forms, network, pattern, layer, index, base, tally);
                    ActiveForm form;
                    forms.form(layer, index, base, form);
                    double norm = 0;
                    for (const double weight : form.weight) norm = std::max(norm, std::fabs(weight));
                    CHECK(tally.largest < 0x1p-28 * norm);
                }
            }
            pattern[5 + step] = random_pattern(random, network, 4)[5 + step];
            forms.set_active(5 + step, bits_of(network, pattern, 5 + step).data());
        }
    }
}

// The middle layer's sums cancel but for a part in 2^40, so that what is rounded there is nearly as large as the form.
TEST_CASE("many layers: what is rounded where sums cancel stays within its bounds") {
    Random random(818);
    for (int trial = 0; trial < 20; ++trial) {
        std::vector<std::vector<Row>> rows(5, std::vector<Row>(6, Row(7)));
        for (std::vector<Row>& layer : rows)
            for (Row& row : layer)
                for (double& entry : row) entry = random_double(random, -3, 3);
        for (Row& row : rows[0]) row.erase(row.begin() + 2, row.begin() + 6);
        for (int i = 1; i < 6; i += 2)  // two units each are nearly the same
            for (int k = 0; k < 7; ++k) rows[2][i][k] = rows[2][i - 1][k] * (1 + 0x1p-40 * random_double(random, -1, 1));
        for (Row& row : rows[3])
            for (int k = 0; k < 6; k += 2) row[k + 1] = -row[k];
        const Network network = network_of(rows);
        ActiveForms forms(network);
        const Pattern pattern(5, {0, 1, 2, 3, 4, 5});
        set(forms, network, pattern);
        Tally tally;
        for (const int layer : {3, 4})
            for (int index = 0; index < 6; ++index) check_form(forms, network, pattern, layer, index, -1, tally);
        CHECK(tally.unbounded == 0);
    }
}

TEST_SUITE_END();
