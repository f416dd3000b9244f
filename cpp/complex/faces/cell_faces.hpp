// The face lattice of one closed cell. A face is the set of facets of the cell that contain it.
#pragma once

#include <algorithm>
#include <vector>

#include "complex/faces/cell_incidence.hpp"

namespace relutope {

template <int W>
struct LessMask {
    bool operator()(const FacetMask<W>& a, const FacetMask<W>& b) const { return a.word < b.word; }
};

template <int W>
void sort_unique(std::vector<FacetMask<W>>& masks) {
    std::sort(masks.begin(), masks.end(), LessMask<W>());
    masks.erase(std::unique(masks.begin(), masks.end()), masks.end());
}

// Appends to `covers` the smallest faces that contain `face` and one vertex more: those with the most facets.
template <int W>
void append_covers(const std::vector<FacetMask<W>>& vertices, const FacetMask<W>& face, std::vector<FacetMask<W>>& covers) {
    std::vector<FacetMask<W>> candidates;
    for (const FacetMask<W>& vertex : vertices)
        if (!vertex.includes(face)) candidates.push_back(vertex & face);
    sort_unique(candidates);
    for (const FacetMask<W>& candidate : candidates) {
        const bool smallest = std::none_of(candidates.begin(), candidates.end(), [&](const FacetMask<W>& other) {
            return other.includes(candidate) && !(other == candidate);
        });
        if (smallest) covers.push_back(candidate);
    }
}

// All faces by dimension 0..dimension, sorted, from the facets that contain each vertex.
template <int W>
std::vector<std::vector<FacetMask<W>>> cell_faces(const std::vector<FacetMask<W>>& vertices, int dimension) {
    std::vector<std::vector<FacetMask<W>>> level(dimension + 1);
    const bool simple = std::all_of(vertices.begin(), vertices.end(),
                                    [&](const FacetMask<W>& vertex) { return vertex.count() == dimension; });
    if (simple) {
        // The faces are the sets of facets that meet in a vertex.
        int slots[64];
        for (const FacetMask<W>& vertex : vertices) {
            int size = 0;
            vertex.for_each([&](int slot) { slots[size++] = slot; });
            for (std::uint32_t subset = 0; subset >> size == 0; ++subset) {
                FacetMask<W> face;
                for (int k = 0; k < size; ++k)
                    if (subset >> k & 1) face.insert(slots[k]);
                level[dimension - std::popcount(subset)].push_back(face);
            }
        }
        for (auto& faces : level) sort_unique(faces);
        return level;
    }
    level[0] = vertices;
    sort_unique(level[0]);
    for (int k = 0; k < dimension; ++k) {
        for (const FacetMask<W>& face : level[k]) append_covers(vertices, face, level[k + 1]);
        sort_unique(level[k + 1]);
    }
    return level;
}

}  // namespace relutope
