#include "refinement/vertex/search.hpp"

#include "refinement/vertex/enumerator.hpp"

namespace relutope {

template <int D, int W>
SearchResult run_search(const Problem& problem, SearchControl& control, const SearchResult* found);

namespace {

using Run = SearchResult (*)(const Problem&, SearchControl&, const SearchResult*);

// Beyond six dimensions it gains nothing that the compiler knows their number.
Run run_for(int dimension) {
    constexpr Run fixed[] = {run_search<0, 1>, run_search<1, 1>, run_search<2, 1>, run_search<3, 1>,
                             run_search<4, 1>, run_search<5, 1>, run_search<6, 1>};
    return dimension <= 6 ? fixed[dimension] : fixed[0];
}

}  // namespace

// Nearly every network fits into 64 facet slots; the others start again with wider masks.
SearchResult search(const Network& network, const Domain& domain, const SearchOptions& options, SearchControl& control,
                    const SearchResult* found) {
    const Problem problem(network, domain, options);
    const Run attempts[] = {run_for(domain.dimension()), run_search<0, 4>, run_search<0, 64>};
    for (const Run run : attempts) {
        const bool last = run == attempts[2];
        if (!last && run == attempts[0] && domain.num_sides() > 64) continue;
        control.cells = 0;
        control.jobs_done = 0;
        try {
            return run(problem, control, found);
        } catch (const TooManyFacets&) {
            if (last) throw;
        }
    }
    throw std::logic_error("internal error: no engine was tried");
}

}  // namespace relutope
