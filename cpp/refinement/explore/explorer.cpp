#include "refinement/explore/explorer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "geometry/projection.hpp"

namespace relutope {

namespace {

// How often the step beyond a facet is halved before the cell is said to hold no double.
constexpr int most_halvings = 50;
// Close to the facet other facets are still where the cell before has them.
constexpr double first_step = 0x1p-10;

}  // namespace

std::size_t Explorer::Hash::operator()(const std::vector<std::uint64_t>& pattern) const {
    std::uint64_t hash = 0x9e3779b97f4a7c15;
    for (const std::uint64_t word : pattern) {
        hash = (hash ^ word) * 0xff51afd7ed558ccd;
        hash ^= hash >> 32;
    }
    return hash;
}

Explorer::Explorer(Network network, Domain domain, bool by_first_layer, Ruler ruler, Order order)
    : network_(std::move(network)), domain_(std::move(domain)), words_(words_for(network_.num_neurons())), ruler_(std::move(ruler)),
      order_(order), facets_(network_, domain_, by_first_layer), ruler_facets_(ruler_.network, ruler_.domain, false) {}

bool Explorer::start(const std::vector<std::uint64_t>& pattern, const std::vector<double>& point, const SearchControl& control) {
    facets_.set_cell(pattern.data());
    if (!facets_.set_point(point)) return false;
    explore(pattern, nullptr, 0.0, control);
    return true;
}

std::vector<std::uint64_t> Explorer::pattern_of(std::int64_t cell) const {
    const auto begin = patterns_.begin() + cell * words_;
    return {begin, begin + words_};
}

std::vector<std::uint64_t> Explorer::pattern_beyond(std::int64_t cell, std::size_t facet) const {
    const auto begin = cells_[cell].neighbours.begin() + static_cast<std::ptrdiff_t>(facet) * words_;
    return {begin, begin + words_};
}

std::int64_t Explorer::neighbour(std::int64_t cell, std::size_t facet) const {
    const auto found = ids_.find(pattern_beyond(cell, facet));
    return found->second;
}

ProgramCounts Explorer::programs() const { return facets_.counts(); }

// REQUIRES: facets_ is turned to the cell and has a point inside.
void Explorer::explore(const std::vector<std::uint64_t>& pattern, const Door* door, double distance, const SearchControl& control) {
    // Where the facets of the cell before were, there are often some now.
    CellFacets::Door known;
    if (door) {
        const std::vector<std::uint64_t> from = pattern_of(door->cell);
        const ExploredCell& before = cells_[door->cell];
        const CellFacet& gone_through = before.facets[door->facet];
        known.neuron = gone_through.neuron;
        for (const CellFacet& facet : before.facets) {
            if (facet.crossing.empty()) continue;
            std::vector<double> crossing = facets_.beyond(from.data(), before.point, facet, 0);
            if (gone_through.crossing.empty()) crossing[gone_through.neuron] = facets_.point()[gone_through.neuron];
            known.crossings.emplace_back(facet.neuron, std::move(crossing));
        }
    }
    const std::vector<CellFacet>& found = facets_.find(control, known);
    ExploredCell cell{facets_.point(), found, {}, distance};
    const bool by_distance = order_ == Order::nearest;
    std::vector<double> least(cell.facets.size(), 0.0);
    const auto id = static_cast<std::int64_t>(cells_.size());
    if (by_distance) {
        turn_ruler(id, pattern, cell.facets);
        least = plane_distances();
    }
    for (std::size_t f = 0; f < cell.facets.size(); ++f) {
        std::vector<std::uint64_t> other = facets_.neighbour(cell.facets[f]);
        cell.neighbours.insert(cell.neighbours.end(), other.begin(), other.end());
        const auto known = ids_.emplace(std::move(other), waiting).first;
        if (known->second != waiting) continue;
        const Door door{by_distance ? std::max(distance, least[f]) : 0.0, false, num_doors_++, id, static_cast<int>(f)};
        by_distance ? nearest_.push(door) : line_.push_back(door);
    }
    ids_[pattern] = id;
    without_point_.erase(pattern);
    patterns_.insert(patterns_.end(), pattern.begin(), pattern.end());
    count(cell);
    cells_.push_back(std::move(cell));
}

void Explorer::count(const ExploredCell& cell) {
    constexpr std::uint64_t block = 16;  // that the allocator adds to a block of memory
    std::uint64_t bytes = 3 * (sizeof(cell) + sizeof(std::uint64_t) * static_cast<std::uint64_t>(words_)) + bytes_held(cell.point) + bytes_held(cell.facets) + bytes_held(cell.neighbours) + 3 * block;
    for (const CellFacet& facet : cell.facets) bytes += bytes_held(facet.zeros) + bytes_held(facet.crossing) + 2 * block;
    cell_bytes_ += bytes;
    most_cell_bytes_ = std::max(most_cell_bytes_, bytes);
}

std::uint64_t Explorer::bytes() const {
    const std::uint64_t words = static_cast<std::uint64_t>(words_);
    const std::uint64_t node = 8 * words + 112;  // of a table of patterns, with its buckets
    const std::uint64_t doors = line_.size() + too_far_.size() + 3 * nearest_.size();
    const std::uint64_t kept = cell_bytes_ + (ids_.size() + without_point_.size()) * node + doors * sizeof(Door);
    return kept + kept / 4 + facets_.bytes() + bytes_at_first;  // small blocks leave gaps
}

void Explorer::turn_ruler(std::int64_t cell, const std::vector<std::uint64_t>& pattern, const std::vector<CellFacet>& facets) {
    if (ruler_cell_ == cell) return;
    ruler_facets_.set_cell(pattern.data());
    ruler_facets_.input_rows(facets, ruler_rows_);
    for (const std::vector<double>& row : ruler_.domain.halfspaces) ruler_rows_.insert(ruler_rows_.end(), row.begin(), row.end());
    ruler_cell_ = cell;
}

// Of the hyperplanes of the facets at the ruler: lower bounds of the facets' own distances.
std::vector<double> Explorer::plane_distances() const {
    const std::size_t n = ruler_.origin.size();
    std::vector<double> distances;
    for (std::size_t begin = 0; begin < ruler_rows_.size(); begin += n + 1) {
        const double* row = ruler_rows_.data() + begin;
        double value = row[n], square = 0;
        for (std::size_t k = 0; k < n; ++k) {
            value += row[k] * ruler_.origin[k];
            square += row[k] * row[k];
        }
        distances.push_back(std::fabs(value) / std::sqrt(square));
    }
    return distances;
}

// Turns facets_ to the cell beyond a door, with a point inside.
bool Explorer::enter(const std::vector<std::uint64_t>& pattern, const Door& door) {
    const std::vector<std::uint64_t> from = pattern_of(door.cell);
    const ExploredCell& cell = cells_[door.cell];
    facets_.set_cell(pattern.data());
    double step = first_step;
    for (int k = 0; k < most_halvings; ++k, step /= 2)
        if (facets_.set_point(facets_.beyond(from.data(), cell.point, cell.facets[door.facet], step))) return true;
    return false;
}

// The distance of the door's facet from the origin.
void Explorer::measure(Door& door) {
    turn_ruler(door.cell, pattern_of(door.cell), cells_[door.cell].facets);
    // No facet is nearer than its hyperplane and its cell, but for rounding.
    door.distance = std::max(door.distance, distance_to_facet(ruler_.origin, ruler_rows_, door.facet, ruler_.domain.lower, ruler_.domain.upper));
    door.exact = true;
}

std::vector<double> Explorer::facet_distances(std::int64_t cell) {
    turn_ruler(cell, pattern_of(cell), cells_[cell].facets);
    std::vector<double> distances(cells_[cell].facets.size());
    for (std::size_t f = 0; f < distances.size(); ++f)
        distances[f] = distance_to_facet(ruler_.origin, ruler_rows_, static_cast<int>(f), ruler_.domain.lower, ruler_.domain.upper);
    return distances;
}

bool Explorer::exhausted() const { return line_.empty() && nearest_.empty() && too_far_.empty(); }

void Explorer::run(std::uint64_t max_cells, double radius, SearchControl& control, const MemoryLimit& memory) {
    line_.insert(line_.end(), too_far_.begin(), too_far_.end());
    too_far_.clear();
    control.cells = cells_.size();
    // Another cell may be larger than those so far, and tables double.
    const auto check = [&] { memory.check(bytes() + 4 * most_cell_bytes_, cells_.size(), max_cells); };
    while (cells_.size() < max_cells) {
        check();
        if (!take(radius, control)) break;
        control.cells = cells_.size();
    }
    control.bytes = bytes();
}

// Looks at the next door: goes through it, measures it, or finds that it is not needed. False when none is left within the radius.
// An interrupted call loses nothing: a door that is gone through is taken away by a later call.
bool Explorer::take(double radius, const SearchControl& control) {
    if (control.stop.load(std::memory_order_relaxed)) throw Stopped();
    const bool by_distance = order_ == Order::nearest, limited = !std::isinf(radius);
    if (by_distance ? nearest_.empty() : line_.empty()) return false;
    Door door = by_distance ? nearest_.top() : line_.front();
    const auto leave = [&] { by_distance ? nearest_.pop() : line_.pop_front(); };
    const std::vector<std::uint64_t> pattern = pattern_beyond(door.cell, door.facet);
    if (ids_[pattern] != waiting) {
        leave();
    } else if ((by_distance || limited) && !door.exact) {
        measure(door);
        leave();
        by_distance ? nearest_.push(door) : line_.push_front(door);
    } else if (limited && door.distance > radius) {
        if (by_distance) return false;
        leave();
        too_far_.push_back(door);
    } else if (enter(pattern, door)) {
        explore(pattern, &door, by_distance ? door.distance : std::numeric_limits<double>::quiet_NaN(), control);
    } else {
        leave();
        without_point_.insert(pattern);
    }
    return true;
}

}  // namespace relutope
