#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cell_graphs.hpp"
#include "refinement/explore/cell_facets.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

using Words = std::vector<std::uint64_t>;
using Known = std::map<std::vector<HyperplaneId>, std::string>;  // neurons that vanish on a facet, and the cell beyond

// A double whose ratio to what it was is next to one.
double nudged(double value, int ulps) {
    for (; ulps != 0; ulps += ulps < 0 ? 1 : -1) value = std::nextafter(value, ulps < 0 ? -HUGE_VAL : HUGE_VAL);
    return value;
}

// Facets of one cell, with all that must hold for any: each has its own hyperplane, the step beyond it comes into the neighbour (but for
// thin ones, which hold few doubles), and the halfspaces in the input space hold at the point.
Known facets_of(const Network& network, const Domain& domain, bool by_first_layer, const Words& pattern, const std::vector<double>& x,
                bool thin = false) {
    CellFacets cell(network, domain, by_first_layer), other(network, domain, by_first_layer);
    cell.set_cell(pattern.data());
    REQUIRE(cell.set_point(by_first_layer ? first_units(network, x) : x));
    CHECK(cell.dimension() == (by_first_layer ? network.layer(0).outputs : network.input_dimension()));
    cell.centre();
    const std::vector<double> centre = cell.point();
    CHECK(cell.set_point(centre));
    const std::vector<CellFacet> facets = cell.find(SearchControl{}, {});
    Known known;
    for (const CellFacet& facet : facets) {
        CHECK(std::is_sorted(facet.zeros.begin(), facet.zeros.end()));
        CHECK(std::find(facet.zeros.begin(), facet.zeros.end(), facet.neuron) != facet.zeros.end());
        const Words beyond = cell.neighbour(facet);
        CHECK(known.emplace(facet.zeros, word_of(network, beyond)).second);
        other.set_cell(beyond.data());
        bool entered = false;
        for (double step = 1; step > 1e-18 && !entered; step /= 2)
            entered = other.set_point(other.beyond(pattern.data(), centre, facet, step));
        CHECK((entered || thin));
    }
    std::vector<double> rows;
    cell.input_rows(facets, rows);
    const std::size_t n = network.input_dimension();
    REQUIRE(rows.size() == facets.size() * (n + 1));
    for (std::size_t f = 0; f < facets.size(); ++f) {
        double value = rows[f * (n + 1) + n], size = std::fabs(value);
        for (std::size_t k = 0; k < n; ++k) {
            value += rows[f * (n + 1) + k] * x[k];
            size += std::fabs(rows[f * (n + 1) + k] * x[k]);
        }
        CHECK(value > -1e-12 * size);
    }
    return known;
}

Known facets_of(const Network& network, const Domain& domain, bool by_first_layer, const std::string& word, const std::vector<double>& x,
                bool thin = false) {
    return facets_of(network, domain, by_first_layer, pattern_of(word), x, thin);
}

// A point far enough from the cell's facets for its units to be rounded.
std::vector<double> centred(const Network& network, const Domain& domain, const Words& pattern, const std::vector<double>& x) {
    CellFacets cell(network, domain, false);
    cell.set_cell(pattern.data());
    REQUIRE(cell.set_point(x));
    cell.centre();
    return cell.point();
}

// By inputs and by the first layer, which must be possible.
Known facets_of(const Network& network, const std::string& word, const std::vector<double>& x) {
    const Domain domain = whole_space(network.input_dimension());
    const Known known = facets_of(network, domain, false, word, x);
    REQUIRE(independent_first_layer(network));
    CHECK(facets_of(network, domain, true, word, x) == known);
    return known;
}

struct Tally {
    int cells = 0, facets = 0, degenerate = 0, by_first_layer = 0;
};

// Every cell of the network, with what the LP engine says of it.
void check_all(const Network& network, const Domain& domain, Tally& tally, bool thin = false) {
    const CellGraph graph = cell_graph(network, domain);
    const auto infinite = [](double bound) { return std::isinf(bound); };
    const bool whole = domain.halfspaces.empty() && std::all_of(domain.lower.begin(), domain.lower.end(), infinite) &&
                       std::all_of(domain.upper.begin(), domain.upper.end(), infinite);
    const bool by_first_layer = whole && independent_first_layer(network);
    for (int cell = 0; cell < graph.size(); ++cell) {
        CAPTURE(word_of(network, graph.patterns[cell]));
        if (graph.inside[cell].empty()) continue;
        ++tally.cells;
        Known expected;
        for (const auto& [zeros, beyond] : graph.facets[cell]) {
            expected[zeros] = word_of(network, graph.patterns[beyond]);
            ++tally.facets;
            tally.degenerate += zeros.size() > 1;
        }
        CHECK(facets_of(network, domain, false, graph.patterns[cell], graph.inside[cell], thin) == expected);
        if (!by_first_layer || thin) continue;
        ++tally.by_first_layer;
        const std::vector<double> x = centred(network, domain, graph.patterns[cell], graph.inside[cell]);
        CHECK(facets_of(network, domain, true, graph.patterns[cell], x) == expected);
    }
}

Network with_linear(const Network& network, int layer, int count) {
    std::vector<Layer> layers;
    for (int l = 0; l <= network.num_hidden(); ++l) layers.push_back(network.layer(l));
    layers[layer].linear = count;
    return Network(std::move(layers));
}

}  // namespace

TEST_SUITE_BEGIN("cell_facets");

TEST_CASE("a quadrant") {
    const Network network = arrangement({{1, 0, 0}, {0, 1, 0}});
    CHECK(facets_of(network, "11", {1, 2}) == Known{{{0}, "01"}, {{1}, "10"}});
    CHECK(facets_of(network, "00", {-1, -2}) == Known{{{0}, "10"}, {{1}, "01"}});
}

TEST_CASE("a triangle among four lines: the one that misses it is no facet") {
    const Network network = arrangement({{1, 0, 0}, {0, 1, 0}, {-1, -1, 1}, {1, 1, 1}});
    CHECK(facets_of(network, whole_space(2), false, "1111", {0.25, 0.25}) == Known{{{0}, "0111"}, {{1}, "1011"}, {{2}, "1101"}});
    // the third touches the box in a corner
    CHECK(facets_of(network, box(2, -1, 0.5), false, "1111", {0.25, 0.25}) == Known{{{0}, "0111"}, {{1}, "1011"}});
}

TEST_CASE("|x| from x and -x: both flip") {
    const Network network = arrangement({{1, 0}, {-1, 0}});
    CHECK(facets_of(network, whole_space(1), false, "10", {1}) == Known{{{0, 1}, "01"}});
    CHECK(facets_of(network, whole_space(1), false, "01", {-1}) == Known{{{0, 1}, "10"}});
    CHECK(facets_of(network, box(1, -2, 2), false, "01", {-1}) == Known{{{0, 1}, "10"}});
}

TEST_CASE("opposite neurons of the second layer, in the units of the first") {
    const Network network = network_of({{{1, 0, 0}, {0, 1, 0}}, {{1, -1, 0}, {-1, 1, 0}}});
    CHECK(facets_of(network, "1110", {2, 1}) == Known{{{1}, "1010"}, {{2, 3}, "1101"}});
    // y < 0: the second layer sees x and -x, and vanishes with it
    CHECK(facets_of(network, "1010", {2, -1}) == Known{{{0, 2, 3}, "0000"}, {{1}, "1110"}});
    // both vanish on the whole cell
    CHECK(facets_of(network, "0000", {-2, -1}) == Known{{{0, 2, 3}, "1010"}, {{1, 2, 3}, "0101"}});
}

TEST_CASE("duplicates, multiples and opposites share a facet") {
    const Network network = arrangement({{1, 1, -1}, {1, 1, -1}, {-2, -2, 2}, {0.1, 0.1, -0.1}, {1, -1, 0}});
    CHECK(facets_of(network, whole_space(2), false, "11011", {2, 1}) == Known{{{0, 1, 2, 3}, "00101"}, {{4}, "11010"}});
    CHECK(facets_of(network, box(2, -4, 4), false, "00101", {0.5, 0.25}) == Known{{{0, 1, 2, 3}, "11011"}, {{4}, "00100"}});
}

TEST_CASE("an ulp apart is two facets, or a cell of its own between them") {
    const double up = nudged(0.1, 1);
    const Network network = arrangement({{1, -0.1}, {1, -up}, {-1, 0.1}});
    CHECK(facets_of(network, whole_space(1), false, "110", {1}, true) == Known{{{1}, "100"}});
    CHECK(facets_of(network, whole_space(1), false, "001", {-1}, true) == Known{{{0, 2}, "100"}});
}

TEST_CASE("constant neurons are no facets; one that is zero vanishes on each") {
    const Network dead = arrangement({{1, 0, 0}, {0, 0, -1}, {0, 0, 1}});
    CHECK(facets_of(dead, whole_space(2), false, "101", {1, 0}) == Known{{{0}, "001"}});
    const Network zero = arrangement({{1, 0, 0}, {0, 0, 0}});
    CHECK(facets_of(zero, whole_space(2), false, "10", {1, 0}) == Known{{{0, 1}, "00"}});
    const Network later = network_of({{{1, 0, 0}, {0, 1, 0}}, {{0, 0, -1}, {0, 0, 0}, {1, 0, 0}}});
    CHECK(facets_of(later, "11001", {1, 1}) == Known{{{0, 3, 4}, "01000"}, {{1, 3}, "10001"}});
    CHECK(facets_of(later, "01000", {-1, 1}) == Known{{{0, 3, 4}, "11001"}, {{1, 3, 4}, "00000"}});
}

TEST_CASE("a cell without facets: all of space, or all of the box") {
    CHECK(facets_of(arrangement({{0, 0, -1}}), whole_space(2), false, "0", {0, 0}).empty());
    CHECK(facets_of(arrangement({{1, 0, 5}}), box(2, -1, 1), false, "1", {0, 0}).empty());
}

TEST_CASE("a neuron that vanishes on a side of the domain only is no facet") {
    const std::vector<Row> rows{{1, 0, 0}, {-2, 0, 2}, {1, 0, -0.5}, {0, 1, 0}};  // x = 0, x = 1, x = 1/2, y = 0
    Domain domain = box(2, -1, 1);
    domain.lower[0] = 0;
    CHECK(facets_of(arrangement(rows), domain, false, "1101", {0.25, 0.5}) == Known{{{2}, "1111"}, {{3}, "1100"}});
    CHECK(facets_of(arrangement(rows), domain, false, "1111", {0.75, 0.5}) == Known{{{2}, "1101"}, {{3}, "1110"}});
    const Domain cut = cut_box(2, -1, 1, {{3, 0, 0}});
    CHECK(facets_of(arrangement(rows), cut, false, "1101", {0.25, 0.5}) == Known{{{2}, "1111"}, {{3}, "1100"}});
    Domain open = whole_space(2);
    open.halfspaces = {{1, 0, 0}, {-1, 0, 1}};
    CHECK(facets_of(arrangement(rows), open, false, "1101", {0.25, 0.5}) == Known{{{2}, "1111"}, {{3}, "1100"}});
}

// The second layer's one unit is x + y - 1 of the units; the third bends where it is 1, 2, 3.
TEST_CASE("a bottleneck") {
    const Network network = network_of({{{1, 0, 0}, {0, 1, 0}}, {{1, 1, -1}}, {{1, -1}, {1, -2}, {-2, 2}, {1, -3}, {1, 1}}});
    CHECK(facets_of(network, "11110001", {1.25, 1.25}) ==
          Known{{{0}, "01110001"}, {{1}, "10110001"}, {{3, 5}, "11100101"}, {{4}, "11111001"}});
    CHECK(facets_of(network, "11111011", {8, 8}) == Known{{{0}, "01111011"}, {{1}, "10111011"}, {{6}, "11111001"}});
    CHECK(facets_of(network, "00000101", {-1, -1}) == Known{{{0}, "10000101"}, {{1}, "01000101"}});
}

TEST_CASE("points that are not certainly inside are refused") {
    const Network network = network_of({{{1, 0, 0}, {0, 1, 0}}, {{1, -1, 0.1}}});
    const Words pattern = pattern_of("111");
    for (const bool by_first_layer : {false, true}) {
        CAPTURE(by_first_layer);
        const Domain domain = whole_space(2);
        CellFacets cell(network, domain, by_first_layer);
        cell.set_cell(pattern.data());
        CHECK(cell.set_point({1, 0.5}));
        CHECK(cell.point() == std::vector<double>{1, 0.5});
        CHECK_FALSE(cell.set_point({1, -0.5}));
        CHECK_FALSE(cell.set_point({1, 0}));
        CHECK_FALSE(cell.set_point({1, 2}));
        CHECK_FALSE(cell.set_point({0.125, 0.125 + 0.1}));                     // rounded, it is on the line; exactly, beyond
        CHECK_FALSE(cell.set_point({0x1p-1074, 1}));
        CHECK(cell.point() == std::vector<double>{1, 0.5});                    // the last good one stays
        CHECK(cell.set_point({0x1p-1074, 0x1p-1074}));
    }
    const Domain square = cut_box(2, 0, 1, {{-1, -1, 1.5}});
    CellFacets cell(network, square, false);
    cell.set_cell(pattern.data());
    CHECK(cell.set_point({0.5, 0.25}));
    CHECK_FALSE(cell.set_point({1, 0.25}));
    CHECK_FALSE(cell.set_point({1.5, 0.25}));
    CHECK_FALSE(cell.set_point({0.875, 0.75}));
    CHECK_FALSE(cell.set_point({0.75, 0.75}));
}

TEST_CASE("stopped, and asked again") {
    Random random(860);
    const Network network = random_network(random, {3, 8, 8, 1});
    const Domain domain = whole_space(3);
    const CellGraph graph = cell_graph(network, domain);
    CellFacets cell(network, domain, false);
    cell.set_cell(graph.patterns[0].data());
    REQUIRE(cell.set_point(graph.inside[0]));
    SearchControl control;
    control.stop = true;
    CHECK_THROWS_AS(cell.find(control, {}), Stopped);
    control.stop = false;
    cell.set_cell(graph.patterns[0].data());
    REQUIRE(cell.set_point(graph.inside[0]));
    CHECK(cell.find(control, {}).size() == graph.facets[0].size());
    CHECK(cell.counts().solved > 0);
    const std::uint64_t before = cell.counts().solved;
    cell.set_cell(graph.patterns[1].data());
    CHECK(cell.counts().solved == before);  // nothing is forgotten
}

TEST_CASE("every cell of random networks on every kind of domain") {
    Random random(861);
    Tally tally;
    for (int trial = 0; trial < 24; ++trial) {
        CAPTURE(trial);
        const int n = 1 + trial % 3;
        const Network network = random_network(random, {n, 5, 4, 3, 1});
        check_all(network, whole_space(n), tally);
        check_all(network, box(n, -1, 1), tally);
        Domain half = box(n, -1, HUGE_VAL);
        half.halfspaces.emplace_back(n + 1, 0.5);
        check_all(network, half, tally);
    }
    CHECK(tally.cells > 500);
}

TEST_CASE("every cell of integer networks: hyperplanes in special position") {
    Random random(862);
    Tally tally;
    for (int trial = 0; trial < 40; ++trial) {
        CAPTURE(trial);
        const int n = 1 + trial % 3;
        const Network network = integer_network(random, {n, 4, 4, 3, 1}, 1 + trial % 2);
        check_all(network, trial % 2 ? whole_space(n) : box(n, -1, 1), tally);
    }
    CHECK(tally.cells > 200);
    CHECK(tally.degenerate > 200);
}

TEST_CASE("in the units of the first layer: wide, narrow and linear layers behind it") {
    Random random(863);
    Tally tally;
    const std::vector<std::vector<int>> widths{{3, 3, 6, 1}, {4, 3, 1, 4, 1}, {2, 2, 5, 4, 1}, {3, 3, 2, 5, 1}, {4, 2, 4, 2, 3, 1}};
    for (int trial = 0; trial < 40; ++trial) {
        CAPTURE(trial);
        const std::vector<int>& sizes = widths[trial % widths.size()];
        Network network = trial % 2 ? integer_network(random, sizes, 2) : random_network(random, sizes);
        if (trial % 3 == 1) network = with_linear(network, 0, 1);
        if (trial % 3 == 2) network = with_linear(network, 1, 1);
        check_all(network, whole_space(sizes[0]), tally);
    }
    CHECK(tally.by_first_layer > 300);
    CHECK(tally.degenerate > 100);
}

TEST_CASE("nearly coinciding hyperplanes of the second layer") {
    Random random(864);
    Tally tally;
    for (int trial = 0; trial < 30; ++trial) {
        CAPTURE(trial);
        Row row{random_double(random, -2, 1), random_double(random, -2, 1), random_double(random, -2, 1)};
        std::vector<Row> second;
        for (int copy = 0; copy < 4; ++copy) {
            second.push_back(row);
            for (double& entry : second.back()) entry = nudged(entry * (copy % 2 ? -2 : 1), random() % 3 ? 0 : random_integer(random, 1));
        }
        check_all(network_of({{{1, 0.5, -0.25}, {-0.25, 1, 0.5}}, second}), trial % 2 ? whole_space(2) : box(2, -2, 2), tally, true);
    }
    CHECK(tally.degenerate > 30);
}

TEST_SUITE_END();
