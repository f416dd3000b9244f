#include <doctest/doctest.h>

#include <algorithm>
#include <bit>

#include "complex/faces/simple_vertices.hpp"
#include "complexes.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

// Makes two facets of a cell lead to each other's cells.
CellComplex tampered(CellComplex cells, std::int64_t cell) {
    std::vector<std::int64_t> inner;
    for (std::int64_t facet = cells.facet_begin[cell]; facet < cells.facet_begin[cell + 1]; ++facet)
        if (cells.facet_neighbour[facet] >= 0) inner.push_back(facet);
    REQUIRE(inner.size() >= 2);
    std::swap(cells.facet_neighbour[inner[0]], cells.facet_neighbour[inner[1]]);
    return cells;
}

// How many sets of n facets, all of its neurons inactive in a cell, close up to cubes: by crossing the facets in both orders of every two.
std::int64_t count_cubes(const CellComplex& cells) {
    const auto across = [&](CellId cell, HyperplaneId id) -> CellId {
        for (std::int64_t facet = cells.facet_begin[cell]; cell >= 0 && facet < cells.facet_begin[cell + 1]; ++facet)
            if (cells.facet_id[facet] == id) return is_side(id) ? cell : cells.facet_neighbour[facet];
        return no_cell;
    };
    const auto closes = [&](CellId cell, const std::vector<HyperplaneId>& ids) {
        std::vector<CellId> corners{cell};
        for (const HyperplaneId id : ids) {
            for (const CellId corner : std::vector<CellId>(corners)) {
                if (across(corner, id) < 0) return false;
                if (!is_side(id)) corners.push_back(across(corner, id));
            }
        }
        for (const CellId corner : corners)
            for (const HyperplaneId a : ids)
                for (const HyperplaneId b : ids) {
                    const CellId there = across(across(corner, a), b);
                    if (there < 0 || there != across(across(corner, b), a)) return false;
                }
        return true;
    };
    std::int64_t count = 0;
    for (CellId cell = 0; cell < cells.num_cells(); ++cell) {
        std::vector<HyperplaneId> own;
        for (std::int64_t facet = cells.facet_begin[cell]; facet < cells.facet_begin[cell + 1]; ++facet) {
            const HyperplaneId id = cells.facet_id[facet];
            if (is_side(id) || !cells.active(cell, id)) own.push_back(id);
        }
        for (std::uint32_t subset = 0; subset >> own.size() == 0; ++subset) {
            if (std::popcount(subset) != cells.dimension) continue;
            std::vector<HyperplaneId> ids;
            for (std::size_t k = 0; k < own.size(); ++k)
                if (subset >> k & 1) ids.push_back(own[k]);
            count += closes(cell, ids);
        }
    }
    return count;
}

}  // namespace

TEST_SUITE_BEGIN("simple_vertices");

TEST_CASE("two lines that cross in a square") {
    const Network network = arrangement({{1, 0, 0}, {0, 1, 0}});
    const CellComplex cells = cells_of(network, box(2, -1, 1));
    REQUIRE(cells.simple);
    const SimpleVertices found = simple_vertices(cells, network, box(2, -1, 1), [] {});
    CHECK(found.size() == 9);
    CHECK(found.cell_vertices.size() == 16);
    // The crossing belongs to all four cells, first to the one where both neurons are inactive.
    int crossings = 0;
    for (std::size_t v = 0; v < found.size(); ++v) {
        if (is_side(found.facets[2 * v])) continue;
        ++crossings;
        CHECK(found.first_cell[v] == 0);
        CHECK(found.facets[2 * v] == 0);
        CHECK(found.facets[2 * v + 1] == 1);
    }
    CHECK(crossings == 1);
}

TEST_CASE("what is not simple is not said to be") {
    CHECK_FALSE(check_complex(arrangement({{1, 0, 0}, {0, 1, 0}, {1, 1, 0}}), box(2, -1, 1)).simple);  // three lines through a point
    CHECK_FALSE(check_complex(arrangement({{1, 0, 0}, {-2, 0, 0}}), box(2, -1, 1)).simple);             // a line twice
    CHECK_FALSE(check_complex(arrangement({{1, 1, 0}}), box(2, -1, 1)).simple);                         // through a corner
    CHECK_FALSE(check_complex(arrangement({{1, 0, 0}, {0, 0, 0}}), box(2, -1, 1)).simple);              // a neuron that is zero
    CHECK(check_complex(arrangement({{1, 0, 0}, {0, 0, 1}}), box(2, -1, 1)).simple);                    // one that is always active
    CHECK(check_complex(arrangement({{1, 0, 0}, {1, 0, 5}, {2, 0, 10}}), box(2, -1, 1)).simple);        // a line twice, but elsewhere
}

TEST_CASE("networks in one to four dimensions") {
    Random random(77);
    const std::vector<std::vector<int>> shapes = {{1, 6, 5, 1}, {2, 6, 6, 5, 1}, {2, 12, 1}, {3, 6, 6, 1}, {4, 6, 4, 1}};
    for (int trial = 0; trial < 60; ++trial) {
        const std::vector<int>& widths = shapes[trial % shapes.size()];
        CAPTURE(trial);
        const Network network = random_network(random, widths);
        const Domain domain = trial % 2 ? whole_space(widths[0]) : box(widths[0], -2, 3);
        CHECK(check_complex(network, domain).simple);  // and its vertices are those of the search
    }
}

TEST_CASE("cubes that surround no vertex are dropped") {
    Random random(79);
    int dropped = 0;
    for (int trial = 0; trial < 40; ++trial) {
        const int n = 2 + trial % 2;
        const Network network = random_network(random, {n, n == 2 ? 12 : 6, n == 2 ? 12 : 6, 1});
        const CellComplex cells = cells_of(network, box(n, -3, 3));
        REQUIRE(cells.simple);
        // What the search says.
        const VertexComplex vertices = vertices_of(network, box(n, -3, 3), cells);
        const SimpleVertices found = simple_vertices(cells, network, box(n, -3, 3), [] {});
        CAPTURE(trial);
        CHECK(found.cell_begin == vertices.cell_begin);
        dropped += count_cubes(cells) > vertices.num_vertices;
    }
    CHECK(dropped > 3);
}

TEST_CASE("links that are not those of a complex are noticed") {
    Random random(78);
    for (const int n : {2, 3}) {
        const Network network = random_network(random, {n, 6, 1});
        const CellComplex cells = cells_of(network, box(n, -3, 3));
        int tried = 0;
        for (std::int64_t cell = 0; cell < cells.num_cells(); ++cell) {
            const auto begin = cells.facet_neighbour.begin();
            const auto inner = std::count_if(begin + cells.facet_begin[cell], begin + cells.facet_begin[cell + 1], [](CellId c) { return c >= 0; });
            if (inner < 2) continue;
            CAPTURE(cell);
            CHECK_THROWS_AS(simple_vertices(tampered(cells, cell), network, box(n, -3, 3), [] {}), BrokenComplex);
            ++tried;
        }
        CHECK(tried > 5);
    }
}

TEST_CASE("limits and stopping") {
    const Network network = arrangement({{1, 0, 0}, {0, 1, 0}});
    const Domain square = box(2, -1, 1);
    const CellComplex cells = cells_of(network, square);
    CHECK(simple_vertices(cells, network, square, [] {}, 9).size() == 9);
    CHECK_THROWS_AS(simple_vertices(cells, network, square, [] {}, 8), TooLarge);
    CHECK_THROWS_AS(simple_vertices(cells, network, square, [] { throw Stopped(); }), Stopped);
    const std::atomic<bool> stop{true};
    CHECK_THROWS_AS(place_vertices(simple_vertices(cells, network, square, [] {}), cells, network, square, 2, stop), Stopped);
}

TEST_SUITE_END();
