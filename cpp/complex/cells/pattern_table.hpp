// Finds cells by their patterns.
#pragma once

#include <cstdint>
#include <vector>

namespace relutope {

// A hash table whose hash is linear in the pattern's words, so that flipping one bit changes it by a known amount.
class PatternTable {
public:
    // REQUIRES: `patterns` (count x words) outlives this object and does not change.
    PatternTable(const std::uint64_t* patterns, int words, std::int64_t count) : patterns_(patterns), factor_(words) {
        for (std::size_t k = 0; k < factor_.size(); ++k) factor_[k] = mix(0x9E3779B97F4A7C15u * (k + 1)) | 1;
        std::size_t size = 16;
        while (size < 2 * static_cast<std::size_t>(count)) size *= 2;
        table_.assign(size, none);
        for (std::int64_t cell = 0; cell < count; ++cell) {
            std::size_t place = mix(hash(cell));
            while (table_[place &= table_.size() - 1] != none) ++place;
            table_[place] = static_cast<std::int32_t>(cell);
        }
    }

    static constexpr std::int32_t none = -1;

    std::uint64_t hash(std::int64_t cell) const {
        const std::uint64_t* words = pattern(cell);
        std::uint64_t sum = 0;
        for (std::size_t k = 0; k < factor_.size(); ++k) sum += words[k] * factor_[k];
        return sum;
    }

    // The cell whose pattern is that of `cell` with one neuron flipped, or none.
    std::int32_t flipped(std::int64_t cell, std::uint64_t hash_of_cell, int neuron) const {
        const int word = neuron >> 6;
        const std::uint64_t bit = std::uint64_t{1} << (neuron & 63);
        const std::uint64_t step = bit * factor_[word];
        const std::uint64_t target = pattern(cell)[word] & bit ? hash_of_cell - step : hash_of_cell + step;
        for (std::size_t place = mix(target);; ++place) {
            const std::int32_t candidate = table_[place &= table_.size() - 1];
            if (candidate == none || differs_only(pattern(cell), pattern(candidate), word, bit)) return candidate;
        }
    }

private:
    static std::uint64_t mix(std::uint64_t x) {
        x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93u;
        x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93u;
        return x ^ (x >> 32);
    }

    const std::uint64_t* pattern(std::int64_t cell) const { return patterns_ + cell * static_cast<std::int64_t>(factor_.size()); }

    bool differs_only(const std::uint64_t* a, const std::uint64_t* b, int word, std::uint64_t bit) const {
        for (int k = 0; k < static_cast<int>(factor_.size()); ++k)
            if ((a[k] ^ b[k]) != (k == word ? bit : 0)) return false;
        return true;
    }

    const std::uint64_t* patterns_;
    std::vector<std::uint64_t> factor_;
    std::vector<std::int32_t> table_;
};

}  // namespace relutope
