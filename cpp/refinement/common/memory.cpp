#include "refinement/common/memory.hpp"

namespace relutope {

std::uint64_t bytes_taken(const CellRecords& cells) {
    const std::uint64_t count = cells.num_cells(), patterns = bytes_of(cells.patterns), facets = bytes_of(cells.facets);
    const std::uint64_t others = bytes_of(cells.special) + bytes_of(cells.special_end) + bytes_of(cells.zero_ids) +
                                 bytes_of(cells.zero_cells) + bytes_of(cells.zero_neurons);
    const std::uint64_t records = patterns + 4 * count + facets + others;
    const std::uint64_t put_together = patterns + 8 * count + 2 * facets + others;
    const std::uint64_t table = 16 * count;  // that finds cells by their patterns
    const std::uint64_t keys = count ? cells.special.size() * (24 + 2 * patterns / count) : 0;  // of special facets
    return records + put_together + table + 2 * keys;
}

std::uint64_t bytes_taken(const VertexRecords& vertices) {
    const std::uint64_t count = vertices.num_vertices(), signs = bytes_of(vertices.signs), outputs = bytes_of(vertices.outputs);
    const std::uint64_t exact = vertices.points.empty() ? 0 : 256 * count;  // of small integers
    const std::uint64_t points = signs + bytes_of(vertices.coordinates) + bytes_of(vertices.infinite_coordinates) + outputs + exact + count;
    const std::uint64_t incidences = bytes_of(vertices.cell_vertices) + bytes_of(vertices.cell_vertex_count);
    const std::uint64_t tables = 2 * 32 * count;                          // that find them by their signs: of a job, and of all
    const std::uint64_t sources = count * (16 + 1 + 4 + 4) + outputs;     // where they are from, and their order
    return 2 * points + signs + 2 * incidences + tables + sources;
}

}  // namespace relutope
