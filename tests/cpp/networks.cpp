#include "networks.hpp"

#include <limits>

namespace relutope::testing {

Layer layer_of(const std::vector<Row>& rows) {
    Layer layer;
    layer.inputs = static_cast<int>(rows.front().size()) - 1;
    layer.outputs = static_cast<int>(rows.size());
    for (const Row& row : rows) {
        layer.weight.insert(layer.weight.end(), row.begin(), row.end() - 1);
        layer.bias.push_back(row.back());
    }
    return layer;
}

Network network_of(const std::vector<std::vector<Row>>& hidden) {
    std::vector<Layer> layers;
    for (const auto& rows : hidden) layers.push_back(layer_of(rows));
    Row sum(hidden.back().size(), 1.0);
    sum.push_back(0.0);
    layers.push_back(layer_of({sum}));
    return Network(std::move(layers));
}

namespace {

template <class Entry>
Network network_with(const std::vector<int>& widths, Entry&& entry) {
    std::vector<Layer> layers;
    for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
        std::vector<Row> rows(widths[l + 1], Row(widths[l] + 1));
        for (Row& row : rows)
            for (double& value : row) value = entry();
        layers.push_back(layer_of(rows));
    }
    return Network(std::move(layers));
}

}  // namespace

Network random_network(Random& random, const std::vector<int>& widths) {
    return network_with(widths, [&] { return random_double(random, -4, 0); });
}

Network integer_network(Random& random, const std::vector<int>& widths, int size) {
    return network_with(widths, [&] { return static_cast<double>(random_integer(random, size)); });
}

Domain box(int dimension, double lower, double upper) { return cut_box(dimension, lower, upper, {}); }

Domain whole_space(int dimension) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    return box(dimension, -infinity, infinity);
}

Domain cut_box(int dimension, double lower, double upper, const std::vector<Row>& halfspaces) {
    return {std::vector<double>(dimension, lower), std::vector<double>(dimension, upper), halfspaces};
}

std::vector<Rational> rationals(const std::vector<double>& values) {
    std::vector<Rational> result;
    for (const double value : values) result.push_back(rational(value));
    return result;
}

std::vector<int> signs_at(const Network& network, const std::vector<Rational>& point) {
    std::vector<int> signs;
    std::vector<Rational> value = point;
    for (int l = 0; l < network.num_hidden(); ++l) {
        const Layer& layer = network.layer(l);
        std::vector<Rational> next;
        for (int i = 0; i < layer.outputs; ++i) {
            Rational z = rational(layer.bias[i]) + rational(layer.bias_low[i]);
            layer.for_row(i, [&](int j, double weight) {
                if (value[j] != 0) z += rational(weight) * value[j];
            });
            const bool linear = i >= layer.neurons();
            if (!linear) signs.push_back(z.sign());
            next.push_back(linear || z > 0 ? z : Rational(0));
        }
        value = std::move(next);
    }
    return signs;
}

}  // namespace relutope::testing
