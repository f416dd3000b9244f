#include "network/repeated_rows.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <unordered_map>
#include <utility>
#include <vector>

#include "exact/bits.hpp"

namespace relutope {

namespace {

// A neuron's weights that are not zero, then its bias in its two parts.
struct Row {
    std::vector<std::pair<int, double>> weight;
    double bias, bias_low;

    std::size_t size() const { return weight.size() + 1; }
    // What no rounding is in.
    exact::Integer entry(std::size_t k, int exponent) const {
        if (k < weight.size()) return exact::scaled_integer(weight[k].second, exponent);
        return exact::scaled_integer(bias, exponent) + exact::scaled_integer(bias_low, exponent);
    }
    bool is_constant() const { return weight.empty(); }
    int exponent() const {
        int lowest = std::min(exact::lowest_exponent(bias), exact::lowest_exponent(bias_low));
        for (const auto& [_, w] : weight) lowest = std::min(lowest, exact::lowest_exponent(w));
        return lowest;
    }
};

Row row_of(const Layer& layer, int neuron) {
    Row row{{}, layer.bias[neuron], layer.bias_low[neuron]};
    layer.for_row(neuron, [&](int j, double w) {
        if (w != 0) row.weight.emplace_back(j, w);
    });
    return row;
}

// Equal for proportional rows with biases of one double: a rounded quotient depends on the ratio alone. Those with a bias in two parts
// are told apart by their weights.
std::uint64_t direction_hash(const Row& row) {
    const double by = row.weight.front().second;
    std::uint64_t hash = 0x9E3779B97F4A7C15u;
    const auto mix = [&](std::uint64_t bits) {
        hash = (hash ^ bits) * 0xD6E8FEB86659FD93u;
        hash ^= hash >> 32;
    };
    for (const auto& [j, w] : row.weight) {
        mix(static_cast<std::uint64_t>(j));
        mix(bits_as<std::uint64_t>(w / by + 0.0));
    }
    mix(row.bias_low == 0 ? bits_as<std::uint64_t>(row.bias / by + 0.0) : 1);
    return hash;
}

// The sign of the factor between two rows, or 0 when they are not proportional.
int factor_sign(const Row& a, const Row& b) {
    const auto same_column = [](const auto& x, const auto& y) { return x.first == y.first; };
    if (!std::equal(a.weight.begin(), a.weight.end(), b.weight.begin(), b.weight.end(), same_column)) return 0;
    const int ea = a.exponent(), eb = b.exponent();
    const exact::Integer pa = a.entry(0, ea), pb = b.entry(0, eb);
    for (std::size_t k = 0; k < a.size(); ++k)
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
        if (row.is_constant()) continue;  // a constant: it cuts nothing
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
