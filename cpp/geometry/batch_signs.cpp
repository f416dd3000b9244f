#include "geometry/batch_signs.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>

#include "geometry/column_sums.hpp"
#include "predicates/clones.hpp"

namespace relutope {

namespace {

// Sets `bit` where a form is certainly positive or negative. `value`: scratch.
RELUTOPE_CLONES
void mark_signs(const double* weight, double constant, int dimension, const double* x, int points, const double* __restrict bound,
                std::uint64_t bit, double* __restrict value, std::uint64_t* __restrict positive, std::uint64_t* __restrict negative) {
    std::fill_n(value, points, constant);
    add_columns(x, points, dimension, points, weight, value);
    for (int j = 0; j < points; ++j) {
        positive[j] |= value[j] > bound[j] ? bit : 0;
        negative[j] |= value[j] < -bound[j] ? bit : 0;
    }
}

}  // namespace

void BatchSigns::begin(int dimension, int points) {
    dimension_ = dimension;
    points_ = points;
    added_ = 0;
    x_.resize(static_cast<std::size_t>(dimension) * points);
    weight_.resize(dimension);
    lower_.assign(dimension, error_bound::infinite);
    upper_.assign(dimension, -error_bound::infinite);
    position_.clear();
}

void BatchSigns::add(const double* x, const Position& position) {
    for (int k = 0; k < dimension_; ++k) {
        x_[static_cast<std::size_t>(k) * points_ + added_] = x[k];
        lower_[k] = std::min(lower_[k], x[k]);
        upper_[k] = std::max(upper_[k], x[k]);
    }
    ++added_;
    position_.push_back(position);
}

// Makes bound_, of which it returns the largest.
double BatchSigns::bound_points(const FormTable& table) {
    double largest = 0;
    bound_.clear();
    for (const Position& position : position_) {
        bound_.push_back(error_bound::certified ? table.widest_bound().at(position.radius, position.extent) : 0.0);
        const bool known = bound_.back() < error_bound::infinite;  // not NaN
        if (!(bound_.back() <= largest)) largest = known ? bound_.back() : error_bound::infinite;
    }
    return largest;
}

void BatchSigns::find(const FormTable& table, int count) {
    least_.resize(std::max(count, points_));
    most_.resize(count);
    table.bound_on_box(lower_.data(), upper_.data(), count, least_.data(), most_.data());
    const double largest = bound_points(table);
    const std::size_t words = (static_cast<std::size_t>(count) + 63) / 64;
    positive_.resize(words * points_);
    negative_.resize(words * points_);
    open_.clear();
    for (std::size_t word = 0; word < words; ++word) {
        const std::size_t first = 64 * word, at = word * points_;
        const int width = std::min(64, count - static_cast<int>(first));
        const SignWord signs{filtered_signs(least_.data() + first, width, largest).positive,
                             filtered_signs(most_.data() + first, width, largest).negative};
        std::fill_n(positive_.begin() + static_cast<std::ptrdiff_t>(at), points_, signs.positive);
        std::fill_n(negative_.begin() + static_cast<std::ptrdiff_t>(at), points_, signs.negative);
        open_.push_back(signs.doubtful(width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1));
    }
    find_open(table);
}

void BatchSigns::find_others(const FormTable& table, int count, const std::uint64_t* positive, const std::uint64_t* negative) {
    least_.resize(points_);
    bound_points(table);
    const std::size_t words = (static_cast<std::size_t>(count) + 63) / 64;
    positive_.resize(words * points_);
    negative_.resize(words * points_);
    open_.clear();
    for (std::size_t word = 0; word < words; ++word) {
        const std::size_t at = word * points_;
        const int width = std::min(64, count - static_cast<int>(64 * word));
        const SignWord signs{positive[word], negative[word]};
        std::fill_n(positive_.begin() + static_cast<std::ptrdiff_t>(at), points_, signs.positive);
        std::fill_n(negative_.begin() + static_cast<std::ptrdiff_t>(at), points_, signs.negative);
        open_.push_back(signs.doubtful(width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1));
    }
    find_open(table);
}

// Looks at the forms in open_ at each point.
void BatchSigns::find_open(const FormTable& table) {
    for (std::size_t word = 0; word < open_.size(); ++word)
        for (std::uint64_t rest = open_[word]; rest; rest &= rest - 1) {
            const int form = static_cast<int>(64 * word) + std::countr_zero(rest);
            for (int k = 0; k < dimension_; ++k) weight_[k] = table.coefficient(form, k);
            mark_signs(weight_.data(), table.coefficient(form, dimension_), dimension_, x_.data(), points_, bound_.data(), rest & -rest,
                       least_.data(), positive_.data() + word * points_, negative_.data() + word * points_);
        }
}

}  // namespace relutope
