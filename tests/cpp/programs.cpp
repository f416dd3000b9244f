#include "programs.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace relutope::testing {

Rational value_of(const Row& row, const std::vector<Rational>& point) {
    Rational value = rational(row.back());
    for (std::size_t k = 0; k < point.size(); ++k) value += rational(row[k]) * point[k];
    return value;
}

Rational least_value(const Program& program) {
    const int n = program.dimension();
    std::vector<Row> all = program.rows;
    for (int k = 0; k < n; ++k) {
        Row side(n + 1, 0.0);
        side[k] = 1;
        side[n] = -program.lower[k];
        all.push_back(side);
        side[k] = -1;
        side[n] = program.upper[k];
        all.push_back(side);
    }
    std::optional<Rational> least;
    std::vector<char> chosen(all.size(), 0);
    std::fill_n(chosen.begin(), n, 1);
    do {
        std::vector<std::vector<Rational>> weights;
        std::vector<Rational> constants;
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (!chosen[i]) continue;
            constants.push_back(rational(all[i].back()));
            weights.push_back(rationals({all[i].begin(), all[i].end() - 1}));
        }
        const auto vertex = solve(weights, constants);
        if (!vertex) continue;
        if (std::any_of(all.begin(), all.end(), [&](const Row& row) { return value_of(row, *vertex) < 0; })) continue;
        const Rational value = value_of(program.objective, *vertex);
        if (!least || value < *least) least = value;
    } while (std::prev_permutation(chosen.begin(), chosen.end()));
    if (!least) throw std::logic_error("the program is infeasible");
    return *least;
}

Program integer_program(Random& random, int dimension, int rows, double size) {
    Program program{Row(dimension + 1), {}, std::vector<double>(dimension, -size), std::vector<double>(dimension, size)};
    for (double& entry : program.objective) entry = random_integer(random, 3);
    for (int i = 0; i < rows; ++i) {
        Row row(dimension + 1);
        for (double& entry : row) entry = random_integer(random, 3);
        row.back() = i % 2 ? std::fabs(row.back()) : 0;
        program.rows.push_back(row);
    }
    if (rows > 0 && random() % 3 == 0) {
        std::fill(program.objective.begin(), program.objective.end(), 0.0);
        for (const Row& row : program.rows) {
            const double multiplier = std::fabs(random_integer(random, 2));
            for (std::size_t k = 0; k < row.size(); ++k) program.objective[k] += multiplier * row[k];
        }
        program.objective.back() += random_integer(random, 1);
    }
    return program;
}

}  // namespace relutope::testing
