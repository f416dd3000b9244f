#include "refinement/lp/lp_search.hpp"

#include <algorithm>

#include "refinement/common/job_search.hpp"
#include "refinement/lp/lp_enumerator.hpp"

namespace relutope {

namespace {

using LpResult = JobResult<LpRecords>;

template <class T>
void append(std::vector<T>& target, std::vector<T>& source) {
    target.insert(target.end(), std::make_move_iterator(source.begin()), std::make_move_iterator(source.end()));
    std::vector<T>().swap(source);
}

void append(LpRecords& all, LpRecords& job) {
    for (std::uint64_t& cell : job.exact_cell) cell += all.count;
    for (std::uint64_t& cell : job.zero_cells) cell += all.count;
    append(all.patterns, job.patterns);
    append(all.inside, job.inside);
    append(all.exact_cell, job.exact_cell);
    append(all.exact_inside, job.exact_inside);
    append(all.zero_cells, job.zero_cells);
    append(all.zero_neurons, job.zero_neurons);
    all.count += job.count;
}

// The entries of `source` that belong to cells from `first` to before `end`, counted from `first`; `at` is moved on past them.
std::vector<std::uint64_t> entries(const std::vector<std::uint64_t>& source, std::size_t& at, std::uint64_t first, std::uint64_t end) {
    std::vector<std::uint64_t> cells;
    for (; at < source.size() && source[at] < end; ++at) cells.push_back(source[at] - first);
    return cells;
}

bool numbers_cells(const std::vector<std::uint64_t>& entries, std::uint64_t cells) {
    return std::is_sorted(entries.begin(), entries.end()) && (entries.empty() || entries.back() < cells);
}

// The reverse of appending all jobs.
std::vector<LpResult> per_job(const LpCells& found, int words, int dimension, int neurons) {
    const LpRecords& all = found.cells;
    std::uint64_t left = all.count;
    bool fits = found.jobs.cells.size() == found.jobs.done.size();
    for (const std::uint64_t count : found.jobs.cells) {
        fits = fits && count <= left;
        if (fits) left -= count;
    }
    fits = fits && left == 0 && all.patterns.size() == all.count * static_cast<std::size_t>(words) &&
           all.inside.size() == all.count * static_cast<std::size_t>(dimension) && all.exact_cell.size() == all.exact_inside.size() &&
           all.zero_cells.size() == all.zero_neurons.size() && numbers_cells(all.exact_cell, all.count) &&
           numbers_cells(all.zero_cells, all.count) &&
           std::all_of(all.zero_neurons.begin(), all.zero_neurons.end(), [&](HyperplaneId id) { return id >= 0 && id < neurons; }) &&
           std::all_of(all.exact_inside.begin(), all.exact_inside.end(), [&](const exact::Point& point) {
               return point.finite.size() == static_cast<std::size_t>(dimension) && point.denominator > 0;
           });
    if (!fits) throw UnfitProgress("the arrays of the cells do not fit together");
    std::vector<LpResult> jobs;
    std::uint64_t first = 0;
    std::size_t exact = 0, zero = 0;
    for (std::size_t k = 0; k < found.jobs.size(); ++k) {
        LpResult& job = jobs.emplace_back();
        const std::uint64_t end = first + found.jobs.cells[k];
        job.patterns.assign(all.patterns.data() + first * words, all.patterns.data() + end * words);
        job.inside.assign(all.inside.data() + first * dimension, all.inside.data() + end * dimension);
        const std::size_t first_exact = exact, first_zero = zero;
        job.exact_cell = entries(all.exact_cell, exact, first, end);
        job.exact_inside.assign(all.exact_inside.data() + first_exact, all.exact_inside.data() + exact);
        job.zero_cells = entries(all.zero_cells, zero, first, end);
        job.zero_neurons.assign(all.zero_neurons.data() + first_zero, all.zero_neurons.data() + zero);
        job.count = found.jobs.cells[k];
        job.done = found.jobs.done[k];
        first = end;
    }
    return jobs;
}

}  // namespace

LpCells lp_search(const Network& network, const Domain& domain, const SearchOptions& options, SearchControl& control, const LpCells* found) {
    const Problem problem(network, domain, options);
    LpCells result;
    std::vector<LpResult> jobs;
    if (found) jobs = per_job(*found, words_for(network.num_neurons()), domain.dimension(), network.num_neurons());
    result.complete = search_jobs<LpEnumerator>(problem, control, jobs, result.counts, [&](const LpEnumerator& enumerator) {
        result.counts.add(enumerator.counts());
        result.programs.add(enumerator.programs());
    });
    result.bytes = control.bytes;
    result.full = control.full;
    std::uint64_t cells = 0;
    for (const LpResult& job : jobs) cells += job.count;
    result.cells.patterns.reserve(cells * static_cast<std::size_t>(words_for(network.num_neurons())));
    result.cells.inside.reserve(cells * static_cast<std::size_t>(domain.dimension()));
    for (LpResult& job : jobs) {
        result.jobs.add(job.count, job.done);
        append(result.cells, job);
    }
    return result;
}

std::uint32_t num_lp_children(const Network& network, const Domain& domain, SearchControl& control) {
    const Problem problem(network, domain);
    return static_cast<std::uint32_t>(LpEnumerator(problem, control).plan(plan_depth).size());
}

LpTaskResult lp_search_task(const Network& network, const Domain& domain, const SearchTask& task, std::uint64_t pause_at,
                            SearchControl& control) {
    const Problem problem(network, domain);
    LpEnumerator enumerator(problem, control);
    LpTaskResult result;
    result.found.complete = false;
    std::vector<LpResult> jobs;
    result.rest = run_task(enumerator, task, pause_at, control, KeptCells<LpEnumerator>(jobs));
    for (LpResult& job : jobs) {
        result.found.jobs.add(job.count, job.done);
        append(result.found.cells, job);
    }
    result.found.counts = enumerator.counts();
    result.found.programs = enumerator.programs();
    return result;
}

CountedTask lp_count_task(const Network& network, const Domain& domain, const SearchTask& task, std::uint64_t pause_at,
                          SearchControl& control) {
    SearchOptions options;
    options.cells = false;
    const Problem problem(network, domain, options);
    CountedTask counted;
    {
        LpEnumerator enumerator(problem, control);
        counted.rest = run_task(enumerator, task, pause_at, control, CountedCells(enumerator, control));
    }
    counted.cells = control.cells;  // all of them, once the enumerator is gone
    return counted;
}

}  // namespace relutope
