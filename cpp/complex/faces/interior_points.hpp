// A point inside each cell: the mean of its vertices.
#pragma once

#include <cstdint>
#include <vector>

#include "complex/faces/vertex_complex.hpp"
#include "complex/cells/poll.hpp"

namespace relutope {

struct InteriorPoints {
    std::vector<double> points;        // num_cells x dimension: the mean of the cell's vertices, or of their finite parts
    std::vector<std::uint8_t> inside;  // whether that point, as doubles, is proven to be strictly inside
};

InteriorPoints interior_points(const VertexComplex& complex, const Poll& poll);

}  // namespace relutope
