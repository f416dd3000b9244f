// Integers modulo the prime 2^61 - 1: what differs there differs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "exact/linear.hpp"

namespace relutope::exact {

namespace modular {

inline constexpr int prime_bits = 61;
inline constexpr std::uint64_t prime = (std::uint64_t{1} << prime_bits) - 1;

inline std::uint64_t reduced(std::uint64_t value) {  // 2^61 is 1
    value = (value & prime) + (value >> prime_bits);
    return value >= prime ? value - prime : value;
}

// Of numbers below the prime.
inline std::uint64_t sum(std::uint64_t a, std::uint64_t b) { return a + b >= prime ? a + b - prime : a + b; }
inline std::uint64_t product(std::uint64_t a, std::uint64_t b) {
    const auto whole = static_cast<unsigned __int128>(a) * b;
    return reduced((static_cast<std::uint64_t>(whole) & prime) + static_cast<std::uint64_t>(whole >> prime_bits));
}
// By Fermat's little theorem. REQUIRES: value != 0.
std::uint64_t inverse(std::uint64_t value);

}  // namespace modular

// Modulo 2^61 - 1.
std::uint64_t residue(const Integer& value);

// Equal for forms that are multiples of each other, and as good as never for others; the parts at infinity are not looked at. Nothing
// where the prime divides all coefficients.
std::optional<std::uint64_t> direction_residue(const Form& form);

// False when `goal` certainly does not vanish at the point where the forms vanish and each coordinate that is not in `basis` is that of
// `point`. As good as never true when it does not, unless the forms' weights on the basis are dependent, or are powers of two, of which
// 1 and 2^61 are the same to the prime.
// REQUIRES: as many forms as coordinates in the basis; the other coordinates of `point` are finite. Parts at infinity are not looked at.
bool may_vanish(std::span<const Form> forms, const Form& goal, std::span<const int> basis, std::span<const double> point);

}  // namespace relutope::exact
