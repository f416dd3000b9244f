#include "explorations.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "distances.hpp"

namespace relutope::testing {

namespace {

using Words = std::vector<std::uint64_t>;

// The first cell with a double inside.
int roomy_cell(const CellGraph& graph) {
    for (int cell = 0; cell < graph.size(); ++cell)
        if (!graph.inside[cell].empty()) return cell;
    return -1;
}

std::vector<double> centre_of(const Network& network, const Domain& domain, const CellGraph& graph, int cell) {
    CellFacets facets(network, domain, false);
    facets.set_cell(graph.patterns[cell].data());
    REQUIRE(facets.set_point(graph.inside[cell]));
    facets.centre();
    return facets.point();
}

// A neuron's form on the cell with this pattern, turned to its side, in rationals.
std::vector<Rational> form_on(const Network& network, const Words& pattern, int neuron) {
    const int n = network.input_dimension();
    std::vector<std::vector<Rational>> value(n, std::vector<Rational>(n + 1));
    for (int k = 0; k < n; ++k) value[k][k] = 1;
    for (int l = 0; l < network.num_hidden(); ++l) {
        const Layer& layer = network.layer(l);
        std::vector<std::vector<Rational>> next;
        for (int i = 0; i < layer.outputs; ++i) {
            std::vector<Rational> form(n + 1);
            for (int j = 0; j < layer.inputs; ++j)
                for (int k = 0; k <= n; ++k) form[k] += rational(layer.weight[i * layer.inputs + j]) * value[j][k];
            form[n] += rational(layer.bias[i]) + rational(layer.bias_low[i]);
            const int index = network.first_neuron(l) + i;
            const bool linear = i >= layer.neurons(), active = linear || (pattern[index / 64] >> index % 64 & 1);
            if (!linear && index == neuron) {
                if (!active)
                    for (Rational& entry : form) entry = -entry;
                return form;
            }
            next.push_back(active ? form : std::vector<Rational>(n + 1));
        }
        value = std::move(next);
    }
    return {};
}

double distance_of(const Setting& setting, int cell) {
    Polyhedron polyhedron{{}, -1, setting.domain.lower, setting.domain.upper};
    for (const auto& [zeros, other] : setting.graph.facets[cell]) {
        for (const HyperplaneId neuron : zeros) {
            const std::vector<Rational> form = form_on(setting.network, setting.graph.patterns[cell], neuron);
            if (std::all_of(form.begin(), form.end() - 1, [](const Rational& entry) { return entry == 0; })) continue;
            polyhedron.rows.push_back(form);
            break;
        }
    }
    for (const Row& row : setting.domain.halfspaces) polyhedron.rows.push_back(rationals(row));
    const auto square = squared_distance(rationals(setting.origin), polyhedron);
    REQUIRE(square.has_value());
    return root(*square);
}

}  // namespace

Setting::Setting(const Network& net, const Domain& dom)
    : network(net), domain(dom), graph(cell_graph(net, dom)), start(roomy_cell(graph)), origin(centre_of(net, dom, graph, start)) {}

std::unique_ptr<Explorer> Setting::explorer(Order order, bool by_first_layer) const {
    auto result = std::make_unique<Explorer>(network, domain, by_first_layer, Explorer::Ruler{network, domain, origin}, order);
    REQUIRE(result->start(graph.patterns[start], by_first_layer ? first_units(network, origin) : origin));
    return result;
}

std::vector<Setting> settings(Random& random) {
    std::vector<Setting> all;
    for (int trial = 0; trial < 6; ++trial) {
        const int n = 1 + trial % 3;
        const Network network = trial % 2 ? integer_network(random, {n, 4, 4, 1}, 2) : random_network(random, {n, 5, 4, 1});
        all.emplace_back(network, whole_space(n));
        all.emplace_back(network, box(n, -1, 1));
        Domain half = box(n, -1, HUGE_VAL);
        half.halfspaces.emplace_back(n + 1, 0.5);
        all.emplace_back(network, half);
    }
    return all;
}

std::vector<int> explored(const Explorer& explorer, const CellGraph& graph) {
    const std::size_t words = words_for(explorer.network().num_neurons());
    std::vector<int> cells;
    REQUIRE(explorer.patterns().size() == explorer.cells().size() * words);
    for (std::size_t k = 0; k < explorer.patterns().size(); k += words) {
        const auto found = graph.index.find(Words(explorer.patterns().begin() + k, explorer.patterns().begin() + k + words));
        REQUIRE(found != graph.index.end());
        cells.push_back(found->second);
    }
    CHECK(std::set<int>(cells.begin(), cells.end()).size() == cells.size());
    return cells;
}

void check_facets(const Explorer& explorer, const CellGraph& graph) {
    const std::vector<int> cells = explored(explorer, graph);
    const std::size_t words = words_for(explorer.network().num_neurons());
    std::set<int> known(cells.begin(), cells.end());
    for (std::size_t id = 0; id < cells.size(); ++id) {
        const ExploredCell& cell = explorer.cells()[id];
        CellFacetMap facets;
        for (std::size_t f = 0; f < cell.facets.size(); ++f) {
            const auto begin = cell.neighbours.begin() + static_cast<std::ptrdiff_t>(f * words);
            const auto beyond = graph.index.find(Words(begin, begin + static_cast<std::ptrdiff_t>(words)));
            REQUIRE(beyond != graph.index.end());
            facets[cell.facets[f].zeros] = beyond->second;
            known.insert(beyond->second);
            const auto other = std::find(cells.begin(), cells.end(), beyond->second);
            CHECK(explorer.neighbour(static_cast<std::int64_t>(id), f) == (other == cells.end() ? -1 : other - cells.begin()));
        }
        CHECK(facets == graph.facets[cells[id]]);
    }
    CHECK(explorer.num_waiting() == known.size() - cells.size());
}

void check_complete(const Explorer& explorer, const CellGraph& graph) {
    check_facets(explorer, graph);
    CHECK(static_cast<int>(explorer.cells().size()) == graph.size());
    CHECK(explorer.exhausted());
    CHECK(explorer.num_waiting() == 0);
    CHECK(explorer.num_without_point() == 0);
}

std::vector<double> distances_of(const Setting& setting) {
    std::vector<double> distances;
    for (int cell = 0; cell < setting.graph.size(); ++cell) distances.push_back(distance_of(setting, cell));
    return distances;
}

}  // namespace relutope::testing
