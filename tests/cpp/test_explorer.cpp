#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <deque>
#include <limits>
#include <memory>
#include <set>
#include <thread>

#include "cell_graphs.hpp"
#include "distances.hpp"
#include "refinement/explorer.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

using Words = std::vector<std::uint64_t>;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::uint64_t no_limit = UINT64_MAX;

// A cell to start in that has room around its point, which is the origin of distances.
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

struct Setting {
    Network network;
    Domain domain;
    CellGraph graph;
    int start;
    std::vector<double> origin;

    Setting(const Network& net, const Domain& dom)
        : network(net), domain(dom), graph(cell_graph(net, dom)), start(roomy_cell(graph)), origin(centre_of(net, dom, graph, start)) {}

    std::unique_ptr<Explorer> explorer(Order order, bool by_first_layer = false) const {
        auto result = std::make_unique<Explorer>(network, domain, by_first_layer, Explorer::Ruler{network, domain, origin}, order);
        REQUIRE(result->start(graph.patterns[start], by_first_layer ? first_units(network, origin) : origin));
        return result;
    }
};

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

// Facets and neighbours of what has been explored, and which of these has.
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

// How many facets are between each cell and the start.
std::vector<int> steps_from(const CellGraph& graph, int start) {
    std::vector<int> steps(graph.size(), -1);
    std::deque<int> line{start};
    steps[start] = 0;
    for (; !line.empty(); line.pop_front()) {
        for (const auto& [zeros, other] : graph.facets[line.front()]) {
            if (steps[other] >= 0) continue;
            steps[other] = steps[line.front()] + 1;
            line.push_back(other);
        }
    }
    return steps;
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

std::vector<double> distances_of(const Setting& setting) {
    std::vector<double> distances;
    for (int cell = 0; cell < setting.graph.size(); ++cell) distances.push_back(distance_of(setting, cell));
    return distances;
}

// A radius with half of the cells within, and none at about that distance.
double middle_radius(std::vector<double> distances) {
    std::sort(distances.begin(), distances.end());
    for (std::size_t k = distances.size() / 2; k < distances.size(); ++k)
        if (distances[k] - distances[k - 1] > 1e-6) return 0.5 * (distances[k] + distances[k - 1]);
    return infinity;
}

std::set<int> within(const std::vector<double>& distances, double radius) {
    std::set<int> cells;
    for (std::size_t cell = 0; cell < distances.size(); ++cell)
        if (distances[cell] <= radius) cells.insert(static_cast<int>(cell));
    return cells;
}

std::set<int> as_set(const std::vector<int>& cells) { return {cells.begin(), cells.end()}; }

std::vector<Setting> settings(Random& random) {
    std::vector<Setting> all;
    for (int trial = 0; trial < 6; ++trial) {
        const int n = 1 + trial % 3;
        const Network network = trial % 2 ? integer_network(random, {n, 4, 4, 1}, 2) : random_network(random, {n, 5, 4, 1});
        all.emplace_back(network, whole_space(n));
        all.emplace_back(network, box(n, -1, 1));
        Domain half = box(n, -1, infinity);
        half.halfspaces.emplace_back(n + 1, 0.5);
        all.emplace_back(network, half);
    }
    return all;
}

}  // namespace

TEST_SUITE_BEGIN("explorer");

TEST_CASE("the four quadrants, nearest first") {
    const Network network = arrangement({{1, 0, 0}, {0, 1, 0}});
    const Domain domain = whole_space(2);
    for (const bool by_first_layer : {false, true}) {
        CAPTURE(by_first_layer);
        Explorer explorer(network, domain, by_first_layer, {network, domain, {3, 4}}, Order::nearest);
        REQUIRE(explorer.start(pattern_of("11"), {3, 4}));
        CHECK(explorer.cells().size() == 1);
        CHECK(explorer.num_waiting() == 2);
        CHECK_FALSE(explorer.exhausted());
        CHECK(explorer.neighbour(0, 0) == -1);
        SearchControl control;
        explorer.run(no_limit, infinity, control);
        CHECK(control.cells == 4);
        CHECK(explorer.exhausted());
        std::vector<std::string> words;
        for (const std::uint64_t pattern : explorer.patterns()) words.push_back(word_of(network, {pattern}));
        CHECK(words == std::vector<std::string>{"11", "01", "10", "00"});
        // without a limit to the radius the order is by distance as well
        const std::vector<double> expected{0, 3, 4, 5};
        for (int cell = 0; cell < 4; ++cell) CHECK(explorer.cells()[cell].distance == doctest::Approx(expected[cell]).epsilon(1e-12));
    }
}

TEST_CASE("distances are those in all inputs, where some are left out") {
    const Network whole = arrangement({{1, 0, 1, 0}, {0, 1, 0, 0}});  // x + z and y
    const Network network = whole.with_inputs({0, 1});
    const Domain plane = whole_space(2), space = whole_space(3);
    for (const bool by_first_layer : {false, true}) {
        Explorer explorer(network, plane, by_first_layer, {whole, space, {1, 3, 1}}, Order::nearest);
        REQUIRE(explorer.start(pattern_of("11"), {2, 3}));
        SearchControl control;
        explorer.run(no_limit, infinity, control);
        REQUIRE(explorer.cells().size() == 4);
        CHECK(explorer.cells()[1].distance == doctest::Approx(std::sqrt(2)));
        CHECK(explorer.cells()[2].distance == doctest::Approx(3));
        CHECK(explorer.cells()[3].distance == doctest::Approx(std::sqrt(11)));
    }
}

TEST_CASE("a start that is not inside") {
    const Network network = arrangement({{1, 0, 0}, {0, 1, 0}});
    const Domain domain = box(2, -1, 1);
    Explorer explorer(network, domain, false, {network, domain, {0, 0}}, Order::breadth_first);
    CHECK_FALSE(explorer.start(pattern_of("11"), {0, 0.5}));
    CHECK_FALSE(explorer.start(pattern_of("11"), {-0.5, 0.5}));
    CHECK_FALSE(explorer.start(pattern_of("11"), {0.5, 2}));
    CHECK(explorer.cells().empty());
    CHECK(explorer.start(pattern_of("11"), {0.5, 0.5}));
    CHECK(explorer.cells().size() == 1);
}

TEST_CASE("whole complexes are those of the LP engine, in either order") {
    Random random(870);
    int by_first_layer = 0;
    for (const Setting& setting : settings(random)) {
        for (const Order order : {Order::breadth_first, Order::nearest}) {
            for (const bool units : {false, true}) {
                const bool whole = setting.domain.halfspaces.empty() && std::isinf(setting.domain.lower[0]);
                if (units && !(whole && independent_first_layer(setting.network))) continue;
                by_first_layer += units;
                const auto explorer = setting.explorer(order, units);
                SearchControl control;
                explorer->run(no_limit, infinity, control);
                check_complete(*explorer, setting.graph);
                CHECK(control.cells == explorer->cells().size());
                CHECK(explorer->programs().solved > 0);
            }
        }
    }
    for (int trial = 0; trial < 6; ++trial) {
        const Setting setting(trial % 2 ? integer_network(random, {3, 2, 4, 3, 1}, 2) : random_network(random, {3, 3, 2, 4, 1}), whole_space(3));
        if (!independent_first_layer(setting.network)) continue;
        ++by_first_layer;
        const auto explorer = setting.explorer(trial < 3 ? Order::breadth_first : Order::nearest, true);
        SearchControl control;
        explorer->run(no_limit, infinity, control);
        check_complete(*explorer, setting.graph);
    }
    CHECK(by_first_layer > 4);
}

TEST_CASE("breadth first: never fewer facets from the start than before") {
    Random random(871);
    for (const Setting& setting : settings(random)) {
        const auto explorer = setting.explorer(Order::breadth_first);
        SearchControl control;
        explorer->run(no_limit, infinity, control);
        const std::vector<int> steps = steps_from(setting.graph, setting.start);
        int before = 0;
        for (const int cell : explored(*explorer, setting.graph)) {
            CHECK(steps[cell] >= before);
            before = steps[cell];
        }
        for (std::size_t cell = 1; cell < explorer->cells().size(); ++cell) CHECK(std::isnan(explorer->cells()[cell].distance));
    }
}

TEST_CASE("nearest: distances are the true ones, and rise") {
    Random random(872);
    for (const Setting& setting : settings(random)) {
        const auto explorer = setting.explorer(Order::nearest);
        SearchControl control;
        explorer->run(no_limit, infinity, control);
        const std::vector<int> cells = explored(*explorer, setting.graph);
        double before = 0;
        for (std::size_t id = 0; id < cells.size(); ++id) {
            const double distance = explorer->cells()[id].distance;
            CHECK(distance >= before);
            CHECK(distance == doctest::Approx(distance_of(setting, cells[id])).epsilon(1e-8));
            before = distance;
        }
    }
}

TEST_CASE("a radius, then a larger one, then none") {
    Random random(873);
    int limited = 0;
    for (const Setting& setting : settings(random)) {
        const std::vector<double> distances = distances_of(setting);
        const double radius = middle_radius(distances);
        std::vector<double> inner;
        for (const double distance : distances)
            if (distance < radius) inner.push_back(distance);
        const double small = inner.size() > 2 ? middle_radius(inner) : 0;
        if (std::isinf(radius) || std::isinf(small)) continue;
        ++limited;
        for (const Order order : {Order::breadth_first, Order::nearest}) {
            CAPTURE(order);
            const auto explorer = setting.explorer(order);
            SearchControl control;
            explorer->run(no_limit, small, control);
            CHECK(as_set(explored(*explorer, setting.graph)) == within(distances, small));
            check_facets(*explorer, setting.graph);
            explorer->run(no_limit, radius, control);
            CHECK(as_set(explored(*explorer, setting.graph)) == within(distances, radius));
            CHECK_FALSE(explorer->exhausted());
            const std::size_t before = explorer->cells().size();
            explorer->run(no_limit, radius, control);  // nothing is left within
            explorer->run(no_limit, small, control);
            CHECK(explorer->cells().size() == before);
            explorer->run(no_limit, infinity, control);
            check_complete(*explorer, setting.graph);
        }
    }
    CHECK(limited > 6);
}

TEST_CASE("a number of cells at a time: the same cells in the same order") {
    Random random(874);
    const Setting setting(random_network(random, {2, 6, 5, 1}), box(2, -1, 1));
    for (const Order order : {Order::breadth_first, Order::nearest}) {
        SearchControl control;
        const auto all = setting.explorer(order), parts = setting.explorer(order);
        all->run(no_limit, infinity, control);
        for (std::uint64_t cells = 1; cells < all->cells().size(); cells += 3) {
            parts->run(cells, infinity, control);
            CHECK(parts->cells().size() == cells);
            CHECK(control.cells == cells);
        }
        check_facets(*parts, setting.graph);
        parts->run(no_limit, infinity, control);
        CHECK(parts->patterns() == all->patterns());
        CHECK(parts->exhausted());
    }
}

TEST_CASE("stopped before it begins: nothing is lost") {
    Random random(875);
    const Setting setting(random_network(random, {2, 6, 5, 1}), whole_space(2));
    for (const Order order : {Order::breadth_first, Order::nearest}) {
        SearchControl control, stopped;
        stopped.stop = true;
        const auto all = setting.explorer(order), parts = setting.explorer(order);
        all->run(no_limit, infinity, control);
        for (std::uint64_t cells = 1; cells < all->cells().size(); cells += 4) {
            parts->run(cells, infinity, control);
            CHECK_THROWS_AS(parts->run(no_limit, infinity, stopped), Stopped);
            CHECK_THROWS_AS(parts->run(no_limit, 0.1, stopped), Stopped);
            CHECK(parts->cells().size() == cells);
        }
        parts->run(no_limit, infinity, control);
        CHECK(parts->exhausted());
        if (order == Order::nearest) CHECK(parts->patterns() == all->patterns());
        check_complete(*parts, setting.graph);
    }
}

TEST_CASE("stopped from another thread, again and again, in the middle of whatever it does") {
    Random random(876);
    const Setting setting(random_network(random, {3, 8, 6, 1}), whole_space(3));
    for (const Order order : {Order::breadth_first, Order::nearest}) {
        SearchControl control;
        const auto all = setting.explorer(order), parts = setting.explorer(order);
        all->run(no_limit, infinity, control);
        int interrupted = 0;
        for (std::uint64_t next = 2; !parts->exhausted(); next += 2) {
            SearchControl watched;
            std::atomic<bool> over{false};
            std::thread watcher([&] {
                while (watched.cells < next && !over) std::this_thread::yield();
                watched.stop = true;
            });
            try {
                parts->run(no_limit, infinity, watched);
            } catch (const Stopped&) {
                ++interrupted;
            }
            over = true;
            watcher.join();
        }
        CHECK(interrupted > 0);
        CHECK(parts->patterns() == all->patterns());
        check_complete(*parts, setting.graph);
    }
}

TEST_CASE("a cell between neighbouring doubles is known, and cannot be entered") {
    Layer first = layer_of({{1, 0, 0}, {1, 0, 0}});
    first.bias = {-0.5, -0.5};
    first.bias_low = {0, -0x1p-60};
    const Network network({first, layer_of({{1, -1, 0}})});
    const Domain domain = box(2, -1, 1);
    for (const Order order : {Order::breadth_first, Order::nearest}) {
        Explorer explorer(network, domain, false, {network, domain, {0, 0}}, order);
        REQUIRE(explorer.start(pattern_of("00"), {0, 0}));
        SearchControl control;
        explorer.run(no_limit, infinity, control);
        CHECK(explorer.cells().size() == 1);
        CHECK(explorer.num_waiting() == 1);
        CHECK(explorer.num_without_point() == 1);
        CHECK(explorer.exhausted());
        CHECK(explorer.neighbour(0, 0) == -1);
        explorer.run(no_limit, infinity, control);  // nor the next time
        CHECK(explorer.cells().size() == 1);
    }
}

TEST_CASE("a network far too large to enumerate: as many cells as asked for, each with its neighbours") {
    Random random(877);
    const Network network = random_network(random, {20, 15, 30, 30, 1});
    const Domain domain = whole_space(20);
    std::vector<double> x(20);
    Words pattern(words_for(network.num_neurons()));
    for (double& value : x) value = random_double(random, -2, 1);
    const std::vector<int> signs = signs_at(network, rationals(x));
    for (std::size_t i = 0; i < signs.size(); ++i)
        if (signs[i] > 0) pattern[i / 64] |= std::uint64_t{1} << i % 64;
    REQUIRE(independent_first_layer(network));
    for (const bool by_first_layer : {false, true}) {
        Explorer explorer(network, domain, by_first_layer, {network, domain, x}, Order::nearest);
        REQUIRE(explorer.start(pattern, by_first_layer ? first_units(network, x) : x));
        SearchControl control;
        explorer.run(6, infinity, control);
        REQUIRE(explorer.cells().size() == 6);
        // whoever is a neighbour has its neighbour among its own
        for (std::int64_t cell = 0; cell < 6; ++cell) {
            for (std::size_t f = 0; f < explorer.cells()[cell].facets.size(); ++f) {
                const std::int64_t other = explorer.neighbour(cell, f);
                if (other < 0) continue;
                const ExploredCell& back = explorer.cells()[other];
                int mutual = 0;
                for (std::size_t g = 0; g < back.facets.size(); ++g)
                    mutual += explorer.neighbour(other, g) == cell && back.facets[g].zeros == explorer.cells()[cell].facets[f].zeros;
                CHECK(mutual == 1);
            }
        }
    }
}

TEST_SUITE_END();
