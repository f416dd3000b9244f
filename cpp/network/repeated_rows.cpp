#include "network/repeated_rows.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <unordered_map>

namespace relutope {

namespace {

// A neuron's weights, then its bias in its two parts.
struct Row {
    const double* weight;
    int inputs;
    double bias, bias_low;

    int size() const { return inputs + 1; }
    // What no rounding is in.
    exact::Integer entry(int k, int exponent) const {
        if (k < inputs) return exact::scaled_integer(weight[k], exponent);
        return exact::scaled_integer(bias, exponent) + exact::scaled_integer(bias_low, exponent);
    }
    int pivot() const {
        int k = 0;
        while (k < inputs && weight[k] == 0) ++k;
        return k;
    }
    int exponent() const {
        int lowest = std::min(exact::lowest_exponent(bias), exact::lowest_exponent(bias_low));
        for (int k = 0; k < inputs; ++k) lowest = std::min(lowest, exact::lowest_exponent(weight[k]));
        return lowest;
    }
};

Row row_of(const Layer& layer, int neuron) {
    return {layer.weight.data() + static_cast<std::size_t>(neuron) * layer.inputs, layer.inputs, layer.bias[neuron],
            layer.bias_low[neuron]};
}

// Equal for proportional rows: a rounded quotient depends on the ratio alone.
std::uint64_t direction_hash(const Row& row) {
    const double by = row.weight[row.pivot()];
    std::uint64_t hash = 0x9E3779B97F4A7C15u;
    for (int k = 0; k < row.inputs; ++k) {
        hash = (hash ^ std::bit_cast<std::uint64_t>(row.weight[k] / by + 0.0)) * 0xD6E8FEB86659FD93u;
        hash ^= hash >> 32;
    }
    return hash;
}

// The sign of the factor between two rows, or 0 when they are not proportional.
int factor_sign(const Row& a, const Row& b) {
    const int pivot = a.pivot();
    if (pivot != b.pivot()) return 0;
    const int ea = a.exponent(), eb = b.exponent();
    const exact::Integer pa = a.entry(pivot, ea), pb = b.entry(pivot, eb);
    for (int k = 0; k < a.size(); ++k)
        if (pa * b.entry(k, eb) != pb * a.entry(k, ea)) return 0;
    return pa.sign() * pb.sign();
}

}  // namespace

RepeatedRows::RepeatedRows(const Network& network) : original_(network.num_neurons()), group_(network.num_neurons()) {
    std::iota(original_.begin(), original_.end(), 0);
    for (int layer = 0; layer < network.num_hidden(); ++layer) {
        copies_.emplace_back();
        bits_.emplace_back(words_for(network.layer(layer).neurons()), 0);
        find(network, layer);
    }
}

void RepeatedRows::find(const Network& network, int layer) {
    const Layer& rows = network.layer(layer);
    std::unordered_multimap<std::uint64_t, int> originals;
    for (int neuron = 0; neuron < rows.neurons(); ++neuron) {
        const Row row = row_of(rows, neuron);
        if (row.pivot() == row.inputs) continue;  // a constant: it cuts nothing
        const std::uint64_t hash = direction_hash(row);
        int sense = 0, original = 0;
        const auto [begin, end] = originals.equal_range(hash);
        for (auto found = begin; found != end && sense == 0; ++found) {
            original = found->second;
            sense = factor_sign(row_of(rows, original), row);
        }
        if (sense == 0) {
            originals.emplace(hash, neuron);
            continue;
        }
        any_ = true;
        copies_[layer].push_back({neuron, original, sense});
        bits_[layer][neuron >> 6] |= std::uint64_t{1} << (neuron & 63);
        const int first = network.first_neuron(layer);
        original_[first + neuron] = first + original;
        std::vector<std::int32_t>& group = group_[first + original];
        if (group.empty()) group.push_back(first + original);
        group.push_back(first + neuron);
    }
}

}  // namespace relutope
