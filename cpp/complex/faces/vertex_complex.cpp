#include "complex/faces/vertex_complex.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "refinement/common/row_table.hpp"

namespace relutope {

namespace {

template <class T>
void permute_rows(std::vector<T>& rows, const std::vector<std::int32_t>& order) {
    if (rows.empty()) return;
    const std::size_t width = rows.size() / order.size();
    std::vector<T> permuted;
    permuted.reserve(rows.size());
    for (const std::int32_t row : order) {
        const auto first = rows.begin() + static_cast<std::ptrdiff_t>(row * width);
        permuted.insert(permuted.end(), std::make_move_iterator(first), std::make_move_iterator(first + static_cast<std::ptrdiff_t>(width)));
    }
    rows = std::move(permuted);
}

// sign(a - b), exactly.
int compare(const ExactValue& a, const ExactValue& b) {
    const exact::Integer infinite = a.numerator.infinite * b.denominator - b.numerator.infinite * a.denominator;
    if (!infinite.is_zero()) return infinite.sign();
    return exact::Integer(a.numerator.finite * b.denominator - b.numerator.finite * a.denominator).sign();
}

double rounded(const ExactValue& value, int exponent) {
    if (const int sign = value.numerator.infinite.sign()) return sign * HUGE_VAL;
    const exact::Integer one = 1;
    const exact::Integer& x = value.numerator.finite;
    return exponent >= 0 ? exact::nearest_double(x << exponent, value.denominator)
                         : exact::nearest_double(x, value.denominator * (one << -exponent));
}

void rank_outputs(VertexComplex& complex, const std::vector<const ExactValue*>& exact, int output) {
    const int stride = complex.num_outputs;
    std::vector<std::int64_t> order(exact.size());
    std::iota(order.begin(), order.end(), 0);
    const auto value = [&](std::int64_t v) { return complex.output[v * stride + output]; };
    std::sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
        if (value(a) != value(b)) return value(a) < value(b);  // rounding is monotone
        const int order_of = compare(*exact[a], *exact[b]);
        return order_of ? order_of < 0 : a < b;
    });
    std::int64_t rank = 0;
    for (std::size_t k = 0; k < order.size(); ++k) {
        if (k && (value(order[k]) != value(order[k - 1]) || compare(*exact[order[k]], *exact[order[k - 1]]))) ++rank;
        complex.output_rank[order[k] * stride + output] = rank;
    }
}

// Where a vertex was found first.
struct Source {
    std::size_t job;
    std::size_t record;
};

void collect_outputs(VertexComplex& complex, const SearchResult& result, const std::vector<Source>& sources, const Network& network) {
    const int last = network.num_hidden();
    const int outputs = network.layer(last).outputs;
    complex.num_outputs = outputs;
    complex.output.resize(sources.size() * outputs);
    complex.output_rank.resize(sources.size() * outputs);
    for (int output = 0; output < outputs; ++output) {
        std::vector<const ExactValue*> exact;
        for (const Source& at : sources) {
            exact.push_back(&result.jobs[at.job].vertices.outputs[at.record * outputs + output]);
            complex.output[(exact.size() - 1) * outputs + output] = rounded(*exact.back(), network.scale_exponent(last));
        }
        rank_outputs(complex, exact, output);
    }
}

}  // namespace

void number_vertices(VertexComplex& complex, const std::vector<std::uint8_t>& at_infinity) {
    std::vector<std::int32_t> order(at_infinity.size());
    std::iota(order.begin(), order.end(), 0);
    const std::size_t width = 2 * static_cast<std::size_t>(complex.sign_words);
    const auto row = [&](std::int32_t v) { return complex.signs.data() + v * width; };
    const auto begin = complex.cell_vertices.begin();
    const std::size_t num_cells = complex.cell_begin.size() - 1;
    auto first = order.begin();
    for (std::size_t cell = 0; cell < num_cells; ++cell) {
        const auto next = static_cast<std::int32_t>(first - order.begin());
        const auto last = first + std::count_if(begin + complex.cell_begin[cell], begin + complex.cell_begin[cell + 1],
                                                [next](std::int32_t v) { return v >= next; });
        std::sort(first, last, [&](std::int32_t a, std::int32_t b) {
            return std::lexicographical_compare(row(a), row(a) + width, row(b), row(b) + width);
        });
        first = last;
    }
    std::stable_partition(order.begin(), order.end(), [&](std::int32_t v) { return !at_infinity[v]; });
    std::vector<std::int32_t> place(order.size());
    for (std::size_t k = 0; k < order.size(); ++k) place[order[k]] = static_cast<std::int32_t>(k);
    for (std::int32_t& v : complex.cell_vertices) v = place[v];
    for (std::size_t cell = 0; cell < num_cells; ++cell) std::sort(begin + complex.cell_begin[cell], begin + complex.cell_begin[cell + 1]);
    permute_rows(complex.signs, order);
    permute_rows(complex.coordinates, order);
    permute_rows(complex.infinite_coordinates, order);
    permute_rows(complex.output, order);
    permute_rows(complex.output_rank, order);
    permute_rows(complex.points, order);
}

VertexComplex merge_vertices(SearchResult& result, const CellComplex& cells, const Network& network, std::uint64_t most_vertices) {
    VertexComplex complex;
    const int n = complex.dimension = cells.dimension;
    complex.sign_words = cells.layout.total_words();
    const std::size_t width = 2 * static_cast<std::size_t>(complex.sign_words);
    RowTable known;
    known.reset(width);
    const auto row = [&](std::uint32_t id) { return complex.signs.data() + id * width; };
    std::vector<Source> sources;
    std::vector<std::uint8_t> at_infinity;
    complex.cell_begin.push_back(0);
    for (std::size_t job = 0; job < result.jobs.size(); ++job) {
        VertexRecords& records = result.jobs[job].vertices;
        std::vector<std::int32_t> ids(records.num_vertices());
        for (std::size_t r = 0; r < ids.size(); ++r) {
            const std::uint64_t* signs = records.signs.data() + r * width;
            const std::uint32_t id = known.find_or_add(signs, row);
            ids[r] = static_cast<std::int32_t>(id);
            if (id < sources.size()) continue;
            sources.push_back({job, r});
            fitting<std::int32_t>(sources.size(), "vertices", most_vertices);
            at_infinity.push_back(records.at_infinity[r]);
            complex.num_finite += !records.at_infinity[r];
            complex.signs.insert(complex.signs.end(), signs, signs + width);
            const double* x = records.coordinates.data() + r * n;
            complex.coordinates.insert(complex.coordinates.end(), x, x + n);
            if (!records.points.empty()) complex.points.push_back(std::move(records.points[r]));
            if (records.infinite_coordinates.empty()) continue;
            const double* q = records.infinite_coordinates.data() + r * n;
            complex.infinite_coordinates.insert(complex.infinite_coordinates.end(), q, q + n);
        }
        for (const std::uint32_t r : records.cell_vertices) complex.cell_vertices.push_back(ids[r]);
        for (const std::uint32_t count : records.cell_vertex_count) complex.cell_begin.push_back(complex.cell_begin.back() + count);
    }
    complex.num_vertices = static_cast<std::int64_t>(sources.size());
    const bool outputs = std::any_of(result.jobs.begin(), result.jobs.end(),
                                     [](const JobRecords& job) { return !job.vertices.outputs.empty(); });
    if (outputs) collect_outputs(complex, result, sources, network);
    for (JobRecords& job : result.jobs) job.vertices = VertexRecords{};
    number_vertices(complex, at_infinity);
    return complex;
}

}  // namespace relutope
