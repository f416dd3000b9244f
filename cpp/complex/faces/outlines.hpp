// The corners of cells and facets in the order in which they follow each other, to draw them.
//
// Found by walking from facet to facet, never by angles, so also right for cells smaller than the distance of two doubles. Vertices
// of the symbolically infinite box are corners like others.
#pragma once

#include <cstdint>
#include <vector>

#include "complex/faces/faces.hpp"

namespace relutope {

struct Outlines {
    std::vector<std::int64_t> begin{0};
    std::vector<std::int32_t> corners;  // vertices
    // Cells: for each corner the facet (index into the complex's facets) that leads to the next one; in dimension 1 the facet that
    // the corner is. Facets: one entry per outline, the facet that it outlines.
    std::vector<std::int64_t> facet;
};

// Dimension 2: the corners of every cell, counter-clockwise. Dimension 1: the two ends of every cell, in increasing order.
// Cells are turned alike by their shared facets; only the direction of the complex as a whole is read off coordinates.
// REQUIRES: dimension 1 or 2. Throws BrokenComplex when a facet does not have two ends.
Outlines cell_outlines(const CellComplex& cells, const VertexComplex& vertices, const Poll& poll);

// Dimension 3: the corners of every facet, one way or the other round; a shared facet once, for the lower of its cells.
// REQUIRES: dimension 3. Throws BrokenComplex when a facet's corners do not form a circle.
Outlines facet_outlines(const CellComplex& cells, const VertexComplex& vertices, const Poll& poll);

}  // namespace relutope
