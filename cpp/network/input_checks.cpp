#include "network/input_checks.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "exact/fitting.hpp"

namespace relutope {

void check_finite(std::span<const double> values, const char* what) {
    if (!std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); }))
        throw std::invalid_argument(std::string(what) + " must be finite");
}

namespace {

bool is_consistent(const SparseRows& rows, int columns, std::size_t count) {
    const auto entries = static_cast<std::int64_t>(rows.value.size());
    if (rows.begin.size() != count + 1 || rows.column.size() != rows.value.size()) return false;
    if (rows.begin.front() != 0 || rows.begin.back() != entries || !std::is_sorted(rows.begin.begin(), rows.begin.end())) return false;
    for (std::size_t i = 0; i < count; ++i)
        for (std::int64_t e = rows.begin[i]; e < rows.begin[i + 1]; ++e) {
            const std::int32_t before = e > rows.begin[i] ? rows.column[e - 1] : -1;
            if (rows.column[e] <= before || rows.column[e] >= columns) return false;
        }
    return true;
}

}  // namespace

void check_layers(const std::vector<Layer>& layers, std::int64_t most_neurons) {
    if (layers.size() < 2) throw std::invalid_argument("a network needs a hidden layer and an output layer");
    std::int64_t neurons = 0;
    for (std::size_t l = 0; l < layers.size(); ++l) {
        const Layer& layer = layers[l];
        const bool fits = layer.inputs >= 1 && layer.outputs >= 1 && (l == 0 || layers[l - 1].outputs == layer.inputs);
        if (!fits) throw std::invalid_argument("the shapes of the layers do not fit together");
        const auto outputs = static_cast<std::size_t>(layer.outputs);
        const bool complete = layer.is_sparse() ? layer.weight.empty() && is_consistent(layer.sparse, layer.inputs, outputs)
                                                : layer.weight.size() == outputs * static_cast<std::size_t>(layer.inputs);
        if (!complete || layer.bias.size() != outputs || layer.bias_low.size() != outputs)
            throw std::invalid_argument("the shapes of the layers do not fit together");
        if (layer.linear < 0 || layer.linear > layer.outputs)
            throw std::invalid_argument("a layer has more linear units than units");
        check_finite(layer.is_sparse() ? layer.sparse.value : layer.weight, "weights");
        neurons += l + 1 < layers.size() ? layer.neurons() : 0;
        fitting<std::int64_t>(static_cast<std::uint64_t>(neurons), "neurons", static_cast<std::uint64_t>(most_neurons));
        check_finite(layer.bias, "biases");
        check_finite(layer.bias_low, "biases");
    }
}

void check_domain(const Domain& domain, const Network& network) {
    const auto n = static_cast<std::size_t>(network.input_dimension());
    if (domain.lower.size() != n || domain.upper.size() != n)
        throw std::invalid_argument("the domain does not have the network's number of inputs");
    for (std::size_t k = 0; k < n; ++k)
        if (!(domain.lower[k] < domain.upper[k])) throw std::invalid_argument("the domain is empty");
    for (const std::vector<double>& row : domain.halfspaces) {
        if (row.size() != n + 1) throw std::invalid_argument("the domain does not have the network's number of inputs");
        check_finite(row, "halfspaces");
    }
}

}  // namespace relutope
