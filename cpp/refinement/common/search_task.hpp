// A part of a search that another thread, process or machine can do, named by a few numbers.
//
// Cutting every path of the domain after plan_depth splits gives its children, in order; cutting a child likewise gives its own. So a
// list of numbers, the prefix, names a partial cell, the same one wherever it is made again. A task is a range of the children of one,
// behind the cell with the pattern `after` if there is one. Cells come in increasing order of their patterns, within a task and from
// one task to the next in the lexicographic order of (prefix, begin); a task comes before the tasks that are left of it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "refinement/common/job_search.hpp"
#include "refinement/common/records.hpp"

namespace relutope {

struct SearchTask {
    std::vector<std::uint32_t> prefix;
    std::uint32_t begin = 0;
    std::uint32_t end = std::numeric_limits<std::uint32_t>::max();  // or all children, if there are fewer
    std::vector<std::uint64_t> after;                               // packed as in CellRecords; empty: from the beginning
};

// What is left of a child in which the search stopped behind the cell `after`. So many of the child's own children were done until
// then: as many again make a task.
template <class Engine>
void add_rest_of_child(Engine& engine, const typename Engine::Job& child, std::vector<std::uint32_t> prefix, const std::vector<std::uint64_t>& after,
                       std::vector<SearchTask>& rest) {
    const auto count = static_cast<std::uint32_t>(engine.plan(child, plan_depth).size());
    const std::uint32_t first = count - static_cast<std::uint32_t>(engine.plan(child, plan_depth, after).size());
    const std::uint32_t size = std::max<std::uint32_t>(1, first);
    for (std::uint32_t begin = first; begin < count; begin += size)
        rest.push_back({prefix, begin, std::min(count, begin + size), begin == first ? after : std::vector<std::uint64_t>{}});
}

// The pattern of the last cell. REQUIRES: there is one.
inline std::vector<std::uint64_t> last_pattern(const std::vector<std::uint64_t>& patterns, std::uint64_t cells) {
    const auto words = static_cast<std::ptrdiff_t>(patterns.size() / cells);
    return {patterns.end() - words, patterns.end()};
}
template <class Records>
const std::vector<std::uint64_t>& patterns_of(const Records& records) {
    if constexpr (requires { records.cells.patterns; }) {
        return records.cells.patterns;
    } else {
        return records.patterns;
    }
}

// Does `task` until about `pause_at` cells are found, with a result for each child; returns what is left of it, in order.
// Throws UnfitProgress if there is no such task, and Stopped if control.stop is set by others.
template <SearchEngine Engine>
std::vector<SearchTask> run_task(Engine& engine, const SearchTask& task, std::uint64_t pause_at, SearchControl& control,
                                 std::vector<JobResult<typename Engine::Records>>& results) {
    auto children = engine.plan(plan_depth);
    for (const std::uint32_t index : task.prefix) {
        if (index >= children.size()) throw UnfitProgress("the search has no such partial cell");
        children = engine.plan(children[index], plan_depth);
    }
    const auto end = static_cast<std::uint32_t>(std::min<std::size_t>(task.end, children.size()));
    if (task.begin >= end) throw UnfitProgress("a partial cell has " + std::to_string(children.size()) + " parts");
    engine.pause_at(pause_at);
    std::vector<SearchTask> rest;
    std::uint64_t cells = 0;
    for (std::uint32_t child = task.begin; child < end; ++child) {
        if (cells >= pause_at && control.stop) {
            rest.push_back({task.prefix, child, end, {}});
            break;
        }
        std::vector<std::uint64_t> after;
        if (child == task.begin) after = task.after;
        auto& result = results.emplace_back();
        try {
            engine.run(children[child], after, result);
            result.done = true;
        } catch (const Stopped&) {  // between two cells: those recorded are whole
            if (cells + result.num_cells() < pause_at) throw;
        }
        cells += result.num_cells();
        if (result.done) continue;
        control.stop = false;
        if (result.num_cells() > 0) after = last_pattern(patterns_of(result), result.num_cells());
        std::vector<std::uint32_t> prefix = task.prefix;
        prefix.push_back(child);
        add_rest_of_child(engine, children[child], prefix, after, rest);
        if (child + 1 < end) rest.push_back({task.prefix, child + 1, end, {}});
        break;
    }
    return rest;
}

}  // namespace relutope
