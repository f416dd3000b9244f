// The driver for one choice of template arguments; instantiated in search_*.cpp.
#pragma once

#include "refinement/common/job_pool.hpp"
#include "refinement/vertex/enumerator_audit.hpp"
#include "refinement/vertex/enumerator_leaf.hpp"
#include "refinement/vertex/enumerator_signs.hpp"
#include "refinement/vertex/enumerator_split.hpp"
#include "refinement/vertex/enumerator_walk.hpp"
#include "refinement/vertex/search.hpp"

namespace relutope {

// Takes over what each job has found.
inline void go_on_from(const SearchResult& found, SearchResult& result, SearchControl& control) {
    result.jobs = found.jobs;
    for (const JobRecords& job : result.jobs) {
        control.cells += job.cells.num_cells();
        control.jobs_done += job.done;
    }
}

template <int D, int W>
SearchResult run_search(const Problem& problem, SearchControl& control, const SearchResult* found) {
    struct Worker {
        Enumerator<D, W> enumerator;
        const std::vector<Job<W>>& jobs;
        SearchResult& result;
        SearchControl& control;
        bool keep;

        void operator()(std::size_t job) {
            JobRecords& records = result.jobs[job];
            if (records.done) return;
            try {
                enumerator.run(jobs[job], records.cells, records.vertices);
            } catch (const Stopped&) {  // between two cells: those recorded are whole
                if (!keep) throw;
                return;
            }
            records.done = true;
            ++control.jobs_done;
        }
    };
    const bool keep = problem.options.keep_when_stopped;
    SearchResult result;
    result.mask_words = W;
    result.at_boundary = problem.options.compared > 0;
    Enumerator<D, W> planner(problem, control);
    std::vector<Job<W>> jobs;
    try {
        jobs = planner.plan(plan_depth);
    } catch (const Stopped&) {
        if (!keep) throw;
        result.complete = false;
        return result;
    }
    control.jobs = jobs.size();
    if (found && !found->jobs.empty()) go_on_from(*found, result, control);
    if (result.jobs.empty()) result.jobs.resize(jobs.size());
    if (result.jobs.size() != jobs.size()) throw UnfitProgress("the search has " + std::to_string(jobs.size()) + " parts");
    result.counts = planner.counts();
    const int refused = for_each_job(
        jobs.size(), problem.options.threads, [&] { return Worker{{problem, control}, jobs, result, control, keep}; },
        [&](const Worker& worker) { result.counts.add(worker.enumerator.counts()); });
    result.counts.threads_not_started = static_cast<std::uint64_t>(refused);
    if (control.cells > problem.options.max_cells) throw TooManyCells(control.cells);
    result.complete = control.jobs_done == jobs.size();
    return result;
}

}  // namespace relutope
