// Kernels compiled twice, for processors with 256-bit vectors and for all; the one that fits is chosen when the library is loaded.
// Both give the same numbers bit for bit: without -ffast-math compilers keep the order of operations, and neither fuses them.
#pragma once

#include <climits>  // defines __GLIBC__ where it is

// Needs indirect functions of the loader. Their resolvers run before a sanitizer is ready.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define RELUTOPE_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define RELUTOPE_CLONES
#endif
