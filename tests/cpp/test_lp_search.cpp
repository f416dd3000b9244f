#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "complex/cells/lp_facets.hpp"
#include "complex/cells/pattern_table.hpp"
#include "complexes.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

LpCells search_with(const Network& network, const Domain& domain, int threads = 1) {
    SearchOptions options;
    options.threads = threads;
    SearchControl control;
    return lp_search(network, domain, options, control);
}

CellComplex linked(const LpCells& found, const Network& network, const Domain& domain, bool sides = true, int threads = 1) {
    SearchControl control;
    return lp_complex(found, network, domain, sides, threads, control);
}

std::vector<Rational> inside(const LpRecords& cells, int dimension, std::uint64_t cell) {
    const auto exact = std::find(cells.exact_cell.begin(), cells.exact_cell.end(), cell);
    if (exact == cells.exact_cell.end()) {
        const double* x = cells.inside.data() + cell * dimension;
        return rationals({x, x + dimension});
    }
    const exact::Point& point = cells.exact_inside[exact - cells.exact_cell.begin()];
    std::vector<Rational> x;
    for (const exact::Integer& numerator : point.finite) x.emplace_back(numerator, point.denominator);
    return x;
}

// Strictly in the domain, with the cell's signs: zero only for neurons that are listed as zero on the cell.
void check_points(const LpCells& found, const Network& network, const Domain& domain) {
    const LpRecords& cells = found.cells;
    const int words = words_for(network.num_neurons());
    for (std::uint64_t cell = 0; cell < cells.num_cells(); ++cell) {
        const std::vector<Rational> x = inside(cells, domain.dimension(), cell);
        for (int k = 0; k < domain.dimension(); ++k) {
            if (std::isfinite(domain.lower[k])) CHECK(x[k] > rational(domain.lower[k]));
            if (std::isfinite(domain.upper[k])) CHECK(x[k] < rational(domain.upper[k]));
        }
        for (const Row& row : domain.halfspaces) {
            Rational value = rational(row.back());
            for (int k = 0; k < domain.dimension(); ++k) value += rational(row[k]) * x[k];
            CHECK(value > 0);
        }
        const std::vector<int> signs = signs_at(network, x);
        for (int neuron = 0; neuron < network.num_neurons(); ++neuron) {
            const bool active = cells.patterns[cell * words + neuron / 64] >> (neuron % 64) & 1;
            CHECK((signs[neuron] > 0) == active);
            bool zero = false;
            for (std::size_t k = 0; k < cells.zero_cells.size(); ++k)
                zero = zero || (cells.zero_cells[k] == cell && cells.zero_neurons[k] == neuron);
            CHECK((signs[neuron] == 0) == zero);
        }
    }
}

void check_same(const CellComplex& a, const CellComplex& b) {
    CHECK(a.patterns == b.patterns);
    CHECK(a.facet_begin == b.facet_begin);
    CHECK(a.facet_id == b.facet_id);
    CHECK(a.facet_neighbour == b.facet_neighbour);
    CHECK(a.special_facet == b.special_facet);
    CHECK(a.special_begin == b.special_begin);
    CHECK(a.special_ids == b.special_ids);
    CHECK(a.zero_cell == b.zero_cell);
    CHECK(a.zero_neuron == b.zero_neuron);
}

void check_engines(const Network& network, const Domain& domain) {
    const LpCells found = search_with(network, domain);
    check_points(found, network, domain);
    check_same(linked(found, network, domain), cells_of(network, domain));
}

Domain open_box(Random& random, int dimension) {
    Domain domain = box(dimension, -1, 1);
    for (int k = 0; k < dimension; ++k) {
        if (random() % 2) domain.lower[k] = -infinity;
        if (random() % 2) domain.upper[k] = infinity;
    }
    return domain;
}

}  // namespace

TEST_SUITE_BEGIN("lp_search");

TEST_CASE("the same complex as the vertex engine's, degenerate or not, on every kind of domain") {
    Random random(41);
    for (int trial = 0; trial < 40; ++trial) {
        const int n = 1 + trial % 4;
        const Network network = trial % 2 ? integer_network(random, {n, 5, 3, 1}, 1 + trial % 3) : random_network(random, {n, 5, 3, 1});
        CAPTURE(trial);
        check_engines(network, box(n, -1, 1));
        check_engines(network, whole_space(n));
        check_engines(network, open_box(random, n));
    }
}

TEST_CASE("halfspaces: through the centre, past it, on either side, redundant, repeated, on a side of the box") {
    const Network network = network_of({{{1, 0, 0}, {1, 1, -0.5}, {1, -2, 0.25}}, {{1, -1, 1, -0.25}, {1, 1, 1, -1}}});
    for (const double constant : {-0.75, 0.0, 0.75}) {
        for (const bool bounded : {true, false}) {
            Domain domain = bounded ? box(2, -1, 1) : whole_space(2);
            domain.halfspaces = {{1, 1, constant}};
            check_engines(network, domain);
            domain.halfspaces = {{1, 1, constant}, {0, 0, 1}, {2, 2, 2 * constant}, {-1, 0.5, 1}, {-1, -1, 100}};
            check_engines(network, domain);
            domain.halfspaces = {{1, 1, constant}, {-1, 0, 1}, {0, 3, 3}, {1, 0, 0}};
            check_engines(network, domain);
        }
    }
}

TEST_CASE("no neurons, one cell") {
    Layer linear = layer_of({{1, 2, 0}, {0, 1, 1}});
    linear.linear = 2;
    const Network network({linear, layer_of({{1, 1, 0}})});
    for (const Domain& domain : {box(2, -1, 1), whole_space(2), cut_box(2, -1, 1, {{1, 1, 0}})}) check_engines(network, domain);
}

TEST_CASE("a domain without interior") {
    const Network network = arrangement({{1, 0, 0}});
    for (const double constant : {0.0, -0.5}) {
        Domain domain = box(2, -1, 1);
        domain.halfspaces = {{1, 1, 0}, {-1, -1, constant}};
        CHECK_THROWS_AS(search_with(network, domain), EmptyDomain);
    }
}

TEST_CASE("neighbouring doubles as bounds, and cuts between them") {
    const double up = std::nextafter(1.0, 2.0);
    Domain domain = box(2, 1, up);
    check_engines(arrangement({{1, -1, 0}, {1, 1, -2}, {0, 1, -1}}), domain);
    check_engines(network_of({{{2, 0, -2}, {0, 2, -2}}, {{1, 1, -0x1p-51}, {1, 0, -0x1p-52}}}), domain);
    const LpCells found = search_with(arrangement({{1, -1, 0}}), domain);
    CHECK(found.cells.num_cells() == 2);
    CHECK(found.cells.exact_cell == std::vector<std::uint64_t>{0, 1});
}

TEST_CASE("a cell of thickness 2^-60") {
    Layer first = layer_of({{1, 0, 0}, {1, 0, 0}});
    first.bias_low = {0, -0x1p-60};
    first.bias = {-0.5, -0.5};
    Network network({first, layer_of({{1, -1, 0}})});
    const Domain domain = box(2, -1, 1);
    check_same(linked(search_with(network, domain), network, domain), cells_of(network, domain));
    const LpCells found = search_with(network, domain);
    CHECK(found.cells.num_cells() == 3);
    REQUIRE(found.cells.exact_cell.size() == 1);
    const Rational x = inside(found.cells, 2, found.cells.exact_cell[0])[0];
    CHECK(x > Rational(1, 2));
    CHECK(x < Rational(1, 2) + power_of_two(-60));
}

TEST_CASE("hyperplanes that nearly coincide are not taken for one") {
    const double up = 1 + 0x1p-52;
    check_engines(arrangement({{1, 1, 0.5}, {1, up, 0.5}, {-1, -1, -0.5}, {2, 2, 1}, {up, up, 0.5}}), box(2, -1, 1));
    check_engines(arrangement({{1, 1, 0.5}, {1, up, 0.5}, {-1, -1, -0.5}, {2, 2, 1}, {up, up, 0.5}}), whole_space(2));
    check_engines(arrangement({{0.1, 0.3, 0.7}, {0.2, 0.6, 1.4}, {0.1 * 3, 0.3 * 3, 0.7 * 3}}), whole_space(2));
}

TEST_CASE("neurons on sides of the box, and neurons that vanish on cells") {
    const std::vector<std::vector<Row>> hidden{{{1, 0, 1}, {-1, 0, 1}, {0, 2, -2}, {1, 1, 0}},
                                               {{0, 0, 0, 1, 0}, {0, 0, 0, -1, 0}, {1, 1, 0, 0, -2}, {0, 0, 1, 0, 0}}};
    check_engines(network_of(hidden), box(2, -1, 1));
    check_engines(network_of(hidden), whole_space(2));
}

TEST_CASE("magnitudes beyond the range of the error bounds") {
    for (const double scale : {0x1p-1060, 0x1p-500, 0x1p500, 0x1p1000}) {
        const Network network = arrangement({{scale, 0, -scale / 4}, {scale, scale, 0}, {1, -1, 0}, {scale, -2 * scale, scale / 2}});
        check_engines(network, box(2, -1, 1));
        check_engines(network, whole_space(2));
    }
    check_engines(arrangement({{1, 1, 0}, {1, -1, 1}}), box(2, -0x1p1023, 0x1p1023));
    check_engines(arrangement({{1, 1, 0}, {1, -1, 0x1p-1070}}), box(2, -0x1p-1060, 0x1p-1060));
}

TEST_CASE("threads make no difference, nor do sides to the rest") {
    Random random(42);
    const Network network = random_network(random, {2, 64, 16, 1});
    for (const Domain& domain : {box(2, -1, 1), whole_space(2)}) {
        const LpCells one = search_with(network, domain), three = search_with(network, domain, 3);
        CHECK(one.cells.num_cells() > 1024);  // more than one piece of work for the facets
        CHECK(one.cells.patterns == three.cells.patterns);
        CHECK(one.cells.inside == three.cells.inside);
        CHECK(one.programs.solved == three.programs.solved);
        CHECK(one.programs.exact == three.programs.exact);
        CHECK(same_counts(one.counts, three.counts));
        const CellComplex complex = linked(one, network, domain);
        check_same(complex, linked(three, network, domain, true, 3));
        const CellComplex without = linked(one, network, domain, false);
        CHECK(without.num_edges() == complex.num_edges());
        CHECK(std::none_of(without.facet_id.begin(), without.facet_id.end(), [](HyperplaneId id) { return is_side(id); }));
    }
}

TEST_CASE("limits and interruption") {
    Random random(43);
    const Network network = random_network(random, {3, 14, 1});
    SearchOptions options;
    options.max_cells = 20;
    SearchControl control, stopped;
    CHECK_THROWS_AS(lp_search(network, box(3, -1, 1), options, control), TooManyCells);
    stopped.stop = true;
    CHECK_THROWS_AS(lp_search(network, box(3, -1, 1), {}, stopped), Stopped);
    const LpCells found = search_with(network, box(3, -1, 1));
    CHECK_THROWS_AS(lp_complex(found, network, box(3, -1, 1), true, 2, stopped), Stopped);
}

TEST_CASE("PatternTable finds exactly the patterns with one bit flipped") {
    Random random(44);
    for (const int words : {1, 3}) {
        std::vector<std::uint64_t> patterns;
        for (int cell = 0; cell < 40; ++cell) {  // all within a few bits of each other, so that many are neighbours
            for (int k = 0; k < words; ++k) patterns.push_back(k == 0 ? static_cast<std::uint64_t>(cell) : 0);
            if (cell % 3 == 0) patterns.back() ^= std::uint64_t{1} << 63;
        }
        std::vector<std::vector<std::uint64_t>> all;
        for (int cell = 0; cell < 40; ++cell) all.emplace_back(patterns.begin() + cell * words, patterns.begin() + (cell + 1) * words);
        const PatternTable table(patterns.data(), words, 40);
        int found = 0;
        for (int cell = 0; cell < 40; ++cell) {
            for (int neuron = 0; neuron < 64 * words; ++neuron) {
                std::vector<std::uint64_t> target = all[cell];
                target[neuron / 64] ^= std::uint64_t{1} << (neuron % 64);
                const auto expected = std::find(all.begin(), all.end(), target);
                const std::int32_t got = table.flipped(cell, table.hash(cell), neuron);
                CHECK(got == (expected == all.end() ? PatternTable::none : static_cast<std::int32_t>(expected - all.begin())));
                found += got != PatternTable::none;
            }
        }
        CHECK(found > 20);
    }
}

TEST_SUITE_END();
