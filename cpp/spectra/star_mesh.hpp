// Solves with the Laplacian of a weighted graph.
//
// A node is eliminated by joining its neighbours i and j by w_i w_j / sum(w) (the star-mesh transform). Nothing is ever subtracted, so
// every factor has a small relative error, however far apart the weights are (as for Markov chains: Grassmann, Taksar, Heyman
// 1985). Nodes of least degree go first, which keeps planar graphs sparse.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace relutope {

struct WeightedEdge {
    std::int32_t first;
    std::int32_t second;
    double weight;
};

class StarMesh {
public:
    // REQUIRES: a connected graph of `nodes` >= 1 nodes; weights > 0 and finite; no loops. Calls `poll` now and then.
    StarMesh(int nodes, std::span<const WeightedEdge> edges, const std::function<void()>& poll);

    // Replaces `values`, whose sum is zero, by a solution x of L x = values; the others are x + constant.
    void solve(std::span<double> values) const;

private:
    struct Link {
        std::int32_t node;
        double weight;
    };

    std::vector<std::int32_t> order_;        // of elimination
    std::vector<std::int64_t> begin_{0};     // links of the k-th eliminated node to later ones
    std::vector<Link> links_;
    std::vector<double> total_;              // of the k-th node's weights then
};

}  // namespace relutope
