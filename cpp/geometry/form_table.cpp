#include "geometry/form_table.hpp"

#include "geometry/column_sums.hpp"
#include "predicates/clones.hpp"

namespace relutope {

RELUTOPE_CLONES
void FormTable::evaluate_many(const double* x, bool infinite, int count, double* value) const {
    const double* constant = column(dimension_);
    for (int i = 0; i < count; ++i) value[i] = infinite ? 0.0 : constant[i];
    add_columns(column(0), count_, dimension_, count, x, value);
}

RELUTOPE_CLONES
void FormTable::bound_on_box(const double* lower, const double* upper, int count, double* __restrict least, double* __restrict most) const {
    std::copy_n(column(dimension_), count, least);
    std::copy_n(column(dimension_), count, most);
    for (int k = 0; k < dimension_; ++k) {
        const double* __restrict w = column(k);
        const double low = lower[k], high = upper[k];
        for (int i = 0; i < count; ++i) {
            const double a = w[i] * low, b = w[i] * high;
            least[i] += a < b ? a : b;
            most[i] += a < b ? b : a;
        }
    }
}

}  // namespace relutope
