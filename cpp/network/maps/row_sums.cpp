#include "network/maps/row_sums.hpp"

#include <cmath>
#include <cstddef>

#include "predicates/clones.hpp"

namespace relutope {

namespace {

struct RowFactor {
    double value, error;
};

RELUTOPE_CLONES void add_row(const RowFactor& factor, const double* __restrict row, int columns, double* __restrict value,
                             double* __restrict error, double* __restrict size) {
    const auto [w, e] = factor;
    for (int k = 0; k < columns; ++k) {
        const double product = w * row[k];
        value[k] += product;
        size[k] += std::fabs(product);
        error[k] += e * std::fabs(row[k]);
    }
}

// The same sums, but each is read and written once.
RELUTOPE_CLONES void add_four_rows(const RowFactor (&factors)[4], const double* __restrict a, const double* __restrict b,
                                   const double* __restrict c, const double* __restrict d, int columns, double* __restrict value,
                                   double* __restrict error, double* __restrict size) {
    const auto [wa, ea] = factors[0];
    const auto [wb, eb] = factors[1];
    const auto [wc, ec] = factors[2];
    const auto [wd, ed] = factors[3];
    for (int k = 0; k < columns; ++k) {
        const double pa = wa * a[k], pb = wb * b[k], pc = wc * c[k], pd = wd * d[k];
        value[k] = value[k] + pa + pb + pc + pd;
        size[k] = size[k] + std::fabs(pa) + std::fabs(pb) + std::fabs(pc) + std::fabs(pd);
        error[k] = error[k] + ea * std::fabs(a[k]) + eb * std::fabs(b[k]) + ec * std::fabs(c[k]) + ed * std::fabs(d[k]);
    }
}

}  // namespace

void add_rows(const double* matrix, int columns, std::span<const int> rows, const double* factor, const double* error,
              const RowSums& sums) {
    const auto row = [&](std::size_t t) { return matrix + static_cast<std::size_t>(rows[t]) * columns; };
    const auto times = [&](std::size_t t) { return RowFactor{factor[rows[t]], error[rows[t]]}; };
    std::size_t t = 0;
    for (; t + 4 <= rows.size(); t += 4)
        add_four_rows({times(t), times(t + 1), times(t + 2), times(t + 3)}, row(t), row(t + 1), row(t + 2), row(t + 3), columns,
                      sums.value, sums.error, sums.size);
    for (; t < rows.size(); ++t) add_row(times(t), row(t), columns, sums.value, sums.error, sums.size);
}

}  // namespace relutope
