#include "complex/cells/lp_facets.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "complex/cells/pattern_table.hpp"
#include "geometry/halfspace_rows.hpp"
#include "network/repeated_rows.hpp"
#include "predicates/error_bound.hpp"
#include "refinement/common/job_pool.hpp"
#include "refinement/lp/layer_maps.hpp"
#include "refinement/lp/proportional_forms.hpp"

namespace relutope {

namespace {

// Cells of one piece of work; a constant, so that results do not depend on the threads.
constexpr std::int64_t chunk_size = 1024;

// A facet between two cells on which one neuron vanishes, with its copies.
struct PlainFacet {
    CellId first;
    CellId second;
    HyperplaneId neuron;
};

// A facet of one cell on which several neurons vanish.
struct SpecialFacet {
    CellId cell;
    HyperplaneId name;
    std::vector<HyperplaneId> zeros;
};

struct FoundFacets {
    std::vector<PlainFacet> plain;
    std::vector<SpecialFacet> special;
};

class FacetFinder {
public:
    FacetFinder(const LpRecords& cells, const PatternTable& table, const Network& network, const Domain& domain,
                const SignLayout& layout, const RepeatedRows& repeated, bool sides, SearchControl& control)
        : cells_(cells), table_(table), network_(network), domain_(domain), layout_(layout), repeated_(repeated), control_(control),
          dimension_(domain.dimension()), words_(words_for(network.num_neurons())), maps_(network, domain),
          program_(domain, maps_), direction_(generic_direction(dimension_)), rows_(dimension_), with_sides_(sides) {
        place_.assign(network.num_neurons(), 0);
        for (int level = 1; level < layout.num_levels(); ++level) {
            first_.push_back(static_cast<int>(names_.size()));
            for (int i = 0; i < layout.level(level).count; ++i) {
                const HyperplaneId id = network.first_neuron(level - 1) + i;
                if (repeated.original(id) != id) continue;
                place_[id] = static_cast<int>(names_.size());
                names_.push_back({level, i});
                ids_.push_back(id);
            }
        }
        first_.push_back(static_cast<int>(names_.size()));
        const std::size_t count = names_.size();
        for (auto* values : {&at_inside_, &error_inside_, &at_other_, &at_foot_, &error_foot_, &sense_, &alpha_, &beta_, &gamma_})
            values->resize(count);
        ratios_ = ProportionalForms::Ratios(count);
        forms_.resize(count * (dimension_ + 1));
        other_.resize(count);
        if (with_sides_) find_side_classes();
    }

    void run(std::int64_t first, std::int64_t last, FoundFacets& found) {
        found_ = &found;
        maps_.forget();
        for (std::int64_t cell = first; cell < last; ++cell) {
            if (control_.stop.load(std::memory_order_relaxed)) throw Stopped();
            enter(cell);
            find();
        }
    }

    const ProgramCounts& programs() const { return program_.counts(); }

private:
    const double* inside(std::int64_t cell) const { return cells_.inside.data() + cell * dimension_; }
    bool is_active(int neuron) const { return pattern_[neuron >> 6] >> (neuron & 63) & 1; }

    void enter(std::int64_t cell) {
        cell_ = cell;
        pattern_ = cells_.patterns.data() + cell * words_;
        for (int level = 1; level < layout_.num_levels(); ++level) {
            maps_.enter(level);
            auto& active = maps_.active(level);
            active = network_.linear_bits(level - 1);
            unpack_bits(pattern_, network_.first_neuron(level - 1), layout_.level(level).count, active);
        }
        set_inside();
        zero_.clear();
        const auto [begin, end] = std::equal_range(cells_.zero_cells.begin(), cells_.zero_cells.end(), static_cast<std::uint64_t>(cell));
        for (auto at = begin; at != end; ++at) zero_.push_back(cells_.zero_neurons[at - cells_.zero_cells.begin()]);
        has_rows_ = false;
    }

    void set_inside() {
        point_.x.assign(inside(cell_), inside(cell_) + dimension_);
        point_.extent = 0;
        for (const double x : point_.x) point_.extent = std::max(point_.extent, std::fabs(x));
        point_.radius = 0;
        point_.exact.reset();
        const auto found = std::lower_bound(cells_.exact_cell.begin(), cells_.exact_cell.end(), static_cast<std::uint64_t>(cell_));
        if (found != cells_.exact_cell.end() && *found == static_cast<std::uint64_t>(cell_)) {
            point_.radius = point_.extent * error_bound::unit_roundoff * error_bound::inflate + error_bound::underflow;
            point_.exact = std::make_shared<const exact::Point>(cells_.exact_inside[found - cells_.exact_cell.begin()]);
        }
        point_.extent = error_bound::extent_in_range(point_.extent + point_.radius);
    }

    // The neurons' forms, one after the other, nonnegative on the cell's side.
    void orient() {
        const std::size_t count = names_.size();
        for (int level = 1; level < layout_.num_levels(); ++level) {
            const FormTable& table = maps_.forms(level);
            const int first = first_[level - 1];
            const int width = first_[level] - first;
            const FormRef* const name = names_.data() + first;
            for (int i = 0; i < width; ++i) sense_[first + i] = is_active(ids_[first + i]) ? 1.0 : -1.0;
            for (int k = 0; k <= dimension_; ++k) {
                const double* __restrict source = table.column(k);
                double* __restrict target = forms_.data() + k * count + first;
                if (width == layout_.level(level).count) {
                    for (int i = 0; i < width; ++i) target[i] = sense_[first + i] * source[i];
                } else {
                    for (int i = 0; i < width; ++i) target[i] = sense_[first + i] * source[name[i].index];
                }
            }
            for (int i = 0; i < width; ++i) {
                const error_bound::FormBound bound = table.bound(name[i].index);
                alpha_[first + i] = bound.alpha;
                beta_[first + i] = bound.beta;
                gamma_[first + i] = bound.gamma;
            }
        }
    }

    void evaluate(const double* x, std::vector<double>& value) const {
        const int count = static_cast<int>(names_.size());
        double* __restrict target = value.data();
        std::copy_n(forms_.data() + static_cast<std::size_t>(dimension_) * count, count, target);
        for (int k = 0; k < dimension_; ++k) {
            const double* __restrict column = forms_.data() + static_cast<std::size_t>(k) * count;
            const double xk = x[k];
            for (int i = 0; i < count; ++i) target[i] += column[i] * xk;
        }
    }

    void bound_errors(double radius, double extent, std::vector<double>& error) const {
        const int count = static_cast<int>(names_.size());
        double* __restrict target = error.data();
        const double *__restrict alpha = alpha_.data(), *__restrict beta = beta_.data(), *__restrict gamma = gamma_.data();
        for (int i = 0; i < count; ++i) target[i] = alpha[i] * radius + beta[i] * extent + gamma[i];
    }

    void find() {
        orient();
        evaluate(point_.x.data(), at_inside_);
        bound_errors(point_.radius, point_.extent, error_inside_);
        const std::uint64_t hash = table_.hash(cell_);
        for (std::size_t i = 0; i < names_.size(); ++i) other_[i] = table_.flipped(cell_, hash, ids_[i]);
        find_groups();
        for (std::size_t i = 0; i < names_.size(); ++i) {
            if (!group_.empty() && group_[i] != alone) continue;
            if (other_[i] > cell_ && is_plain_facet(static_cast<int>(i)))
                found_->plain.push_back({static_cast<CellId>(cell_), other_[i], ids_[i]});
        }
        for (const std::vector<int>& members : groups_) {
            if (!is_facet_by_program(members.front())) continue;
            std::vector<HyperplaneId> zeros;
            for (const int neuron : members) add_with_copies(neuron, zeros);
            add_special(zeros);
        }
        for (const std::vector<int>& sides : side_classes_) {
            const std::vector<HyperplaneId> zeros = zeros_on_sides(sides);
            if (is_side_facet(sides.front(), zeros)) add_special(zeros);
        }
    }

    void add_with_copies(int neuron, std::vector<HyperplaneId>& zeros) const {
        const std::vector<HyperplaneId>& group = repeated_.group(ids_[neuron]);
        if (group.empty()) zeros.push_back(ids_[neuron]);
        zeros.insert(zeros.end(), group.begin(), group.end());
    }

    bool vanishes_on_cell(int neuron) const { return std::binary_search(zero_.begin(), zero_.end(), ids_[neuron]); }

    // `members` vanish on the facet, but not on the whole cell.
    void add_special(const std::vector<HyperplaneId>& members) {
        SpecialFacet facet{static_cast<CellId>(cell_), *std::min_element(members.begin(), members.end()), members};
        facet.zeros.insert(facet.zeros.end(), zero_.begin(), zero_.end());
        std::sort(facet.zeros.begin(), facet.zeros.end());
        found_->special.push_back(std::move(facet));
    }

    // -- groups of proportional forms

    static constexpr int alone = -1;

    // Fills groups_ with the sets of neurons that vanish on one hyperplane, unless it is one neuron and none vanishes on the whole
    // cell; group_ says which group a neuron is in and is empty when there are none.
    void find_groups() {
        groups_.clear();
        group_.clear();
        find_ratios();
        order_.clear();
        for (std::size_t i = 0; i < names_.size(); ++i)
            if (!vanishes_on_cell(static_cast<int>(i))) order_.push_back(static_cast<int>(i));
        std::vector<std::vector<int>> clusters = ProportionalForms::clusters(order_, ratios_);
        drop_distant(clusters);
        for (const std::vector<int>& cluster : clusters) {
            if (cluster.size() < 2 && zero_.empty()) continue;
            const auto exact_form = [this](int i) { return maps_.exact().neuron(names_[i].level - 1, names_[i].index); };
            for (std::vector<int>& members : ProportionalForms::classes(cluster, exact_form))
                if (members.size() > 1 || !zero_.empty()) groups_.push_back(std::move(members));
        }
        if (!groups_.empty()) group_.assign(names_.size(), alone);
        for (std::size_t g = 0; g < groups_.size(); ++g)
            for (const int neuron : groups_[g]) group_[neuron] = static_cast<int>(g);
    }

    // Takes the neurons out of larger clusters of which a program shows that they vanish nowhere on the cell, so that the integers need
    // not tell them apart: in deep networks the forms of late layers are nearly proportional. Where the neuron's flipped bit is a cell's,
    // it is likely to be a facet.
    void drop_distant(std::vector<std::vector<int>>& clusters) {
        outer_.truncate(0);
        bool has_rows = false;
        const auto surely_positive = [&](int neuron) {
            if (other_[neuron] != PatternTable::none) return false;
            if (!std::exchange(has_rows, true)) {
                push_halfspaces(outer_);
                for (const std::vector<int>& single : clusters)
                    if (single.size() == 1 && other_[single[0]] != PatternTable::none) push(outer_, single[0]);
            }
            one_.truncate(0);
            push(one_, neuron);
            InnerPoint beyond;
            return program_.ask(outer_, nullptr, one_[0], point_, beyond) == CellProgram::Verdict::no;
        };
        for (std::vector<int>& cluster : clusters)
            if (cluster.size() > 1) std::erase_if(cluster, surely_positive);
    }

    // What ProportionalForms::Ratios::set() does, for all forms at once.
    void find_ratios() {
        const int count = static_cast<int>(names_.size());
        double* __restrict ratio = ratios_.middle.data();
        double* __restrict error = ratios_.error.data();
        std::fill_n(ratio, count, 0.0);
        for (int k = 0; k < dimension_; ++k) {
            const double* __restrict column = forms_.data() + static_cast<std::size_t>(k) * count;
            for (int i = 0; i < count; ++i) ratio[i] += column[i] * direction_[k];
        }
        const double *__restrict value = at_inside_.data(), *__restrict value_error = error_inside_.data(), *__restrict beta = beta_.data();
        for (int i = 0; i < count; ++i) {
            ratio[i] /= value[i];
            const double room = value[i] - value_error[i];
            const double size = std::fabs(ratio[i]);
            error[i] = (beta[i] + size * value_error[i]) / room * error_bound::inflate + 4 * error_bound::unit_roundoff * size +
                       error_bound::underflow;
        }
        for (int i = 0; i < count; ++i) {
            if (value[i] > value_error[i] && error[i] < error_bound::infinite) continue;
            ratio[i] = 0;
            error[i] = error_bound::infinite;
        }
    }

    // -- tests

    bool is_plain_facet(int neuron) { return found_by_points(neuron) || is_facet_by_program(neuron); }

    // Looks for a point where `neuron` alone is on the wrong side: on the segment to the other cell's interior point; where other
    // forms end the segment before, on the line through where it meets the neuron's hyperplane and the foot of the perpendicular.
    bool found_by_points(int neuron) {
        if (point_.radius != 0) return false;
        const double* p = point_.x.data();
        const double* q = inside(other_[neuron]);
        evaluate(q, at_other_);
        if (!(at_other_[neuron] < 0)) return false;
        const double crossing = at_inside_[neuron] / (at_inside_[neuron] - at_other_[neuron]);
        double stop = 1;
        for (std::size_t j = 0; j < names_.size(); ++j) {
            if (at_other_[j] >= 0 || static_cast<int>(j) == neuron) continue;
            stop = std::min(stop, at_inside_[j] / (at_inside_[j] - at_other_[j]));
        }
        between_.resize(dimension_);
        if (crossing < stop) {
            const double step = 0.5 * (crossing + stop);
            for (int k = 0; k < dimension_; ++k) between_[k] = p[k] + step * (q[k] - p[k]);
            return certainly_only(neuron);
        }
        return on_hyperplane(neuron, q, crossing);
    }

    bool on_hyperplane(int neuron, const double* q, double crossing) {
        const double* p = point_.x.data();
        const auto weight = [&](int k) { return forms_[k * names_.size() + neuron]; };
        double square = 0;
        for (int k = 0; k < dimension_; ++k) square += weight(k) * weight(k);
        const double down = at_inside_[neuron] / square;
        foot_.resize(dimension_);
        for (int k = 0; k < dimension_; ++k) {
            foot_[k] = p[k] - down * weight(k);
            between_[k] = p[k] + crossing * (q[k] - p[k]);
        }
        evaluate(foot_.data(), at_foot_);
        // Where on the line between_ + s (foot_ - between_) is everything else as in the cell?
        double first = -HUGE_VAL, last = HUGE_VAL;
        const auto cut = [&](double here, double there) {
            const double zero = here / (here - there);
            if (there > here) first = std::max(first, zero);
            else if (there < here) last = std::min(last, zero);
            else if (here < 0) last = -HUGE_VAL;
        };
        for (std::size_t j = 0; j < names_.size(); ++j)
            if (static_cast<int>(j) != neuron && !(at_inside_[j] == 0))
                cut(at_inside_[j] + crossing * (at_other_[j] - at_inside_[j]), at_foot_[j]);
        for (int k = 0; k < dimension_; ++k) {
            cut(between_[k] - domain_.lower[k], foot_[k] - domain_.lower[k]);
            cut(domain_.upper[k] - between_[k], domain_.upper[k] - foot_[k]);
        }
        if (!(first < last)) return false;
        if (std::isinf(first)) first = std::isinf(last) ? 0 : last - 2;
        if (std::isinf(last)) last = first + 2;
        const double middle = 0.5 * (first + last);
        // Beyond that point as seen from inside, up to where the next form ends the ray.
        double stop = 2;
        for (std::size_t j = 0; j < names_.size(); ++j) {
            if (static_cast<int>(j) == neuron) continue;
            const double here = at_inside_[j] + crossing * (at_other_[j] - at_inside_[j]);
            const double there = here + middle * (at_foot_[j] - here);
            if (there < at_inside_[j]) stop = std::min(stop, at_inside_[j] / (at_inside_[j] - there));
        }
        for (int k = 0; k < dimension_; ++k) {
            const double there = between_[k] + middle * (foot_[k] - between_[k]);
            if (there < p[k]) stop = std::min(stop, (p[k] - domain_.lower[k]) / (p[k] - there));
            if (there > p[k]) stop = std::min(stop, (domain_.upper[k] - p[k]) / (there - p[k]));
        }
        if (!(stop > 1)) return false;
        const double step = 0.5 * (1 + stop);
        for (int k = 0; k < dimension_; ++k) {
            const double there = between_[k] + middle * (foot_[k] - between_[k]);
            between_[k] = p[k] + step * (there - p[k]);
        }
        return certainly_only(neuron);
    }

    // Whether at between_, in the domain, `neuron` alone is on the wrong side.
    bool certainly_only(int neuron) {
        const double* x = between_.data();
        double extent = 0;
        for (int k = 0; k < dimension_; ++k) {
            if (!(domain_.lower[k] <= x[k] && x[k] <= domain_.upper[k])) return false;
            extent = std::max(extent, std::fabs(x[k]));
        }
        extent = error_bound::extent_in_range(extent);
        const FormTable& sides = maps_.forms(0);
        for (int side = 2 * dimension_; side < layout_.level(0).count; ++side) {
            double value = sides.coefficient(side, dimension_);
            for (int k = 0; k < dimension_; ++k) value += sides.coefficient(side, k) * x[k];
            if (!(value > sides.error(side, 0, extent))) return false;
        }
        evaluate(x, at_foot_);
        bound_errors(0, extent, error_foot_);
        at_foot_[neuron] = -at_foot_[neuron];
        for (std::size_t j = 0; j < names_.size(); ++j)
            if (!(at_foot_[j] > error_foot_[j])) return false;
        return true;
    }

    void push_halfspaces(HalfspaceRows& rows) {
        for (int side = 2 * dimension_; side < layout_.level(0).count; ++side) rows.push(maps_.forms(0), {0, side}, 1.0);
    }

    void push(HalfspaceRows& rows, int neuron) { rows.push(maps_.forms(names_[neuron].level), names_[neuron], sense_[neuron]); }

    // The halfspaces of the cell: those of the domain, and of every neuron that may be a facet, one of each group.
    void make_rows() {
        if (has_rows_) return;
        has_rows_ = true;
        rows_.truncate(0);
        row_of_.assign(names_.size(), -1);
        push_halfspaces(rows_);
        const auto add = [&](int neuron) {
            row_of_[neuron] = rows_.count();
            push(rows_, neuron);
        };
        for (std::size_t i = 0; i < names_.size(); ++i)
            if ((group_.empty() || group_[i] == alone) && other_[i] != PatternTable::none) add(static_cast<int>(i));
        for (const std::vector<int>& members : groups_) add(members.front());
        ignored_.assign(rows_.count(), 0);
    }

    bool is_facet_by_program(int neuron) {
        make_rows();
        const int row = row_of_[neuron];
        ignored_[row] = 1;
        InnerPoint beyond;
        const bool negative = program_.negative_somewhere(rows_, ignored_.data(), rows_[row], point_, beyond);
        ignored_[row] = 0;
        return negative;
    }

    // -- sides of the domain

    void find_side_classes() {
        const int count = layout_.level(0).count;
        for (int side = 0; side < count; ++side) {
            const auto same = [&](const std::vector<int>& sides) {
                // Two sides of the box are never one.
                return side >= 2 * dimension_ && is_finite(sides[0]) && same_halfspace(maps_.exact().side(side), maps_.exact().side(sides[0]));
            };
            const auto found = std::find_if(side_classes_.begin(), side_classes_.end(), same);
            if (found == side_classes_.end()) side_classes_.push_back({side});
            else found->push_back(side);
        }
    }

    bool is_finite(int side) const {
        return side >= 2 * dimension_ || std::isfinite(side & 1 ? domain_.upper[side / 2] : domain_.lower[side / 2]);
    }

    static bool same_halfspace(const exact::Form& a, const exact::Form& b) {
        if (!proportional(a, b)) return false;
        for (std::size_t k = 0; k < a.weight.size(); ++k)
            if (!a.weight[k].is_zero()) return a.weight[k].sign() == b.weight[k].sign();
        return false;
    }

    // `zeros`: everything that vanishes on the side's hyperplane, but not on the whole cell.
    bool is_side_facet(int side, const std::vector<HyperplaneId>& zeros) {
        make_rows();
        const auto set_ignored = [&](char value) {
            for (const HyperplaneId id : zeros) {
                const int row = is_side(id) ? side_of(id) - 2 * dimension_ : row_of_[place_[repeated_.original(id)]];
                if (row >= 0) ignored_[row] = value;
            }
        };
        set_ignored(1);
        bool result;
        if (side < 2 * dimension_) {
            one_.truncate(0);
            one_.push(maps_.forms(0), {0, side}, 1.0);
            result = program_.meets_side(rows_, ignored_.data(), side, one_[0], point_);
        } else {
            InnerPoint beyond;
            result = program_.negative_somewhere(rows_, ignored_.data(), rows_[side - 2 * dimension_], point_, beyond);
        }
        set_ignored(0);
        return result;
    }

    std::vector<HyperplaneId> zeros_on_sides(const std::vector<int>& sides) {
        std::vector<HyperplaneId> zeros;
        for (const int side : sides) zeros.push_back(side_id(side));
        if (!is_finite(sides.front())) return zeros;
        const exact::Form& form = maps_.exact().side(sides.front());
        for (std::size_t i = 0; i < names_.size(); ++i) {
            if (vanishes_on_cell(static_cast<int>(i))) continue;
            if (!may_be_axis_parallel(static_cast<int>(i), sides.front())) continue;
            if (proportional(form, maps_.exact().neuron(names_[i].level - 1, names_[i].index))) add_with_copies(static_cast<int>(i), zeros);
        }
        return zeros;
    }

    // False when floating point shows that the neuron depends on a coordinate that a side of the box does not.
    bool may_be_axis_parallel(int neuron, int side) const {
        if (side >= 2 * dimension_) return true;
        const FormRef name = names_[neuron];
        const FormTable& table = maps_.forms(name.level);
        for (int k = 0; k < dimension_; ++k)
            if (k != side / 2 && std::fabs(table.coefficient(name.index, k)) > table.weight_error(name.index)) return false;
        return true;
    }

    const LpRecords& cells_;
    const PatternTable& table_;
    const Network& network_;
    const Domain& domain_;
    const SignLayout& layout_;
    const RepeatedRows& repeated_;
    SearchControl& control_;
    int dimension_;
    int words_;
    LayerMaps maps_;
    CellProgram program_;
    std::vector<double> direction_;
    // Neurons are counted here without copies, which are where their originals are.
    std::vector<FormRef> names_;
    std::vector<HyperplaneId> ids_;  // in the network
    std::vector<int> place_;         // here, of a neuron of the network that is no copy
    std::vector<int> first_;         // per layer, and one more
    FoundFacets* found_ = nullptr;

    // the current cell
    std::int64_t cell_ = 0;
    const std::uint64_t* pattern_ = nullptr;
    InnerPoint point_;
    std::vector<HyperplaneId> zero_;
    std::vector<CellId> other_;  // per neuron: the cell with its bit flipped
    std::vector<double> at_inside_, error_inside_, at_other_;
    ProportionalForms::Ratios ratios_{0};
    std::vector<double> at_foot_, error_foot_, between_, foot_;
    std::vector<double> forms_, sense_, alpha_, beta_, gamma_;  // all neurons' forms on the cell's side, and what bounds their errors
    std::vector<int> order_, group_;
    std::vector<std::vector<int>> groups_;
    HalfspaceRows rows_;
    HalfspaceRows outer_{dimension_};
    HalfspaceRows one_{dimension_};
    bool has_rows_ = false;
    bool with_sides_;
    std::vector<std::vector<int>> side_classes_;  // sides of the domain that are one
    std::vector<int> row_of_;
    std::vector<char> ignored_;
};

// One facet of one cell, before they are put in order.
struct Entry {
    HyperplaneId id;
    const std::vector<HyperplaneId>* zeros;  // empty: the neuron alone
};

void collect(CellComplex& complex, std::int64_t num_cells, const RepeatedRows& repeated, const std::vector<FoundFacets>& found) {
    complex.facet_begin.assign(num_cells + 1, 0);
    for (const FoundFacets& chunk : found) {
        for (const PlainFacet& facet : chunk.plain) {
            ++complex.facet_begin[facet.first + 1];
            ++complex.facet_begin[facet.second + 1];
        }
        for (const SpecialFacet& facet : chunk.special) ++complex.facet_begin[facet.cell + 1];
    }
    std::partial_sum(complex.facet_begin.begin(), complex.facet_begin.end(), complex.facet_begin.begin());
    std::vector<Entry> entries(complex.facet_begin.back());
    std::vector<std::int64_t> next(complex.facet_begin.begin(), complex.facet_begin.end() - 1);
    for (const FoundFacets& chunk : found) {
        for (const PlainFacet& facet : chunk.plain)
            for (const CellId cell : {facet.first, facet.second}) entries[next[cell]++] = {facet.neuron, &repeated.group(facet.neuron)};
        for (const SpecialFacet& facet : chunk.special) entries[next[facet.cell]++] = {facet.name, &facet.zeros};
    }
    complex.facet_id.reserve(entries.size());
    for (std::int64_t cell = 0; cell < num_cells; ++cell) {
        const auto begin = entries.begin() + complex.facet_begin[cell], end = entries.begin() + complex.facet_begin[cell + 1];
        std::sort(begin, end, [](const Entry& a, const Entry& b) { return a.id < b.id; });
        for (auto entry = begin; entry != end; ++entry) {
            complex.facet_id.push_back(entry->id);
            if (entry->zeros->size() <= 1) continue;
            complex.special_facet.push_back(complex.num_facets() - 1);
            complex.special_ids.insert(complex.special_ids.end(), entry->zeros->begin(), entry->zeros->end());
            complex.special_begin.push_back(static_cast<std::int64_t>(complex.special_ids.size()));
        }
    }
}

// The patterns with zeros for neurons that are copies, whose bits say nothing new; empty when there are none.
std::vector<std::uint64_t> without_copies(const std::vector<std::uint64_t>& patterns, const Network& network, const RepeatedRows& repeated) {
    if (!repeated.any()) return {};
    std::vector<std::uint64_t> kept(words_for(network.num_neurons()));
    for (int neuron = 0; neuron < network.num_neurons(); ++neuron)
        if (repeated.original(neuron) == neuron) kept[neuron >> 6] |= std::uint64_t{1} << (neuron & 63);
    std::vector<std::uint64_t> result = patterns;
    for (std::size_t i = 0; i < result.size(); ++i) result[i] &= kept[i % kept.size()];
    return result;
}

}  // namespace

CellComplex lp_complex(const LpCells& result, const Network& network, const Domain& domain, bool sides, int threads,
                       SearchControl& control, std::uint64_t most_cells) {
    const LpRecords& cells = result.cells;
    const SignLayout layout(network, domain);
    const RepeatedRows repeated(network);
    const int words = words_for(network.num_neurons());
    const auto num_cells = static_cast<std::int64_t>(cells.num_cells);
    fitting<CellId>(cells.num_cells, too_many_cells, most_cells);
    const std::vector<std::uint64_t> originals = without_copies(cells.patterns, network, repeated);
    const PatternTable table(originals.empty() ? cells.patterns.data() : originals.data(), words, num_cells);
    std::vector<FoundFacets> found((num_cells + chunk_size - 1) / chunk_size);
    struct Worker {
        std::unique_ptr<FacetFinder> finder;
        std::int64_t num_cells;
        std::vector<FoundFacets>& found;

        void operator()(std::size_t chunk) {
            const std::int64_t first = static_cast<std::int64_t>(chunk) * chunk_size;
            finder->run(first, std::min(first + chunk_size, num_cells), found[chunk]);
        }
    };
    ProgramCounts programs = result.programs;
    const int refused = for_each_job(
        found.size(), threads,
        [&] {
            return Worker{std::make_unique<FacetFinder>(cells, table, network, domain, layout, repeated, sides, control), num_cells, found};
        },
        [&](const Worker& worker) { programs.add(worker.finder->programs()); });
    CellComplex complex(network, domain);
    complex.programs = programs;
    complex.patterns = cells.patterns;
    complex.zero_cell.assign(cells.zero_cells.begin(), cells.zero_cells.end());
    complex.zero_neuron = cells.zero_neurons;
    complex.counts = result.counts;
    complex.mask_words = 0;
    complex.counts.threads_not_started = std::max<std::uint64_t>(complex.counts.threads_not_started, refused);
    collect(complex, num_cells, repeated, found);
    link(complex);
    return complex;
}

}  // namespace relutope
