#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "exact/linear_program.hpp"
#include "networks.hpp"
#include "refinement/certificates/layer_certificate.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

using Term = LayerCertificate::Term;
using Words = std::vector<std::uint64_t>;

exact::Form times(exact::Form form, double sense) {
    if (sense > 0) return form;
    for (exact::Integer& weight : form.weight) weight = -weight;
    form.constant = -form.constant;
    return form;
}

exact::Form unit_form(int dimension, int k) {
    exact::Form form{std::vector<exact::Integer>(dimension), 0, 0};
    form.weight[k] = 1;
    return form;
}

// A network with everything active that `inactive` does not list, by (layer, unit).
class Cell {
public:
    explicit Cell(Network network, const std::vector<std::pair<int, int>>& inactive = {})
        : network_(std::move(network)), certificate_(network_) {
        for (int l = 0; l < network_.num_hidden(); ++l) {
            Words bits(words_for(network_.layer(l).outputs));
            for (int i = 0; i < network_.layer(l).outputs; ++i)
                if (std::find(inactive.begin(), inactive.end(), std::pair{l, i}) == inactive.end())
                    bits[i / 64] |= std::uint64_t{1} << i % 64;
            certificate_.set_active(l, bits.data());
        }
    }

    bool positive(const Term& objective, const std::vector<Term>& terms) { return certificate_.positive(objective, terms); }
    bool positive_over(int base, const Term& objective, const std::vector<Term>& terms) {
        return certificate_.positive_over(base, objective, terms);
    }

    // Whether the objective is at least `margin` wherever units and terms allow, by an exact program in the base's units.
    // REQUIRES: there is such a point.
    bool exactly_positive(int base, const Term& objective, const std::vector<Term>& terms) {
        const std::vector<int>& units = certificate_.forms().active(base);
        const int n = static_cast<int>(units.size());
        std::vector<exact::Interval> orthant;
        for (const int unit : units) {
            exact::Interval side;
            const bool own = objective.name.level == base + 1 && objective.name.index == unit;
            side.lower_infinite = unit < network_.layer(base).neurons() && !own ? 0 : -1;
            side.upper_infinite = 1;
            orthant.push_back(side);
        }
        const auto form_of = [&](const Term& term) {
            if (term.name.level > base + 1)
                return times(certificate_.forms().exact_form(term.name.level - 1, term.name.index, base), term.sense);
            return unit_form(n, static_cast<int>(std::lower_bound(units.begin(), units.end(), term.name.index) - units.begin()));
        };
        std::vector<exact::Form> forms;
        for (const Term& term : terms) forms.push_back(form_of(term));
        std::vector<const exact::Form*> rows;
        for (const exact::Form& form : forms) rows.push_back(&form);
        exact::Form goal = form_of(objective);
        for (exact::Integer& weight : goal.weight) weight <<= 1200;
        goal.constant = (goal.constant << 1200) - 1;
        return !exact::minimise(goal, rows, orthant).negative;
    }

private:
    Network network_;
    LayerCertificate certificate_;
};

Term neuron(int level, int index, double multiplier = 1, double sense = 1) { return {{level, index}, sense, multiplier}; }

Network linear_last(const Network& network, int layer, int count) {
    std::vector<Layer> layers;
    for (int l = 0; l <= network.num_hidden(); ++l) layers.push_back(network.layer(l));
    layers[layer].linear = count;
    return Network(std::move(layers));
}

// Rows over the same units, as the second layer of a network whose first one does not matter.
Network over_units(const std::vector<Row>& rows) {
    std::vector<Row> first;
    for (std::size_t k = 0; k + 1 < rows.front().size(); ++k) {
        first.emplace_back(rows.front().size(), 0.0);
        first.back()[k] = 1;
    }
    return network_of({first, rows});
}

bool shown(const std::vector<Row>& rows, const std::vector<double>& multipliers) {
    Cell cell(over_units(rows));
    std::vector<Term> terms;
    for (std::size_t i = 0; i < multipliers.size(); ++i) terms.push_back(neuron(2, static_cast<int>(i) + 1, multipliers[i]));
    return cell.positive(neuron(2, 0), terms);
}

}  // namespace

TEST_SUITE_BEGIN("layer_certificate");

TEST_CASE("without other forms: nonnegative weights and a positive constant") {
    CHECK(shown({{1, 2, 0.5}}, {}));
    CHECK(shown({{1, 0, 0.5}}, {}));
    CHECK(shown({{0, 0, 0.5}}, {}));
    CHECK_FALSE(shown({{1, -1, 0.5}}, {}));
    CHECK_FALSE(shown({{1, -0x1p-300, 0.5}}, {}));
    CHECK_FALSE(shown({{1, 2, -0.5}}, {}));
}

TEST_CASE("what touches zero is never shown to be positive") {
    CHECK_FALSE(shown({{1, 2, 0}}, {}));
    CHECK_FALSE(shown({{0, 0, 0}}, {}));
    CHECK_FALSE(shown({{2, -2, 0}, {1, -1, 0}}, {2}));
    CHECK_FALSE(shown({{0.3, -0.3, 0.6}, {0.1, -0.1, 0.2}}, {3}));   // 3 * 0.1 is not 0.3
    CHECK_FALSE(shown({{3, 0, -3}, {1, -1, -1}, {2, 1, -2}}, {1, 1}));
}

TEST_CASE("one form below the objective") {
    CHECK(shown({{1.5, -1, 0.5}, {1, -1, 0}}, {1}));
    CHECK(shown({{3, -2, 0.5}, {1, -1, 0}}, {2}));
    CHECK(shown({{3, -2, 0.5}, {1, -1, 0}}, {2.0000001}));      // proposed multipliers may be off
    CHECK(shown({{3, -1, 0.5}, {1, -1, 0}}, {1}));              // 2 h_0 is left
    CHECK_FALSE(shown({{0.5, -1, 0.5}, {1, -1, 0}}, {1}));      // -h_0 / 2 is left
    CHECK_FALSE(shown({{1, -1, -0.5}, {1, -1, 0}}, {1}));
    CHECK_FALSE(shown({{-1, 1, 0.5}, {1, -1, 0}}, {1}));        // needs a negative multiplier
    CHECK_FALSE(shown({{-1, 3, 10}, {1, 0, 0}}, {1}));          // and so does this, where nothing else is amiss
}

TEST_CASE("negligible terms are left out, zero multipliers among them") {
    CHECK(shown({{1, 2, 0.5}, {1, -1, 0}, {5, -7, 1}}, {0, 0}));
    CHECK(shown({{2, -1, 0.5}, {1, -1, 0}, {5, -7, 1}}, {1, 0}));
    CHECK(shown({{2, -1, 0.5}, {1, -1, 0}, {5, -7, 1}}, {1, 1e-13}));
    CHECK_FALSE(shown({{1, -1, 0.5}, {5, -7, 1}}, {0}));
}

TEST_CASE("forms with a negative side") {
    Cell cell(over_units({{-1, -2, -0.5}, {-1, 1, 0.25}, {1, -1, 0}}), {{1, 0}, {1, 1}});
    CHECK(cell.positive(neuron(2, 0, 1, -1), {}));
    CHECK_FALSE(cell.positive(neuron(2, 0, 1, 1), {}));
    CHECK_FALSE(cell.positive(neuron(2, 2), {neuron(2, 1, 1, -1)}));  // h_0 - h_1 >= 1/4 on the cell, and that of the objective
    Cell other(over_units({{-1, 1, 0.25}, {1, -1, 0}}), {{1, 0}});
    CHECK(other.positive(neuron(2, 1), {neuron(2, 0, 1, -1)}) == false);
}

TEST_CASE("inactive units of the base do not count") {
    const std::vector<Row> rows{{1, -5, 0.5}};
    CHECK(Cell(over_units(rows), {{0, 1}}).positive(neuron(2, 0), {}));
    CHECK_FALSE(Cell(over_units(rows), {{0, 0}}).positive(neuron(2, 0), {}));
    CHECK(Cell(over_units(rows), {{0, 0}, {0, 1}}).positive(neuron(2, 0), {}));  // a constant
}

TEST_CASE("units without a sign") {
    const auto with_linear = [](const std::vector<Row>& rows) { return Cell(linear_last(over_units(rows), 0, 1)); };
    CHECK_FALSE(with_linear({{1, 1, 1}}).positive(neuron(2, 0), {}));
    CHECK(with_linear({{1, 0, 1}}).positive(neuron(2, 0), {}));
    CHECK(with_linear({{1, 1, 1}, {0.5, 1, 0}}).positive(neuron(2, 0), {neuron(2, 1)}));
    CHECK(with_linear({{0, 2, 1}, {0, 1, 0}}).positive(neuron(2, 0), {neuron(2, 1, 2)}));
    CHECK_FALSE(with_linear({{0.25, 1, 1}, {0.5, 1, 0}}).positive(neuron(2, 0), {neuron(2, 1)}));
    CHECK(with_linear({{1, 0.3, 1}, {0.5, 0.1, 0}}).positive(neuron(2, 0), {neuron(2, 1, 3)}) == false);  // -h_0 / 2 is left
}

// The only active unit u of the second layer is a sum of inputs; the third layer has u - 1 and 2 u - 1.
TEST_CASE("a narrow layer") {
    const Network network = network_of({{{1, 0, 0, 5}, {0, 1, 0, 5}, {0, 0, 1, 5}}, {{0.1, 0.3, 0.7, -1}}, {{1, -1}, {2, -1}, {1, 3}}});
    Cell cell(network);
    CHECK(cell.positive(neuron(3, 2), {}));                                // u + 3 > 0
    CHECK(cell.positive(neuron(3, 1), {neuron(3, 0, 2)}));                 // 2 u - 1 where u >= 1
    CHECK_FALSE(cell.positive(neuron(3, 0), {neuron(3, 1, 0.5)}));
    CHECK(cell.positive(neuron(3, 2), {neuron(2, 0, 1)}));                 // the unit itself as a term
}

TEST_CASE("an active unit of the base as the objective") {
    // 3 h_0 - h_1 - 1 >= 0 shows h_0 > 0
    Cell cell(over_units({{3, -1, -1}, {1, -1, 0}}));
    CHECK(cell.positive_over(0, neuron(1, 0), {neuron(2, 0, 1 / 3.0)}));
    CHECK_FALSE(cell.positive_over(0, neuron(1, 0), {neuron(2, 1)}));   // h_0 >= h_1 only: touches
    CHECK_FALSE(cell.positive_over(0, neuron(1, 0), {}));               // that it is active is not used
    CHECK_FALSE(cell.positive_over(0, neuron(1, 1), {neuron(2, 0, 1)}));
    // a layer further, through positive()
    const std::vector<Row> units{{1, 0, 0}, {0, 1, 0}};
    Cell deep(network_of({units, units, {{3, -1, -1}, {1, -1, 0}}}));
    CHECK(deep.positive(neuron(2, 0), {neuron(3, 0, 1 / 3.0)}));
    CHECK_FALSE(deep.positive(neuron(2, 0), {neuron(3, 1)}));
    CHECK_FALSE(deep.positive(neuron(2, 1), {neuron(3, 0, 1)}));
}

TEST_CASE("units of the base among the terms: their coordinate is free to be left over") {
    // h_0 - h_1 / 2 + 1 = (h_0 - h_1) + h_1 / 2 + 1
    Cell cell(over_units({{1, -0.5, 1}, {1, -1, 0}, {1, -2, 0}}));
    CHECK(cell.positive_over(0, neuron(2, 0), {neuron(2, 1, 1), neuron(1, 1, 0.5)}));
    CHECK(cell.positive_over(0, neuron(2, 0), {neuron(2, 2, 1), neuron(1, 1, 1.5)}));
    CHECK_FALSE(cell.positive_over(0, neuron(2, 2), {neuron(2, 1, 1), neuron(1, 1, 1)}));
}

TEST_CASE("a first-layer objective has no layer before it") {
    Cell cell(over_units({{1, 1, 1}}));
    CHECK_FALSE(cell.positive(neuron(1, 0), {}));
    CHECK_FALSE(cell.positive(neuron(1, 0), {neuron(2, 0)}));
}

TEST_CASE("coefficients beyond the range show nothing") {
    CHECK_FALSE(shown({{0x1p500, 1, 1}}, {}));
    CHECK_FALSE(shown({{1, 1, 0x1p970}}, {}));
    CHECK(shown({{0x1p400, 0x1p-400, 1}}, {}));
    CHECK_FALSE(shown({{1, 1, 0x1p-1010}}, {}));  // below the padding against underflow
}

// Forms of the third layer have rounded coefficients: that of h_0 is 2^-61 in one of them, and -2^-61 when it is summed up in double
// precision.
TEST_CASE("coefficients of which rounding changes the sign") {
    const double a = 1 + 0x1p-30, c = 1 + 0x1p-29, d = 0x1p-61;
    const auto cell_of = [&](const Row& term, const Row& objective) {
        return Cell(network_of({{{1, 0, 0}, {0, 1, 0}}, {{a, 0, 0}, {1, 0, 0}, {1, 0, 0}, {0, 1, 0}}, {objective, term}}));
    };
    // 1 - h_1 is negative where h_1 = 2 and h_0 = 2^62, and there 2^-61 h_0 - h_1 is not
    Cell below = cell_of({a, -c, -d, -1, 0}, {0, 0, 0, -1, 1});
    CHECK_FALSE(below.positive_over(0, neuron(3, 0), {neuron(3, 1)}));
    // 1 - 2^-61 h_0, alone and with another form
    Cell objective = cell_of({0, 0, 0, 1, 0}, {-a, c, d, 0, 1});
    CHECK_FALSE(objective.positive_over(0, neuron(3, 0), {}));
    Cell both = cell_of({0, 0, 0, 1, 0}, {-a, c, d, 1, 1});
    CHECK_FALSE(both.positive_over(0, neuron(3, 0), {neuron(3, 1)}));
}

// The term is 2^-61 - h_1, and -2^-61 - h_1 when it is summed up in double precision; the objective h_0 - h_1.
TEST_CASE("a constant of which rounding changes the sign") {
    const double a = 1 + 0x1p-30, c = 1 + 0x1p-29, d = 0x1p-61;
    Cell cell(network_of({{{1, 0, 0}, {0, 1, 0}},
                          {{0, 0, a}, {0, 0, 1}, {0, 0, 1}, {0, 1, 0}, {1, 0, 0}},
                          {{0, 0, 0, -1, 1, 0}, {a, -c, -d, -1, 0, 0}}}));
    CHECK_FALSE(cell.positive_over(0, neuron(3, 0), {neuron(3, 1)}));
}

// The objective is a combination of the terms, and what is left over is large, tiny, zero or negative.
TEST_CASE("random combinations: never shown when it is not so, mostly when it is clear") {
    Random random(850);
    int clear = 0, clear_shown = 0, unclear_shown = 0, false_ones = 0;
    for (int trial = 0; trial < 3000; ++trial) {
        CAPTURE(trial);
        const int m = 1 + trial % 6, t = static_cast<int>(random() % (m + 1));
        const int linear = trial % 4 == 0 ? static_cast<int>(random() % (t + 1)) : 0;  // few enough to be solved for
        const bool generous = trial % 3 == 0;
        const auto leftover = [&]() -> double {
            if (generous) return std::fabs(random_double(random, -2, 1));
            const auto kind = random() % 8;
            const double some[]{0, -0x1p-50, 0x1p-50};
            return kind < 3 ? some[kind] : std::fabs(random_double(random, -2, 1));
        };
        std::vector<double> h(m);  // a point of the cell, so that it is not empty
        for (double& value : h) value = std::fabs(random_double(random, -2, 1));
        std::vector<Row> rows(t + 1, Row(m + 1));
        std::vector<double> senses, multipliers;
        Row& goal = rows[0];
        for (int i = 1; i <= t; ++i) {
            double value = 0;
            for (int k = 0; k <= m; ++k) {
                rows[i][k] = trial % 5 == 4 ? random_integer(random, 3) : random_double(random, -3, 1);
                value += rows[i][k] * (k < m ? h[k] : 1);
            }
            senses.push_back(value < 0 ? -1.0 : 1.0);
            multipliers.push_back(std::fabs(random_double(random, -2, 1)));
            for (int k = 0; k <= m; ++k) goal[k] += multipliers.back() * senses.back() * rows[i][k];
        }
        std::vector<int> order(m);
        for (int k = 0; k < m; ++k) order[k] = k;
        std::shuffle(order.begin(), order.end() - linear, random);
        std::reverse(order.begin(), order.end());  // linear units first: nothing may be left over there
        for (int k = t; k < m; ++k) goal[order[k]] += leftover();
        goal[m] += leftover();
        const double sense = random() & 1 ? 1 : -1;
        for (double& entry : goal) entry *= sense;
        Network network = over_units(rows);
        if (linear > 0) network = linear_last(network, 0, linear);
        Cell cell(std::move(network));
        std::vector<Term> terms;
        for (int i = 0; i < t; ++i)
            terms.push_back(neuron(2, i + 1, multipliers[i] * (1 + random_double(random, -45, -40)), senses[i]));
        const bool positive = cell.exactly_positive(0, neuron(2, 0, 1, sense), terms);
        const bool answer = cell.positive(neuron(2, 0, 1, sense), terms);
        if (answer) CHECK(positive);
        false_ones += !positive;
        clear += generous && trial % 5 != 4;
        (generous ? clear_shown : unclear_shown) += answer && trial % 5 != 4;
    }
    CHECK(clear_shown > 0.95 * clear);
    CHECK(unclear_shown > 100);
    CHECK(false_ones > 300);
}

// A multiple of a sum of two forms, rounded, and lifted by about the rounding error.
TEST_CASE("objectives that miss zero by a rounding error, on either side") {
    Random random(851);
    int above = 0, below = 0;
    for (int trial = 0; trial < 2000; ++trial) {
        CAPTURE(trial);
        std::vector<Row> rows(3, Row(3));
        for (int i = 1; i < 3; ++i)
            for (double& entry : rows[i]) entry = random_double(random, -2, 2);
        std::vector<double> multipliers{std::fabs(random_double(random, -2, 2)), std::fabs(random_double(random, -2, 2))};
        for (int k = 0; k < 3; ++k) rows[0][k] = multipliers[0] * rows[1][k] + multipliers[1] * rows[2][k];
        rows[0][2] += std::ldexp(random_integer(random, 8), -53 + static_cast<int>(random() % 8));
        const std::vector<double> h{1.5, 0.5};
        std::vector<Term> terms;
        bool usable = true;
        for (int i = 1; i < 3; ++i) {
            usable = usable && rows[i][0] * h[0] + rows[i][1] * h[1] + rows[i][2] > 0.01;
            terms.push_back(neuron(2, i, multipliers[i - 1]));
        }
        if (!usable) continue;
        Cell cell(over_units(rows));
        const bool positive = cell.exactly_positive(0, neuron(2, 0), terms);
        if (cell.positive(neuron(2, 0), terms)) CHECK(positive);
        (positive ? above : below)++;
    }
    CHECK(above > 50);
    CHECK(below > 50);
}

TEST_SUITE_END();
