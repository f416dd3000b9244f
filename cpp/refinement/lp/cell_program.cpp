#include "refinement/lp/cell_program.hpp"

#include <algorithm>
#include <cmath>

#include "predicates/clones.hpp"
#include "predicates/error_bound.hpp"

namespace relutope {

namespace {

using error_bound::inflate;
using error_bound::unit_roundoff;

// How far floating point looks in the direction of an infinite side, relative to where it stands: near first, so that points inside do
// not run away from each other, which would cost all precision.
constexpr double reaches[] = {0x1p3, 0x1p10, 0x1p20};
// Where it has twice the digits: weights of very different sizes meet far out.
constexpr double refined_reaches[] = {0x1p3, 0x1p20, 0x1p50, 0x1p90};
// Steps without progress until ties are broken, and by how much of the objective.
constexpr int patience = 8;
constexpr double tie_break = 1e-7;
// With more rows than this most steps look at a shortlist of them alone, to which each look at all rows adds so many (partial pricing).
constexpr int few_rows = 64;
constexpr std::size_t listed_at_once = 8;

exact::Interval interval(double lower, double upper) {
    exact::Interval result;
    int exponent = 0;
    for (const double bound : {lower, upper})
        if (std::isfinite(bound)) exponent = std::min(exponent, exact::lowest_exponent(bound));
    const auto set = [&](double bound, exact::Integer& finite, int& infinite) {
        if (std::isfinite(bound)) finite = exact::scaled_integer(bound, exponent);
        if (std::isinf(bound)) infinite = bound < 0 ? -1 : 1;
    };
    set(lower, result.lower, result.lower_infinite);
    set(upper, result.upper, result.upper_infinite);
    result.denominator = exact::power_of_two(-exponent);
    return result;
}

}  // namespace

CellProgram::CellProgram(const Domain& domain, ProgramForms& forms)
    : domain_lower_(domain.lower), domain_upper_(domain.upper), forms_(forms), dimension_(domain.dimension()), bounded_(true),
      lower_(domain.lower), upper_(domain.upper), simplex_(domain.dimension()), residual_(domain.dimension()) {
    find_extent();
}

void CellProgram::set_bounds(int k, double lower, double upper) {
    lower_[k] = domain_lower_[k] = lower;
    upper_[k] = domain_upper_[k] = upper;
    if (!intervals_.empty()) intervals_[k] = interval(lower, upper);
    find_extent();
}

void CellProgram::find_extent() {
    bounded_ = true;
    extent_ = 0;
    for (int i = 0; i < dimension_; ++i) {
        bounded_ = bounded_ && std::isfinite(domain_lower_[i]) && std::isfinite(domain_upper_[i]);
        extent_ = std::max({extent_, std::fabs(domain_lower_[i]), std::fabs(domain_upper_[i])});
    }
    extent_ = error_bound::extent_in_range(extent_);
}

// Most programs never ask in integers, or with twice the digits.
std::vector<exact::Interval>& CellProgram::intervals() const {
    if (intervals_.empty())
        for (int k = 0; k < dimension_; ++k) intervals_.push_back(interval(domain_lower_[k], domain_upper_[k]));
    return intervals_;
}

bool CellProgram::negative_somewhere(const HalfspaceRows& rows, const char* ignored, const Halfspace& objective,
                                     const InnerPoint& inside, InnerPoint& found) {
    ++counts_.solved;
    const Verdict verdict = in_floating_point(rows, ignored, objective, inside, found);
    if (verdict != Verdict::unknown) return verdict == Verdict::yes;
    if (touches_on_basis(rows, objective)) return false;
    return negative_in_many_digits(rows, ignored, objective, inside, found);
}

bool CellProgram::negative_in_many_digits(const HalfspaceRows& rows, const char* ignored, const Halfspace& objective,
                                          const InnerPoint& inside, InnerPoint& found) {
    const Verdict verdict = refined(rows, ignored, objective, inside, found);
    if (verdict != Verdict::unknown) return verdict == Verdict::yes;
    ++counts_.exact;
    return exactly(rows, ignored, objective, inside, found);
}

bool CellProgram::touches_on_basis(const HalfspaceRows& rows, const Halfspace& objective) {
    if (!may_touch(objective)) return false;
    if (!nonnegative_on_basis(rows, objective, simplex_.tight_rows(), simplex_.basic(), Effort::little)) return false;
    ++counts_.by_basis;
    return true;
}

// Whether the least value may be zero, for all that the simplex knows.
bool CellProgram::may_touch(const Halfspace& objective) const {
    return simplex_.value() >= -16 * objective.error(0, extent_of({simplex_.point(), static_cast<std::size_t>(dimension_)}));
}

CellProgram::Verdict CellProgram::refined(const HalfspaceRows& rows, const char* ignored, const Halfspace& objective,
                                          const InnerPoint& inside, InnerPoint& found) {
    if (!refined_) refined_.emplace(dimension_);
    refined_->start(forms_.leading_form(objective.name), objective.sense);
    for (int i = 0; i < rows.count(); ++i)
        if (!(ignored && ignored[i])) refined_->add(forms_.leading_form(rows[i].name), rows[i].sense, i);
    const std::vector<double_double::Number> from = inside.refined();
    for (const double size : refined_reaches) {
        if (!bounded_) set_search_box(inside, size);
        const RefinedProgram::Verdict verdict = refined_->minimise(lower_, upper_, from, bounded_);
        if (verdict == RefinedProgram::Verdict::yes) {
            ++counts_.refined;
            settle(rows, ignored, objective, -1, rational(refined_->witness()), found);
            return Verdict::yes;
        }
        if (verdict == RefinedProgram::Verdict::no) {
            ++counts_.refined;
            return Verdict::no;
        }
        if (refined_->may_touch() && nonnegative_on_basis(rows, objective, refined_->tight_rows(), refined_->basic(), Effort::any)) {
            ++counts_.by_basis;
            return Verdict::no;
        }
        if (bounded_) break;
    }
    return Verdict::unknown;
}

CellProgram::Verdict CellProgram::ask(const HalfspaceRows& rows, const char* ignored, const Halfspace& objective,
                                      const InnerPoint& inside, InnerPoint& found) {
    ++counts_.solved;
    const Verdict verdict = in_floating_point(rows, ignored, objective, inside, found);
    if (verdict == Verdict::no) list_terms(rows, simplex_.active());
    return verdict;
}

bool CellProgram::certainly_inside(const HalfspaceRows& rows, const char* ignored, const double* x, double extent) const {
    for (int k = 0; k < dimension_; ++k)
        if (!(domain_lower_[k] < x[k] && x[k] < domain_upper_[k])) return false;
    rows.evaluate(x, values_);
    for (int i = 0; i < rows.count(); ++i)
        if (!(ignored && ignored[i]) && !(values_[i] > rows.error(i, extent))) return false;
    return true;
}

void CellProgram::set_search_box(const InnerPoint& inside, double size) {
    size *= std::max(1.0, inside.extent);
    for (int k = 0; k < dimension_; ++k) {
        if (std::isinf(domain_lower_[k])) lower_[k] = std::min(domain_upper_[k], inside.x[k]) - size;
        if (std::isinf(domain_upper_[k])) upper_[k] = std::max(domain_lower_[k], inside.x[k]) + size;
    }
}

CellProgram::Verdict CellProgram::in_floating_point(const HalfspaceRows& rows, const char* ignored, const Halfspace& objective,
                                                    const InnerPoint& inside, InnerPoint& found) {
    for (const double size : reaches) {
        if (!bounded_) set_search_box(inside, size);
        const Verdict verdict = in_search_box(rows, ignored, objective, inside, found);
        if (verdict != Verdict::unknown) return verdict;
        if (nonnegative_at_origin(rows, objective)) return Verdict::no;
        if (bounded_) break;
    }
    return Verdict::unknown;
}

CellProgram::Verdict CellProgram::in_search_box(const HalfspaceRows& rows, const char* ignored, const Halfspace& objective,
                                                const InnerPoint& inside, InnerPoint& found) {
    const int count = rows.count();
    shortlist_.clear();
    simplex_.start(objective.row, lower_.data(), upper_.data());
    rows.evaluate(inside.x.data(), at_inside_);
    const double start = objective.at(inside.x.data(), dimension_);
    const int limit = 20 * (dimension_ + count);
    double best = -HUGE_VAL;
    int stalled = 0;
    int tries = 0;
    for (int step = 0; step < limit; ++step) {
        const double value = simplex_.value();
        // The bound rises, unless the objective has ties; then the method may go in circles.
        stalled = value > best ? 0 : stalled + 1;
        best = std::max(best, value);
        if (stalled == patience) {
            double largest_weight = 0;
            for (int k = 0; k < dimension_; ++k) largest_weight = std::max(largest_weight, std::fabs(objective.row[k]));
            simplex_.perturb(tie_break * largest_weight);
            stalled = 0;
        }
        // In an unbounded box a certificate costs as much as many steps, so not each step gets one.
        if (value > 0 && (bounded_ || tries++ % 4 == 0) && certainly_nonnegative(rows, objective)) return Verdict::no;
        Stop stop = first_on_shortlist(rows, inside);
        if (!stop.found()) {
            stop = first_stop(rows, ignored, inside);
            if (value < 0) {
                const double zero = start / (start - value);
                const double middle = 0.5 * (zero + stop.at);
                const bool near = !bounded_ && 2 * zero < middle;  // so that points do not run away from each other
                if (zero < stop.at && near && try_witness(rows, ignored, objective, inside, 2 * zero, found)) return Verdict::yes;
                if (zero < stop.at && try_witness(rows, ignored, objective, inside, middle, found)) return Verdict::yes;
            }
        }
        ++counts_.pivots;
        if (stop.coordinate >= 0) {
            if (!simplex_.enter_bound(stop.coordinate)) return Verdict::unknown;
        } else if (stop.row < 0 || !simplex_.enter_row(rows.row(stop.row), stop.row, stop.value)) {
            return Verdict::unknown;
        }
    }
    return Verdict::unknown;
}

RELUTOPE_CLONES
CellProgram::Stop CellProgram::first_stop(const HalfspaceRows& rows, const char* ignored, const InnerPoint& inside) {
    const double* x = simplex_.point();
    const double size = extent_of({x, static_cast<std::size_t>(dimension_)});
    Stop stop;
    met_.clear();
    rows.evaluate(x, inside.x.data(), at_inside_, at_point_);
    for (int i = 0; i < rows.count(); ++i) {
        const double at_x = at_point_[i];
        if (at_x >= 0 || (ignored && ignored[i]) || at_x >= -16 * rows.error(i, size)) continue;
        const double reached = at_inside_[i] / (at_inside_[i] - at_x);
        if (reached < 1) met_.emplace_back(reached, i);
        if (reached < stop.at) stop = {reached, i, -1, at_x};
    }
    stop_at_box(inside, size, stop);
    if (rows.count() > few_rows) {
        const auto end = met_.begin() + static_cast<std::ptrdiff_t>(std::min(listed_at_once, met_.size()));
        std::partial_sort(met_.begin(), end, met_.end());
        for (auto met = met_.begin(); met != end; ++met) shortlist_.push_back(met->second);
    }
    return stop;
}

RELUTOPE_CLONES
CellProgram::Stop CellProgram::first_on_shortlist(const HalfspaceRows& rows, const InnerPoint& inside) const {
    Stop stop;
    if (shortlist_.empty()) return stop;
    const double* x = simplex_.point();
    const double size = extent_of({x, static_cast<std::size_t>(dimension_)});
    for (const int i : shortlist_) {
        const double at_x = rows.at(i, x);
        if (at_x >= -16 * rows.error(i, size)) continue;
        const double reached = at_inside_[i] / (at_inside_[i] - at_x);
        if (reached < stop.at) stop = {reached, i, -1, at_x};
    }
    stop_at_box(inside, size, stop);
    return stop;
}

void CellProgram::stop_at_box(const InnerPoint& inside, double size, Stop& stop) const {
    const double* x = simplex_.point();
    for (int k = 0; k < dimension_; ++k) {
        if (lower_[k] <= x[k] && x[k] <= upper_[k]) continue;
        const double bound = x[k] < lower_[k] ? lower_[k] : upper_[k];
        const double beyond = x[k] < lower_[k] ? lower_[k] - x[k] : x[k] - upper_[k];
        if (!(beyond > 16 * unit_roundoff * std::max(size, std::fabs(bound)))) continue;
        const double reached = (bound - inside.x[k]) / (x[k] - inside.x[k]);
        if (reached < stop.at) stop = {reached, -1, k, 0};
    }
}

// inside + step * (the simplex's point - inside)
bool CellProgram::try_witness(const HalfspaceRows& rows, const char* ignored, const Halfspace& objective, const InnerPoint& inside,
                              double step, InnerPoint& found) const {
    found.x.resize(dimension_);
    const double* x = simplex_.point();
    for (int k = 0; k < dimension_; ++k) found.x[k] = inside.x[k] + step * (x[k] - inside.x[k]);
    found.radius = 0;
    found.extent = extent_of(found.x);
    found.exact.reset();
    if (!(objective.at(found.x.data(), dimension_) < -objective.error(0, found.extent))) return false;
    return certainly_inside(rows, ignored, found.x.data(), found.extent);
}

bool CellProgram::certainly_nonnegative(const HalfspaceRows& rows, const Halfspace& objective) {
    if (bounded_) return certainly_nonnegative_in_box(rows, objective, simplex_.active());
    list_terms(rows, simplex_.active());
    return certainly_nonnegative_at_vertex(rows, objective) || certainly_nonnegative_by_layers(objective);
}

bool CellProgram::shows(const HalfspaceRows& rows, const Halfspace& objective, std::span<const BoxSimplex::Active> combination) {
    list_terms(rows, combination);
    return bounded_ ? certainly_nonnegative_in_box(rows, objective, combination) : certainly_nonnegative_by_layers(objective);
}

// With m active rows: the residual's coefficients cost (m + 1) u S of rounding, their minimum over the box (n + 1) u S, where
// S = |g|(e) + sum y_i |a_i|(e) bounds all partial sums at the box's extent e. A form's own error bound at e holds
// (n + 3) u |a_i|(e) and the errors of its coefficients, so scaled by (m + n + 6) / (n + 3) it holds both.
RELUTOPE_CLONES
bool CellProgram::certainly_nonnegative_in_box(const HalfspaceRows& rows, const Halfspace& objective,
                                               std::span<const BoxSimplex::Active> active) {
    std::copy_n(objective.row, dimension_, residual_.data());
    double bound = objective.row[dimension_];
    double error = objective.error(0, extent_);
    for (const BoxSimplex::Active& tight : active) {
        const Halfspace halfspace = rows[tight.row];
        double* __restrict target = residual_.data();
        for (int k = 0; k < dimension_; ++k) target[k] -= tight.multiplier * halfspace.row[k];
        bound -= tight.multiplier * halfspace.row[dimension_];
        error += tight.multiplier * halfspace.error(0, extent_);
    }
    for (int k = 0; k < dimension_; ++k) bound += residual_[k] * (residual_[k] < 0 ? upper_[k] : lower_[k]);
    const double scale = (static_cast<double>(active.size()) + dimension_ + 6) / (dimension_ + 3);
    return std::isfinite(bound) && bound > error * scale * inflate + extent_ * 0x1p-1000 + error_bound::underflow;
}

// The multipliers y solve  y A = g  with the n active rows as A. They are as far from those at hand as MultiplierSystem says; nothing
// unless that leaves them positive.
std::optional<double> CellProgram::positive_multipliers(const HalfspaceRows& rows, const Halfspace& objective) {
    const auto active = simplex_.active();
    const int n = dimension_;
    if (static_cast<int>(active.size()) != n) return std::nullopt;
    system_.start(n);
    for (int i = 0; i < n; ++i) {
        std::copy_n(rows.row(active[i].row), n, system_.row(i));
        system_.set_error(i, rows[active[i].row].beta);  // holds the errors of the row's coefficients, and more
    }
    double rho = 2 * objective.beta + error_bound::underflow;
    std::copy_n(objective.row, n, residual_.data());
    for (const BoxSimplex::Active& tight : active) {
        const Halfspace halfspace = rows[tight.row];
        for (int k = 0; k < n; ++k) residual_[k] -= tight.multiplier * halfspace.row[k];
        rho += 2 * tight.multiplier * halfspace.beta;
    }
    for (int k = 0; k < n; ++k) rho += std::fabs(residual_[k]);
    const double off = system_.bound(rho * inflate);
    for (const BoxSimplex::Active& tight : active)
        if (!(tight.multiplier > off)) return std::nullopt;
    return off;
}

// The constant that the multipliers leave must be positive.
bool CellProgram::certainly_nonnegative_at_vertex(const HalfspaceRows& rows, const Halfspace& objective) {
    const std::optional<double> off = positive_multipliers(rows, objective);
    if (!off) return false;
    const int n = dimension_;
    double constant = objective.row[n];
    double size = std::fabs(constant);
    double error = objective.gamma;
    double sum_of_constants = 0;
    for (const BoxSimplex::Active& tight : simplex_.active()) {
        const Halfspace halfspace = rows[tight.row];
        constant -= tight.multiplier * halfspace.row[n];
        size += tight.multiplier * std::fabs(halfspace.row[n]);
        error += tight.multiplier * halfspace.gamma;
        sum_of_constants += std::fabs(halfspace.row[n]) + halfspace.gamma;
    }
    return constant > (error + 2 * (n + 3) * unit_roundoff * size + *off * sum_of_constants) * inflate + error_bound::underflow;
}

// No constant is left where there is none to begin with.
bool CellProgram::nonnegative_at_origin(const HalfspaceRows& rows, const Halfspace& objective) {
    if (!forms_.through_origin(objective.name)) return false;
    for (const BoxSimplex::Active& tight : simplex_.active())
        if (!forms_.through_origin(rows[tight.row].name)) return false;
    return positive_multipliers(rows, objective).has_value();
}

bool CellProgram::certainly_nonnegative_by_layers(const Halfspace& objective) {
    return forms_.certainly_positive({objective.name, objective.sense, 1.0}, terms_);
}

void CellProgram::list_terms(const HalfspaceRows& rows, std::span<const BoxSimplex::Active> active) {
    terms_.clear();
    for (const BoxSimplex::Active& tight : active) {
        const Halfspace halfspace = rows[tight.row];
        terms_.push_back({halfspace.name, halfspace.sense, tight.multiplier});
    }
}

}  // namespace relutope
