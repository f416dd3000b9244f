#include "exact/residue.hpp"

namespace relutope::exact {

namespace modular {

std::uint64_t inverse(std::uint64_t value) {
    std::uint64_t result = 1;
    for (std::uint64_t exponent = prime - 2; exponent; exponent >>= 1) {
        if (exponent & 1) result = product(result, value);
        value = product(value, value);
    }
    return result;
}

}  // namespace modular

using modular::prime;
using modular::prime_bits;
using modular::product;
using modular::reduced;

std::uint64_t residue(const Integer& value) {
    using Limb = boost::multiprecision::limb_type;
    constexpr int shift = static_cast<int>(8 * sizeof(Limb)) % prime_bits;
    const auto& backend = value.backend();
    std::uint64_t result = 0;
    for (std::size_t i = backend.size(); i-- > 0;) {
        const std::uint64_t moved = ((result << shift) & prime) | (result >> (prime_bits - shift));
        result = reduced(moved + reduced(backend.limbs()[i]));
    }
    return result != 0 && value.sign() < 0 ? prime - result : result;
}

std::optional<std::uint64_t> direction_residue(const Form& form) {
    std::uint64_t factor = 0;  // makes the first coefficient that does not vanish one
    std::uint64_t key = 0;
    const auto take = [&](const Integer& coefficient) {
        const std::uint64_t value = residue(coefficient);
        if (factor == 0 && value != 0) factor = modular::inverse(value);
        // a polynomial of the normalised coefficients at a fixed number
        key = reduced(product(key, 0x9e3779b97f4a7c1 & prime) + product(value, factor));
    };
    for (const Integer& weight : form.weight) take(weight);
    take(form.constant);
    if (factor == 0) return std::nullopt;
    return key;
}

}  // namespace relutope::exact
