#include <optional>

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

// Balls around one centre, a radius for each box.
struct BallOf {
    DoubleArray centre, radii;
    BoxBounds::Norm norm;
};

void check_ball(const BallOf& ball, const DoubleArray& lower, const DoubleArray& upper) {
    const py::ssize_t n = lower.shape(1);
    if (ball.centre.ndim() != 1 || ball.centre.shape(0) != n || ball.radii.ndim() != 1 || ball.radii.shape(0) != lower.shape(0))
        throw std::invalid_argument("balls need a centre, with all inputs, and a radius for each box");
    for (py::ssize_t k = 0; k < lower.size(); ++k)
        if (!(lower.data()[k] <= ball.centre.data()[k % n] && ball.centre.data()[k % n] <= upper.data()[k]))
            throw std::invalid_argument("the centre of balls must lie in all boxes");
}

BoxBounds::Norm norm_named(double order) {
    if (order == 1) return BoxBounds::Norm::one;
    if (order == 2) return BoxBounds::Norm::two;
    return BoxBounds::Norm::maximum;
}

// Whether bounding so many boxes may take more than some milliseconds. If not, starting a thread would take longer.
bool takes_long(const Network& network, py::ssize_t boxes) {
    double products = 0;
    for (int l = 0; l <= network.num_hidden(); ++l) {
        const Layer& layer = network.layer(l);
        products += 2.0 * layer.inputs * layer.outputs * (network.num_neurons() + 1);
    }
    return products * static_cast<double>(boxes) > 1e7;
}

// What is known of some boxes, one in each row.
struct Bounds {
    py::array_t<double> low, high, least, most, slopes, losses, offsets;
    double *low_data, *high_data, *least_data, *most_data, *slope_data, *loss_data, *offset_data;

    Bounds(py::ssize_t boxes, py::ssize_t n, py::ssize_t rows, const DoubleArray& neuron_lower, const DoubleArray& neuron_upper)
        : low(std::vector<py::ssize_t>{boxes, neuron_lower.shape(1)}), high(std::vector<py::ssize_t>{boxes, neuron_lower.shape(1)}),
          least(std::vector<py::ssize_t>{boxes, rows}), most(std::vector<py::ssize_t>{boxes, rows}), slopes({boxes, rows * n}),
          losses({boxes, rows * n}), offsets(std::vector<py::ssize_t>{boxes, rows}), low_data(low.mutable_data()),
          high_data(high.mutable_data()), least_data(least.mutable_data()), most_data(most.mutable_data()),
          slope_data(slopes.mutable_data()), loss_data(losses.mutable_data()), offset_data(offsets.mutable_data()) {
        std::copy(neuron_lower.data(), neuron_lower.data() + neuron_lower.size(), low_data);
        std::copy(neuron_upper.data(), neuron_upper.data() + neuron_upper.size(), high_data);
    }
    BoxBounds::Known of(py::ssize_t k) {
        return {row_of(low, low_data, k),       row_of(high, high_data, k),   row_of(least, least_data, k),    row_of(most, most_data, k),
                row_of(slopes, slope_data, k), row_of(losses, loss_data, k), row_of(offsets, offset_data, k)};
    }
};

py::tuple bound_boxes(const Network& network, const DoubleArray& inputs, const DoubleArray& outputs, const DoubleArray& constant,
                      const std::vector<bool>& rounded, const DoubleArray& lower, const DoubleArray& upper,
                      const DoubleArray& neuron_lower, const DoubleArray& neuron_upper, const std::optional<BallOf>& ball) {
    const ConditionRows rows = make_rows(network, inputs, outputs, constant, rounded);
    const py::ssize_t n = network.input_dimension(), count = lower.ndim() == 2 ? lower.shape(0) : 0;
    for (const DoubleArray* bounds : {&lower, &upper}) check_shape(*bounds, count, n);
    for (const DoubleArray* bounds : {&neuron_lower, &neuron_upper}) check_shape(*bounds, count, network.num_neurons());
    if (ball) check_ball(*ball, lower, upper);
    Bounds known(count, n, rows.rows(), neuron_lower, neuron_upper);
    std::atomic<bool> stop{false};
    const auto work = [&] {
        BoxBounds bounds(network, rows);
        const auto width = static_cast<std::size_t>(n);
        for (py::ssize_t k = 0; k < count && !stop; ++k) {
            std::optional<BoxBounds::Ball> within;
            if (ball) within = BoxBounds::Ball{{ball->centre.data(), width}, ball->radii.data()[k], ball->norm};
            bounds.bound({lower.data() + k * n, width}, {upper.data() + k * n, width}, known.of(k), within ? &*within : nullptr);
        }
    };
    if (takes_long(network, count)) {
        interruptible(work, [&] { stop = true; }, [] {});
    } else {
        const FpEnvironment environment;
        work();
    }
    const std::vector<py::ssize_t> of_gradients{count, rows.rows(), n};
    py::array slopes = known.slopes.reshape(of_gradients), losses = known.losses.reshape(of_gradients);
    if (ball) return py::make_tuple(known.low, known.high, known.least, known.most, slopes, known.offsets);
    return py::make_tuple(known.low, known.high, known.least, known.most, slopes, losses);
}

}  // namespace

void bind_bounds(py::module_& module) {
    const auto call = [](const Network& network, const DoubleArray& inputs, const DoubleArray& outputs, const DoubleArray& constant,
                         const std::vector<bool>& rounded, const DoubleArray& lower, const DoubleArray& upper,
                         const DoubleArray& neuron_lower, const DoubleArray& neuron_upper) {
        return bound_boxes(network, inputs, outputs, constant, rounded, lower, upper, neuron_lower, neuron_upper, std::nullopt);
    };
    module.def("bound_boxes", call, py::arg("network"), py::arg("inputs"), py::arg("outputs"), py::arg("constant"), py::arg("rounded"),
               py::arg("lower"), py::arg("upper"), py::arg("neuron_lower"), py::arg("neuron_upper"));
    const auto call_within = [](const Network& network, const DoubleArray& inputs, const DoubleArray& outputs, const DoubleArray& constant,
                                const std::vector<bool>& rounded, const DoubleArray& lower, const DoubleArray& upper,
                                const DoubleArray& neuron_lower, const DoubleArray& neuron_upper, const DoubleArray& centre,
                                const DoubleArray& radii, double norm) {
        return bound_boxes(network, inputs, outputs, constant, rounded, lower, upper, neuron_lower, neuron_upper,
                           BallOf{centre, radii, norm_named(norm)});
    };
    module.def("bound_balls", call_within, py::arg("network"), py::arg("inputs"), py::arg("outputs"), py::arg("constant"),
               py::arg("rounded"), py::arg("lower"), py::arg("upper"), py::arg("neuron_lower"), py::arg("neuron_upper"),
               py::arg("centre"), py::arg("radii"), py::arg("norm"));
}

}  // namespace relutope::bindings
