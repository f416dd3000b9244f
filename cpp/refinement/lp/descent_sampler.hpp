// Random descents in the tree of partial cells that the LP engine walks: which subtrees to look at, with what weight.
//
// Knuth (Estimating the efficiency of backtrack programs, Math. Comp. 29, 1975): follow one random path; a leaf that is reached with
// probability p and counted as 1/p gives an unbiased estimate of the number of leaves. Here many paths share one walk, and the
// partial cells of one step (those on which the same neurons have been looked at) are thinned together, after Chen
// (Heuristic sampling, SIAM J. Comput. 21, 1992) and Fearnhead and Clifford (On-line inference for hidden Markov models via particle
// filters, JRSS B 65, 2003): one of weight w is kept with probability q = min(1, w h / T), where h predicts the leaves below, and then
// weighs w / q. The choices of a step are a systematic sample in the order of the walk: walk past the sum of all q, and keep where it
// passes u, u + 1, u + 2, ..., with u uniform. So neighbouring partial cells, which are alike, are neither all kept nor all lost.
//
// Unbiased for any h and T: u is independent of which partial cells come to the step and of their q (they depend on earlier steps
// alone), so each of them is kept with probability q. h and T decide about the variance and the work only.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <vector>

namespace relutope {

// What is known of a partial cell before its subtree is looked at.
struct PartialCell {
    int level;
    int index;     // the next neuron of the level
    int step;      // place in the order of all levels and neurons
    int crossing;  // neurons of the level, from `index` on, that cross it
    int rank;      // bounds the rank of the level's forms
    int active;    // neurons of the level that are active on all of it
};

// Predicts the number of leaves below a partial cell: per level, least squares for the logarithm.
class SizePredictor {
public:
    explicit SizePredictor(int levels) : levels_(levels) {}

    int levels() const { return static_cast<int>(levels_.size()); }
    double operator()(const PartialCell& cell) const;
    void observe(const PartialCell& cell, double leaves);
    void add(const SizePredictor& other);
    void fit();

private:
    static constexpr int num_features = 5;
    using Features = std::array<double, num_features>;
    struct Level {
        std::array<Features, num_features> gram{};  // sums of x x^T and of x log(leaves)
        Features moment{};
        Features coefficient{};
    };

    static Features features(const PartialCell& cell);

    std::vector<Level> levels_;
};

// One walk. `enter` is asked at every partial cell; where it says true, the walk goes on below and ends with `leave`.
class DescentSampler {
public:
    // Tosses a fair coin at each split, as Knuth does, and keeps in mind what it came to: `predictor` may learn from that before it is
    // asked for the masses.
    DescentSampler(const SizePredictor& predictor, std::size_t steps, std::mt19937_64 random);
    // Keeps about `population` partial cells at each step; mass[s] is the expected sum of w h at step s.
    DescentSampler(const SizePredictor& predictor, const std::vector<double>& mass, double population, std::mt19937_64 random);

    bool enter(const PartialCell& cell);
    void leave();
    void leaf() { leaves_ += weight_; }

    // The estimate.
    double leaves() const { return leaves_; }
    // Whether nothing was left to chance.
    bool exhaustive() const { return exhaustive_; }
    // Per step: the sum of w h, with h as it is now for a walk of coins.
    std::vector<double> mass() const;
    // The subtrees that were looked at, with their estimated numbers of leaves.
    const SizePredictor& observed() const { return observed_; }

private:
    struct Met {
        PartialCell cell;
        double weight;
    };
    struct Node {
        PartialCell cell;
        double weight_before;
        double leaves_before;
    };

    double probability(const PartialCell& cell);

    const SizePredictor& predictor_;
    SizePredictor observed_;
    bool fair_;
    double population_ = 0;
    std::vector<double> threshold_;  // T, per step
    std::vector<double> place_;      // per step: the sum of q that is left until the next choice; u at first
    std::vector<double> expected_;   // per step: the sum of q
    std::vector<double> mass_;
    std::vector<Met> met_;  // by a walk of coins
    std::vector<Node> path_;
    double weight_ = 1;
    double leaves_ = 0;
    bool exhaustive_ = true;
};

}  // namespace relutope
