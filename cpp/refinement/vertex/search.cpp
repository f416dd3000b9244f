#include "refinement/vertex/search.hpp"

#include <array>

#include "refinement/vertex/enumerator.hpp"

namespace relutope {

template <int D, int W>
SearchResult run_search(const Problem& problem, SearchControl& control, const SearchResult* found);
template <int D, int W>
TaskResult run_search_task(const Problem& problem, SearchControl& control, const SearchTask* task, std::uint64_t pause_at);

namespace {

// Nearly every network fits into 64 facet slots, as the first attempt has them; the others start again with wider masks. Beyond six
// dimensions it gains nothing that the compiler knows their number.
template <class Run, class Call>
auto with_wide_enough_masks(const Domain& domain, SearchControl& control, const std::array<Run, 3>& attempts, Call&& call) {
    for (const Run run : attempts) {
        const bool last = run == attempts[2];
        if (!last && run == attempts[0] && domain.num_sides() > 64) continue;
        control.cells = 0;
        control.jobs_done = 0;
        control.bytes = 0;
        try {
            return call(run);
        } catch (const TooManyFacets&) {
            if (last) throw;
        }
    }
    throw std::logic_error("internal error: no engine was tried");
}

TaskResult search_part(const Network& network, const Domain& domain, const SearchTask* task, std::uint64_t pause_at, SearchControl& control,
                       const SearchOptions& options) {
    const Problem problem(network, domain, options);
    using Run = TaskResult (*)(const Problem&, SearchControl&, const SearchTask*, std::uint64_t);
    constexpr Run fixed[] = {run_search_task<0, 1>, run_search_task<1, 1>, run_search_task<2, 1>, run_search_task<3, 1>,
                             run_search_task<4, 1>, run_search_task<5, 1>, run_search_task<6, 1>};
    const Run first = domain.dimension() <= 6 ? fixed[domain.dimension()] : fixed[0];
    const std::array<Run, 3> attempts = {first, run_search_task<0, 4>, run_search_task<0, 64>};
    return with_wide_enough_masks(domain, control, attempts, [&](Run run) { return run(problem, control, task, pause_at); });
}

}  // namespace

SearchResult search(const Network& network, const Domain& domain, const SearchOptions& options, SearchControl& control,
                    const SearchResult* found) {
    const Problem problem(network, domain, options);
    using Run = SearchResult (*)(const Problem&, SearchControl&, const SearchResult*);
    constexpr Run fixed[] = {run_search<0, 1>, run_search<1, 1>, run_search<2, 1>, run_search<3, 1>,
                             run_search<4, 1>, run_search<5, 1>, run_search<6, 1>};
    const Run first = domain.dimension() <= 6 ? fixed[domain.dimension()] : fixed[0];
    const std::array<Run, 3> attempts = {first, run_search<0, 4>, run_search<0, 64>};
    return with_wide_enough_masks(domain, control, attempts, [&](Run run) { return run(problem, control, found); });
}

TaskResult search_task(const Network& network, const Domain& domain, const SearchTask& task, std::uint64_t pause_at, SearchControl& control,
                       const SearchOptions& options) {
    return search_part(network, domain, &task, pause_at, control, options);
}

CountedTask count_task(const Network& network, const Domain& domain, const SearchTask& task, std::uint64_t pause_at, SearchControl& control) {
    SearchOptions options;
    options.cells = false;
    TaskResult result = search_part(network, domain, &task, pause_at, control, options);
    return {control.cells, std::move(result.rest)};
}

std::uint32_t num_children(const Network& network, const Domain& domain, SearchControl& control, std::optional<std::uint64_t> count_until) {
    SearchOptions options;
    options.cells = !count_until;
    return static_cast<std::uint32_t>(search_part(network, domain, nullptr, count_until.value_or(0), control, options).found.jobs.size());
}

}  // namespace relutope
