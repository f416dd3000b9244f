// Linking is the proof that no cell is missing: whatever is wrong with the records, it must say so.
#include <doctest/doctest.h>

#include <algorithm>

#include "complexes.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

// REQUIRES: no facet has several zeros.
void remove_cell(CellComplex& cells, std::int64_t cell) {
    const std::int64_t first = cells.facet_begin[cell], count = cells.facet_begin[cell + 1] - first;
    cells.facet_id.erase(cells.facet_id.begin() + first, cells.facet_id.begin() + first + count);
    cells.patterns.erase(cells.patterns.begin() + cell * cells.pattern_words,
                         cells.patterns.begin() + (cell + 1) * cells.pattern_words);
    cells.facet_begin.erase(cells.facet_begin.begin() + cell);
    for (std::size_t k = cell; k < cells.facet_begin.size(); ++k) cells.facet_begin[k] -= count;
}

void append_copy(CellComplex& cells, std::int64_t cell) {
    for (int k = 0; k < cells.pattern_words; ++k) cells.patterns.push_back(cells.pattern(cell)[k]);
    for (std::int64_t facet = cells.facet_begin[cell]; facet < cells.facet_begin[cell + 1]; ++facet)
        cells.facet_id.push_back(cells.facet_id[facet]);
    cells.facet_begin.push_back(static_cast<std::int64_t>(cells.facet_id.size()));
}

CellComplex generic() {
    Random random(110);
    CellComplex cells = cells_of(random_network(random, {2, 6, 5, 1}), box(2, -1, 1));
    REQUIRE(cells.special_facet.empty());
    REQUIRE(cells.num_cells() > 10);
    return cells;
}

// Every hyperplane twice: all shared facets have several zeros.
CellComplex degenerate() {
    return cells_of(arrangement({{1, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, -1, 0}, {1, 1, 0}, {2, 2, 0}}), box(2, -1, 1));
}

}  // namespace

TEST_SUITE_BEGIN("link");

TEST_CASE("linking again gives the same links") {
    for (CellComplex cells : {generic(), degenerate()}) {
        const std::vector<CellId> before = cells.facet_neighbour;
        cells.facet_neighbour.clear();
        link(cells);
        CHECK(cells.facet_neighbour == before);
        CHECK(cells.num_edges() > 0);
    }
}

TEST_CASE("a known complex: the four quadrants") {
    const CellComplex cells = cells_of(arrangement({{1, 0, 0}, {0, 1, 0}}), box(2, -1, 1));
    std::vector<std::pair<int, int>> pairs;
    for (const Edge& edge : edges(cells)) pairs.emplace_back(edge.first, edge.second);
    CHECK(pairs == std::vector<std::pair<int, int>>{{0, 1}, {0, 2}, {1, 3}, {2, 3}});
    CHECK(cells.num_edges() == 4);
}

TEST_CASE("a missing cell, whichever it is") {
    const CellComplex whole = generic();
    for (std::int64_t cell = 0; cell < whole.num_cells(); ++cell) {
        CellComplex cells = whole;
        remove_cell(cells, cell);
        CAPTURE(cell);
        CHECK_THROWS_AS(link(cells), BrokenComplex);
    }
}

TEST_CASE("a flipped bit, whichever it is") {
    const CellComplex whole = generic();
    for (std::int64_t cell = 0; cell < whole.num_cells(); ++cell) {
        for (int neuron = 0; neuron < whole.num_neurons; ++neuron) {
            CellComplex cells = whole;
            cells.patterns[cell * cells.pattern_words] ^= std::uint64_t{1} << neuron;
            CAPTURE(cell);
            CAPTURE(neuron);
            CHECK_THROWS_AS(link(cells), BrokenComplex);
        }
    }
}

TEST_CASE("a wrong facet, whichever it is") {
    const CellComplex whole = generic();
    for (std::int64_t facet = 0; facet < whole.num_facets(); ++facet) {
        CellComplex cells = whole;
        HyperplaneId& id = cells.facet_id[facet];
        id = is_side(id) ? 0 : side_id(0);
        CAPTURE(facet);
        CHECK_THROWS_AS(link(cells), BrokenComplex);
    }
}

TEST_CASE("a cell listed twice") {
    const CellComplex whole = generic();
    for (std::int64_t cell = 0; cell < whole.num_cells(); ++cell) {
        CellComplex cells = whole;
        append_copy(cells, cell);
        CAPTURE(cell);
        CHECK_THROWS_AS(link(cells), BrokenComplex);
    }
}

TEST_CASE("damage where several neurons vanish on a facet") {
    const CellComplex whole = degenerate();
    REQUIRE(whole.num_cells() == 6);
    REQUIRE(whole.special_facet.size() == 12);
    // One neuron fewer or another one in a zero set.
    for (std::size_t at = 0; at < whole.special_ids.size(); ++at) {
        CellComplex cells = whole;
        cells.special_ids[at] = (cells.special_ids[at] + 2) % 6;
        CAPTURE(at);
        CHECK_THROWS_AS(link(cells), BrokenComplex);
    }
    // A pattern with a bit flipped.
    for (std::int64_t cell = 0; cell < whole.num_cells(); ++cell) {
        for (int neuron = 0; neuron < 6; ++neuron) {
            CellComplex cells = whole;
            cells.patterns[cell] ^= std::uint64_t{1} << neuron;
            CAPTURE(cell);
            CAPTURE(neuron);
            CHECK_THROWS_AS(link(cells), BrokenComplex);
        }
    }
}

TEST_CASE("every cell listed twice") {
    for (const CellComplex& whole : {generic(), degenerate()}) {
        CellComplex cells = whole;
        for (std::int64_t cell = 0; cell < whole.num_cells(); ++cell) append_copy(cells, cell);
        for (const std::int64_t facet : whole.special_facet) {
            cells.special_facet.push_back(facet + whole.num_facets());
            const auto zeros = whole.zero_set(facet);
            cells.special_ids.insert(cells.special_ids.end(), zeros.begin(), zeros.end());
            cells.special_begin.push_back(static_cast<std::int64_t>(cells.special_ids.size()));
        }
        CHECK_THROWS_AS(link(cells), BrokenComplex);
    }
}

TEST_CASE("the message names the cell and the neuron") {
    CellComplex cells = cells_of(arrangement({{1, 0, 0}, {0, 1, 0}}), box(2, -1, 1));
    remove_cell(cells, 1);  // above x < 0
    std::string message;
    try {
        link(cells);
    } catch (const BrokenComplex& error) {
        message = error.what();
    }
    CHECK(message.find("cell 0 on neuron 1") != std::string::npos);
}

TEST_SUITE_END();
