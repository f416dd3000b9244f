#include "bindings/bindings.hpp"
#include "bindings/with_poll.hpp"
#include "complex/homology/persistence.hpp"

namespace relutope::bindings {

namespace {

using StepArray = py::array_t<std::int32_t, py::array::c_style | py::array::forcecast>;

bool is_prime(std::int32_t number) {
    if (number < 2) return false;
    for (std::int64_t d = 2; d * d <= number; ++d)
        if (number % d == 0) return false;
    return true;
}

// One array of steps per dimension, checked against the lattice.
std::vector<std::vector<std::int32_t>> to_steps(const FaceLattice& lattice, const std::vector<StepArray>& arrays) {
    if (arrays.size() != lattice.level.size()) throw std::invalid_argument("one array of steps per dimension is needed");
    std::vector<std::vector<std::int32_t>> steps;
    for (std::size_t k = 0; k < arrays.size(); ++k) {
        if (arrays[k].size() != lattice.level[k].size()) throw std::invalid_argument("one step per face is needed");
        steps.emplace_back(arrays[k].data(), arrays[k].data() + arrays[k].size());
    }
    return steps;
}

}  // namespace

void bind_faces(py::module_& module) {
    py::class_<FaceLevel>(module, "FaceLevel")
        .def_readonly("num_proper", &FaceLevel::num_proper)
        .def_property_readonly("vertex_begin", vector_view(&FaceLevel::vertex_begin))
        .def_property_readonly("vertices", vector_view(&FaceLevel::vertices))
        .def_property_readonly("facet_begin", vector_view(&FaceLevel::facet_begin))
        .def_property_readonly("facets", vector_view(&FaceLevel::facets))
        .def_property_readonly("orientation", vector_view(&FaceLevel::orientation))
        .def_property_readonly("cell_begin", vector_view(&FaceLevel::cell_begin))
        .def_property_readonly("cell_faces", vector_view(&FaceLevel::cell_faces));

    py::class_<PersistencePairs>(module, "PersistencePairs")
        .def_property_readonly("dimension", vector_view(&PersistencePairs::dimension))
        .def_property_readonly("birth", vector_view(&PersistencePairs::birth))
        .def_property_readonly("death", vector_view(&PersistencePairs::death))
        .def_property_readonly("cycle_begin", vector_view(&PersistencePairs::cycle_begin))
        .def_property_readonly("cycle_faces", vector_view(&PersistencePairs::cycle_faces))
        .def_property_readonly("cycle_coefficients", vector_view(&PersistencePairs::cycle_coefficients));

    py::class_<FaceLattice>(module, "FaceLattice")
        .def_property_readonly("dimension", &FaceLattice::dimension)
        .def("level", [](const FaceLattice& lattice, int dimension) -> const FaceLevel& { return lattice.level.at(dimension); },
             py::arg("dimension"), py::return_value_policy::reference_internal)
        .def("persistence_pairs", [](const FaceLattice& lattice, const std::vector<StepArray>& steps, std::int32_t prime, bool cycles) {
            if (!is_prime(prime)) throw std::invalid_argument("`prime` is not a prime number");
            const auto checked = to_steps(lattice, steps);
            return with_poll([&](const Poll& poll) { return persistence_pairs(lattice, checked, prime, cycles, poll); });
        }, py::arg("steps"), py::arg("prime"), py::arg("cycles"), OwnArithmetic());
}

}  // namespace relutope::bindings
