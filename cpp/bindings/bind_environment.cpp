#include <optional>

#include "bindings/bindings.hpp"

namespace relutope::bindings {

namespace {

// The environment of the thread that enters, until it leaves.
struct Scope {
    std::optional<FpEnvironment> held;
};

}  // namespace

void bind_environment(py::module_& module) {
    py::class_<Scope>(module, "FpEnvironment")
        .def(py::init<>())
        .def("__enter__", [](Scope& scope) { scope.held.emplace(); })
        .def("__exit__", [](Scope& scope, const py::args&) { scope.held.reset(); });
}

}  // namespace relutope::bindings
