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
#include <utility>
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

struct CountedTask {
    std::uint64_t cells = 0;
    std::vector<SearchTask> rest;
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

// The children of the partial cell that a task is part of, and before which of them it ends.
template <SearchEngine Engine>
std::pair<std::vector<typename Engine::Job>, std::uint32_t> children_of_task(Engine& engine, const SearchTask& task) {
    auto children = engine.plan(plan_depth);
    for (const std::uint32_t index : task.prefix) {
        if (index >= children.size()) throw UnfitProgress("the search has no such partial cell");
        children = engine.plan(children[index], plan_depth);
    }
    const auto end = static_cast<std::uint32_t>(std::min<std::size_t>(task.end, children.size()));
    if (task.begin >= end) throw UnfitProgress("a partial cell has " + std::to_string(children.size()) + " parts");
    return {std::move(children), end};
}

// Keeps the cells of a task, with a result for each child.
template <SearchEngine Engine>
class KeptCells {
public:
    using Records = typename Engine::Records;

    explicit KeptCells(std::vector<JobResult<Records>>& results) : results_(results) {}

    Records& begin_child() { return results_.emplace_back(); }
    void end_child() { results_.back().done = true; }
    std::uint64_t cells() const {
        std::uint64_t cells = 0;
        for (const auto& result : results_) cells += result.num_cells();
        return cells;
    }
    // The pattern of the last cell of the child at hand; empty if it has none.
    std::vector<std::uint64_t> last() const {
        const auto& patterns = patterns_of(results_.back());
        const auto cells = results_.back().num_cells();
        if (cells == 0) return {};
        return {patterns.end() - static_cast<std::ptrdiff_t>(patterns.size() / cells), patterns.end()};
    }

private:
    static const std::vector<std::uint64_t>& patterns_of(const Records& records) {
        if constexpr (requires { records.cells.patterns; }) {
            return records.cells.patterns;
        } else {
            return records.patterns;
        }
    }

    std::vector<JobResult<Records>>& results_;
};

// Counts the cells of a task in control.cells, without recording them. REQUIRES: control.cells is 0; nobody else counts there.
template <SearchEngine Engine>
class CountedCells {
public:
    CountedCells(const Engine& engine, const SearchControl& control) : engine_(engine), control_(control) {}

    typename Engine::Records& begin_child() { return nothing_; }
    void end_child() {}
    std::uint64_t cells() const { return control_.cells; }
    std::vector<std::uint64_t> last() const { return engine_.last_counted(); }

private:
    const Engine& engine_;
    const SearchControl& control_;
    typename Engine::Records nothing_;
};

// All of a child.
inline SearchTask below(std::vector<std::uint32_t> prefix, std::uint32_t child) {
    prefix.push_back(child);
    return {std::move(prefix), 0, std::numeric_limits<std::uint32_t>::max(), {}};
}

// Does `task` until about `pause_at` cells are found; returns what is left of it, in order.
// Throws UnfitProgress if there is no such task, and Stopped if control.stop is set by others.
template <SearchEngine Engine, class Found>
std::vector<SearchTask> run_task(Engine& engine, const SearchTask& task, std::uint64_t pause_at, SearchControl& control, Found&& found) {
    engine.pause_at(pause_at);  // which parts there are may depend on it
    const auto found_children = children_of_task(engine, task);
    const std::vector<typename Engine::Job>& children = found_children.first;
    const std::uint32_t end = found_children.second;
    std::vector<SearchTask> rest;
    for (std::uint32_t child = task.begin; child < end; ++child) {
        if (found.cells() >= pause_at && control.stop) {
            rest.push_back({task.prefix, child, end, {}});
            break;
        }
        if constexpr (requires { engine.is_cut_first(children[child]); }) {
            if (engine.is_cut_first(children[child])) {
                rest.push_back(below(task.prefix, child));
                continue;
            }
        }
        std::vector<std::uint64_t> after;
        if (child == task.begin) after = task.after;
        auto& records = found.begin_child();
        try {
            engine.run(children[child], after, records);
            found.end_child();
            continue;
        } catch (const Stopped&) {  // between two cells
            if (found.cells() < pause_at) throw;
        }
        control.stop = false;
        const std::vector<std::uint64_t> last = found.last();
        std::vector<std::uint32_t> prefix = task.prefix;
        prefix.push_back(child);
        add_rest_of_child(engine, children[child], prefix, last.empty() ? after : last, rest);
        if (child + 1 < end) rest.push_back({task.prefix, child + 1, end, {}});
        break;
    }
    return rest;
}

}  // namespace relutope
