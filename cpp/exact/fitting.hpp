// Integers that must fit into narrower ones.
#pragma once

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

namespace relutope {

// There is more of something than the numbers that name it.
struct TooLarge : std::length_error {
    using std::length_error::length_error;
};

// `count` things, to be numbered by integers of the given kind. Throws TooLarge, with `what` as its subject, when there are more than
// `most`.
template <class Int>
Int fitting(std::uint64_t count, const char* what, std::uint64_t most = std::numeric_limits<Int>::max()) {
    if (count > most) throw TooLarge(std::string(what) + ": " + std::to_string(count) + ", and at most " + std::to_string(most) + " can be held");
    return static_cast<Int>(count);
}

}  // namespace relutope
