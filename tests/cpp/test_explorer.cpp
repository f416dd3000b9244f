#include <doctest/doctest.h>

#include <cmath>
#include <deque>
#include <limits>

#include "explorations.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

using Words = std::vector<std::uint64_t>;

constexpr double infinity = std::numeric_limits<double>::infinity();

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
        const Network network = trial % 2 ? integer_network(random, {3, 2, 4, 3, 1}, 2) : random_network(random, {3, 3, 2, 4, 1});
        const Setting setting(network, whole_space(3));
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
        const std::vector<double> distances = distances_of(setting);
        double before = 0;
        for (std::size_t id = 0; id < cells.size(); ++id) {
            const double distance = explorer->cells()[id].distance;
            CHECK(distance >= before);
            CHECK(distance == doctest::Approx(distances[cells[id]]).epsilon(1e-8));
            before = distance;
        }
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
