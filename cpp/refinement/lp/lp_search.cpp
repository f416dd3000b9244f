#include "refinement/lp/lp_search.hpp"

#include <algorithm>

#include "refinement/common/job_pool.hpp"
#include "refinement/lp/lp_enumerator.hpp"

namespace relutope {

namespace {

template <class T>
void append(std::vector<T>& target, std::vector<T>& source) {
    target.insert(target.end(), std::make_move_iterator(source.begin()), std::make_move_iterator(source.end()));
    std::vector<T>().swap(source);
}

void append(LpRecords& all, LpRecords& job) {
    for (std::uint64_t& cell : job.exact_cell) cell += all.num_cells;
    for (std::uint64_t& cell : job.zero_cells) cell += all.num_cells;
    append(all.patterns, job.patterns);
    append(all.inside, job.inside);
    append(all.exact_cell, job.exact_cell);
    append(all.exact_inside, job.exact_inside);
    append(all.zero_cells, job.zero_cells);
    append(all.zero_neurons, job.zero_neurons);
    all.num_cells += job.num_cells;
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
std::vector<LpRecords> per_job(const LpCells& found, int words, int dimension, int neurons) {
    const LpRecords& all = found.cells;
    std::uint64_t left = all.num_cells;
    bool fits = found.jobs.cells.size() == found.jobs.done.size();
    for (const std::uint64_t count : found.jobs.cells) {
        fits = fits && count <= left;
        if (fits) left -= count;
    }
    fits = fits && left == 0 && all.patterns.size() == all.num_cells * static_cast<std::size_t>(words) &&
           all.inside.size() == all.num_cells * static_cast<std::size_t>(dimension) && all.exact_cell.size() == all.exact_inside.size() &&
           all.zero_cells.size() == all.zero_neurons.size() && numbers_cells(all.exact_cell, all.num_cells) &&
           numbers_cells(all.zero_cells, all.num_cells) &&
           std::all_of(all.zero_neurons.begin(), all.zero_neurons.end(), [&](HyperplaneId id) { return id >= 0 && id < neurons; }) &&
           std::all_of(all.exact_inside.begin(), all.exact_inside.end(), [&](const exact::Point& point) {
               return point.finite.size() == static_cast<std::size_t>(dimension) && point.denominator > 0;
           });
    if (!fits) throw UnfitProgress("the arrays of the cells do not fit together");
    std::vector<LpRecords> jobs;
    std::uint64_t first = 0;
    std::size_t exact = 0, zero = 0;
    for (const std::uint64_t count : found.jobs.cells) {
        LpRecords& job = jobs.emplace_back();
        const std::uint64_t end = first + count;
        job.patterns.assign(all.patterns.data() + first * words, all.patterns.data() + end * words);
        job.inside.assign(all.inside.data() + first * dimension, all.inside.data() + end * dimension);
        const std::size_t first_exact = exact, first_zero = zero;
        job.exact_cell = entries(all.exact_cell, exact, first, end);
        job.exact_inside.assign(all.exact_inside.data() + first_exact, all.exact_inside.data() + exact);
        job.zero_cells = entries(all.zero_cells, zero, first, end);
        job.zero_neurons.assign(all.zero_neurons.data() + first_zero, all.zero_neurons.data() + zero);
        job.num_cells = count;
        first = end;
    }
    return jobs;
}

struct Worker {
    LpEnumerator enumerator;
    const std::vector<LpJob>& jobs;
    std::vector<LpRecords>& records;
    std::vector<std::uint8_t>& done;
    SearchControl& control;
    bool keep;

    void operator()(std::size_t job) {
        if (done[job]) return;
        try {
            enumerator.run(jobs[job], records[job]);
        } catch (const Stopped&) {  // between two cells: those recorded are whole
            if (!keep) throw;
            return;
        }
        done[job] = true;
        ++control.jobs_done;
    }
};

}  // namespace

LpCells lp_search(const Network& network, const Domain& domain, const SearchOptions& options, SearchControl& control, const LpCells* found) {
    const SignLayout layout(network, domain);
    const RepeatedRows repeated(network);
    const LpProblem problem{network, domain, layout, repeated, options};
    LpCells result;
    const auto count = [&](const LpEnumerator& enumerator) {
        result.counts.add(enumerator.counts());
        result.programs.add(enumerator.programs());
    };
    LpEnumerator planner(problem, control);
    std::vector<LpJob> jobs;
    try {
        jobs = planner.plan(plan_depth);
    } catch (const Stopped&) {
        if (!options.keep_when_stopped) throw;
        result.complete = false;
        return result;
    }
    count(planner);
    control.jobs = jobs.size();
    std::vector<LpRecords> records(jobs.size());
    std::vector<std::uint8_t> done(jobs.size());
    if (found && found->jobs.size() > 0) {
        records = per_job(*found, words_for(network.num_neurons()), domain.dimension(), network.num_neurons());
        done = found->jobs.done;
        if (records.size() != jobs.size()) throw UnfitProgress("the search has " + std::to_string(jobs.size()) + " parts");
        control.cells += found->cells.num_cells;
        control.jobs_done += static_cast<std::uint64_t>(std::count(done.begin(), done.end(), 1));
    }
    const int refused = for_each_job(
        jobs.size(), options.threads, [&] { return Worker{LpEnumerator(problem, control), jobs, records, done, control, options.keep_when_stopped}; },
        [&](const Worker& worker) { count(worker.enumerator); });
    result.counts.threads_not_started = static_cast<std::uint64_t>(refused);
    if (control.cells > options.max_cells) throw TooManyCells(control.cells);
    result.complete = control.jobs_done == jobs.size();
    for (std::size_t job = 0; job < jobs.size(); ++job) {
        result.jobs.add(records[job].num_cells, done[job]);
        append(result.cells, records[job]);
    }
    return result;
}

}  // namespace relutope
