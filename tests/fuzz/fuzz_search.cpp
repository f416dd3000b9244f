// Coverage-guided fuzzing of the core, from unchecked input to face counts. See CMakeLists.txt.
//
// The bytes are read as the description of a network and a domain, often malformed. What the checks of input_checks.hpp let
// through must be decomposed without undefined behaviour (that is what the sanitizers are for), and the result must be a
// complex: cells link up, faces add up, cells contain their interior points, threads make no difference, and the LP engine finds
// the same one.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <optional>

#include "complex/cells/lp_facets.hpp"
#include "complex/faces/faces.hpp"
#include "complex/faces/interior_points.hpp"
#include "network/input_checks.hpp"
#include "network/maps/point_signs.hpp"

using namespace relutope;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Bounds the time of an execution. Integers of thousands of bits, which numbers of very different sizes lead to, are slow.
struct Limits {
    int neurons;
    std::uint64_t cells;
};
Limits limits_for(int kind) { return kind == 0 ? Limits{10, 300} : Limits{5, 25}; }

void require(bool condition, const char* what) {
    if (condition) return;
    std::fprintf(stderr, "broken invariant: %s\n", what);
    std::abort();
}

// Bytes as numbers. After the end come pseudo-random bytes that follow from those before, so that short inputs describe whole
// networks too.
class Reader {
public:
    Reader(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}

    int byte() {
        const std::uint64_t input = left_ ? *data_ + 1u : 0u;
        if (left_) --left_, ++data_;
        state_ = (state_ ^ input) * 0xD6E8FEB86659FD93u + 1;
        state_ ^= state_ >> 32;
        return static_cast<int>(input ? input - 1 : state_ & 255);
    }
    int below(int bound) { return byte() % bound; }

    double bits() {
        std::uint64_t word = 0;
        for (int k = 0; k < 8; ++k) word = word << 8 | static_cast<std::uint64_t>(byte());
        return std::bit_cast<double>(word);
    }

    // kind 0: a small integer, so that hyperplanes meet in special position; 1: one of those that are near to something;
    // 2: any bit pattern; else one of these.
    double number(int kind) {
        switch (kind > 2 ? below(3) : kind) {
            case 0: return below(7) - 3;
            case 1: return nearby();
            default: return bits();
        }
    }

private:
    double nearby() {
        constexpr double limits[] = {0.0, -0.0, 0x1p-1074, 0x1p-1022, 0x1p1023, 0x1p480, 0x1p-500, infinity, -infinity, NAN};
        const int tag = byte();
        if (tag < 32) return limits[tag % std::size(limits)];
        const double base = 1.0 + (tag & 3) * 0x1p-52;
        return std::ldexp(tag & 4 ? -base : base, tag & 8 ? 0 : below(128) - 64);
    }

    const std::uint8_t* data_;
    std::size_t left_;
    std::uint64_t state_ = 0;
};

// Layers whose sizes fit together, but for an entry too many or too few now and then.
std::vector<Layer> read_layers(Reader& in, int kind) {
    std::vector<Layer> layers;
    const int inputs = 1 + in.below(4);
    const int count = 2 + in.below(3);
    const int damaged = in.byte();
    for (int l = 0; l < count; ++l) {
        Layer layer;
        layer.inputs = l == 0 ? inputs : layers.back().outputs;
        layer.outputs = 1 + in.below(limits_for(kind).neurons / (count - 1));
        for (int k = 0; k < layer.inputs * layer.outputs; ++k) layer.weight.push_back(in.number(kind));
        for (int k = 0; k < layer.outputs; ++k) {
            layer.bias.push_back(in.number(kind));
            layer.bias_low.push_back(in.below(4) ? 0.0 : in.number(kind) * 0x1p-60);
        }
        if (l + 1 < count && in.below(4) == 0) layer.linear = in.below(layer.outputs + 2);  // one too many now and then
        layers.push_back(std::move(layer));
    }
    Layer& victim = layers[damaged / 16 % count];
    switch (damaged % 64) {
        case 1: victim.weight.resize(in.below(20)); break;
        case 2: victim.bias.resize(in.below(9)); break;
        case 3: victim.bias_low.resize(in.below(9)); break;
        case 4: victim.inputs = in.below(9) - 1; break;
        case 5: victim.outputs = in.below(9) - 1; break;
        case 6: layers.resize(in.below(2)); break;
    }
    return layers;
}

Domain read_domain(Reader& in, int kind, int dimension) {
    Domain domain;
    for (int k = 0; k < dimension; ++k) {
        const int choice = in.byte();
        domain.lower.push_back(choice & 1 ? -infinity : choice & 2 ? in.number(kind) : -1);
        domain.upper.push_back(choice & 4 ? infinity : choice & 8 ? in.number(kind) : 1);
    }
    for (int rows = in.below(5); rows > 0; --rows) {
        std::vector<double> row;
        for (int k = 0; k <= dimension; ++k) row.push_back(in.number(kind));
        if (in.byte() == 255) row.pop_back();
        domain.halfspaces.push_back(std::move(row));
    }
    if (in.byte() == 255) domain.lower.pop_back();
    return domain;
}

struct Complex {
    CellComplex cells;
    VertexComplex vertices;
};

// Nothing when the search has refused: an empty domain, or more cells than allowed.
std::optional<Complex> decompose(const Network& network, const Domain& domain, std::uint64_t max_cells, int threads) {
    SearchOptions options;
    options.threads = threads;
    options.max_cells = max_cells;
    options.vertices = true;
    options.outputs = true;
    SearchControl control;
    try {
        SearchResult result = search(network, domain, options, control);
        CellComplex cells = assemble(result, network, domain);
        VertexComplex vertices = merge_vertices(result, cells, network);
        return Complex{std::move(cells), std::move(vertices)};
    } catch (const EmptyDomain&) {
    } catch (const TooManyCells&) {
    }
    return std::nullopt;
}

std::optional<CellComplex> decompose_with_lp(const Network& network, const Domain& domain, std::uint64_t max_cells) {
    SearchOptions options;
    options.max_cells = max_cells;
    SearchControl control;
    try {
        return lp_complex(lp_search(network, domain, options, control), network, domain, true, 1, control);
    } catch (const EmptyDomain&) {
    } catch (const TooManyCells&) {
    }
    return std::nullopt;
}

// Bit by bit: a mean of vertices that overflow is NaN.
bool same(const std::vector<double>& a, const std::vector<double>& b) {
    const auto equal = [](double x, double y) { return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y); };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), equal);
}

bool same(const CellComplex& c, const CellComplex& d) {
    return c.patterns == d.patterns && c.facet_begin == d.facet_begin && c.facet_id == d.facet_id &&
           c.facet_neighbour == d.facet_neighbour && c.special_facet == d.special_facet && c.special_begin == d.special_begin &&
           c.special_ids == d.special_ids && c.zero_cell == d.zero_cell && c.zero_neuron == d.zero_neuron;
}

bool same(const Complex& a, const Complex& b) {
    const VertexComplex &v = a.vertices, &w = b.vertices;
    return same(a.cells, b.cells) && v.signs == w.signs && v.cell_begin == w.cell_begin && v.cell_vertices == w.cell_vertices &&
           v.output_rank == w.output_rank && same(v.coordinates, w.coordinates) &&
           same(v.infinite_coordinates, w.infinite_coordinates) && same(v.output, w.output);
}

// The Euler characteristic of what is subdivided, with compact supports: 1 for a bounded domain; for a box, the product over its
// axes, 0 for a half-line and -1 for a line. Not known for an unbounded domain with halfspaces.
std::optional<int> euler_characteristic(const Domain& domain) {
    int product = 1;
    bool bounded = true;
    for (int k = 0; k < domain.dimension(); ++k) {
        const int infinite_ends = std::isinf(domain.lower[k]) + std::isinf(domain.upper[k]);
        product *= 1 - infinite_ends;
        bounded = bounded && infinite_ends == 0;
    }
    if (!bounded && !domain.halfspaces.empty()) return std::nullopt;
    return product;
}

void check_faces(const Complex& complex, const Domain& domain) {
    std::vector<std::uint8_t> infinite_side(domain.num_sides(), 0);
    for (int k = 0; k < domain.dimension(); ++k) {
        infinite_side[2 * k] = std::isinf(domain.lower[k]);
        infinite_side[2 * k + 1] = std::isinf(domain.upper[k]);
    }
    const CellComplex& cells = complex.cells;
    const std::vector<std::int64_t> faces = face_counts(cells, complex.vertices, infinite_side, [] {});
    require(faces.back() == cells.num_cells(), "as many cells as faces of full dimension");
    std::int64_t facets = cells.num_edges();
    for (std::int64_t facet = 0; facet < cells.num_facets(); ++facet)
        if (is_side(cells.facet_id[facet])) facets += !infinite_side[side_of(cells.facet_id[facet])];
    require(faces[faces.size() - 2] == facets, "as many facets as faces of codimension one");
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < faces.size(); ++k) sum += k % 2 ? -faces[k] : faces[k];
    if (const auto expected = euler_characteristic(domain)) require(sum == *expected, "the Euler characteristic");
}

// Points that are proven to be inside have the signs that the pattern says; what vanishes there vanishes on the whole cell.
void check_interiors(const Complex& complex, const Network& network) {
    const CellComplex& cells = complex.cells;
    const VertexComplex& vertices = complex.vertices;
    PointSigns evaluator(network);
    std::vector<std::int8_t> signs(cells.num_neurons);
    const InteriorPoints interior = interior_points(vertices, [] {});
    for (std::int64_t cell = 0; cell < cells.num_cells(); ++cell) {
        if (!interior.inside[cell]) continue;
        evaluator.at({&interior.points[cell * cells.dimension], static_cast<std::size_t>(cells.dimension)}, signs.data());
        for (int neuron = 0; neuron < cells.num_neurons; ++neuron) {
            require((signs[neuron] > 0) == cells.active(cell, neuron), "a cell's interior point has its pattern");
            bool zero = false;
            for (std::size_t k = 0; k < cells.zero_cell.size(); ++k)
                zero = zero || (cells.zero_cell[k] == cell && cells.zero_neuron[k] == neuron);
            require((signs[neuron] == 0) == zero, "what vanishes at an interior point vanishes on the cell");
        }
    }
}

void check_triangulation(const Complex& complex) {
    const Triangulation triangulation = triangulate_cells(complex.cells, complex.vertices, [] {});
    std::vector<char> covered(complex.cells.num_cells(), 0);
    for (const std::int64_t cell : triangulation.owner) covered[cell] = 1;
    for (const char cell : covered) require(cell, "every cell is triangulated");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Reader in(data, size);
    const int kind = std::max(0, in.below(8) - 4);  // mostly integers: they are fast, and degenerate
    std::vector<Layer> layers = read_layers(in, kind);
    try {
        check_layers(layers);
    } catch (const std::invalid_argument&) {
        return 0;
    }
    const Network network(std::move(layers));
    const Domain domain = read_domain(in, kind, network.input_dimension());
    try {
        check_domain(domain, network);
    } catch (const std::invalid_argument&) {
        return 0;
    }
    const std::uint64_t max_cells = limits_for(kind).cells;
    const std::optional<Complex> complex = decompose(network, domain, max_cells, 1);
    const std::optional<Complex> again = decompose(network, domain, max_cells, 3);
    require(complex.has_value() == again.has_value(), "threads agree on whether there is a result");
    const std::optional<CellComplex> by_lp = decompose_with_lp(network, domain, max_cells);
    require(complex.has_value() == by_lp.has_value(), "engines agree on whether there is a result");
    if (!complex) return 0;
    require(same(*complex, *again), "threads agree on the result");
    require(same(complex->cells, *by_lp), "engines agree on the result");
    check_faces(*complex, domain);
    check_interiors(*complex, network);
    check_triangulation(*complex);
    return 0;
}
