// Numbers that go in and out of a call: two areas that the host fills before it, and a list of arrays that it copies after it.
#pragma once

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace relutope::wasm {

// What the host wrote. Taken from the front; taking more than there is, or leaving some, is an error of the caller.
class Request {
public:
    std::int32_t* reserve_ints(std::size_t count);
    double* reserve_doubles(std::size_t count);

    int take_int();
    std::vector<std::int32_t> take_ints(std::size_t count);
    std::vector<std::int32_t> take_all_ints();
    std::vector<double> take_doubles(std::size_t count);
    std::vector<double> take_all_doubles();
    void finish();
    void clear();

private:
    std::vector<std::int32_t> ints_;
    std::vector<double> doubles_;
    std::size_t next_int_ = 0;
    std::size_t next_double_ = 0;
};

// The answer's arrays, in the order in which engine.js names them.
class Reply {
public:
    enum Type { u8, i8, i32, f64 };
    using Array = std::variant<std::vector<std::uint8_t>, std::vector<std::int8_t>, std::vector<std::int32_t>, std::vector<double>>;

    template <class T>
    void put(std::vector<T> values) {
        arrays_.emplace_back(std::move(values));
    }
    // Indices and counts, which fit because of the limit on the number of cells.
    template <class T>
    void put_indices(const std::vector<T>& values) {
        std::vector<std::int32_t> narrow;
        narrow.reserve(values.size());
        for (const T value : values) {
            if (!std::in_range<std::int32_t>(value)) throw std::length_error("an index does not fit into 32 bits");
            narrow.push_back(static_cast<std::int32_t>(value));
        }
        put(std::move(narrow));
    }

    int size() const { return static_cast<int>(arrays_.size()); }
    const Array& array(int index) const { return arrays_.at(index); }
    void clear() { std::vector<Array>().swap(arrays_); }

private:
    std::vector<Array> arrays_;
};

}  // namespace relutope::wasm
