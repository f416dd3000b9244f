#include "exact/linear.hpp"

#include <algorithm>
#include <numeric>

#include "exact/lifting.hpp"
#include "exact/short_matrix.hpp"
#include "exact/shortening.hpp"

namespace relutope::exact {

namespace {

using Matrix = std::vector<std::vector<Integer>>;

// The row at or below `first` with the shortest nonzero entry in `column`, or -1. Short pivots keep
// the intermediate determinants short.
int shortest_pivot(const Matrix& matrix, int first, int column) {
    int best = -1;
    unsigned best_bits = 0;
    for (int row = first; row < static_cast<int>(matrix.size()); ++row) {
        const Integer& entry = matrix[row][column];
        if (entry.is_zero()) continue;
        const unsigned bits = static_cast<unsigned>(msb(abs(entry)));
        if (best < 0 || bits < best_bits) {
            best = row;
            best_bits = bits;
        }
    }
    return best;
}

// The largest power of two, by its exponent, that divides all entries which `entry(i)`, i < count, gives; 0 when all are zero.
template <class Entry>
unsigned common_zeros(std::size_t count, Entry&& entry) {
    unsigned zeros = UINT_MAX;
    for (std::size_t i = 0; i < count && zeros > 0; ++i)
        if (!entry(i).is_zero()) zeros = std::min(zeros, trailing_zeros(entry(i)));
    return zeros == UINT_MAX ? 0 : zeros;
}

// Divides each row by a power of two: what the rows say does not change.
void shorten_rows(Matrix& matrix) {
    for (std::vector<Integer>& row : matrix) {
        const unsigned zeros = common_zeros(row.size(), [&](std::size_t k) -> const Integer& { return row[k]; });
        if (zeros == 0) continue;
        for (Integer& entry : row) entry >>= zeros;
    }
}

// Divides each of the first `count` columns by a power of two. Returns their exponents.
std::vector<unsigned> shorten_columns(Matrix& matrix, int count) {
    std::vector<unsigned> exponent(count);
    for (int k = 0; k < count; ++k) {
        exponent[k] = common_zeros(matrix.size(), [&](std::size_t i) -> const Integer& { return matrix[i][k]; });
        if (exponent[k] == 0) continue;
        for (std::vector<Integer>& row : matrix) row[k] >>= exponent[k];
    }
    return exponent;
}

// One Bareiss step: takes the pivot's row from all others from `first` on, dividing by the last pivot. Columns up to the pivot's are
// done with: they are left as they are.
void eliminate(Matrix& matrix, int pivot, int column, const Integer& last_pivot, int first) {
    const std::vector<Integer>& source = matrix[pivot];
    for (int row = first; row < static_cast<int>(matrix.size()); ++row) {
        if (row == pivot) continue;
        std::vector<Integer>& target = matrix[row];
        const Integer& factor = target[column];
        for (std::size_t k = column + 1; k < target.size(); ++k) {
            const bool changes = !factor.is_zero() && !source[k].is_zero();
            if (target[k].is_zero() && !changes) continue;
            target[k] *= source[column];
            if (changes) target[k] -= factor * source[k];
            if (last_pivot != 1) target[k] = exact_quotient(std::move(target[k]), last_pivot);
        }
    }
}

// The forms' coefficients, constants and infinite parts, if machine integers are enough to solve for their common zero.
std::optional<ShortMatrix> short_rows(std::span<const Form* const> forms, int dimension) {
    ShortMatrix matrix(static_cast<int>(forms.size()), dimension + 2);
    for (int row = 0; row < static_cast<int>(forms.size()); ++row) {
        bool fits = matrix.set(row, dimension, forms[row]->constant) && matrix.set(row, dimension + 1, forms[row]->infinite);
        for (int k = 0; fits && k < dimension; ++k) fits = matrix.set(row, k, forms[row]->weight[k]);
        if (!fits) return std::nullopt;
    }
    if (!matrix.shorten(dimension + 1)) return std::nullopt;
    return matrix;
}

// What combination_support says, if machine integers are enough to find out.
std::optional<std::optional<std::vector<bool>>> short_support(std::span<const Form* const> forms, const Form& goal) {
    const int columns = static_cast<int>(forms.size()), rows = static_cast<int>(goal.weight.size());
    ShortMatrix matrix(rows, columns + 1);
    for (int row = 0; row < rows; ++row) {
        bool fits = matrix.set(row, columns, goal.weight[row]);
        for (int k = 0; fits && k < columns; ++k) fits = matrix.set(row, k, forms[k]->weight[row]);
        if (!fits) return std::nullopt;
    }
    if (!matrix.shorten(rows)) return std::nullopt;
    std::vector<int> pivots;  // the column of each row's pivot
    for (int column = 0; column < columns; ++column)
        if (matrix.eliminate(static_cast<int>(pivots.size()), column)) pivots.push_back(column);
    for (int row = static_cast<int>(pivots.size()); row < rows; ++row)
        if (matrix.at(row, columns) != 0) return std::optional<std::vector<bool>>();
    std::vector<bool> support(forms.size());
    for (std::size_t row = 0; row < pivots.size(); ++row) support[pivots[row]] = matrix.at(static_cast<int>(row), columns) != 0;
    return std::optional(support);
}

std::optional<Point> common_zero(ShortMatrix matrix, int dimension) {
    for (int column = 0; column < dimension; ++column)
        if (!matrix.eliminate(column, column)) return std::nullopt;
    const std::int64_t pivot = matrix.last_pivot();
    std::int64_t content = pivot;
    bool at_infinity = false;
    for (int k = 0; k < dimension; ++k) {
        content = std::gcd(content, std::gcd(matrix.at(k, dimension), matrix.at(k, dimension + 1)));
        at_infinity = at_infinity || matrix.at(k, dimension + 1) != 0;
    }
    if (pivot > 0) content = -content;  // weight . x + constant = 0, so x = -constant / pivot
    Point point;
    point.denominator = std::llabs(pivot / content);
    for (int k = 0; k < dimension; ++k) {
        point.finite.emplace_back(matrix.at(k, dimension) / content);
        if (at_infinity) point.infinite.emplace_back(matrix.at(k, dimension + 1) / content);
    }
    return point;
}

// Up to here elimination is faster.
constexpr int few_unknowns = 16;

// The last column is the right side, as in solve_by_lifting below.
std::optional<RationalVector> solve_by_elimination(Matrix matrix) {
    const int size = static_cast<int>(matrix.size());
    Integer last_pivot = 1;
    for (int column = 0; column < size; ++column) {
        const int pivot = shortest_pivot(matrix, column, column);
        if (pivot < 0) return std::nullopt;
        std::swap(matrix[column], matrix[pivot]);
        eliminate(matrix, column, column, last_pivot, 0);
        last_pivot = matrix[column][column];
    }
    RationalVector result{{}, abs(last_pivot)};
    for (std::vector<Integer>& row : matrix) result.numerator.push_back(last_pivot.sign() < 0 ? Integer(-row[size]) : std::move(row[size]));
    return result;
}

std::optional<RationalVector> solve_by_lifting(Matrix matrix, int most_digits, const std::atomic<bool>* stop) {
    std::vector<Integer> right;
    for (std::vector<Integer>& row : matrix) {
        right.push_back(std::move(row.back()));
        row.pop_back();
    }
    return exact::solve_by_lifting(matrix, right, most_digits, stop);
}

}  // namespace

LeadingForm leading_form(const Form& form) {
    const int n = static_cast<int>(form.weight.size());
    int exponent = 0;
    int axes = 0;
    int axis = -1;
    for (int k = 0; k <= n; ++k) {
        const Integer& entry = k < n ? form.weight[k] : form.constant;
        if (entry.is_zero()) continue;
        exponent = std::max(exponent, static_cast<int>(msb(abs(entry))) + 1);
        if (k == n) continue;
        ++axes;
        axis = k;
    }
    if (!form.infinite.is_zero()) exponent = std::max(exponent, static_cast<int>(msb(abs(form.infinite))) + 1);
    LeadingForm result;
    result.infinite = leading(form.infinite, exponent).high;
    for (int k = 0; k <= n; ++k) {
        const Leading parts = leading(k < n ? form.weight[k] : form.constant, exponent);
        result.high.push_back(parts.high);
        result.low.push_back(parts.low);
    }
    result.exact_constant = form.constant.is_zero();
    if (axes != 1) return result;
    const Integer denominator = abs(form.weight[axis]);
    const Integer numerator = form.weight[axis].sign() > 0 ? Integer(-form.constant) : form.constant;
    result.only_axis = axis;
    result.only_coordinate = nearest_double(numerator, denominator);
    return result;
}

Value value_at(const Form& form, const Point& point) {
    Value value{form.constant * point.denominator, form.infinite * point.denominator};
    for (std::size_t k = 0; k < form.weight.size(); ++k) {
        if (form.weight[k].is_zero()) continue;
        value.finite += form.weight[k] * point.finite[k];
        if (!point.infinite.empty()) value.infinite += form.weight[k] * point.infinite[k];
    }
    return value;
}

int sign_at(const Form& form, const Point& point) {
    const Value value = value_at(form, point);
    return value.infinite.is_zero() ? value.finite.sign() : value.infinite.sign();
}

std::optional<Point> common_zero(std::span<const Form* const> forms, int dimension) {
    if (auto rows = short_rows(forms, dimension)) return common_zero(std::move(*rows), dimension);
    Matrix matrix;
    bool at_infinity = false;
    for (const Form* form : forms) {
        std::vector<Integer> row = form->weight;
        row.push_back(form->constant);
        row.push_back(form->infinite);
        at_infinity = at_infinity || !form->infinite.is_zero();
        matrix.push_back(std::move(row));
    }
    // In coordinates that are multiples by powers of two the forms may be shorter.
    const std::vector<unsigned> scale = shorten_columns(matrix, dimension);
    shorten_rows(matrix);
    const unsigned most = *std::max_element(scale.begin(), scale.end());
    Integer last_pivot = 1;
    for (int column = 0; column < dimension; ++column) {
        const int pivot = shortest_pivot(matrix, column, column);
        if (pivot < 0) return std::nullopt;
        std::swap(matrix[column], matrix[pivot]);
        eliminate(matrix, column, column, last_pivot, 0);
        last_pivot = matrix[column][column];
    }
    Point point;
    point.denominator = abs(last_pivot) << most;
    const bool flip = last_pivot.sign() > 0;  // weight . x + constant = 0, so x = -constant / pivot
    for (int k = 0; k < dimension; ++k) {
        const auto scaled = [&](const Integer& entry) { return Integer((flip ? Integer(-entry) : entry) << (most - scale[k])); };
        point.finite.push_back(scaled(matrix[k][dimension]));
        if (at_infinity) point.infinite.push_back(scaled(matrix[k][dimension + 1]));
    }
    divide_by_content(point);
    if (std::all_of(point.infinite.begin(), point.infinite.end(),
                    [](const Integer& entry) { return entry.is_zero(); })) {
        point.infinite.clear();
    }
    return point;
}

std::optional<std::vector<bool>> combination_support(std::span<const Form* const> forms, const Form& goal) {
    const int columns = static_cast<int>(forms.size());
    if (const auto found = short_support(forms, goal)) return *found;
    Matrix matrix;  // a row for each coordinate: the forms' weights there, then the goal's
    for (std::size_t k = 0; k < goal.weight.size(); ++k) {
        std::vector<Integer> row;
        for (const Form* form : forms) row.push_back(form->weight[k]);
        row.push_back(goal.weight[k]);
        matrix.push_back(std::move(row));
    }
    std::vector<int> pivots;  // the column of each row's pivot
    shorten_rows(matrix);
    Integer last_pivot = 1;
    for (int column = 0; column < columns; ++column) {
        const int rank = static_cast<int>(pivots.size());
        const int pivot = shortest_pivot(matrix, rank, column);
        if (pivot < 0) continue;
        std::swap(matrix[rank], matrix[pivot]);
        eliminate(matrix, rank, column, last_pivot, 0);
        last_pivot = matrix[rank][column];
        pivots.push_back(column);
    }
    for (std::size_t row = pivots.size(); row < matrix.size(); ++row)
        if (!matrix[row][columns].is_zero()) return std::nullopt;
    std::vector<bool> support(forms.size());
    for (std::size_t row = 0; row < pivots.size(); ++row) support[pivots[row]] = !matrix[row][columns].is_zero();
    return support;
}

std::optional<Combination> combination_on(std::span<const Form> forms, const Form& goal, std::span<const int> basis, int most_digits,
                                          const std::atomic<bool>* stop) {
    const int size = static_cast<int>(basis.size());
    Matrix matrix;  // a row for each coordinate of the basis: the forms' weights there, then the goal's
    for (const int k : basis) {
        std::vector<Integer> row;
        for (const Form& form : forms) row.push_back(form.weight[k]);
        row.push_back(goal.weight[k]);
        matrix.push_back(std::move(row));
    }
    shorten_rows(matrix);
    const std::vector<unsigned> scale = shorten_columns(matrix, size);
    auto solution = size <= few_unknowns ? solve_by_elimination(std::move(matrix)) : solve_by_lifting(std::move(matrix), most_digits, stop);
    if (!solution) return std::nullopt;
    const unsigned most = size > 0 ? *std::max_element(scale.begin(), scale.end()) : 0;
    Combination result;
    result.denominator = solution->denominator << most;
    for (int i = 0; i < size; ++i) result.factor.push_back(solution->numerator[i] << (most - scale[i]));
    result.rest.constant = goal.constant * result.denominator;
    for (const Integer& weight : goal.weight) result.rest.weight.push_back(weight * result.denominator);
    for (int i = 0; i < size; ++i) {
        if (result.factor[i].is_zero()) continue;
        for (std::size_t k = 0; k < goal.weight.size(); ++k) result.rest.weight[k] -= result.factor[i] * forms[i].weight[k];
        result.rest.constant -= result.factor[i] * forms[i].constant;
    }
    return result;
}

std::vector<int> independent_columns(std::span<const double> values, int rows, int columns) {
    Matrix matrix(rows, std::vector<Integer>(columns));
    for (int row = 0; row < rows; ++row) {
        int exponent = INT_MAX;
        for (int k = 0; k < columns; ++k) exponent = std::min(exponent, lowest_exponent(values[row * columns + k]));
        for (int k = 0; k < columns; ++k) matrix[row][k] = scaled_integer(values[row * columns + k], exponent);
    }
    std::vector<int> independent;
    Integer last_pivot = 1;
    for (int column = 0; column < columns; ++column) {
        const int rank = static_cast<int>(independent.size());
        const int pivot = shortest_pivot(matrix, rank, column);
        if (pivot < 0) continue;
        std::swap(matrix[rank], matrix[pivot]);
        eliminate(matrix, rank, column, last_pivot, rank);
        last_pivot = matrix[rank][column];
        independent.push_back(column);
    }
    return independent;
}

}  // namespace relutope::exact
