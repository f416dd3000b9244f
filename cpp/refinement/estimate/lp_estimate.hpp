// Estimates the number of cells by random descents in the LP engine's tree of partial cells. See descent_sampler.hpp.
#pragma once

#include <vector>

#include "network/domain.hpp"
#include "network/network.hpp"
#include "refinement/common/records.hpp"

namespace relutope {

struct EstimateOptions {
    int threads = 1;
    int batches = 1;
    double population = 1;  // partial cells that a batch keeps at each step, about
    std::uint64_t seed = 0;
    int first_batch = 0;  // batches have numbers: some of them are the same whoever does the others
};

struct LpEstimate {
    std::vector<double> batches;  // independent, each unbiased
    bool exact = false;           // every cell was seen: the one number in `batches` is the number of cells
};

// The result does not depend on the number of threads.
// REQUIRES: as lp_search; options.batches >= 1, options.population >= 1.
// Throws EmptyDomain, Stopped (when control.stop is set), std::overflow_error (more than 10^308 cells), std::bad_alloc.
LpEstimate lp_estimate(const Network& network, const Domain& domain, const EstimateOptions& options, SearchControl& control);

}  // namespace relutope
