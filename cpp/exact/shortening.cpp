#include "exact/shortening.hpp"

#include <bit>
#include <limits>

namespace relutope::exact {

unsigned trailing_zeros(const Integer& value) {
    const auto* limbs = value.backend().limbs();
    unsigned word = 0;
    while (limbs[word] == 0) ++word;
    return word * std::numeric_limits<boost::multiprecision::limb_type>::digits + static_cast<unsigned>(std::countr_zero(limbs[word]));
}

// With an odd denominator the lowest word of the quotient is that of the numerator times the inverse of the denominator's modulo the
// size of a word; what it accounts for is taken away, and so on. The quotient is as long as its number of words says, so words above
// are not looked at.
Integer exact_quotient(Integer numerator, const Integer& denominator) {
    using Limb = boost::multiprecision::limb_type;
    using Wide = boost::multiprecision::double_limb_type;
    constexpr int bits = std::numeric_limits<Limb>::digits;
    const bool negative = (numerator.sign() < 0) != (denominator.sign() < 0);
    if (numerator.is_zero()) return 0;
    if (numerator.sign() < 0) numerator.backend().negate();
    const auto* divisor = &denominator;
    Integer odd;
    if (!(denominator.backend().limbs()[0] & 1)) {
        const unsigned shift = trailing_zeros(denominator);
        numerator >>= shift;
        odd = abs(denominator) >> shift;
        divisor = &odd;
    }
    const Limb* const by = divisor->backend().limbs();
    const auto by_size = static_cast<int>(divisor->backend().size());
    const int size = static_cast<int>(numerator.backend().size()) - by_size + 1;
    if (by_size > 1 || by[0] != 1) {
        Limb inverse = by[0];  // right in the lowest 3 bits; each step doubles their number
        for (int right = 3; right < bits; right *= 2) inverse *= 2 - by[0] * inverse;
        Limb* const rest = numerator.backend().limbs();
        for (int i = 0; i < size; ++i) {
            const Limb word = rest[i] * inverse;
            Wide carry = 0;
            for (int j = 0; j < by_size && i + j < size; ++j) {
                carry += static_cast<Wide>(word) * by[j];
                const auto low = static_cast<Limb>(carry);
                carry >>= bits;
                carry += rest[i + j] < low;
                rest[i + j] -= low;
            }
            for (int j = by_size; carry != 0 && i + j < size; ++j) {
                const auto low = static_cast<Limb>(carry);
                carry = (carry >> bits) + (rest[i + j] < low);
                rest[i + j] -= low;
            }
            rest[i] = word;
        }
        numerator.backend().resize(static_cast<unsigned>(size), static_cast<unsigned>(size));
        numerator.backend().normalize();
    }
    if (negative) numerator.backend().negate();
    return numerator;
}

void divide_by_content(Point& point) {
    Integer content = point.denominator;
    for (const auto* part : {&point.finite, &point.infinite}) {
        for (const Integer& entry : *part) {
            if (content == 1) return;
            if (!entry.is_zero()) content = gcd(content, abs(entry));
        }
    }
    if (content == 1) return;
    point.denominator /= content;
    for (auto* part : {&point.finite, &point.infinite}) {
        for (Integer& entry : *part) entry /= content;
    }
}

}  // namespace relutope::exact
