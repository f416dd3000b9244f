// Shared by the binding files: converting arrays, and long calls that can be interrupted.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "predicates/fp_environment.hpp"
#include "refinement/common/program_counts.hpp"
#include "refinement/common/records.hpp"

namespace relutope::bindings {

namespace py = pybind11;

using DoubleArray = py::array_t<double, py::array::c_style | py::array::forcecast>;

// An object is in use by another thread.
struct Busy : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// An object that an earlier failure has left of no use.
struct Unusable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

void bind_environment(py::module_& module);
void bind_network(py::module_& module);
void bind_complex(py::module_& module);
void bind_vertices(py::module_& module);
void bind_faces(py::module_& module);
void bind_lp(py::module_& module);
void bind_tasks(py::module_& module);
void bind_count(py::module_& module);
void bind_bounds(py::module_& module);
void bind_explore(py::module_& module);

// A Python integer.
inline py::object to_python(const exact::Integer& value) {
    const exact::Integer magnitude = abs(value);
    const std::string digits = magnitude.str(0, std::ios_base::hex);
    const auto number = py::reinterpret_steal<py::object>(PyLong_FromString(digits.c_str(), nullptr, 16));
    return value.sign() < 0 ? -number : number;
}

// How programs were decided, into a dictionary of counts.
inline void add_programs(py::dict& counts, const ProgramCounts& programs) {
    counts["programs"] = programs.solved;
    counts["programs_refined"] = programs.refined;
    counts["programs_by_basis"] = programs.by_basis;
    counts["programs_exact"] = programs.exact;
    counts["pivots"] = programs.pivots;
}

// One array of a state: exactly this type, and the size that `columns` leave.
template <class T>
std::vector<T> state_array(const py::dict& arrays, const char* name, py::ssize_t columns = 0) {
    const std::string text(name);
    if (!arrays.contains(name) || !py::isinstance<py::array_t<T, py::array::c_style>>(arrays[name]))
        throw std::invalid_argument(text + " is missing or of another type");
    const auto array = py::cast<py::array_t<T, py::array::c_style>>(arrays[name]);
    const bool fits = columns == 0 ? array.ndim() == 1 : array.ndim() == 2 && array.shape(1) == columns;
    if (!fits) throw std::invalid_argument(text + " has another shape");
    return {array.data(), array.data() + array.size()};
}

// A NumPy view of `data` that keeps `owner` alive. Read-only: the core's arrays are facts.
template <class T>
py::array view(const std::vector<T>& data, std::vector<py::ssize_t> shape, py::handle owner) {
    py::array array(py::dtype::of<T>(), std::move(shape), data.data(), owner);
    py::detail::array_proxy(array.ptr())->flags &= ~py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
    return array;
}

// A property that views one of an object's vectors, and one that views it as a table with so many columns as another member says. Made
// from pointers to members, so that properties of one type are one function to the compiler.
template <class Class, class T>
auto vector_view(std::vector<T> Class::*member) {
    return [member](const py::object& self) {
        const std::vector<T>& data = self.cast<const Class&>().*member;
        return view(data, {static_cast<py::ssize_t>(data.size())}, self);
    };
}
template <class Class, class T>
auto table_view(std::vector<T> Class::*member, int Class::*columns) {
    return [member, columns](const py::object& self) {
        const Class& object = self.cast<const Class&>();
        const std::vector<T>& data = object.*member;
        const py::ssize_t width = object.*columns;
        return view(data, {width > 0 ? static_cast<py::ssize_t>(data.size()) / width : 0, width}, self);
    };
}

// At every entry that computes: the bounds and conversions of the core hold in this environment only.
using OwnArithmetic = py::call_guard<FpEnvironment>;

// Runs `work` on another thread without the interpreter lock. Signals are looked at every 50 ms; on Ctrl-C `stop` is called, the
// work is waited for, and KeyboardInterrupt goes on. `report` is called with the lock held about twice a second.
template <class Work, class Stop, class Report>
auto interruptible(Work&& work, Stop&& stop, Report&& report) {
    const auto guarded = [&work] {
        const FpEnvironment environment;
        return work();
    };
    std::future<decltype(work())> task;
    try {
        task = std::async(std::launch::async, guarded);
    } catch (const std::system_error&) {  // no thread is to be had: here then, and signals wait
        const py::gil_scoped_release unlocked;
        return guarded();
    }
    int ticks = 0;
    while (true) {
        std::future_status status;
        {
            const py::gil_scoped_release unlocked;
            status = task.wait_for(std::chrono::milliseconds(50));
        }
        if (status == std::future_status::ready) break;
        try {
            if (PyErr_CheckSignals() != 0) throw py::error_already_set();
            if (++ticks % 10 == 0) report();
        } catch (...) {
            stop();
            const py::gil_scoped_release unlocked;
            task.wait();
            throw;
        }
    }
    return task.get();
}

}  // namespace relutope::bindings
