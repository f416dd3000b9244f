#include <cmath>

#include "bindings/bindings.hpp"
#include "refinement/network.hpp"
#include "refinement/point_signs.hpp"
#include "refinement/search.hpp"

namespace relutope::bindings {

namespace {

std::vector<double> to_vector(const DoubleArray& array) { return {array.data(), array.data() + array.size()}; }

// A list of (weight, bias, bias_low); shapes have been checked in Python.
Network make_network(const std::vector<std::tuple<DoubleArray, DoubleArray, DoubleArray>>& layers) {
    std::vector<Layer> result;
    for (const auto& [weight, bias, bias_low] : layers) {
        Layer layer;
        layer.inputs = static_cast<int>(weight.shape(1));
        layer.outputs = static_cast<int>(weight.shape(0));
        layer.weight = to_vector(weight);
        layer.bias = to_vector(bias);
        layer.bias_low = to_vector(bias_low);
        const auto finite = [](const std::vector<double>& values) {
            return std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); });
        };
        if (!finite(layer.weight) || !finite(layer.bias) || !finite(layer.bias_low))
            throw std::invalid_argument("weights and biases must be finite");
        if (static_cast<int>(layer.bias.size()) != layer.outputs || static_cast<int>(layer.bias_low.size()) != layer.outputs ||
            layer.inputs < 1 || layer.outputs < 1 || (!result.empty() && result.back().outputs != layer.inputs))
            throw std::invalid_argument("the shapes of the layers do not fit together");
        result.push_back(std::move(layer));
    }
    if (result.size() < 2) throw std::invalid_argument("a network needs a hidden layer and an output layer");
    return Network(std::move(result));
}

py::array_t<std::int8_t> point_signs(const Network& network, const DoubleArray& points) {
    const py::ssize_t count = points.shape(0);
    const int n = network.input_dimension();
    py::array_t<std::int8_t> signs({count, py::ssize_t{network.num_neurons()}});
    std::int8_t* target = signs.mutable_data();
    const double* source = points.data();
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

}  // namespace

void bind_network(py::module_& module) {
    py::class_<Network>(module, "Network")
        .def(py::init(&make_network), py::arg("layers"))
        .def("point_signs", &point_signs, py::arg("points"))
        .def("with_inputs", &Network::with_inputs, py::arg("kept"));
    module.def("independent_columns", [](const DoubleArray& matrix) {
        return exact::independent_columns({matrix.data(), static_cast<std::size_t>(matrix.size())},
                                          static_cast<int>(matrix.shape(0)), static_cast<int>(matrix.shape(1)));
    }, py::arg("matrix"));
    module.attr("MAX_VERTEX_DIMENSION") = max_vertex_dimension;
}

}  // namespace relutope::bindings
