// Named signs and the counters of the stages that decide them.
#pragma once

#include <cstdint>
#include <optional>

namespace relutope {

enum class Sign : std::int8_t { negative = -1, zero = 0, positive = 1 };

inline Sign to_sign(int value) {
    return value < 0 ? Sign::negative : value > 0 ? Sign::positive : Sign::zero;
}

// How often each stage of the cascade decided a sign.
struct StageCounts {
    std::uint64_t filtered = 0;  // first look: floating point with a forward error bound
    std::uint64_t refined = 0;   // the same after the vertex was solved for again
    std::uint64_t exact = 0;     // integers
    std::uint64_t inherited = 0; // new vertices whose signs followed from the edge they lie on

    void add(const StageCounts& other) {
        filtered += other.filtered;
        refined += other.refined;
        exact += other.exact;
        inherited += other.inherited;
    }
};

// First stage. `error` bounds |value - true value|. Nothing when zero is within the bound; a NaN on either side compares
// false and so is undecided too, and so is an infinite value.
inline std::optional<Sign> sign_filtered(double value, double error) {
    if (value - value != 0) return std::nullopt;
    if (value > error) return Sign::positive;
    if (value < -error) return Sign::negative;
    return std::nullopt;
}

}  // namespace relutope
