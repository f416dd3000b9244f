#include <doctest/doctest.h>

#include <stdexcept>

#include "refinement/common/job_pool.hpp"

using namespace relutope;

namespace {

// Starts so many threads, and no more.
struct StartFew {
    int left;

    template <class Work>
    std::thread operator()(Work& work) {
        if (left-- <= 0) throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
        return std::thread(std::ref(work));
    }
};

}  // namespace

TEST_SUITE_BEGIN("job_pool");

TEST_CASE("every job is done once, by as many threads as can be started") {
    for (const int startable : {0, 1, 3, 100}) {
        for (const int threads : {1, 2, 8}) {
            std::vector<std::atomic<int>> done(50);
            int workers = 0;
            const int refused = for_each_job(
                done.size(), threads, [&] { return [&](std::size_t job) { ++done[job]; }; }, [&](const auto&) { ++workers; },
                StartFew{startable});
            for (const auto& times : done) CHECK(times == 1);
            CHECK(refused == std::max(0, threads - 1 - startable));
            CHECK(workers == threads - refused);
        }
    }
}

TEST_CASE("no more threads are asked for than there are jobs") {
    const auto nothing = [] { return [](std::size_t) {}; };
    CHECK(for_each_job(3, 64, nothing, [](const auto&) {}, StartFew{2}) == 0);
    CHECK(for_each_job(0, 64, nothing, [](const auto&) {}, StartFew{0}) == 0);
}

TEST_CASE("the first exception ends the work, with the threads that run") {
    for (const int startable : {0, 1, 3}) {
        const auto fail = [] { return [](std::size_t job) { if (job == 7) throw std::runtime_error("seven"); }; };
        CHECK_THROWS_WITH(for_each_job(50, 4, fail, [](const auto&) {}, StartFew{startable}), "seven");
    }
}

TEST_SUITE_END();
