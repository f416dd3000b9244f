#include "complex/cells/cell_complex.hpp"

#include <algorithm>

namespace relutope {

namespace {

template <class T, class U>
void move_to_end(std::vector<T>& target, std::vector<U>& source) {
    target.insert(target.end(), source.begin(), source.end());
    std::vector<U>().swap(source);
}

void reserve(CellComplex& complex, const SearchResult& result, std::uint64_t most_cells) {
    std::size_t cells = 0;
    std::size_t facets = 0;
    for (const JobRecords& job : result.jobs) {
        cells += job.cells.num_cells();
        facets += job.cells.facets.size();
    }
    fitting<CellId>(cells, too_many_cells, most_cells);
    complex.patterns.reserve(cells * complex.pattern_words);
    complex.facet_begin.reserve(cells + 1);
    complex.facet_id.reserve(facets);
}

}  // namespace

CellComplex::CellComplex(const Network& network, const Domain& domain)
    : layout(network, domain), dimension(network.input_dimension()), num_neurons(network.num_neurons()),
      pattern_words(words_for(network.num_neurons())) {
    for (int layer = 0; layer < network.num_hidden(); ++layer) first_neuron.push_back(network.first_neuron(layer));
}

SignBit CellComplex::sign_bit(HyperplaneId id) const {
    if (is_side(id)) return SignBit(side_of(id));
    const auto after = std::upper_bound(first_neuron.begin(), first_neuron.end(), id);
    const int layer = static_cast<int>(after - first_neuron.begin()) - 1;
    SignBit bit(id - first_neuron[layer]);
    bit.word += layout.level(layer + 1).first;
    return bit;
}

std::span<const HyperplaneId> CellComplex::zero_set(std::int64_t facet) const {
    const auto found = std::lower_bound(special_facet.begin(), special_facet.end(), facet);
    if (found == special_facet.end() || *found != facet) return {&facet_id[facet], 1};
    const auto at = found - special_facet.begin();
    return {special_ids.data() + special_begin[at], static_cast<std::size_t>(special_begin[at + 1] - special_begin[at])};
}

std::int64_t CellComplex::num_edges() const {
    return std::count_if(facet_neighbour.begin(), facet_neighbour.end(), [](CellId cell) { return cell >= 0; }) / 2;
}

CellComplex assemble(SearchResult& result, const Network& network, const Domain& domain, std::uint64_t most_cells) {
    CellComplex complex(network, domain);
    complex.counts = result.counts;
    complex.mask_words = result.mask_words;
    complex.complete = result.complete;
    complex.bytes = result.bytes;
    complex.full = result.full;
    complex.open = !result.complete || result.at_boundary;
    complex.simple = !complex.open;
    reserve(complex, result, most_cells);
    complex.facet_begin.push_back(0);
    for (JobRecords& job : result.jobs) {
        CellRecords& cells = job.cells;
        const std::int64_t cell_base = complex.num_cells();
        const std::int64_t facet_base = complex.num_facets();
        const std::int64_t ids_base = static_cast<std::int64_t>(complex.special_ids.size());
        complex.jobs.add(cells.num_cells(), job.done);
        complex.simple = complex.simple && cells.simple;
        for (const std::uint64_t facet : cells.special) complex.special_facet.push_back(facet_base + static_cast<std::int64_t>(facet));
        for (const std::uint64_t end : cells.special_end) complex.special_begin.push_back(ids_base + static_cast<std::int64_t>(end));
        for (const std::uint64_t cell : cells.zero_cells) complex.zero_cell.push_back(cell_base + static_cast<std::int64_t>(cell));
        for (const std::uint32_t count : cells.facet_count) complex.facet_begin.push_back(complex.facet_begin.back() + count);
        move_to_end(complex.patterns, cells.patterns);
        move_to_end(complex.facet_id, cells.facets);
        move_to_end(complex.special_ids, cells.zero_ids);
        move_to_end(complex.zero_neuron, cells.zero_neurons);
        cells = CellRecords{};
    }
    if (complex.complete) link(complex);
    return complex;
}

std::vector<Edge> edges(const CellComplex& complex) {
    if (complex.facet_neighbour.size() != complex.facet_id.size()) throw std::logic_error("internal error: the cells are not linked");
    std::vector<Edge> result;
    result.reserve(static_cast<std::size_t>(complex.num_edges()));
    for_each_edge(complex.facet_begin, complex.facet_neighbour, [&](CellId i, CellId j, std::int64_t facet) { result.push_back({i, j, facet}); });
    return result;
}

}  // namespace relutope
