#include <doctest/doctest.h>

#include <functional>

#include "complexes.hpp"
#include "refinement/lp/lp_search.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

// What a search would have left that was stopped after `count` cells of job `job`, with the jobs before done.
SearchResult stopped(const SearchResult& whole, std::size_t job, std::size_t count, int words) {
    SearchResult part = whole;
    for (std::size_t j = job; j < part.jobs.size(); ++j) {
        CellRecords& cells = part.jobs[j].cells;
        const std::size_t kept = j == job ? count : 0;
        cells.patterns.resize(kept * words);
        cells.facet_count.resize(kept);
        std::size_t facets = 0;
        for (const std::uint32_t n : cells.facet_count) facets += n;
        cells.facets.resize(facets);
        while (!cells.special.empty() && cells.special.back() >= facets) {
            cells.special.pop_back();
            cells.special_end.pop_back();
        }
        cells.zero_ids.resize(cells.special_end.empty() ? 0 : cells.special_end.back());
        while (!cells.zero_cells.empty() && cells.zero_cells.back() >= kept) {
            cells.zero_cells.pop_back();
            cells.zero_neurons.pop_back();
        }
        part.jobs[j].done = false;
    }
    return part;
}

LpCells stopped(const LpCells& whole, std::size_t job, std::size_t count, int words, int dimension) {
    LpCells part = whole;
    std::uint64_t kept = count;
    for (std::size_t j = 0; j < job; ++j) kept += part.jobs.cells[j];
    for (std::size_t j = job; j < part.jobs.size(); ++j) {
        part.jobs.cells[j] = j == job ? count : 0;
        part.jobs.done[j] = false;
    }
    LpRecords& cells = part.cells;
    cells.count = kept;
    cells.patterns.resize(kept * words);
    cells.inside.resize(kept * dimension);
    while (!cells.exact_cell.empty() && cells.exact_cell.back() >= kept) {
        cells.exact_cell.pop_back();
        cells.exact_inside.pop_back();
    }
    while (!cells.zero_cells.empty() && cells.zero_cells.back() >= kept) {
        cells.zero_cells.pop_back();
        cells.zero_neurons.pop_back();
    }
    return part;
}

bool same(const LpRecords& a, const LpRecords& b) {
    const bool points = a.exact_cell == b.exact_cell && a.exact_inside.size() == b.exact_inside.size() &&
                        std::equal(a.exact_inside.begin(), a.exact_inside.end(), b.exact_inside.begin(), [](const auto& x, const auto& y) {
                            return x.finite == y.finite && x.denominator == y.denominator;
                        });
    return points && a.num_cells() == b.num_cells() && a.patterns == b.patterns && a.inside == b.inside && a.zero_cells == b.zero_cells &&
           a.zero_neurons == b.zero_neurons;
}

std::vector<Network> networks() {
    Random random(97);
    std::vector<Network> all{random_network(random, {2, 7, 6, 1}),     random_network(random, {1, 9, 7, 1}),
                             random_network(random, {3, 6, 5, 1}),     integer_network(random, {2, 7, 5, 4, 1}, 2),
                             integer_network(random, {3, 6, 4, 1}, 1), integer_network(random, {4, 6, 1}, 1)};
    // Copies, opposites, a zero row, and neurons that vanish on whole cells.
    all.push_back(network_of({{{1, 0, 0}, {2, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, 0, 0}, {1, 1, -1}}, {{1, 0, 0, -1, 0, 0, 0}, {0, 1, -1, 0, 0, 0, 0}}}));
    return all;
}

std::vector<Domain> domains(int dimension) { return {box(dimension, -1, 1), whole_space(dimension)}; }

}  // namespace

TEST_SUITE_BEGIN("resumed_search");

TEST_CASE("the vertex engine goes on from any cell and gives the same records") {
    for (const Network& network : networks()) {
        const int words = words_for(network.num_neurons());
        for (const Domain& domain : domains(network.input_dimension())) {
            const SearchResult whole = run(network, domain);
            for (std::size_t job = 0; job < whole.jobs.size(); ++job) {
                CHECK(whole.jobs[job].done);
                for (std::size_t count = 0; count <= whole.jobs[job].cells.num_cells(); ++count) {
                    const SearchResult part = stopped(whole, job, count, words);
                    SearchControl control;
                    const SearchResult again = search(network, domain, {}, control, &part);
                    CHECK(same_records(whole, again));
                    CHECK(again.complete);
                    CHECK(control.jobs_done == whole.jobs.size());
                }
            }
        }
    }
}

TEST_CASE("the LP engine goes on from any cell and gives the same records") {
    for (const Network& network : networks()) {
        const int words = words_for(network.num_neurons());
        for (const Domain& domain : domains(network.input_dimension())) {
            SearchControl first;
            const LpCells whole = lp_search(network, domain, {}, first);
            for (std::size_t job = 0; job < whole.jobs.size(); ++job)
                for (std::size_t count = 0; count <= whole.jobs.cells[job]; ++count) {
                    const LpCells part = stopped(whole, job, count, words, domain.dimension());
                    SearchControl control;
                    const LpCells again = lp_search(network, domain, {}, control, &part);
                    CHECK(same(whole.cells, again.cells));
                    CHECK(again.complete);
                    CHECK(again.jobs.cells == whole.jobs.cells);
                }
        }
    }
}

TEST_CASE("max_cells counts the cells found before") {
    const Network network = networks().front();
    const Domain domain = box(2, -1, 1);
    const SearchResult whole = run(network, domain);
    const auto cells = static_cast<std::uint64_t>(cells_of(network, domain).num_cells());
    const SearchResult part = stopped(whole, whole.jobs.size() - 1, 0, words_for(network.num_neurons()));
    SearchOptions options;
    options.max_cells = cells - 1;
    SearchControl control;
    CHECK_THROWS_AS(search(network, domain, options, control, &part), TooManyCells);
    options.max_cells = cells;
    CHECK_NOTHROW(search(network, domain, options, control, &part));
}

TEST_CASE("what is put together is taken apart again") {
    for (const Network& network : networks())
        for (const Domain& domain : domains(network.input_dimension())) {
            const SearchResult whole = run(network, domain);
            SearchResult copy = whole;
            CHECK(same_records(disassemble(assemble(copy, network, domain)), whole));
        }
}

TEST_CASE("arrays that do not fit together are refused") {
    const Network network = networks().back();
    const Domain domain = box(2, -1, 1);
    SearchResult found = run(network, domain);
    const CellComplex good = assemble(found, network, domain);
    CHECK_NOTHROW(disassemble(good));
    const std::vector<std::function<void(CellComplex&)>> faults{
        [](CellComplex& c) { c.jobs.cells.front() += 1; },
        [](CellComplex& c) { c.jobs.cells.back() = UINT64_MAX; },
        [](CellComplex& c) { c.jobs.done.pop_back(); },
        [](CellComplex& c) { c.patterns.pop_back(); },
        [](CellComplex& c) { c.facet_begin.clear(); },
        [](CellComplex& c) { std::swap(c.facet_begin[1], c.facet_begin[2]); },
        [](CellComplex& c) { c.facet_begin.back() += 1; },
        [](CellComplex& c) { c.facet_id.front() = c.num_neurons; },
        [](CellComplex& c) { c.facet_id.front() = -1000; },
        [](CellComplex& c) { std::swap(c.special_facet.front(), c.special_facet.back()); },
        [](CellComplex& c) { c.special_facet.back() = c.num_facets(); },
        [](CellComplex& c) { c.special_begin.back() += 1; },
        [](CellComplex& c) { c.special_begin.pop_back(); },
        [](CellComplex& c) { c.special_ids.front() = -1000; },
        [](CellComplex& c) { c.zero_cell.front() = c.num_cells(); },
        [](CellComplex& c) { c.zero_neuron.front() = -1; },
        [](CellComplex& c) { c.zero_neuron.pop_back(); },
    };
    for (std::size_t k = 0; k < faults.size(); ++k) {
        CAPTURE(k);
        CellComplex bad = good;
        faults[k](bad);
        CHECK_THROWS_AS(disassemble(bad), UnfitProgress);
    }
    SearchResult another = disassemble(good);
    another.jobs.pop_back();
    SearchControl control;
    CHECK_THROWS_AS(search(network, domain, {}, control, &another), UnfitProgress);
}

TEST_SUITE_END();
