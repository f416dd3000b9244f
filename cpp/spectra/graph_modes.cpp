#include "spectra/graph_modes.hpp"

#include <algorithm>
#include <cmath>

#include "spectra/symmetric_eigen.hpp"

namespace relutope {

namespace {

using Vector = std::vector<double>;

// Four sums, since an addition waits for the one before.
double dot(const Vector& a, const Vector& b) {
    double sums[4] = {};
    const std::size_t even = a.size() / 4 * 4;
    for (std::size_t k = 0; k < even; k += 4)
        for (std::size_t j = 0; j < 4; ++j) sums[j] += a[k + j] * b[k + j];
    for (std::size_t k = even; k < a.size(); ++k) sums[0] += a[k] * b[k];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

void subtract(Vector& a, double factor, const Vector& b) {
    for (std::size_t k = 0; k < a.size(); ++k) a[k] -= factor * b[k];
}

// Numbers in (-1, 1) that are the same everywhere (splitmix64).
class Noise {
public:
    double next() {
        std::uint64_t x = state_ += 0x9E3779B97F4A7C15u;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
        return static_cast<double>(static_cast<std::int64_t>(x ^ (x >> 31))) * 0x1p-63;
    }

private:
    std::uint64_t state_ = 0;
};

class ModeSearch {
public:
    ModeSearch(int nodes, std::span<const WeightedEdge> edges, bool normalized, const std::function<void()>& poll)
        : nodes_(nodes), edges_(edges), poll_(poll), mesh_(nodes, edges, poll), scale_(nodes, 1.0) {
        if (normalized) {
            std::vector<double> degree(nodes, 0.0);
            for (const WeightedEdge& edge : edges) {
                degree[edge.first] += edge.weight;
                degree[edge.second] += edge.weight;
            }
            for (int k = 0; k < nodes; ++k) scale_[k] = std::sqrt(degree[k]);
        }
        null_ = scale_;
        const double length = std::sqrt(dot(null_, null_));
        for (double& x : null_) x /= length;
    }

    GraphModes run(int count) {
        constexpr int extra = 4;
        constexpr int powers = 3;
        constexpr int most_rounds = 100;
        const int all = nodes_ - 1;
        count = std::min(count, all);
        const bool dense = powers * (count + extra) >= all;
        const int block = dense ? all : count + extra;
        std::vector<Vector> start = noise(block);
        Vector inverse_values;
        for (int round = 0; round < most_rounds; ++round) {
            poll_();
            ritz(spanned(start, dense ? 1 : powers), block);
            start = vectors_;
            const bool settled = !inverse_values.empty() && agree(inverse_values, count);
            inverse_values = inverse_values_;
            if (dense ? round == 1 : settled) break;
        }
        return describe(count);
    }

private:
    std::vector<Vector> noise(int count) const {
        Noise source;
        std::vector<Vector> made(count, Vector(nodes_));
        for (Vector& vector : made)
            for (double& x : vector) x = source.next();
        return made;
    }

    // y = M^+ x for x orthogonal to the null vector.
    Vector solve(const Vector& x) const {
        Vector y(nodes_);
        for (int k = 0; k < nodes_; ++k) y[k] = scale_[k] * x[k];
        mesh_.solve(y);
        for (int k = 0; k < nodes_; ++k) y[k] *= scale_[k];
        subtract(y, dot(y, null_), null_);
        return y;
    }

    struct Spanned {
        std::vector<Vector> basis, solved;  // M^+ of each
    };

    // An orthonormal basis of the span of M^(-p) start, p < powers.
    Spanned spanned(const std::vector<Vector>& start, int powers) const {
        Spanned found;
        for (const Vector& vector : start) append(found.basis, vector);
        for (int p = 0; p < powers; ++p)
            for (std::size_t k = found.solved.size(), last = found.basis.size(); k < last; ++k) {
                found.solved.push_back(solve(found.basis[k]));
                if (p + 1 < powers) append(found.basis, found.solved.back());
            }
        return found;
    }

    // Gram and Schmidt, twice: once leaves an error of the basis's condition.
    void append(std::vector<Vector>& found, Vector vector) const {
        const double before = std::sqrt(dot(vector, vector));
        for (int pass = 0; pass < 2; ++pass) {
            subtract(vector, dot(vector, null_), null_);
            for (const Vector& other : found) subtract(vector, dot(vector, other), other);
        }
        const double length = std::sqrt(dot(vector, vector));
        if (!(length > 1e-12 * before)) return;
        for (double& x : vector) x /= length;
        found.push_back(std::move(vector));
    }

    void ritz(const Spanned& span, int keep) {
        const auto& [basis, solved] = span;
        const int size = static_cast<int>(basis.size());
        std::vector<double> matrix(static_cast<std::size_t>(size) * size);
        for (int i = 0; i < size; ++i)
            for (int j = 0; j <= i; ++j)
                matrix[i * size + j] = matrix[j * size + i] = dot(basis[i], solved[j]);
        const EigenPairs pairs = symmetric_eigen(std::move(matrix), size);
        keep = std::min(keep, size);
        inverse_values_.assign(pairs.values.begin(), pairs.values.begin() + keep);
        vectors_.assign(keep, Vector(nodes_, 0.0));
        for (int k = 0; k < keep; ++k)
            for (int i = 0; i < size; ++i) subtract(vectors_[k], -pairs.vectors[k * size + i], basis[i]);
    }

    // The pairs' error is the square of the vectors': as long as values still grow, go on.
    bool agree(const Vector& before, int count) const {
        for (int k = 0; k < std::min<int>(count, static_cast<int>(before.size())); ++k) {
            if (std::fabs(inverse_values_[k] - before[k]) > 1e-14 * inverse_values_[k]) return false;
            Vector rest = solve(vectors_[k]);
            subtract(rest, inverse_values_[k], vectors_[k]);
            if (dot(rest, rest) > 1e-22 * inverse_values_[k] * inverse_values_[k]) return false;
        }
        return true;
    }

    GraphModes describe(int count) const {
        GraphModes modes;
        modes.nodes = nodes_;
        count = std::min<int>(count, static_cast<int>(vectors_.size()));
        for (int k = 0; k < count; ++k) {
            const Vector& x = vectors_[k];
            Vector image(nodes_, 0.0);
            double value = 0;
            for (const WeightedEdge& edge : edges_) {
                const double fall = x[edge.first] / scale_[edge.first] - x[edge.second] / scale_[edge.second];
                value += edge.weight * fall * fall;
                image[edge.first] += edge.weight * fall / scale_[edge.first];
                image[edge.second] -= edge.weight * fall / scale_[edge.second];
            }
            subtract(image, value, x);
            modes.values.push_back(value);
            modes.residuals.push_back(std::sqrt(dot(image, image)));
            modes.vectors.insert(modes.vectors.end(), x.begin(), x.end());
        }
        return modes;
    }

    int nodes_;
    std::span<const WeightedEdge> edges_;
    const std::function<void()>& poll_;
    StarMesh mesh_;
    Vector scale_;  // square roots of the degrees, or ones
    Vector null_;
    Vector inverse_values_;
    std::vector<Vector> vectors_;
};

}  // namespace

GraphModes graph_modes(int nodes, std::span<const WeightedEdge> edges, int count, bool normalized, const std::function<void()>& poll) {
    if (nodes < 2) return {nodes, {}, {}, {}};
    return ModeSearch(nodes, edges, normalized, poll).run(count);
}

}  // namespace relutope
