// Which vertices of one closed cell lie on which of its facets.
#pragma once

#include <span>
#include <vector>

#include "complex/faces/vertex_complex.hpp"
#include "geometry/facet_mask.hpp"

namespace relutope {

template <int Words>
struct CellIncidence {
    std::int64_t cell = 0;
    std::span<const std::int32_t> vertices;    // increasing
    std::span<const HyperplaneId> facets;
    std::vector<FacetMask<Words>> facets_of;   // per vertex, bit k is facet k of the cell
    bool generic = true;                       // exactly n forms vanish at every vertex

    // A vertex of the closed cell lies on a facet iff the form that names the facet vanishes there.
    void set(const CellComplex& cells, const VertexComplex& complex, std::int64_t which) {
        cell = which;
        const std::int64_t begin = complex.cell_begin[cell];
        vertices = {complex.cell_vertices.data() + begin, static_cast<std::size_t>(complex.cell_begin[cell + 1] - begin)};
        const std::int64_t first = cells.facet_begin[cell];
        facets = {cells.facet_id.data() + first, static_cast<std::size_t>(cells.facet_begin[cell + 1] - first)};
        facets_of.assign(vertices.size(), {});
        for (std::size_t f = 0; f < facets.size(); ++f) {
            const SignBit bit = cells.sign_bit(facets[f]);
            for (std::size_t i = 0; i < vertices.size(); ++i)
                if (complex.zero(vertices[i], bit)) facets_of[i].insert(static_cast<int>(f));
        }
        generic = true;
        for (const std::int32_t v : vertices) generic = generic && num_zeros(cells, complex, v) == cells.dimension;
    }

    static int num_zeros(const CellComplex& cells, const VertexComplex& complex, std::int64_t vertex) {
        const std::uint64_t* sign = &complex.signs[vertex * 2 * complex.sign_words];
        int count = 0;
        for (int k = 0; k < complex.sign_words; ++k)
            count += std::popcount(cells.layout.used()[k] & ~(sign[k] | sign[complex.sign_words + k]));
        return count;
    }
};

// Calls visit.operator()<Words>() with masks wide enough for every cell.
template <class Visit>
auto with_mask_width(const CellComplex& cells, Visit&& visit) {
    std::int64_t most = 0;
    for (std::int64_t cell = 0; cell < cells.num_cells(); ++cell)
        most = std::max(most, cells.facet_begin[cell + 1] - cells.facet_begin[cell]);
    if (most <= 64) return visit.template operator()<1>();
    if (most <= 256) return visit.template operator()<4>();
    return visit.template operator()<64>();
}

}  // namespace relutope
