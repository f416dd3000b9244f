// Integers modulo the prime 2^61 - 1: what differs there differs.
#pragma once

#include <cstdint>
#include <optional>

#include "exact/linear.hpp"

namespace relutope::exact {

// Modulo 2^61 - 1.
std::uint64_t residue(const Integer& value);

// Equal for forms that are multiples of each other, and as good as never for others; the parts at infinity are not looked at. Nothing
// where the prime divides all coefficients.
std::optional<std::uint64_t> direction_residue(const Form& form);

}  // namespace relutope::exact
