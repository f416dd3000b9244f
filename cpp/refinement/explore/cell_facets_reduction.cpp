// How the forms of a cell are made irredundant: the programs of local search.
#include <algorithm>
#include <cmath>

#include "network/maps/exact_maps.hpp"
#include "predicates/clones.hpp"
#include "predicates/error_bound.hpp"
#include "refinement/explore/cell_facets.hpp"

namespace relutope {

namespace {

// From so many on a linear program in a box takes longer than the search for a nearest point.
constexpr int many_dimensions = 32;
using error_bound::infinite;
// Multipliers below this, relative to the largest, are noise of the linear program.
constexpr double negligible_weight = 1e-11;
// How far from the point inside a cell's bounds are looked for, relative to where it stands: a box that is not much larger than the cell
// costs programs the fewest steps.
constexpr double steps_to_bound[] = {0x1p2, 0x1p9};
// Few coordinates are not asked for bounds any more when they gave none so many times.
constexpr int most_failures = 4;

}  // namespace

exact::Form CellFacets::BaseForms::exact_form(FormRef name) {
    if (name.level == 0) return domain_side(problem_.domain, name.index);
    return certificate_.forms().exact_form(name.level - 1, name.index, problem_.base);
}

// Programs of one cell ask again and again.
exact::LeadingForm CellFacets::BaseForms::leading_form(FormRef name) {
    const auto key = static_cast<std::uint64_t>(name.level) << 32 | static_cast<std::uint32_t>(name.index);
    const auto known = leading_.find(key);
    return known != leading_.end() ? known->second : leading_.emplace(key, exact::leading_form(exact_form(name))).first->second;
}

bool CellFacets::BaseForms::certainly_positive(const Term& objective, std::span<const Term> terms) {
    if (problem_.box) return positive_in_box(objective, terms);
    if (objective.name.level > 0) return certificate_.positive(objective, terms);
    if (problem_.base < 0) return false;
    const int unit = certificate_.forms().active(problem_.base)[objective.name.index / 2];
    return certificate_.positive_over(problem_.base, {{problem_.base + 1, unit}, 1.0, 1.0}, terms);
}

// The only objectives of level 0 are the bounds that enclose() looks for.
bool CellFacets::BaseForms::positive_in_box(const Term& objective, std::span<const Term> terms) {
    const auto row_of = [&](FormRef name) {
        if (name.level == 0) return name.index - 2 * problem_.rows.dimension();
        return problem_.row_of[network_.first_neuron(name.level - 1) + name.index];
    };
    double largest = 0;
    for (const Term& term : terms) largest = std::max(largest, term.multiplier);
    rows_.clear();
    multipliers_.clear();
    for (const Term& term : terms) {
        if (!(term.multiplier > negligible_weight * largest)) continue;
        rows_.push_back(row_of(term.name));
        multipliers_.push_back(term.multiplier);
    }
    return problem_.box->positive(objective.name.level == 0 ? -1 : row_of(objective.name), rows_, multipliers_);
}

void CellFacets::reduce(Reduction& problem, bool final, const SearchControl& control) {
    const HalfspaceRows& rows = problem.rows;
    const int n = rows.dimension();
    std::vector<int> order;
    std::vector<double> distance(rows.count());
    for (int i = 0; i < rows.count(); ++i) {
        if (problem.neuron[i] == no_neuron || state_[problem.neuron[i]] != State::candidate) continue;
        order.push_back(i);
        distance[i] = rows[i].at(problem.inside.x.data(), n) / std::sqrt(dot(rows.row(i), rows.row(i), n));
    }
    problem.nearby.reset();  // the point inside may have moved
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return distance[a] < distance[b]; });
    for (const int i : order) {
        if (control.stop.load(std::memory_order_relaxed)) throw Stopped();
        State& state = state_[problem.neuron[i]];
        if (state != State::candidate) continue;
        if (in_bounded_domain(problem) && shown_as_before(problem, i)) {
            drop(problem, i);
            continue;
        }
        search_nearby(problem, i, final, control);
        if (state != State::candidate) continue;
        look_locally(problem, i, final, control);
        if (state != State::candidate) continue;
        shoot(problem, i, final);
        InnerPoint found, beyond;
        while (state == State::candidate) {
            const CellProgram::Verdict verdict = ask(problem, i, found, control);
            if (verdict == CellProgram::Verdict::no) {
                drop(problem, i);
                break;
            }
            const Hit hit = verdict == CellProgram::Verdict::yes ? first_hit(problem, found, beyond) : Hit{};
            if (hit.row >= 0) {
                confirm(problem, hit.row, beyond, final);
                continue;
            }
            if (!final) break;
            if (is_facet_exactly(problem, i, verdict, beyond)) confirm(problem, i, beyond, final);
            else state = State::redundant;
        }
    }
}

// What floating point leaves open after it has looked at the facets known so far, with this verdict.
bool CellFacets::is_facet_exactly(Reduction& problem, int row, CellProgram::Verdict verdict, InnerPoint& beyond) {
    const Halfspace objective = problem.rows[row];
    CellProgram& program = *problem.program;
    const bool open = verdict == CellProgram::Verdict::unknown;
    if (open && program.touches_on_basis(problem.known, objective)) return false;
    std::vector<char> ignored(problem.rows.count());
    for (int j = 0; j < problem.rows.count(); ++j)
        ignored[j] = j == row || is_redundant(problem, j);
    if (open) return program.negative_in_many_digits(problem.rows, ignored.data(), objective, problem.inside, beyond);
    return program.negative_somewhere(problem.rows, ignored.data(), objective, problem.inside, beyond);
}

// In an unbounded domain the cell is enclosed after as many programs as that takes, or when one proves nothing.
CellProgram::Verdict CellFacets::ask(Reduction& problem, int row, InnerPoint& found, const SearchControl& control) {
    if (can_enclose(problem) && ++problem.asked > 2 * problem.rows.dimension()) enclose(problem, control);
    const auto verdict = problem.program->ask(problem.known, nullptr, problem.rows[row], problem.inside, found);
    if (verdict != CellProgram::Verdict::unknown || !can_enclose(problem)) return verdict;
    enclose(problem, control);
    return problem.program->ask(problem.known, nullptr, problem.rows[row], problem.inside, found);
}

void CellFacets::enclose(Reduction& problem, const SearchControl& control) {
    ImpliedBox& box = *problem.box;
    const std::vector<double>& inside = problem.inside.x;
    box.take_single_rows(inside);
    const double size = std::max(1.0, problem.inside.extent);
    InnerPoint beyond;
    int failed = 0;
    for (int index = 0; index < problem.domain.num_box_sides(); ++index) {
        const BoxSide side(index);
        for (const double step : steps_to_bound) {
            if (control.stop.load(std::memory_order_relaxed)) throw Stopped();
            if (box.is_bounded(side)) break;
            const double bound = inside[side.axis] + side.outwards() * step * size;
            const Halfspace goal = box.begin(side, bound);
            if (failed < most_failures) {
                if (bounds_locally(problem, goal, step * size)) {
                    box.accept(inside);
                    break;
                }
                ++failed;
            }
            const auto verdict = problem.program->ask(problem.rows, nullptr, goal, problem.inside, beyond);
            if (verdict == CellProgram::Verdict::no) box.accept(inside);
            if (verdict == CellProgram::Verdict::unknown) break;
        }
    }
    problem.domain.lower = box.lower();
    problem.domain.upper = box.upper();
    counts_.add(problem.program->counts());
    problem.program = std::make_unique<CellProgram>(problem.domain, *problem.forms);
    problem.program->watch(control.stop);
    problem.enclosed = true;
}

// Whether rows that see few coordinates show that a bound holds; they are looked for within `size` of the point inside.
bool CellFacets::bounds_locally(Reduction& problem, const Halfspace& goal, double size) {
    if (problem.rows.num_sparse() == 0) return false;
    const std::vector<double>& inside = problem.inside.x;
    std::vector<double> lower, upper;
    for (std::size_t k = 0; k < inside.size(); ++k) {
        lower.push_back(std::max(problem.domain.lower[k], inside[k] - 2 * size));
        upper.push_back(std::min(problem.domain.upper[k], inside[k] + 2 * size));
    }
    local_.begin(goal.row, problem.rows.dimension());
    const auto proves = [&](std::span<const BoxSimplex::Active> combination) {
        return problem.program->shows(problem.rows, goal, combination);
    };
    do {
        const auto outcome = local_.solve(problem.rows, goal, inside, lower, upper, problem.domain, LocalProgram::Others::dropped, proves);
        if (outcome == LocalProgram::Outcome::positive) return true;
    } while (local_.grow(problem.rows));
    return false;
}

// Decides about a row that sees few coordinates. A combination may hold candidates as well as facets, but no row that has been dropped:
// rows are dropped one after the other, and each time the others leave the cell as it is.
void CellFacets::search_nearby(Reduction& problem, int row, bool final, const SearchControl& control) {
    if (!problem.rows.is_sparse(row) || !problem.program->bounded()) return;
    if (!problem.nearby) problem.nearby.emplace(problem.rows, problem.inside.x, problem.domain.lower, problem.domain.upper);
    ignored_.resize(problem.rows.count());
    for (int i = 0; i < problem.rows.count(); ++i) ignored_[i] = is_redundant(problem, i);
    const auto proves = [&](std::span<const BoxSimplex::Active> combination) {
        return problem.program->shows(problem.rows, problem.rows[row], combination);
    };
    const SparseSearch::Outcome outcome = problem.nearby->decide(row, ignored_.data(), proves, control.stop);
    if (outcome == SparseSearch::Outcome::positive) return drop(problem, row);
    if (outcome != SparseSearch::Outcome::point) return;
    InnerPoint towards, beyond;
    towards.x = problem.nearby->point();
    const Hit hit = first_hit(problem, towards, beyond);
    if (hit.row >= 0) confirm(problem, hit.row, beyond, final);
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

bool CellFacets::is_wide(const Reduction& problem) { return problem.base < 0 && problem.rows.dimension() >= many_dimensions; }

// Straight towards a form's hyperplane: what is met first is a facet, often this one. In a bounded domain of many dimensions that is a side
// of the domain, as a rule. With many dimensions a nearest point is looked for, since programs take long.
void CellFacets::shoot(Reduction& problem, int row, bool final) {
    const HalfspaceRows& rows = problem.rows;
    const int n = rows.dimension();
    const State& state = state_[problem.neuron[row]];
    const std::vector<double>& inside = problem.inside.x;
    InnerPoint towards, beyond;
    if (!in_bounded_domain(problem) || !is_wide(problem)) {
        const double slope = rows[row].at(inside.data(), n) / dot(rows.row(row), rows.row(row), n);
        towards.x = inside;
        for (int k = 0; k < n; ++k) towards.x[k] -= 2 * slope * rows.row(row)[k];
        const Hit hit = first_hit(problem, towards, beyond);
        if (hit.row >= 0) confirm(problem, hit.row, beyond, final);
    }
    if (!is_wide(problem)) return;
    while (state == State::candidate && problem.search->beyond(problem.known, rows[row], inside, towards.x)) {
        const Hit hit = first_hit(problem, towards, beyond);
        if (hit.row < 0) return;
        confirm(problem, hit.row, beyond, final);
    }
}

// Whether what showed on another cell that the neuron of a row is no facet shows it here. Neurons that it needs (keep_proof) may have
// changed their states since; the same multipliers often do all the same.
bool CellFacets::shown_as_before(Reduction& problem, int row) {
    std::vector<BoxSimplex::Active> combination;
    for (const BaseForms::Term& term : combinations_[problem.neuron[row]]) {
        const int other = term.name.level == 0 ? term.name.index - 2 * problem.rows.dimension()
                                               : problem.row_of[network_.first_neuron(term.name.level - 1) + term.name.index];
        if (other >= 0) combination.push_back({other, term.multiplier});
    }
    return problem.program->shows(problem.rows, problem.rows[row], combination);
}

// REQUIRES: the problem's program has just shown that the row is redundant.
void CellFacets::drop(Reduction& problem, int row) {
    state_[problem.neuron[row]] = State::redundant;
    keep_proof(problem, row);
    const auto terms = problem.program->multipliers();
    if (in_bounded_domain(problem)) combinations_[problem.neuron[row]].assign(terms.begin(), terms.end());
}

// REQUIRES: as for drop.
void CellFacets::keep_proof(const Reduction& problem, int row) {
    const Halfspace halfspace = problem.rows[row];
    const BaseForms::Term objective{halfspace.name, halfspace.sense, 1.0};
    const auto terms = problem.program->multipliers();
    if (in_bounded_domain(problem)) certificate_.adopt(objective, terms);
    else if (problem.base < 0 || !certificate_.positive(objective, terms)) return;
    certificate_.needed_states(needed_);
    proofs_.add(problem.neuron[row], pattern_.data(), needed_);
}

// From the point inside to `target`: the candidate that is met first, when it is certain, and then a point beyond it alone.
RELUTOPE_CLONES
CellFacets::Hit CellFacets::first_hit(Reduction& problem, const InnerPoint& target, InnerPoint& beyond) {
    const HalfspaceRows& rows = problem.rows;
    const int n = rows.dimension();
    const double* from = problem.inside.x.data();
    const double* to = target.x.data();
    double first = infinite, second = infinite;
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
    const double step = std::min(0.5 * (first + second), 2 * first);
    beyond.x.resize(n);
    for (int k = 0; k < n; ++k) beyond.x[k] = from[k] + step * (to[k] - from[k]);
    beyond.extent = extent_of(beyond.x);
    beyond.radius = 0;
    beyond.exact.reset();
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
