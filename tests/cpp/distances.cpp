#include "distances.hpp"

#include <algorithm>
#include <cmath>

namespace relutope::testing {

namespace {

using Vector = std::vector<Rational>;

Rational product(const Vector& a, const Vector& b, std::size_t n) {
    Rational sum;
    for (std::size_t k = 0; k < n; ++k) sum += a[k] * b[k];
    return sum;
}

Rational value_at(const Vector& row, const Vector& x) { return product(row, x, x.size()) + row.back(); }

// The point nearest to `origin` where the chosen rows vanish, or nothing when they are dependent.
std::optional<Vector> nearest(const Vector& origin, const std::vector<Vector>& rows, const std::vector<int>& chosen) {
    if (chosen.empty()) return origin;
    const std::size_t n = origin.size();
    std::vector<Vector> gram;
    Vector values;
    for (const int i : chosen) {
        gram.emplace_back();
        for (const int j : chosen) gram.back().push_back(product(rows[i], rows[j], n));
        values.push_back(value_at(rows[i], origin));
    }
    const auto multipliers = solve(gram, values);
    if (!multipliers) return std::nullopt;
    Vector x = origin;
    for (std::size_t c = 0; c < chosen.size(); ++c)
        for (std::size_t k = 0; k < n; ++k) x[k] += (*multipliers)[c] * rows[chosen[c]][k];
    return x;
}

}  // namespace

std::optional<Rational> squared_distance(const std::vector<Rational>& origin, const Polyhedron& polyhedron) {
    const int n = static_cast<int>(origin.size());
    std::vector<Vector> all = polyhedron.rows;
    for (int k = 0; k < n; ++k) {
        for (const double sense : {1.0, -1.0}) {
            const double bound = sense > 0 ? polyhedron.lower[k] : polyhedron.upper[k];
            if (std::isinf(bound)) continue;
            Vector row(n + 1);
            row[k] = rational(sense);
            row[n] = rational(-sense * bound);
            all.push_back(row);
        }
    }
    std::optional<Rational> least;
    std::vector<int> chosen;
    if (polyhedron.equation >= 0) chosen.push_back(polyhedron.equation);
    const auto look = [&](const auto& self, int next) -> void {
        const auto x = nearest(origin, all, chosen);
        if (!x) return;  // and so are all larger sets
        bool inside = polyhedron.equation < 0 || value_at(all[polyhedron.equation], *x) == 0;
        for (const Vector& row : all) inside = inside && value_at(row, *x) >= 0;
        if (inside) {
            Rational square;
            for (int k = 0; k < n; ++k) square += ((*x)[k] - origin[k]) * ((*x)[k] - origin[k]);
            if (!least || square < *least) least = square;
        }
        if (static_cast<int>(chosen.size()) == n) return;
        for (int i = next; i < static_cast<int>(all.size()); ++i) {
            if (i == polyhedron.equation) continue;
            chosen.push_back(i);
            self(self, i + 1);
            chosen.pop_back();
        }
    };
    look(look, 0);
    return least;
}

double root(const Rational& square) { return std::sqrt(square.convert_to<double>()); }

}  // namespace relutope::testing
