#include "refinement/estimate/count.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

#include "refinement/lp/lp_search.hpp"

namespace relutope {

namespace {

// Stops a search after some time, unless it is destroyed before.
class Deadline {
public:
    Deadline(SearchControl& control, std::optional<double> seconds) {
        if (!seconds) return;
        const std::chrono::duration<double> rest(std::min(*seconds, 1e8));
        try {
            thread_ = std::thread([this, &control, rest] {
                std::unique_lock lock(mutex_);
                if (!changed_.wait_for(lock, rest, [this] { return over_; })) control.stop = true;
            });
        } catch (const std::system_error&) {
            throw NoThread("no thread could be started to watch over `max_seconds`: leave it out, or allow more threads or memory");
        }
    }
    ~Deadline() {
        if (!thread_.joinable()) return;
        {
            const std::lock_guard lock(mutex_);
            over_ = true;
        }
        changed_.notify_one();
        thread_.join();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool over_ = false;
    std::thread thread_;
};

}  // namespace

CellCount count_cells(Engine engine, const Network& network, const Domain& domain, SearchOptions options,
                      std::optional<double> max_seconds, SearchControl& control) {
    options.cells = false;
    bool complete = false;
    try {
        const Deadline deadline(control, max_seconds);
        complete = engine == Engine::vertex ? search(network, domain, options, control).complete
                                            : lp_search(network, domain, options, control).complete;
    } catch (const Stopped&) {
    } catch (const TooManyCells&) {
    }
    return {control.cells, complete, control.jobs_done, control.jobs};
}

}  // namespace relutope
