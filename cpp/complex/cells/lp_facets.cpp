#include "complex/cells/lp_facets.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <numeric>

#include "complex/cells/facet_finder.hpp"
#include "complex/cells/pattern_table.hpp"
#include "refinement/common/job_pool.hpp"

namespace relutope {

namespace {

// Cells of one piece of work; a constant, so that results do not depend on the threads.
constexpr std::int64_t chunk_size = 1024;
// Of a facet on which several neurons vanish, while facets are linked; about.
constexpr std::uint64_t special_key_bytes = 64;

// One facet of one cell, before they are put in order.
struct Entry {
    HyperplaneId id;
    const std::vector<HyperplaneId>* zeros;  // empty: the neuron alone
};

void collect(CellComplex& complex, std::int64_t num_cells, const RepeatedRows& repeated, const std::vector<FoundFacets>& found) {
    complex.facet_begin.assign(num_cells + 1, 0);
    for (const FoundFacets& chunk : found) {
        for (const PlainFacet& facet : chunk.plain) {
            ++complex.facet_begin[facet.first + 1];
            ++complex.facet_begin[facet.second + 1];
        }
        for (const SpecialFacet& facet : chunk.special) ++complex.facet_begin[facet.cell + 1];
    }
    std::partial_sum(complex.facet_begin.begin(), complex.facet_begin.end(), complex.facet_begin.begin());
    std::vector<Entry> entries(complex.facet_begin.back());
    std::vector<std::int64_t> next(complex.facet_begin.begin(), complex.facet_begin.end() - 1);
    for (const FoundFacets& chunk : found) {
        for (const PlainFacet& facet : chunk.plain)
            for (const CellId cell : {facet.first, facet.second}) entries[next[cell]++] = {facet.neuron, &repeated.group(facet.neuron)};
        for (const SpecialFacet& facet : chunk.special) entries[next[facet.cell]++] = {facet.name, &facet.zeros};
    }
    complex.facet_id.reserve(entries.size());
    for (std::int64_t cell = 0; cell < num_cells; ++cell) {
        const auto begin = entries.begin() + complex.facet_begin[cell], end = entries.begin() + complex.facet_begin[cell + 1];
        std::sort(begin, end, [](const Entry& a, const Entry& b) { return a.id < b.id; });
        for (auto entry = begin; entry != end; ++entry) {
            complex.facet_id.push_back(entry->id);
            if (entry->zeros->size() <= 1) continue;
            complex.special_facet.push_back(complex.num_facets() - 1);
            complex.special_ids.insert(complex.special_ids.end(), entry->zeros->begin(), entry->zeros->end());
            complex.special_begin.push_back(static_cast<std::int64_t>(complex.special_ids.size()));
        }
    }
}

// What facets take while they are found, put in order and linked.
std::uint64_t bytes_taken(const FoundFacets& found) {
    constexpr std::uint64_t in_order = sizeof(Entry) + sizeof(HyperplaneId);
    std::uint64_t bytes = 2 * found.plain.size() * (sizeof(PlainFacet) + in_order);  // arrays that have doubled; two facets each
    for (const SpecialFacet& facet : found.special) bytes += 2 * (sizeof(facet) + 2 * bytes_of(facet.zeros) + special_key_bytes) + in_order;
    return bytes;
}

// The patterns with zeros for neurons that are copies, whose bits say nothing new; empty when there are none.
std::vector<std::uint64_t> without_copies(const std::vector<std::uint64_t>& patterns, const Network& network, const RepeatedRows& repeated) {
    if (!repeated.any()) return {};
    std::vector<std::uint64_t> kept(words_for(network.num_neurons()));
    for (int neuron = 0; neuron < network.num_neurons(); ++neuron)
        if (repeated.original(neuron) == neuron) kept[neuron >> 6] |= std::uint64_t{1} << (neuron & 63);
    std::vector<std::uint64_t> result = patterns;
    for (std::size_t i = 0; i < result.size(); ++i) result[i] &= kept[i % kept.size()];
    return result;
}

}  // namespace

CellComplex lp_complex(const LpCells& result, const Network& network, const Domain& domain, bool sides, int threads,
                       SearchControl& control, std::uint64_t most_cells, const MemoryLimit& memory) {
    const LpRecords& cells = result.cells;
    const Problem problem(network, domain);
    const int words = words_for(network.num_neurons());
    const auto num_cells = static_cast<std::int64_t>(cells.num_cells());
    fitting<CellId>(cells.num_cells(), too_many_cells, most_cells);
    const std::vector<std::uint64_t> originals = without_copies(cells.patterns, network, problem.repeated);
    const PatternTable table(originals.empty() ? cells.patterns.data() : originals.data(), words, num_cells);
    std::vector<FoundFacets> found((num_cells + chunk_size - 1) / chunk_size);
    control.bytes = bytes_at_first + static_cast<std::uint64_t>(threads) * bytes_of_thread + bytes_taken(cells) + bytes_of(originals) +
                    bytes_of(found) + cells.count * words * sizeof(std::uint64_t);
    memory.check(control.bytes, 0, 1);
    std::atomic<std::size_t> chunks_done{0};
    struct Worker {
        std::unique_ptr<FacetFinder> finder;
        std::int64_t num_cells;
        std::vector<FoundFacets>& found;
        const MemoryLimit& memory;
        SearchControl& control;
        std::atomic<std::size_t>& chunks_done;

        void operator()(std::size_t chunk) {
            const std::int64_t first = static_cast<std::int64_t>(chunk) * chunk_size;
            finder->run(first, std::min(first + chunk_size, num_cells), found[chunk]);
            const std::uint64_t bytes = control.bytes += bytes_taken(found[chunk]);
            memory.check(bytes, ++chunks_done, found.size());
        }
    };
    ProgramCounts programs = result.programs;
    const int refused = for_each_job(
        found.size(), threads,
        [&] {
            return Worker{std::make_unique<FacetFinder>(cells, table, problem, sides, control), num_cells, found, memory, control, chunks_done};
        },
        [&](const Worker& worker) { programs.add(worker.finder->programs()); });
    CellComplex complex(network, domain);
    complex.programs = programs;
    complex.patterns = cells.patterns;
    complex.zero_cell.assign(cells.zero_cells.begin(), cells.zero_cells.end());
    complex.zero_neuron = cells.zero_neurons;
    complex.counts = result.counts;
    complex.mask_words = 0;
    complex.bytes = control.bytes;
    complex.counts.threads_not_started = std::max<std::uint64_t>(complex.counts.threads_not_started, refused);
    collect(complex, num_cells, problem.repeated, found);
    link(complex);
    return complex;
}

}  // namespace relutope
