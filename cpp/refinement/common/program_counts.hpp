// How linear programs were decided.
#pragma once

#include <cstdint>

namespace relutope {

struct ProgramCounts {
    std::uint64_t solved = 0;    // linear programs
    std::uint64_t pivots = 0;    // in plain floating point
    std::uint64_t refined = 0;   // of the programs, decided with twice the digits
    std::uint64_t by_basis = 0;  // decided by integers on the basis that floating point has found
    std::uint64_t exact = 0;     // decided by the rational program

    void add(const ProgramCounts& other) {
        solved += other.solved;
        pivots += other.pivots;
        refined += other.refined;
        by_basis += other.by_basis;
        exact += other.exact;
    }
};

}  // namespace relutope
