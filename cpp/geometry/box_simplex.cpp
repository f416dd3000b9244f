#include "geometry/box_simplex.hpp"

#include <algorithm>
#include <cmath>

#include "predicates/clones.hpp"

namespace relutope {

namespace {

// A pivot smaller than this times the largest candidate would spoil the dictionary.
constexpr double relative_pivot = 1e-9;

}  // namespace

BoxSimplex::BoxSimplex(int dimension)
    : dimension_(dimension), point_(dimension), reduced_(dimension), slots_(dimension), inwards_(dimension), line_of_(dimension),
      dictionary_(static_cast<std::size_t>(dimension) * dimension), direction_(dimension), ratio_(dimension) {}

void BoxSimplex::start(const double* objective, const double* lower, const double* upper) {
    lower_ = lower;
    upper_ = upper;
    basic_.clear();
    value_ = objective[dimension_];
    for (int k = 0; k < dimension_; ++k) {
        slots_[k] = {k, -1};
        inwards_[k] = objective[k] < 0 ? -1.0 : 1.0;
        reduced_[k] = objective[k];
        point_[k] = bound(k, inwards_[k]);
        line_of_[k] = -1;
        value_ += objective[k] * point_[k];
    }
}

RELUTOPE_CLONES
bool BoxSimplex::enter_row(const double* row, int id, double value) {
    for (int j = 0; j < dimension_; ++j) direction_[j] = slots_[j].coordinate >= 0 ? row[slots_[j].coordinate] : 0.0;
    for (std::size_t b = 0; b < basic_.size(); ++b) {
        const double factor = row[basic_[b]];
        if (factor == 0) continue;
        const double* __restrict source = line(static_cast<int>(b));
        for (int j = 0; j < dimension_; ++j) direction_[j] += factor * source[j];
    }
    pending_ = {-1, id};
    pending_inwards_ = 1;
    return move(-value);
}

bool BoxSimplex::enter_bound(int k) {
    const bool below = point_[k] < lower_[k];
    std::copy_n(line(line_of_[k]), dimension_, direction_.data());
    pending_ = {k, -1};
    pending_inwards_ = below ? 1.0 : -1.0;
    return move(bound(k, pending_inwards_) - point_[k]);
}

// Moves the entering quantity by `change` at the least cost of the objective, and into the place of the slot that ends the move.
RELUTOPE_CLONES
bool BoxSimplex::move(double change) {
    const double sense = change > 0 ? 1.0 : -1.0;
    double left = std::fabs(change);
    double largest = 0;
    for (int j = 0; j < dimension_; ++j) largest = std::max(largest, std::fabs(direction_[j]));
    const double smallest = relative_pivot * largest;
    const double *__restrict inwards = inwards_.data(), *__restrict direction = direction_.data(), *__restrict reduced = reduced_.data();
    double* __restrict ratio = ratio_.data();
    for (int j = 0; j < dimension_; ++j) {
        const double rate = sense * inwards[j] * direction[j];
        ratio[j] = rate > smallest ? std::fabs(reduced[j]) / rate : HUGE_VAL;
    }
    while (true) {
        int best = 0;
        for (int j = 1; j < dimension_; ++j)
            if (ratio_[j] < ratio_[best]) best = j;
        if (ratio_[best] == HUGE_VAL) return false;
        ratio_[best] = HUGE_VAL;
        const double rate = std::fabs(direction_[best]);
        const int k = slots_[best].coordinate;
        const double range = k < 0 ? HUGE_VAL : upper_[k] - lower_[k];
        if (rate * range < left) {
            shift(best, inwards_[best] * range);
            inwards_[best] = -inwards_[best];
            point_[k] = bound(k, inwards_[best]);
            left -= rate * range;
        } else {
            shift(best, inwards_[best] * left / rate);
            exchange(best);
            return true;
        }
    }
}

// Moves a nonbasic quantity; basic coordinates and the objective follow.
void BoxSimplex::shift(int slot, double change) {
    value_ += reduced_[slot] * change;
    if (slots_[slot].coordinate >= 0) point_[slots_[slot].coordinate] += change;
    for (std::size_t b = 0; b < basic_.size(); ++b) point_[basic_[b]] += line(static_cast<int>(b))[slot] * change;
}

RELUTOPE_CLONES
void BoxSimplex::exchange(int slot) {
    const double inverse = 1.0 / direction_[slot];
    const int leaving = slots_[slot].coordinate;
    // The line that the leaving coordinate gets: its place is that of the entering coordinate, if there is one.
    int free_line = -1;
    if (pending_.coordinate >= 0) {
        free_line = line_of_[pending_.coordinate];
        line_of_[pending_.coordinate] = -1;
        point_[pending_.coordinate] = bound(pending_.coordinate, pending_inwards_);
    }
    const auto substitute = [&](double* __restrict target) {
        const double factor = target[slot] * inverse;
        if (factor == 0) {
            target[slot] = 0;
            return;
        }
        for (int j = 0; j < dimension_; ++j) target[j] -= factor * direction_[j];
        target[slot] = factor;
    };
    substitute(reduced_.data());
    for (std::size_t b = 0; b < basic_.size(); ++b)
        if (static_cast<int>(b) != free_line) substitute(line(static_cast<int>(b)));
    if (leaving >= 0) {
        if (free_line < 0) {
            free_line = static_cast<int>(basic_.size());
            basic_.push_back(leaving);
        } else {
            basic_[free_line] = leaving;
        }
        line_of_[leaving] = free_line;
        double* target = line(free_line);
        for (int j = 0; j < dimension_; ++j) target[j] = -direction_[j] * inverse;
        target[slot] = inverse;
    } else if (free_line >= 0) {
        const int last = static_cast<int>(basic_.size()) - 1;
        if (free_line != last) {
            std::copy_n(line(last), dimension_, line(free_line));
            basic_[free_line] = basic_[last];
            line_of_[basic_[free_line]] = free_line;
        }
        basic_.pop_back();
    }
    slots_[slot] = pending_;
    inwards_[slot] = pending_inwards_;
}

void BoxSimplex::perturb(double size) {
    double part = 0.5;  // multiples of the golden ratio modulo one
    for (int j = 0; j < dimension_; ++j) {
        part += 0.6180339887498949;
        part -= std::floor(part);
        reduced_[j] += inwards_[j] * size * (0.5 + part);
    }
}

std::span<const BoxSimplex::Active> BoxSimplex::active() {
    active_.clear();
    for (int j = 0; j < dimension_; ++j)
        if (slots_[j].row >= 0 && reduced_[j] > 0) active_.push_back({slots_[j].row, reduced_[j]});
    return active_;
}

std::vector<int> BoxSimplex::tight_rows() const {
    std::vector<int> rows;
    for (const Slot& slot : slots_)
        if (slot.row >= 0) rows.push_back(slot.row);
    return rows;
}

}  // namespace relutope
