#include "refinement/lp/lp_search.hpp"

#include "refinement/common/job_pool.hpp"
#include "refinement/lp/lp_enumerator.hpp"

namespace relutope {

namespace {

// Every path is cut after so many splits; what lies below is a job. A constant, so that the result does not depend on the threads.
constexpr int plan_depth = 6;

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

struct Worker {
    LpEnumerator enumerator;
    const std::vector<LpJob>& jobs;
    std::vector<LpRecords>& records;
    SearchControl& control;
    bool keep;

    void operator()(std::size_t job) {
        try {
            enumerator.run(jobs[job], records[job]);
        } catch (const Stopped&) {  // between two cells: those recorded are whole
            if (!keep) throw;
            return;
        }
        ++control.jobs_done;
    }
};

}  // namespace

LpCells lp_search(const Network& network, const Domain& domain, const SearchOptions& options, SearchControl& control) {
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
    const int refused = for_each_job(
        jobs.size(), options.threads, [&] { return Worker{LpEnumerator(problem, control), jobs, records, control, options.keep_when_stopped}; },
        [&](const Worker& worker) { count(worker.enumerator); });
    result.counts.threads_not_started = static_cast<std::uint64_t>(refused);
    if (control.cells > options.max_cells) throw TooManyCells(control.cells);
    result.complete = control.jobs_done == jobs.size();
    for (LpRecords& job : records) append(result.cells, job);
    return result;
}

}  // namespace relutope
