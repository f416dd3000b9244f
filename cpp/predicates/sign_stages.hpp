// The stages that decide a sign, in order of their cost, each of which may leave it to the next.
//
//   filtered   floating point with a forward error bound
//   refined    the same at a point that was found again from its hyperplanes, with the least bound floating point can prove
//   inherited  what the signs of other forms and the structure of the network say
//   exact      integers, which always decide
//
// An engine gives the stages that it has; which of them decided is counted, so that `stats` tells them apart.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "predicates/sign.hpp"

namespace relutope {

// A stage of the cascade: says a sign, or nothing.
template <class Look>
struct SignStage {
    std::uint64_t StageCounts::*counter;
    Look look;
};

template <class Look>
SignStage<Look> filtered_stage(Look look) {
    return {&StageCounts::filtered, std::move(look)};
}
template <class Look>
SignStage<Look> refined_stage(Look look) {
    return {&StageCounts::refined, std::move(look)};
}
template <class Look>
SignStage<Look> inherited_stage(Look look) {
    return {&StageCounts::inherited, std::move(look)};
}

// The sign by the first stage that knows it, by `exact` where none does.
template <class Exact, class... Looks>
Sign decide_sign(StageCounts& counts, Exact&& exact, SignStage<Looks>... stages) {
    std::optional<Sign> sign;
    [[maybe_unused]] const auto ask = [&](auto& stage) {
        sign = stage.look();
        if (sign) ++(counts.*stage.counter);
        return sign.has_value();
    };
    if ((ask(stages) || ...)) return *sign;
    ++counts.exact;
    return exact();
}

// 64 signs at once: bit i is set where value[i] is certainly positive, or certainly negative. `error` bounds all errors.
struct SignWord {
    std::uint64_t positive = 0;
    std::uint64_t negative = 0;
    std::uint64_t doubtful(std::uint64_t used) const { return used & ~(positive | negative); }
    void set(int bit, Sign sign) {
        if (sign == Sign::positive) positive |= std::uint64_t{1} << bit;
        if (sign == Sign::negative) negative |= std::uint64_t{1} << bit;
    }
};

// REQUIRES: 0 <= count <= 64.
SignWord filtered_many_signs(const double* value, int count, double error);
inline SignWord filtered_signs(const double* value, int count, double error) {
    if (count > 32) return filtered_many_signs(value, count, error);  // by wide vectors, at the price of a call
    SignWord signs;
    for (int i = 0; i < count; ++i) {
        signs.positive |= std::uint64_t{value[i] > error} << i;
        signs.negative |= std::uint64_t{value[i] < -error} << i;
    }
    return signs;
}

}  // namespace relutope
