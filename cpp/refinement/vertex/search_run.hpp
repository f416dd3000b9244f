// The search for one choice of template arguments; instantiated in search_*.cpp.
#pragma once

#include "refinement/common/job_search.hpp"
#include "refinement/vertex/enumerator_audit.hpp"
#include "refinement/vertex/enumerator_leaf.hpp"
#include "refinement/vertex/enumerator_signs.hpp"
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
    return result;
}

}  // namespace relutope
