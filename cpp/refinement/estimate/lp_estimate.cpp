#include "refinement/estimate/lp_estimate.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "refinement/common/job_pool.hpp"
#include "refinement/lp/lp_enumerator.hpp"

namespace relutope {

namespace {

constexpr int num_coin_walks = 128;
constexpr int num_trial_walks = 8;
constexpr double trial_share = 0.25;  // population of a trial walk, relative to that of a batch

enum Stage : std::uint32_t { coin_stage, trial_stage, batch_stage };

class Estimator {
public:
    Estimator(const Problem& problem, const EstimateOptions& options, SearchControl& control)
        : problem_(problem), options_(options), control_(control), root_(LpEnumerator(problem, control).plan(0)),
          num_steps_(problem.network.num_neurons() + problem.layout.num_levels()), predictor_(problem.layout.num_levels()),
          mass_(num_steps_, 1.0) {
        control.jobs = num_coin_walks + num_trial_walks + options.batches;
    }

    LpEstimate run() {
        const auto coins = walks(num_coin_walks, [&](std::size_t i) { return DescentSampler(predictor_, num_steps_, random(coin_stage, i)); });
        learn_sizes(coins);
        learn_masses(coins);
        const double few = std::max(1.0, trial_share * options_.population);
        const std::vector<DescentSampler> trials = walks(num_trial_walks, [&](std::size_t i) {
            return DescentSampler(predictor_, mass_, few, random(trial_stage, i));
        });
        learn_masses(trials);
        if (const auto exact = exact_result(trials)) return *exact;
        const std::vector<DescentSampler> batches = walks(options_.batches, [&](std::size_t i) {
            return DescentSampler(predictor_, mass_, options_.population, random(batch_stage, options_.first_batch + i));
        });
        if (const auto exact = exact_result(batches)) return *exact;
        LpEstimate result;
        for (const DescentSampler& batch : batches) {
            if (!std::isfinite(batch.leaves())) throw std::overflow_error("there are more cells than a double can say");
            result.batches.push_back(batch.leaves());
        }
        return result;
    }

private:
    std::mt19937_64 random(Stage stage, std::size_t walk) const {
        std::seed_seq seed{static_cast<std::uint32_t>(options_.seed), static_cast<std::uint32_t>(options_.seed >> 32),
                           static_cast<std::uint32_t>(stage), static_cast<std::uint32_t>(walk)};
        return std::mt19937_64(seed);
    }

    template <class Make>
    std::vector<DescentSampler> walks(std::size_t count, Make&& make) {
        std::vector<DescentSampler> samplers;
        for (std::size_t i = 0; i < count; ++i) samplers.push_back(make(i));
        struct Worker {
            LpEnumerator enumerator;
            const LpJob& root;
            std::vector<DescentSampler>& samplers;
            SearchControl& control;
            void operator()(std::size_t walk) {
                enumerator.sample(root, samplers[walk]);
                ++control.jobs_done;
            }
        };
        for_each_job(
            count, options_.threads, [&] { return Worker{LpEnumerator(problem_, control_), root_.front(), samplers, control_}; },
            [](const Worker&) {});
        return samplers;
    }

    void learn_sizes(const std::vector<DescentSampler>& coins) {
        for (const DescentSampler& walk : coins) predictor_.add(walk.observed());
        predictor_.fit();
    }

    void learn_masses(const std::vector<DescentSampler>& samplers) {
        std::vector<double> sum(num_steps_);
        for (const DescentSampler& walk : samplers) {
            const std::vector<double> mass = walk.mass();
            for (std::size_t step = 0; step < num_steps_; ++step) sum[step] += mass[step];
        }
        for (std::size_t step = 0; step < num_steps_; ++step)
            if (sum[step] > 0) mass_[step] = sum[step] / static_cast<double>(samplers.size());
    }

    static std::optional<LpEstimate> exact_result(const std::vector<DescentSampler>& samplers) {
        for (const DescentSampler& walk : samplers)
            if (walk.exhaustive()) return LpEstimate{{walk.leaves()}, true};
        return std::nullopt;
    }

    const Problem& problem_;
    const EstimateOptions& options_;
    SearchControl& control_;
    std::vector<LpJob> root_;
    std::size_t num_steps_;
    SizePredictor predictor_;
    std::vector<double> mass_;
};

}  // namespace

LpEstimate lp_estimate(const Network& network, const Domain& domain, const EstimateOptions& options, SearchControl& control) {
    const Problem problem(network, domain);
    return Estimator(problem, options, control).run();
}

}  // namespace relutope
