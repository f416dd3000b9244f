#include "refinement/lp/local_program.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "predicates/clones.hpp"

namespace relutope {

namespace {

// The share of a row's coordinates that is most of them.
constexpr double mostly = 2.0 / 3;
// A violation below this, relative to a row's length, is noise.
constexpr double noise = 1e-11;
// Steps without progress until ties are broken, and by how much of the objective.
constexpr int local_patience = 8;
constexpr double local_tie_break = 1e-7;

}  // namespace

void LocalProgram::begin(const double* form, int dimension) {
    dimension_ = dimension;
    seen_.assign((static_cast<std::size_t>(dimension) + 63) / 64, 0);
    for (int k = 0; k < dimension; ++k)
        if (form[k] != 0) seen_[k >> 6] |= std::uint64_t{1} << (k & 63);
    list_coordinates();
}

// Rows with two thirds of their coordinates among those at hand (of a picture that is one more pixel on each side), or as many as any has.
bool LocalProgram::grow(const HalfspaceRows& rows) {
    const std::size_t before = coordinates_.size(), words = seen_.size();
    double enough = 0;
    share_.resize(rows.num_sparse());
    for (int place = 0; place < rows.num_sparse(); ++place) {
        const std::uint64_t* own = rows.seen(place);
        int all = 0, common = 0;
        for (std::size_t word = 0; word < words; ++word) {
            all += std::popcount(own[word]);
            common += std::popcount(own[word] & seen_[word]);
        }
        share_[place] = common < all ? static_cast<double>(common) / all : 0.0;
        enough = std::max(enough, share_[place]);
    }
    enough = std::min(enough, mostly);
    if (enough == 0) return false;
    std::vector<std::uint64_t> grown = seen_;
    for (int place = 0; place < rows.num_sparse(); ++place)
        for (std::size_t word = 0; word < words && share_[place] >= enough; ++word) grown[word] |= rows.seen(place)[word];
    seen_ = std::move(grown);
    list_coordinates();
    return coordinates_.size() > before;
}

void LocalProgram::list_coordinates() {
    coordinates_.clear();
    for (std::size_t word = 0; word < seen_.size(); ++word)
        for (std::uint64_t rest = seen_[word]; rest; rest &= rest - 1)
            coordinates_.push_back(static_cast<int>(64 * word) + std::countr_zero(rest));
}

// Coordinates are counted from the point inside, where each row has its constant as its value.
void LocalProgram::load(const HalfspaceRows& rows, const Halfspace& objective, const std::vector<double>& inside, Others others) {
    const auto n = static_cast<int>(coordinates_.size());
    objective_.clear();
    for (const int k : coordinates_) objective_.push_back(objective.row[k]);
    objective_.push_back(objective.at(inside.data(), dimension_));
    rows_.clear();
    norm_.clear();
    ids_.clear();
    const auto take = [&](int i) {
        const double* const source = rows.row(i);
        for (const int k : coordinates_) rows_.push_back(source[k]);
        rows_.push_back(rows.at(i, inside.data()));
        const double* const target = rows_.data() + rows_.size() - (n + 1);
        norm_.push_back(std::sqrt(dot(target, target, n)));
        ids_.push_back(i);
    };
    int place = 0;
    for (int i = 0; i < rows.count(); ++i) {
        if (!rows.is_sparse(i)) {
            if (others == Others::held) take(i);
            continue;
        }
        const std::uint64_t* const own = rows.seen(place++);
        std::uint64_t at_hand = 0, elsewhere = 0;
        for (std::size_t word = 0; word < seen_.size(); ++word) {
            at_hand |= own[word] & seen_[word];
            elsewhere |= own[word] & ~seen_[word];
        }
        if (others == Others::held ? at_hand : !elsewhere) take(i);
    }
}

// What the segment from the point inside to the simplex's point meets first.
RELUTOPE_CLONES
LocalProgram::Stop LocalProgram::first_stop(const double* x) const {
    const auto n = static_cast<int>(coordinates_.size());
    Stop stop;
    for (std::size_t i = 0; i < ids_.size(); ++i) {
        const double here = row(i)[n], there = dot(row(i), x, n) + here;
        if (there >= -noise * norm_[i] || there * stop.at >= here * (stop.at - 1)) continue;
        stop = {here / (here - there), static_cast<int>(i), -1, there};
    }
    for (int k = 0; k < n; ++k) {
        const double bound = x[k] < lower_[k] ? lower_[k] : upper_[k];
        if ((lower_[k] <= x[k] && x[k] <= upper_[k]) || std::fabs(x[k] - bound) <= noise * std::fabs(x[k])) continue;
        if (bound / x[k] < stop.at) stop = {bound / x[k], -1, k, 0};
    }
    return stop;
}

LocalProgram::Outcome LocalProgram::solve(const HalfspaceRows& rows, const Halfspace& objective, const std::vector<double>& inside,
                                          const std::vector<double>& lower, const std::vector<double>& upper, const Domain& domain,
                                          Others others, const Proof& proves) {
    load(rows, objective, inside, others);
    const auto n = static_cast<int>(coordinates_.size());
    lower_.clear();
    upper_.clear();
    domain_lower_.clear();
    domain_upper_.clear();
    double largest = 0;
    for (const int k : coordinates_) {
        lower_.push_back(lower[k] - inside[k]);
        upper_.push_back(upper[k] - inside[k]);
        domain_lower_.push_back(domain.lower[k]);
        domain_upper_.push_back(domain.upper[k]);
        largest = std::max(largest, std::fabs(objective.row[k]));
    }
    BoxSimplex simplex(n);
    simplex.start(objective_.data(), lower_.data(), upper_.data());
    const auto limit = 8 * (static_cast<std::size_t>(n) + ids_.size());
    double best = -HUGE_VAL;
    int stalled = 0;
    for (std::size_t step = 0; step < limit; ++step) {
        const double* x = simplex.point();
        const double value = simplex.value();
        stalled = value > best ? 0 : stalled + 1;
        best = std::max(best, value);
        if (stalled == local_patience) {
            simplex.perturb(local_tie_break * largest);
            stalled = 0;
        }
        if (value > 0) {
            if (others == Others::held) return Outcome::none;
            if (!simplex.leans_beyond(domain_lower_.data(), domain_upper_.data(), noise * largest)) {
                combination_.clear();
                for (const BoxSimplex::Active& tight : simplex.active()) combination_.push_back({ids_[tight.row], tight.multiplier});
                if (proves(combination_)) return Outcome::positive;
            }
        }
        const Stop stop = first_stop(x);
        if (value < 0) {
            const double zero = objective_[n] / (objective_[n] - value);
            if (zero < stop.at) {
                found_.assign(x, x + n);
                for (double& move : found_) move *= 0.5 * (zero + stop.at);
                return Outcome::point;
            }
        }
        const bool moved = stop.coordinate >= 0 ? simplex.enter_bound(stop.coordinate)
                                                : stop.row >= 0 && simplex.enter_row(row(stop.row), stop.row, stop.value);
        if (!moved) return Outcome::none;
    }
    return Outcome::none;
}

std::vector<double> LocalProgram::point(const std::vector<double>& inside) const {
    std::vector<double> result = inside;
    for (std::size_t k = 0; k < coordinates_.size(); ++k) result[coordinates_[k]] += found_[k];
    return result;
}

}  // namespace relutope
