#include "complex/cells/cell_locator.hpp"

#include <algorithm>
#include <bit>

#include "network/maps/exact_maps.hpp"

namespace relutope {

CellLocator::CellLocator(const CellComplex& cells, const Network& network, const Domain& domain)
    : cells_(cells), domain_(domain), evaluator_(network), signs_(network.num_neurons()) {
    for (int side = 2 * domain.dimension(); side < domain.num_sides(); ++side) halfspaces_.push_back(domain_side(domain, side));
}

CellId CellLocator::locate(std::span<const double> point) {
    if (!in_domain(point)) return no_cell;
    evaluator_.at(point, signs_.data());
    const bool strict = std::find(signs_.begin(), signs_.end(), 0) == signs_.end();
    return strict ? with_pattern() : lowest_around();
}

bool CellLocator::in_domain(std::span<const double> point) const {
    for (std::size_t k = 0; k < point.size(); ++k)
        if (point[k] < domain_.lower[k] || point[k] > domain_.upper[k]) return false;
    if (halfspaces_.empty()) return true;
    int exponent = 0;
    for (const double x : point) exponent = std::min(exponent, exact::lowest_exponent(x));
    exact::Point at;
    for (const double x : point) at.finite.push_back(exact::scaled_integer(x, exponent));
    at.denominator = exact::power_of_two(-exponent);
    return std::all_of(halfspaces_.begin(), halfspaces_.end(),
                       [&](const exact::Form& form) { return exact::sign_at(form, at) >= 0; });
}

// Patterns increase lexicographically, neuron 0 first.
CellId CellLocator::with_pattern() const {
    std::vector<std::uint64_t> wanted(cells_.pattern_words);
    for (std::size_t i = 0; i < signs_.size(); ++i)
        if (signs_[i] > 0) wanted[i >> 6] |= std::uint64_t{1} << (i & 63);
    const auto compare = [&](std::int64_t cell) {  // -1, 0, 1: the cell's pattern is before, at or after the wanted one
        for (int k = 0; k < cells_.pattern_words; ++k) {
            const std::uint64_t differ = cells_.pattern(cell)[k] ^ wanted[k];
            if (differ) return cells_.pattern(cell)[k] >> std::countr_zero(differ) & 1 ? 1 : -1;
        }
        return 0;
    };
    std::int64_t low = 0;
    std::int64_t high = cells_.num_cells();
    while (low < high) {
        const std::int64_t middle = low + (high - low) / 2;
        const int order = compare(middle);
        if (order == 0) return static_cast<CellId>(middle);
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return no_cell;
}

// A closed cell contains the point iff its pattern agrees wherever the point's sign is not zero: neurons that differ are zero
// at the point, so they do not change what later layers see.
CellId CellLocator::lowest_around() const {
    for (std::int64_t cell = 0; cell < cells_.num_cells(); ++cell) {
        bool agrees = true;
        for (std::size_t i = 0; i < signs_.size() && agrees; ++i)
            agrees = signs_[i] == 0 || cells_.active(cell, static_cast<HyperplaneId>(i)) == (signs_[i] > 0);
        if (agrees) return static_cast<CellId>(cell);
    }
    return no_cell;
}

}  // namespace relutope
