// Pulling triangulations. See faces.hpp.
#include <algorithm>

#include "complex/faces/cell_incidence.hpp"
#include "complex/faces/faces.hpp"

namespace relutope {

namespace {

template <int W>
class Triangulator {
public:
    Triangulator(const CellComplex& cells, const VertexComplex& vertices, int row_length)
        : cells_(cells), vertices_(vertices) {
        result_.row_length = row_length;
    }

    void add_cell(std::int64_t cell) {
        load(cell);
        std::vector<int> all(at_.vertices.size());
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
        triangulate(all, {}, cells_.dimension, cell);
    }

    // REQUIRES: `facet` is a facet of `cell`.
    void add_facet(std::int64_t cell, std::int64_t facet, std::int64_t owner) {
        if (cell != loaded_) load(cell);
        const int slot = static_cast<int>(facet - cells_.facet_begin[cell]);
        FacetMask<W> face;
        face.insert(slot);
        std::vector<int> on_facet;
        for (std::size_t i = 0; i < at_.vertices.size(); ++i)
            if (at_.facets_of[i].contains(slot)) on_facet.push_back(static_cast<int>(i));
        triangulate(on_facet, face, cells_.dimension - 1, owner);
    }

    Triangulation take() { return std::move(result_); }

private:
    void load(std::int64_t cell) {
        at_.set(cells_, vertices_, cell);
        loaded_ = cell;
    }

    // `face` is a set of facets whose intersection has exactly these vertices (positions in the cell, increasing).
    void triangulate(const std::vector<int>& face_vertices, const FacetMask<W>& face, int dimension, std::int64_t owner) {
        if (static_cast<int>(face_vertices.size()) == dimension + 1) {
            for (const int i : apexes_) result_.simplices.push_back(at_.vertices[i]);
            for (const int i : face_vertices) result_.simplices.push_back(at_.vertices[i]);
            result_.owner.push_back(owner);
            return;
        }
        const int apex = face_vertices.front();
        apexes_.push_back(apex);
        for (const std::vector<int>& side : facets_avoiding(face_vertices, face, apex)) {
            FacetMask<W> smaller = at_.facets_of[side.front()];
            for (const int i : side) smaller = smaller & at_.facets_of[i];
            triangulate(side, smaller, dimension - 1, owner);
        }
        apexes_.pop_back();
    }

    // The facets of a face are its largest intersections with single facets of the cell.
    std::vector<std::vector<int>> facets_avoiding(const std::vector<int>& face_vertices, const FacetMask<W>& face, int apex) const {
        std::vector<std::vector<int>> sets;
        for (int slot = 0; slot < static_cast<int>(at_.facets.size()); ++slot) {
            if (face.contains(slot)) continue;
            std::vector<int> on_slot;
            for (const int i : face_vertices)
                if (at_.facets_of[i].contains(slot)) on_slot.push_back(i);
            if (!on_slot.empty() && on_slot.size() < face_vertices.size()) sets.push_back(std::move(on_slot));
        }
        std::sort(sets.begin(), sets.end());
        sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
        std::vector<std::vector<int>> facets;
        for (const auto& set : sets) {
            if (std::binary_search(set.begin(), set.end(), apex)) continue;
            const bool largest = std::none_of(sets.begin(), sets.end(), [&](const auto& other) {
                return other.size() > set.size() && std::includes(other.begin(), other.end(), set.begin(), set.end());
            });
            if (largest) facets.push_back(set);
        }
        return facets;
    }

    const CellComplex& cells_;
    const VertexComplex& vertices_;
    CellIncidence<W> at_;
    std::int64_t loaded_ = -1;
    std::vector<int> apexes_;
    Triangulation result_;
};

}  // namespace

Triangulation triangulate_cells(const CellComplex& cells, const VertexComplex& vertices, const Poll& poll) {
    return with_mask_width(cells, [&]<int W>() {
        Triangulator<W> triangulator(cells, vertices, cells.dimension + 1);
        for (std::int64_t cell = 0; cell < cells.num_cells(); ++cell) {
            if (cell % 256 == 0) poll();
            triangulator.add_cell(cell);
        }
        return triangulator.take();
    });
}

Triangulation triangulate_facets(const CellComplex& cells, const VertexComplex& vertices, const Poll& poll) {
    return with_mask_width(cells, [&]<int W>() {
        Triangulator<W> triangulator(cells, vertices, cells.dimension);
        std::int64_t owner = 0;
        for (const Edge& edge : edges(cells)) {
            if (owner % 256 == 0) poll();
            triangulator.add_facet(edge.first, edge.facet, owner++);
        }
        return triangulator.take();
    });
}

}  // namespace relutope
