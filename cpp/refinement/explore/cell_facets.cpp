#include "refinement/explore/cell_facets.hpp"

#include <algorithm>
#include <cmath>

#include "geometry/centring.hpp"
#include "predicates/error_bound.hpp"
#include "refinement/common/memory.hpp"

namespace relutope {

namespace {

using error_bound::infinite;
// Determinants of two normals below this, relative to what they are of normals at right angles, say nothing.
constexpr double nearly_parallel = 1e-6;

error_bound::FormBound bound_of(const ActiveForm& form) {
    double norm = 0, error = 0;
    for (const double weight : form.weight) norm += std::fabs(weight);
    for (const double bound : form.weight_error) error += bound;
    return error_bound::form_bound(static_cast<int>(form.weight.size()), norm, form.constant, error * error_bound::inflate,
                                   form.constant_error);
}

bool has_weight(const exact::Form& form) {
    return std::any_of(form.weight.begin(), form.weight.end(), [](const exact::Integer& weight) { return !weight.is_zero(); });
}

}  // namespace

CellFacets::CellFacets(const Network& network, const Domain& domain, bool by_first_layer)
    : network_(network), repeated_(network), domain_(domain), bounded_domain_(domain.has_bounded_box()), by_first_layer_(by_first_layer), base_(by_first_layer ? 0 : -1), certificate_(network),
      proofs_(network.num_neurons()), combinations_(network.num_neurons()), pattern_(words_for(network.num_neurons())),
      held_before_(network.num_neurons()) {
    for (int layer = 0; layer < network.num_hidden(); ++layer) {
        active_.push_back(network.linear_bits(layer));
        for (int i = 0; i < network.layer(layer).neurons(); ++i) names_.push_back({layer + 1, i});
    }
}

std::uint64_t CellFacets::bytes() const {
    const auto neurons = static_cast<std::uint64_t>(network_.num_neurons()), coordinates = static_cast<std::uint64_t>(dimension()) + 1;
    std::uint64_t bytes = proofs_.bytes() + 32 * neurons * coordinates * sizeof(double);  // measured: 24 copies of all rows
    for (const auto& terms : combinations_) bytes += bytes_held(terms);
    for (const auto& held : held_before_) bytes += bytes_held(held);
    return bytes;
}

int CellFacets::dimension() const { return by_first_layer_ ? network_.layer(0).outputs : network_.input_dimension(); }

// -- the cell

void CellFacets::set_cell(const std::uint64_t* pattern) {
    pattern_.assign(pattern, pattern + pattern_.size());
    for (int layer = 0; layer < network_.num_hidden(); ++layer) {
        active_[layer] = network_.linear_bits(layer);
        unpack_bits(pattern, network_.first_neuron(layer), network_.layer(layer).neurons(), active_[layer]);
        certificate_.set_active(layer, active_[layer].data());
    }
    if (last_) counts_.add(last_->program->counts());
    last_.reset();
}

ProgramCounts CellFacets::counts() const {
    ProgramCounts result = counts_;
    if (last_) result.add(last_->program->counts());
    return result;
}

// Where the active units of hidden layer `base` are: the neurons among them are positive.
Domain CellFacets::orthant(int base) const {
    Domain domain;
    for (const int unit : certificate_.forms().active(base)) {
        domain.lower.push_back(unit < network_.layer(base).neurons() ? 0.0 : -infinite);
        domain.upper.push_back(infinite);
    }
    return domain;
}

std::unique_ptr<CellFacets::Reduction> CellFacets::reduction(int base) {
    Domain domain = base < 0 ? domain_ : orthant(base);
    const int n = domain.dimension();
    auto result = std::make_unique<Reduction>(Reduction{base, std::move(domain), nullptr, nullptr, HalfspaceRows(n), {},
                                                        std::vector<int>(names_.size(), -1), {}, {}, HalfspaceRows(n), nullptr, false, 0, {}, {}});
    if (base < 0 && !bounded_domain_) result->box = std::make_unique<ImpliedBox>(result->domain, result->rows);
    result->forms = std::make_unique<BaseForms>(network_, *result, certificate_);
    result->program = std::make_unique<CellProgram>(result->domain, *result->forms);
    for (std::size_t j = 0; j < result->domain.halfspaces.size(); ++j) {
        const std::vector<double>& row = result->domain.halfspaces[j];
        form_ = {{row.begin(), row.end() - 1}, std::vector<double>(n), row.back(), 0};
        result->rows.push(form_.weight.data(), form_.constant, bound_of(form_), {0, result->domain.num_box_sides() + static_cast<int>(j)}, 1.0);
        if (result->box) result->box->push_errors(form_.weight_error);
        result->known.push(result->rows[result->rows.count() - 1]);
        result->neuron.push_back(no_neuron);
    }
    const int first = base < 0 ? 0 : network_.first_neuron(base + 1);
    for (HyperplaneId neuron = first; neuron < static_cast<HyperplaneId>(names_.size()); ++neuron)
        if (state_[neuron] == State::candidate) add_row(*result, neuron);
    return result;
}

// Leaves out neurons that are constant on the cell.
void CellFacets::add_row(Reduction& target, HyperplaneId neuron) {
    const FormRef name = names_[neuron];
    const double sense = sense_of(neuron);
    certificate_.forms().form(name.level - 1, name.index, target.base, form_);
    double norm = 0, error = 0;
    for (const double weight : form_.weight) norm += std::fabs(weight);
    for (const double bound : form_.weight_error) error += bound;
    if (!(norm > error)) {
        if (norm == 0 && error == 0 && std::fabs(form_.constant) > form_.constant_error) {
            state_[neuron] = State::redundant;
            return;
        }
        const exact::Form form = target.forms->exact_form(name);
        if (!has_weight(form)) {
            if (form.constant.is_zero()) zero_.push_back(neuron);
            state_[neuron] = State::redundant;
            return;
        }
    }
    for (double& weight : form_.weight) weight *= sense;
    target.rows.push(form_.weight.data(), sense * form_.constant, bound_of(form_), name, sense);
    if (target.box) target.box->push_errors(form_.weight_error);
    target.row_of[neuron] = target.rows.count() - 1;
    target.neuron.push_back(neuron);
}

InnerPoint CellFacets::program_point(const std::vector<double>& point) const {
    InnerPoint inside;
    if (base_ < 0) {
        inside.x = point;
    } else {
        for (const int unit : certificate_.forms().active(0)) inside.x.push_back(point[unit]);
    }
    inside.extent = extent_of(inside.x);
    return inside;
}

bool CellFacets::set_point(const std::vector<double>& point) {
    if (!last_) {
        state_.assign(names_.size(), State::candidate);
        for (std::size_t neuron = 0; neuron < state_.size(); ++neuron)
            if (proofs_.proves(static_cast<HyperplaneId>(neuron), pattern_.data())) state_[neuron] = State::redundant;
        zero_.clear();
        last_ = reduction(base_);
    }
    InnerPoint inside = program_point(point);
    if (base_ == 0) {
        for (int i = 0; i < network_.layer(0).neurons(); ++i)
            if (!(sense_of(i) * point[i] > 0)) return false;
    } else {
        for (int k = 0; k < network_.input_dimension(); ++k)
            if (!(domain_.lower[k] < point[k] && point[k] < domain_.upper[k])) return false;
    }
    const int n = last_->rows.dimension();
    std::optional<exact::Point> exactly;
    for (int i = 0; i < last_->rows.count(); ++i) {
        const Halfspace row = last_->rows[i];
        const double value = row.at(inside.x.data(), n), error = row.error(0, inside.extent);
        if (value > error) continue;
        if (value < -error) return false;
        if (!exactly) exactly = inside.rational();
        if (row.sense * exact::sign_at(last_->forms->exact_form(row.name), *exactly) <= 0) return false;
    }
    last_->inside = std::move(inside);
    last_->at_inside.clear();
    point_ = point;
    return true;
}

bool CellFacets::centre() { return move_to(centred(last_->rows, last_->domain.lower, last_->domain.upper, last_->inside.x)); }

// Takes x, in the program's coordinates, as the point if it is certainly inside.
bool CellFacets::move_to(const std::vector<double>& x) {
    std::vector<double> moved = point_;
    if (base_ < 0) {
        moved = x;
    } else {
        const std::vector<int>& units = forms().active(0);
        for (std::size_t k = 0; k < x.size(); ++k) moved[units[k]] = x[k];
    }
    const std::vector<double> before = point_;
    if (set_point(moved)) return true;
    set_point(before);
    return false;
}

// -- facets

const std::vector<CellFacet>& CellFacets::find(const SearchControl& control, const Door& door) {
    facets_.clear();
    last_->program->watch(control.stop);
    between_ = door.neuron;
    crossing_before_.assign(names_.size(), nullptr);
    if (is_wide(*last_))
        for (const auto& [neuron, crossing] : door.crossings) crossing_before_[neuron] = &crossing;
    find_groups();
    look(door);
    centre();
    // Where the domain decides, what layers show is not worth what the widest of their programs takes.
    const int last_base = in_bounded_domain(*last_) && is_wide(*last_) && domain_decides_ ? std::max(base_, 0) : base_;
    for (int base = network_.num_hidden() - 2; base > last_base; --base) {
        if (control.stop.load(std::memory_order_relaxed)) throw Stopped();
        peel(base);
    }
    const auto left = std::count(state_.begin(), state_.end(), State::candidate);
    reduce(*last_, true, control);
    domain_decides_ = 4 * static_cast<std::ptrdiff_t>(facets_.size()) < 3 * left;
    if (base_ == 0) find_own_facets(*last_);
    std::sort(facets_.begin(), facets_.end(), [](const CellFacet& a, const CellFacet& b) { return a.zeros < b.zeros; });
    return facets_;
}

// One neuron of each set that vanishes on the same hyperplane stays a candidate: the first.
void CellFacets::find_groups() {
    const HalfspaceRows& rows = last_->rows;
    const int n = rows.dimension();
    const std::vector<double> direction = generic_direction(n);
    double steepest = 0;
    for (const double slope : direction) steepest = std::max(steepest, std::fabs(slope));
    ProportionalForms::Ratios ratios(names_.size());
    std::vector<int> indices;
    for (int i = 0; i < rows.count(); ++i) {
        const HyperplaneId neuron = last_->neuron[i];
        if (neuron == no_neuron || state_[neuron] != State::candidate) continue;
        const Halfspace row = rows[i];
        // beta bounds the errors of the coefficients and of a sum of n products with factors up to one.
        ratios.set(neuron, dot(row.row, direction.data(), n), row.beta * std::max(1.0, steepest),
                   row.at(last_->inside.x.data(), n), row.error(0, last_->inside.extent));
        indices.push_back(neuron);
    }
    if (base_ == 0) {
        const std::vector<int>& units = certificate_.forms().active(0);
        for (int k = 0; k < n; ++k) {
            if (units[k] >= network_.layer(0).neurons()) continue;
            ratios.set(units[k], direction[k], 0, last_->inside.x[k], 0);
            indices.push_back(units[k]);
        }
    }
    const auto exact_form = [&](int neuron) {
        const FormRef name = names_[neuron];
        if (name.level > base_ + 1) return last_->forms->exact_form(name);
        const std::vector<int>& units = certificate_.forms().active(0);
        exact::Form form{std::vector<exact::Integer>(units.size()), 0, 0};
        form.weight[std::lower_bound(units.begin(), units.end(), name.index) - units.begin()] = 1;
        return form;
    };
    const auto repeated = [&](int a, int b) {
        return (base_ < 0 || names_[a].level > 1) && repeated_.original(a) == repeated_.original(b);
    };
    groups_.clear();
    for (const std::vector<int>& cluster : ProportionalForms::clusters(indices, ratios)) {
        if (cluster.size() == 1) continue;
        for (std::vector<int>& members : ProportionalForms::classes(cluster, exact_form, repeated))
            if (members.size() > 1) groups_.push_back(std::move(members));
    }
    group_of_.assign(names_.size(), -1);
    for (std::size_t g = 0; g < groups_.size(); ++g) {
        for (const int neuron : groups_[g]) {
            group_of_[neuron] = static_cast<int>(g);
            if (neuron != groups_[g].front()) state_[neuron] = State::redundant;
        }
    }
}

// From the point inside towards where facets of the cell before were. The segment to such a point would meet the facet in between first, so
// the point is moved to this side of it, along the hyperplane that is looked for.
void CellFacets::look(const Door& door) {
    if (bounded_domain_ && is_wide(*last_)) return;  // sides of the domain are in the way
    const int between = door.neuron < 0 ? -1 : last_->row_of[door.neuron];
    InnerPoint beyond;
    for (const auto& [neuron, crossing] : door.crossings) {
        const HyperplaneId wanted = group_of_[neuron] < 0 ? neuron : groups_[group_of_[neuron]].front();
        if (state_[wanted] != State::candidate) continue;
        InnerPoint target = program_point(crossing);
        if (between >= 0 && neuron != door.neuron) move_before(between, last_->row_of[wanted], target);
        const Hit hit = first_hit(*last_, target, beyond);
        if (hit.row >= 0) confirm(*last_, hit.row, beyond, true);
        if (hit.axis >= 0) confirm_own(*last_, hit.axis, beyond);
    }
}

// The nearest point to x where row `between` is as large as at the point inside and row `wanted`, if there is one, vanishes.
void CellFacets::move_before(int between, int wanted, InnerPoint& x) const {
    const HalfspaceRows& rows = last_->rows;
    const int n = rows.dimension();
    const std::vector<double> nothing(wanted < 0 ? n : 0);
    const double *const a = rows.row(between), *const b = wanted < 0 ? nothing.data() : rows.row(wanted);
    const double rise = rows.at(between, last_->inside.x.data()) - rows.at(between, x.x.data());
    const double fall = wanted < 0 ? 0.0 : rows.at(wanted, x.x.data());
    const double aa = dot(a, a, n), ab = dot(a, b, n), bb = wanted < 0 ? 1.0 : dot(b, b, n);
    const double determinant = aa * bb - ab * ab;
    if (!(determinant > nearly_parallel * aa * bb)) return;
    const double along_a = (rise * bb + fall * ab) / determinant, along_b = -(fall * aa + rise * ab) / determinant;
    for (int k = 0; k < n; ++k) x.x[k] += along_a * a[k] + along_b * b[k];
    x.extent = extent_of(x.x);
}

// Drops forms of the layers after `base` that its units and the others of these forms imply. It only saves work where there are fewer
// dimensions, so floating point alone is asked.
void CellFacets::peel(int base) {
    if (forms().active(base).size() >= static_cast<std::size_t>(last_->rows.dimension())) return;
    const std::vector<State> before = state_;
    const std::vector<HyperplaneId> zero = zero_;
    const std::unique_ptr<Reduction> problem = reduction(base);
    zero_ = zero;  // those of the cell are known
    problem->inside.x.clear();
    const int n = last_->rows.dimension();
    for (const int unit : forms().active(base)) {
        forms().form(base, unit, base_, form_);
        problem->inside.x.push_back(dot(form_.weight.data(), last_->inside.x.data(), n) + form_.constant);
    }
    problem->inside.extent = extent_of(problem->inside.x);
    if (problem->program->certainly_inside(problem->rows, nullptr, problem->inside.x.data(), problem->inside.extent))
        reduce(*problem, false, SearchControl{});
    for (std::size_t neuron = 0; neuron < state_.size(); ++neuron)
        if (before[neuron] != State::candidate || state_[neuron] != State::redundant) state_[neuron] = before[neuron];
    counts_.add(problem->program->counts());
}

void CellFacets::confirm(Reduction& problem, int row, const InnerPoint& beyond, bool final) {
    const HyperplaneId neuron = problem.neuron[row];
    state_[neuron] = State::facet;
    problem.known.push(problem.rows[row]);
    if (!final) return;
    const int n = problem.rows.dimension();
    add_facet(neuron, crossing_of(problem, problem.rows[row].at(problem.inside.x.data(), n), problem.rows[row].at(beyond.x.data(), n), beyond));
}

void CellFacets::confirm_own(const Reduction& problem, int axis, const InnerPoint& beyond) {
    const int unit = forms().active(0)[axis];
    state_[unit] = State::facet;
    add_facet(unit, crossing_of(problem, problem.inside.x[axis], beyond.x[axis], beyond));
}

// Where a form with these values inside and beyond is zero.
std::vector<double> CellFacets::crossing_of(const Reduction& problem, double here, double there, const InnerPoint& beyond) const {
    const int n = problem.rows.dimension();
    const double step = here / (here - there);
    std::vector<double> crossing(n);
    for (int k = 0; k < n; ++k) crossing[k] = problem.inside.x[k] + step * (beyond.x[k] - problem.inside.x[k]);
    return crossing;
}

// The first layer's own neurons, when its units are the coordinates. The inactive ones are facets: the rest of the cell does not depend
// on them. Of the active ones those that the facets of later layers do not imply.
void CellFacets::find_own_facets(Reduction& problem) {
    const std::vector<int>& units = certificate_.forms().active(0);
    const int n = problem.rows.dimension();
    HalfspaceRows side(n);
    std::vector<double> weight(n, 0.0);
    for (int k = 0; k < n; ++k) {
        const int unit = units[k];
        if (state_[unit] != State::candidate || unit >= network_.layer(0).neurons()) continue;
        const BoxSide zero(k, false);
        weight[k] = 1.0;
        side.truncate(0);
        side.push(weight.data(), 0.0, error_bound::form_bound(n, 1.0, 0.0, 0.0, 0.0), {0, zero.index()}, 1.0);
        weight[k] = 0.0;
        InnerPoint beyond;
        if (problem.program->negative_beyond(problem.known, nullptr, zero, side[0], problem.inside, beyond))
            confirm_own(problem, k, beyond);
        else
            state_[unit] = State::redundant;
    }
    for (int i = 0; i < network_.layer(0).neurons(); ++i)
        if (!is_active(i)) add_facet(i, {});
}

void CellFacets::add_facet(HyperplaneId neuron, std::vector<double> crossing) {
    CellFacet facet{neuron, {neuron}, std::move(crossing)};
    if (group_of_[neuron] >= 0) facet.zeros.assign(groups_[group_of_[neuron]].begin(), groups_[group_of_[neuron]].end());
    facet.zeros.insert(facet.zeros.end(), zero_.begin(), zero_.end());
    std::sort(facet.zeros.begin(), facet.zeros.end());
    facets_.push_back(std::move(facet));
}

}  // namespace relutope
