#include "wasm/calls.hpp"

#include <algorithm>
#include <cmath>

#include "complex/faces/interior_points.hpp"
#include "complex/cells/cell_locator.hpp"
#include "complex/faces/outlines.hpp"
#include "complex/homology/filtrations.hpp"
#include "complex/homology/persistence.hpp"
#include "network/input_checks.hpp"
#include "spectra/graph_modes.hpp"
#include "wasm/held_complex.hpp"

namespace relutope::wasm {

namespace {

constexpr int largest_prime = 46337;
constexpr int most_nodes = 1 << 20;
constexpr int most_modes = 64;

void check_prime(int prime) {
    bool is_prime = prime >= 2 && prime <= largest_prime;
    for (int d = 2; is_prime && d * d <= prime; ++d) is_prime = prime % d != 0;
    if (!is_prime) throw std::invalid_argument("`field` is no prime number up to " + std::to_string(largest_prime));
}

std::vector<std::uint8_t> unpacked_patterns(const CellComplex& cells) {
    const auto width = static_cast<std::size_t>(cells.num_neurons);
    std::vector<std::uint8_t> bits(static_cast<std::size_t>(cells.num_cells()) * width);
    std::uint8_t* row = bits.data();
    for (std::int64_t cell = 0; cell < cells.num_cells(); ++cell, row += width) {
        const std::uint64_t* words = cells.pattern(cell);
        for (std::size_t neuron = 0; neuron < width; ++neuron) row[neuron] = words[neuron >> 6] >> (neuron & 63) & 1;
    }
    return bits;
}

std::vector<std::uint8_t> bounded_cells(const HeldComplex& held) {
    const CellComplex& cells = held.cells();
    std::vector<std::uint8_t> bounded;
    for (std::int64_t cell = 0; cell < cells.num_cells(); ++cell) {
        const auto begin = cells.facet_id.begin();
        bounded.push_back(held.lineality() == 0 &&
                          std::none_of(begin + cells.facet_begin[cell], begin + cells.facet_begin[cell + 1], [&](HyperplaneId id) {
                              return is_side(id) && held.infinite_sides()[side_of(id)];
                          }));
    }
    return bounded;
}

}  // namespace

void reply_cells(const HeldComplex& held, Reply& reply) {
    const CellComplex& cells = held.cells();
    std::vector<std::int32_t> pairs, facets, zero_ids;
    std::vector<std::size_t> zero_begin{0};
    const std::vector<Edge> all = edges(cells);
    pairs.reserve(2 * all.size());
    facets.reserve(all.size());
    zero_begin.reserve(all.size() + 1);
    zero_ids.reserve(all.size());
    for (const Edge& edge : all) {
        pairs.push_back(edge.first);
        pairs.push_back(edge.second);
        facets.push_back(static_cast<std::int32_t>(edge.facet));
        const auto zeros = cells.zero_set(edge.facet);
        zero_ids.insert(zero_ids.end(), zeros.begin(), zeros.end());
        zero_begin.push_back(zero_ids.size());
    }
    const StageCounts& signs = cells.counts.signs;
    reply.put(unpacked_patterns(cells));
    reply.put(std::move(pairs));
    reply.put(std::move(facets));
    reply.put_indices(zero_begin);
    reply.put(std::move(zero_ids));
    reply.put_indices(cells.facet_begin);
    reply.put(std::vector<std::int32_t>(cells.facet_id));
    reply.put(std::vector<std::int32_t>(cells.facet_neighbour));
    reply.put(bounded_cells(held));
    reply.put_indices(cells.zero_cell);
    reply.put(std::vector<std::int32_t>(cells.zero_neuron));
    reply.put_indices(held.kept());
    reply.put(std::vector<double>{static_cast<double>(held.lineality()), static_cast<double>(signs.inherited),
                                  static_cast<double>(signs.filtered), static_cast<double>(signs.refined),
                                  static_cast<double>(signs.exact)});
}

void reply_vertices(HeldComplex& held, bool outputs, Reply& reply) {
    const VertexComplex& vertices = held.vertices(outputs);
    reply.put(std::vector<double>(vertices.coordinates));
    reply.put(std::vector<double>(vertices.infinite_coordinates));
    reply.put_indices(vertices.cell_begin);
    reply.put(std::vector<std::int32_t>(vertices.cell_vertices));
    const InteriorPoints interior = interior_points(vertices, poll_host);
    reply.put(interior.points);
    reply.put(interior.inside);
    reply.put_indices(std::vector<std::int64_t>{vertices.num_finite, vertices.num_vertices});
    reply.put(std::vector<double>(vertices.output));
    reply.put_indices(vertices.output_rank);
}

void reply_signs(HeldComplex& held, Reply& reply) {
    const VertexComplex& vertices = held.vertices(false);
    const CellComplex& cells = held.cells();
    std::vector<std::int8_t> signs;
    signs.reserve(static_cast<std::size_t>(vertices.num_vertices * cells.num_neurons));
    for (std::int64_t v = 0; v < vertices.num_vertices; ++v)
        for (int neuron = 0; neuron < cells.num_neurons; ++neuron) {
            const SignBit bit = cells.sign_bit(neuron);
            signs.push_back(static_cast<std::int8_t>(vertices.positive(v, bit) - vertices.negative(v, bit)));
        }
    reply.put(std::move(signs));
}

void reply_outlines(HeldComplex& held, Reply& reply) {
    const CellComplex& cells = held.cells();
    if (cells.dimension > 3) throw std::invalid_argument("outlines are those of at most 3 dimensions; take a slice");
    const VertexComplex& vertices = held.vertices(false);
    Outlines found = cells.dimension == 3 ? facet_outlines(cells, vertices, poll_host) : cell_outlines(cells, vertices, poll_host);
    reply.put_indices(found.begin);
    reply.put(std::move(found.corners));
    reply.put_indices(found.facet);
}

void reply_face_counts(HeldComplex& held, Reply& reply) {
    reply.put_indices(face_counts(held.cells(), held.vertices(false), held.infinite_sides(), poll_host));
}

void reply_betti(HeldComplex& held, Request& request, int prime, bool compactify, Reply& reply) {
    check_prime(prime);
    const std::vector<std::int32_t> flags = request.take_all_ints();
    request.finish();
    const FaceLattice& lattice = held.lattice();
    const auto count = static_cast<std::size_t>(lattice.level.front().size());
    if (flags.size() % count != 0) throw std::invalid_argument("sets of vertices need one flag per vertex");
    std::vector<std::uint8_t> inside(flags.begin(), flags.end());
    if (inside.empty()) inside.assign(count, 1);
    Steps steps = full_faces(lattice, inside);
    if (compactify) drop_infinite(lattice, steps);
    std::vector<std::int32_t> numbers(lattice.level.size());
    for (const std::int32_t dimension : persistence_pairs(lattice, steps, prime, false, poll_host).dimension) ++numbers[dimension];
    reply.put(std::move(numbers));
}

void reply_persistence(HeldComplex& held, Request& request, int prime, bool by_cells, Reply& reply) {
    check_prime(prime);
    const std::vector<std::int32_t> given = request.take_all_ints();
    request.finish();
    const FaceLattice& lattice = held.lattice();
    const auto expected = by_cells ? held.cells().num_cells() : lattice.level.front().size();
    if (static_cast<std::int64_t>(given.size()) != expected || std::any_of(given.begin(), given.end(), [](int s) { return s < 0; }))
        throw std::invalid_argument("a filtration needs one step per cell or vertex");
    const Steps steps = by_cells ? steps_by_cells(lattice, given) : steps_by_vertices(lattice, given);
    const PersistencePairs pairs = persistence_pairs(lattice, steps, prime, false, poll_host);
    std::vector<std::int32_t> birth, death;
    for (std::size_t k = 0; k < pairs.dimension.size(); ++k) {
        birth.push_back(steps[pairs.dimension[k]][pairs.birth[k]]);
        death.push_back(pairs.death[k] < 0 ? -1 : steps[pairs.dimension[k] + 1][pairs.death[k]]);
    }
    reply.put(std::vector<std::int32_t>(pairs.dimension));
    reply.put(std::move(birth));
    reply.put(std::move(death));
}

void reply_locations(const HeldComplex& held, Request& request, Reply& reply) {
    const std::vector<double> points = request.take_all_doubles();
    request.finish();
    const auto n = static_cast<std::size_t>(held.network().input_dimension());
    if (points.size() % n != 0) throw std::invalid_argument("points need as many coordinates as the network has inputs");
    check_finite(points, "points");
    CellLocator locator(held.cells(), held.network(), held.domain());
    std::vector<std::int32_t> found;
    for (std::size_t k = 0; k < points.size(); k += n) {
        if (k / n % 1024 == 0) poll_host();
        found.push_back(locator.locate({points.data() + k, n}));
    }
    reply.put(std::move(found));
}

void reply_modes(Request& request, int nodes, int count, bool normalized, Reply& reply) {
    const std::vector<std::int32_t> ends = request.take_all_ints();
    const std::vector<double> weights = request.take_all_doubles();
    request.finish();
    if (nodes < 1 || nodes > most_nodes || count < 1 || count > most_modes || ends.size() != 2 * weights.size())
        throw std::invalid_argument("the graph's arrays do not fit together");
    std::vector<WeightedEdge> edges;
    std::vector<int> parent(nodes);  // trees of nodes that are connected
    for (int v = 0; v < nodes; ++v) parent[v] = v;
    const auto root = [&](int v) {
        while (parent[v] != v) v = parent[v] = parent[parent[v]];
        return v;
    };
    int components = nodes;
    for (std::size_t k = 0; k < weights.size(); ++k) {
        const std::int32_t a = ends[2 * k];
        const std::int32_t b = ends[2 * k + 1];
        const bool known = 0 <= a && a < nodes && 0 <= b && b < nodes && a != b;
        if (!known || !(weights[k] >= 1e-120 && weights[k] <= 1e120))
            throw std::invalid_argument("the graph has an edge without two ends, or a weight out of range");
        edges.push_back({a, b, weights[k]});
        components -= root(a) != root(b);
        parent[root(a)] = root(b);
    }
    if (components != 1) throw std::invalid_argument("the graph is not connected");
    GraphModes modes = graph_modes(nodes, edges, count, normalized, poll_host);
    reply.put(std::move(modes.values));
    reply.put(std::move(modes.vectors));
    reply.put(std::move(modes.residuals));
}

}  // namespace relutope::wasm
