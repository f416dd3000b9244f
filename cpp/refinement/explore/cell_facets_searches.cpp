// How rows of a cell are decided before a program is asked: by searches among few rows, and by shots. See cell_facets.hpp.
#include <algorithm>
#include <cmath>

#include "predicates/clones.hpp"
#include "predicates/error_bound.hpp"
#include "refinement/explore/cell_facets.hpp"

namespace relutope {

void CellFacets::mark_redundant(const Reduction& problem) {
    ignored_.resize(problem.rows.count());
    for (int i = 0; i < problem.rows.count(); ++i) ignored_[i] = is_redundant(problem, i);
}

// What is met first on the way from the point inside to another one is a facet, if that is certain.
void CellFacets::confirm_towards(Reduction& problem, const std::vector<double>& target, bool final) {
    InnerPoint towards, beyond;
    towards.x = target;
    const Hit hit = first_hit(problem, towards, beyond);
    if (hit.row >= 0) confirm(problem, hit.row, beyond, final);
}

// Decides about a row where a program would take long. Where the cell before had the facet it is sought first, with the rows that held the
// point then: most cells differ little from the cell before.
void CellFacets::search_densely(Reduction& problem, int row, bool final, const SearchControl& control) {
    if (!is_wide(problem)) return;
    if (!problem.dense) problem.dense.emplace(problem.rows, problem.inside.x, problem.domain.lower, problem.domain.upper);
    DenseSearch& search = *problem.dense;
    mark_redundant(problem);
    const auto proves = [&](std::span<const BoxSimplex::Active> combination) {
        return problem.program->shows(problem.rows, problem.rows[row], combination);
    };
    const HyperplaneId neuron = problem.neuron[row];
    std::vector<int> holding;
    const auto add = [&](HyperplaneId other) {
        const int i = other < 0 ? -1 : problem.row_of[other];
        if (i >= 0 && !ignored_[i]) holding.push_back(i);
    };
    DenseSearch::Hint hint;
    if (const auto* crossing = crossing_before_[neuron]; crossing && neuron != between_) {
        hint.near = *crossing;
        add(between_);
    }
    for (const HyperplaneId other : held_before_[neuron]) add(other);
    hint.rows = holding;
    const DenseSearch::Outcome outcome = search.decide(row, ignored_.data(), hint, proves, control.stop);
    held_before_[neuron].clear();
    for (const int i : search.holding_rows())
        if (problem.neuron[i] != no_neuron) held_before_[neuron].push_back(problem.neuron[i]);
    if (outcome == DenseSearch::Outcome::positive) return drop(problem, row);
    if (outcome != DenseSearch::Outcome::point) return;
    confirm_towards(problem, search.point(), final);
}

// Decides about a row that sees few coordinates. A combination may hold candidates as well as facets, but no row that has been dropped:
// rows are dropped one after the other, and each time the others leave the cell as it is.
void CellFacets::search_nearby(Reduction& problem, int row, bool final, const SearchControl& control) {
    if (!problem.rows.is_sparse(row) || !problem.program->bounded()) return;
    if (!problem.nearby) problem.nearby.emplace(problem.rows, problem.inside.x, problem.domain.lower, problem.domain.upper);
    mark_redundant(problem);
    const auto proves = [&](std::span<const BoxSimplex::Active> combination) {
        return problem.program->shows(problem.rows, problem.rows[row], combination);
    };
    const SparseSearch::Outcome outcome = problem.nearby->decide(row, ignored_.data(), proves, control.stop);
    if (outcome == SparseSearch::Outcome::positive) return drop(problem, row);
    if (outcome != SparseSearch::Outcome::point) return;
    confirm_towards(problem, problem.nearby->point(), final);
}

// Decides about a row among few coordinates, as far as these can tell: by a combination of the facets that see no others, or by a point
// beyond it that no row forbids, first where those facets alone would allow one, then where the others do as well.
void CellFacets::look_locally(Reduction& problem, int row, bool final, const SearchControl& control) {
    if (!problem.rows.is_sparse(row) || !problem.program->bounded()) return;
    const State& state = state_[problem.neuron[row]];
    const Halfspace objective = problem.rows[row];
    const auto proves = [&](std::span<const BoxSimplex::Active> combination) {
        return problem.program->shows(problem.known, objective, combination);
    };
    InnerPoint towards, beyond;
    local_.begin(objective.row, problem.rows.dimension());
    do {
        for (const auto others : {LocalProgram::Others::dropped, LocalProgram::Others::held}) {
            while (true) {
                if (control.stop.load(std::memory_order_relaxed)) throw Stopped();
                const auto outcome = local_.solve(problem.known, objective, problem.inside.x, problem.domain.lower, problem.domain.upper,
                                                  problem.domain, others, proves);
                if (outcome == LocalProgram::Outcome::positive) return drop(problem, row);
                if (outcome != LocalProgram::Outcome::point) break;
                towards.x = local_.point(problem.inside.x);
                const Hit hit = first_hit(problem, towards, beyond);
                if (hit.row < 0) break;
                confirm(problem, hit.row, beyond, final);
                if (state != State::candidate) return;
            }
        }
    } while (local_.grow(problem.rows));
}

// Straight towards a form's hyperplane: what is met first is a facet, often this one. In a bounded domain of many dimensions that is a side
// of the domain, as a rule.
void CellFacets::shoot(Reduction& problem, int row, bool final) {
    if (in_bounded_domain(problem) && is_wide(problem)) return;
    const HalfspaceRows& rows = problem.rows;
    const int n = rows.dimension();
    std::vector<double> target = problem.inside.x;
    const double slope = rows[row].at(target.data(), n) / dot(rows.row(row), rows.row(row), n);
    for (int k = 0; k < n; ++k) target[k] -= 2 * slope * rows.row(row)[k];
    confirm_towards(problem, target, final);
}

// Whether the point at this part of the way from the point inside to `target` is certainly beyond one row alone, by the rows' values at both
// ends, there_ those at `target`: each is linear on the way, so that the errors at the ends bound those between. Of the point itself nothing
// is rounded.
RELUTOPE_CLONES
bool CellFacets::is_beyond_on_segment(const Reduction& problem, int row, const InnerPoint& target, double step) const {
    const HalfspaceRows& rows = problem.rows;
    const int n = rows.dimension();
    for (int k = 0; k < n; ++k)
        if (!(problem.domain.lower[k] <= target.x[k] && target.x[k] <= problem.domain.upper[k])) return false;
    const double extent = std::max(problem.inside.extent, extent_of(target.x));
    for (int i = 0; i < rows.count(); ++i) {
        if (is_redundant(problem, i)) continue;
        const double here = problem.at_inside[i], there = there_[i];
        const double value = here + step * (there - here);
        const double rounding = 4 * error_bound::unit_roundoff * (std::fabs(here) + std::fabs(there));
        if (!((i == row ? -value : value) > (rows.error(i, extent) + rounding) * error_bound::inflate + error_bound::underflow)) return false;
    }
    return true;
}

// From the point inside to `target`: the candidate that is met first, when it is certain, and then a point beyond it alone.
RELUTOPE_CLONES
CellFacets::Hit CellFacets::first_hit(Reduction& problem, const InnerPoint& target, InnerPoint& beyond) {
    const HalfspaceRows& rows = problem.rows;
    const int n = rows.dimension();
    const double* from = problem.inside.x.data();
    const double* to = target.x.data();
    double first = error_bound::infinite, second = error_bound::infinite;
    Hit hit;
    const auto meet = [&](int row, int axis, double here, double there) {
        if (!(there < here)) return;
        const double at = here / (here - there);
        if (at < first) {
            second = first;
            first = at;
            hit = {row, axis};
        } else {
            second = std::min(second, at);
        }
    };
    const auto in_play = [&](int i) { return !is_redundant(problem, i); };
    std::vector<double>& here = problem.at_inside;
    if (here.empty()) rows.evaluate(from, here);
    rows.evaluate(to, from, here, there_);
    for (int i = 0; i < rows.count(); ++i)
        if (in_play(i)) meet(i, -1, here[i], there_[i]);
    for (int k = 0; k < n; ++k) {
        meet(-1, k, from[k] - problem.domain.lower[k], to[k] - problem.domain.lower[k]);
        meet(-1, -1, problem.domain.upper[k] - from[k], problem.domain.upper[k] - to[k]);
    }
    HyperplaneId neuron = no_neuron;
    if (hit.row >= 0) neuron = problem.neuron[hit.row];
    if (hit.axis >= 0 && base_ == 0 && problem.base == 0) neuron = forms().active(0)[hit.axis];
    if (neuron == no_neuron || state_[neuron] != State::candidate) return {};
    double step = std::min(0.5 * (first + second), 2 * first);
    if (first < 1) step = std::min(step, 0.5 * (first + 1));
    beyond.x.resize(n);
    for (int k = 0; k < n; ++k) beyond.x[k] = from[k] + step * (to[k] - from[k]);
    beyond.extent = extent_of(beyond.x);
    beyond.radius = 0;
    beyond.exact.reset();
    if (hit.row >= 0 && step < 1 && is_beyond_on_segment(problem, hit.row, target, step)) return hit;
    for (int k = 0; k < n; ++k) {
        const double x = beyond.x[k];
        if (k == hit.axis ? !(x < 0) : !(problem.domain.lower[k] < x && x < problem.domain.upper[k])) return {};
    }
    rows.evaluate(beyond.x.data(), from, here, there_);
    for (int i = 0; i < rows.count(); ++i)
        if (in_play(i) && !((i == hit.row ? -there_[i] : there_[i]) > rows.error(i, beyond.extent))) return {};
    return hit;
}

}  // namespace relutope
