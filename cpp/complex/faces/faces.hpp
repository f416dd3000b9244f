// Faces of the cells: counting them over the whole complex, and triangulating.
#pragma once

#include <cstdint>
#include <vector>

#include "complex/faces/vertex_complex.hpp"
#include "complex/cells/poll.hpp"

namespace relutope {

// Numbers of faces of dimension 0..n, each counted once. Faces inside a side of the domain at infinity (`infinite_side`, one
// flag a side) are not faces of the complex and are left out.
std::vector<std::int64_t> face_counts(const CellComplex& cells, const VertexComplex& vertices,
                                      const std::vector<std::uint8_t>& infinite_side, const Poll& poll);

// The same of some of the cells of a complex.
struct PartCounts {
    std::vector<std::int64_t> counts;  // of faces that these cells alone count
    std::vector<std::uint64_t> open;   // faces that other cells may have, too: rows of sign words, as a vertex has them, and the dimension
};
// Summed over parts that have each cell once, with each of the rows of all parts once, these are the numbers of faces of the complex.
// REQUIRES: the cells are open, and linked.
PartCounts part_counts(const CellComplex& cells, const VertexComplex& vertices, const std::vector<std::uint8_t>& infinite_side,
                       const Poll& poll);

// Simplices as rows of vertex indices, increasing; `owner` is the cell or edge each belongs to.
struct Triangulation {
    int row_length = 0;
    std::vector<std::int32_t> simplices;
    std::vector<std::int64_t> owner;
};

// Triangulates every cell without new vertices: a face is the join of its lowest vertex with the triangulations of its facets
// that avoid that vertex (pulling). A face's triangulation depends on the face alone, so cells agree where they meet.
Triangulation triangulate_cells(const CellComplex& cells, const VertexComplex& vertices, const Poll& poll);

// The same for the shared facets, in the order of edges().
Triangulation triangulate_facets(const CellComplex& cells, const VertexComplex& vertices, const Poll& poll);

}  // namespace relutope
