#include <doctest/doctest.h>

#include <set>
#include <vector>

#include "geometry/facet_mask.hpp"
#include "numbers.hpp"

using namespace relutope;
using relutope::testing::Random;

namespace {

template <int Words>
void check_against_sets() {
    using Mask = FacetMask<Words>;
    Random random(20 + Words);
    const auto random_set = [&] {
        std::set<int> result;
        for (int k = 0; k < Mask::capacity / 2; ++k) result.insert(static_cast<int>(random() % Mask::capacity));
        return result;
    };
    const auto mask_of = [](const std::set<int>& slots) {
        Mask mask;
        for (const int slot : slots) mask.insert(slot);
        return mask;
    };
    for (int trial = 0; trial < 20; ++trial) {
        const std::set<int> a = random_set(), b = random_set();
        std::set<int> both, either = a;
        either.insert(b.begin(), b.end());
        for (const int slot : a)
            if (b.count(slot)) both.insert(slot);
        CHECK((mask_of(a) & mask_of(b)) == mask_of(both));
        CHECK((mask_of(a) | mask_of(b)) == mask_of(either));
        CHECK(mask_of(either).includes(mask_of(a)));
        CHECK(mask_of(a).includes(mask_of(either)) == (either == a));
        CHECK(mask_of(a).count() == static_cast<int>(a.size()));
        std::set<int> visited;
        int last = -1;
        mask_of(a).for_each([&](int slot) {
            CHECK(slot > last);
            visited.insert(last = slot);
        });
        CHECK(visited == a);
        int free = 0;
        while (a.count(free)) ++free;
        CHECK(mask_of(a).first_free() == free);
        for (int slot = 0; slot < Mask::capacity; ++slot) CHECK(mask_of(a).contains(slot) == (a.count(slot) == 1));
    }
}

template <int Words>
void check_full() {
    FacetMask<Words> mask;
    CHECK(mask.empty());
    for (int slot = 0; slot < mask.capacity; ++slot) {
        CHECK(mask.first_free() == slot);
        mask.insert(slot);
        CHECK_FALSE(mask.empty());
    }
    CHECK(mask.first_free() == -1);
    CHECK(mask.count() == mask.capacity);
}

}  // namespace

TEST_SUITE_BEGIN("facet_mask");

TEST_CASE("masks behave like sets of slots") {
    check_against_sets<1>();
    check_against_sets<4>();
    check_against_sets<64>();
}

TEST_CASE("the lowest free slot, until there is none") {
    check_full<1>();
    check_full<4>();
    check_full<64>();
}

TEST_SUITE_END();
