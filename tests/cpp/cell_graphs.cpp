#include "cell_graphs.hpp"

#include <algorithm>

#include "complex/cells/lp_facets.hpp"

namespace relutope::testing {

CellGraph cell_graph(const Network& network, const Domain& domain) {
    SearchControl control;
    const LpCells found = lp_search(network, domain, {}, control);
    const CellComplex complex = lp_complex(found, network, domain, false, 1, control);
    CellGraph graph;
    const int n = domain.dimension(), words = words_for(network.num_neurons());
    for (std::int64_t cell = 0; cell < complex.num_cells(); ++cell) {
        graph.patterns.emplace_back(complex.pattern(cell), complex.pattern(cell) + words);
        graph.index[graph.patterns.back()] = static_cast<int>(cell);
        const double* x = found.cells.inside.data() + cell * n;
        const auto& exact = found.cells.exact_cell;
        const bool is_double = std::find(exact.begin(), exact.end(), static_cast<std::uint64_t>(cell)) == exact.end();
        graph.inside.emplace_back(x, is_double ? x + n : x);
        CellFacetMap& facets = graph.facets.emplace_back();
        for (std::int64_t facet = complex.facet_begin[cell]; facet < complex.facet_begin[cell + 1]; ++facet) {
            if (complex.facet_neighbour[facet] == no_cell) continue;
            std::vector<HyperplaneId> zeros;
            for (const HyperplaneId id : complex.zero_set(facet))
                if (!is_side(id)) zeros.push_back(id);
            facets[zeros] = complex.facet_neighbour[facet];
        }
    }
    return graph;
}

std::string word_of(const Network& network, const std::vector<std::uint64_t>& pattern) {
    std::string word;
    for (int i = 0; i < network.num_neurons(); ++i) word += pattern[i / 64] >> i % 64 & 1 ? '1' : '0';
    return word;
}

std::vector<std::uint64_t> pattern_of(const std::string& word) {
    std::vector<std::uint64_t> pattern(words_for(static_cast<int>(word.size())));
    for (std::size_t i = 0; i < word.size(); ++i)
        if (word[i] == '1') pattern[i / 64] |= std::uint64_t{1} << i % 64;
    return pattern;
}

std::vector<double> first_units(const Network& network, const std::vector<double>& x) {
    const Layer& layer = network.layer(0);
    std::vector<double> units;
    for (int i = 0; i < layer.outputs; ++i) {
        double sum = layer.bias[i];
        for (int k = 0; k < layer.inputs; ++k) sum += layer.weight[i * layer.inputs + k] * x[k];
        units.push_back(sum);
    }
    return units;
}

bool independent_first_layer(const Network& network) {
    const Layer& layer = network.layer(0);
    std::vector<std::vector<Rational>> rows;
    for (int i = 0; i < layer.outputs; ++i)
        rows.push_back(rationals({layer.weight.begin() + i * layer.inputs, layer.weight.begin() + (i + 1) * layer.inputs}));
    return rank(rows) == layer.outputs;
}

}  // namespace relutope::testing
