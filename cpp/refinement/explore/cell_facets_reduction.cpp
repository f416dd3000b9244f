// How the forms of a cell are made irredundant: the programs of local search.
#include <algorithm>
#include <cmath>

#include "network/maps/exact_maps.hpp"
#include "refinement/explore/cell_facets.hpp"

namespace relutope {

namespace {

// From so many on a linear program in a box takes longer than the search for a nearest point.
constexpr int many_dimensions = 32;
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

// Looking at rows takes most of the time where they are long.
void CellFacets::leave_out_redundant(Reduction& problem) {
    HalfspaceRows rows(problem.rows.dimension());
    std::vector<HyperplaneId> neuron;
    for (int i = 0; i < problem.rows.count(); ++i) {
        if (is_redundant(problem, i)) {
            problem.row_of[problem.neuron[i]] = -1;
            continue;
        }
        if (problem.neuron[i] != no_neuron) problem.row_of[problem.neuron[i]] = rows.count();
        neuron.push_back(problem.neuron[i]);
        rows.push(problem.rows[i]);
    }
    problem.rows = std::move(rows);
    problem.neuron = std::move(neuron);
    problem.at_inside.clear();
}

void CellFacets::reduce(Reduction& problem, bool final, const SearchControl& control) {
    if (is_wide(problem) && !problem.box) leave_out_redundant(problem);
    const HalfspaceRows& rows = problem.rows;
    const int n = rows.dimension();
    std::vector<int> order;
    std::vector<double> distance(rows.count());
    for (int i = 0; i < rows.count(); ++i) {
        if (problem.neuron[i] == no_neuron || state_[problem.neuron[i]] != State::candidate) continue;
        order.push_back(i);
        distance[i] = rows[i].at(problem.inside.x.data(), n) / std::sqrt(dot(rows.row(i), rows.row(i), n));
    }
    problem.dense.reset();
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
        if (state != State::candidate) continue;
        search_densely(problem, i, final, control);
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
    problem.dense.reset();
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

bool CellFacets::is_wide(const Reduction& problem) { return problem.base < 0 && problem.rows.dimension() >= many_dimensions; }

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

}  // namespace relutope
