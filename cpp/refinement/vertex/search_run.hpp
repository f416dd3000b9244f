// The search for one choice of template arguments; instantiated in search_*.cpp.
#pragma once

#include "refinement/common/job_search.hpp"
#ifndef RELUTOPE_SMALL  // the browser's module does not look ahead
#include "refinement/vertex/enumerator_ahead.hpp"
#endif
#include "refinement/vertex/enumerator_audit.hpp"
#include "refinement/vertex/enumerator_count.hpp"
#include "refinement/vertex/enumerator_leaf.hpp"
#include "refinement/vertex/enumerator_pair.hpp"
#include "refinement/vertex/enumerator_signs.hpp"
#include "refinement/vertex/enumerator_solve.hpp"
#include "refinement/vertex/enumerator_split.hpp"
#include "refinement/vertex/enumerator_walk.hpp"
#include "refinement/vertex/search.hpp"

namespace relutope {

template <int D, int W>
SearchResult run_search(const Problem& problem, SearchControl& control, const SearchResult* found) {
    SearchResult result;
    result.mask_words = W;
    result.at_boundary = problem.options.compared > 0;
    if (found) result.jobs = found->jobs;
    result.complete = search_jobs<Enumerator<D, W>>(problem, control, result.jobs, result.counts,
                                                    [&](const auto& enumerator) { result.counts.add(enumerator.counts()); });
    result.bytes = control.bytes;
    result.full = control.full;
    return result;
}

// Without a task only the domain's children are made, and nothing is looked for in them.
template <int D, int W>
TaskResult run_search_task(const Problem& problem, SearchControl& control, const SearchTask* task, std::uint64_t pause_at) {
    Enumerator<D, W> enumerator(problem, control);
    TaskResult result;
    result.found.mask_words = W;
    result.found.complete = false;
    if (task && problem.options.count_only()) {
        result.rest = run_task(enumerator, *task, pause_at, control, CountedCells(enumerator, control));
    } else if (task) {
        result.rest = run_task(enumerator, *task, pause_at, control, KeptCells<Enumerator<D, W>>(result.found.jobs));
    } else {
        enumerator.pause_at(pause_at);
        result.found.jobs.resize(enumerator.plan(plan_depth).size());
    }
    result.found.counts = enumerator.counts();
    return result;
}

}  // namespace relutope
