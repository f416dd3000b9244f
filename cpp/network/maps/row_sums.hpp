// A product of a vector and a matrix with what bounds its errors: how forms pass through a layer.
#pragma once

#include <span>

namespace relutope {

// Per column: the sum of the products, that of the factors' errors times the entries' sizes, and that of the products' sizes.
struct RowSums {
    double *value, *error, *size;
};

// Adds the given rows of a matrix, one after the other, row j times factor[j], which is known up to error[j].
// REQUIRES: `sums` lie apart from everything else.
void add_rows(const double* matrix, int columns, std::span<const int> rows, const double* factor, const double* error, const RowSums& sums);

}  // namespace relutope
