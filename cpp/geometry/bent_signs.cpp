#include "geometry/bent_signs.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstring>

#include "geometry/column_sums.hpp"
#include "predicates/clones.hpp"
#include "predicates/sign_stages.hpp"

namespace relutope {

namespace {

// So few forms are looked at one by one at once.
constexpr int few_forms = 8;

// By hand, since compilers keep no sums of several lines in registers here.
using FourValues = double __attribute__((vector_size(32)));
using FourFlags = std::int64_t __attribute__((vector_size(32)));

enum class Height { above_bound, above_zero, unknown };

// How far up  value[j] = constant + sum_k weight[k] line[k][j]  is at all points. REQUIRES: their number is a multiple of eight.
RELUTOPE_CLONES
Height find_values(const double* const* line, const double* weight, int lines, double constant, const double* bound, int points,
                   double* value) {
    FourFlags above_bound = {-1, -1, -1, -1}, above_zero = above_bound;
    const FourValues zero = {0, 0, 0, 0};
    for (int j = 0; j < points; j += 8) {
        FourValues low = {constant, constant, constant, constant}, high = low, part;
        for (int k = 0; k < lines; ++k) {
            const FourValues w = {weight[k], weight[k], weight[k], weight[k]};
            std::memcpy(&part, line[k] + j, sizeof part);
            low += w * part;
            std::memcpy(&part, line[k] + j + 4, sizeof part);
            high += w * part;
        }
        std::memcpy(value + j, &low, sizeof low);
        std::memcpy(value + j + 4, &high, sizeof high);
        above_zero &= (low > zero) & (high > zero);
        std::memcpy(&part, bound + j, sizeof part);
        above_bound &= low > part;
        std::memcpy(&part, bound + j + 4, sizeof part);
        above_bound &= high > part;
    }
    const auto all = [](const FourFlags& flags) { return (flags[0] & flags[1] & flags[2] & flags[3]) != 0; };
    return all(above_bound) ? Height::above_bound : all(above_zero) ? Height::above_zero : Height::unknown;
}

// height[j] = constant + sum_k weight[k] line[k][j]
RELUTOPE_CLONES
void find_heights(const double* line, const double* weight, int lines, double constant, int points, double* height) {
    std::fill_n(height, points, constant);
    add_columns(line, points, lines, points, weight, height);
}

// Adds to bounds of forms those of what they have of a unit, between these two numbers times its weight.
RELUTOPE_CLONES
void add_bounds(const double* __restrict weight, double lower, double upper, int count, double* __restrict least, double* __restrict most) {
    for (int i = 0; i < count; ++i) {
        const double a = weight[i] * lower, b = weight[i] * upper;
        least[i] += a < b ? a : b;
        most[i] += a < b ? b : a;
    }
}

}  // namespace

void BentSigns::begin(int dimension, int points) {
    dimension_ = dimension;
    given_ = points;
    points_ = (points + 7) / 8 * 8;
    added_ = 0;
    x_.resize(static_cast<std::size_t>(dimension) * points_);
    radius_.resize(points_);
    extent_.resize(points_);
    bend_error_.assign(points_, 0.0);
    error_.resize(points_);
    bends_.clear();
}

void BentSigns::add(const double* x, const Position& position) {
    for (int k = 0; k < dimension_; ++k) x_[static_cast<std::size_t>(k) * points_ + added_] = x[k];
    radius_[added_] = position.radius;
    extent_[added_] = position.extent;
    ++added_;
}

// The last point again, as often as there is room.
void BentSigns::fill() {
    for (; added_ < points_; ++added_) {
        for (int k = 0; k < dimension_; ++k) line(x_, k)[added_] = line(x_, k)[added_ - 1];
        radius_[added_] = radius_[added_ - 1];
        extent_[added_] = extent_[added_ - 1];
    }
}

// l_c is what loses less: one if the unit is positive for the most part.
void BentSigns::bend(const FormTable& units, int unit, const double* weight, int count) {
    fill();
    const std::size_t which = bends_.size();
    part_.resize((which + 1) * points_);
    cut_.resize((which + 1) * points_);
    weight_.resize(dimension_);
    for (int k = 0; k < dimension_; ++k) weight_[k] = units.coefficient(unit, k);
    double* __restrict cut = line(cut_, which);
    double* __restrict part = line(part_, which);
    find_heights(x_.data(), weight_.data(), dimension_, units.coefficient(unit, dimension_), points_, cut);
    double least = 0, most = 0, largest = 0;
    for (int j = 0; j < points_; ++j) {
        least = cut[j] < least ? cut[j] : least;
        most = cut[j] > most ? cut[j] : most;
    }
    for (int i = 0; i < count; ++i) largest = std::fabs(weight[i]) > largest ? std::fabs(weight[i]) : largest;
    const bool mostly_positive = most > -least;
    const error_bound::FormBound bound = units.bound(unit);
    double* __restrict error = bend_error_.data();
    for (int j = 0; j < points_; ++j) {
        const double height = cut[j];
        part[j] = height > 0 ? height : 0.0;
        cut[j] = mostly_positive ? height : 0.0;
        error[j] += largest * (bound.at(radius_[j], extent_[j]) + (most_bends + 2) * error_bound::unit_roundoff * std::fabs(height));
    }
    bends_.push_back({weight, mostly_positive ? least : 0.0, most, largest, mostly_positive, &units, unit});
}

void BentSigns::move(int point, const double* x, const Position& position) {
    const int end = point + 1 < given_ ? point + 1 : points_;  // the last one with those that fill up
    for (int j = point; j < end; ++j) {
        for (int k = 0; k < dimension_; ++k) line(x_, k)[j] = x[k];
        radius_[j] = position.radius;
        extent_[j] = position.extent;
        bend_error_[j] = 0;
    }
    for (std::size_t which = 0; which < bends_.size(); ++which) {
        Bend& bend = bends_[which];
        double height = bend.units->coefficient(bend.unit, dimension_);
        for (int k = 0; k < dimension_; ++k) height += bend.units->coefficient(bend.unit, k) * x[k];
        const double part = height > 0 ? height : 0.0, cut = bend.mostly_positive ? height : 0.0;
        const double error = bend.units->bound(bend.unit).at(position.radius, position.extent);
        bend.least = std::min(bend.least, cut);
        bend.most = std::max(bend.most, part);
        for (int j = point; j < end; ++j) {
            line(part_, which)[j] = part;
            line(cut_, which)[j] = cut;
            bend_error_[j] += bend.largest * (error + (most_bends + 2) * error_bound::unit_roundoff * std::fabs(height));
        }
    }
}

bool BentSigns::bound_points(const FormTable& table) {
    const error_bound::FormBound& widest = table.widest_bound();
    largest_error_ = 0;
    for (int j = 0; j < points_; ++j) {
        const double bound = widest.at(radius_[j], extent_[j]) + (most_bends + 2) * widest.at(0.0, extent_[j]);
        error_[j] = error_bound::certified ? (bound + bend_error_[j]) * error_bound::inflate + error_bound::underflow : 0.0;
        if (!(error_[j] < error_bound::infinite)) return false;  // not NaN
        largest_error_ = std::max(largest_error_, error_[j]);
    }
    return true;
}

// Rounded sums are monotone, so that those on the box enclose those at the points.
void BentSigns::find_on_box(const FormTable& table, int count, std::uint64_t* positive, std::uint64_t* negative) {
    least_.resize(count);
    most_.resize(count);
    double lower[64], upper[64];
    for (int k = 0; k < dimension_; ++k) {
        const double* const x = line(x_, k);
        double low = x[0], high = x[0];
        for (int j = 1; j < points_; ++j) {
            low = x[j] < low ? x[j] : low;
            high = x[j] > high ? x[j] : high;
        }
        lower[k] = low;
        upper[k] = high;
    }
    table.bound_on_box(lower, upper, count, least_.data(), most_.data());
    for (const Bend& bend : bends_) add_bounds(bend.weight, bend.least, bend.most, count, least_.data(), most_.data());
    for (int first = 0; first < count; first += 64) {
        const int width = std::min(64, count - first);
        positive[first >> 6] |= filtered_signs(least_.data() + first, width, largest_error_).positive;
        negative[first >> 6] |= filtered_signs(most_.data() + first, width, largest_error_).negative;
    }
}

void BentSigns::find(const FormTable& table, int count, std::uint64_t* positive, std::uint64_t* negative) {
    fill();
    doubtful_.clear();
    if (!bound_points(table)) return;
    int open = count;
    for (int word = 0; 64 * word < count; ++word) open -= std::popcount(positive[word] | negative[word]);
    if (open > few_forms) find_on_box(table, count, positive, negative);
    const int bends = static_cast<int>(bends_.size()), lines = dimension_ + bends;
    weight_.resize(lines);
    line_.resize(lines);
    value_.resize(points_);
    for (int k = 0; k < dimension_; ++k) line_[k] = line(x_, k);
    for (int word = 0; 64 * word < count; ++word) {
        const std::uint64_t used = count - 64 * word >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (count - 64 * word)) - 1;
        for (std::uint64_t rest = used & ~(positive[word] | negative[word]); rest; rest &= rest - 1) {
            const int form = 64 * word + std::countr_zero(rest);
            double first = table.coefficient(form, dimension_);
            for (int k = 0; k < dimension_; ++k) first += table.coefficient(form, k) * line_[k][0];
            for (int c = 0; c < bends; ++c) first += bends_[c].weight[form] * line(part_, c)[0];
            const double sense = first > 0 ? 1.0 : -1.0;
            for (int k = 0; k < dimension_; ++k) weight_[k] = sense * table.coefficient(form, k);
            for (int c = 0; c < bends; ++c) {
                weight_[dimension_ + c] = sense * bends_[c].weight[form];
                line_[dimension_ + c] = line(weight_[dimension_ + c] > 0 ? cut_ : part_, c);
            }
            const double constant = sense * table.coefficient(form, dimension_);
            const Height height = find_values(line_.data(), weight_.data(), lines, constant, error_.data(), points_, value_.data());
            if (height == Height::above_bound) (sense > 0 ? positive : negative)[word] |= rest & -rest;
            if (height != Height::above_zero) continue;
            for (int j = 0; j < given_; ++j)
                if (!(value_[j] > error_[j])) doubtful_.push_back(j);
        }
    }
}

}  // namespace relutope
