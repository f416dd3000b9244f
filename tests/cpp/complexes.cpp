#include "complexes.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "complex/faces/cell_incidence.hpp"
#include "complex/faces/faces.hpp"
#include "complex/faces/interior_points.hpp"

namespace relutope::testing {

namespace {

// Vertices also with their exact coordinates.
SearchOptions with_points() {
    SearchOptions options;
    options.vertices = true;
    options.points = true;
    return options;
}

bool infinite_domain(const Domain& domain) {
    for (int k = 0; k < domain.dimension(); ++k)
        if (std::isinf(domain.lower[k]) || std::isinf(domain.upper[k])) return true;
    return false;
}

int sign_of(const VertexComplex& vertices, std::int64_t vertex, SignBit bit) {
    return vertices.positive(vertex, bit) ? 1 : vertices.negative(vertex, bit) ? -1 : 0;
}

void check_patterns(const CellComplex& cells) {
    const std::vector<std::string> all = patterns(cells);
    for (std::size_t k = 1; k < all.size(); ++k) CHECK(all[k - 1] < all[k]);
}

// The forms that vanish on a facet, without those that vanish on a whole cell.
void check_neighbours(const CellComplex& cells) {
    for (std::int64_t cell = 0; cell < cells.num_cells(); ++cell) {
        for (std::int64_t facet = cells.facet_begin[cell]; facet < cells.facet_begin[cell + 1]; ++facet) {
            const CellId other = cells.facet_neighbour[facet];
            CHECK((other == no_cell) == is_side(cells.facet_id[facet]));
            if (other == no_cell) continue;
            int mutual = 0;
            for (std::int64_t back = cells.facet_begin[other]; back < cells.facet_begin[other + 1]; ++back)
                mutual += cells.facet_neighbour[back] == cell;
            CHECK(mutual == 1);
            const auto zeros = cells.zero_set(facet);
            int differing = 0;
            for (int neuron = 0; neuron < cells.num_neurons; ++neuron) {
                if (cells.active(cell, neuron) == cells.active(other, neuron)) continue;
                ++differing;
                CHECK(std::find(zeros.begin(), zeros.end(), neuron) != zeros.end());
            }
            CHECK(differing > 0);
        }
    }
}

// Signs at a finite vertex: of the network's neurons by rational arithmetic, of the domain's sides by their definition.
void check_vertex(const Network& network, const Domain& domain, const CellComplex& cells, const VertexComplex& vertices,
                  std::int64_t vertex) {
    const exact::Point& exact = vertices.points[vertex];
    std::vector<Rational> point;
    for (int k = 0; k < cells.dimension; ++k) {
        point.emplace_back(exact.finite[k], exact.denominator);
        CHECK(is_nearest(vertices.coordinates[vertex * cells.dimension + k], point.back()));
    }
    const std::vector<int> signs = signs_at(network, point);
    for (int neuron = 0; neuron < cells.num_neurons; ++neuron)
        CHECK(sign_of(vertices, vertex, cells.sign_bit(neuron)) == signs[neuron]);
    for (int side = 0; side < domain.num_sides(); ++side) {
        const int axis = side / 2;
        Rational value;
        if (axis >= cells.dimension) {
            const auto& row = domain.halfspaces[side - 2 * cells.dimension];
            value = rational(row.back());
            for (int k = 0; k < cells.dimension; ++k) value += rational(row[k]) * point[k];
        } else {
            const double bound = side & 1 ? domain.upper[axis] : domain.lower[axis];
            if (std::isinf(bound)) continue;
            value = side & 1 ? rational(bound) - point[axis] : point[axis] - rational(bound);
        }
        CHECK(sign_of(vertices, vertex, cells.sign_bit(side_id(side))) == value.sign());
        CHECK(value >= 0);
    }
}

// Both parts of a vertex at infinity are rounded once.
void check_infinite_vertex(const CellComplex& cells, const VertexComplex& vertices, std::int64_t vertex) {
    const exact::Point& exact = vertices.points[vertex];
    REQUIRE(!exact.infinite.empty());
    for (int k = 0; k < cells.dimension; ++k) {
        const std::int64_t at = vertex * cells.dimension + k;
        CHECK(is_nearest(vertices.coordinates[at], Rational(exact.finite[k], exact.denominator)));
        CHECK(is_nearest(vertices.infinite_coordinates[at], Rational(exact.infinite[k], exact.denominator)));
    }
}

// The pattern is what the vertices say, and what a point inside says.
void check_cell(const Network& network, const CellComplex& cells, const VertexComplex& vertices, const InteriorPoints& interior,
                std::int64_t cell) {
    std::vector<Rational> centre(cells.dimension);
    const std::int64_t begin = vertices.cell_begin[cell], end = vertices.cell_begin[cell + 1];
    CHECK(end - begin > cells.dimension);
    bool finite = true;
    for (std::int64_t at = begin; at < end; ++at) {
        const std::int32_t vertex = vertices.cell_vertices[at];
        if (at > begin) CHECK(vertices.cell_vertices[at - 1] < vertex);
        finite = finite && vertex < vertices.num_finite;
        for (int k = 0; k < cells.dimension; ++k)
            centre[k] += Rational(vertices.points[vertex].finite[k], vertices.points[vertex].denominator * (end - begin));
    }
    for (int neuron = 0; neuron < cells.num_neurons; ++neuron) {
        int positive = 0, negative = 0;
        for (std::int64_t at = begin; at < end; ++at) {
            const int sign = sign_of(vertices, vertices.cell_vertices[at], cells.sign_bit(neuron));
            positive += sign > 0;
            negative += sign < 0;
        }
        CHECK((positive > 0) == cells.active(cell, neuron));
        CHECK((positive == 0 || negative == 0));
    }
    if (!finite) return;
    const std::vector<int> signs = signs_at(network, centre);
    for (int neuron = 0; neuron < cells.num_neurons; ++neuron) CHECK((signs[neuron] > 0) == cells.active(cell, neuron));
    if (!interior.inside[cell]) return;
    const double* point = interior.points.data() + cell * cells.dimension;
    CHECK(signs_at(network, rationals({point, point + cells.dimension})) == signs);
}

// Where a complex is said to be simple, it is, and its vertices follow from its adjacency.
void check_simple(const Network& network, const Domain& domain, const CellComplex& cells, const VertexComplex& vertices) {
    bool simple = true;
    for (std::int64_t v = 0; v < vertices.num_vertices; ++v) simple = simple && CellIncidence<1>::num_zeros(cells, vertices, v) == cells.dimension;
    CHECK(cells.simple == simple);
    if (!cells.simple || cells.dimension > most_simple_dimension) return;
    const SimpleVertices found = simple_vertices(cells, network, domain, [] {});
    const std::atomic<bool> stop{false};
    for (const int threads : {1, 3}) {
        const VertexComplex placed = place_vertices(found, cells, network, domain, threads, stop);
        CHECK(placed.num_vertices == vertices.num_vertices);
        CHECK(placed.num_finite == vertices.num_finite);
        CHECK(placed.signs == vertices.signs);
        CHECK(placed.coordinates == vertices.coordinates);
        CHECK(placed.infinite_coordinates == vertices.infinite_coordinates);
        CHECK(placed.cell_begin == vertices.cell_begin);
        CHECK(placed.cell_vertices == vertices.cell_vertices);
    }
}

template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
    return a == b;
}

}  // namespace

SearchResult run(const Network& network, const Domain& domain, const SearchOptions& options) {
    SearchControl control;
    return search(network, domain, options, control);
}

CellComplex cells_of(const Network& network, const Domain& domain, int threads) {
    SearchOptions options;
    options.threads = threads;
    SearchResult result = run(network, domain, options);
    return assemble(result, network, domain);
}

std::uint64_t count_of(const Network& network, const Domain& domain, int threads) {
    SearchOptions options;
    options.cells = false;
    options.threads = threads;
    SearchControl control;
    search(network, domain, options, control);
    return control.cells;
}

VertexComplex vertices_of(const Network& network, const Domain& domain, const CellComplex& cells, bool outputs) {
    SearchOptions options = with_points();
    options.outputs = outputs;
    SearchResult result = run(network, domain, options);
    return merge_vertices(result, cells, network);
}

std::vector<std::string> patterns(const CellComplex& cells) {
    std::vector<std::string> result;
    for (std::int64_t cell = 0; cell < cells.num_cells(); ++cell) {
        std::string& word = result.emplace_back();
        for (int neuron = 0; neuron < cells.num_neurons; ++neuron) word += cells.active(cell, neuron) ? '1' : '0';
    }
    return result;
}

std::vector<std::int64_t> f_vector(const CellComplex& cells, const VertexComplex& vertices, const Domain& domain) {
    std::vector<std::uint8_t> infinite(domain.num_sides(), 0);
    for (int k = 0; k < domain.dimension(); ++k) {
        infinite[2 * k] = std::isinf(domain.lower[k]);
        infinite[2 * k + 1] = std::isinf(domain.upper[k]);
    }
    return face_counts(cells, vertices, infinite, [] {});
}

int euler_characteristic(const std::vector<std::int64_t>& f_vector) {
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < f_vector.size(); ++k) sum += k % 2 ? -f_vector[k] : f_vector[k];
    return static_cast<int>(sum);
}

namespace {

Rational determinant(std::vector<std::vector<Rational>> rows) {
    Rational result = 1;
    for (std::size_t column = 0; column < rows.size(); ++column) {
        std::size_t pivot = column;
        while (pivot < rows.size() && rows[pivot][column] == 0) ++pivot;
        if (pivot == rows.size()) return 0;
        if (pivot != column) {
            std::swap(rows[pivot], rows[column]);
            result = -result;
        }
        result *= rows[column][column];
        for (std::size_t i = column + 1; i < rows.size(); ++i) {
            const Rational factor = rows[i][column] / rows[column][column];
            for (std::size_t k = column; k < rows.size(); ++k) rows[i][k] -= factor * rows[column][k];
        }
    }
    return result;
}

}  // namespace

Rational total_volume(const CellComplex& cells, const VertexComplex& vertices) {
    const Triangulation triangulation = triangulate_cells(cells, vertices, [] {});
    const int n = cells.dimension;
    Rational total;
    for (std::size_t s = 0; s < triangulation.owner.size(); ++s) {
        const std::int32_t* simplex = &triangulation.simplices[s * triangulation.row_length];
        const auto coordinate = [&](int vertex, int k) {
            const exact::Point& point = vertices.points[simplex[vertex]];
            return Rational(point.finite[k], point.denominator);
        };
        std::vector<std::vector<Rational>> edges(n, std::vector<Rational>(n));
        for (int i = 0; i < n; ++i)
            for (int k = 0; k < n; ++k) edges[i][k] = coordinate(i + 1, k) - coordinate(0, k);
        const Rational volume = determinant(edges);
        CHECK(volume != 0);
        total += volume < 0 ? Rational(-volume) : volume;
    }
    return total;
}

bool same_counts(const SearchCounts& a, const SearchCounts& b) {
    return a.signs.filtered == b.signs.filtered && a.signs.refined == b.signs.refined && a.signs.exact == b.signs.exact &&
           a.signs.inherited == b.signs.inherited && a.splits == b.splits && a.solved_vertices == b.solved_vertices &&
           a.exact_vertices == b.exact_vertices;
}

bool same_records(const SearchResult& a, const SearchResult& b) {
    if (a.jobs.size() != b.jobs.size() || a.mask_words != b.mask_words) return false;
    for (std::size_t job = 0; job < a.jobs.size(); ++job) {
        const CellRecords &c = a.jobs[job].cells, &d = b.jobs[job].cells;
        const VertexRecords &v = a.jobs[job].vertices, &w = b.jobs[job].vertices;
        if (!(same(c.patterns, d.patterns) && same(c.facet_count, d.facet_count) && same(c.facets, d.facets) &&
              same(c.special, d.special) && same(c.special_end, d.special_end) && same(c.zero_ids, d.zero_ids) &&
              same(c.zero_cells, d.zero_cells) && same(c.zero_neurons, d.zero_neurons) && same(v.signs, w.signs) &&
              same(v.coordinates, w.coordinates) && same(v.infinite_coordinates, w.infinite_coordinates) &&
              same(v.at_infinity, w.at_infinity) && same(v.cell_vertex_count, w.cell_vertex_count) &&
              same(v.cell_vertices, w.cell_vertices)))
            return false;
    }
    return true;
}

CellComplex check_complex(const Network& network, const Domain& domain, const Rational& volume) {
    SearchOptions options = with_points();
    SearchResult result = run(network, domain, options);
    options.threads = 2;
    const SearchResult twice = run(network, domain, options);
    CHECK(same_records(result, twice));
    CHECK(same_counts(result.counts, twice.counts));

    CellComplex cells = cells_of(network, domain);
    for (const int threads : {1, 2}) CHECK(count_of(network, domain, threads) == static_cast<std::uint64_t>(cells.num_cells()));
    const VertexComplex vertices = merge_vertices(result, cells, network);
    REQUIRE(static_cast<std::int64_t>(vertices.cell_begin.size()) == cells.num_cells() + 1);
    check_patterns(cells);
    check_neighbours(cells);
    for (std::int64_t vertex = 0; vertex < vertices.num_finite; ++vertex)
        check_vertex(network, domain, cells, vertices, vertex);
    for (std::int64_t vertex = vertices.num_finite; vertex < vertices.num_vertices; ++vertex)
        check_infinite_vertex(cells, vertices, vertex);
    const InteriorPoints interior = interior_points(vertices, [] {});
    for (std::int64_t cell = 0; cell < cells.num_cells(); ++cell) check_cell(network, cells, vertices, interior, cell);
    check_simple(network, domain, cells, vertices);
    const std::vector<std::int64_t> faces = f_vector(cells, vertices, domain);
    CHECK(faces.back() == cells.num_cells());
    if (!infinite_domain(domain)) {
        CHECK(euler_characteristic(faces) == 1);
    } else if (domain.halfspaces.empty() && std::isinf(domain.lower[0]) && std::isinf(domain.upper[0])) {
        CHECK(euler_characteristic(faces) == (cells.dimension % 2 ? -1 : 1));
    }
    if (volume > 0) {
        Rational factorial = 1;
        for (int k = 2; k <= cells.dimension; ++k) factorial *= k;
        CHECK(total_volume(cells, vertices) == factorial * volume);
    }
    return cells;
}

}  // namespace relutope::testing
