#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "networks.hpp"
#include "refinement/certificates/layer_certificate.hpp"
#include "refinement/certificates/proof_store.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

using Term = LayerCertificate::Term;
using Words = std::vector<std::uint64_t>;

bool has(const Words& words, int bit) { return words[bit >> 6] >> (bit & 63) & 1; }

// What hidden layers make of the first one's preactivations. All numbers are small integers, so nothing is rounded.
class Evaluation {
public:
    // Unit `forced` is on as `on` says, whatever its value; none if it is negative.
    Evaluation(const Network& network, const std::vector<double>& outputs, int forced = -1, bool on = false) : pattern_(words(network)) {
        std::vector<double> before = outputs;
        value_ = outputs;
        value_.resize(network.layer(0).neurons());
        for (int k = 0; k < network.layer(0).neurons(); ++k) {
            set(k, k == forced ? on : outputs[k] > 0);
            if (!has(pattern_, k)) before[k] = 0;
        }
        for (int l = 1; l < network.num_hidden(); ++l) {
            const Layer& layer = network.layer(l);
            std::vector<double> after(layer.outputs);
            for (int i = 0; i < layer.outputs; ++i) {
                double value = layer.bias[i];
                for (int k = 0; k < layer.inputs; ++k) value += layer.weight[i * layer.inputs + k] * before[k];
                after[i] = value;
                if (i >= layer.neurons()) continue;
                const int neuron = network.first_neuron(l) + i;
                value_.push_back(value);
                set(neuron, neuron == forced ? on : value > 0);
                if (!has(pattern_, neuron)) after[i] = 0;
            }
            before = after;
        }
    }

    const Words& pattern() const { return pattern_; }
    double value(int neuron) const { return value_[neuron]; }
    // Whether the point is in the closed cell with this pattern, as far as these neurons tell; `forced` is left out.
    bool agrees(const Words& pattern, const Words& needed, int forced) const {
        for (int neuron = 0; neuron < static_cast<int>(value_.size()); ++neuron)
            if (neuron != forced && has(needed, neuron) && value_[neuron] != 0 && has(pattern, neuron) != has(pattern_, neuron)) return false;
        return true;
    }

private:
    static Words words(const Network& network) { return Words(words_for(network.num_neurons())); }
    void set(int neuron, bool on) {
        if (on) pattern_[neuron >> 6] |= std::uint64_t{1} << (neuron & 63);
    }

    Words pattern_;
    std::vector<double> value_;
};

void turn_to(LayerCertificate& certificate, const Network& network, const Words& pattern) {
    for (int l = 0; l < network.num_hidden(); ++l) {
        Words bits(words_for(network.layer(l).outputs));
        for (int i = 0; i < network.layer(l).outputs; ++i)
            if (i >= network.layer(l).neurons() || has(pattern, network.first_neuron(l) + i)) bits[i >> 6] |= std::uint64_t{1} << (i & 63);
        certificate.set_active(l, bits.data());
    }
}

struct Tally {
    int proofs = 0, own = 0, transfers = 0, elsewhere = 0;
};

// A proof about `goal` on the cell with this pattern, at points of many cells.
void check_points(const std::vector<Evaluation>& points, const Words& pattern, const Words& needed, int goal, Tally& tally) {
    ++tally.proofs;
    CHECK(has(needed, goal));
    const double sense = has(pattern, goal) ? 1.0 : -1.0;
    for (const Evaluation& point : points) {
        if (point.agrees(pattern, needed, goal)) {
            CHECK(sense * point.value(goal) > 0);
            tally.transfers += !point.agrees(pattern, Words(needed.size(), ~std::uint64_t{0}), goal);
        } else {
            tally.elsewhere += !(sense * point.value(goal) > 0);
        }
    }
}

constexpr double side = 4;  // inputs are between -side and side

std::vector<double> first_layer(const Network& network, const std::vector<double>& input) {
    const Layer& layer = network.layer(0);
    std::vector<double> result = layer.bias;
    for (int i = 0; i < layer.outputs; ++i)
        for (int k = 0; k < layer.inputs; ++k) result[i] += layer.weight[i * layer.inputs + k] * input[k];
    return result;
}

// All proofs in input coordinates with at most one other form that are found on the cell of `input`, at all `samples`.
void check_box_proofs(const Network& network, const std::vector<double>& input, const std::vector<std::vector<double>>& samples, Tally& tally) {
    const Words pattern = Evaluation(network, first_layer(network, input)).pattern();
    LayerCertificate certificate(network);
    turn_to(certificate, network, pattern);
    const auto sense = [&](int neuron) { return has(pattern, neuron) ? 1.0 : -1.0; };
    std::vector<FormRef> names;
    std::vector<Row> rows;
    for (int l = 0; l < network.num_hidden(); ++l) {
        for (int i = 0; i < network.layer(l).neurons(); ++i) {
            ActiveForm form;
            certificate.forms().form(l, i, -1, form);
            form.weight.push_back(form.constant);
            for (double& entry : form.weight) entry *= sense(static_cast<int>(names.size()));
            names.push_back({l + 1, i});
            rows.push_back(form.weight);
        }
    }
    const auto count = static_cast<int>(names.size());
    Words needed;
    for (int goal = 0; goal < count; ++goal) {
        std::vector<Evaluation> points;
        for (const std::vector<double>& sample : samples) points.emplace_back(network, first_layer(network, sample), goal, has(pattern, goal));
        for (int other = -1; other < count; ++other) {
            for (const double multiplier : {0.25, 1.0, 3.0}) {
                if (other == goal || (other < 0 && multiplier != 1)) continue;
                // all numbers are multiples of 1/4, and small
                Row rest = rows[goal];
                if (other >= 0)
                    for (std::size_t k = 0; k < rest.size(); ++k) rest[k] -= multiplier * rows[other][k];
                double least = rest.back();
                for (std::size_t k = 0; k + 1 < rest.size(); ++k) least -= side * std::fabs(rest[k]);
                if (!(least > 0)) continue;
                std::vector<Term> terms{{{0, 7}, 1.0, 2.0}};  // a side of the domain
                if (other >= 0) terms.push_back({names[other], sense(other), multiplier});
                certificate.adopt({names[goal], sense(goal), 1.0}, terms);
                certificate.needed_states(needed);
                check_points(points, pattern, needed, goal, tally);
            }
        }
    }
}

// All proofs with at most one other form that are found on the cell of `outputs`, at all `samples`.
void check_proofs(const Network& network, const std::vector<double>& outputs, const std::vector<std::vector<double>>& samples, Tally& tally) {
    const Words pattern = Evaluation(network, outputs).pattern();
    LayerCertificate certificate(network);
    turn_to(certificate, network, pattern);
    std::vector<FormRef> names;
    for (int l = 0; l < network.num_hidden(); ++l)
        for (int i = 0; i < network.layer(l).neurons(); ++i) names.push_back({l + 1, i});
    const auto sense = [&](int neuron) { return has(pattern, neuron) ? 1.0 : -1.0; };
    const auto weights_of = [&](int neuron) {
        ActiveForm form;
        if (names[neuron].level == 1) {
            for (const int unit : certificate.forms().active(0)) form.weight.push_back(unit == names[neuron].index);
            return form.weight;
        }
        certificate.forms().form(names[neuron].level - 1, names[neuron].index, 0, form);
        for (double& weight : form.weight) weight *= sense(neuron);
        return form.weight;
    };
    Words needed;
    const int first = network.first_neuron(1), count = network.num_neurons();
    for (int goal = 0; goal < count; ++goal) {
        if (goal < first && !has(pattern, goal)) continue;
        std::vector<Evaluation> points;
        for (std::vector<double> sample : samples) {
            if (goal < first && points.size() % 2) sample[goal] = -sample[goal];  // it is free to be negative
            points.emplace_back(network, sample, goal, has(pattern, goal));
        }
        const auto attempt = [&](std::span<const Term> terms) {
            if (!certificate.positive_over(0, {names[goal], sense(goal), 1.0}, terms)) return;
            certificate.needed_states(needed);
            tally.own += goal < first;
            check_points(points, pattern, needed, goal, tally);
        };
        attempt({});
        const std::vector<double> weight = weights_of(goal);
        for (int other = first; other < count; ++other) {
            if (other == goal) continue;
            const std::vector<double> row = weights_of(other);
            for (std::size_t k = 0; k < row.size(); ++k) {
                if (!(weight[k] * row[k] > 0)) continue;
                const Term term{names[other], sense(other), weight[k] / row[k]};
                attempt({&term, 1});
            }
        }
    }
}

Network linear_last(const Network& network, int layer, int count) {
    std::vector<Layer> layers;
    for (int l = 0; l <= network.num_hidden(); ++l) layers.push_back(network.layer(l));
    layers[layer].linear = count;
    return Network(std::move(layers));
}

}  // namespace

TEST_SUITE_BEGIN("transferred_proofs");

TEST_CASE("a proof holds wherever the neurons that it needs are in the same states") {
    Random random(900);
    Tally tally;
    for (int trial = 0; trial < 60; ++trial) {
        CAPTURE(trial);
        Network network = integer_network(random, {3, 3, 4, 3, 3, 1}, 3);
        if (trial % 3 == 1) network = linear_last(network, 1, 1);
        if (trial % 3 == 2) network = linear_last(network, 0, 1);
        const int neurons = network.layer(0).neurons();
        std::vector<std::vector<double>> samples(150, std::vector<double>(3));
        for (auto& sample : samples)
            for (int k = 0; k < 3; ++k) {
                sample[k] = random_integer(random, trial % 2 ? 3 : 12);
                if (k < neurons) sample[k] = std::max(0.0, sample[k]);
            }
        for (int cell = 0; cell < 5; ++cell) check_proofs(network, samples[cell], samples, tally);
    }
    CHECK(tally.proofs > 2000);
    CHECK(tally.own > 100);  // about neurons of the base
    CHECK(tally.transfers > 20000);  // at points of other cells
    CHECK(tally.elsewhere > 20000);  // where a proof says nothing, and would be wrong
}

TEST_CASE("a proof in input coordinates holds wherever the neurons that it needs are in the same states") {
    Random random(901);
    Tally tally;
    for (int trial = 0; trial < 60; ++trial) {
        CAPTURE(trial);
        Network network = integer_network(random, {2, 3, 4, 3, 1}, trial % 2 ? 2 : 4);
        if (trial % 3 == 1) network = linear_last(network, 1, 1);
        if (trial % 3 == 2) network = linear_last(network, 0, 1);
        std::vector<std::vector<double>> samples(100, std::vector<double>(2));
        for (auto& sample : samples)
            for (double& entry : sample) entry = random_integer(random, 4);
        for (int cell = 0; cell < 5; ++cell) check_box_proofs(network, samples[cell], samples, tally);
    }
    CHECK(tally.proofs > 2000);
    CHECK(tally.transfers > 20000);
    CHECK(tally.elsewhere > 20000);
}

// The objective 1 - a (a u) + c u + d u. Its coefficient of u is -2^-61, and 2^-61 when it is summed up in double precision.
TEST_CASE("a multiplier of which rounding changes the sign is needed") {
    const double a = 1 + 0x1p-30, c = 1 + 0x1p-29, d = 0x1p-61;
    const std::vector<Row> copies{{a, 0}, {1, 0}, {1, 0}}, objective{{-a, c, d, 1}};
    Words needed;
    // u is off, so the objective is a constant
    SUBCASE("in the base") {
        const Network network = network_of({{{1, 0}}, copies, objective});
        LayerCertificate certificate(network);
        turn_to(certificate, network, {0b11110});
        REQUIRE(certificate.positive_over(0, {{3, 0}, 1.0, 1.0}, {}));
        certificate.needed_states(needed);
        CHECK(has(needed, 0));
    }
    SUBCASE("in a later layer") {
        const Network network = network_of({{{1, 0}}, {{1, -1}}, copies, objective});
        LayerCertificate certificate(network);
        turn_to(certificate, network, {0b111101});
        REQUIRE(certificate.positive_over(0, {{4, 0}, 1.0, 1.0}, {}));
        certificate.needed_states(needed);
        CHECK(has(needed, 1));
        CHECK_FALSE(has(needed, 0));
    }
    SUBCASE("in the base, the rounding in a later layer") {
        const Network network = network_of({{{1, 0}}, {{1, 1}}, copies, objective});
        LayerCertificate certificate(network);
        turn_to(certificate, network, {0b111110});
        REQUIRE(certificate.positive_over(0, {{4, 0}, 1.0, 1.0}, {}));
        certificate.needed_states(needed);
        CHECK(has(needed, 0));
    }
}

// The objective u_0 - 2^-45 u_1 + u_2 + 1 with u_0 = h_0 - h_1 + h_2, u_1 = h_1, u_2 = h_0, where h_2 is off: u_0 has the multiplier 1 + 2^-45
// where 1 - 2^-40 is proposed, which leaves -2^-45 instead of 2^-40.
TEST_CASE("a multiplier of which a rough proposal changes the sign is needed") {
    const Network network = network_of({{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}},
                                        {{1, -1, 1, 0}, {0, 1, 0, 0}, {1, 0, 0, 0}},
                                        {{1, -0x1p-45, 1, 1}}});
    LayerCertificate certificate(network);
    turn_to(certificate, network, {0b1111011});
    const Term first{{2, 0}, 1.0, 1 - 0x1p-40};
    REQUIRE(certificate.positive_over(0, {{3, 0}, 1.0, 1.0}, {&first, 1}));
    Words needed;
    certificate.needed_states(needed);
    CHECK(needed == Words{0b1011100});
}

TEST_CASE("what is needed, by hand") {
    // Second layer h_0 + h_1 / 2 + 1 and h_0 / 2 - h_1; third one u_0 - u_1 + 1 = (h_0 + 3 h_1) / 2 + 2 and
    // u_0 + u_1 + 1 = (3 h_0 - h_1) / 2 + 2.
    const Network network = network_of({{{1, 0, 0}, {0, 1, 0}}, {{1, 0.5, 1}, {0.5, -1, 0}}, {{1, -1, 1}, {1, 1, 1}}});
    LayerCertificate certificate(network);
    turn_to(certificate, network, {0b111111});
    Words needed;
    REQUIRE(certificate.positive_over(0, {{3, 0}, 1.0, 1.0}, {}));
    certificate.needed_states(needed);
    CHECK(needed == Words{0b011000});  // with u_1 off, it would be another proof
    const Term second{{2, 1}, 1.0, 0.5};
    REQUIRE(certificate.positive_over(0, {{3, 1}, 1.0, 1.0}, {&second, 1}));  // u_1 / 2 + 5/4 h_0 + 2
    certificate.needed_states(needed);
    CHECK(needed == Words{0b100000});  // u_0 and u_1 may be off as well
}

TEST_CASE("a store of proofs") {
    ProofStore store(3);
    const Words first{0b1011, 0}, needed{0b0011, 0};
    CHECK_FALSE(store.proves(1, first.data()));
    store.add(1, first.data(), needed);
    CHECK(store.proves(1, first.data()));
    CHECK_FALSE(store.proves(0, first.data()));
    CHECK(store.proves(1, Words{0b0111, ~std::uint64_t{0}}.data()));
    CHECK_FALSE(store.proves(1, Words{0b1010, 0}.data()));
    CHECK_FALSE(store.proves(1, Words{0b0001, 0}.data()));
}

TEST_CASE("a store keeps the proofs that held lately") {
    ProofStore store(1);
    const Words all{~std::uint64_t{0}};
    const auto known = [&](std::uint64_t pattern) { return store.proves(0, &pattern); };
    for (std::uint64_t pattern = 0; pattern < ProofStore::most_proofs; ++pattern) store.add(0, &pattern, all);
    CHECK(known(0));
    const std::uint64_t another = 1000;
    store.add(0, &another, all);
    CHECK(known(another));
    CHECK(known(0));
    CHECK_FALSE(known(1));
    CHECK(known(2));
}

TEST_SUITE_END();
