// Enumerator, part 9: counting the cells of two hyperplanes without a section. See enumerator.hpp and enumerator_count.hpp.
#pragma once

#include <bit>
#include <cmath>
#include <optional>

#include "geometry/audit.hpp"
#include "refinement/vertex/enumerator.hpp"

namespace relutope {

// The sign of a form where another one vanishes on an edge from u to w: with its values b_u and b_w at the ends and the sizes a_u and a_w
// of the other, which has opposite signs there, it is that of  a_w b_u + a_u b_w.  With a's and b's known up to e's and f's this is off
// by at most
//     a_w f_u + |b_u| e_w + e_w f_u + a_u f_w + |b_w| e_u + e_u f_w + 4 u (|a_w b_u| + |a_u b_w|).
template <int D, int W>
std::optional<Sign> Enumerator<D, W>::sign_between(double a_u, double e_u, double a_w, double e_w, double b_u, double f_u, double b_w,
                                                   double f_w) const {
    const double first = a_w * b_u, second = a_u * b_w;
    const double rounding = 4 * error_bound::unit_roundoff * (std::fabs(first) + std::fabs(second));
    const double error = a_w * f_u + std::fabs(b_u) * e_w + e_w * f_u + a_u * f_w + std::fabs(b_w) * e_u + e_u * f_w + rounding;
    return sign_filtered(first + second, error_bound::certified ? error * error_bound::inflate + error_bound::underflow : 0.0);
}

// Counts the cells into which two forms, those in `crossing`, divide the polytope of a frame: four if they meet inside it. False if
// floating point leaves that open. No vertex is made: what is needed of the section by one form are the signs that the other has on it.
template <int D, int W>
bool Enumerator<D, W>::count_pair(Frame& current) {
    const Polytope<W>& polytope = current.polytope;
    const LevelWords& words = problem_.layout.level(current.level);
    int form[2] = {}, found = 0;
    for (std::size_t k = 0; k < current.crossing.size(); ++k)
        for (std::uint64_t rest = current.crossing[k]; rest; rest &= rest - 1)
            form[found++] = static_cast<int>(64 * k) + std::countr_zero(rest);
    const SignBit bit[2] = {SignBit(form[0]), SignBit(form[1])};
    const auto sign = [&](VertexId v, int which) {
        const int word = words.first + bit[which].word;
        const bool up = store_.positive(v)[word] & bit[which].bit, down = store_.negative(v)[word] & bit[which].bit;
        return static_cast<int>(up) - static_cast<int>(down);
    };
    current.positive.clear();
    current.negative.clear();
    pair_signs_.resize(polytope.size());
    int quadrants = 0;
    bool above = false, below = false;  // the second form is, at a vertex of the section by the first
    for (int i = 0; i < polytope.size(); ++i) {
        const VertexId v = polytope.vertex[i];
        if (store_.state(v).at_infinity) return false;
        const int a = sign(v, 0), b = sign(v, 1);
        pair_signs_[i] = b;
        if (a != 0 && b != 0) quadrants |= 1 << (2 * (a > 0) + (b > 0));
        if (a == 0) {
            above = above || b > 0;
            below = below || b < 0;
        } else {
            (a > 0 ? current.positive : current.negative).push_back(i);
        }
    }
    const auto count = [&](std::uint64_t cells) {
        counter_.add(cells);
        return true;
    };
    if (quadrants == 15) return count(4);
    const FormTable& table = this->forms(current.level);
    const error_bound::FormBound bound[2] = {table.bound(form[0]), table.bound(form[1])};
    const int needed = dimension() - 1;
    for (const int u : current.positive)
        for (const int w : current.negative) {
            const int at_u = pair_signs_[u], at_w = pair_signs_[w];
            if (above && below) return count(4);
            if ((above || (at_u <= 0 && at_w <= 0)) && (below || (at_u >= 0 && at_w >= 0))) continue;  // nothing new
            const Mask common = polytope.facets_of[u] & polytope.facets_of[w];
            if (common.count() < needed || !spans_edge(polytope, u, w, common)) continue;
            if (at_u * at_w >= 0) {
                above = above || at_u + at_w > 0;
                below = below || at_u + at_w < 0;
                continue;
            }
            double e_u, e_w, f_u, f_w;
            const double a_u = std::fabs(evaluate(polytope.vertex[u], table, form[0], bound[0], e_u));
            const double a_w = std::fabs(evaluate(polytope.vertex[w], table, form[0], bound[0], e_w));
            const double b_u = evaluate(polytope.vertex[u], table, form[1], bound[1], f_u);
            const double b_w = evaluate(polytope.vertex[w], table, form[1], bound[1], f_w);
            const auto decided = sign_between(a_u, e_u, a_w, e_w, b_u, f_u, b_w, f_w);
            if (!decided) return false;
            ++counts_.signs.filtered;
            above = above || *decided == Sign::positive;
            below = below || *decided == Sign::negative;
        }
    if (above && below) return count(4);
    return count(above || below ? 3 : 2);  // two if the second form vanishes on all of the section: both are the same there
}

}  // namespace relutope
