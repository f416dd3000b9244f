// What every search is given.
#pragma once

#include <cstdint>

#include "network/domain.hpp"
#include "network/network.hpp"
#include "network/repeated_rows.hpp"
#include "network/sign_layout.hpp"
#include "refinement/common/records.hpp"

namespace relutope {

struct Problem {
    Problem(const Network& network, const Domain& domain, const SearchOptions& options = {})
        : network(network), domain(domain), layout(network, domain), repeated(network), options(options) {}

    // The forms of a level that are looked at, as a word of bits: all but copies of neurons.
    std::uint64_t own_bits(int level, int word) const {
        const std::uint64_t used = layout.used()[layout.level(level).first + word];
        return level > 0 && repeated.any() ? used & ~repeated.bits(level - 1)[word] : used;
    }
    // Sets the signs of a level's copies in a point's sign words.
    void copy_signs(int level, std::uint64_t* positive, std::uint64_t* negative) const {
        if (level == 0 || !repeated.any()) return;
        const int first = layout.level(level).first;
        relutope::copy_signs(repeated.copies(level - 1), positive + first, negative + first);
    }

    const Network& network;
    const Domain& domain;
    const SignLayout layout;
    const RepeatedRows repeated;
    const SearchOptions options;
};

}  // namespace relutope
