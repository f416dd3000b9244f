#include "refinement/lp/refined_program.hpp"

#include <algorithm>
#include <climits>
#include <cmath>
#include <utility>

#include "predicates/clones.hpp"
#include "predicates/error_bound.hpp"

namespace relutope {

namespace {

constexpr double rounding = 0x1p-102;
constexpr double undecided = 0x1p-350;   // values up to here are left open
constexpr double largest_factor = 0x1p200;
constexpr double nearly_one = 1 + 0x1p-40;
constexpr int largest_exponent = 150;
// Steps without progress until ties are broken, and by how much of the objective.
constexpr int refined_patience = 8;
constexpr double refined_tie_break = 0x1p-60;
// By how much rows are asked to stay positive, whose largest weights are about one, and how much of the way back to the point inside
// keeps within the box without being felt by them.
constexpr double margins[] = {0x1p-60, 0x1p-76};
constexpr double part_of_way = 0x1p-14;

RefinedProgram::Number scaled(const RefinedProgram::Number& value, int exponent) {
    return {std::ldexp(value.high, exponent), std::ldexp(value.low, exponent)};
}

}  // namespace

RefinedProgram::RefinedProgram(int dimension)
    : dimension_(dimension), simplex_(dimension), exponent_(dimension), lower_(dimension), upper_(dimension), inside_(dimension),
      residual_(dimension), witness_(dimension) {}

void RefinedProgram::start(const exact::LeadingForm& objective, double sense) {
    rows_.clear();
    ids_.clear();
    scaled_ = false;
    push(objective, sense);
}

void RefinedProgram::add(const exact::LeadingForm& form, double sense, int id) {
    push(form, sense);
    ids_.push_back(id);
}

void RefinedProgram::push(const exact::LeadingForm& form, double sense) {
    for (int k = 0; k <= dimension_; ++k) rows_.emplace_back(sense * form.high[k], sense * form.low[k]);
}

// Powers of two for coordinates and rows, so that the largest weight of each coordinate, and then of each row, is near one: pivots are
// compared by size.
void RefinedProgram::scale() {
    std::vector<double> factor(dimension_ + 1, 1.0);
    for (int k = 0; k < dimension_; ++k) {
        double largest = 0;
        for (int i = 0; i <= count(); ++i) largest = std::max(largest, std::fabs(row(i)[k].high));
        exponent_[k] = largest > 0 ? std::clamp(std::ilogb(largest), -largest_exponent, largest_exponent) : 0;
        factor[k] = std::ldexp(1.0, -exponent_[k]);
    }
    for (int i = 0; i <= count(); ++i) {
        Number* const own = rows_.data() + static_cast<std::size_t>(i) * (dimension_ + 1);
        double largest = 0;
        for (int k = 0; k <= dimension_; ++k) largest = std::max(largest, std::fabs(own[k].high) * factor[k]);
        if (!(largest > 0)) continue;
        const double of_row = std::ldexp(1.0, -std::ilogb(largest));
        for (int k = 0; k <= dimension_; ++k) own[k] = {own[k].high * (of_row * factor[k]), own[k].low * (of_row * factor[k])};
    }
}

RefinedProgram::Verdict RefinedProgram::minimise(std::span<const double> lower, std::span<const double> upper,
                                                 std::span<const Number> inside, bool is_whole) {
    if (!std::exchange(scaled_, true)) {
        scale();
        list_columns();
    }
    bool in_range = true;
    for (int k = 0; k < dimension_; ++k) {
        lower_[k] = std::ldexp(lower[k], exponent_[k]);
        upper_[k] = std::ldexp(upper[k], exponent_[k]);
        inside_[k] = scaled(inside[k], exponent_[k]);
        // what a power of two takes from a bound would move it
        in_range = in_range && std::ldexp(lower_[k], -exponent_[k]) == lower[k] && std::ldexp(upper_[k], -exponent_[k]) == upper[k];
        in_range = in_range && std::max(std::fabs(lower_[k]), std::fabs(upper_[k])) < largest_factor;
    }
    simplex_.start(row(0), lower_.data(), upper_.data());
    if (!in_range) return Verdict::unknown;
    evaluate(inside_.data());
    at_inside_.clear();
    for (int i = 0; i <= count(); ++i) at_inside_.emplace_back(value_high_[i], value_low_[i]);
    const int limit = 20 * (dimension_ + count());
    Number best = -HUGE_VAL;
    int stalled = 0;
    for (int step = 0; step < limit; ++step) {
        const Number value = simplex_.value();
        stalled = value > best ? 0 : stalled + 1;
        best = std::max(best, value);
        if (stalled == refined_patience) {
            simplex_.perturb(refined_tie_break);
            stalled = 0;
        }
        if (is_whole && value > 0 && certainly_nonnegative()) return Verdict::no;
        const Stop stop = first_stop();
        if (value < 0) {
            const Number zero = at_inside_[0] / (at_inside_[0] - value);
            if (zero < stop.at && try_witness(0.5 * (zero + stop.at))) return Verdict::yes;
        }
        if (stop.coordinate >= 0) {
            if (!simplex_.enter_bound(stop.coordinate)) return Verdict::unknown;
        } else if (stop.row < 0) {
            return value < 0 && !may_touch() && retreat() ? Verdict::yes : Verdict::unknown;
        } else if (!simplex_.enter_row(row(stop.row), stop.row, stop.value)) {
            return Verdict::unknown;
        }
    }
    return Verdict::unknown;
}

// From the minimum, which is negative, to a witness where rows keep a margin. Rows that hold the minimum in place may cost half of what
// the objective is below zero.
bool RefinedProgram::retreat() {
    const double allowance = -0.5 * simplex_.value().high / dimension_;
    margin_.assign(count() + 1, 0.0);
    for (const double margin : margins) {
        set_margins(margin, allowance);
        for (int step = 0; step < 4 * dimension_ && simplex_.value() < 0; ++step) {
            const Stop stop = furthest_from_margin();
            if (!stop.found()) {
                if (try_witness(Number(1) - Number(margin * part_of_way))) return true;
                break;
            }
            if (stop.row >= 0 ? !simplex_.enter_row(row(stop.row), stop.row, stop.value) : !simplex_.enter_bound(stop.coordinate)) break;
        }
    }
    return false;
}

void RefinedProgram::set_margins(double margin, double allowance) {
    const std::vector<double> before = margin_;
    std::fill(margin_.begin() + 1, margin_.end(), margin);
    simplex_.raise_rows([&](int i, const Number& multiplier) {
        if (multiplier.high > 0) margin_[i] = std::min(margin, allowance / multiplier.high);
        return Number(margin_[i] - before[i]);
    });
}

void RefinedProgram::list_columns() {
    constexpr std::size_t lanes = 4;
    stride_ = (static_cast<std::size_t>(count()) + lanes) / lanes * lanes;
    column_.assign(2 * stride_ * (dimension_ + 1), 0.0);
    for (int i = 0; i <= count(); ++i) {
        for (int k = 0; k <= dimension_; ++k) {
            column_[2 * stride_ * k + i] = row(i)[k].high;
            column_[2 * stride_ * k + stride_ + i] = row(i)[k].low;
        }
    }
    for (std::vector<double>* const values : {&value_high_, &value_low_, &size_}) values->resize(stride_);
}

// All rows at x, each summed from its constant on.
RELUTOPE_CLONES void RefinedProgram::evaluate(const Number* x) {
    double *__restrict high = value_high_.data(), *__restrict low = value_low_.data(), *__restrict size = size_.data();
    const double* __restrict weight = column_.data() + 2 * stride_ * dimension_;
    for (std::size_t i = 0; i < stride_; ++i) {
        high[i] = weight[i];
        low[i] = weight[stride_ + i];
        size[i] = std::fabs(weight[i]);
    }
    for (int k = 0; k < dimension_; ++k) {
        const Number at = x[k];
        weight = column_.data() + 2 * stride_ * k;
        for (std::size_t i = 0; i < stride_; ++i) {
            const Number sum = Number(high[i], low[i]) + Number(weight[i], weight[stride_ + i]) * at;
            high[i] = sum.high;
            low[i] = sum.low;
            size[i] += std::fabs(weight[i]) * std::fabs(at.high);
        }
    }
}

// Of the values that were computed last.
bool RefinedProgram::certainly_positive(int i, double sense) const {
    const double value = sense * value_high_[i];
    return std::isfinite(value) && value > (dimension_ + 9) * rounding * size_[i] * error_bound::inflate + undecided;
}

RefinedProgram::Stop RefinedProgram::first_stop() {
    const Number* x = simplex_.point();
    const double noise = 16 * (dimension_ + 9) * rounding;
    Stop stop;
    evaluate(x);
    for (int i = 1; i <= count(); ++i) {
        if (value_high_[i] >= -noise * size_[i]) continue;
        const Number at_x(value_high_[i], value_low_[i]);
        const Number fall = at_inside_[i] - at_x;
        if (at_inside_[i].high > nearly_one * stop.at.high * fall.high) continue;
        const Number reached = at_inside_[i] / fall;
        if (reached < stop.at) stop = {reached, i, -1, at_x};
    }
    for (int k = 0; k < dimension_; ++k) {
        if (Number(lower_[k]) <= x[k] && x[k] <= Number(upper_[k])) continue;
        const double bound = x[k] < Number(lower_[k]) ? lower_[k] : upper_[k];
        const double beyond = abs(Number(bound) - x[k]).high;
        if (!(beyond > noise * std::max(std::fabs(x[k].high), std::fabs(bound)))) continue;
        const Number reached = (Number(bound) - inside_[k]) / (x[k] - inside_[k]);
        if (reached < stop.at) stop = {reached, -1, k, 0};
    }
    return stop;
}

// Where the point is furthest from what the margins ask for.
RefinedProgram::Stop RefinedProgram::furthest_from_margin() {
    const Number* x = simplex_.point();
    const double noise = 16 * (dimension_ + 9) * rounding;
    Stop stop;
    double furthest = 0;
    evaluate(x);
    for (int i = 1; i <= count(); ++i) {
        const Number value = Number(value_high_[i], value_low_[i]) - Number(margin_[i]);
        if (-value.high > std::max(furthest, noise * size_[i])) {
            furthest = -value.high;
            stop = {0, i, -1, value};
        }
    }
    for (int k = 0; k < dimension_; ++k) {
        const double beyond = std::max(Number(lower_[k]) - x[k], x[k] - Number(upper_[k])).high;
        if (beyond > std::max(furthest, noise * std::fabs(x[k].high))) {
            furthest = beyond;
            stop = {0, -1, k, 0};
        }
    }
    return stop;
}

// inside + step * (the simplex's point - inside), in the coordinates without a scale when it serves.
bool RefinedProgram::try_witness(const Number& step) {
    const Number* x = simplex_.point();
    for (int k = 0; k < dimension_; ++k) {
        witness_[k] = inside_[k] + step * (x[k] - inside_[k]);
        for (double* part : {&witness_[k].high, &witness_[k].low})  // so that scaling back is exact
            if (std::fabs(*part) < undecided) *part = 0;
        if (!(Number(lower_[k]) < witness_[k] && witness_[k] < Number(upper_[k]))) return false;
    }
    evaluate(witness_.data());
    if (!certainly_positive(0, -1.0)) return false;
    for (int i = 1; i <= count(); ++i)
        if (!certainly_positive(i, 1.0)) return false;
    for (int k = 0; k < dimension_; ++k) witness_[k] = scaled(witness_[k], -exponent_[k]);
    return true;
}

// The objective minus the active rows, times their multipliers, at the corner of the box where that is least. With m active rows each
// coefficient is a sum of m + 1 terms, and their minimum one of n + 1.
bool RefinedProgram::certainly_nonnegative() {
    const Number* const objective = row(0);
    std::copy_n(objective, dimension_, residual_.data());
    Number bound = objective[dimension_];
    double size = std::fabs(bound.high);
    const auto extent = [&](int k) { return std::max(std::fabs(lower_[k]), std::fabs(upper_[k])); };
    for (int k = 0; k < dimension_; ++k) size += std::fabs(objective[k].high) * extent(k);
    const auto active = simplex_.active();
    for (const auto& tight : active) {
        if (!(tight.multiplier.high < largest_factor)) return false;
        const Number* const own = row(tight.row);
        for (int k = 0; k < dimension_; ++k) residual_[k] -= tight.multiplier * own[k];
        bound -= tight.multiplier * own[dimension_];
        double part = std::fabs(own[dimension_].high);
        for (int k = 0; k < dimension_; ++k) part += std::fabs(own[k].high) * extent(k);
        size += tight.multiplier.high * part;
    }
    for (int k = 0; k < dimension_; ++k) bound += residual_[k] * Number(residual_[k] < 0 ? upper_[k] : lower_[k]);
    const double terms = static_cast<double>(active.size()) + dimension_ + 10;
    return std::isfinite(bound.high) && bound.high > 2 * terms * rounding * size * error_bound::inflate + undecided;
}

bool RefinedProgram::may_touch() {
    evaluate(simplex_.point());
    return simplex_.value().high >= -1024 * (dimension_ + 9) * rounding * size_[0];
}

std::vector<int> RefinedProgram::tight_rows() const {
    std::vector<int> rows;
    for (const int i : simplex_.tight_rows()) rows.push_back(ids_[i - 1]);
    return rows;
}

}  // namespace relutope
