// The vertices of a simple complex from its adjacency alone.
//
// Facts it rests on, for a complex where as many forms vanish at every vertex as there are dimensions n:
//  * Near a vertex the complex looks like n hyperplanes in general position, since the normal of a bent one differs from cell to cell by
//    multiples of those of earlier layers only. So every choice of sides of its neurons is a cell with facets on all of them, and
//    crossing one facet leads to the cell on the other side of that neuron alone: n facets of a cell that meet in a vertex span a cube
//    of the dual graph.
//  * The vertex belongs to exactly the cells of that cube. Exactly one of them has all neurons of the vertex inactive, and it comes
//    first.
// Every vertex has such a cube, but not every cube surrounds a vertex. A simple polytope with m facets has 2, m, and 2 m - 4 vertices in
// one, two, and three dimensions: where a cell has no more cubes, all of them do. A cube of which every cell has too many is looked at:
// whether its hyperplanes meet in a point of its first cell. In more dimensions there are too many cubes for this to pay.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "complex/cells/cell_complex.hpp"
#include "complex/cells/poll.hpp"
#include "refinement/common/memory.hpp"

namespace relutope {

inline constexpr int most_simple_dimension = 3;

// What so many vertices take, that belong to cells so many times: while they are found, put together and numbered.
std::uint64_t simple_vertex_bytes(const CellComplex& cells, std::uint64_t vertices, std::uint64_t incidences);

struct SimpleVertices {
    std::vector<CellId> first_cell;        // the cell where all neurons of the vertex are inactive; nondecreasing
    std::vector<HyperplaneId> facets;      // `dimension` of each vertex, increasing
    std::vector<std::int64_t> cell_begin;  // num_cells + 1
    std::vector<std::int32_t> cell_vertices;  // increasing within a cell

    std::size_t size() const { return first_cell.size(); }
};

// REQUIRES: cells.simple, cells.dimension <= most_simple_dimension, and they are linked.
// Throws BrokenComplex if a cell has not as many vertices as it must have, TooLarge when there are more than `most_vertices`, and what
// `poll` throws; OutOfMemoryLimit when the vertices, with signs of so many words, would take more than `memory`.
SimpleVertices simple_vertices(const CellComplex& cells, const Network& network, const Domain& domain, const Poll& poll,
                               std::uint64_t most_vertices = std::numeric_limits<std::int32_t>::max(), const MemoryLimit& memory = MemoryLimit());

}  // namespace relutope
