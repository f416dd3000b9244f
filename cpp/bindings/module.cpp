// Table of contents of the extension module.
#include "bindings/bindings.hpp"
#include "complex/cells/cell_complex.hpp"
#include "refinement/common/memory.hpp"

namespace py = pybind11;
using namespace relutope::bindings;

namespace {

// Raises an exception of relutope.errors.
void raise(const char* type, const std::exception& error) {
    try {
        py::set_error(py::module_::import("relutope.errors").attr(type), error.what());
    } catch (py::error_already_set& missing) {
        missing.restore();
    }
}

void translate_exceptions(py::module_& module) {
    static PyObject* empty_domain = py::exception<relutope::EmptyDomain>(module, "EmptyDomain").release().ptr();
    static PyObject* too_many_facets = py::exception<relutope::TooManyFacets>(module, "TooManyFacets").release().ptr();
    static PyObject* too_many_cells = py::exception<relutope::TooManyCells>(module, "TooManyCells").release().ptr();
    static PyObject* broken = py::exception<relutope::BrokenComplex>(module, "BrokenComplex", PyExc_RuntimeError).release().ptr();
    static PyObject* unfit = py::exception<relutope::UnfitProgress>(module, "UnfitProgress", PyExc_ValueError).release().ptr();
    static PyObject* out_of_memory_limit = py::exception<relutope::OutOfMemoryLimit>(module, "OutOfMemoryLimit").release().ptr();
    py::register_exception_translator([](std::exception_ptr error) {
        try {
            if (error) std::rethrow_exception(error);
        } catch (const relutope::TooManyCells& e) {
            PyErr_SetObject(too_many_cells, py::int_(e.num_found).ptr());  // args[0] is the number found
        } catch (const relutope::OutOfMemoryLimit& e) {  // args: bytes, and the share of the work that they are for
            PyErr_SetObject(out_of_memory_limit, py::make_tuple(e.bytes, e.share).ptr());
        } catch (const Busy& e) {
            raise("BusyError", e);
        } catch (const Unusable& e) {
            raise("RelutopeError", e);
        } catch (const relutope::NoThread& e) {
            raise("RelutopeError", e);
        } catch (const relutope::TooLarge& e) {
            raise("EngineError", e);
        } catch (const relutope::EmptyDomain& e) {
            PyErr_SetString(empty_domain, e.what());
        } catch (const relutope::BrokenComplex& e) {
            PyErr_SetString(broken, e.what());
        } catch (const relutope::UnfitProgress& e) {
            PyErr_SetString(unfit, e.what());
        } catch (const relutope::TooManyFacets& e) {
            PyErr_SetString(too_many_facets, e.what());
        }
    });
}

}  // namespace

PYBIND11_MODULE(_core, module) {
    module.doc() = "Exact refinement of a ReLU network's input space; use it through the relutope package.";
    translate_exceptions(module);
    bind_environment(module);
    bind_network(module);
    bind_complex(module);
    bind_vertices(module);
    bind_faces(module);
    bind_lp(module);
    bind_count(module);
    bind_tasks(module);
    bind_bounds(module);
    bind_explore(module);
}
