#include "exact/linear_program.hpp"

#include <boost/multiprecision/cpp_int.hpp>
#include <stdexcept>

namespace relutope::exact {

namespace {

using Rational = boost::multiprecision::number<boost::multiprecision::rational_adaptor<boost::multiprecision::cpp_int_backend<>>,
                                               boost::multiprecision::et_off>;

// finite + infinite * R
struct Extended {
    Rational finite;
    Rational infinite;

    int sign() const { return infinite.is_zero() ? finite.sign() : infinite.sign(); }
    void add(const Rational& factor, const Extended& other) {
        finite += factor * other.finite;
        infinite += factor * other.infinite;
    }
};

Extended difference(const Extended& a, const Extended& b) { return {a.finite - b.finite, a.infinite - b.infinite}; }

// The same dictionary as in geometry/box_simplex.hpp. Quantities are numbered: coordinate k is k, the slack of row i is n + i.
class Simplex {
public:
    Simplex(const Form& objective, std::span<const Form* const> rows, std::span<const Interval> box)
        : n_(static_cast<int>(box.size())), rows_(rows), reduced_(n_), nonbasic_(n_), at_upper_(n_), line_of_(n_, -1) {
        value_ = {Rational(objective.constant), Rational(objective.infinite)};
        for (int k = 0; k < n_; ++k) {
            const Interval& side = box[k];
            lower_.push_back({Rational(side.lower, side.denominator), side.lower_infinite});
            upper_.push_back({Rational(side.upper, side.denominator), side.upper_infinite});
            reduced_[k] = Rational(objective.weight[k]);
            nonbasic_[k] = k;
            at_upper_[k] = reduced_[k].sign() < 0;
            point_.push_back(at_upper_[k] ? upper_[k] : lower_[k]);
            value_.add(reduced_[k], point_[k]);
        }
    }

    Minimum minimise() {
        while (value_.sign() < 0) {
            if (!step()) return {true, minimiser()};
        }
        return {};
    }

private:
    // One step towards feasibility; false when the point is feasible. Bland: the violated quantity with the lowest number.
    bool step() {
        for (int k = 0; k < n_; ++k) {
            if (line_of_[k] < 0) continue;
            Extended change = difference(lower_[k], point_[k]);
            bool to_upper = false;
            if (change.sign() <= 0) {
                change = difference(upper_[k], point_[k]);
                to_upper = true;
                if (change.sign() >= 0) continue;
            }
            direction_ = dictionary_[line_of_[k]];
            enter(k, change, to_upper);
            return true;
        }
        for (int i = 0; i < static_cast<int>(rows_.size()); ++i) {
            Extended change{Rational(-rows_[i]->constant), 0};
            for (int k = 0; k < n_; ++k)
                if (!rows_[i]->weight[k].is_zero()) change.add(Rational(-rows_[i]->weight[k]), point_[k]);
            if (change.sign() <= 0) continue;
            direction_.assign(n_, 0);
            for (int j = 0; j < n_; ++j)
                if (nonbasic_[j] < n_) direction_[j] = Rational(rows_[i]->weight[nonbasic_[j]]);
            for (std::size_t b = 0; b < basic_.size(); ++b) {
                const Rational factor(rows_[i]->weight[basic_[b]]);
                if (factor.is_zero()) continue;
                for (int j = 0; j < n_; ++j) direction_[j] += factor * dictionary_[b][j];
            }
            enter(n_ + i, change, false);
            return true;
        }
        return false;
    }

    // Brings a quantity to its bound; the nonbasic one that leaves has the least ratio, among equals the lowest number.
    void enter(int quantity, const Extended& change, bool to_upper) {
        const int sense = change.sign();
        int best = -1;
        Rational best_ratio;
        for (int j = 0; j < n_; ++j) {
            const int helps = (at_upper_[j] ? -1 : 1) * sense * direction_[j].sign();
            if (helps <= 0) continue;
            Rational ratio = abs(reduced_[j] / direction_[j]);
            if (best < 0 || ratio < best_ratio || (ratio == best_ratio && nonbasic_[j] < nonbasic_[best])) {
                best = j;
                best_ratio = std::move(ratio);
            }
        }
        if (best < 0) throw std::logic_error("internal error: a cell of the network is empty");
        const Rational inverse = 1 / direction_[best];
        const Extended step{change.finite * inverse, change.infinite * inverse};
        value_.add(reduced_[best], step);
        if (nonbasic_[best] < n_) point_[nonbasic_[best]].add(1, step);
        for (std::size_t b = 0; b < basic_.size(); ++b) point_[basic_[b]].add(dictionary_[b][best], step);
        exchange(best, inverse, quantity, to_upper);
    }

    void exchange(int slot, const Rational& inverse, int entering, bool to_upper) {
        if (entering < n_) remove_line(entering);
        const auto substitute = [&](std::vector<Rational>& line) {
            const Rational factor = line[slot] * inverse;
            if (!factor.is_zero())
                for (int j = 0; j < n_; ++j)
                    if (!direction_[j].is_zero()) line[j] -= factor * direction_[j];
            line[slot] = factor;
        };
        substitute(reduced_);
        for (std::vector<Rational>& line : dictionary_) substitute(line);
        const int leaving = nonbasic_[slot];
        if (leaving < n_) {
            std::vector<Rational> line(n_);
            for (int j = 0; j < n_; ++j) line[j] = -direction_[j] * inverse;
            line[slot] = inverse;
            line_of_[leaving] = static_cast<int>(basic_.size());
            basic_.push_back(leaving);
            dictionary_.push_back(std::move(line));
        }
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
        Point point;
        point.denominator = 1;
        for (const Extended& x : point_)
            for (const Rational* part : {&x.finite, &x.infinite}) point.denominator = lcm(point.denominator, denominator(*part));
        bool at_infinity = false;
        for (const Extended& x : point_) {
            const auto scaled = [&](const Rational& part) {
                return Integer(numerator(part) * (point.denominator / denominator(part)));
            };
            point.finite.push_back(scaled(x.finite));
            point.infinite.push_back(scaled(x.infinite));
            at_infinity = at_infinity || !x.infinite.is_zero();
        }
        if (!at_infinity) point.infinite.clear();
        return point;
    }

    int n_;
    std::span<const Form* const> rows_;
    std::vector<Extended> lower_, upper_, point_;
    Extended value_;
    std::vector<Rational> reduced_;
    std::vector<int> nonbasic_;
    std::vector<char> at_upper_;
    std::vector<int> basic_;
    std::vector<int> line_of_;
    std::vector<std::vector<Rational>> dictionary_;
    std::vector<Rational> direction_;
};

}  // namespace

Minimum minimise(const Form& objective, std::span<const Form* const> rows, std::span<const Interval> box) {
    return Simplex(objective, rows, box).minimise();
}

}  // namespace relutope::exact
