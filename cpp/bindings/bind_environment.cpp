#include "bindings/bindings.hpp"

namespace relutope::bindings {

void bind_environment(py::module_& module) {
    module.def(
        "in_own_environment",
        [](const py::object& function, const py::tuple& args, const py::dict& kwargs) {
            PyObject* result = PyObject_Call(function.ptr(), args.ptr(), kwargs.ptr());
            if (!result) throw py::error_already_set();
            return py::reinterpret_steal<py::object>(result);
        },
        py::arg("function"), py::arg("args"), py::arg("kwargs"), OwnArithmetic());
}

}  // namespace relutope::bindings
