// The lowest eigenpairs of a graph's Laplacian above its null vector.
#pragma once

#include "spectra/star_mesh.hpp"

namespace relutope {

struct GraphModes {
    int nodes = 0;
    std::vector<double> values;     // ascending, positive
    std::vector<double> vectors;    // row k: unit eigenvector of value k
    std::vector<double> residuals;  // ||L v - value v||
};

// The `count` (fewer if there are no more) smallest positive eigenvalues of D - W, or of I - D^(-1/2) W D^(-1/2) if `normalized`,
// and eigenvectors, which are one basis among many where values are repeated. A function of the input alone.
//
// Subspace iteration with the pseudo-inverse, three powers at a time (a block Krylov space), Rayleigh-Ritz on the pseudo-inverse:
// its largest eigenvalues have small relative errors, so also a tiny value of a graph that hangs by a thread. A block of
// a few vectors more than asked for makes it unlikely that one is skipped.
//
// REQUIRES: as StarMesh; count >= 1.
GraphModes graph_modes(int nodes, std::span<const WeightedEdge> edges, int count, bool normalized, const std::function<void()>& poll);

}  // namespace relutope
