#include <doctest/doctest.h>

#include <algorithm>
#include <span>

#include "networks.hpp"
#include "refinement/lp/cell_program.hpp"
#include "refinement/lp/layer_maps.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

exact::Form times(exact::Form form, double sense) {
    if (sense > 0) return form;
    for (exact::Integer& weight : form.weight) weight = -weight;
    form.constant = -form.constant;
    return form;
}

Network linear_last(const Network& network, int layer, int count) {
    std::vector<Layer> layers;
    for (int l = 0; l <= network.num_hidden(); ++l) layers.push_back(network.layer(l));
    layers[layer].linear = count;
    return Network(std::move(layers));
}

// Passes on what a program over a cell asks, and checks each "certainly positive" by an exact program of its own: over the terms
// and the active neurons of all layers.
class Checked : public ProgramForms {
public:
    Checked(LayerMaps& maps, const Network& network, bool layers) : maps_(maps), network_(network), layers_(layers) {}

    exact::Form exact_form(FormRef name) override { return maps_.exact_form(name); }
    bool certainly_positive(const Term& objective, std::span<const Term> terms) override {
        if (!layers_ || !maps_.certainly_positive(objective, terms)) return false;
        ++shown_;
        std::vector<exact::Form> forms;
        for (const Term& term : terms) forms.push_back(times(exact_form(term.name), term.sense));
        for (int level = 1; level < objective.name.level; ++level)
            for (int i = 0; i < network_.layer(level - 1).neurons(); ++i)
                if (maps_.active(level)[i / 64] >> i % 64 & 1) forms.push_back(exact_form({level, i}));
        std::vector<const exact::Form*> rows;
        for (const exact::Form& form : forms) rows.push_back(&form);
        exact::Interval line;
        line.lower_infinite = -1;
        line.upper_infinite = 1;
        CHECK_FALSE(exact::minimise(times(exact_form(objective.name), objective.sense), rows,
                                    std::vector<exact::Interval>(network_.input_dimension(), line)).negative);
        return true;
    }
    int num_shown() const { return shown_; }

private:
    LayerMaps& maps_;
    const Network& network_;
    bool layers_;
    int shown_ = 0;
};

struct Programs {
    int asked = 0, negative = 0, shown = 0;
    std::uint64_t exact = 0;  // decided by integers
};

// Every neuron of the last layer, over all that come before it, on the cell of a random point of R^n.
Programs ask_all(Random& random, const Network& network, bool layers) {
    Programs programs;
    const int n = network.input_dimension(), last = network.num_hidden();
    const Domain domain = whole_space(n);
    std::vector<double> x(n);
    for (double& value : x) value = random_double(random, -2, 1);
    const std::vector<int> signs = signs_at(network, rationals(x));
    if (std::find(signs.begin(), signs.end(), 0) != signs.end()) return programs;
    LayerMaps maps(network, domain);
    Checked forms(maps, network, layers);
    CellProgram solver(domain, forms);
    HalfspaceRows rows(n), objective(n);
    InnerPoint inside{x, 0, 2, nullptr}, found;
    for (int level = 1; level <= last; ++level) {
        maps.enter(level);
        for (int i = 0; i < network.layer(level - 1).neurons(); ++i) {
            const int sign = signs[network.first_neuron(level - 1) + i];
            maps.set(level, i, sign > 0);
            objective.truncate(0);
            objective.push(maps.forms(level), {level, i}, sign);
            if (level == last) {
                ++programs.asked;
                const bool negative = solver.negative_somewhere(rows, nullptr, objective[0], inside, found);
                programs.negative += negative;
                if (negative && found.radius == 0)
                    CHECK(signs_at(network, rationals(found.x))[network.first_neuron(level - 1) + i] == -sign);
            }
            rows.push(objective[0]);
        }
    }
    programs.shown = forms.num_shown();
    programs.exact = solver.counts().exact + solver.counts().by_basis;
    return programs;
}

}  // namespace

TEST_SUITE_BEGIN("layer_programs");

// The only active unit u of the second layer is a sum of inputs; the third layer has u - 1 and 2 u - 1. In three input coordinates the
// one form that matters is no vertex.
TEST_CASE("a narrow layer: what the coordinates of the input cannot show, floating point decides by layers") {
    const Network network = network_of({{{1, 0, 0, 5}, {0, 1, 0, 5}, {0, 0, 1, 5}}, {{0.1, 0.3, 0.7, -1}}, {{1, -1}, {2, -1}, {1, 3}}});
    const Domain domain = whole_space(3);
    for (const bool layers : {true, false}) {
        CAPTURE(layers);
        LayerMaps maps(network, domain);
        Checked forms(maps, network, layers);
        CellProgram solver(domain, forms);
        HalfspaceRows rows(3), objective(3);
        for (int level = 1; level <= 3; ++level) {
            maps.enter(level);
            for (int i = 0; i < network.layer(level - 1).outputs; ++i) {
                maps.set(level, i, true);
                (level == 3 && i == 1 ? objective : rows).push(maps.forms(level), {level, i}, 1.0);
            }
        }
        InnerPoint found;
        CHECK_FALSE(solver.negative_somewhere(rows, nullptr, objective[0], {{10, 10, 10}, 0, 10, nullptr}, found));
        CHECK(solver.counts().exact + solver.counts().by_basis == (layers ? 0 : 1));
    }
}

TEST_CASE("programs over cells of deep networks: what is shown by layers is so") {
    Random random(852);
    const std::vector<std::vector<int>> widths{{3, 5, 4, 4, 1}, {2, 4, 1, 5, 1}, {4, 6, 2, 6, 1}, {3, 6, 3, 3, 6, 1}, {5, 3, 4, 6, 1}};
    Programs with_layers, without;
    for (int trial = 0; trial < 120; ++trial) {
        CAPTURE(trial);
        const std::vector<int>& sizes = widths[trial % widths.size()];
        Network network = trial % 3 ? random_network(random, sizes) : integer_network(random, sizes, 2);
        if (trial % 4 == 3) network = linear_last(network, 0, 1);
        if (trial % 8 == 5) network = linear_last(network, 1, 1);
        const Random before = random;
        const Programs programs = ask_all(random, network, true);
        Random again = before;
        const Programs plain = ask_all(again, network, false);
        CHECK(programs.negative == plain.negative);
        with_layers.shown += programs.shown;
        with_layers.exact += programs.exact;
        with_layers.asked += programs.asked;
        with_layers.negative += programs.negative;
        without.exact += plain.exact;
    }
    CHECK(with_layers.shown > 40);
    CHECK(with_layers.negative > 100);
    CHECK(with_layers.exact * 4 < without.exact);
}

TEST_SUITE_END();
