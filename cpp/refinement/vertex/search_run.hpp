// The driver for one choice of template arguments; instantiated in search_*.cpp.
#pragma once

#include <exception>
#include <mutex>
#include <thread>

#include "predicates/fp_environment.hpp"
#include "refinement/vertex/enumerator_audit.hpp"
#include "refinement/vertex/enumerator_leaf.hpp"
#include "refinement/vertex/enumerator_signs.hpp"
#include "refinement/vertex/enumerator_split.hpp"
#include "refinement/vertex/enumerator_walk.hpp"
#include "refinement/vertex/search.hpp"

namespace relutope {

// Every path is cut after so many splits; what lies below is a job. A constant, so that the jobs, and with them every rounding
// error, are the same for any number of threads.
inline constexpr int plan_depth = 6;

template <int D, int W>
class SearchRun {
public:
    SearchRun(const Problem& problem, SearchControl& control) : problem_(problem), control_(control) {}

    SearchResult run() {
        Enumerator<D, W> planner(problem_, control_);
        jobs_ = planner.plan(plan_depth);
        control_.jobs = jobs_.size();
        result_.jobs.resize(jobs_.size());
        result_.counts = planner.counts();
        result_.mask_words = W;
        const int threads = std::max(1, std::min<int>(problem_.options.threads, static_cast<int>(jobs_.size())));
        std::vector<std::thread> others;
        try {
            others.reserve(threads);
            for (int t = 1; t < threads; ++t) others.emplace_back([this] { work(); });
        } catch (const std::system_error&) {  // no more are to be had: those that run do the work
        }
        work();
        for (std::thread& thread : others) thread.join();
        if (failure_) std::rethrow_exception(failure_);
        if (control_.cells > problem_.options.max_cells) throw TooManyCells(control_.cells);
        return std::move(result_);
    }

private:
    void work() {
        const FpEnvironment environment;
        try {
            Enumerator<D, W> enumerator(problem_, control_);
            while (!failed_) {
                const std::size_t next = next_++;
                if (next >= jobs_.size()) break;
                enumerator.run(jobs_[next], result_.jobs[next].cells, result_.jobs[next].vertices);
                ++control_.jobs_done;
            }
            const std::lock_guard lock(mutex_);
            result_.counts.add(enumerator.counts());
        } catch (...) {
            const std::lock_guard lock(mutex_);
            if (!failure_) failure_ = std::current_exception();
            failed_ = true;
        }
    }

    const Problem& problem_;
    SearchControl& control_;
    std::vector<Job<W>> jobs_;
    SearchResult result_;
    std::atomic<std::size_t> next_{0};
    std::atomic<bool> failed_{false};
    std::mutex mutex_;
    std::exception_ptr failure_;
};

template <int D, int W>
SearchResult run_search(const Problem& problem, SearchControl& control) {
    return SearchRun<D, W>(problem, control).run();
}

}  // namespace relutope
