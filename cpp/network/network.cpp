#include "network/network.hpp"

#include <algorithm>
#include <climits>
#include <utility>

namespace relutope {

namespace {

int lowest_exponent(const std::vector<double>& values) {
    int exponent = INT_MAX;
    for (double value : values) exponent = std::min(exponent, exact::lowest_exponent(value));
    return exponent;
}

// The power of two that makes weights integers and, with the scale of the layers before, the biases too.
int layer_exponent(const Layer& layer, int scale_before) {
    const int bias = std::min(lowest_exponent(layer.bias), lowest_exponent(layer.bias_low));
    const int from_bias = bias == INT_MAX ? INT_MAX : bias - scale_before;
    const int exponent = std::min(lowest_exponent(layer.is_sparse() ? layer.sparse.value : layer.weight), from_bias);
    return exponent == INT_MAX ? 0 : exponent;
}

std::vector<std::uint64_t> linear_bits_of(const Layer& layer) {
    std::vector<std::uint64_t> bits(words_for(layer.outputs));
    for (int unit = layer.neurons(); unit < layer.outputs; ++unit) bits[unit >> 6] |= std::uint64_t{1} << (unit & 63);
    return bits;
}

// Below this number of weights, or with more of them that are not zero, straight loops over all are faster.
constexpr std::size_t fewest_sparse = 4096;
constexpr std::size_t largest_share = 4;

SparseRows without_zeros(const Layer& layer) {
    SparseRows rows;
    rows.begin.push_back(0);
    for (int i = 0; i < layer.outputs; ++i) {
        layer.for_row(i, [&](int j, double w) {
            if (w == 0) return;
            rows.column.push_back(j);
            rows.value.push_back(w);
        });
        rows.begin.push_back(static_cast<std::int64_t>(rows.value.size()));
    }
    return rows;
}

}  // namespace

void Layer::choose_storage() {
    const std::vector<double>& given = is_sparse() ? sparse.value : weight;
    const std::size_t size = static_cast<std::size_t>(outputs) * inputs;
    const auto nonzero = static_cast<std::size_t>(std::count_if(given.begin(), given.end(), [](double w) { return w != 0; }));
    if (size >= fewest_sparse && nonzero < size / largest_share) {
        if (is_sparse() && nonzero == sparse.value.size()) return;
        sparse = without_zeros(*this);
        std::vector<double>().swap(weight);
    } else if (is_sparse()) {
        std::vector<double> dense(size);
        for (int i = 0; i < outputs; ++i)
            for_row(i, [&](int j, double w) { dense[static_cast<std::size_t>(i) * inputs + j] = w; });
        weight = std::move(dense);
        sparse = {};
    }
}

Network::Network(std::vector<Layer> layers) : layers_(std::move(layers)) {
    int scale = 0;
    std::int64_t neurons = 0;
    for (Layer& layer : layers_) {
        layer.bias_low.resize(layer.outputs, 0.0);
        layer.choose_storage();
        const int exponent = layer_exponent(layer, scale);
        scale += exponent;
        weight_exponent_.push_back(exponent);
        scale_exponent_.push_back(scale);
        first_neuron_.push_back(static_cast<int>(neurons));
        neurons += layer.neurons();
        linear_bits_.push_back(linear_bits_of(layer));
    }
}

Network Network::with_inputs(const std::vector<int>& kept) const {
    const Layer& full = layers_.front();
    std::vector<std::vector<int>> places(full.inputs);  // of each input among the kept
    for (std::size_t k = 0; k < kept.size(); ++k) places[kept[k]].push_back(static_cast<int>(k));
    Layer first = full;
    first.inputs = static_cast<int>(kept.size());
    first.weight.clear();
    first.sparse = {{0}, {}, {}};
    std::vector<std::pair<int, double>> row;
    for (int i = 0; i < full.outputs; ++i) {
        row.clear();
        full.for_row(i, [&](int j, double w) {
            for (const int k : places[j]) row.emplace_back(k, w);
        });
        std::sort(row.begin(), row.end());
        for (const auto& [k, w] : row) {
            first.sparse.column.push_back(k);
            first.sparse.value.push_back(w);
        }
        first.sparse.begin.push_back(static_cast<std::int64_t>(first.sparse.value.size()));
    }
    std::vector<Layer> layers{std::move(first)};
    layers.insert(layers.end(), layers_.begin() + 1, layers_.end());
    return Network(std::move(layers));
}

}  // namespace relutope
