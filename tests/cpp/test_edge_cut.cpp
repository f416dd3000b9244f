#include <doctest/doctest.h>

#include <cmath>

#include "geometry/edge_cut.hpp"
#include "numbers.hpp"

using namespace relutope;
using namespace relutope::testing;

namespace {

// The computed cut of an edge of one coordinate, and its radius.
struct Placed {
    double v, radius;
};

Placed place(EndValue at_u, EndValue at_w, double u, double w, double radius_u, double radius_w) {
    const EdgeCut cut = cut_edge(at_u, at_w);
    const double difference = w - u;
    const Position pu{radius_u, (std::fabs(u) + radius_u) * 1.0000001}, pw{radius_w, (std::fabs(w) + radius_w) * 1.0000001};
    return {u + cut.share * difference, cut_radius(cut, std::fabs(difference), pu, pw)};
}

// The largest distance of the true cut from v when the sizes and ends are off by all that they may be.
Rational worst_error(const Placed& placed, EndValue at_u, EndValue at_w, double u, double w, double radius_u, double radius_w) {
    Rational worst = 0;
    for (const int i : {-1, 0, 1})
        for (const int j : {-1, 0, 1})
            for (const int k : {-1, 0, 1})
                for (const int l : {-1, 0, 1}) {
                    const Rational a = rational(at_u.size) + i * rational(at_u.error), b = rational(at_w.size) + j * rational(at_w.error);
                    if (a <= 0 || b <= 0) continue;  // the signs are certain
                    const Rational x = rational(u) + k * rational(radius_u), y = rational(w) + l * rational(radius_w);
                    const Rational off = abs(rational(placed.v) - (x + a / (a + b) * (y - x)));
                    worst = std::max(worst, off);
                }
    return worst;
}

}  // namespace

TEST_SUITE_BEGIN("edge_cut");

TEST_CASE("the middle of an edge, known to a unit in the last place") {
    const Placed placed = place({1, 0x1p-60}, {1, 0x1p-60}, 0, 1, 0, 0);
    CHECK(placed.v == 0.5);
    CHECK(placed.radius < 0x1p-48);
}

TEST_CASE("a share that rounds to one keeps the error of the far end") {
    for (const int k : {4, 10, 20, 30}) {
        const EndValue at_u{1, 1 - std::ldexp(1.0, -k)}, at_w{0x1p-54, 0x1p-1000};
        const Placed placed = place(at_u, at_w, 0, 1, 0, 0);
        CAPTURE(k);
        CHECK(worst_error(placed, at_u, at_w, 0, 1, 0, 0) <= rational(placed.radius));
    }
}

TEST_CASE("a sum of sizes that hides a small one is not taken for a gap") {
    // a* + b* may be as small as 2^-53, the difference of the rounded sums is 2^-52.
    const EndValue at_u{0x1.8p-53, 0x1p-1000}, at_w{1, 1};
    const Placed placed = place(at_u, at_w, 0, 1, 0, 0);
    CHECK(worst_error(placed, at_u, at_w, 0, 1, 0, 0) <= rational(placed.radius));
}

TEST_CASE("signs that floating point does not see leave nothing known") {
    CHECK(cut_edge({0, 0x1p-50}, {1, 0x1p-50}).error == HUGE_VAL);
    CHECK(cut_edge({-0x1p-60, 0x1p-50}, {1, 0x1p-50}).error == HUGE_VAL);
    CHECK(cut_edge({1, 1}, {1, 1}).error == HUGE_VAL);
    CHECK(cut_edge({HUGE_VAL, HUGE_VAL}, {1, 0x1p-50}).error == HUGE_VAL);
    CHECK(place({1, 0x1p-50}, {1, 0x1p-50}, 0, 1, HUGE_VAL, 0).radius == HUGE_VAL);
}

TEST_CASE("random sizes, errors and ends: the true cut is within the radius") {
    Random random(1);
    const auto size = [&](int low, int high) { return std::fabs(random_double(random, low, high)); };
    int bounded = 0;
    for (int trial = 0; trial < 4000; ++trial) {
        const int low = trial % 3 == 0 ? -1000 : -60, high = trial % 3 == 0 ? 400 : 4;
        EndValue at_u{size(low, high), 0}, at_w{size(low, high), 0};
        for (EndValue* end : {&at_u, &at_w}) {
            const double share = trial % 2 ? 1 - size(-50, 0) : size(-60, 1);
            end->error = std::max(end->size * share, 0x1p-1000);
        }
        const double u = random_double(random, -30, 30), w = random_double(random, -30, 30);
        const double radius_u = size(-90, 5), radius_w = size(-90, 5);
        const Placed placed = place(at_u, at_w, u, w, radius_u, radius_w);
        if (placed.radius == HUGE_VAL) continue;
        ++bounded;
        CAPTURE(trial);
        CHECK(worst_error(placed, at_u, at_w, u, w, radius_u, radius_w) <= rational(placed.radius));
    }
    CHECK(bounded > 2000);
}

TEST_CASE("random rays: the true cut is within the radius") {
    Random random(2);
    const auto size = [&](int low, int high) { return std::fabs(random_double(random, low, high)); };
    int bounded = 0;
    for (int trial = 0; trial < 4000; ++trial) {
        EndValue at_u{size(-60, 4), 0}, far{size(-60, 4), 0};
        for (EndValue* end : {&at_u, &far}) end->error = std::max(end->size * (trial % 2 ? 1 - size(-50, 0) : size(-60, 1)), 0x1p-1000);
        const double u = random_double(random, -30, 30), q = random_double(random, -20, 0);
        const double radius_u = size(-90, 5), radius_q = size(-90, -50);
        const EdgeCut cut = cut_ray(at_u, far);
        const double v = u + cut.share * q;
        const double radius = ray_cut_radius(cut, {radius_u, (std::fabs(u) + radius_u) * 1.0000001}, {radius_q, (std::fabs(q) + radius_q) * 1.0000001});
        if (radius == HUGE_VAL) continue;
        ++bounded;
        Rational worst = 0;
        for (const int i : {-1, 0, 1})
            for (const int j : {-1, 0, 1})
                for (const int k : {-1, 0, 1})
                    for (const int l : {-1, 0, 1}) {
                        const Rational a = rational(at_u.size) + i * rational(at_u.error), b = rational(far.size) + j * rational(far.error);
                        if (a <= 0 || b <= 0) continue;
                        const Rational x = rational(u) + k * rational(radius_u), y = rational(q) + l * rational(radius_q);
                        worst = std::max<Rational>(worst, abs(rational(v) - (x + a / b * y)));
                    }
        CAPTURE(trial);
        CHECK(worst <= rational(radius));
    }
    CHECK(bounded > 1600);
    CHECK(cut_ray({1, 0x1p-50}, {0x1p-60, 0x1p-50}).error == HUGE_VAL);
    CHECK(cut_ray({1, 0x1p-50}, {-1, 0x1p-50}).error == HUGE_VAL);
}

TEST_SUITE_END();
