// Filtrations of a complex's faces: the step at which each face enters, as persistence_pairs takes it.
#pragma once

#include <cstdint>
#include <vector>

#include "complex/faces/face_lattice.hpp"

namespace relutope {

// One entry per face, for each dimension; -1 for faces that are left out.
using Steps = std::vector<std::vector<std::int32_t>>;

// A face enters with the last of its vertices. If the vertices' steps order a function that is affine on every face, its sublevel
// sets retract to these faces. REQUIRES: one step per vertex.
Steps steps_by_vertices(const FaceLattice& lattice, const std::vector<std::int32_t>& step_of_vertex);

// A face enters with the first of the cells that contain it. REQUIRES: one step per cell.
Steps steps_by_cells(const FaceLattice& lattice, const std::vector<std::int32_t>& step_of_cell);

// The faces all of whose vertices belong to one of the sets at step 0, the others left out. `inside` holds one flag per set and
// vertex, set by set.
Steps full_faces(const FaceLattice& lattice, const std::vector<std::uint8_t>& inside);

// Leaves out the faces at infinity.
void drop_infinite(const FaceLattice& lattice, Steps& steps);

}  // namespace relutope
