// The number of cells, without keeping them.
#pragma once

#include <optional>

#include "refinement/vertex/search.hpp"

namespace relutope {

enum class Engine { vertex, lp };

struct CellCount {
    std::uint64_t cells = 0;  // that were found
    bool complete = false;    // whether these are all
    std::uint64_t jobs_done = 0;
    std::uint64_t jobs = 0;
};

// Ends early when more than options.max_cells were found, `max_seconds` are over, or control.stop is set.
// REQUIRES: as `search` or `lp_search`. Throws EmptyDomain, TooManyFacets, std::bad_alloc.
CellCount count_cells(Engine engine, const Network& network, const Domain& domain, SearchOptions options,
                      std::optional<double> max_seconds, SearchControl& control);

}  // namespace relutope
