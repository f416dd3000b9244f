#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <thread>

#include "explorations.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// A radius with half of the cells within, and none at about that distance.
double middle_radius(std::vector<double> distances) {
    std::sort(distances.begin(), distances.end());
    for (std::size_t k = std::max<std::size_t>(1, distances.size() / 2); k < distances.size(); ++k)
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

}  // namespace

TEST_SUITE_BEGIN("explorer_limits");

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

TEST_SUITE_END();
