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

// Does `task` until about `pause_at` cells are found, with a result for each child; returns what is left of it, in order.
// Throws UnfitProgress if there is no such task, and Stopped if control.stop is set by others.
template <SearchEngine Engine>
std::vector<SearchTask> run_task(Engine& engine, const SearchTask& task, std::uint64_t pause_at, SearchControl& control,
                                 std::vector<JobResult<typename Engine::Records>>& results) {
    const auto [children, end] = children_of_task(engine, task);
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

// Counts the cells of a task in control.cells, without recording them. A search that records nothing cannot say where it was stopped:
// parts with more cells than a small share of `pause_at` are left and cut, the parts beside them at once.
template <SearchEngine Engine>
class TaskCount {
public:
    TaskCount(Engine& engine, std::uint64_t pause_at, SearchControl& control)
        : engine_(engine), pause_at_(pause_at), most_(std::max<std::uint64_t>(1, pause_at / 64)), control_(control) {}

    // Until about `pause_at` cells are counted; returns what is left, in order. REQUIRES: control.cells is 0; nobody else counts there.
    // Throws as run_task.
    std::vector<SearchTask> count(const SearchTask& task) {
        if (!task.after.empty()) throw UnfitProgress("cells are counted from the beginning of a partial cell");
        const auto [children, end] = children_of_task(engine_, task);
        count_children(children, task.begin, end, task.prefix);
        return std::move(rest_);
    }

private:
    using Job = typename Engine::Job;

    void count_children(const std::vector<Job>& children, std::uint32_t begin, std::uint32_t end, const std::vector<std::uint32_t>& prefix) {
        bool large = false;
        for (std::uint32_t child = begin; child < end; ++child) {
            if (control_.cells >= pause_at_) {
                rest_.push_back({prefix, child, end, {}});
                return;
            }
            if (!large && is_counted(children[child])) continue;
            large = true;
            std::vector<std::uint32_t> path = prefix;
            path.push_back(child);
            const std::vector<Job> parts = engine_.plan(children[child], plan_depth);
            count_children(parts, 0, static_cast<std::uint32_t>(parts.size()), path);
        }
    }

    // Counts the cells of a part, or none of them if there are too many.
    bool is_counted(const Job& part) {
        const std::uint64_t before = control_.cells, limit = before + most_;
        engine_.pause_at(limit);
        JobResult<typename Engine::Records> nothing;
        try {
            engine_.run(part, {}, nothing);
        } catch (const Stopped&) {
            if (control_.cells < limit) throw;
            engine_.set_count(before);
            control_.stop = false;
            return false;
        }
        if (control_.cells >= limit) control_.stop = false;
        return true;
    }

    Engine& engine_;
    std::uint64_t pause_at_, most_;
    SearchControl& control_;
    std::vector<SearchTask> rest_;
};

}  // namespace relutope
