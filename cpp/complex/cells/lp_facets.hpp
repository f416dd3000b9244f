// Facets of the cells that the LP engine has found.
//
// A neuron that alone vanishes on a facet of cell C has the cell with that one bit flipped on the other side. All cells are known,
// so only neurons whose flipped pattern is that of a cell come into question, and most of these are settled by the segment between
// the two interior points: where it crosses the neuron's hyperplane with all other forms of C strictly on C's side, there is a
// facet. The rest are linear programs: neuron i is a facet iff its form takes a negative value where all others are nonnegative.
// Neurons that vanish on the same facet have proportional forms on C. Forms that floating point cannot tell apart are compared
// over the integers, and each group of proportional ones gets a linear program of its own.
#pragma once

#include <vector>

#include "complex/cells/cell_complex.hpp"
#include "refinement/lp/lp_search.hpp"

namespace relutope {

// Cells, facets and neighbours. Facets on the domain's boundary are left out unless `sides` is true: there are many in high
// dimension, each costs a linear program, and nothing lies behind them.
// Throws Stopped (when control.stop is set), BrokenComplex, TooLarge when there are more than `most_cells`, OutOfMemoryLimit when it
// would take more than `memory` with the cells found. What it has counted is then in control.bytes.
CellComplex lp_complex(const LpCells& found, const Network& network, const Domain& domain, bool sides, int threads,
                       SearchControl& control, std::uint64_t most_cells = most_cells_numbered, const MemoryLimit& memory = MemoryLimit());

}  // namespace relutope
