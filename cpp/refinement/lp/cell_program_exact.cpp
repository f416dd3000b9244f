// What a cell's program decides in integers.
#include <algorithm>
#include <climits>
#include <cmath>

#include "exact/residue.hpp"
#include "predicates/error_bound.hpp"
#include "refinement/common/records.hpp"
#include "refinement/lp/cell_program.hpp"

namespace relutope {

namespace {

// Of 61 bits, of multipliers: what is worth its time before it has been tried with twice the digits of a double.
constexpr int few_digits = 64;

// (1 - 2^-shift) a + 2^-shift b
exact::Point blend(const exact::Point& a, const exact::Point& b, int shift) {
    exact::Point result;
    result.denominator = a.denominator * b.denominator * exact::power_of_two(shift);
    const exact::Integer all = exact::power_of_two(shift) - 1;
    for (std::size_t k = 0; k < a.finite.size(); ++k)
        result.finite.push_back(all * a.finite[k] * b.denominator + b.finite[k] * a.denominator);
    return result;
}

// The point with R = 2^shift.
exact::Point with_infinity(const exact::Point& point, int shift) {
    exact::Point result{point.finite, {}, point.denominator};
    for (std::size_t k = 0; k < point.infinite.size(); ++k) result.finite[k] += point.infinite[k] * exact::power_of_two(shift);
    return result;
}

}  // namespace

exact::Point rational(std::span<const double_double::Number> x) {
    int exponent = 0;
    for (const double_double::Number& value : x)
        exponent = std::min({exponent, exact::lowest_exponent(value.high), exact::lowest_exponent(value.low)});
    exact::Point point;
    for (const double_double::Number& value : x)
        point.finite.push_back(exact::scaled_integer(value.high, exponent) + exact::scaled_integer(value.low, exponent));
    point.denominator = exact::power_of_two(-exponent);
    return point;
}

exact::Point InnerPoint::rational() const { return exact ? *exact : relutope::rational(refined()); }

std::vector<double_double::Number> InnerPoint::refined() const {
    std::vector<double_double::Number> numbers(x.begin(), x.end());
    if (!exact) return numbers;
    for (std::size_t k = 0; k < x.size(); ++k) {
        const double high = exact::nearest_double(exact->finite[k], exact->denominator);
        if (!std::isfinite(high)) continue;
        const int exponent = std::min(0, exact::lowest_exponent(high));
        const exact::Integer scale = exact::power_of_two(-exponent);
        const exact::Integer rest = exact->finite[k] * scale - exact::scaled_integer(high, exponent) * exact->denominator;
        numbers[k] = {high, exact::nearest_double(rest, exact->denominator * scale)};
    }
    return numbers;
}

exact::Form CellProgram::exact_form(FormRef name, double sense) {
    exact::Form form = forms_.exact_form(name);
    if (sense < 0) {
        for (exact::Integer& weight : form.weight) weight = -weight;
        form.constant = -form.constant;
        form.infinite = -form.infinite;
    }
    return form;
}

std::vector<exact::Form> CellProgram::exact_forms(const HalfspaceRows& rows, const char* ignored) {
    std::vector<exact::Form> forms;
    for (int i = 0; i < rows.count(); ++i) {
        check_stop();
        if (!(ignored && ignored[i])) forms.push_back(exact_form(rows[i].name, rows[i].sense));
    }
    return forms;
}

bool CellProgram::is_inside(const std::vector<exact::Form>& forms, const exact::Point& point, bool strictly) const {
    const int least = strictly ? 1 : 0;
    for (const exact::Form& form : forms)
        if (exact::sign_at(form, point) < least) return false;
    for (int k = 0; k < dimension_; ++k) {
        const exact::Interval& side = intervals()[k];
        const exact::Integer x = point.finite[k] * side.denominator;
        if (!side.lower_infinite && exact::Integer(x - side.lower * point.denominator).sign() < least) return false;
        if (!side.upper_infinite && exact::Integer(side.upper * point.denominator - x).sign() < least) return false;
    }
    return true;
}

// Takes the doubles next to `point` if they serve as well: strictly inside, and `objective` times `sense` positive.
void CellProgram::settle(const HalfspaceRows& rows, const char* ignored, const Halfspace& objective, double sense, exact::Point point,
                         InnerPoint& found) const {
    found.x.resize(dimension_);
    for (int k = 0; k < dimension_; ++k) found.x[k] = exact::nearest_double(point.finite[k], point.denominator);
    found.extent = extent_of(found.x);
    found.radius = 0;
    found.exact.reset();
    const bool rounded = sense * objective.at(found.x.data(), dimension_) > objective.error(0, found.extent) &&
                         certainly_inside(rows, ignored, found.x.data(), found.extent);
    if (rounded) return;
    found.radius = found.extent * error_bound::unit_roundoff * error_bound::inflate + error_bound::underflow;
    found.extent = error_bound::extent_in_range(found.extent + found.radius);
    found.exact = std::make_shared<const exact::Point>(std::move(point));
}

exact::Minimum CellProgram::exact_minimum(const std::vector<exact::Form>& forms, const exact::Form& goal, std::span<const int> likely) const {
    std::vector<const exact::Form*> halfspaces;
    for (const exact::Form& form : forms) halfspaces.push_back(&form);
    exact::Minimum minimum = exact::minimise(goal, halfspaces, intervals(), likely, stop_);
    check_stop();
    return minimum;
}

void CellProgram::check_stop() const {
    if (stop_ && stop_->load(std::memory_order_relaxed)) throw Stopped();
}

// The multipliers y >= 0 for which the objective minus the combination has no weight on the basis' coordinates; its minimum over the
// rest of the box, added up, must not be negative. With little effort only where that is zero, for all that a prime tells, and the
// multipliers are short: a form that comes near the cell without touching it is decided sooner with twice the digits of a double.
bool CellProgram::nonnegative_on_basis(const HalfspaceRows& rows, const Halfspace& objective, const std::vector<int>& tight,
                                       std::span<const int> basic, Effort effort) {
    if (tight.size() != basic.size()) return false;
    std::vector<exact::Form> forms;
    for (const int row : tight) {
        check_stop();
        forms.push_back(exact_form(rows[row].name, rows[row].sense));
    }
    const exact::Form goal = exact_form(objective.name, objective.sense);
    if (effort == Effort::little && !exact::may_vanish(forms, goal, basic, {simplex_.point(), static_cast<std::size_t>(dimension_)}))
        return false;
    const auto found = exact::combination_on(forms, goal, basic, effort == Effort::little ? few_digits : INT_MAX, stop_);
    check_stop();
    if (!found) return false;
    for (const exact::Integer& factor : found->factor)
        if (factor.sign() < 0) return false;
    // all of it times the combination's denominator and those of the bounds
    exact::Integer scale = 1;
    for (const exact::Interval& side : intervals()) scale = std::max(scale, side.denominator);  // powers of two
    exact::Integer rest = found->rest.constant * scale;
    for (int k = 0; k < dimension_; ++k) {
        const int sign = found->rest.weight[k].sign();
        const exact::Interval& side = intervals()[k];
        if (sign == 0) continue;
        if (sign > 0 ? side.lower_infinite : side.upper_infinite) return false;
        rest += found->rest.weight[k] * (sign > 0 ? side.lower : side.upper) * (scale / side.denominator);
    }
    return rest.sign() >= 0;
}

bool CellProgram::exactly(const HalfspaceRows& rows, const char* ignored, const Halfspace& objective, const InnerPoint& inside,
                          InnerPoint& found) {
    const std::vector<exact::Form> forms = exact_forms(rows, ignored);
    const exact::Form goal = exact_form(objective.name, objective.sense);
    std::vector<int> likely;
    for (const int row : refined_->tight_rows())  // among those that are not ignored
        likely.push_back(row - (ignored ? static_cast<int>(std::count_if(ignored, ignored + row, [](char flag) { return flag != 0; })) : 0));
    const exact::Minimum minimum = exact_minimum(forms, goal, likely);
    if (!minimum.negative) return false;
    // A finite point close enough to the minimiser; every point between it and `inside` is strictly inside.
    exact::Point target = minimum.minimiser;
    int shift = 0;
    while (!target.infinite.empty()) {
        shift += 8;
        target = with_infinity(minimum.minimiser, shift);
        if (exact::sign_at(goal, target) >= 0 || !is_inside(forms, target, false)) target.infinite = minimum.minimiser.infinite;
    }
    const exact::Point origin = inside.rational();
    int closeness = 1;
    while (exact::sign_at(goal, blend(target, origin, closeness)) >= 0) ++closeness;
    settle(rows, ignored, objective, -1, blend(target, origin, closeness + 1), found);
    return true;
}

void CellProgram::step_off(const HalfspaceRows& rows, const Halfspace& objective, const InnerPoint& inside, InnerPoint& found) {
    const std::vector<exact::Form> forms = exact_forms(rows, nullptr);
    const exact::Form goal = exact_form(objective.name, objective.sense);
    const exact::Point origin = inside.rational();
    exact::Integer size = 1;
    for (const exact::Integer& weight : goal.weight) size = std::max<exact::Integer>(size, abs(weight));
    exact::Point point;
    do {  // origin + weight / size
        point.denominator = origin.denominator * size;
        point.finite.clear();
        for (int k = 0; k < dimension_; ++k) point.finite.push_back(origin.finite[k] * size + goal.weight[k] * origin.denominator);
        size <<= 2;
    } while (!is_inside(forms, point, true));
    settle(rows, nullptr, objective, 1, std::move(point), found);
}

}  // namespace relutope
