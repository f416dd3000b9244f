// The audit build (RELUTOPE_AUDIT): every error bound that floating point claims is compared with integers, and a claim that does not
// hold ends the search. It is hundreds of times slower, and never shipped.
#pragma once

#include <cstdint>

#include "exact/linear.hpp"
#include "geometry/form_table.hpp"

namespace relutope::audit {

#ifdef RELUTOPE_AUDIT
inline constexpr bool on = true;
#else
inline constexpr bool on = false;
#endif

// How many claims were looked at, in all threads.
struct Counts {
    std::uint64_t radii, values, forms;
};
Counts counts();

// A point or the infinite part of one: x is within `radius` of it, and both are at most `extent` in size.
void check_position(const exact::Point& point, bool infinite, const double* x, double radius, double extent);
// The form's value at the point, or its coefficient of R, is within `error` of `value`. The exact form is the real one times
// 2^-exponent.
void check_value(const exact::Form& form, int exponent, const exact::Point& point, bool infinite, double value, double error);
// The same where the exact form is the real one up to an unknown positive factor: the signs agree.
void check_sign(const exact::Form& form, const exact::Point& point, bool infinite, double value, double error);
// Form `index` of the table has the errors that it claims.
void check_form(const exact::Form& form, int exponent, const FormTable& table, int index);

}  // namespace relutope::audit
