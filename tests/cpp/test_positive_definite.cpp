#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "refinement/explore/positive_definite.hpp"

using namespace relutope;

namespace {

using Matrix = std::vector<std::vector<double>>;

// With lines that begin at these places, or at the first nonzero entries.
std::vector<double> solved(const Matrix& matrix, std::vector<double> right, std::vector<int> starts = {}) {
    const auto size = static_cast<int>(matrix.size());
    if (starts.empty()) {
        for (int i = 0; i < size; ++i) {
            starts.push_back(0);
            while (matrix[i][starts[i]] == 0) ++starts[i];
        }
    }
    PositiveDefinite system;
    system.begin(std::vector<int>(3));  // what was there before does not matter
    system.begin(starts);
    for (int i = 0; i < size; ++i)
        for (int j = starts[i]; j <= i; ++j) system.line(i)[j] = matrix[i][j];
    system.factor();
    system.solve(right);
    return right;
}

}  // namespace

TEST_SUITE_BEGIN("positive_definite");

TEST_CASE("small systems") {
    CHECK(solved({}, {}).empty());
    CHECK(solved({{4}}, {2}) == std::vector<double>{0.5});
    CHECK(solved({{4, 0}, {2, 5}}, {8, 12}) == std::vector<double>{1, 2});
}

TEST_CASE("second differences: lines of two entries, and one that sees all") {
    for (const int size : {7, 8, 9, 40}) {
        CAPTURE(size);
        Matrix matrix(size, std::vector<double>(size));
        std::vector<double> wanted(size), right(size, 1.0);
        for (int i = 0; i < size; ++i) {
            matrix[i][i] = 2;
            if (i > 0) matrix[i][i - 1] = -1;
            wanted[i] = 0.5 * (i + 1) * (size - i);
        }
        std::vector<double> x = solved(matrix, right);
        for (int i = 0; i < size; ++i) CHECK(x[i] == doctest::Approx(wanted[i]));
        // The last line gets 1 / 64 in all places, on both sides of the diagonal.
        for (int j = 0; j < size; ++j) {
            const double added = j == size - 1 ? 30 : 0x1p-6;
            matrix[size - 1][j] += added;
            right[size - 1] += added * wanted[j];
            if (j < size - 1) right[j] += added * wanted[size - 1];
        }
        x = solved(matrix, right);
        for (int i = 0; i < size; ++i) CHECK(x[i] == doctest::Approx(wanted[i]));
    }
}

TEST_CASE("leaving zeros out changes nothing") {
    const int size = 21;
    Matrix matrix(size, std::vector<double>(size));
    for (int i = 0; i < size; ++i) {
        for (int j = i / 3 * 2; j < i; ++j) matrix[i][j] = 1.0 / (1 + i + j);
        matrix[i][i] = 3;
    }
    const std::vector<double> right(size, 1.0);
    const std::vector<double> x = solved(matrix, right), with_zeros = solved(matrix, right, std::vector<int>(size));
    for (int i = 0; i < size; ++i) CHECK(x[i] == doctest::Approx(with_zeros[i]));
}

TEST_CASE("lines that depend on each other leave numbers") {
    for (const double x : solved({{1, 0}, {1, 1}}, {1, 1})) CHECK(std::isfinite(x));
}

TEST_SUITE_END();
