#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <tuple>
#include <variant>

#include "bindings/bindings.hpp"
#include "exact/fitting.hpp"
#include "network/balanced_layers.hpp"
#include "network/input_checks.hpp"
#include "network/maps/point_signs.hpp"
#include "network/network.hpp"
#include "refinement/vertex/search.hpp"

namespace relutope::bindings {

namespace {

std::vector<double> to_vector(const DoubleArray& array) { return {array.data(), array.data() + array.size()}; }

template <class T>
using Entries = py::array_t<T, py::array::c_style | py::array::forcecast>;
// Number of columns, row pointers, columns, values: as of a scipy.sparse.csr_array with sorted indices.
using CompressedRows = std::tuple<std::int64_t, Entries<std::int64_t>, Entries<std::int64_t>, DoubleArray>;
using Weights = std::variant<DoubleArray, CompressedRows>;

int to_size(py::ssize_t size) { return fitting<int>(static_cast<std::uint64_t>(size), "units of a layer"); }

void set_weights(Layer& layer, const DoubleArray& weight) {
    if (weight.ndim() != 2) throw std::invalid_argument("a layer needs a matrix of weights and vectors of biases");
    layer.inputs = to_size(weight.shape(1));
    layer.outputs = to_size(weight.shape(0));
    layer.weight = to_vector(weight);
}

void set_weights(Layer& layer, const CompressedRows& rows) {
    const auto& [columns, begin, column, value] = rows;
    if (begin.ndim() != 1 || column.ndim() != 1 || value.ndim() != 1 || begin.size() < 1 || columns < 0)
        throw std::invalid_argument("compressed rows need a number of columns and vectors of row pointers, columns and values");
    layer.inputs = to_size(static_cast<py::ssize_t>(columns));
    layer.outputs = to_size(begin.size() - 1);
    layer.sparse.begin.assign(begin.data(), begin.data() + begin.size());
    layer.sparse.value = to_vector(value);
    for (py::ssize_t e = 0; e < column.size(); ++e) {
        const std::int64_t j = column.data()[e];
        if (j < 0 || j >= columns) throw std::invalid_argument("a column of the compressed rows is out of range");
        layer.sparse.column.push_back(static_cast<std::int32_t>(j));
    }
}

// A list of (weights, bias, bias_low), and for each hidden layer the number of its linear units.
Network make_network(const std::vector<std::tuple<Weights, DoubleArray, DoubleArray>>& layers, const std::vector<int>& linear_units,
                     std::optional<int> balanced_from) {
    std::vector<Layer> result;
    for (const auto& [weights, bias, bias_low] : layers) {
        if (bias.ndim() != 1 || bias_low.ndim() != 1)
            throw std::invalid_argument("a layer needs a matrix of weights and vectors of biases");
        Layer layer;
        std::visit([&](const auto& given) { set_weights(layer, given); }, weights);
        layer.bias = to_vector(bias);
        layer.bias_low = to_vector(bias_low);
        result.push_back(std::move(layer));
    }
    if (linear_units.size() + 1 != result.size())
        throw std::invalid_argument("every hidden layer needs its number of linear units");
    for (std::size_t l = 0; l < linear_units.size(); ++l) result[l].linear = linear_units[l];
    check_layers(result);
    return Network(balanced_from ? balanced(std::move(result), *balanced_from) : std::move(result));
}

// `points` as a matrix of finite numbers with `columns` columns.
std::span<const double> finite_rows(const DoubleArray& points, int columns) {
    if (points.ndim() != 2 || points.shape(1) != columns)
        throw std::invalid_argument("a matrix with " + std::to_string(columns) + " columns is needed");
    const std::span<const double> values{points.data(), static_cast<std::size_t>(points.size())};
    check_finite(values, "all entries");
    return values;
}

py::array_t<std::int8_t> point_signs(const Network& network, const DoubleArray& points) {
    const int n = network.input_dimension();
    const double* source = finite_rows(points, n).data();
    const py::ssize_t count = points.shape(0);
    py::array_t<std::int8_t> signs({count, py::ssize_t{network.num_neurons()}});
    std::int8_t* target = signs.mutable_data();
    std::atomic<bool> stop{false};
    interruptible(
        [&] {
            PointSigns evaluator(network);
            for (py::ssize_t k = 0; k < count && !stop; ++k)
                evaluator.at({source + k * n, static_cast<std::size_t>(n)}, target + k * network.num_neurons());
        },
        [&] { stop = true; }, [] {});
    return signs;
}

Network with_inputs(const Network& network, const std::vector<int>& kept) {
    const bool known = std::all_of(kept.begin(), kept.end(), [&](int k) { return 0 <= k && k < network.input_dimension(); });
    if (kept.empty() || !known) throw std::invalid_argument("`kept` must name inputs of the network, one at least");
    return network.with_inputs(kept);
}

}  // namespace

void bind_network(py::module_& module) {
    py::class_<Network>(module, "Network")
        .def(py::init(&make_network), py::arg("layers"), py::arg("linear_units"), py::arg("balanced_from") = py::none(), OwnArithmetic())
        .def("point_signs", &point_signs, py::arg("points"), OwnArithmetic())
        .def("with_inputs", &with_inputs, py::arg("kept"), OwnArithmetic());
    module.def("independent_columns", [](const DoubleArray& matrix) {
        if (matrix.ndim() != 2) throw std::invalid_argument("a matrix is needed");
        const int columns = static_cast<int>(matrix.shape(1));
        return exact::independent_columns(finite_rows(matrix, columns), static_cast<int>(matrix.shape(0)), columns);
    }, py::arg("matrix"), OwnArithmetic());
    module.attr("MAX_VERTEX_DIMENSION") = max_vertex_dimension;
}

}  // namespace relutope::bindings
