#include <doctest/doctest.h>

#include <cfenv>
#include <cstdint>
#include <thread>

#include "exact/integer.hpp"
#include "predicates/fp_environment.hpp"

using namespace relutope;

namespace {

// Not folded by the compiler.
double quotient(double a, double b) {
    volatile double x = a, y = b;
    return x / y;
}

// What the process may have set: any rounding mode, and flush-to-zero with denormals-are-zero where there is such a thing.
class Foreign {
public:
    explicit Foreign(int rounding) {
        std::fegetenv(&saved_);
        std::fesetround(rounding);
#if defined(__SSE2__)
        _mm_setcsr(_mm_getcsr() | 0x8040);
#endif
    }
    ~Foreign() { std::fesetenv(&saved_); }

private:
    std::fenv_t saved_;
};

}  // namespace

TEST_SUITE_BEGIN("fp_environment");

TEST_CASE("inside arithmetic is that of IEEE, and afterwards that of the process again") {
    for (const int rounding : {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
        CAPTURE(rounding);
        const Foreign foreign(rounding);
        const double third_before = quotient(1, 3), tiny_before = quotient(0x1p-1000, 0x1p60);
        {
            const FpEnvironment environment;
            CHECK(quotient(1, 3) == 0x1.5555555555555p-2);
            CHECK(quotient(2, 3) == 0x1.5555555555555p-1);
            CHECK(quotient(0x1p-1000, 0x1p60) == 0x1p-1060);
            CHECK(quotient(0x1p-1060, 0x1p-60) == 0x1p-1000);
        }
        CHECK(std::fegetround() == rounding);
        CHECK(quotient(1, 3) == third_before);
        CHECK(quotient(0x1p-1000, 0x1p60) == tiny_before);
#if defined(__SSE2__)
        CHECK(tiny_before == 0);  // or this test would show nothing
#endif
    }
}

TEST_CASE("a thread that sets it works in it, whatever its parent had") {
    const Foreign foreign(FE_UPWARD);
    double tiny = 0;
    std::thread([&] {
        const FpEnvironment environment;
        tiny = quotient(0x1p-1000, 0x1p60) + quotient(1, 3) * 0;
    }).join();
    const FpEnvironment environment;
    CHECK(tiny == 0x1p-1060);
}

TEST_CASE("environments nest") {
    const Foreign foreign(FE_DOWNWARD);
    {
        const FpEnvironment outer;
        { const FpEnvironment inner; }
        CHECK(quotient(2, 3) == 0x1.5555555555555p-1);
    }
    CHECK(quotient(2, 3) == 0x1.5555555555555p-1);
    CHECK(quotient(-2, 3) == -0x1.5555555555556p-1);
}

TEST_CASE("exact conversions read bits") {
    const Foreign foreign(FE_UPWARD);
    CHECK(exact::lowest_exponent(0x1p-1074) == -1074);
    CHECK(exact::scaled_integer(-0x1.8p-1073, -1074) == -3);
    const double smallest = exact::nearest_double(3, exact::power_of_two(1075));
    const FpEnvironment environment;
    CHECK(smallest == 0x1p-1073);
}

TEST_SUITE_END();
