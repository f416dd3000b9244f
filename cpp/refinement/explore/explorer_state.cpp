// What an explorer has found as a value, and back. A state may come from a file: it is used only when its parts fit together.
#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <utility>

#include "refinement/explore/explorer.hpp"

namespace relutope {

namespace {

using Words = std::vector<std::uint64_t>;

void require(bool fits, const char* what) {
    if (!fits) throw std::invalid_argument(what);
}

Words words_at(const std::vector<std::uint64_t>& packed, std::int64_t row, int words) {
    const auto begin = packed.begin() + row * words;
    return {begin, begin + words};
}

bool all_finite(const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

bool in_order(const CellFacet& a, const CellFacet& b) { return a.zeros < b.zeros; }

bool comes_before(const Door& a, const Door& b) { return a.distance != b.distance ? a.distance < b.distance : a.number < b.number; }

}  // namespace

ExplorerState Explorer::state() const {
    ExplorerState found{cells_, patterns_, {}, {}};
    if (order_ == Order::nearest) {
        for (auto left = nearest_; !left.empty(); left.pop()) found.doors.push_back(left.top());
    } else {  // every call begins with those that were too far for the one before, at the end of the line
        found.doors.assign(line_.begin(), line_.end());
        found.doors.insert(found.doors.end(), too_far_.begin(), too_far_.end());
    }
    std::vector<Words> unreached(without_point_.begin(), without_point_.end());
    std::sort(unreached.begin(), unreached.end());
    for (const Words& pattern : unreached) found.without_point.insert(found.without_point.end(), pattern.begin(), pattern.end());
    return found;
}

void Explorer::restore(ExplorerState state) {
    Patterns ids = checked_patterns(state);
    for (std::int64_t cell = 0; cell < static_cast<std::int64_t>(state.cells.size()); ++cell) check_facets(state, ids, cell);
    check_doors(state, ids);
    for (std::size_t row = 0; row < state.without_point.size() / words_; ++row) {
        const Words pattern = words_at(state.without_point, static_cast<std::int64_t>(row), words_);
        const auto known = ids.find(pattern);
        require(known != ids.end() && known->second == waiting, "a cell without a point is not known, or is explored");
        without_point_.insert(pattern);
    }
    for (const Door& door : state.doors) {
        order_ == Order::nearest ? nearest_.push(door) : line_.push_back(door);
        num_doors_ = std::max(num_doors_, door.number + 1);
    }
    for (const ExploredCell& cell : state.cells) count(cell);
    cells_ = std::move(state.cells);
    patterns_ = std::move(state.patterns);
    ids_ = std::move(ids);
}

// All patterns that a state knows, with the numbers of the explored cells.
Explorer::Patterns Explorer::checked_patterns(const ExplorerState& state) const {
    const auto cells = static_cast<std::int64_t>(state.cells.size());
    require(cells > 0, "there is no cell");
    require(state.patterns.size() == state.cells.size() * words_ && state.without_point.size() % words_ == 0, "a pattern is cut off");
    const int rest = network_.num_neurons() % 64;
    Patterns ids;
    const auto add = [&](Words pattern, std::int64_t id) {
        require(rest == 0 || pattern.back() >> rest == 0, "a pattern has more bits than there are neurons");
        return ids.emplace(std::move(pattern), id).second;
    };
    for (std::int64_t cell = 0; cell < cells; ++cell) require(add(words_at(state.patterns, cell, words_), cell), "a cell is listed twice");
    for (const ExploredCell& cell : state.cells) {
        require(cell.neighbours.size() == cell.facets.size() * words_, "a neighbour's pattern is cut off");
        for (std::size_t f = 0; f < cell.facets.size(); ++f) add(words_at(cell.neighbours, static_cast<std::int64_t>(f), words_), waiting);
    }
    return ids;
}

// A cell differs from its neighbours in some neurons that vanish on the facet, and explored neighbours name the facet alike.
void Explorer::check_facets(const ExplorerState& state, const Patterns& ids, std::int64_t cell) const {
    const ExploredCell& held = state.cells[cell];
    const Words pattern = words_at(state.patterns, cell, words_);
    const int neurons = network_.num_neurons();
    require(static_cast<int>(held.point.size()) == dimension() && all_finite(held.point), "a cell's point has no coordinates");
    const std::size_t coordinates = facets_.coordinates_of(pattern.data());
    for (std::size_t f = 1; f < held.facets.size(); ++f) require(in_order(held.facets[f - 1], held.facets[f]), "facets are not in order");
    for (std::size_t f = 0; f < held.facets.size(); ++f) {
        const CellFacet& facet = held.facets[f];
        const std::vector<HyperplaneId>& zeros = facet.zeros;
        require(std::adjacent_find(zeros.begin(), zeros.end(), std::greater_equal<>()) == zeros.end(), "a facet's neurons do not ascend");
        require(std::binary_search(zeros.begin(), zeros.end(), facet.neuron), "a facet's neuron does not vanish on it");
        require(zeros.front() >= 0 && zeros.back() < neurons, "a facet names a neuron that does not exist");
        require(facet.crossing.empty() ? facets_.is_own(facet.neuron) : facet.crossing.size() == coordinates, "a crossing has no coordinates");
        require(all_finite(facet.crossing), "a crossing has no coordinates");
        Words beyond = words_at(held.neighbours, static_cast<std::int64_t>(f), words_);
        const std::int64_t other = ids.at(beyond);
        require(beyond != pattern, "a cell is its own neighbour");
        for (int w = 0; w < words_; ++w) beyond[w] ^= pattern[w];
        for (const HyperplaneId neuron : zeros) beyond[neuron >> 6] &= ~(std::uint64_t{1} << (neuron & 63));
        require(std::all_of(beyond.begin(), beyond.end(), [](std::uint64_t word) { return word == 0; }),
                "two neighbours differ in a neuron that does not vanish on their facet");
        if (other == waiting) continue;
        const ExploredCell& neighbour = state.cells[other];
        const auto back = std::lower_bound(neighbour.facets.begin(), neighbour.facets.end(), facet, in_order);
        require(back != neighbour.facets.end() && back->zeros == zeros &&
                    words_at(neighbour.neighbours, back - neighbour.facets.begin(), words_) == pattern,
                "two cells name their common facet differently");
    }
}

// No cell that waits is forgotten: it has a door, or none of its doors led to a point.
void Explorer::check_doors(const ExplorerState& state, const Patterns& ids) const {
    Patterns left = ids;
    std::vector<std::uint64_t> numbers;
    for (const Door& door : state.doors) {
        require(door.cell >= 0 && door.cell < static_cast<std::int64_t>(state.cells.size()), "a door is in a cell that does not exist");
        const ExploredCell& cell = state.cells[door.cell];
        require(door.facet >= 0 && door.facet < static_cast<int>(cell.facets.size()), "a door is in a facet that does not exist");
        require(door.distance >= 0 && std::isfinite(door.distance) && door.number < (std::uint64_t{1} << 62), "a door has no place");
        numbers.push_back(door.number);
        left.erase(words_at(cell.neighbours, door.facet, words_));
    }
    std::sort(numbers.begin(), numbers.end());
    require(std::adjacent_find(numbers.begin(), numbers.end()) == numbers.end(), "two doors have one number");
    require(order_ != Order::nearest || std::is_sorted(state.doors.begin(), state.doors.end(), comes_before), "doors are not in order");
    for (std::size_t row = 0; row < state.without_point.size() / words_; ++row)
        left.erase(words_at(state.without_point, static_cast<std::int64_t>(row), words_));
    for (const auto& [pattern, id] : left) require(id != waiting, "a known cell has no door");
}

}  // namespace relutope
