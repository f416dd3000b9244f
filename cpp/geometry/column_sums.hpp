// Weighted sums of columns, line by line: of forms at a point, or of a form at points. To be inlined into kernels (clones.hpp).
#pragma once

#include <cstddef>

namespace relutope {

// value[i] += sum_k weight[k] column[k stride + i] for so many columns, which the compiler knows: a sum stays in a register for them.
template <int Columns>
[[gnu::always_inline]] inline void add_few_columns(const double* __restrict column, std::ptrdiff_t stride, int count, const double* weight,
                                                   double* __restrict value) {
    double w[Columns];
    for (int k = 0; k < Columns; ++k) w[k] = weight[k];
    for (int i = 0; i < count; ++i) {
        double sum = value[i];
        for (int k = 0; k < Columns; ++k) sum += column[k * stride + i] * w[k];
        value[i] = sum;
    }
}

// The same for any number. Terms are added in the order of the columns.
[[gnu::always_inline]] inline void add_columns(const double* column, std::ptrdiff_t stride, int columns, int count, const double* weight,
                                               double* value) {
    int k = 0;
    for (; k + 4 <= columns; k += 4) add_few_columns<4>(column + k * stride, stride, count, weight + k, value);
    for (; k + 2 <= columns; k += 2) add_few_columns<2>(column + k * stride, stride, count, weight + k, value);
    if (k < columns) add_few_columns<1>(column + k * stride, stride, count, weight + k, value);
}

}  // namespace relutope
