#include "wasm/exchange.hpp"

namespace relutope::wasm {

namespace {

constexpr const char* too_short = "the request ends too early";

template <class T>
std::vector<T> take(const std::vector<T>& from, std::size_t& next, std::size_t count) {
    if (count > from.size() - next) throw std::invalid_argument(too_short);
    const auto begin = from.begin() + static_cast<std::ptrdiff_t>(next);
    next += count;
    return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace

std::int32_t* Request::reserve_ints(std::size_t count) {
    ints_.assign(count, 0);
    return ints_.data();
}

double* Request::reserve_doubles(std::size_t count) {
    doubles_.assign(count, 0.0);
    return doubles_.data();
}

int Request::take_int() { return take_ints(1)[0]; }
std::vector<std::int32_t> Request::take_ints(std::size_t count) { return take(ints_, next_int_, count); }
std::vector<std::int32_t> Request::take_all_ints() { return take_ints(ints_.size() - next_int_); }
std::vector<double> Request::take_doubles(std::size_t count) { return take(doubles_, next_double_, count); }
std::vector<double> Request::take_all_doubles() { return take_doubles(doubles_.size() - next_double_); }

void Request::finish() {
    if (next_int_ != ints_.size() || next_double_ != doubles_.size())
        throw std::invalid_argument("the request has more numbers than are used");
}

void Request::clear() { *this = Request(); }

}  // namespace relutope::wasm
