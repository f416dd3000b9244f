// Vertices of a simple complex: signs and coordinates. See vertex_complex.hpp.
#include <algorithm>
#include <span>

#include "complex/faces/cell_forms.hpp"
#include "complex/faces/vertex_complex.hpp"
#include "refinement/common/job_pool.hpp"

namespace relutope {

namespace {

constexpr std::size_t chunk = 1024;  // vertices in a piece of work

class Placer {
public:
    Placer(const SimpleVertices& found, const CellComplex& cells, const Network& network, const Domain& domain, VertexComplex& complex)
        : found_(found), cells_(cells), network_(network), complex_(complex), n_(static_cast<std::size_t>(cells.dimension)), forms_(cells, network, domain),
          signs_(2 * static_cast<std::size_t>(complex.sign_words)) {}

    // Whether the vertex is at infinity.
    bool operator()(std::size_t vertex) {
        if (found_.first_cell[vertex] != forms_.cell()) enter(found_.first_cell[vertex]);
        const std::span<const HyperplaneId> facets{found_.facets.data() + vertex * n_, n_};
        place_signs(vertex, facets);
        double* point = complex_.coordinates.data() + vertex * n_;
        const bool at_infinity = forms_.meet_at_infinity(facets);
        if (!at_infinity && forms_.round(facets, point)) return false;
        const auto exact = forms_.solve(facets);
        if (!exact) throw std::logic_error("internal error: the hyperplanes of a vertex do not meet in a point");
        for (std::size_t k = 0; k < n_; ++k) {
            point[k] = exact::nearest_double(exact->finite[k], exact->denominator);
            if (!exact->infinite.empty())
                complex_.infinite_coordinates[vertex * n_ + k] = exact::nearest_double(exact->infinite[k], exact->denominator);
        }
        return at_infinity;
    }

private:
    // The signs inside a cell.
    void enter(CellId cell) {
        forms_.enter(cell);
        std::fill(signs_.begin(), signs_.end(), 0);
        const std::vector<std::uint64_t>& used = cells_.layout.used();
        std::copy_n(used.begin(), cells_.layout.level(0).words, signs_.begin());
        for (int layer = 0; layer < network_.num_hidden(); ++layer) {
            const LevelWords& level = cells_.layout.level(layer + 1);
            for (int k = 0; k < level.words; ++k) {
                const std::uint64_t active = forms_.active(layer)[k], neurons = used[level.first + k];
                signs_[level.first + k] = active & neurons;
                signs_[complex_.sign_words + level.first + k] = ~active & neurons;
            }
        }
    }

    // At a vertex of the cell all forms have the same ones, but those of its facets, which vanish.
    void place_signs(std::size_t vertex, std::span<const HyperplaneId> facets) {
        std::uint64_t* target = complex_.signs.data() + vertex * signs_.size();
        std::copy(signs_.begin(), signs_.end(), target);
        for (const HyperplaneId id : facets) {
            const SignBit bit = cells_.sign_bit(id);
            target[bit.word] &= ~bit.bit;
            target[complex_.sign_words + bit.word] &= ~bit.bit;
        }
    }

    const SimpleVertices& found_;
    const CellComplex& cells_;
    const Network& network_;
    VertexComplex& complex_;
    const std::size_t n_;
    CellForms forms_;
    std::vector<std::uint64_t> signs_;  // at points inside the cell
};

}  // namespace

VertexComplex place_vertices(const SimpleVertices& found, const CellComplex& cells, const Network& network, const Domain& domain,
                             int threads, const std::atomic<bool>& stop) {
    VertexComplex complex;
    const std::size_t count = found.size();
    const auto n = static_cast<std::size_t>(cells.dimension);
    complex.dimension = cells.dimension;
    complex.sign_words = cells.layout.total_words();
    complex.num_vertices = static_cast<std::int64_t>(count);
    complex.signs.resize(count * 2 * complex.sign_words);
    complex.coordinates.resize(count * n);
    bool infinite = false;
    for (int side = 0; side < domain.num_sides(); ++side) infinite = infinite || domain.is_at_infinity(side);
    if (infinite) complex.infinite_coordinates.resize(count * n);
    std::vector<std::uint8_t> at_infinity(count);
    const auto worker = [&] {
        return [&, placer = Placer(found, cells, network, domain, complex)](std::size_t job) mutable {
            const std::size_t end = std::min(count, (job + 1) * chunk);
            for (std::size_t vertex = job * chunk; vertex < end; ++vertex) {
                if (stop.load(std::memory_order_relaxed)) throw Stopped();
                at_infinity[vertex] = placer(vertex);
            }
        };
    };
    for_each_job((count + chunk - 1) / chunk, threads, worker, [](const auto&) {});
    complex.num_finite = std::count(at_infinity.begin(), at_infinity.end(), 0);
    complex.cell_begin = found.cell_begin;
    complex.cell_vertices = found.cell_vertices;
    number_vertices(complex, at_infinity);
    return complex;
}

}  // namespace relutope
