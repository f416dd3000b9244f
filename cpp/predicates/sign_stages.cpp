#include "predicates/sign_stages.hpp"

#include <array>

#include "predicates/clones.hpp"

namespace relutope {

namespace {

// Read from a table, bits are masked and collected by vectors, too.
constexpr std::array<std::uint64_t, 64> bit_at = [] {
    std::array<std::uint64_t, 64> bits{};
    for (int i = 0; i < 64; ++i) bits[i] = std::uint64_t{1} << i;
    return bits;
}();

}  // namespace

RELUTOPE_CLONES
SignWord filtered_many_signs(const double* value, int count, double error) {
    SignWord signs;
    for (int i = 0; i < count; ++i) {
        signs.positive |= value[i] > error ? bit_at[i] : 0;
        signs.negative |= value[i] < -error ? bit_at[i] : 0;
    }
    return signs;
}

}  // namespace relutope
