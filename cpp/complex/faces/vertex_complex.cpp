#include "complex/faces/vertex_complex.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "refinement/common/row_table.hpp"

namespace relutope {

namespace {

// Where each job's vertex goes.
struct Merged {
    std::vector<std::vector<std::int32_t>> id_of;              // per job and record
    std::vector<std::pair<std::size_t, std::size_t>> source;   // per id: job and record
};

// Numbers distinct vertices by first appearance, finite ones first.
Merged number_vertices(const SearchResult& result, std::size_t width, std::uint64_t most_vertices) {
    Merged merged;
    RowTable known;
    known.reset(width);
    const auto row = [&](std::uint32_t id) {
        const auto [job, r] = merged.source[id];
        return result.jobs[job].vertices.signs.data() + r * width;
    };
    for (const JobRecords& job : result.jobs) {
        const VertexRecords& records = job.vertices;
        std::vector<std::int32_t>& ids = merged.id_of.emplace_back(records.num_vertices());
        for (std::size_t r = 0; r < records.num_vertices(); ++r) {
            const std::uint32_t id = known.find_or_add(records.signs.data() + r * width, row);
            if (id == merged.source.size()) merged.source.emplace_back(merged.id_of.size() - 1, r);
            fitting<std::int32_t>(merged.source.size(), "vertices", most_vertices);
            ids[r] = static_cast<std::int32_t>(id);
        }
    }
    std::vector<std::int32_t> order(merged.source.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_partition(order.begin(), order.end(), [&](std::int32_t id) {
        const auto [job, r] = merged.source[id];
        return !result.jobs[job].vertices.at_infinity[r];
    });
    std::vector<std::int32_t> place(order.size());
    std::vector<std::pair<std::size_t, std::size_t>> source(order.size());
    for (std::size_t k = 0; k < order.size(); ++k) {
        place[order[k]] = static_cast<std::int32_t>(k);
        source[k] = merged.source[order[k]];
    }
    merged.source = std::move(source);
    for (auto& ids : merged.id_of)
        for (std::int32_t& id : ids) id = place[id];
    return merged;
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

void collect_outputs(VertexComplex& complex, const SearchResult& result, const Merged& merged, const Network& network) {
    const int last = network.num_hidden();
    const int outputs = network.layer(last).outputs;
    complex.num_outputs = outputs;
    complex.output.resize(merged.source.size() * outputs);
    complex.output_rank.resize(merged.source.size() * outputs);
    for (int output = 0; output < outputs; ++output) {
        std::vector<const ExactValue*> exact;
        for (const auto& [job, r] : merged.source) {
            exact.push_back(&result.jobs[job].vertices.outputs[r * outputs + output]);
            complex.output[(exact.size() - 1) * outputs + output] = rounded(*exact.back(), network.scale_exponent(last));
        }
        rank_outputs(complex, exact, output);
    }
}

}  // namespace

VertexComplex merge_vertices(SearchResult& result, const CellComplex& cells, const Network& network, std::uint64_t most_vertices) {
    VertexComplex complex;
    const int n = complex.dimension = cells.dimension;
    complex.sign_words = cells.layout.total_words();
    const std::size_t width = 2 * static_cast<std::size_t>(complex.sign_words);
    const Merged merged = number_vertices(result, width, most_vertices);
    complex.num_vertices = static_cast<std::int64_t>(merged.source.size());
    complex.signs.reserve(merged.source.size() * width);
    complex.coordinates.reserve(merged.source.size() * n);
    for (const auto& [job, r] : merged.source) {
        VertexRecords& records = result.jobs[job].vertices;
        complex.num_finite += !records.at_infinity[r];
        complex.signs.insert(complex.signs.end(), &records.signs[r * width], &records.signs[r * width] + width);
        const double* x = &records.coordinates[r * n];
        complex.coordinates.insert(complex.coordinates.end(), x, x + n);
        if (!records.points.empty()) complex.points.push_back(std::move(records.points[r]));
        if (records.infinite_coordinates.empty()) continue;
        const double* q = &records.infinite_coordinates[r * n];
        complex.infinite_coordinates.insert(complex.infinite_coordinates.end(), q, q + n);
    }
    const bool outputs = std::any_of(result.jobs.begin(), result.jobs.end(),
                                     [](const JobRecords& job) { return !job.vertices.outputs.empty(); });
    if (outputs) collect_outputs(complex, result, merged, network);
    complex.cell_begin.push_back(0);
    for (std::size_t job = 0; job < result.jobs.size(); ++job) {
        const VertexRecords& records = result.jobs[job].vertices;
        std::size_t at = 0;
        for (const std::uint32_t count : records.cell_vertex_count) {
            const auto first = static_cast<std::ptrdiff_t>(complex.cell_vertices.size());
            for (std::uint32_t k = 0; k < count; ++k)
                complex.cell_vertices.push_back(merged.id_of[job][records.cell_vertices[at++]]);
            std::sort(complex.cell_vertices.begin() + first, complex.cell_vertices.end());
            complex.cell_begin.push_back(static_cast<std::int64_t>(complex.cell_vertices.size()));
        }
        complex.interior.insert(complex.interior.end(), records.interior.begin(), records.interior.end());
        complex.interior_inside.insert(complex.interior_inside.end(), records.interior_inside.begin(), records.interior_inside.end());
        result.jobs[job].vertices = VertexRecords{};
    }
    return complex;
}

}  // namespace relutope
