#include "exact/residue.hpp"

#include <utility>
#include <vector>

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

namespace {

std::uint64_t residue_of_double(double value) {
    const int exponent = lowest_exponent(value);
    const int shift = (exponent % prime_bits + prime_bits) % prime_bits;  // 2^61 is 1
    return product(residue(scaled_integer(value, exponent)), std::uint64_t{1} << shift);
}

}  // namespace

// Elimination of the unknowns from the goal, all modulo the prime; columns are the basis, then the value of what does not depend on it.
bool may_vanish(std::span<const Form> forms, const Form& goal, std::span<const int> basis, std::span<const double> point) {
    const std::size_t size = basis.size();
    std::vector<char> unknown(point.size());
    for (const int k : basis) unknown[k] = 1;
    std::vector<std::uint64_t> known(point.size());
    for (std::size_t k = 0; k < point.size(); ++k)
        if (!unknown[k]) known[k] = residue_of_double(point[k]);
    const auto line_of = [&](const Form& form) {
        std::vector<std::uint64_t> line;
        for (const int k : basis) line.push_back(residue(form.weight[k]));
        std::uint64_t value = residue(form.constant);
        for (std::size_t k = 0; k < point.size(); ++k)
            if (known[k] != 0) value = modular::sum(value, product(residue(form.weight[k]), known[k]));
        line.push_back(value);
        return line;
    };
    std::vector<std::vector<std::uint64_t>> lines;
    for (const Form& form : forms) lines.push_back(line_of(form));
    lines.push_back(line_of(goal));
    for (std::size_t column = 0; column < size; ++column) {
        std::size_t pivot = column;
        while (pivot < size && lines[pivot][column] == 0) ++pivot;
        if (pivot == size) return true;
        std::swap(lines[pivot], lines[column]);
        const std::vector<std::uint64_t>& own = lines[column];
        for (std::size_t i = column + 1; i <= size; ++i) {
            if (lines[i][column] == 0) continue;
            const std::uint64_t factor = prime - lines[i][column];
            for (std::size_t k = column + 1; k <= size; ++k)
                lines[i][k] = modular::sum(product(own[column], lines[i][k]), product(factor, own[k]));
        }
    }
    return lines[size][size] == 0;
}

}  // namespace relutope::exact
