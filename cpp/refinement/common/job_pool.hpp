// Independent pieces of work on threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

#include "predicates/fp_environment.hpp"

namespace relutope {

struct StartThread {
    template <class Work>
    std::thread operator()(Work& work) const {
        return std::thread(std::ref(work));
    }
};

// Calls worker(job) for job = 0, 1, ..., count - 1 on `threads` threads, of which the caller's is one. Each thread has its own worker,
// made by make_worker(); when it is done, finish(worker) is called, one at a time. The first exception ends the work and goes on to
// the caller.
//
// Returns how many of the threads the system refused to start; the others do the work.
template <class MakeWorker, class Finish, class Start = StartThread>
int for_each_job(std::size_t count, int threads, MakeWorker&& make_worker, Finish&& finish, Start&& start = Start()) {
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
    const std::size_t others = std::min<std::size_t>(std::max(1, threads), std::max<std::size_t>(1, count)) - 1;
    std::vector<std::thread> pool;
    pool.reserve(others);  // so that only starting a thread may fail below
    try {
        while (pool.size() < others) pool.push_back(start(work));
    } catch (const std::system_error&) {  // no more threads or no memory for their stacks
    } catch (const std::bad_alloc&) {
    }
    work();
    for (std::thread& thread : pool) thread.join();
    if (failure) std::rethrow_exception(failure);
    return static_cast<int>(others - pool.size());
}

}  // namespace relutope
