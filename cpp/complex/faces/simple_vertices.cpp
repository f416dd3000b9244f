#include "complex/faces/simple_vertices.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "complex/faces/cell_forms.hpp"
#include "exact/fitting.hpp"

namespace relutope {

namespace {

constexpr CellId no_facet = -4;

// The cell across the facet of `cell` on `id`; no_facet if it has none.
CellId across(const CellComplex& cells, CellId cell, HyperplaneId id) {
    const std::int64_t end = cells.facet_begin[cell + 1];
    for (std::int64_t facet = cells.facet_begin[cell]; facet < end; ++facet)
        if (cells.facet_id[facet] == id) return cells.facet_neighbour[facet];
    return no_facet;
}

struct Cubes : SimpleVertices {
    std::vector<CellId> corners;
    std::vector<std::size_t> corner_begin{0};
};

// Looks for the cubes that a cell comes first in, growing them facet by facet.
class CubeFinder {
public:
    CubeFinder(const CellComplex& cells, Cubes& found) : cells_(cells), found_(found), n_(static_cast<std::size_t>(cells.dimension)) {}

    void add(CellId cell) {
        own_.clear();
        for (std::int64_t facet = cells_.facet_begin[cell]; facet < cells_.facet_begin[cell + 1]; ++facet) {
            const HyperplaneId id = cells_.facet_id[facet];
            if (is_side(id) || !cells_.active(cell, id)) own_.push_back(id);
        }
        if (own_.size() < n_) return;
        cube_.assign(1, cell);
        chosen_.clear();
        grow(cell, 0);
    }

private:
    void grow(CellId cell, std::size_t next) {
        if (chosen_.size() == n_) {
            found_.first_cell.push_back(cell);
            found_.facets.insert(found_.facets.end(), chosen_.begin(), chosen_.end());
            found_.corners.insert(found_.corners.end(), cube_.begin(), cube_.end());
            found_.corner_begin.push_back(found_.corners.size());
            return;
        }
        const std::size_t size = cube_.size();
        for (std::size_t k = next; own_.size() - k >= n_ - chosen_.size(); ++k) {
            if (extend(own_[k])) {
                chosen_.push_back(own_[k]);
                grow(cell, k + 1);
                chosen_.pop_back();
            }
            cube_.resize(size);
        }
    }

    // Adds the cells behind one more facet of all corners; false if they do not complete a cube.
    bool extend(HyperplaneId id) {
        const std::size_t size = cube_.size();
        for (std::size_t corner = 0; corner < size; ++corner) {
            const CellId behind = across(cells_, cube_[corner], id);
            if (behind == no_facet) return false;
            if (!is_side(id)) cube_.push_back(behind);
        }
        if (is_side(id)) return true;
        std::size_t step = 1;  // to the corner on the other side of a facet
        for (const HyperplaneId before : chosen_) {
            for (std::size_t corner = 0; corner < size; ++corner) {
                const CellId behind = across(cells_, cube_[size + corner], before);
                if (behind != (is_side(before) ? no_cell : cube_[size + (corner ^ step)])) return false;
            }
            if (!is_side(before)) step *= 2;
        }
        return true;
    }

    const CellComplex& cells_;
    Cubes& found_;
    const std::size_t n_;
    std::vector<HyperplaneId> own_;     // of the cell's facets, those that may be of a vertex it comes first in
    std::vector<HyperplaneId> chosen_;
    std::vector<CellId> cube_;          // corner k is on the other side of the neuron j of `chosen_` iff bit j of k is set
};

// Lists the cubes of each cell.
void gather(Cubes& found, std::int64_t num_cells) {
    found.cell_begin.assign(num_cells + 1, 0);
    for (const CellId cell : found.corners) ++found.cell_begin[cell + 1];
    std::partial_sum(found.cell_begin.begin(), found.cell_begin.end(), found.cell_begin.begin());
    found.cell_vertices.resize(found.corners.size());
    std::vector<std::int64_t> place(found.cell_begin.begin(), found.cell_begin.end() - 1);
    for (std::size_t cube = 0; cube < found.size(); ++cube)
        for (std::size_t k = found.corner_begin[cube]; k < found.corner_begin[cube + 1]; ++k)
            found.cell_vertices[place[found.corners[k]]++] = static_cast<std::int32_t>(cube);
}

// See the header.
bool has_right_number(const CellComplex& cells, const Cubes& found, std::int64_t cell) {
    const std::int64_t facets = cells.facet_begin[cell + 1] - cells.facet_begin[cell];
    const std::int64_t count = found.cell_begin[cell + 1] - found.cell_begin[cell];
    return count == (cells.dimension == 1 ? 2 : cells.dimension == 2 ? facets : 2 * facets - 4);
}

// Which cells have cubes that may surround no vertex.
std::vector<char> doubtful_cells(const CellComplex& cells, const Cubes& found, const Poll& poll) {
    std::vector<char> doubtful(cells.num_cells());
    for (std::int64_t cell = 0; cell < cells.num_cells(); ++cell) {
        if (cell % 1024 == 0) poll();
        doubtful[cell] = !has_right_number(cells, found, cell);
    }
    return doubtful;
}

// Drops the cubes that surround no vertex.
void keep_vertices(Cubes& found, const std::vector<char>& doubtful, CellForms& forms, const Poll& poll) {
    const auto n = found.facets.size() / std::max<std::size_t>(1, found.size());
    Cubes kept;
    for (std::size_t cube = 0; cube < found.size(); ++cube) {
        const auto begin = found.corners.begin() + static_cast<std::ptrdiff_t>(found.corner_begin[cube]);
        const auto end = found.corners.begin() + static_cast<std::ptrdiff_t>(found.corner_begin[cube + 1]);
        const std::span<const HyperplaneId> facets{found.facets.data() + cube * n, n};
        if (std::all_of(begin, end, [&](CellId cell) { return doubtful[cell]; })) {
            poll();
            forms.enter(found.first_cell[cube]);
            if (!forms.is_vertex(facets)) continue;
        }
        kept.first_cell.push_back(found.first_cell[cube]);
        kept.facets.insert(kept.facets.end(), facets.begin(), facets.end());
        kept.corners.insert(kept.corners.end(), begin, end);
        kept.corner_begin.push_back(kept.corners.size());
    }
    found = std::move(kept);
}

}  // namespace

std::uint64_t simple_vertex_bytes(const CellComplex& cells, std::uint64_t vertices, std::uint64_t incidences) {
    const std::uint64_t n = static_cast<std::uint64_t>(cells.dimension), words = static_cast<std::uint64_t>(cells.layout.total_words());
    const std::uint64_t cubes = vertices * (4 + 4 * n + 8) + 4 * incidences;
    const std::uint64_t points = vertices * (16 * words + 2 * 8 * n + 1 + 8), of_cells = 8 * static_cast<std::uint64_t>(cells.num_cells());
    return bytes_at_first + 2 * cubes + 2 * points + 3 * of_cells + 2 * 4 * incidences;
}

SimpleVertices simple_vertices(const CellComplex& cells, const Network& network, const Domain& domain, const Poll& poll,
                               std::uint64_t most_vertices, const MemoryLimit& memory) {
    Cubes found;
    CubeFinder finder(cells, found);
    for (std::int64_t cell = 0; cell < cells.num_cells(); ++cell) {
        if (cell % 1024 == 0) {
            poll();
            memory.check(simple_vertex_bytes(cells, found.size(), found.corners.size()), static_cast<std::uint64_t>(cell), cells.num_cells());
        }
        finder.add(static_cast<CellId>(cell));
        fitting<std::int32_t>(found.size(), "vertices", most_vertices);
    }
    memory.check(simple_vertex_bytes(cells, found.size(), found.corners.size()), 1, 1);
    gather(found, cells.num_cells());
    const auto any = [](const std::vector<char>& flags) { return std::find(flags.begin(), flags.end(), 1) != flags.end(); };
    if (const std::vector<char> doubtful = doubtful_cells(cells, found, poll); any(doubtful)) {
        CellForms forms(cells, network, domain);
        keep_vertices(found, doubtful, forms, poll);
        gather(found, cells.num_cells());
        const std::vector<char> broken = doubtful_cells(cells, found, poll);
        const auto first = std::find(broken.begin(), broken.end(), 1);
        if (first != broken.end())
            throw BrokenComplex("internal error: the vertices of cell " + std::to_string(first - broken.begin()) + " are not as many as a simple polytope has");
    }
    return found;
}

}  // namespace relutope
