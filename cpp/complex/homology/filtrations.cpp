#include "complex/homology/filtrations.hpp"

#include <algorithm>
#include <limits>

namespace relutope {

Steps steps_by_vertices(const FaceLattice& lattice, const std::vector<std::int32_t>& step_of_vertex) {
    Steps steps;
    for (const FaceLevel& level : lattice.level) {
        std::vector<std::int32_t>& entered = steps.emplace_back(level.size());
        for (std::int64_t face = 0; face < level.size(); ++face) {
            std::int32_t last = -1;
            for (std::int64_t k = level.vertex_begin[face]; k < level.vertex_begin[face + 1]; ++k)
                last = std::max(last, step_of_vertex[level.vertices[k]]);
            entered[face] = last;
        }
    }
    return steps;
}

Steps steps_by_cells(const FaceLattice& lattice, const std::vector<std::int32_t>& step_of_cell) {
    Steps steps;
    for (const FaceLevel& level : lattice.level) {
        std::vector<std::int32_t>& entered = steps.emplace_back(level.size(), std::numeric_limits<std::int32_t>::max());
        for (std::size_t cell = 0; cell < step_of_cell.size(); ++cell)
            for (std::int64_t k = level.cell_begin[cell]; k < level.cell_begin[cell + 1]; ++k)
                entered[level.cell_faces[k]] = std::min(entered[level.cell_faces[k]], step_of_cell[cell]);
    }
    return steps;
}

Steps full_faces(const FaceLattice& lattice, const std::vector<std::uint8_t>& inside) {
    const auto count = static_cast<std::size_t>(lattice.level.front().size());
    Steps steps;
    for (const FaceLevel& level : lattice.level) steps.emplace_back(level.size(), -1);
    for (std::size_t first = 0; first < inside.size(); first += count) {
        std::vector<std::int32_t> step_of_vertex(count);  // 1 outside: a face with such a vertex is not in the set
        for (std::size_t v = 0; v < count; ++v) step_of_vertex[v] = inside[first + v] ? 0 : 1;
        const Steps one = steps_by_vertices(lattice, step_of_vertex);
        for (std::size_t k = 0; k < steps.size(); ++k)
            for (std::size_t face = 0; face < steps[k].size(); ++face)
                if (one[k][face] == 0) steps[k][face] = 0;
    }
    return steps;
}

void drop_infinite(const FaceLattice& lattice, Steps& steps) {
    for (std::size_t k = 0; k < steps.size(); ++k)
        std::fill(steps[k].begin() + lattice.level[k].num_proper, steps[k].end(), -1);
}

}  // namespace relutope
