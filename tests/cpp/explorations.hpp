// Exploring small networks for a test, and comparing what is found with the LP engine's complexes.
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "cell_graphs.hpp"
#include "refinement/explore/explorer.hpp"

namespace relutope::testing {

inline constexpr std::uint64_t no_limit = UINT64_MAX;

// A network with all its cells, and a point in the middle of one of them: the start, and the origin of distances.
struct Setting {
    Network network;
    Domain domain;
    CellGraph graph;
    int start;
    std::vector<double> origin;

    Setting(const Network& network, const Domain& domain);
    std::unique_ptr<Explorer> explorer(Order order, bool by_first_layer = false) const;
};

// Random and integer networks in up to three dimensions, each on all of space, a box and a cut half-box.
std::vector<Setting> settings(Random& random);

// Indices of the explored cells, in order; all different.
std::vector<int> explored(const Explorer& explorer, const CellGraph& graph);
// Facets and neighbours of what has been explored, and which of these has been.
void check_facets(const Explorer& explorer, const CellGraph& graph);
// The same, and nothing is left.
void check_complete(const Explorer& explorer, const CellGraph& graph);

// The distance of each cell from the origin, by projection in rationals.
std::vector<double> distances_of(const Setting& setting);

}  // namespace relutope::testing
