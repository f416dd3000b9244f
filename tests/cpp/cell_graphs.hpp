// All cells of a network with their facets, by the LP engine: what looks at one cell at a time is compared with it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "networks.hpp"
#include "refinement/common/records.hpp"

namespace relutope::testing {

// Facets to other cells: all neurons that vanish there, and the index of the cell beyond.
using CellFacetMap = std::map<std::vector<HyperplaneId>, int>;

struct CellGraph {
    std::vector<std::vector<std::uint64_t>> patterns;  // packed
    std::vector<std::vector<double>> inside;           // a point strictly inside each, empty where none is a double
    std::vector<CellFacetMap> facets;
    std::map<std::vector<std::uint64_t>, int> index;

    int size() const { return static_cast<int>(patterns.size()); }
};

CellGraph cell_graph(const Network& network, const Domain& domain);

// The numbers of the neurons, layer by layer, as 0 and 1; and back.
std::string word_of(const Network& network, const std::vector<std::uint64_t>& pattern);
std::vector<std::uint64_t> pattern_of(const std::string& word);

// Units of the first layer at a point, rounded.
std::vector<double> first_units(const Network& network, const std::vector<double>& x);
// Whether the rows of the first layer are linearly independent.
bool independent_first_layer(const Network& network);

}  // namespace relutope::testing
