#include "refinement/lp/descent_sampler.hpp"

#include <algorithm>
#include <cmath>

namespace relutope {

namespace {

constexpr double largest_log_size = 700;  // exp of it is a double

// The logarithm of the number of cells of m hyperplanes in general position in dimension d.
double log_arrangement(int m, int d) {
    double term = 1, sum = 1;
    for (int j = 1; j <= std::min(m, d); ++j) {
        term *= static_cast<double>(m - j + 1) / j;
        sum += term;
    }
    return std::min(std::log(sum), largest_log_size);
}

double uniform(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

}  // namespace

SizePredictor::Features SizePredictor::features(const PartialCell& cell) {
    return {1.0, static_cast<double>(cell.crossing), log_arrangement(cell.crossing, cell.rank), static_cast<double>(cell.active),
            static_cast<double>(cell.rank)};
}

double SizePredictor::operator()(const PartialCell& cell) const {
    const Features x = features(cell);
    double log_size = 0;
    for (int i = 0; i < num_features; ++i) log_size += levels_[cell.level].coefficient[i] * x[i];
    return std::exp(std::clamp(log_size, 0.0, largest_log_size));
}

void SizePredictor::observe(const PartialCell& cell, double leaves) {
    const Features x = features(cell);
    const double log_size = std::log(leaves);
    Level& level = levels_[cell.level];
    for (int i = 0; i < num_features; ++i) {
        level.moment[i] += x[i] * log_size;
        for (int j = 0; j < num_features; ++j) level.gram[i][j] += x[i] * x[j];
    }
}

void SizePredictor::add(const SizePredictor& other) {
    for (std::size_t l = 0; l < levels_.size(); ++l) {
        for (int i = 0; i < num_features; ++i) {
            levels_[l].moment[i] += other.levels_[l].moment[i];
            for (int j = 0; j < num_features; ++j) levels_[l].gram[i][j] += other.levels_[l].gram[i][j];
        }
    }
}

// The normal equations with a little ridge, which keeps them positive definite: Gaussian elimination needs no pivoting.
void SizePredictor::fit() {
    for (Level& level : levels_) {
        std::array<Features, num_features> a = level.gram;
        Features b = level.moment;
        for (int i = 0; i < num_features; ++i) a[i][i] += 1.0 + 1e-6 * a[i][i];
        for (int k = 0; k < num_features; ++k) {
            for (int i = k + 1; i < num_features; ++i) {
                const double ratio = a[i][k] / a[k][k];
                for (int j = k; j < num_features; ++j) a[i][j] -= ratio * a[k][j];
                b[i] -= ratio * b[k];
            }
        }
        for (int i = num_features; i-- > 0;) {
            for (int j = i + 1; j < num_features; ++j) b[i] -= a[i][j] * level.coefficient[j];
            level.coefficient[i] = b[i] / a[i][i];
        }
    }
}

DescentSampler::DescentSampler(const SizePredictor& predictor, std::size_t steps, std::mt19937_64 random)
    : predictor_(predictor), observed_(predictor.levels()), fair_(true), place_(steps), mass_(steps) {
    for (double& place : place_) place = uniform(random);
}

DescentSampler::DescentSampler(const SizePredictor& predictor, const std::vector<double>& mass, double population,
                               std::mt19937_64 random)
    : DescentSampler(predictor, mass.size(), std::move(random)) {
    fair_ = false;
    population_ = population;
    for (const double m : mass) threshold_.push_back(m / population);
    expected_.resize(mass.size());
}

// Where the mass was predicted much too low, the threshold rises, lest the walk take for ever. It depends on the masses that came
// to the step alone, not on what was kept there, so the estimate stays unbiased.
double DescentSampler::probability(const PartialCell& cell) {
    if (fair_) {
        met_.push_back({cell, weight_});
        return cell.index == 0 ? 1.0 : 0.5;
    }
    const double mass = weight_ * predictor_(cell);
    mass_[cell.step] += mass;
    double& threshold = threshold_[cell.step];
    double& expected = expected_[cell.step];
    const double q = mass < threshold ? mass / threshold : 1.0;
    expected += q;
    if (expected > 4 * population_) {
        threshold *= 2;
        expected /= 2;
    }
    return q;
}

bool DescentSampler::enter(const PartialCell& cell) {
    const double q = probability(cell);
    double weight = weight_;
    if (q < 1) {
        exhaustive_ = false;
        double& place = place_[cell.step];
        place -= q;
        if (place >= 0) return false;
        place += 1;
        weight /= q;
    }
    path_.push_back({cell, weight_, leaves_});
    weight_ = weight;
    return true;
}

std::vector<double> DescentSampler::mass() const {
    std::vector<double> mass = mass_;
    for (const Met& met : met_) mass[met.cell.step] += met.weight * predictor_(met.cell);
    return mass;
}

void DescentSampler::leave() {
    const Node node = path_.back();
    path_.pop_back();
    if (leaves_ > node.leaves_before) observed_.observe(node.cell, (leaves_ - node.leaves_before) / weight_);
    weight_ = node.weight_before;
}

}  // namespace relutope
