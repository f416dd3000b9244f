// Counting faces. See faces.hpp.
//
// A face with k = n - codimension where exactly n - k forms vanish is *generic*: near it the complex looks like n - k hyperplanes
// in general position, so every combination of their sides is a cell, and exactly one of these cells has all of the face's
// neurons inactive. That cell counts the face; no table is needed. Other faces go into a table of sign vectors.
//
// The cells around a face are connected through facets that contain it. So where all cells behind these are listed, for all cells that
// are listed and have the face, no other cell has it.
#include <algorithm>
#include <cstring>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "complex/faces/cell_faces.hpp"
#include "complex/faces/faces.hpp"

namespace relutope {

namespace {

template <int W>
class FaceCounter {
public:
    using Mask = FacetMask<W>;

    FaceCounter(const CellComplex& cells, const VertexComplex& vertices, const std::vector<std::uint8_t>& infinite_side)
        : cells_(cells), vertices_(vertices), infinite_side_(infinite_side), counts_(cells.dimension + 1) {}

    void add(std::int64_t cell) {
        at_.set(cells_, vertices_, cell);
        mark_facets();
        if (at_.generic) {
            count_generic();
        } else {
            count_lattice();
        }
    }
    const std::vector<std::int64_t>& counts() const { return counts_; }

    // Consumes the table.
    PartCounts part() {
        PartCounts found{std::move(counts_), {}};
        for (const auto& [key, dimension] : open_) {
            --found.counts[dimension];
            const std::size_t at = found.open.size();
            found.open.resize(at + key.size() / sizeof(std::uint64_t));
            std::memcpy(found.open.data() + at, key.data(), key.size());
            found.open.push_back(static_cast<std::uint64_t>(dimension));
        }
        return found;
    }

private:
    // Facets whose faces this cell may count, facets at infinity, and those behind which a cell is not listed.
    void mark_facets() {
        own_ = {};
        infinite_ = {};
        beyond_ = {};
        const CellId* neighbours = cells_.facet_neighbour.data() + cells_.facet_begin[at_.cell];
        for (std::size_t f = 0; f < at_.facets.size(); ++f) {
            const HyperplaneId id = at_.facets[f];
            const bool at_infinity = is_side(id) && infinite_side_[side_of(id)];
            if (at_infinity) infinite_.insert(static_cast<int>(f));
            if (!at_infinity && (is_side(id) || !cells_.active(at_.cell, id))) own_.insert(static_cast<int>(f));
            if (neighbours[f] == cell_not_found) beyond_.insert(static_cast<int>(f));
        }
    }

    // A simple cell: its faces are the sets of facets that meet in a vertex.
    void count_generic() {
        faces_.clear();
        int slots[64];
        for (const Mask& mask : at_.facets_of) {
            int size = 0;
            (mask & own_).for_each([&](int slot) { slots[size++] = slot; });
            for (std::uint32_t subset = 0; subset >> size == 0; ++subset) {
                Mask face;
                for (int k = 0; k < size; ++k)
                    if (subset >> k & 1) face.insert(slots[k]);
                faces_.push_back(face);
            }
        }
        sort_unique(faces_);
        for (const Mask& face : faces_) ++counts_[cells_.dimension - face.count()];
    }

    // Any cell: the face lattice level by level, from the vertices up. A face is the set of facets that contain it.
    void count_lattice() {
        std::vector<Mask> level = at_.facets_of;
        for (int dimension = 0; dimension <= cells_.dimension; ++dimension) {
            std::vector<Mask> above;
            for (const Mask& face : level) {
                count_face(face, dimension);
                append_covers(at_.facets_of, face, above);
            }
            sort_unique(above);
            level = std::move(above);
        }
    }

    void count_face(const Mask& face, int dimension) {
        if (!(face & infinite_).empty()) return;
        const int words = vertices_.sign_words;
        key_.assign(2 * words, 0);
        for (std::size_t i = 0; i < at_.vertices.size(); ++i) {
            if (!at_.facets_of[i].includes(face)) continue;
            const std::uint64_t* sign = &vertices_.signs[static_cast<std::int64_t>(at_.vertices[i]) * 2 * words];
            for (int k = 0; k < 2 * words; ++k) key_[k] |= sign[k];
        }
        int zeros = 0;
        for (int k = 0; k < words; ++k) zeros += std::popcount(cells_.layout.used()[k] & ~(key_[k] | key_[words + k]));
        if (zeros == cells_.dimension - dimension) {
            counts_[dimension] += own_.includes(face);
        } else {
            const char* bytes = reinterpret_cast<const char*>(key_.data());
            const auto [place, added] = table_.emplace(bytes, key_.size() * sizeof(key_[0]));
            counts_[dimension] += added;
            if (!(face & beyond_).empty()) open_.emplace(*place, dimension);
        }
    }

    const CellComplex& cells_;
    const VertexComplex& vertices_;
    const std::vector<std::uint8_t>& infinite_side_;
    CellIncidence<W> at_;
    Mask own_, infinite_, beyond_;
    std::vector<Mask> faces_;
    std::vector<std::uint64_t> key_;
    std::unordered_set<std::string> table_;       // sign vectors of faces that are not generic
    std::unordered_map<std::string, int> open_;  // of those that a cell which is not listed may have, too, with their dimensions
    std::vector<std::int64_t> counts_;
};

// Of a simple complex in up to three dimensions. On each neuron's facet at a vertex two edges leave it, to either side, all others of its
// facets holding; on a side's facet, one. Edges inside a side at infinity are no faces.
std::vector<std::int64_t> simple_counts(const CellComplex& cells, const VertexComplex& vertices, const std::vector<std::uint8_t>& infinite_side,
                                        const Poll& poll) {
    const int n = cells.dimension;
    const int words = vertices.sign_words;
    const LevelWords& sides = cells.layout.level(0);
    std::vector<std::uint64_t> infinite(sides.words);
    for (int side = 0; side < sides.count; ++side)
        if (infinite_side[side]) infinite[SignBit(side).word] |= SignBit(side).bit;
    std::vector<std::int64_t> counts(n + 1);
    counts[n] = cells.num_cells();
    std::int64_t facets = 0, edge_ends = 0;
    for (std::size_t facet = 0; facet < cells.facet_id.size(); ++facet) {
        const HyperplaneId id = cells.facet_id[facet];
        facets += is_side(id) ? 2 * !infinite_side[side_of(id)] : 1;
    }
    for (std::int64_t v = 0; v < vertices.num_vertices; ++v) {
        if (v % 4096 == 0) poll();
        const std::uint64_t* sign = vertices.signs.data() + v * 2 * words;
        int at_infinity = 0, on_sides = 0, on_neurons = 0;
        for (int k = 0; k < words; ++k) {
            const std::uint64_t zeros = cells.layout.used()[k] & ~(sign[k] | sign[words + k]);
            (k < sides.words ? on_sides : on_neurons) += std::popcount(zeros);
            if (k < sides.words) at_infinity += std::popcount(zeros & infinite[k]);
        }
        edge_ends += at_infinity == 0 ? 2 * on_neurons + on_sides : at_infinity == 1;
    }
    if (n == 3) counts[1] = edge_ends / 2;
    counts[n - 1] = facets / 2;
    counts[0] = vertices.num_finite;
    return counts;
}

// Calls visit(counter) with all cells added to it.
template <class Visit>
auto with_counter(const CellComplex& cells, const VertexComplex& vertices, const std::vector<std::uint8_t>& infinite_side, const Poll& poll,
                  Visit&& visit) {
    return with_mask_width(cells, [&]<int W>() {
        FaceCounter<W> counter(cells, vertices, infinite_side);
        for (std::int64_t cell = 0; cell < cells.num_cells(); ++cell) {
            if (cell % 256 == 0) poll();
            counter.add(cell);
        }
        return visit(counter);
    });
}

}  // namespace

std::vector<std::int64_t> face_counts(const CellComplex& cells, const VertexComplex& vertices,
                                      const std::vector<std::uint8_t>& infinite_side, const Poll& poll) {
    if (cells.simple && cells.dimension <= most_simple_dimension) return simple_counts(cells, vertices, infinite_side, poll);
    return with_counter(cells, vertices, infinite_side, poll, [](auto& counter) { return counter.counts(); });
}

PartCounts part_counts(const CellComplex& cells, const VertexComplex& vertices, const std::vector<std::uint8_t>& infinite_side,
                       const Poll& poll) {
    return with_counter(cells, vertices, infinite_side, poll, [](auto& counter) { return counter.part(); });
}

}  // namespace relutope
