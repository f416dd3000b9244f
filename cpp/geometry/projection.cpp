#include "geometry/projection.hpp"

#include <algorithm>
#include <cmath>

#include "predicates/error_bound.hpp"

namespace relutope {

namespace {

using error_bound::infinite;
constexpr double tolerance = 1e-11;

class Projection {
public:
    Projection(const std::vector<double>& origin, const std::vector<double>& rows, const std::vector<double>& lower,
               const std::vector<double>& upper)
        : n_(static_cast<int>(origin.size())), rows_(rows), lower_(lower), upper_(upper), x_(origin), origin_(origin),
          count_(static_cast<int>(rows.size()) / (n_ + 1)) {
        for (int i = 0; i < count_; ++i) {
            double square = 0;
            for (int k = 0; k < n_; ++k) square += row(i)[k] * row(i)[k];
            inverse_norm_.push_back(1 / std::sqrt(square));
        }
    }

    double distance(int facet) {
        double value = value_of(facet);
        equation_ = facet;
        equation_sense_ = value > 0 ? -1.0 : 1.0;
        if (value != 0 && !enter(facet)) return infinite;
        if (value == 0) take_in(facet, 0);
        const int limit = 20 * (n_ + count_);
        for (int step = 0; step < limit; ++step) {
            const int worst = most_violated();
            if (worst < 0) return length();
            if (!enter(worst)) return infinite;
        }
        return infinite;
    }

private:
    // Conditions: row i, then lower and upper bound of each coordinate; all with normals of length one.
    const double* row(int i) const { return rows_.data() + static_cast<std::size_t>(i) * (n_ + 1); }

    double value_of(int condition) const {
        if (condition >= count_) {
            const int k = (condition - count_) / 2;
            return (condition - count_) % 2 ? upper_[k] - x_[k] : x_[k] - lower_[k];
        }
        const double* a = row(condition);
        double value = a[n_];
        for (int k = 0; k < n_; ++k) value += a[k] * x_[k];
        return value * inverse_norm_[condition];
    }

    std::vector<double> normal_of(int condition) const {
        std::vector<double> normal(n_, 0.0);
        if (condition >= count_) {
            normal[(condition - count_) / 2] = (condition - count_) % 2 ? -1.0 : 1.0;
        } else {
            const double factor = inverse_norm_[condition] * (condition == equation_ ? equation_sense_ : 1.0);
            for (int k = 0; k < n_; ++k) normal[k] = factor * row(condition)[k];
        }
        return normal;
    }

    int most_violated() const {
        double size = 1;
        for (int k = 0; k < n_; ++k) size = std::max(size, std::fabs(x_[k]));
        double least = -tolerance * size;
        int worst = -1;
        const auto look = [&](int condition) {
            if (condition == equation_) return;
            const double value = value_of(condition);
            if (value < least) {
                least = value;
                worst = condition;
            }
        };
        for (int i = 0; i < count_; ++i) look(i);
        for (int k = 0; k < 2 * n_; ++k) look(count_ + k);
        return worst;
    }

    // Moves to where the condition holds with equality, keeping those taken in before and leaving go of those that push inwards.
    bool enter(int condition) {
        const std::vector<double> normal = normal_of(condition);
        double own = 0;
        while (true) {
            const std::vector<double> r = combination(normal);
            std::vector<double> step = normal;
            for (std::size_t a = 0; a < active_.size(); ++a)
                for (int k = 0; k < n_; ++k) step[k] -= r[a] * normals_[a][k];
            double slope = 0;
            for (int k = 0; k < n_; ++k) slope += step[k] * normal[k];
            double until = infinite;
            std::size_t leaving = active_.size();
            for (std::size_t a = 0; a < active_.size(); ++a) {
                if (active_[a] == equation_ || !(r[a] > 0)) continue;
                if (multiplier_[a] / r[a] < until) {
                    until = multiplier_[a] / r[a];
                    leaving = a;
                }
            }
            double value = value_of(condition);
            if (condition == equation_) value *= equation_sense_;
            const double full = slope > 1e-14 ? -value / slope : infinite;
            const double length = std::min(until, full);
            if (std::isinf(length)) return false;
            if (!std::isinf(full))
                for (int k = 0; k < n_; ++k) x_[k] += length * step[k];
            for (std::size_t a = 0; a < active_.size(); ++a) multiplier_[a] -= length * r[a];
            own += length;
            if (length == full) {
                take_in(condition, own);
                return true;
            }
            active_.erase(active_.begin() + static_cast<std::ptrdiff_t>(leaving));
            normals_.erase(normals_.begin() + static_cast<std::ptrdiff_t>(leaving));
            multiplier_.erase(multiplier_.begin() + static_cast<std::ptrdiff_t>(leaving));
        }
    }

    void take_in(int condition, double multiplier) {
        normals_.push_back(normal_of(condition));
        active_.push_back(condition);
        multiplier_.push_back(multiplier);
    }

    // The combination of the active normals that is closest to `normal`: normal equations by Cholesky's method.
    std::vector<double> combination(const std::vector<double>& normal) const {
        const std::size_t m = active_.size();
        const auto product = [this](const std::vector<double>& a, const std::vector<double>& b) {
            double sum = 0;
            for (int k = 0; k < n_; ++k) sum += a[k] * b[k];
            return sum;
        };
        std::vector<double> factor(m * m), r(m);
        for (std::size_t i = 0; i < m; ++i) {
            for (std::size_t j = 0; j <= i; ++j) {
                double sum = product(normals_[i], normals_[j]);
                for (std::size_t k = 0; k < j; ++k) sum -= factor[i * m + k] * factor[j * m + k];
                factor[i * m + j] = i == j ? std::sqrt(std::max(sum, 1e-30)) : sum / factor[j * m + j];
            }
            double sum = product(normals_[i], normal);
            for (std::size_t k = 0; k < i; ++k) sum -= factor[i * m + k] * r[k];
            r[i] = sum / factor[i * m + i];
        }
        for (std::size_t i = m; i-- > 0;) {
            for (std::size_t k = i + 1; k < m; ++k) r[i] -= factor[k * m + i] * r[k];
            r[i] /= factor[i * m + i];
        }
        return r;
    }

    double length() const {
        double square = 0;
        for (int k = 0; k < n_; ++k) square += (x_[k] - origin_[k]) * (x_[k] - origin_[k]);
        return std::sqrt(square);
    }

    int n_;
    const std::vector<double>&rows_, &lower_, &upper_;
    std::vector<double> x_;
    const std::vector<double>& origin_;
    int count_;
    std::vector<double> inverse_norm_;
    int equation_ = -1;
    double equation_sense_ = 1;
    std::vector<int> active_;
    std::vector<std::vector<double>> normals_;
    std::vector<double> multiplier_;
};

}  // namespace

double distance_to_facet(const std::vector<double>& origin, const std::vector<double>& rows, int i, const std::vector<double>& lower,
                         const std::vector<double>& upper) {
    return Projection(origin, rows, lower, upper).distance(i);
}

}  // namespace relutope
