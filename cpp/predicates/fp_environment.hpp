// The floating-point environment that every bound and every exact conversion rests on: round to nearest, subnormals kept, no traps.
//
// It belongs to the process, not to us: torch.set_flush_denormal, libraries built with -ffast-math and fesetround change it, and a
// thread starts with that of the thread that makes it. So every entry from outside and every thread of ours holds an FpEnvironment
// while it works.
#pragma once

#include <cfloat>
#include <cstdint>

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "relutope proves its results with error bounds of IEEE arithmetic: build without -ffast-math and -ffinite-math-only"
#endif

#if defined(__SSE2__)
#include <xmmintrin.h>
#elif !defined(__aarch64__) && !defined(__wasm__)
#include <cfenv>
#endif

namespace relutope {

// Every operation rounds to double by itself; x87 code would keep extended precision in between.
static_assert(FLT_EVAL_METHOD == 0, "the error bounds need arithmetic that is evaluated in double precision");

// Sets the environment of this thread for its lifetime and puts back what was there before, flags included.
class FpEnvironment {
public:
    FpEnvironment() : saved_(current()) { set(wanted); }
    ~FpEnvironment() { set(saved_); }
    FpEnvironment(const FpEnvironment&) = delete;
    FpEnvironment& operator=(const FpEnvironment&) = delete;

private:
#if defined(__SSE2__)
    // MXCSR: all exceptions masked; rounding mode (bits 13, 14), flush-to-zero (15) and denormals-are-zero (6) are 0. Nothing here
    // computes in x87 registers. The clobbers keep loads and stores on their side of the switch.
    using State = std::uint32_t;
    static constexpr State wanted = 0x1F80;
    static State current() { return _mm_getcsr(); }
    static void set(State state) { asm volatile("ldmxcsr %0" : : "m"(state) : "memory"); }
#elif defined(__aarch64__)
    // FPCR: rounding mode (bits 22, 23), FZ (24), FZ16 (19), FIZ and AH (0, 1), default NaN (25) and all traps are 0.
    using State = std::uint64_t;
    static constexpr State wanted = 0;
    static State current() {
        State state;
        asm volatile("mrs %0, fpcr" : "=r"(state) : : "memory");
        return state;
    }
    static void set(State state) { asm volatile("msr fpcr, %0" : : "r"(state) : "memory"); }
#elif defined(__wasm__)
    // WebAssembly has this environment and no other.
    using State = std::uint32_t;
    static constexpr State wanted = 0;
    static State current() { return 0; }
    static void set(State) {}
#else
    struct State {
        std::fenv_t environment;
        bool is_default;
    };
    static constexpr State wanted{{}, true};
    static State current() {
        State state{{}, false};
        std::fegetenv(&state.environment);
        return state;
    }
    static void set(const State& state) { std::fesetenv(state.is_default ? FE_DFL_ENV : &state.environment); }
#endif

    State saved_;
};

}  // namespace relutope
