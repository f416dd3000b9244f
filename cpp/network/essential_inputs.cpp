#include "network/essential_inputs.hpp"

#include <algorithm>
#include <cmath>

#include "exact/linear.hpp"

namespace relutope {

namespace {

using Rows = std::vector<std::vector<exact::Integer>>;

void append_sides(const Domain& domain, Rows& forms) {
    const int n = domain.dimension();
    for (int k = 0; k < n; ++k)
        if (std::isfinite(domain.lower[k]) || std::isfinite(domain.upper[k])) {
            forms.emplace_back(n);
            forms.back()[k] = 1;
        }
    for (const std::vector<double>& halfspace : domain.halfspaces) {
        int exponent = 0;
        for (int k = 0; k < n; ++k) exponent = std::min(exponent, exact::lowest_exponent(halfspace[k]));
        forms.emplace_back();
        for (int k = 0; k < n; ++k) forms.back().push_back(exact::scaled_integer(halfspace[k], exponent));
    }
}

// Row `row` of the last `carried.size()` columns of the layer's weights, times `carried`.
std::vector<exact::Integer> product(const Network& network, int layer, int row, const Rows& carried, int dimension) {
    std::vector<exact::Integer> sum(dimension);
    const Layer& own = network.layer(layer);
    const int first = own.inputs - static_cast<int>(carried.size());
    own.for_row(row, [&](int column, double entry) {
        if (column < first || entry == 0) return;
        const exact::Integer weight = network.integer_weight(layer, entry);
        for (int k = 0; k < dimension; ++k) sum[k] += weight * carried[column - first][k];
    });
    return sum;
}

void divide_by_content(std::vector<exact::Integer>& row) {
    exact::Integer content = 0;
    for (const exact::Integer& entry : row) content = gcd(content, abs(entry));
    if (content > 1)
        for (exact::Integer& entry : row) entry /= content;
}

// Columns that are independent of those before them: every row that has an entry in the column is cleared by one of them.
std::vector<int> independent_columns(Rows rows, int columns) {
    std::vector<int> independent;
    for (int column = 0; column < columns; ++column) {
        const auto found = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return !row[column].is_zero(); });
        if (found == rows.end()) continue;
        independent.push_back(column);
        const std::vector<exact::Integer> pivot = std::move(*found);
        rows.erase(found);
        for (std::vector<exact::Integer>& row : rows) {
            if (row[column].is_zero()) continue;
            const exact::Integer factor = row[column];
            for (int k = 0; k < columns; ++k) row[k] = row[k] * pivot[column] - factor * pivot[k];
            divide_by_content(row);
        }
    }
    return independent;
}

}  // namespace

std::vector<int> essential_inputs(const Network& network, const Domain& domain) {
    const int n = network.input_dimension();
    Rows forms;
    append_sides(domain, forms);
    Rows carried(n, std::vector<exact::Integer>(n));  // the inputs themselves
    for (int k = 0; k < n; ++k) carried[k][k] = 1;
    for (int l = 0; l < network.num_hidden() && !carried.empty(); ++l) {
        const Layer& layer = network.layer(l);
        Rows passed;
        for (int row = 0; row < layer.outputs; ++row)
            (row < layer.neurons() ? forms : passed).push_back(product(network, l, row, carried, n));
        carried = std::move(passed);
    }
    return independent_columns(std::move(forms), n);
}

}  // namespace relutope
