// The vertices of a complex, each listed once, and which cells they belong to.
//
// They are numbered in the order of the first cells that they belong to, within a cell in that of their sign words, and those at infinity
// after all others: however they were found.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <vector>

#include "complex/cells/cell_complex.hpp"
#include "complex/faces/simple_vertices.hpp"

namespace relutope {

struct VertexComplex {
    int dimension = 0;
    int num_outputs = 0;
    int sign_words = 0;                       // words of positive signs; as many of negative ones follow
    std::int64_t num_vertices = 0;
    std::int64_t num_finite = 0;              // vertices at infinity come last
    std::vector<std::uint64_t> signs;         // num_vertices x 2 sign_words, see SignLayout
    std::vector<double> coordinates;          // num_vertices x dimension
    std::vector<double> infinite_coordinates; // the same, coefficients of R; empty for a bounded domain
    std::vector<std::int64_t> cell_begin;     // num_cells + 1
    std::vector<std::int32_t> cell_vertices;  // increasing within a cell
    // Outputs at the vertices (num_vertices x num_outputs) when asked for: rounded to nearest, +-inf where the R part decides,
    // and the rank of the exact value among those of the same output (equal exactly when equal).
    std::vector<double> output;
    std::vector<std::int64_t> output_rank;
    std::vector<exact::Point> points;         // exact coordinates when asked for

    bool positive(std::int64_t vertex, SignBit bit) const { return signs[vertex * 2 * sign_words + bit.word] & bit.bit; }
    bool negative(std::int64_t vertex, SignBit bit) const { return signs[(vertex * 2 + 1) * sign_words + bit.word] & bit.bit; }
    bool zero(std::int64_t vertex, SignBit bit) const { return !positive(vertex, bit) && !negative(vertex, bit); }
};

// Merges the jobs' vertices by sign vector (a sign vector names one face). Consumes the vertex records.
// Throws TooLarge when there are more than `most_vertices`.
VertexComplex merge_vertices(SearchResult& result, const CellComplex& cells, const Network& network,
                             std::uint64_t most_vertices = std::numeric_limits<std::int32_t>::max());

// The vertices of a simple complex: their signs follow from the patterns, only the coordinates are computed.
// Throws Stopped when `stop` is set.
VertexComplex place_vertices(const SimpleVertices& found, const CellComplex& cells, const Network& network, const Domain& domain,
                             int threads, const std::atomic<bool>& stop);

// Numbers the vertices as it is said above. REQUIRES: they are numbered in the order of the first cells they belong to.
void number_vertices(VertexComplex& complex, const std::vector<std::uint8_t>& at_infinity);

}  // namespace relutope
