#include "geometry/centring.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace relutope {

namespace {

constexpr int centring_rounds = 6;
constexpr int perceptron_rounds = 64;
constexpr double infinity = std::numeric_limits<double>::infinity();

double largest_of(const std::vector<double>& x) {
    double size = 1.0;
    for (const double value : x) size = std::max(size, std::fabs(value));
    return size;
}

// Normals, of length one, of all facets that are about as near as the nearest.
std::vector<std::vector<double>> near_normals(const HalfspaceRows& rows, const std::vector<double>& lower,
                                              const std::vector<double>& upper, const std::vector<double>& x) {
    const int n = rows.dimension();
    std::vector<double> value, norm(rows.count());
    double nearest = infinity;
    rows.evaluate(x.data(), value);
    for (int i = 0; i < rows.count(); ++i) {
        norm[i] = std::sqrt(dot(rows.row(i), rows.row(i), n));
        nearest = std::min(nearest, std::max(0.0, value[i]) / norm[i]);
    }
    for (int k = 0; k < n; ++k) nearest = std::min({nearest, x[k] - lower[k], upper[k] - x[k]});
    std::vector<std::vector<double>> normals;
    if (!(nearest < infinity)) return normals;
    const double limit = std::max(2 * nearest, 1e-12 * largest_of(x));
    for (int i = 0; i < rows.count(); ++i) {
        if (value[i] / norm[i] > limit) continue;
        normals.emplace_back(rows.row(i), rows.row(i) + n);
        for (double& entry : normals.back()) entry /= norm[i];
    }
    for (int k = 0; k < n; ++k) {
        for (const double sense : {1.0, -1.0}) {
            if (sense * (x[k] - (sense > 0 ? lower[k] : upper[k])) > limit) continue;
            normals.emplace_back(n, 0.0);
            normals.back()[k] = sense;
        }
    }
    return normals;
}

// A direction of length one with positive products with all `normals`, found as a perceptron does; false when there are none.
bool inward_direction(const std::vector<std::vector<double>>& normals, std::vector<double>& direction) {
    const auto n = static_cast<int>(direction.size());
    std::fill(direction.begin(), direction.end(), 0.0);
    for (int round = 0; round < perceptron_rounds; ++round) {
        std::size_t worst = 0;
        double least = infinity;
        for (std::size_t i = 0; i < normals.size(); ++i) {
            const double rate = dot(normals[i].data(), direction.data(), n);
            if (rate < least) {
                least = rate;
                worst = i;
            }
        }
        if (least > 0.5) break;
        for (int k = 0; k < n; ++k) direction[k] += normals[worst][k];
    }
    const double length = std::sqrt(dot(direction.data(), direction.data(), n));
    if (!(length > 0)) return false;
    for (double& entry : direction) entry /= length;
    return true;
}

}  // namespace

// To the middle of the chord in a direction away from what is near, again and again.
std::vector<double> centred(const HalfspaceRows& rows, const std::vector<double>& lower, const std::vector<double>& upper,
                            std::vector<double> x) {
    const int n = rows.dimension();
    std::vector<double> value, direction(n);
    for (int round = 0; round < centring_rounds; ++round) {
        if (!inward_direction(near_normals(rows, lower, upper, x), direction)) break;
        double ahead = infinity, behind = infinity;
        const auto look = [&](double distance, double rate) {
            double& limit = rate < 0 ? ahead : behind;
            if (rate != 0) limit = std::min(limit, std::max(0.0, distance) / std::fabs(rate));
        };
        rows.evaluate(x.data(), value);
        for (int i = 0; i < rows.count(); ++i) look(value[i], dot(rows.row(i), direction.data(), n));
        for (int k = 0; k < n; ++k) {
            look(x[k] - lower[k], direction[k]);
            look(upper[k] - x[k], -direction[k]);
        }
        const double step = std::isinf(ahead) ? largest_of(x) : 0.5 * (ahead - behind);
        for (int k = 0; k < n; ++k) x[k] += step * direction[k];
    }
    return x;
}

}  // namespace relutope
