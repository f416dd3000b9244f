#include "numbers.hpp"

#include <bit>
#include <cmath>
#include <limits>

namespace relutope::testing {

Rational power_of_two(int exponent) {
    const exact::Integer power = exact::Integer(1) << std::abs(exponent);
    return exponent >= 0 ? Rational(power) : Rational(exact::Integer(1), power);
}

Rational scaled(const exact::Integer& value, int exponent) { return Rational(value) * power_of_two(exponent); }

Rational rational(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    const int biased = static_cast<int>(bits >> 52 & 2047);
    const std::uint64_t fraction = bits & ((std::uint64_t{1} << 52) - 1);
    const exact::Integer significand = biased ? fraction | std::uint64_t{1} << 52 : fraction;
    const Rational magnitude = scaled(significand, (biased ? biased : 1) - 1075);
    return bits >> 63 ? Rational(-magnitude) : magnitude;
}

double random_double(Random& random, int low, int high) {
    const double significand = 1.0 + std::ldexp(static_cast<double>(random() >> 12), -52);
    const int exponent = std::uniform_int_distribution<int>(low, high)(random);
    return std::ldexp(random() & 1 ? significand : -significand, exponent);
}

int random_integer(Random& random, int size) { return std::uniform_int_distribution<int>(-size, size)(random); }

// The doubles >= 0 are ordered like their bits, so this is a binary search among them.
double rounded_up(const Rational& value) {
    std::uint64_t low = 0;
    std::uint64_t high = std::bit_cast<std::uint64_t>(std::numeric_limits<double>::infinity());
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (rational(std::bit_cast<double>(middle)) < value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return std::bit_cast<double>(low);
}

bool is_nearest(double result, const Rational& value) {
    if (value < 0) return is_nearest(-result, -value);
    constexpr double largest = std::numeric_limits<double>::max();
    const Rational limit = power_of_two(1024) - power_of_two(970);  // half way between `largest` and 2^1024
    if (value >= limit) return result == HUGE_VAL;
    if (!(result >= 0 && result <= largest)) return false;
    const Rational at = rational(result);
    const bool even = (std::bit_cast<std::uint64_t>(result) & 1) == 0;
    if (result > 0) {
        const Rational middle = (at + rational(std::nextafter(result, 0.0))) / 2;
        if (value < middle || (value == middle && !even)) return false;
    }
    const Rational above = result < largest ? rational(std::nextafter(result, HUGE_VAL)) : power_of_two(1024);
    const Rational middle = (at + above) / 2;
    return value < middle || (value == middle && even);
}

namespace {

// Row-reduces `rows` in its first `columns` columns; returns the rank there.
int reduce(std::vector<std::vector<Rational>>& rows, std::size_t columns) {
    std::size_t rank = 0;
    for (std::size_t column = 0; column < columns && rank < rows.size(); ++column) {
        std::size_t pivot = rank;
        while (pivot < rows.size() && rows[pivot][column] == 0) ++pivot;
        if (pivot == rows.size()) continue;
        std::swap(rows[pivot], rows[rank]);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (i == rank || rows[i][column] == 0) continue;
            const Rational factor = rows[i][column] / rows[rank][column];
            for (std::size_t k = 0; k < rows[i].size(); ++k) rows[i][k] -= factor * rows[rank][k];
        }
        ++rank;
    }
    return static_cast<int>(rank);
}

}  // namespace

int rank(std::vector<std::vector<Rational>> rows) { return rows.empty() ? 0 : reduce(rows, rows.front().size()); }

std::optional<std::vector<Rational>> solve(std::vector<std::vector<Rational>> rows, std::vector<Rational> constant) {
    const std::size_t n = rows.front().size();
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].push_back(constant[i]);
    if (reduce(rows, n) < static_cast<int>(n)) return std::nullopt;
    std::vector<Rational> point;
    for (std::size_t k = 0; k < n; ++k) point.push_back(-rows[k][n] / rows[k][k]);
    return point;
}

}  // namespace relutope::testing
