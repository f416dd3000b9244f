#include "complex/faces/outlines.hpp"

#include <algorithm>
#include <cmath>

#include "complex/faces/cell_incidence.hpp"

namespace relutope {

namespace {

constexpr std::int64_t cells_between_polls = 1024;

// Walks around every cell, then turns the cells alike.
class CellWalk {
public:
    CellWalk(const CellComplex& cells, const VertexComplex& vertices) : cells_(cells), vertices_(vertices) {}

    Outlines run(const Poll& poll) {
        mark_.resize(cells_.num_facets());
        for (std::int64_t cell = 0; cell < cells_.num_cells(); ++cell) {
            if (cell % cells_between_polls == 0) poll();
            if (cells_.dimension == 1) {
                ends_of(cell);
            } else {
                walk_around(cell);
            }
            found_.begin.push_back(static_cast<std::int64_t>(found_.corners.size()));
        }
        turn_alike();
        return std::move(found_);
    }

private:
    void ends_of(std::int64_t cell) {
        for (std::int64_t k = vertices_.cell_begin[cell]; k < vertices_.cell_begin[cell + 1]; ++k) {
            const std::int32_t vertex = vertices_.cell_vertices[k];
            for (std::int64_t facet = cells_.facet_begin[cell]; facet < cells_.facet_begin[cell + 1]; ++facet) {
                if (!vertices_.zero(vertex, cells_.sign_bit(cells_.facet_id[facet]))) continue;
                mark_[facet] = static_cast<std::int32_t>(found_.corners.size() - found_.begin.back());
                found_.corners.push_back(vertex);
                found_.facet.push_back(facet);
            }
        }
        if (found_.corners.size() - found_.begin.back() != 2) throw BrokenComplex("a cell on a line does not have two ends");
    }

    // Every facet has two ends, every vertex lies on two facets.
    void walk_around(std::int64_t cell) {
        const std::int64_t first = vertices_.cell_begin[cell];
        const std::int64_t facet_first = cells_.facet_begin[cell];
        const auto sides = static_cast<int>(cells_.facet_begin[cell + 1] - facet_first);
        const auto size = static_cast<int>(vertices_.cell_begin[cell + 1] - first);
        end_.assign(2 * sides, -1);
        side_.assign(2 * size, -1);
        for (int s = 0; s < sides; ++s) {
            const SignBit bit = cells_.sign_bit(cells_.facet_id[facet_first + s]);
            for (int v = 0; v < size; ++v)
                if (vertices_.zero(vertices_.cell_vertices[first + v], bit)) {
                    put(end_, s, v);
                    put(side_, v, s);
                }
        }
        if (size != sides || std::count(end_.begin(), end_.end(), -1) > 0) throw BrokenComplex("a polygon's side lacks an end");
        int vertex = 0;
        int side = side_[0];
        do {
            found_.corners.push_back(vertices_.cell_vertices[first + vertex]);
            found_.facet.push_back(facet_first + side);
            mark_[facet_first + side] = found_.corners.back();
            vertex = end_[2 * side] == vertex ? end_[2 * side + 1] : end_[2 * side];
            side = side_[2 * vertex] == side ? side_[2 * vertex + 1] : side_[2 * vertex];
        } while (vertex != 0);
        if (static_cast<std::int64_t>(found_.corners.size()) - found_.begin.back() != size)
            throw BrokenComplex("a polygon's sides do not form a circle");
    }

    static void put(std::vector<int>& pairs, int row, int value) {
        const int place = pairs[2 * row] < 0 ? 2 * row : 2 * row + 1;
        if (pairs[place] >= 0) throw BrokenComplex("a polygon has three sides at a corner");
        pairs[place] = value;
    }

    // Neighbours run along their shared facet in opposite directions (on a line: one ends where the other begins).
    void turn_alike() {
        std::vector<std::int8_t> turn(cells_.num_cells(), 0);
        std::vector<CellId> waiting;
        for (std::int64_t start = 0; start < cells_.num_cells(); ++start) {
            if (turn[start]) continue;
            turn[start] = 1;
            waiting.assign(1, static_cast<CellId>(start));
            while (!waiting.empty()) {
                const CellId cell = waiting.back();
                waiting.pop_back();
                for (std::int64_t facet = cells_.facet_begin[cell]; facet < cells_.facet_begin[cell + 1]; ++facet) {
                    const CellId other = cells_.facet_neighbour[facet];
                    if (other == no_cell || turn[other]) continue;
                    const bool opposite = mark_[facet] != mark_[same_facet(other, cell)];
                    turn[other] = static_cast<std::int8_t>(opposite ? turn[cell] : -turn[cell]);
                    waiting.push_back(other);
                }
            }
        }
        if (measure(turn) < 0)
            for (std::int8_t& t : turn) t = static_cast<std::int8_t>(-t);
        for (std::int64_t cell = 0; cell < cells_.num_cells(); ++cell)
            if (turn[cell] < 0) reverse(cell);
    }

    std::int64_t same_facet(CellId of, CellId across) const {
        const auto begin = cells_.facet_neighbour.begin();
        const auto at = std::find(begin + cells_.facet_begin[of], begin + cells_.facet_begin[of + 1], across);
        return at - begin;
    }

    // The vertex stays first; facet k leads from corner k to the next one.
    void reverse(std::int64_t cell) {
        const auto corners = found_.corners.begin();
        const auto facets = found_.facet.begin();
        const std::int64_t begin = found_.begin[cell];
        const std::int64_t end = found_.begin[cell + 1];
        if (cells_.dimension == 1) {
            std::reverse(corners + begin, corners + end);
        } else {
            std::reverse(corners + begin + 1, corners + end);
        }
        std::reverse(facets + begin, facets + end);
    }

    // The signed size of the truncated domain, in units of its extent on each axis, so that nothing over- or underflows.
    double measure(const std::vector<std::int8_t>& turn) const {
        const int n = cells_.dimension;
        double reach = 1;
        for (const double x : vertices_.coordinates) reach = std::max(reach, 4 * std::fabs(x));
        std::vector<double> at(vertices_.coordinates);
        for (std::size_t k = 0; k < vertices_.infinite_coordinates.size(); ++k) at[k] += reach * vertices_.infinite_coordinates[k];
        for (int axis = 0; axis < n; ++axis) {
            double low = at[axis];
            double high = low;
            for (std::int64_t v = 0; v < vertices_.num_vertices; ++v) {
                low = std::min(low, at[v * n + axis]);
                high = std::max(high, at[v * n + axis]);
            }
            const double extent = high / 2 - low / 2;
            for (std::int64_t v = 0; v < vertices_.num_vertices; ++v) at[v * n + axis] = (at[v * n + axis] / 2 - low / 2) / extent;
        }
        double total = 0;
        for (std::int64_t cell = 0; cell < cells_.num_cells(); ++cell) total += turn[cell] * measure_of(cell, at);
        return total;
    }

    double measure_of(std::int64_t cell, const std::vector<double>& at) const {
        const std::int32_t* corner = &found_.corners[found_.begin[cell]];
        if (cells_.dimension == 1) return at[corner[1]] - at[corner[0]];
        const std::int64_t size = found_.begin[cell + 1] - found_.begin[cell];
        double twice = 0;
        for (std::int64_t k = 1; k + 1 < size; ++k) {
            const double* a = &at[2 * corner[0]];
            const double* b = &at[2 * corner[k]];
            const double* c = &at[2 * corner[k + 1]];
            twice += (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
        }
        return twice;
    }

    const CellComplex& cells_;
    const VertexComplex& vertices_;
    Outlines found_;
    std::vector<std::int32_t> mark_;  // per facet: the corner where the walk enters it; on a line: which end it is
    std::vector<int> end_, side_;
};

// Two vertices of a facet are neighbours in it iff they have another facet of the cell in common: two facets meet in an edge.
template <int W>
void append_circle(const CellIncidence<W>& at, int facet, Outlines& found) {
    std::vector<int> members;
    for (std::size_t v = 0; v < at.vertices.size(); ++v)
        if (at.facets_of[v].contains(facet)) members.push_back(static_cast<int>(v));
    const auto next = [&](int here, int before) {
        for (const int v : members)
            if (v != here && v != before && (at.facets_of[v] & at.facets_of[here]).count() >= 2) return v;
        throw BrokenComplex("a facet's corners do not form a circle");
    };
    int before = -1;
    int here = members.at(0);
    std::size_t length = 0;
    do {
        found.corners.push_back(at.vertices[here]);
        const int after = next(here, before);
        before = here;
        here = after;
        if (++length > members.size()) throw BrokenComplex("a facet's corners do not form a circle");
    } while (here != members[0]);
    if (length != members.size()) throw BrokenComplex("a facet's corners form several circles");
}

}  // namespace

Outlines cell_outlines(const CellComplex& cells, const VertexComplex& vertices, const Poll& poll) {
    return CellWalk(cells, vertices).run(poll);
}

Outlines facet_outlines(const CellComplex& cells, const VertexComplex& vertices, const Poll& poll) {
    Outlines found;
    with_mask_width(cells, [&]<int W>() {
        CellIncidence<W> at;
        for (std::int64_t cell = 0; cell < cells.num_cells(); ++cell) {
            if (cell % cells_between_polls == 0) poll();
            at.set(cells, vertices, cell);
            for (std::size_t f = 0; f < at.facets.size(); ++f) {
                const std::int64_t facet = cells.facet_begin[cell] + static_cast<std::int64_t>(f);
                const CellId other = cells.facet_neighbour[facet];
                if (other != no_cell && other < cell) continue;
                append_circle(at, static_cast<int>(f), found);
                found.begin.push_back(static_cast<std::int64_t>(found.corners.size()));
                found.facet.push_back(facet);
            }
        }
    });
    return found;
}

}  // namespace relutope
