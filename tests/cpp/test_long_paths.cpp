// Paths of as many splits as there are neurons, on a small stack.
#include <doctest/doctest.h>
#include <pthread.h>

#include <algorithm>
#include <numeric>

#include "complexes.hpp"
#include "network/maps/exact_maps.hpp"
#include "refinement/lp/lp_search.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

// Runs `work` on a thread with so much stack.
template <class Work>
void on_small_stack(std::size_t bytes, Work work) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    REQUIRE(pthread_attr_setstacksize(&attributes, bytes) == 0);
    pthread_t thread;
    const auto call = [](void* argument) -> void* {
        (*static_cast<Work*>(argument))();
        return nullptr;
    };
    REQUIRE(pthread_create(&thread, &attributes, call, &work) == 0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
}

enum class Order { ascending, descending, shuffled };

// One input, and neurons that change sign at 1 / count, ..., in some order.
Network staircase(int count, Order order) {
    std::vector<int> place(count);
    std::iota(place.begin(), place.end(), 0);
    if (order == Order::descending) std::reverse(place.begin(), place.end());
    Random random(400);
    if (order == Order::shuffled) std::shuffle(place.begin(), place.end(), random);
    std::vector<Row> rows;
    for (const int k : place) rows.push_back({1, -(k + 0.5) / count});
    return arrangement(rows);
}

constexpr std::size_t small_stack = 256 * 1024;

}  // namespace

TEST_SUITE_BEGIN("long_paths");

TEST_CASE("counting and recording many neurons in one dimension") {
    for (const Order order : {Order::ascending, Order::descending, Order::shuffled}) {
        const Network network = staircase(3000, order);
        on_small_stack(small_stack, [&] {
            CHECK(count_of(network, box(1, 0, 1)) == 3001);
            const CellComplex cells = cells_of(network, box(1, 0, 1));
            CHECK(cells.num_cells() == 3001);
            CHECK(cells.num_edges() == 3000);
        });
    }
}

TEST_CASE("neurons of several layers") {
    // The second layer has each of the first's hinges, and a zero beside each.
    std::vector<Row> first, second;
    for (int k = 0; k < 40; ++k) first.push_back({1, -(k + 0.5) / 40});
    for (int k = 0; k < 40; ++k) {
        Row row(41, 0.0);
        row[k] = 1;
        row[40] = -1.0 / 160;
        second.push_back(row);
    }
    const Network network = network_of({first, second});
    on_small_stack(small_stack, [&] {
        check_complex(network, box(1, 0, 1), 1);
        CHECK(count_of(network, box(1, 0, 1)) == 81);
    });
}

TEST_CASE("linear programs") {
    const Network network = staircase(700, Order::descending);
    on_small_stack(small_stack, [&] {
        SearchControl control;
        CHECK(lp_search(network, box(1, 0, 1), {}, control).cells.num_cells() == 701);
    });
}

TEST_CASE("forms of very deep networks") {
    std::vector<std::vector<Row>> hidden(20000, {{1, 0}});
    const Network network = network_of(hidden);
    on_small_stack(small_stack, [&] {
        ExactMaps maps(network, box(1, 0, 1));
        const std::uint64_t active = 1;
        for (int layer = 0; layer + 1 < network.num_hidden(); ++layer) maps.set_pattern(layer, &active, 1);
        CHECK(maps.neuron(network.num_hidden() - 1, 0).weight.front() == 1);
    });
}

TEST_CASE("the sides of a polytope do not use up the splits after which jobs are cut") {
    Random random(401);
    const Network network = random_network(random, {2, 30, 1});
    std::vector<Row> sides;
    const double steps[][2] = {{1, 0.2}, {0.2, 1}, {-1, 0.3}, {0.1, -1}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1}};
    std::size_t jobs = 0;
    for (int count = 0; count <= 8; ++count) {
        const SearchResult result = run(network, cut_box(2, -1, 1, sides));
        if (count == 0) jobs = result.jobs.size();
        CHECK(result.jobs.size() > jobs / 2);
        if (count < 8) sides.push_back({steps[count][0], steps[count][1], 0.9});
    }
    CHECK(jobs > 10);
}

TEST_SUITE_END();
