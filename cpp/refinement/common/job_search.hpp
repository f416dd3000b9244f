// What an engine is, and the search that all engines have in common: plan jobs, give them to threads, keep what each has found.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <vector>

#include "refinement/common/job_pool.hpp"
#include "refinement/common/memory.hpp"
#include "refinement/common/problem.hpp"
#include "refinement/common/records.hpp"

namespace relutope {

// An engine is made from a Problem and a SearchControl. A Job is a partial cell, the subtree below it an independent piece of work;
// Records are where a job puts its cells, in increasing order of their patterns.
//   plan(depth)        splits the domain so many times along every path and returns what is left to do, in order
//   run(job, records)  appends the cells of a job that come after the last of `records`, if there are any; what it finds does not
//                      depend on jobs before. Throws Stopped between two cells when the control says so.
// Both count what they take, and with bytes_taken(records) what the records and all that is made of them take, in control.bytes.
template <class E>
concept SearchEngine = std::constructible_from<E, const Problem&, SearchControl&> &&
                       requires(E engine, const typename E::Job& job, typename E::Records& records) {
                           { engine.plan(plan_depth) } -> std::same_as<std::vector<typename E::Job>>;
                           { engine.run(job, records) } -> std::same_as<void>;
                           { records.num_cells() } -> std::convertible_to<std::uint64_t>;
                           { bytes_taken(records) } -> std::convertible_to<std::uint64_t>;
                       };

template <class Records>
struct JobResult : Records {
    bool done = false;  // these are all cells of the job
};

// Does what is left of the problem in `results`: what a stopped search has found, or nothing. Each engine is shown to `gather` when it
// is done. Returns whether everything is found; if not, the search was stopped, and options.keep_when_stopped.
//
// Throws what the engine throws, and TooManyCells, Stopped, UnfitProgress.
template <SearchEngine Engine, class Gather>
bool search_jobs(const Problem& problem, SearchControl& control, std::vector<JobResult<typename Engine::Records>>& results,
                 SearchCounts& counts, Gather&& gather) {
    using Job = typename Engine::Job;
    const bool keep = problem.options.keep_when_stopped;
    control.bytes = bytes_at_first + static_cast<std::uint64_t>(problem.options.threads) * bytes_of_thread;
    for (const auto& result : results) control.bytes += bytes_taken(result);
    Engine planner(problem, control);
    std::vector<Job> jobs;
    try {
        jobs = planner.plan(problem.options.job_depth);
    } catch (const Stopped&) {
        if (!keep) throw;
        return false;
    }
    control.jobs = jobs.size();
    if (results.empty()) results.resize(jobs.size());
    if (results.size() != jobs.size()) throw UnfitProgress("the search has " + std::to_string(jobs.size()) + " parts");
    for (const auto& result : results) {
        control.cells += result.num_cells();
        control.jobs_done += result.done;
    }
    const auto run = [&](Engine& engine, std::size_t job) {
        auto& result = results[job];
        if (result.done) return;
        try {
            engine.run(jobs[job], result);
        } catch (const Stopped&) {  // the cells that are recorded are whole
            if (!keep) throw;
            return;
        }
        result.done = true;
        ++control.jobs_done;
    };
    if (problem.options.threads == 1) {  // to make an engine takes as long as to find some cells
        for (std::size_t job = 0; job < jobs.size(); ++job) run(planner, job);
    } else {
        struct Worker {
            Engine engine;
            const decltype(run)& work;
            void operator()(std::size_t job) { work(engine, job); }
        };
        const int refused = for_each_job(
            jobs.size(), problem.options.threads, [&] { return Worker{Engine(problem, control), run}; },
            [&](const Worker& worker) { gather(worker.engine); });
        counts.threads_not_started = static_cast<std::uint64_t>(refused);
    }
    gather(planner);
    if (control.cells > problem.options.max_cells) throw TooManyCells(control.cells);
    return control.jobs_done == jobs.size();
}

}  // namespace relutope
