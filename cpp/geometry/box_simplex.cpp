#include "geometry/box_simplex.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "geometry/sizes.hpp"
#include "predicates/clones.hpp"

namespace relutope {

namespace {

// A pivot smaller than this times the largest candidate would spoil the dictionary.
template <class Number>
constexpr double relative_pivot = 1e-29;
template <>
constexpr double relative_pivot<double> = 1e-9;
// Slots that one move looks for one by one: in many dimensions it may pass hundreds.
constexpr int few_scans = 4;

template <class Number>
Number greatest_size(const Number* x, int n) {
    using std::abs;
    Number largest = 0;
    for (int k = 0; k < n; ++k) largest = std::max(largest, Number(abs(x[k])));
    return largest;
}

// The first of the smallest. REQUIRES: n > 0.
template <class Number>
int place_of_least(const Number* x, int n) {
    return static_cast<int>(std::min_element(x, x + n) - x);
}

// target += factor * source
template <class Number>
void add_multiple(Number* __restrict target, const Number* __restrict source, Number factor, int n) {
    for (int j = 0; j < n; ++j) target[j] += factor * source[j];
}

// How much the objective rises per unit of the entering quantity when a slot gives way, or infinity for one that does not.
template <class Number>
void find_ratios(const Number* __restrict direction, const Number* __restrict reduced, const double* __restrict inwards, double sense,
                 Number smallest, int n, Number* __restrict ratio) {
    using std::abs;
    for (int j = 0; j < n; ++j) {
        const Number rate = sense * inwards[j] * direction[j];
        ratio[j] = rate > smallest ? Number(abs(reduced[j]) / rate) : Number(HUGE_VAL);
    }
}

// The same for doubles: members of templates are not cloned.
RELUTOPE_CLONES void add_multiple(double* __restrict target, const double* __restrict source, double factor, int n) {
    for (int j = 0; j < n; ++j) target[j] += factor * source[j];
}

RELUTOPE_CLONES void find_ratios(const double* __restrict direction, const double* __restrict reduced, const double* __restrict inwards,
                                 double sense, double smallest, int n, double* __restrict ratio) {
    for (int j = 0; j < n; ++j) {
        const double rate = sense * inwards[j] * direction[j];
        const double quotient = std::fabs(reduced[j]) / rate;
        ratio[j] = rate > smallest ? quotient : HUGE_VAL;
    }
}

}  // namespace

template <class Number>
BasicBoxSimplex<Number>::BasicBoxSimplex(int dimension)
    : dimension_(dimension), point_(dimension), reduced_(dimension), slots_(dimension), inwards_(dimension), line_of_(dimension),
      direction_(dimension), ratio_(dimension) {}

template <class Number>
void BasicBoxSimplex<Number>::start(const Number* objective, const double* lower, const double* upper) {
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

template <class Number>
bool BasicBoxSimplex<Number>::enter_row(const Number* row, int id, Number value) {
    for (int j = 0; j < dimension_; ++j) direction_[j] = slots_[j].coordinate >= 0 ? row[slots_[j].coordinate] : Number(0);
    for (std::size_t b = 0; b < basic_.size(); ++b) {
        const Number factor = row[basic_[b]];
        if (factor == 0) continue;
        add_multiple(direction_.data(), line(static_cast<int>(b)), factor, dimension_);
    }
    pending_ = {-1, id};
    pending_inwards_ = 1;
    return move(-value);
}

template <class Number>
bool BasicBoxSimplex<Number>::enter_bound(int k) {
    const bool below = point_[k] < lower_[k];
    std::copy_n(line(line_of_[k]), dimension_, direction_.data());
    pending_ = {k, -1};
    pending_inwards_ = below ? 1.0 : -1.0;
    return move(bound(k, pending_inwards_) - point_[k]);
}

// Moves the entering quantity by `change` at the least cost of the objective, and into the place of the slot that ends the move.
template <class Number>
bool BasicBoxSimplex<Number>::move(Number change) {
    const double sense = change > 0 ? 1.0 : -1.0;
    using std::abs;
    Number left = abs(change);
    const Number smallest = relative_pivot<Number> * greatest_size(direction_.data(), dimension_);
    const double* const inwards = inwards_.data();
    const Number* const direction = direction_.data();
    Number* const ratio = ratio_.data();
    find_ratios(direction, reduced_.data(), inwards, sense, smallest, dimension_, ratio);
    for (int scan = 0; scan < few_scans; ++scan) {
        const int best = place_of_least(ratio, dimension_);
        if (ratio[best] == HUGE_VAL) return false;
        ratio[best] = HUGE_VAL;
        const Number rate = abs(direction[best]);
        const int k = slots_[best].coordinate;
        const Number range = k < 0 ? Number(HUGE_VAL) : Number(upper_[k]) - Number(lower_[k]);
        if (!(rate * range < left)) {
            shift(best, inwards[best] * left / rate);
            exchange(best);
            return true;
        }
        shift(best, inwards[best] * range);
        inwards_[best] = -inwards_[best];
        point_[k] = bound(k, inwards_[best]);
        left -= rate * range;
    }
    const int best = pass_many(left);
    if (best < 0) return false;
    shift(best, inwards[best] * left / abs(direction[best]));
    exchange(best);
    return true;
}

// Moves the slots that end before the move does to their opposite bounds, and returns the one that ends it, or -1: as quickselect does,
// without sorting them all.
template <class Number>
int BasicBoxSimplex<Number>::pass_many(Number& left) {
    using std::abs;
    stops_.clear();
    for (int j = 0; j < dimension_; ++j) {
        if (!(ratio_[j] < HUGE_VAL)) continue;
        const int k = slots_[j].coordinate;
        stops_.push_back({ratio_[j], k < 0 ? Number(HUGE_VAL) : abs(direction_[j]) * (Number(upper_[k]) - Number(lower_[k])), j});
    }
    const auto is_before = [](const StopAt& a, const StopAt& b) { return a.ratio < b.ratio || (a.ratio == b.ratio && a.slot < b.slot); };
    std::size_t passed = 0, end = stops_.size();
    while (passed < end) {
        std::swap(stops_[passed + (end - passed) / 2], stops_[end - 1]);
        std::size_t middle = passed;
        Number length = 0;
        for (std::size_t i = passed; i + 1 < end; ++i) {
            if (!is_before(stops_[i], stops_[end - 1])) continue;
            length += stops_[i].length;
            std::swap(stops_[i], stops_[middle++]);
        }
        std::swap(stops_[middle], stops_[end - 1]);
        if (!(length < left)) {
            end = middle;
            continue;
        }
        left -= length;
        passed = middle;
        if (!(stops_[middle].length < left)) {
            end = middle;
            break;
        }
        left -= stops_[passed++].length;
    }
    flip(passed);
    return end < stops_.size() ? stops_[end].slot : -1;
}

// Moves the first so many of the stops to their opposite bounds.
template <class Number>
void BasicBoxSimplex<Number>::flip(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const int slot = stops_[i].slot, k = slots_[slot].coordinate;
        stops_[i].length = inwards_[slot] * (Number(upper_[k]) - Number(lower_[k]));
        value_ += reduced_[slot] * stops_[i].length;
        inwards_[slot] = -inwards_[slot];
        point_[k] = bound(k, inwards_[slot]);
    }
    for (std::size_t b = 0; b < basic_.size(); ++b) {
        const Number* const source = line(static_cast<int>(b));
        Number change = 0;
        for (std::size_t i = 0; i < count; ++i) change += source[stops_[i].slot] * stops_[i].length;
        point_[basic_[b]] += change;
    }
}

// Moves a nonbasic quantity; basic coordinates and the objective follow.
template <class Number>
void BasicBoxSimplex<Number>::shift(int slot, Number change) {
    value_ += reduced_[slot] * change;
    if (slots_[slot].coordinate >= 0) point_[slots_[slot].coordinate] += change;
    for (std::size_t b = 0; b < basic_.size(); ++b) point_[basic_[b]] += line(static_cast<int>(b))[slot] * change;
}

template <class Number>
void BasicBoxSimplex<Number>::exchange(int slot) {
    const Number inverse = Number(1) / direction_[slot];
    const int leaving = slots_[slot].coordinate;
    // The line that the leaving coordinate gets: its place is that of the entering coordinate, if there is one.
    int free_line = -1;
    if (pending_.coordinate >= 0) {
        free_line = line_of_[pending_.coordinate];
        line_of_[pending_.coordinate] = -1;
        point_[pending_.coordinate] = bound(pending_.coordinate, pending_inwards_);
    }
    const auto substitute = [&](Number* target) {
        const Number factor = target[slot] * inverse;
        if (factor == 0) {
            target[slot] = 0;
            return;
        }
        add_multiple(target, direction_.data(), -factor, dimension_);
        target[slot] = factor;
    };
    substitute(reduced_.data());
    for (std::size_t b = 0; b < basic_.size(); ++b)
        if (static_cast<int>(b) != free_line) substitute(line(static_cast<int>(b)));
    if (leaving >= 0) {
        if (free_line < 0) {
            free_line = static_cast<int>(basic_.size());
            basic_.push_back(leaving);
            // It grows with the basis, which rarely becomes full: to clear all of it would cost as much as many pivots.
            if (dictionary_.size() < basic_.size() * dimension_) dictionary_.resize(basic_.size() * dimension_);
        } else {
            basic_[free_line] = leaving;
        }
        line_of_[leaving] = free_line;
        Number* target = line(free_line);
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

template <class Number>
void BasicBoxSimplex<Number>::perturb(double size) {
    double part = 0.5;  // multiples of the golden ratio modulo one
    for (int j = 0; j < dimension_; ++j) {
        part += 0.6180339887498949;
        part -= std::floor(part);
        reduced_[j] += inwards_[j] * size * (0.5 + part);
    }
}

template <class Number>
bool BasicBoxSimplex<Number>::leans_beyond(const double* lower, const double* upper, double noise) const {
    using std::abs;
    for (int j = 0; j < dimension_; ++j) {
        const int k = slots_[j].coordinate;
        if (k >= 0 && std::isinf(inwards_[j] > 0 ? lower[k] : upper[k]) && abs(reduced_[j]) > noise) return true;
    }
    return false;
}

template <class Number>
std::span<const typename BasicBoxSimplex<Number>::Active> BasicBoxSimplex<Number>::active() {
    active_.clear();
    for (int j = 0; j < dimension_; ++j)
        if (slots_[j].row >= 0 && reduced_[j] > 0) active_.push_back({slots_[j].row, reduced_[j]});
    return active_;
}

template <class Number>
std::vector<int> BasicBoxSimplex<Number>::tight_rows() const {
    std::vector<int> rows;
    for (const Slot& slot : slots_)
        if (slot.row >= 0) rows.push_back(slot.row);
    return rows;
}

template class BasicBoxSimplex<double>;
template class BasicBoxSimplex<double_double::Number>;

}  // namespace relutope
