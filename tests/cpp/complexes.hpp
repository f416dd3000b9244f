// Decomposing a network for a test, and checking what must hold for every complex.
#pragma once

#include <string>
#include <vector>

#include "complex/cells/cell_complex.hpp"
#include "complex/faces/vertex_complex.hpp"
#include "networks.hpp"

namespace relutope::testing {

SearchResult run(const Network& network, const Domain& domain, const SearchOptions& options = {});
CellComplex cells_of(const Network& network, const Domain& domain, int threads = 1);
// Without making them.
std::uint64_t count_of(const Network& network, const Domain& domain, int threads = 1);
VertexComplex vertices_of(const Network& network, const Domain& domain, const CellComplex& cells, bool outputs = false);

// Patterns as words of 0 and 1, in the order of the cells.
std::vector<std::string> patterns(const CellComplex& cells);
// f-vector without faces at infinity.
std::vector<std::int64_t> f_vector(const CellComplex& cells, const VertexComplex& vertices, const Domain& domain);
int euler_characteristic(const std::vector<std::int64_t>& f_vector);
// n! times the volume of the cells of a bounded complex, from their triangulations, exactly.
Rational total_volume(const CellComplex& cells, const VertexComplex& vertices);

// Decomposes and checks, exactly and with nothing of the core but its records:
//  * patterns increase; neighbours are mutual and differ in neurons that vanish on the shared facet only;
//  * the signs of every vertex are those of the network there, and no vertex of a cell contradicts its pattern;
//  * a point inside every bounded cell has the cell's pattern;
//  * the Euler characteristic is that of a ball (bounded) or (-1)^n (R^n);
//  * the cells' volumes add up to `volume` where that is known (positive);
//  * two threads give the same records as one;
//  * there are as many cells as are counted without making them.
CellComplex check_complex(const Network& network, const Domain& domain, const Rational& volume = -1);

// Equality of everything that is recorded.
bool same_records(const SearchResult& a, const SearchResult& b);
bool same_counts(const SearchCounts& a, const SearchCounts& b);

}  // namespace relutope::testing
