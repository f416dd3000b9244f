// Building the face lattice. See face_lattice.hpp.
#include "complex/faces/face_lattice.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <span>

#include "complex/faces/cell_faces.hpp"

namespace relutope {

namespace {

// Faces of one dimension by their vertices: open addressing, equality is decided by the vertices themselves.
class FaceTable {
public:
    explicit FaceTable(const FaceLevel& level) : level_(level), slot_(1024, none) {}

    // The face with these vertices, or the number that the next face will have.
    FaceId find(std::span<const std::int32_t> vertices, std::uint64_t hash) const {
        for (std::size_t place = hash;; ++place) {
            const FaceId face = slot_[place &= slot_.size() - 1];
            if (face == none) return static_cast<FaceId>(level_.size());
            const auto known = vertices_of(face);
            if (hash_[face] == hash && std::equal(vertices.begin(), vertices.end(), known.begin(), known.end())) return face;
        }
    }

    // REQUIRES: the face has just been appended to the level.
    void add(std::uint64_t hash) {
        hash_.push_back(hash);
        if (2 * hash_.size() > slot_.size()) {
            slot_.assign(2 * slot_.size(), none);
            for (std::size_t face = 0; face + 1 < hash_.size(); ++face) place(static_cast<FaceId>(face));
        }
        place(static_cast<FaceId>(hash_.size() - 1));
    }

    static std::uint64_t hash(std::span<const std::int32_t> vertices) {
        std::uint64_t value = 0x9E3779B97F4A7C15u;
        for (const std::int32_t v : vertices) {
            value = (value ^ static_cast<std::uint64_t>(v)) * 0xD6E8FEB86659FD93u;
            value ^= value >> 32;
        }
        return value;
    }

private:
    static constexpr FaceId none = -1;

    std::span<const std::int32_t> vertices_of(FaceId face) const {
        const std::int64_t begin = level_.vertex_begin[face];
        return {level_.vertices.data() + begin, static_cast<std::size_t>(level_.vertex_begin[face + 1] - begin)};
    }

    void place(FaceId face) {
        std::size_t at = hash_[face];
        while (slot_[at &= slot_.size() - 1] != none) ++at;
        slot_[at] = face;
    }

    const FaceLevel& level_;
    std::vector<std::uint64_t> hash_;
    std::vector<FaceId> slot_;
};

template <int W>
class LatticeBuilder {
public:
    using Mask = FacetMask<W>;

    LatticeBuilder(const CellComplex& cells, const VertexComplex& vertices, const std::vector<std::uint8_t>& infinite_side)
        : cells_(cells), vertices_(vertices), infinite_side_(infinite_side), at_infinity_(cells.dimension + 1) {
        lattice_.level.resize(cells.dimension + 1);
        for (const FaceLevel& level : lattice_.level) table_.emplace_back(level);
        add_vertices();
    }

    void add(std::int64_t cell) {
        at_.set(cells_, vertices_, cell);
        infinite_ = {};
        for (std::size_t f = 0; f < at_.facets.size(); ++f)
            if (is_side(at_.facets[f]) && infinite_side_[side_of(at_.facets[f])]) infinite_.insert(static_cast<int>(f));
        const auto faces = cell_faces(at_.facets_of, cells_.dimension);
        below_ids_.clear();
        for (int k = 0; k <= cells_.dimension; ++k) {
            ids_.clear();
            for (const Mask& face : faces[k]) ids_.push_back(k == 0 ? vertex_id(face) : face_id(k, face, k ? faces[k - 1] : faces[0]));
            FaceLevel& level = lattice_.level[k];
            level.cell_faces.insert(level.cell_faces.end(), ids_.begin(), ids_.end());
            level.cell_begin.push_back(static_cast<std::int64_t>(level.cell_faces.size()));
            std::swap(ids_, below_ids_);
        }
    }

    // Faces with the tables that find them, and one dimension's in another order; then their orientations.
    std::uint64_t bytes() const {
        std::uint64_t bytes = bytes_at_first, largest = 0;
        for (const FaceLevel& level : lattice_.level) {
            const std::uint64_t faces = bytes_of(level.vertex_begin) + bytes_of(level.vertices) + bytes_of(level.facet_begin) + bytes_of(level.facets);
            const std::uint64_t in_table = static_cast<std::uint64_t>(level.size()) * (8 + 4 * 4 + 4 + 4);
            bytes += 2 * (faces + bytes_of(level.cell_begin) + bytes_of(level.cell_faces)) + in_table + level.facets.size();
            largest = std::max(largest, faces + 32 * static_cast<std::uint64_t>(level.size()));
        }
        return bytes + largest;
    }

    FaceLattice take() {
        std::vector<FaceId> below_place(lattice_.level[0].size());
        std::iota(below_place.begin(), below_place.end(), 0);
        for (int k = 1; k <= cells_.dimension; ++k) below_place = put_infinite_last(k, below_place);
        for (FaceLevel& level : lattice_.level)
            for (std::size_t cell = 0; cell + 1 < level.cell_begin.size(); ++cell)
                std::sort(level.cell_faces.begin() + level.cell_begin[cell], level.cell_faces.begin() + level.cell_begin[cell + 1]);
        return std::move(lattice_);
    }

private:
    void add_vertices() {
        FaceLevel& level = lattice_.level[0];
        level.num_proper = vertices_.num_finite;
        level.vertices.resize(vertices_.num_vertices);
        std::iota(level.vertices.begin(), level.vertices.end(), 0);
        level.vertex_begin.resize(vertices_.num_vertices + 1);
        std::iota(level.vertex_begin.begin(), level.vertex_begin.end(), 0);
        level.facet_begin.assign(vertices_.num_vertices + 1, 0);
    }

    FaceId vertex_id(const Mask& vertex) const {
        const auto found = std::find(at_.facets_of.begin(), at_.facets_of.end(), vertex);
        return at_.vertices[found - at_.facets_of.begin()];
    }

    FaceId face_id(int k, const Mask& face, const std::vector<Mask>& below) {
        corners_.clear();
        for (std::size_t i = 0; i < at_.vertices.size(); ++i)
            if (at_.facets_of[i].includes(face)) corners_.push_back(at_.vertices[i]);
        const std::uint64_t hash = FaceTable::hash(corners_);
        const FaceId id = table_[k].find(corners_, hash);
        FaceLevel& level = lattice_.level[k];
        if (id < level.size()) return id;
        if (id == std::numeric_limits<FaceId>::max()) throw std::length_error("more than 2^31 - 1 faces of one dimension");
        level.vertices.insert(level.vertices.end(), corners_.begin(), corners_.end());
        level.vertex_begin.push_back(static_cast<std::int64_t>(level.vertices.size()));
        for (std::size_t g = 0; g < below.size(); ++g)
            if (below[g].includes(face)) level.facets.push_back(below_ids_[g]);
        level.facet_begin.push_back(static_cast<std::int64_t>(level.facets.size()));
        at_infinity_[k].push_back(!(face & infinite_).empty());
        table_[k].add(hash);
        return id;
    }

    // Renumbers the faces of dimension k, and the facets they name; returns where each face has gone.
    std::vector<FaceId> put_infinite_last(int k, const std::vector<FaceId>& below_place) {
        FaceLevel& level = lattice_.level[k];
        std::vector<FaceId> order(level.size());
        std::iota(order.begin(), order.end(), 0);
        const auto first_infinite =
            std::stable_partition(order.begin(), order.end(), [&](FaceId face) { return !at_infinity_[k][face]; });
        level.num_proper = first_infinite - order.begin();
        FaceLevel sorted;
        sorted.num_proper = level.num_proper;
        sorted.vertices.reserve(level.vertices.size());
        sorted.facets.reserve(level.facets.size());
        std::vector<FaceId> place(order.size());
        for (const FaceId face : order) {
            place[face] = static_cast<FaceId>(sorted.size());
            sorted.vertices.insert(sorted.vertices.end(), level.vertices.begin() + level.vertex_begin[face],
                                   level.vertices.begin() + level.vertex_begin[face + 1]);
            sorted.vertex_begin.push_back(static_cast<std::int64_t>(sorted.vertices.size()));
            for (std::int64_t i = level.facet_begin[face]; i < level.facet_begin[face + 1]; ++i)
                sorted.facets.push_back(below_place[level.facets[i]]);
            std::sort(sorted.facets.begin() + sorted.facet_begin.back(), sorted.facets.end());
            sorted.facet_begin.push_back(static_cast<std::int64_t>(sorted.facets.size()));
        }
        sorted.cell_begin = std::move(level.cell_begin);
        sorted.cell_faces = std::move(level.cell_faces);
        for (FaceId& face : sorted.cell_faces) face = place[face];
        level = std::move(sorted);
        return place;
    }

    const CellComplex& cells_;
    const VertexComplex& vertices_;
    const std::vector<std::uint8_t>& infinite_side_;
    FaceLattice lattice_;
    std::vector<FaceTable> table_;
    std::vector<std::vector<bool>> at_infinity_;
    CellIncidence<W> at_;
    Mask infinite_;
    std::vector<FaceId> ids_, below_ids_;
    std::vector<std::int32_t> corners_;
};

// Orients the boundary of one face: facets that share a ridge must induce opposite signs on it. Every ridge of a polytope lies
// in two of its facets and they are connected through ridges, so the first sign determines the others.
class Orienter {
public:
    Orienter(FaceLevel& level, const FaceLevel& below) : level_(level), below_(below) {}

    void orient(std::int64_t face) {
        const std::int64_t begin = level_.facet_begin[face];
        const int count = static_cast<int>(level_.facet_begin[face + 1] - begin);
        pair_ridges(begin, count);
        std::int8_t* sign = &level_.orientation[begin];
        std::fill(sign, sign + count, std::int8_t{0});
        sign[0] = 1;
        stack_.assign(1, 0);
        while (!stack_.empty()) {
            const int from = stack_.back();
            stack_.pop_back();
            for (const auto& [to, relative] : neighbours_[from]) {
                if (sign[to]) continue;
                sign[to] = static_cast<std::int8_t>(sign[from] * relative);
                stack_.push_back(to);
            }
        }
    }

private:
    struct Side {
        FaceId ridge;
        int facet;
        std::int8_t sign;
    };

    void pair_ridges(std::int64_t begin, int count) {
        sides_.clear();
        neighbours_.assign(count, {});
        for (int g = 0; g < count; ++g) {
            const FaceId facet = level_.facets[begin + g];
            for (std::int64_t i = below_.facet_begin[facet]; i < below_.facet_begin[facet + 1]; ++i)
                sides_.push_back({below_.facets[i], g, below_.orientation[i]});
        }
        std::sort(sides_.begin(), sides_.end(), [](const Side& a, const Side& b) { return a.ridge < b.ridge; });
        for (std::size_t i = 0; i < sides_.size(); i += 2) {
            const Side& a = sides_[i];
            const Side& b = sides_[i + 1];
            const auto relative = static_cast<std::int8_t>(-a.sign * b.sign);
            neighbours_[a.facet].push_back({b.facet, relative});
            neighbours_[b.facet].push_back({a.facet, relative});
        }
    }

    FaceLevel& level_;
    const FaceLevel& below_;
    std::vector<Side> sides_;
    std::vector<std::vector<std::pair<int, std::int8_t>>> neighbours_;
    std::vector<int> stack_;
};

// Turns cells so that neighbours induce opposite signs on the facet they share.
void orient_cells_alike(FaceLevel& cells, std::int64_t num_facets) {
    struct Use {
        FaceId cell = -1;
        std::int64_t at = 0;
    };
    std::vector<std::array<Use, 2>> uses(num_facets);
    for (FaceId cell = 0; cell < cells.size(); ++cell)
        for (std::int64_t i = cells.facet_begin[cell]; i < cells.facet_begin[cell + 1]; ++i) {
            auto& pair = uses[cells.facets[i]];
            pair[pair[0].cell >= 0] = {cell, i};
        }
    std::vector<bool> done(cells.size());
    std::vector<FaceId> stack{0};
    done[0] = true;
    while (!stack.empty()) {
        const FaceId cell = stack.back();
        stack.pop_back();
        for (std::int64_t i = cells.facet_begin[cell]; i < cells.facet_begin[cell + 1]; ++i) {
            const auto& pair = uses[cells.facets[i]];
            const Use& other = pair[pair[0].cell == cell];
            if (other.cell < 0 || done[other.cell]) continue;
            if (cells.orientation[other.at] == cells.orientation[i])
                for (std::int64_t j = cells.facet_begin[other.cell]; j < cells.facet_begin[other.cell + 1]; ++j)
                    cells.orientation[j] = static_cast<std::int8_t>(-cells.orientation[j]);
            done[other.cell] = true;
            stack.push_back(other.cell);
        }
    }
}

void orient(FaceLattice& lattice, const Poll& poll) {
    for (int k = 1; k <= lattice.dimension(); ++k) {
        FaceLevel& level = lattice.level[k];
        level.orientation.resize(level.facets.size());
        if (k == 1) {
            for (std::size_t i = 0; i < level.facets.size(); ++i) level.orientation[i] = i % 2 ? 1 : -1;
            continue;
        }
        Orienter orienter(level, lattice.level[k - 1]);
        for (std::int64_t face = 0; face < level.size(); ++face) {
            if (face % 1024 == 0) poll();
            orienter.orient(face);
        }
    }
    orient_cells_alike(lattice.level.back(), lattice.level[lattice.dimension() - 1].size());
}

}  // namespace

FaceLattice face_lattice(const CellComplex& cells, const VertexComplex& vertices,
                         const std::vector<std::uint8_t>& infinite_side, const Poll& poll, const MemoryLimit& memory) {
    FaceLattice lattice = with_mask_width(cells, [&]<int W>() {
        LatticeBuilder<W> builder(cells, vertices, infinite_side);
        for (std::int64_t cell = 0; cell < cells.num_cells(); ++cell) {
            if (cell % 256 == 0) {
                poll();
                memory.check(builder.bytes(), static_cast<std::uint64_t>(cell), cells.num_cells());
            }
            builder.add(cell);
        }
        memory.check(builder.bytes(), 1, 1);
        return builder.take();
    });
    orient(lattice, poll);
    return lattice;
}

}  // namespace relutope
