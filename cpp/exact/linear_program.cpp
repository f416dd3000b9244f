#include "exact/linear_program.hpp"

#include <algorithm>
#include <climits>
#include <numeric>
#include <stdexcept>

#include "exact/shortening.hpp"

namespace relutope::exact {

namespace {

// finite + infinite * R
struct Extended {
    Integer finite;
    Integer infinite;

    int sign() const { return infinite.is_zero() ? finite.sign() : infinite.sign(); }
};

// The same dictionary as in geometry/box_simplex.hpp, over one common denominator: the determinant of the basis, of which every entry
// times it is a minor, so that all divisions are exact (Edmonds, Systems of distinct representatives and linear algebra, 1967).
// Quantities are numbered: coordinate k is k, the slack of row i is n + i. Coordinates are scaled by powers of two that make their
// bounds integers and leave the rows short.
//
// A quantity is (constant + sum_j factor_j z_j) / denominator, where z_j is how far nonbasic quantity j is from its bound: it is
// constant / denominator at the current point.
class Simplex {
public:
    Simplex(const Form& objective, std::span<const Form* const> rows, std::span<const Interval> box, const std::atomic<bool>* stop)
        : n_(static_cast<int>(box.size())), stop_(stop), scale_(n_), nonbasic_(n_), at_upper_(n_), line_of_(n_, -1) {
        Integer common = 1;  // denominator of the bounds; those are powers of two
        for (const Interval& side : box) common = std::max(common, side.denominator);
        const auto scaled = [&](const Form& form) {
            Row row{form.weight, {form.constant * common, form.infinite * common}};
            return row;
        };
        Row goal = scaled(objective);
        for (const Form* form : rows) rows_.push_back(scaled(*form));
        every_row_.resize(rows_.size());
        std::iota(every_row_.begin(), every_row_.end(), 0);
        shorten_columns(goal);
        shorten(goal);
        for (Row& row : rows_) shorten(row);
        common_ = trailing_zeros(common);
        for (int k = 0; k < n_; ++k) {
            const Interval& side = box[k];
            const Integer factor = (common / side.denominator) << scale_[k];
            const Integer far = power_of_two(static_cast<int>(common_ + scale_[k]));
            lower_.push_back({side.lower * factor, side.lower_infinite * far});
            upper_.push_back({side.upper * factor, side.upper_infinite * far});
            nonbasic_[k] = k;
            at_upper_[k] = goal.factor[k].sign() < 0;
            add(goal.constant, goal.factor[k], bound(k, at_upper_[k]));
        }
        objective_ = std::move(goal);
    }

    Minimum minimise(std::span<const int> likely) {
        for (std::size_t step = 0; step < 2 * likely.size() && objective_.constant.sign() < 0; ++step)
            if (is_stopped() || !enter_first_violated(likely)) break;
        while (objective_.constant.sign() < 0) {
            if (is_stopped()) return {};
            if (!step()) return {true, minimiser()};
        }
        return {};
    }

private:
    struct Row {
        std::vector<Integer> factor;
        Extended constant;
    };

    bool is_stopped() const { return stop_ && stop_->load(std::memory_order_relaxed); }

    static void add(Extended& sum, const Integer& factor, const Extended& value) {
        if (factor.is_zero()) return;
        sum.finite += factor * value.finite;
        if (!value.infinite.is_zero()) sum.infinite += factor * value.infinite;
    }

    const Extended& bound(int coordinate, bool upper) const { return upper ? upper_[coordinate] : lower_[coordinate]; }

    static unsigned least(unsigned zeros, const Integer& value) {
        return value.is_zero() ? zeros : std::min(zeros, trailing_zeros(value));
    }

    // Replaces coordinates by multiples of theirs by powers of two where that makes all weights shorter.
    void shorten_columns(Row& goal) {
        for (int k = 0; k < n_; ++k) {
            unsigned zeros = least(UINT_MAX, goal.factor[k]);
            for (const Row& row : rows_) zeros = least(zeros, row.factor[k]);
            if (zeros == 0 || zeros == UINT_MAX) continue;
            scale_[k] = zeros;
            goal.factor[k] >>= zeros;
            for (Row& row : rows_) row.factor[k] >>= zeros;
        }
    }

    // Divides by a power of two.
    static void shorten(Row& row) {
        unsigned zeros = least(least(UINT_MAX, row.constant.finite), row.constant.infinite);
        for (const Integer& factor : row.factor) zeros = least(zeros, factor);
        if (zeros == 0 || zeros == UINT_MAX) return;
        row.constant.finite >>= zeros;
        row.constant.infinite >>= zeros;
        for (Integer& factor : row.factor) factor >>= zeros;
    }

    // The value at the current point, times the denominator.
    Extended value(int coordinate) const {
        if (line_of_[coordinate] >= 0) return dictionary_[line_of_[coordinate]].constant;
        const int slot = static_cast<int>(std::find(nonbasic_.begin(), nonbasic_.end(), coordinate) - nonbasic_.begin());
        Extended result;
        add(result, denominator_, bound(coordinate, at_upper_[slot]));
        return result;
    }

    // One step towards feasibility; false when the point is feasible. Bland: the violated quantity with the lowest number.
    bool step() {
        for (int k = 0; k < n_; ++k) {
            if (line_of_[k] < 0) continue;
            const Extended& at = dictionary_[line_of_[k]].constant;
            Extended change = distance(at, lower_[k]);
            bool to_upper = false;
            if (change.sign() <= 0) {
                change = distance(at, upper_[k]);
                to_upper = true;
                if (change.sign() >= 0) continue;
            }
            direction_ = dictionary_[line_of_[k]];
            enter(k, change, to_upper);
            return true;
        }
        return enter_first_violated(every_row_);
    }

    // False when the point violates none of these rows.
    bool enter_first_violated(std::span<const int> rows) {
        std::vector<Extended> point;
        for (int k = 0; k < n_; ++k) point.push_back(value(k));
        for (const int i : rows) {
            const Row& row = rows_[i];
            Extended at{row.constant.finite * denominator_, row.constant.infinite * denominator_};
            for (int k = 0; k < n_; ++k) add(at, row.factor[k], point[k]);
            if (at.sign() >= 0) continue;
            express(row);
            enter(n_ + i, distance(at, {}), false);
            return true;
        }
        return false;
    }

    // target - value, times the denominator. `value` is given times it.
    Extended distance(const Extended& value, const Extended& target) const {
        return {target.finite * denominator_ - value.finite, target.infinite * denominator_ - value.infinite};
    }

    // Writes a row in the nonbasic quantities: into direction_, whose constant is of no interest.
    void express(const Row& row) {
        direction_.factor.assign(n_, 0);
        for (int j = 0; j < n_; ++j)
            if (nonbasic_[j] < n_) direction_.factor[j] = row.factor[nonbasic_[j]] * denominator_;
        for (std::size_t b = 0; b < basic_.size(); ++b) {
            const Integer& factor = row.factor[basic_[b]];
            if (factor.is_zero()) continue;
            for (int j = 0; j < n_; ++j)
                if (!dictionary_[b].factor[j].is_zero()) direction_.factor[j] += factor * dictionary_[b].factor[j];
        }
    }

    // Brings a quantity to its bound; the nonbasic one that leaves has the least ratio, among equals the lowest number.
    void enter(int quantity, const Extended& change, bool to_upper) {
        const int sense = change.sign();
        int best = -1;
        for (int j = 0; j < n_; ++j) {
            const int helps = (at_upper_[j] ? -1 : 1) * sense * direction_.factor[j].sign();
            if (helps <= 0) continue;
            if (best >= 0) {
                const Integer here = abs(objective_.factor[j] * direction_.factor[best]);
                const Integer there = abs(objective_.factor[best] * direction_.factor[j]);
                if (here > there || (here == there && nonbasic_[j] > nonbasic_[best])) continue;
            }
            best = j;
        }
        if (best < 0) throw std::logic_error("internal error: a cell of the network is empty");
        exchange(best, change, quantity, to_upper);
    }

    // z_slot = (change + denominator z_entering - sum of direction_j z_j over the others) / direction_slot; direction_slot's size
    // becomes the denominator.
    void exchange(int slot, const Extended& change, int entering, bool to_upper) {
        if (entering < n_) remove_line(entering);
        const Integer pivot = abs(direction_.factor[slot]);
        const bool flip = direction_.factor[slot].sign() < 0;
        const auto substitute = [&](Row& line) {
            const Integer factor = flip ? Integer(-line.factor[slot]) : line.factor[slot];
            const auto combine = [&](Integer& target, const Integer& with) {
                if (target.is_zero() && (factor.is_zero() || with.is_zero())) return;
                target *= pivot;
                if (!factor.is_zero() && !with.is_zero()) target += factor * with;
                target = exact_quotient(std::move(target), denominator_);
            };
            combine(line.constant.finite, change.finite);
            combine(line.constant.infinite, change.infinite);
            for (int j = 0; j < n_; ++j)
                if (j != slot) combine(line.factor[j], opposite_[j]);
            line.factor[slot] = factor;
        };
        opposite_ = direction_.factor;
        for (Integer& factor : opposite_) factor.backend().negate();
        substitute(objective_);
        for (Row& line : dictionary_) {
            if (is_stopped()) return;
            substitute(line);
        }
        const int leaving = nonbasic_[slot];
        if (leaving < n_) {
            Row line{flip ? direction_.factor : opposite_, change};
            line.factor[slot] = flip ? Integer(-denominator_) : denominator_;
            if (flip) {
                line.constant.finite.backend().negate();
                line.constant.infinite.backend().negate();
            }
            add(line.constant, pivot, bound(leaving, at_upper_[slot]));
            line_of_[leaving] = static_cast<int>(basic_.size());
            basic_.push_back(leaving);
            dictionary_.push_back(std::move(line));
        }
        denominator_ = pivot;
        nonbasic_[slot] = entering;
        at_upper_[slot] = to_upper;
    }

    void remove_line(int coordinate) {
        const int at = line_of_[coordinate];
        line_of_[coordinate] = -1;
        if (at + 1 < static_cast<int>(basic_.size())) {
            basic_[at] = basic_.back();
            dictionary_[at] = std::move(dictionary_.back());
            line_of_[basic_[at]] = at;
        }
        basic_.pop_back();
        dictionary_.pop_back();
    }

    Point minimiser() const {
        const unsigned most = *std::max_element(scale_.begin(), scale_.end());
        Point point;
        point.denominator = denominator_ << (common_ + most);
        bool at_infinity = false;
        for (int k = 0; k < n_; ++k) {
            const Extended x = value(k);
            point.finite.push_back(x.finite << (most - scale_[k]));
            point.infinite.push_back(x.infinite << (most - scale_[k]));
            at_infinity = at_infinity || !x.infinite.is_zero();
        }
        if (!at_infinity) point.infinite.clear();
        divide_by_content(point);
        return point;
    }

    int n_;
    const std::atomic<bool>* stop_;
    std::vector<Row> rows_;
    std::vector<int> every_row_;   // their numbers
    std::vector<unsigned> scale_;  // exponents of the coordinates' scales
    unsigned common_ = 0;          // exponent of what is common to all
    std::vector<Extended> lower_, upper_;
    Integer denominator_ = 1;
    Row objective_;
    std::vector<int> nonbasic_;
    std::vector<char> at_upper_;
    std::vector<int> basic_;
    std::vector<int> line_of_;
    std::vector<Row> dictionary_;
    Row direction_;
    std::vector<Integer> opposite_;  // of direction_'s factors
};

}  // namespace

Minimum minimise(const Form& objective, std::span<const Form* const> rows, std::span<const Interval> box, std::span<const int> likely,
                 const std::atomic<bool>* stop) {
    return Simplex(objective, rows, box, stop).minimise(likely);
}

}  // namespace relutope::exact
