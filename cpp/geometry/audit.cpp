#include "geometry/audit.hpp"

#include <atomic>
#include <cmath>
#include <stdexcept>

namespace relutope::audit {

namespace {

using Rational = boost::multiprecision::number<boost::multiprecision::cpp_rational_backend, boost::multiprecision::et_off>;

std::atomic<std::uint64_t> radii{0}, values{0}, forms{0};

Rational scaled_value(const exact::Integer& value, int exponent) {
    const exact::Integer power = exact::power_of_two(std::abs(exponent));
    return exponent >= 0 ? Rational(value * power) : Rational(value, power);
}

Rational rational(double value) {
    const int exponent = std::min(exact::lowest_exponent(value), 1100);
    return scaled_value(exact::scaled_integer(value, exponent), exponent);
}

// What is not finite claims nothing.
bool claims(double value, double error) { return std::isfinite(value) && std::isfinite(error); }

void demand(bool holds, const char* what) {
    if (!holds) throw std::logic_error(std::string("audit: ") + what);
}

}  // namespace

Counts counts() { return {radii, values, forms}; }

void check_position(const exact::Point& point, bool infinite, const double* x, double radius, double extent) {
    if (!std::isfinite(radius)) return;
    ++radii;
    const std::vector<exact::Integer>& part = infinite ? point.infinite : point.finite;
    for (std::size_t k = 0; k < point.finite.size(); ++k) {
        const Rational truth = part.empty() ? Rational(0) : Rational(part[k], point.denominator);
        demand(abs(truth - rational(x[k])) <= rational(radius), "a vertex is further off than its radius");
        if (std::isfinite(extent)) demand(abs(truth) <= rational(extent) && std::fabs(x[k]) <= extent, "a vertex is beyond its extent");
    }
}

void check_value(const exact::Form& form, int exponent, const exact::Point& point, bool infinite, double value, double error) {
    if (!claims(value, error)) return;
    ++values;
    const exact::Value truth = exact::value_at(form, point);
    const Rational real = scaled_value(infinite ? truth.infinite : truth.finite, exponent) / Rational(point.denominator);
    demand(abs(real - rational(value)) <= rational(error), "a value is further off than its error");
}

void check_sign(const exact::Form& form, const exact::Point& point, bool infinite, double value, double error) {
    if (!claims(value, error)) return;
    ++values;
    const exact::Value truth = exact::value_at(form, point);
    const int sign = (infinite ? truth.infinite : truth.finite).sign();
    demand((value <= error || sign > 0) && (value >= -error || sign < 0), "a value has the wrong sign");
}

void check_form(const exact::Form& form, int exponent, const FormTable& table, int index) {
    const int n = table.dimension();
    const double weight_error = table.weight_error(index), constant_error = table.constant_error(index);
    if (!std::isfinite(weight_error) || !std::isfinite(constant_error)) return;
    ++forms;
    Rational off;
    for (int k = 0; k < n; ++k) {
        if (!std::isfinite(table.coefficient(index, k))) return;
        off += abs(scaled_value(form.weight[k], exponent) - rational(table.coefficient(index, k)));
    }
    demand(off <= rational(weight_error), "a form's weights are further off than their error");
    const double constant = table.coefficient(index, n);
    if (!std::isfinite(constant)) return;
    demand(abs(scaled_value(form.constant, exponent) - rational(constant)) <= rational(constant_error),
           "a form's constant is further off than its error");
}

}  // namespace relutope::audit
