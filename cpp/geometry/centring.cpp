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

// The facets that are about as near as the nearest. With many dimensions most are sides of the box, whose normals see one coordinate.
struct NearFacets {
    struct Side {
        int coordinate;
        double sense;  // of its normal: 1 at the lower bound
    };

    std::vector<std::vector<double>> normals;  // of rows, of length one
    std::vector<Side> sides;
};

// `value` is the rows' at x, `norm` the length of their weights.
void find_near(const HalfspaceRows& rows, const std::vector<double>& value, const std::vector<double>& norm,
               const std::vector<double>& lower, const std::vector<double>& upper, const std::vector<double>& x, NearFacets& near) {
    near.normals.clear();
    near.sides.clear();
    double nearest = infinity;
    for (std::size_t i = 0; i < norm.size(); ++i) nearest = std::min(nearest, std::max(0.0, value[i]) / norm[i]);
    for (std::size_t k = 0; k < x.size(); ++k) nearest = std::min({nearest, x[k] - lower[k], upper[k] - x[k]});
    if (!(nearest < infinity)) return;
    const double limit = std::max(2 * nearest, 1e-12 * largest_of(x));
    for (int i = 0; i < rows.count(); ++i) {
        if (value[i] / norm[i] > limit) continue;
        near.normals.emplace_back(rows.row(i), rows.row(i) + rows.dimension());
        for (double& entry : near.normals.back()) entry /= norm[i];
    }
    for (std::size_t k = 0; k < x.size(); ++k) {
        if (!(x[k] - lower[k] > limit)) near.sides.push_back({static_cast<int>(k), 1.0});
        if (!(upper[k] - x[k] > limit)) near.sides.push_back({static_cast<int>(k), -1.0});
    }
}

// A direction of length one with positive products with all normals, found as a perceptron does; false when there are none.
bool inward_direction(const NearFacets& near, std::vector<double>& direction) {
    const auto n = static_cast<int>(direction.size());
    std::fill(direction.begin(), direction.end(), 0.0);
    for (int round = 0; round < perceptron_rounds; ++round) {
        const double* worst = nullptr;
        const NearFacets::Side* worst_side = nullptr;
        double least = infinity;
        for (const std::vector<double>& normal : near.normals) {
            const double rate = dot(normal.data(), direction.data(), n);
            if (rate < least) {
                least = rate;
                worst = normal.data();
            }
        }
        for (const NearFacets::Side& side : near.sides) {
            const double rate = side.sense * direction[side.coordinate];
            if (rate < least) {
                least = rate;
                worst_side = &side;
            }
        }
        if (least > 0.5) break;
        if (worst_side) {
            direction[worst_side->coordinate] += worst_side->sense;
        } else {
            for (int k = 0; k < n; ++k) direction[k] += worst[k];
        }
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
    std::vector<double> value, norm(rows.count()), direction(n);
    NearFacets near;
    for (int i = 0; i < rows.count(); ++i) norm[i] = std::sqrt(dot(rows.row(i), rows.row(i), n));
    for (int round = 0; round < centring_rounds; ++round) {
        rows.evaluate(x.data(), value);
        find_near(rows, value, norm, lower, upper, x, near);
        if (!inward_direction(near, direction)) break;
        double ahead = infinity, behind = infinity;
        const auto look = [&](double distance, double rate) {
            double& limit = rate < 0 ? ahead : behind;
            if (rate != 0) limit = std::min(limit, std::max(0.0, distance) / std::fabs(rate));
        };
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
