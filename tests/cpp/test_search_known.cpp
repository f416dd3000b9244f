// Complexes whose numbers of cells and faces are known from a closed form or by hand.
#include <doctest/doctest.h>

#include "complexes.hpp"

using namespace relutope;
using namespace relutope::testing;
using FVector = std::vector<std::int64_t>;
using Words = std::vector<std::string>;

namespace {

std::int64_t binomial(int n, int k) {
    std::int64_t result = 1;
    for (int i = 1; i <= k; ++i) result = result * (n - k + i) / i;
    return result;
}

std::int64_t factorial(int n) { return n < 2 ? 1 : n * factorial(n - 1); }

// Rows  x_i - x_j - shift  for i < j and every shift.
std::vector<Row> differences(int n, const std::vector<double>& shifts) {
    std::vector<Row> rows;
    for (int i = 0; i < n; ++i)
        for (int j = i + 1; j < n; ++j)
            for (const double shift : shifts) {
                Row row(n + 1, 0.0);
                row[i] = 1;
                row[j] = -1;
                row[n] = -shift;
                rows.push_back(row);
            }
    return rows;
}

std::vector<Row> type_b(int n) {
    std::vector<Row> rows = differences(n, {0});
    for (int i = 0; i < n; ++i)
        for (int j = i; j < n; ++j) {
            Row row(n + 1, 0.0);
            row[i] += 1;
            row[j] += 1;
            rows.push_back(row);
        }
    return rows;
}

// sum over S of x_i = 0 for every nonempty S.
std::vector<Row> resonance(int n) {
    std::vector<Row> rows;
    for (int subset = 1; subset >> n == 0; ++subset) {
        Row row(n + 1, 0.0);
        for (int k = 0; k < n; ++k) row[k] = subset >> k & 1;
        rows.push_back(row);
    }
    return rows;
}

FVector faces_of(const Network& network, const Domain& domain) {
    const CellComplex cells = cells_of(network, domain);
    return f_vector(cells, vertices_of(network, domain, cells), domain);
}

}  // namespace

TEST_SUITE_BEGIN("search_known");

TEST_CASE("hyperplanes in general position: sum of binomials") {
    Random random(60);
    for (const auto& [n, m] : {std::pair{1, 7}, {2, 9}, {3, 7}, {4, 6}, {5, 6}}) {
        const Network network = random_network(random, {n, m, 1});
        std::int64_t expected = 0;
        for (int k = 0; k <= n; ++k) expected += binomial(m, k);
        CAPTURE(n);
        const CellComplex cells = check_complex(network, whole_space(n));
        CHECK(cells.num_cells() == expected);
        const FVector faces = f_vector(cells, vertices_of(network, whole_space(n), cells), whole_space(n));
        for (int k = 0; k <= n; ++k) {  // f_k = C(m, n - k) sum_i C(m - n + k, i), i <= k
            std::int64_t regions = 0;
            for (int i = 0; i <= k; ++i) regions += binomial(m - n + k, i);
            CHECK(faces[k] == binomial(m, n - k) * regions);
        }
        CHECK(cells.num_edges() == faces[n - 1]);
    }
}

TEST_CASE("random networks of one to three hidden layers in a box") {
    Random random(61);
    for (int trial = 0; trial < 12; ++trial) {
        const int n = 1 + trial % 4;
        std::vector<int> widths{n};
        for (int layer = 0; layer < 1 + trial % 3; ++layer) widths.push_back(7 - n);
        widths.push_back(1);
        CAPTURE(trial);
        check_complex(random_network(random, widths), box(n, -1, 1), power_of_two(n));
    }
}

TEST_CASE("networks with small integers: every kind of coincidence") {
    Random random(62);
    for (int trial = 0; trial < 60; ++trial) {
        const int n = 1 + trial % 3;
        const Network network = integer_network(random, {n, 5, trial % 2 ? 5 : 3, 3, 1}, 1 + trial % 2);
        CAPTURE(trial);
        check_complex(network, box(n, -1, 1), power_of_two(n));
        if (n < 3) check_complex(network, whole_space(n));
    }
}

TEST_CASE("networks without biases, in whole space and in a box") {
    Random random(63);
    for (int trial = 0; trial < 9; ++trial) {
        const int n = 2 + trial % 2;
        std::vector<Layer> layers;
        const Network biased = random_network(random, {n, 5, 4, 1});
        for (int l = 0; l <= biased.num_hidden(); ++l) {
            layers.push_back(biased.layer(l));
            layers.back().bias.assign(layers.back().outputs, 0.0);
        }
        const Network network{layers};
        CAPTURE(trial);
        const auto in_box = check_complex(network, box(n, -1, 1), power_of_two(n)).num_cells();
        CHECK(check_complex(network, whole_space(n)).num_cells() == in_box);
    }
}

TEST_CASE("braid arrangements: n! cells, faces are ordered partitions") {
    for (int n = 2; n <= 4; ++n)
        CHECK(check_complex(arrangement(differences(n, {0})), whole_space(n)).num_cells() == factorial(n));
    CHECK(cells_of(arrangement(differences(6, {0})), whole_space(6)).num_cells() == 720);
    CHECK(faces_of(arrangement(differences(4, {0})), whole_space(4)) == FVector{0, 1, 14, 36, 24});
}

TEST_CASE("reflection arrangements of type B: 2^n n! cells") {
    for (int n = 2; n <= 3; ++n)
        CHECK(check_complex(arrangement(type_b(n)), whole_space(n)).num_cells() == factorial(n) << n);
    CHECK(cells_of(arrangement(type_b(4)), whole_space(4)).num_cells() == 384);
    CHECK(faces_of(arrangement(type_b(3)), whole_space(3)) == FVector{1, 26, 72, 48});
}

TEST_CASE("resonance arrangements: 2, 6, 32, 370") {
    const std::int64_t expected[] = {2, 6, 32, 370};
    for (int n = 1; n <= 4; ++n) CHECK(cells_of(arrangement(resonance(n)), whole_space(n)).num_cells() == expected[n - 1]);
}

TEST_CASE("Shi arrangements: (n + 1)^(n - 1) cells; Catalan arrangements: n! C_n cells") {
    CHECK(check_complex(arrangement(differences(3, {0, 1})), whole_space(3)).num_cells() == 16);
    CHECK(cells_of(arrangement(differences(4, {0, 1})), whole_space(4)).num_cells() == 125);
    CHECK(check_complex(arrangement(differences(3, {-1, 0, 1})), whole_space(3)).num_cells() == 6 * 5);
    CHECK(cells_of(arrangement(differences(4, {-1, 0, 1})), whole_space(4)).num_cells() == 24 * 14);
}

TEST_CASE("a neuron that cuts nothing leaves the box as it is") {
    CHECK(faces_of(arrangement({{1, 5}}), box(1, -1, 1)) == FVector{2, 1});
    CHECK(faces_of(arrangement({{1, 1, 5}}), box(2, -1, 1)) == FVector{4, 4, 1});
    CHECK(faces_of(arrangement({{1, 1, 1, -9}}), box(3, -1, 1)) == FVector{8, 12, 6, 1});
    CHECK(faces_of(arrangement({{1, 1, 1, 1, -9}}), box(4, -1, 1)) == FVector{16, 32, 24, 8, 1});
    CHECK(faces_of(arrangement({{1, 1, -9}}), whole_space(2)) == FVector{0, 1, 2});
}

TEST_CASE("coordinate hyperplanes: a grid") {
    CHECK(faces_of(arrangement({{1, 0, 0}, {0, 1, 0}}), box(2, -1, 1)) == FVector{9, 12, 4});
    CHECK(faces_of(arrangement({{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}), box(3, -1, 1)) == FVector{27, 54, 36, 8});
    CHECK(faces_of(arrangement({{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}), whole_space(3)) == FVector{1, 6, 12, 8});
}

TEST_CASE("a hyperplane along a side of the box or through its corners") {
    CHECK(patterns(check_complex(arrangement({{1, 0, 1}}), box(2, -1, 1), 4)) == Words{"1"});    // x = -1
    CHECK(patterns(check_complex(arrangement({{1, 0, -1}}), box(2, -1, 1), 4)) == Words{"0"});   // x = 1
    CHECK(patterns(check_complex(arrangement({{1, 1, -2}}), box(2, -1, 1), 4)) == Words{"0"});   // a corner
    CHECK(patterns(check_complex(arrangement({{1, 1, 0}}), box(2, -1, 1), 4)) == Words{"0", "1"});
    CHECK(faces_of(arrangement({{1, 1, 0}}), box(2, -1, 1)) == FVector{4, 5, 2});
    CHECK(faces_of(arrangement({{1, 1, 0}, {1, -1, 0}}), box(2, -1, 1)) == FVector{5, 8, 4});
}

TEST_CASE("equal, scaled, opposite and dead neurons") {
    const std::vector<Row> rows{{1, 0, 0}, {1, 0, 0}, {3, 0, 0}, {-1, 0, 0}, {0, 0, 0}, {0, 0, 2}, {0, 0, -2}};
    const CellComplex cells = check_complex(arrangement(rows), box(2, -1, 1), 4);
    CHECK(patterns(cells) == Words{"0001010", "1110010"});
    CHECK(cells.num_edges() == 1);
    const std::vector<HyperplaneId> everything_but_constants{0, 1, 2, 3, 4};
    for (const Edge& edge : edges(cells)) {
        const auto zeros = cells.zero_set(edge.facet);
        CHECK(std::vector<HyperplaneId>(zeros.begin(), zeros.end()) == everything_but_constants);
        CHECK(cells.facet_id[edge.facet] == 0);
    }
    CHECK(cells.zero_cell == std::vector<std::int64_t>{0, 1});
    CHECK(cells.zero_neuron == std::vector<HyperplaneId>{4, 4});
}

TEST_CASE("a later neuron may vanish on one cell and cut its neighbour") {
    // h = relu(x), z = h: zero on the left. y-neuron for a second cut.
    const Network network = network_of({{{1, 0, 0}, {0, 1, 0}}, {{1, 0, 0}, {2, 0, -1}}});
    const CellComplex cells = check_complex(network, box(2, -1, 1), 4);
    CHECK(patterns(cells) == Words{"0000", "0100", "1010", "1011", "1110", "1111"});
    CHECK(cells.zero_cell == std::vector<std::int64_t>{0, 1});
    CHECK(cells.zero_neuron == std::vector<HyperplaneId>{2, 2});
    // Across x = 0 the neurons 0 and 2 change together.
    for (const Edge& edge : edges(cells)) {
        const auto zeros = cells.zero_set(edge.facet);
        if (cells.facet_id[edge.facet] != 0) continue;
        CHECK(std::vector<HyperplaneId>(zeros.begin(), zeros.end()) == std::vector<HyperplaneId>{0, 2});
    }
}

TEST_CASE("patterns that differ in one neuron need not be neighbours") {
    // relu(x + 10) - 2 relu(x) - 9: positive for -1 < x < 1 only.
    const Network network = network_of({{{1, 10}, {1, 0}}, {{1, -2, -9}}});
    const CellComplex cells = check_complex(network, whole_space(1));
    CHECK(patterns(cells) == Words{"000", "100", "101", "110", "111"});
    std::vector<std::pair<int, int>> pairs;
    for (const Edge& edge : edges(cells)) pairs.emplace_back(edge.first, edge.second);
    CHECK(pairs == std::vector<std::pair<int, int>>{{0, 1}, {1, 2}, {2, 4}, {3, 4}});  // 100 and 110 are apart
}

TEST_CASE("cells of width 1e-300 and of one unit in the last place") {
    CHECK(check_complex(arrangement({{1, 0}, {1, -1e-300}, {1, 0x1p-1074}}), box(1, -1, 1), 2).num_cells() == 4);
    CHECK(check_complex(arrangement({{1, 0, 0}, {1, 0, -1e-300}, {0, 1, 0}}), box(2, -1, 1), 4).num_cells() == 6);
    // Three lines that meet in a point, and the same with one of them moved by 2^-60.
    CHECK(check_complex(arrangement({{1, 0, 0}, {0, 1, 0}, {1, 1, 0}}), box(2, -1, 1), 4).num_cells() == 6);
    CHECK(check_complex(arrangement({{1, 0, 0}, {0, 1, 0}, {1, 1, 0x1p-60}}), box(2, -1, 1), 4).num_cells() == 7);
    CHECK(check_complex(arrangement({{3, 0, -1}, {0, 3, -1}, {3, 3, -2}}), box(2, -1, 1), 4).num_cells() == 6);
    CHECK(check_complex(arrangement({{3, 0, -1}, {0, 3, -1}, {3, 3, -2 - 0x1p-51}}), box(2, -1, 1), 4).num_cells() == 7);
}

TEST_CASE("weights near the ends of the number range: scaling a row changes nothing") {
    Random random(64);
    for (int trial = 0; trial < 40; ++trial) {
        const int n = 1 + trial % 3;
        std::vector<Row> rows(6, Row(n + 1)), scaled;
        for (Row& row : rows)
            for (double& entry : row) entry = random_integer(random, 9);
        for (Row row : rows) {
            const int exponent = std::vector{0, 1018, -1074, 500}[random() % 4];
            for (double& entry : row) entry = std::ldexp(entry, exponent);
            scaled.push_back(row);
        }
        CAPTURE(trial);
        const CellComplex cells = check_complex(arrangement(scaled), box(n, -1, 1), power_of_two(n));
        CHECK(patterns(cells) == patterns(cells_of(arrangement(rows), box(n, -1, 1))));
    }
}

TEST_CASE("boxes near the ends of the number range: scaling space changes nothing") {
    Random random(65);
    for (int trial = 0; trial < 40; ++trial) {
        const int n = 1 + trial % 3;
        const int exponent = std::vector{1000, -1060, 490, -600}[trial % 4];
        std::vector<Row> rows(6, Row(n + 1)), scaled;
        for (Row& row : rows)
            for (double& entry : row) entry = random_integer(random, 9);
        for (Row row : rows) {
            row.back() = std::ldexp(row.back(), exponent);
            scaled.push_back(row);
        }
        CAPTURE(trial);
        const double side = std::ldexp(1.0, exponent);
        const CellComplex cells = check_complex(arrangement(scaled), box(n, -side, side), power_of_two(n * (exponent + 1)));
        CHECK(patterns(cells) == patterns(cells_of(arrangement(rows), box(n, -1, 1))));
    }
}

TEST_CASE("an empty layer of dead neurons ends the cutting") {
    const Network network = network_of({{{1, 0, 0}, {0, 1, 0}}, {{-1, -1, -1}, {-2, -1, 0}}, {{1, 1, 0}, {1, 2, 0}}});
    const CellComplex cells = check_complex(network, box(2, -1, 1), 4);
    CHECK(patterns(cells) == Words{"000000", "010000", "100000", "110000"});
}

TEST_CASE("more dimensions than have a template of their own") {
    Random random(66);
    CHECK(cells_of(random_network(random, {9, 4, 1}), whole_space(9)).num_cells() == 16);
    CHECK(cells_of(random_network(random, {10, 3, 1}), whole_space(10)).num_cells() == 8);
    CHECK(cells_of(random_network(random, {8, 5, 1}), whole_space(8)).num_cells() == 32);
    CHECK(cells_of(random_network(random, {7, 5, 1}), whole_space(7)).num_cells() == 32);
    CHECK(cells_of(random_network(random, {6, 7, 1}), whole_space(6)).num_cells() == 127);
}

TEST_SUITE_END();
