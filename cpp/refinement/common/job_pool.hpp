// Independent pieces of work on threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "predicates/fp_environment.hpp"

namespace relutope {

// Calls worker(job) for job = 0, 1, ..., count - 1 on `threads` threads. Each thread has its own worker, made by make_worker(); when
// it is done, finish(worker) is called, one at a time. The first exception ends the work and goes on to the caller.
template <class MakeWorker, class Finish>
void for_each_job(std::size_t count, int threads, MakeWorker&& make_worker, Finish&& finish) {
    std::atomic<std::size_t> next{0};
    std::atomic<bool> failed{false};
    std::mutex mutex;
    std::exception_ptr failure;
    const auto work = [&] {
        const FpEnvironment environment;
        try {
            auto worker = make_worker();
            while (!failed) {
                const std::size_t job = next++;
                if (job >= count) break;
                worker(job);
            }
            const std::lock_guard lock(mutex);
            finish(worker);
        } catch (...) {
            const std::lock_guard lock(mutex);
            if (!failure) failure = std::current_exception();
            failed = true;
        }
    };
    const int others = std::max(1, std::min<int>(threads, static_cast<int>(count))) - 1;
    std::vector<std::thread> pool;
    try {
        pool.reserve(others);
        for (int t = 0; t < others; ++t) pool.emplace_back(work);
    } catch (const std::system_error&) {  // no more are to be had: those that run do the work
    }
    work();
    for (std::thread& thread : pool) thread.join();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace relutope
