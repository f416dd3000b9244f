#include <doctest/doctest.h>

#include "complexes.hpp"
#include "refinement/lp/lp_search.hpp"
#include "refinement/vertex/search.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

std::vector<Network> networks() {
    Random random(53);
    return {random_network(random, {2, 9, 8, 1}), random_network(random, {3, 14, 1}), integer_network(random, {2, 9, 5, 4, 1}, 2),
            integer_network(random, {3, 8, 4, 1}, 1)};
}

// Patterns of all cells, in order, by tasks that are cut after `pause_at` cells; those left are done in reverse order.
template <class Run>
std::vector<std::uint64_t> patterns_by_tasks(std::uint32_t children, Run&& run) {
    std::vector<std::pair<std::vector<std::uint32_t>, std::vector<std::uint64_t>>> found;
    std::vector<SearchTask> left;
    for (std::uint32_t child = 0; child < children; ++child) left.push_back({{}, child, child + 1, {}});
    while (!left.empty()) {
        const SearchTask task = left.back();
        left.pop_back();
        std::vector<std::uint32_t> key = task.prefix;
        key.push_back(task.begin);
        std::vector<SearchTask> rest;
        found.emplace_back(key, run(task, rest));
        left.insert(left.end(), rest.begin(), rest.end());
    }
    std::sort(found.begin(), found.end());
    std::vector<std::uint64_t> all;
    for (const auto& [key, patterns] : found) all.insert(all.end(), patterns.begin(), patterns.end());
    return all;
}

// Neurons of the last layer that copy others, turned or not: both sides of one are cells at once.
Network repeated_network() {
    return arrangement({{1, 0, 0.25}, {-2, 0, -0.5}, {0, 1, 0.125}, {0, 1, 0.125}, {1, 1, 0}, {-1, -1, 0}, {1, -1, 0.5}});
}

}  // namespace

TEST_SUITE_BEGIN("search_task");

TEST_CASE("cells of tasks, put in order, are those of the search") {
    for (const Network& network : networks()) {
        const Domain domain = box(network.input_dimension(), -1, 1);
        SearchControl control;
        SearchOptions options;
        std::vector<std::uint64_t> whole;
        for (const JobRecords& job : search(network, domain, options, control).jobs)
            whole.insert(whole.end(), job.cells.patterns.begin(), job.cells.patterns.end());
        const auto by_vertices = patterns_by_tasks(num_children(network, domain, control), [&](const SearchTask& task, auto& rest) {
            SearchControl own;
            TaskResult result = search_task(network, domain, task, 1, own);
            rest = result.rest;
            std::vector<std::uint64_t> patterns;
            for (const JobRecords& job : result.found.jobs)
                patterns.insert(patterns.end(), job.cells.patterns.begin(), job.cells.patterns.end());
            return patterns;
        });
        CHECK(by_vertices == whole);
        const auto by_programs = patterns_by_tasks(num_lp_children(network, domain, control), [&](const SearchTask& task, auto& rest) {
            SearchControl own;
            LpTaskResult result = lp_search_task(network, domain, task, 1, own);
            rest = result.rest;
            return result.found.cells.patterns;
        });
        CHECK(by_programs == whole);
    }
}

TEST_CASE("a task that is stopped from outside has no result, and one that does not exist is refused") {
    const Network network = networks()[1];
    const Domain domain = box(3, -1, 1);
    SearchControl control;
    control.stop = true;
    CHECK_THROWS_AS(search_task(network, domain, {{}, 0, 1, {}}, 1, control), Stopped);
    SearchControl other;
    CHECK_THROWS_AS(search_task(network, domain, {{}, 500, 501, {}}, 1, other), UnfitProgress);
    CHECK_THROWS_AS(search_task(network, domain, {{500}, 0, 1, {}}, 1, other), UnfitProgress);
    CHECK_THROWS_AS(lp_search_task(network, domain, {{}, 3, 3, {}}, 1, other), UnfitProgress);
}

TEST_CASE("tasks that are cut while they count have every cell once, in one dimension, too") {
    Random random(54);
    std::vector<Network> all = networks();
    all.push_back(random_network(random, {1, 60, 30, 1}));
    all.push_back(repeated_network());
    for (const Network& network : all) {
        const Domain domain = box(network.input_dimension(), -1, 1);
        SearchControl control;
        SearchOptions options;
        options.cells = false;
        search(network, domain, options, control);
        for (const std::uint64_t pause_at : {1, 100, 1000}) {
            std::uint64_t by_vertices = 0, by_programs = 0, tasks = 0;
            SearchControl planning;
            patterns_by_tasks(num_children(network, domain, planning, pause_at), [&](const SearchTask& task, auto& rest) {
                SearchControl own;
                CountedTask counted = count_task(network, domain, task, pause_at, own);
                by_vertices += counted.cells;
                ++tasks;
                rest = std::move(counted.rest);
                return std::vector<std::uint64_t>();
            });
            patterns_by_tasks(num_lp_children(network, domain, planning), [&](const SearchTask& task, auto& rest) {
                SearchControl own;
                CountedTask counted = lp_count_task(network, domain, task, pause_at, own);
                by_programs += counted.cells;
                rest = std::move(counted.rest);
                return std::vector<std::uint64_t>();
            });
            CHECK(by_vertices == control.cells);
            CHECK(by_programs == control.cells);
            if (pause_at == 1 && control.cells > 500) CHECK(tasks > num_children(network, domain, planning, pause_at));
        }
    }
}

TEST_CASE("large parts are counted by their sections, which are cut again where they are many") {
    Random random(55);
    const auto integers = [&](int n, int m) {  // planes of several kinds: parallel, equal, through common points
        std::vector<Row> rows(m, Row(n + 1));
        for (Row& row : rows)
            for (double& entry : row) entry = static_cast<double>(random() % 7) - 3;
        return arrangement(rows);
    };
    const auto counted = [&](const Network& network, const Domain& domain, std::uint64_t pause_at, std::uint64_t& deepest) {
        std::uint64_t cells = 0;
        SearchControl planning;
        patterns_by_tasks(num_children(network, domain, planning, pause_at), [&](const SearchTask& task, auto& rest) {
            SearchControl own;
            CountedTask found = count_task(network, domain, task, pause_at, own);
            cells += found.cells;
            deepest = std::max<std::uint64_t>(deepest, task.prefix.size());
            rest = std::move(found.rest);
            return std::vector<std::uint64_t>();
        });
        return cells;
    };
    std::vector<Network> all{random_network(random, {2, 500, 1}), random_network(random, {3, 90, 1}), random_network(random, {4, 44, 1}),
                             random_network(random, {3, 6, 110, 1}), random_network(random, {2, 5, 500, 1}), integers(2, 500), integers(3, 120)};
    for (const Network& network : all) {
        const int n = network.input_dimension();
        for (const Domain& domain : {box(n, -1, 1), whole_space(n)}) {
            const std::uint64_t cells = count_of(network, domain);
            for (const std::uint64_t pause_at : {1, 100'000}) {
                std::uint64_t deepest = 0;
                CHECK(counted(network, domain, pause_at, deepest) == cells);
            }
        }
    }
    std::uint64_t deepest = 0;  // 64 ranges of about 140,000 vertices are cut once more
    CHECK(counted(random_network(random, {3, 380, 1}), whole_space(3), 1, deepest) == 1 + 380 + 72'010 + 9'073'260);
    CHECK(deepest == 1);
    SearchControl planning;
    CHECK(num_children(all[1], whole_space(3), planning, 1) == 2);  // C(90, 3) / 2^16, rounded up
}

TEST_SUITE_END();
