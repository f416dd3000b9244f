// Homology and persistent homology over GF(p) from the faces themselves, without a triangulation.
#pragma once

#include <cstdint>
#include <vector>

#include "complex/faces/face_lattice.hpp"

namespace relutope {

// One entry a class; cycles only when asked for.
struct PersistencePairs {
    std::vector<std::int32_t> dimension;
    std::vector<FaceId> birth;
    std::vector<FaceId> death;  // of one dimension more; -1 for a class that never dies
    std::vector<std::int64_t> cycle_begin{0};
    std::vector<FaceId> cycle_faces;
    std::vector<std::int32_t> cycle_coefficients;  // 1..p - 1
};

// Faces enter at their step; those with a negative step are left out. The rest must be a difference of closed sets (the
// homology is then relative to what was taken away), and no face may enter before a face in its boundary.
// Throws std::invalid_argument otherwise. Pairs of equal steps are left out. Sorted by dimension, then by birth in the filtration.
// REQUIRES: `prime` is prime, and step[k] has one entry for each face of dimension k.
//
// Two stages. Faces are removed from the last step backwards, each time a face together with the only face left around it
// (of the same step), or a maximal one alone, which is then called critical: a discrete gradient (Forman 1998; greedy as in
// Benedetti and Lutz 2014). In the reverse order of removal the column of a removed pair needs no reduction. The columns of the
// critical faces are reduced as usual, dimension by dimension from the top, where pivots need no reduction again (Chen and
// Kerber 2011).
PersistencePairs persistence_pairs(const FaceLattice& lattice, const std::vector<std::vector<std::int32_t>>& step,
                                   std::int32_t prime, bool cycles, const Poll& poll);

}  // namespace relutope
