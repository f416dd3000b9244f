// Where the signs of each level stand in a vertex's sign words.
//
// Level 0 is the domain's sides, level l >= 1 is hidden layer l - 1. Each level starts a new word.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "refinement/domain.hpp"
#include "refinement/network.hpp"

namespace relutope {

struct LevelWords {
    int count = 0;  // forms of the level
    int first = 0;  // index of the level's first word
    int words = 0;
};

class SignLayout {
public:
    SignLayout(const Network& network, const Domain& domain) {
        add(domain.num_sides());
        for (int layer = 0; layer < network.num_hidden(); ++layer) add(network.layer(layer).outputs);
    }

    int num_levels() const { return static_cast<int>(level_.size()); }
    const LevelWords& level(int index) const { return level_[index]; }
    int total_words() const { return total_; }
    // Ones at the bits that are in use.
    const std::vector<std::uint64_t>& used() const { return used_; }

private:
    void add(int count) {
        level_.push_back({count, total_, words_for(count)});
        total_ += words_for(count);
        for (int rest = count; rest > 0; rest -= 64)
            used_.push_back(rest >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << rest) - 1);
    }

    std::vector<LevelWords> level_;
    std::vector<std::uint64_t> used_;
    int total_ = 0;
};

// One bit of a level: word index within the level, and the bit.
struct SignBit {
    int word;
    std::uint64_t bit;
    explicit SignBit(int index) : word(index >> 6), bit(std::uint64_t{1} << (index & 63)) {}
};

}  // namespace relutope
