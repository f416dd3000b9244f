// What the jobs of a search have found, out of flat arrays. See cell_complex.hpp.
#include <algorithm>
#include <numeric>

#include "complex/cells/cell_complex.hpp"

namespace relutope {

namespace {

void check_that(bool holds, const char* what) {
    if (!holds) throw UnfitProgress(what);
}

template <class T>
bool within(const std::vector<T>& values, std::int64_t low, std::int64_t end) {
    return std::all_of(values.begin(), values.end(), [&](T value) { return value >= low && value < end; });
}

bool partitions(const std::vector<std::int64_t>& begin, std::size_t parts, std::size_t total) {
    return begin.size() == parts + 1 && begin.front() == 0 && begin.back() == static_cast<std::int64_t>(total) &&
           std::is_sorted(begin.begin(), begin.end());
}

void check(const CellComplex& complex) {
    check_that(!complex.facet_begin.empty(), "facet_begin is empty");
    const auto cells = static_cast<std::size_t>(complex.num_cells());
    const std::int64_t sides = complex.layout.level(0).count;
    check_that(complex.jobs.cells.size() == complex.jobs.done.size(), "the parts of the search have not one state each");
    std::uint64_t left = cells;
    for (const std::uint64_t count : complex.jobs.cells) {
        check_that(count <= left, "the parts of the search have more cells than there are");
        left -= count;
    }
    check_that(left == 0, "the parts of the search have fewer cells than there are");
    check_that(complex.patterns.size() == cells * static_cast<std::size_t>(complex.pattern_words), "patterns are not one a cell");
    check_that(partitions(complex.facet_begin, cells, complex.facet_id.size()), "facet_begin does not divide the facets among the cells");
    check_that(within(complex.facet_id, -sides, complex.num_neurons), "facet_id names forms that do not exist");
    check_that(within(complex.special_facet, 0, complex.num_facets()) && std::is_sorted(complex.special_facet.begin(), complex.special_facet.end()),
            "special_facet does not name facets in increasing order");
    check_that(partitions(complex.special_begin, complex.special_facet.size(), complex.special_ids.size()),
            "special_begin does not divide special_ids among the facets");
    check_that(within(complex.special_ids, -sides, complex.num_neurons), "special_ids names forms that do not exist");
    check_that(complex.zero_cell.size() == complex.zero_neuron.size() && within(complex.zero_cell, 0, complex.num_cells()) &&
                std::is_sorted(complex.zero_cell.begin(), complex.zero_cell.end()) && within(complex.zero_neuron, 0, complex.num_neurons),
            "zero_cell or zero_neuron names what does not exist");
}

// Takes entries one after another.
struct Place {
    std::size_t facet = 0, special = 0, id = 0, zero = 0;
    std::int64_t cell = 0;
};

CellRecords take(const CellComplex& complex, std::int64_t count, Place& at) {
    CellRecords records;
    const std::int64_t end = at.cell + count;
    const auto facet_end = static_cast<std::size_t>(complex.facet_begin[end]);
    records.patterns.assign(complex.pattern(at.cell), complex.pattern(end));
    for (std::int64_t cell = at.cell; cell < end; ++cell)
        records.facet_count.push_back(static_cast<std::uint32_t>(complex.facet_begin[cell + 1] - complex.facet_begin[cell]));
    records.facets.assign(complex.facet_id.data() + at.facet, complex.facet_id.data() + facet_end);
    const std::size_t first_id = at.id;
    for (; at.special < complex.special_facet.size() && complex.special_facet[at.special] < complex.facet_begin[end]; ++at.special) {
        at.id = static_cast<std::size_t>(complex.special_begin[at.special + 1]);
        records.special.push_back(static_cast<std::size_t>(complex.special_facet[at.special]) - at.facet);
        records.special_end.push_back(at.id - first_id);
    }
    records.zero_ids.assign(complex.special_ids.data() + first_id, complex.special_ids.data() + at.id);
    for (; at.zero < complex.zero_cell.size() && complex.zero_cell[at.zero] < end; ++at.zero) {
        records.zero_cells.push_back(static_cast<std::uint64_t>(complex.zero_cell[at.zero] - at.cell));
        records.zero_neurons.push_back(complex.zero_neuron[at.zero]);
    }
    at.facet = facet_end;
    at.cell = end;
    return records;
}

}  // namespace

SearchResult disassemble(const CellComplex& complex) {
    check(complex);
    SearchResult result;
    Place at;
    for (std::size_t job = 0; job < complex.jobs.size(); ++job) {
        JobRecords records;
        records.cells = take(complex, static_cast<std::int64_t>(complex.jobs.cells[job]), at);
        records.done = complex.jobs.done[job];
        records.cells.simple = complex.simple;
        result.jobs.push_back(std::move(records));
    }
    return result;
}

}  // namespace relutope
