#include "geometry/halfspace_rows.hpp"

#include "predicates/clones.hpp"

namespace relutope {

namespace {

// Of rows side by side. By hand, since compilers make poor code of plain loops here.
using FourRows = double __attribute__((vector_size(32)));

}  // namespace

// Each row is summed by itself, in order. Two blocks at once, so that there is something to do until a sum is ready.
RELUTOPE_CLONES void HalfspaceRows::evaluate_blocks(const double* source, int n, std::size_t blocks, const double* x, double* values) {
    static_assert(block == 8);
    const auto load = [](FourRows& rows, const double* from) { std::memcpy(&rows, from, sizeof rows); };
    const auto add = [&](FourRows& sum, const double* from, double factor) {
        FourRows rows;
        load(rows, from);
        sum += rows * factor;
    };
    const std::ptrdiff_t size = static_cast<std::ptrdiff_t>(n + 1) * block;
    FourRows s0, s1, s2, s3;
    for (; blocks >= 2; blocks -= 2, source += 2 * size, values += 2 * block) {
        const double* constant = source + static_cast<std::ptrdiff_t>(n) * block;
        load(s0, constant);
        load(s1, constant + 4);
        load(s2, constant + size);
        load(s3, constant + size + 4);
        for (int k = 0; k < n; ++k) {
            const double* column = source + static_cast<std::ptrdiff_t>(k) * block;
            const double xk = x[k];
            add(s0, column, xk);
            add(s1, column + 4, xk);
            add(s2, column + size, xk);
            add(s3, column + size + 4, xk);
        }
        std::memcpy(values, &s0, sizeof s0);
        std::memcpy(values + 4, &s1, sizeof s1);
        std::memcpy(values + 8, &s2, sizeof s2);
        std::memcpy(values + 12, &s3, sizeof s3);
    }
    if (blocks == 0) return;
    load(s0, source + static_cast<std::ptrdiff_t>(n) * block);
    load(s1, source + static_cast<std::ptrdiff_t>(n) * block + 4);
    for (int k = 0; k < n; ++k) {
        const double* column = source + static_cast<std::ptrdiff_t>(k) * block;
        const double xk = x[k];
        add(s0, column, xk);
        add(s1, column + 4, xk);
    }
    std::memcpy(values, &s0, sizeof s0);
    std::memcpy(values + 4, &s1, sizeof s1);
}

}  // namespace relutope
