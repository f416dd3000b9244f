#include <doctest/doctest.h>

#include <thread>

#include "complexes.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

// Far more cells than any test could wait for.
Network endless() {
    Random random(90);
    return random_network(random, {6, 60, 60, 60, 1});
}

SearchOptions with_threads(int threads, bool vertices = false) {
    SearchOptions options;
    options.threads = threads;
    options.vertices = vertices;
    return options;
}

}  // namespace

TEST_SUITE_BEGIN("search_control");

TEST_CASE("records and counters do not depend on the number of threads") {
    Random random(91);
    const std::vector<Network> networks{random_network(random, {2, 20, 20, 1}), random_network(random, {3, 9, 9, 9, 1}),
                                        integer_network(random, {2, 9, 9, 5, 1}, 2), integer_network(random, {3, 6, 6, 1}, 1)};
    for (const Network& network : networks) {
        for (const bool vertices : {false, true}) {
            for (const Domain& domain : {box(network.input_dimension(), -1, 1), whole_space(network.input_dimension())}) {
                const SearchResult one = run(network, domain, with_threads(1, vertices));
                for (const int threads : {2, 5}) {
                    const SearchResult many = run(network, domain, with_threads(threads, vertices));
                    CHECK(same_records(one, many));
                    CHECK(same_counts(one.counts, many.counts));
                }
            }
        }
    }
}

TEST_CASE("the control's counters end at the truth") {
    Random random(92);
    const Network network = random_network(random, {2, 20, 20, 1});
    SearchControl control;
    SearchResult result = search(network, box(2, -1, 1), with_threads(2), control);
    CHECK(control.jobs == result.jobs.size());
    CHECK(control.jobs_done == control.jobs);
    CHECK(control.cells == static_cast<std::uint64_t>(assemble(result, network, box(2, -1, 1)).num_cells()));
}

TEST_CASE("max_cells: as many are allowed, one fewer are not") {
    Random random(93);
    const Network network = random_network(random, {2, 20, 20, 1});
    const auto cells = static_cast<std::uint64_t>(cells_of(network, box(2, -1, 1)).num_cells());
    for (const int threads : {1, 2}) {
        SearchOptions options = with_threads(threads);
        options.max_cells = cells;
        CHECK_NOTHROW(run(network, box(2, -1, 1), options));
        options.max_cells = cells - 1;
        CHECK_THROWS_AS(run(network, box(2, -1, 1), options), TooManyCells);
        options.max_cells = 1;
        CHECK_THROWS_AS(run(network, box(2, -1, 1), options), TooManyCells);
    }
}

TEST_CASE("max_cells ends a search that would not end") {
    for (const int threads : {1, 2}) {
        SearchOptions options = with_threads(threads);
        options.max_cells = 1000;
        std::uint64_t found = 0;
        try {
            run(endless(), box(6, -1, 1), options);
        } catch (const TooManyCells& error) {
            found = error.num_found;
        }
        CHECK(found > 1000);
        CHECK(found < 100000);
    }
}

TEST_CASE("stop: before the search and in the middle of it") {
    for (const int threads : {1, 2}) {
        SearchControl stopped;
        stopped.stop = true;
        CHECK_THROWS_AS(search(endless(), box(6, -1, 1), with_threads(threads), stopped), Stopped);

        SearchControl control;
        std::thread watcher([&] {
            while (control.cells == 0) std::this_thread::yield();
            control.stop = true;
        });
        CHECK_THROWS_AS(search(endless(), box(6, -1, 1), with_threads(threads), control), Stopped);
        watcher.join();
    }
}

TEST_CASE("a stopped search that keeps what it has found is a part of the complex") {
    Random random(94);
    for (const int threads : {1, 2}) {
        const Network network = random_network(random, {3, 30, 30, 1});
        const CellComplex whole = cells_of(network, box(3, -1, 1));
        SearchOptions options = with_threads(threads);
        options.keep_when_stopped = true;
        SearchControl control;
        std::thread watcher([&] {
            while (control.cells < 500) std::this_thread::yield();
            control.stop = true;
        });
        SearchResult result = search(network, box(3, -1, 1), options, control);
        watcher.join();
        CellComplex part = assemble(result, network, box(3, -1, 1));
        if (!part.complete) link(part);
        REQUIRE(part.num_cells() > 0);
        CHECK(part.complete == (part.num_cells() == whole.num_cells()));
        std::int64_t cell = 0;  // of the whole
        std::vector<CellId> found(whole.num_cells(), cell_not_found);
        for (CellId i = 0; i < part.num_cells(); ++i) {
            const auto is_same = [&] { return std::equal(part.pattern(i), part.pattern(i) + part.pattern_words, whole.pattern(cell)); };
            while (cell < whole.num_cells() && !is_same()) ++cell;
            REQUIRE(cell < whole.num_cells());
            found[cell] = i;
        }
        for (cell = 0; cell < whole.num_cells(); ++cell) {
            if (found[cell] == cell_not_found) continue;
            std::int64_t facet = part.facet_begin[found[cell]];
            for (std::int64_t f = whole.facet_begin[cell]; f < whole.facet_begin[cell + 1]; ++f, ++facet) {
                CHECK(part.facet_id[facet] == whole.facet_id[f]);
                const CellId beyond = whole.facet_neighbour[f];
                CHECK(part.facet_neighbour[facet] == (beyond == no_cell ? no_cell : found[beyond]));
            }
        }
    }
}

TEST_SUITE_END();
