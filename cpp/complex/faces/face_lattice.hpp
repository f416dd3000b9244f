// All faces of a complex as shared objects, with their incidences and orientations.
//
// Faces of the truncation of the complex by the symbolically infinite box: faces of R^n, then faces at infinity, those inside
// an infinite side. A face is identified by its vertices, which a polytope's face determines and is determined by.
#pragma once

#include <cstdint>
#include <vector>

#include "complex/faces/faces.hpp"
#include "refinement/common/memory.hpp"

namespace relutope {

using FaceId = std::int32_t;  // index among the faces of one dimension; more than 2^31 - 1 are refused

// The faces of one dimension k. Faces of dimension 0 are the vertices, faces of dimension n the cells, with their numbers.
struct FaceLevel {
    std::int64_t num_proper = 0;               // faces at infinity come last
    std::vector<std::int64_t> vertex_begin{0};
    std::vector<std::int32_t> vertices;        // increasing within a face
    std::vector<std::int64_t> facet_begin{0};
    std::vector<FaceId> facets;                // faces of dimension k - 1 in the boundary, increasing; none for k = 0
    std::vector<std::int8_t> orientation;      // +1 or -1 for each of `facets`
    std::vector<std::int64_t> cell_begin{0};
    std::vector<FaceId> cell_faces;            // faces of dimension k of each closed cell

    std::int64_t size() const { return static_cast<std::int64_t>(vertex_begin.size()) - 1; }
};

struct FaceLattice {
    std::vector<FaceLevel> level;  // dimensions 0..n
    int dimension() const { return static_cast<int>(level.size()) - 1; }
};

// `infinite_side`: one flag a side of the domain.
//
// Orientations are integers with boundary of boundary zero: an edge runs from its lower to its higher vertex, the lowest facet
// of a face of higher dimension has +1, and all cells are oriented alike, as cell 0 is by these rules; so the sum of all
// cells' boundaries is supported on the boundary of the truncated domain.
//
// Throws what `poll` throws; OutOfMemoryLimit when it would take more than `memory`.
FaceLattice face_lattice(const CellComplex& cells, const VertexComplex& vertices,
                         const std::vector<std::uint8_t>& infinite_side, const Poll& poll, const MemoryLimit& memory = MemoryLimit());

}  // namespace relutope
