// Let a cell have vertices x_1, ..., x_k. The computed mean is p = (x_1 + ... + x_k) / k + e with a small error e. If n + 1 of the
// vertices, x_0' and others, are affinely independent, e = sum_i mu_i (x_i' - x_0'), and p is a combination of all vertices with the
// factors 1 / k, 1 / k + mu_i and, for x_0', 1 / k - sum_i mu_i. If all of these are positive, p is inside.
#include "complex/faces/interior_points.hpp"

#include <algorithm>
#include <cmath>

#include "geometry/vertex_solver.hpp"
#include "predicates/error_bound.hpp"

namespace relutope {

using error_bound::inflate;
using error_bound::underflow;
using error_bound::unit_roundoff;

namespace {

class MeanProof {
public:
    explicit MeanProof(int dimension) : n_(dimension), solver_(dimension) {}

    // `vertices`: `count` rows, each coordinate rounded to nearest.
    bool operator()(const std::vector<double>& vertices, int count) {
        double extent = 0;
        for (const double x : vertices) extent = std::max(extent, std::fabs(x));
        if (!(extent < error_bound::largest_extent) || !choose(vertices, count)) return false;
        // Vertices are off by half a unit in the last place, their sum by a unit for each term, and the quotient by half a one.
        const double error = (count + 2) * unit_roundoff * extent * inflate + underflow;
        const double entry_error = 4 * unit_roundoff * extent * inflate + underflow;
        solver_.clear();
        std::vector<double>& row = row_;
        row.resize(n_);
        for (int axis = 0; axis < n_; ++axis) {
            for (int k = 0; k < n_; ++k) row[k] = vertices[chosen_[k + 1] * n_ + axis] - vertices[chosen_[0] * n_ + axis];
            solver_.add_row(row.data(), 0.0, n_ * entry_error * inflate, 0.0, 0.0);
        }
        if (!solver_.factorise()) return false;
        // |mu|_inf <= |B| |e| / (1 - |I - B A|) for an approximate inverse B of the matrix A of the differences.
        double norm = 0;
        for (int i = 0; i < n_; ++i) {
            double sum = 0;
            for (int j = 0; j < n_; ++j) sum += std::fabs(solver_.inverse()[i * n_ + j]);
            norm = std::max(norm, sum);
        }
        return n_ * norm * error / (1.0 - solver_.contraction()) * inflate < 1.0 / count;
    }

private:
    // Vertices far from the affine hull of those chosen before, by Gaussian elimination with full pivoting of the differences.
    bool choose(const std::vector<double>& vertices, int count) {
        differences_ = vertices;
        for (int i = 0; i < count; ++i)
            for (int k = 0; k < n_; ++k) differences_[i * n_ + k] -= vertices[k];
        chosen_.assign(1, 0);
        free_axis_.assign(n_, 1);
        for (int step = 0; step < n_; ++step) {
            int row = -1, axis = -1;
            double best = 0;
            for (int i = 1; i < count; ++i)
                for (int k = 0; k < n_; ++k) {
                    const double size = std::fabs(differences_[i * n_ + k]);
                    if (!free_axis_[k] || !(size > best)) continue;
                    best = size;
                    row = i;
                    axis = k;
                }
            if (row < 0) return false;
            chosen_.push_back(row);
            free_axis_[axis] = 0;
            for (int i = 1; i < count; ++i) {
                if (i == row) continue;
                const double factor = differences_[i * n_ + axis] / differences_[row * n_ + axis];
                for (int k = 0; k < n_; ++k)
                    if (free_axis_[k]) differences_[i * n_ + k] -= factor * differences_[row * n_ + k];
            }
            std::fill_n(differences_.begin() + row * n_, n_, 0.0);
        }
        return true;
    }

    const int n_;
    VertexSolver solver_;
    std::vector<double> differences_, row_;
    std::vector<int> chosen_;
    std::vector<char> free_axis_;
};

}  // namespace

InteriorPoints interior_points(const VertexComplex& complex, const Poll& poll) {
    const int n = complex.dimension;
    InteriorPoints result;
    MeanProof is_proven(n);
    std::vector<double> vertices;
    for (std::size_t cell = 0; cell + 1 < complex.cell_begin.size(); ++cell) {
        if (cell % 1024 == 0) poll();
        const std::int64_t begin = complex.cell_begin[cell], end = complex.cell_begin[cell + 1];
        const auto count = static_cast<int>(end - begin);
        vertices.clear();
        for (std::int64_t k = begin; k < end; ++k) {
            const double* x = complex.coordinates.data() + static_cast<std::int64_t>(complex.cell_vertices[k]) * n;
            vertices.insert(vertices.end(), x, x + n);
        }
        for (int axis = 0; axis < n; ++axis) {
            double sum = 0;
            for (int i = 0; i < count; ++i) sum += vertices[i * n + axis];
            result.points.push_back(sum / count);
        }
        const bool finite = complex.cell_vertices[end - 1] < complex.num_finite;  // vertices at infinity come last
        result.inside.push_back(finite && is_proven(vertices, count));
    }
    return result;
}

}  // namespace relutope
