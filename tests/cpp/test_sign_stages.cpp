// The cascade of stages that decides a sign.
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include "predicates/sign_stages.hpp"

using namespace relutope;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// A cascade whose stages know the sign from `first` on, and write down that they were asked.
struct Asked {
    int first;
    std::vector<int> stages;
    StageCounts counts;

    Sign decide() {
        const auto look = [this](int stage) {
            return [this, stage]() -> std::optional<Sign> {
                stages.push_back(stage);
                if (stage < first) return std::nullopt;
                return stage % 2 ? Sign::negative : Sign::zero;
            };
        };
        const auto exact = [this] {
            stages.push_back(3);
            return Sign::positive;
        };
        return decide_sign(counts, exact, filtered_stage(look(0)), refined_stage(look(1)), inherited_stage(look(2)));
    }
};

}  // namespace

TEST_SUITE_BEGIN("sign_stages");

TEST_CASE("stages are asked in order until one knows the sign, and that one is counted") {
    const Sign expected[] = {Sign::zero, Sign::negative, Sign::zero, Sign::positive};
    for (int first = 0; first <= 3; ++first) {
        Asked asked{first, {}, {}};
        CHECK(asked.decide() == expected[first]);
        std::vector<int> order;
        for (int stage = 0; stage <= first; ++stage) order.push_back(stage);
        CHECK(asked.stages == order);
        CHECK(asked.counts.filtered == (first == 0));
        CHECK(asked.counts.refined == (first == 1));
        CHECK(asked.counts.inherited == (first == 2));
        CHECK(asked.counts.exact == (first == 3));
    }
}

TEST_CASE("without other stages integers decide") {
    StageCounts counts;
    CHECK(decide_sign(counts, [] { return Sign::zero; }) == Sign::zero);
    CHECK(counts.exact == 1);
}

TEST_CASE("a word of signs leaves open what is within the bound, zero and NaN") {
    const std::vector<double> value = {1.0, -1.0, 0.5, -0.5, 0.0, not_a_number, 0.75};
    const SignWord signs = filtered_signs(value.data(), static_cast<int>(value.size()), 0.5);
    CHECK(signs.positive == 0b1000001);
    CHECK(signs.negative == 0b0000010);
    CHECK(signs.doubtful(0b1111111) == 0b0111100);
    CHECK(signs.doubtful(0b0000111) == 0b0000100);
    const SignWord none = filtered_signs(value.data(), static_cast<int>(value.size()), not_a_number);
    CHECK(none.positive == 0);
    CHECK(none.negative == 0);
}

TEST_CASE("64 signs fit into a word, and none is no word") {
    std::vector<double> value(64, -1.0);
    value[63] = 1.0;
    const SignWord signs = filtered_signs(value.data(), 64, 0.0);
    CHECK(signs.positive == std::uint64_t{1} << 63);
    CHECK(signs.negative == ~(std::uint64_t{1} << 63));
    CHECK(filtered_signs(nullptr, 0, 0.0).positive == 0);
}

TEST_CASE("a zero sets neither bit") {
    SignWord signs;
    signs.set(0, Sign::zero);
    signs.set(1, Sign::positive);
    signs.set(63, Sign::negative);
    CHECK(signs.positive == 2);
    CHECK(signs.negative == std::uint64_t{1} << 63);
}

TEST_SUITE_END();
