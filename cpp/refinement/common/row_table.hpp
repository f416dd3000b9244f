// Finds rows of words among those seen before.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace relutope {

// 64-bit mixing of a word sequence (multiply and fold, constants from the golden ratio).
inline std::uint64_t hash_words(const std::uint64_t* words, std::size_t count) {
    std::uint64_t hash = 0x9E3779B97F4A7C15u;
    for (std::size_t k = 0; k < count; ++k) {
        hash = (hash ^ words[k]) * 0xD6E8FEB86659FD93u;
        hash ^= hash >> 32;
    }
    return hash;
}

// Numbers distinct rows 0, 1, ... by first appearance; open addressing. The rows themselves stay with the caller. REQUIRES: fewer
// than 2^32 - 1 of them.
class RowTable {
public:
    // Rows of `width` words.
    void reset(std::size_t width) {
        width_ = width;
        size_ = 0;
        table_.assign(256, none);
    }

    std::uint32_t size() const { return size_; }

    // The number of the row equal to `key`; size() if there was none, and then the key has that number from now on. row(number)
    // points to the words of a row added before.
    template <class Row>
    std::uint32_t find_or_add(const std::uint64_t* key, const Row& row) {
        if (2 * std::size_t{size_} >= table_.size()) grow(row);
        std::size_t place = hash_words(key, width_);
        for (;; ++place) {
            place &= table_.size() - 1;
            if (table_[place] == none) break;
            if (std::equal(key, key + width_, row(table_[place]))) return table_[place];
        }
        return table_[place] = size_++;
    }

private:
    static constexpr std::uint32_t none = UINT32_MAX;

    template <class Row>
    void grow(const Row& row) {
        table_.assign(4 * table_.size(), none);
        for (std::uint32_t number = 0; number < size_; ++number) {
            std::size_t place = hash_words(row(number), width_);
            while (table_[place &= table_.size() - 1] != none) ++place;
            table_[place] = number;
        }
    }

    std::size_t width_ = 0;
    std::uint32_t size_ = 0;
    std::vector<std::uint32_t> table_;
};

}  // namespace relutope
