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
        const auto by_vertices = patterns_by_tasks(num_children(network, domain, false, control), [&](const SearchTask& task, auto& rest) {
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

TEST_SUITE_END();
