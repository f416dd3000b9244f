#include "bindings/bindings.hpp"
#include "refinement/bounds/box_bounds.hpp"

namespace relutope::bindings {

namespace {

std::vector<double> numbers(const DoubleArray& array) { return {array.data(), array.data() + array.size()}; }

ConditionRows make_rows(const Network& network, const DoubleArray& inputs, const DoubleArray& outputs, const DoubleArray& constant,
                        const std::vector<bool>& rounded) {
    const int m = network.layer(network.num_hidden()).outputs;
    const auto rows = static_cast<py::ssize_t>(rounded.size());
    const bool fits = inputs.ndim() == 2 && outputs.ndim() == 2 && constant.ndim() == 1 && inputs.shape(0) == rows &&
                      inputs.shape(1) == network.input_dimension() && outputs.shape(0) == rows && outputs.shape(1) == m &&
                      constant.shape(0) == rows;
    if (!fits) throw std::invalid_argument("rows of conditions need coefficients of all inputs and outputs");
    return {numbers(inputs), numbers(outputs), numbers(constant), {rounded.begin(), rounded.end()}};
}

void check_shape(const DoubleArray& array, py::ssize_t rows, py::ssize_t columns) {
    if (array.ndim() != 2 || array.shape(0) != rows || array.shape(1) != columns)
        throw std::invalid_argument("boxes need a row of bounds each, of all inputs and of all neurons");
}

// A row of a matrix.
std::span<double> row_of(py::array_t<double>& matrix, double* data, py::ssize_t row) {
    const auto columns = static_cast<std::size_t>(matrix.shape(1));
    return {data + row * static_cast<py::ssize_t>(columns), columns};
}

py::tuple bound_boxes(const Network& network, const DoubleArray& inputs, const DoubleArray& outputs, const DoubleArray& constant,
                      const std::vector<bool>& rounded, const DoubleArray& lower, const DoubleArray& upper,
                      const DoubleArray& neuron_lower, const DoubleArray& neuron_upper) {
    const ConditionRows rows = make_rows(network, inputs, outputs, constant, rounded);
    const py::ssize_t n = network.input_dimension(), count = lower.ndim() == 2 ? lower.shape(0) : 0;
    for (const DoubleArray* bounds : {&lower, &upper}) check_shape(*bounds, count, n);
    for (const DoubleArray* bounds : {&neuron_lower, &neuron_upper}) check_shape(*bounds, count, network.num_neurons());
    const std::vector<py::ssize_t> of_neurons{count, network.num_neurons()}, of_rows{count, rows.rows()};
    py::array_t<double> low(of_neurons), high(of_neurons), least(of_rows), most(of_rows), slopes({count, rows.rows() * n}),
        losses({count, rows.rows() * n});
    std::copy(neuron_lower.data(), neuron_lower.data() + neuron_lower.size(), low.mutable_data());
    std::copy(neuron_upper.data(), neuron_upper.data() + neuron_upper.size(), high.mutable_data());
    double *low_data = low.mutable_data(), *high_data = high.mutable_data(), *least_data = least.mutable_data(),
           *most_data = most.mutable_data(), *slope_data = slopes.mutable_data(), *loss_data = losses.mutable_data();
    std::atomic<bool> stop{false};
    interruptible(
        [&] {
            BoxBounds bounds(network, rows);
            const auto width = static_cast<std::size_t>(n);
            for (py::ssize_t k = 0; k < count && !stop; ++k)
                bounds.bound({lower.data() + k * n, width}, {upper.data() + k * n, width},
                             {row_of(low, low_data, k), row_of(high, high_data, k), row_of(least, least_data, k),
                              row_of(most, most_data, k), row_of(slopes, slope_data, k), row_of(losses, loss_data, k)});
        },
        [&] { stop = true; }, [] {});
    const std::vector<py::ssize_t> of_gradients{count, rows.rows(), n};
    return py::make_tuple(low, high, least, most, slopes.reshape(of_gradients), losses.reshape(of_gradients));
}

}  // namespace

void bind_bounds(py::module_& module) {
    module.def("bound_boxes", &bound_boxes, py::arg("network"), py::arg("inputs"), py::arg("outputs"), py::arg("constant"),
               py::arg("rounded"), py::arg("lower"), py::arg("upper"), py::arg("neuron_lower"), py::arg("neuron_upper"));
}

}  // namespace relutope::bindings
