#include "refinement/explore/positive_definite.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "predicates/clones.hpp"
#include "refinement/explore/quad.hpp"

namespace relutope {

using quads::load;
using quads::Quad;

namespace {

struct Lanes {
    Quad low{}, high{};

    void add(const double* source, double factor) {
        Quad a, b;
        load(a, source);
        load(b, source + 4);
        low += a * factor;
        high += b * factor;
    }
};

}  // namespace

void PositiveDefinite::begin(const std::vector<int>& starts) {
    size_ = static_cast<int>(starts.size());
    blocks_.clear();
    std::size_t end = 0;
    for (int i = 0; i < size_; i += block) {
        const int start = *std::min_element(starts.begin() + i, starts.begin() + std::min(i + block, size_));
        blocks_.push_back({start, end});
        end += static_cast<std::size_t>(i + block - start) * block;
    }
    entries_.assign(end, 0.0);
    inverse_.resize(blocks_.size() * block);
}

RELUTOPE_CLONES
void PositiveDefinite::factor() {
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
        const Block own = blocks_[b];
        double* const lines = entries_.data() + own.begin - static_cast<std::size_t>(own.start) * block;
        const int first = static_cast<int>(b) * block, end = first + block;
        for (int j = own.start; j < end; ++j) {
            const Block& other = blocks_[j / block];
            const double* const factors = entries_.data() + other.begin - static_cast<std::size_t>(other.start) * block + j % block;
            Lanes even, odd;
            int k = std::max(own.start, other.start);
            for (; k + 2 <= j; k += 2) {
                even.add(lines + k * block, factors[k * block]);
                odd.add(lines + k * block + block, factors[k * block + block]);
            }
            if (k < j) even.add(lines + k * block, factors[k * block]);
            even.low += odd.low;
            even.high += odd.high;
            double sums[block];
            std::memcpy(sums, &even, sizeof sums);
            double* const column = lines + j * block;
            if (j >= first) {
                const double diagonal = j < size_ ? column[j - first] : 1.0;
                inverse_[j] = 1 / std::sqrt(std::max(diagonal - sums[j - first], 1e-12 * diagonal));
            }
            for (int lane = 0; lane < block; ++lane) column[lane] = (column[lane] - sums[lane]) * inverse_[j];
            for (int lane = 0; lane < j - first; ++lane) column[lane] = 0;
        }
    }
}

RELUTOPE_CLONES
void PositiveDefinite::solve(std::vector<double>& x) const {
    x.resize(blocks_.size() * block, 0.0);
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
        const double* const lines = entries_.data() + blocks_[b].begin - static_cast<std::size_t>(blocks_[b].start) * block;
        const int first = static_cast<int>(b) * block;
        Lanes sum;
        for (int k = blocks_[b].start; k < first; ++k) sum.add(lines + k * block, x[k]);
        double sums[block];
        std::memcpy(sums, &sum, sizeof sums);
        for (int lane = 0; lane < block; ++lane) {
            const int i = first + lane;
            for (int k = first; k < i; ++k) sums[lane] += lines[k * block + lane] * x[k];
            x[i] = (x[i] - sums[lane]) * inverse_[i];
        }
    }
    for (std::size_t b = blocks_.size(); b-- > 0;) {
        const double* const lines = entries_.data() + blocks_[b].begin - static_cast<std::size_t>(blocks_[b].start) * block;
        const int first = static_cast<int>(b) * block;
        for (int lane = block; lane-- > 0;) {
            const int i = first + lane;
            x[i] *= inverse_[i];
            for (int k = first; k < i; ++k) x[k] -= lines[k * block + lane] * x[i];
        }
        const double* const known = x.data() + first;
        for (int k = blocks_[b].start; k < first; ++k) {
            const double* const column = lines + k * block;
            double even = 0, odd = 0;
            for (int lane = 0; lane < block; lane += 2) {
                even += column[lane] * known[lane];
                odd += column[lane + 1] * known[lane + 1];
            }
            x[k] -= even + odd;
        }
    }
    x.resize(size_);
}

}  // namespace relutope
