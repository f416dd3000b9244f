// The bits of one type as another of the same size: std::bit_cast, which the library of Debian's emscripten lacks.
#pragma once

namespace relutope {

template <class To, class From>
constexpr To bits_as(const From& value) {
    return __builtin_bit_cast(To, value);
}

}  // namespace relutope
