// Reduction of boundary matrices. See persistence.hpp.
#include "complex/homology/persistence.hpp"

#include <algorithm>
#include <numeric>
#include <span>
#include <stdexcept>

namespace relutope {

namespace {

using Steps = std::vector<std::vector<std::int32_t>>;
// Index of a present face among those of all dimensions, lower dimensions first; -1 for none.
using Cell = std::int64_t;
constexpr Cell none = -1;

// The present faces, renumbered, with their boundaries.
struct ChainComplex {
    std::vector<Cell> first;                 // of each dimension, and the end
    std::vector<FaceId> face;
    std::vector<std::int32_t> step;
    std::vector<std::int64_t> boundary_begin{0};
    std::vector<Cell> boundary;
    std::vector<std::int8_t> sign;

    ChainComplex(const FaceLattice& lattice, const Steps& steps) {
        std::vector<Cell> below, own;
        for (int k = 0; k <= lattice.dimension(); ++k) {
            const FaceLevel& level = lattice.level[k];
            first.push_back(size());
            own.assign(level.size(), none);
            for (std::int64_t f = 0; f < level.size(); ++f) {
                if (steps[k][f] < 0) continue;
                own[f] = size();
                face.push_back(static_cast<FaceId>(f));
                step.push_back(steps[k][f]);
                for (std::int64_t i = level.facet_begin[f]; i < level.facet_begin[f + 1]; ++i) {
                    const Cell facet = below[level.facets[i]];
                    if (facet == none) continue;
                    if (step[facet] > steps[k][f]) throw std::invalid_argument("a face enters before one in its boundary");
                    boundary.push_back(facet);
                    sign.push_back(level.orientation[i]);
                }
                boundary_begin.push_back(static_cast<std::int64_t>(boundary.size()));
            }
            std::swap(below, own);
        }
        first.push_back(size());
    }

    Cell size() const { return static_cast<Cell>(face.size()); }
    std::span<const Cell> boundary_of(Cell cell) const {
        return {boundary.data() + boundary_begin[cell], static_cast<std::size_t>(boundary_begin[cell + 1] - boundary_begin[cell])};
    }
};

// What is left out below a face that is there must be left out with all that is below it.
void check_difference_of_closed_sets(const FaceLattice& lattice, const Steps& steps) {
    std::vector<bool> missing;  // left out, and below a face that is there
    for (int k = lattice.dimension(); k >= 0; --k) {
        const FaceLevel& level = lattice.level[k];
        std::vector<bool> below(k ? lattice.level[k - 1].size() : 0);
        missing.resize(level.size());
        for (std::int64_t f = 0; f < level.size(); ++f) {
            if (missing[f] && steps[k][f] >= 0) throw std::invalid_argument("the faces are no difference of closed sets");
            if (!missing[f] && steps[k][f] < 0) continue;
            for (std::int64_t i = level.facet_begin[f]; i < level.facet_begin[f + 1]; ++i)
                if (missing[f] || steps[k - 1][level.facets[i]] < 0) below[level.facets[i]] = true;
        }
        missing = std::move(below);
    }
}

// Removes everything, last step first; what is removed as a pair, and in which order.
class Gradient {
public:
    explicit Gradient(const ChainComplex& chain)
        : mate(chain.size(), none), removed(), chain_(chain), cofaces_left_(chain.size(), 0), coface_sum_(chain.size(), 0),
          gone_(chain.size(), false) {
        for (Cell cell = 0; cell < chain.size(); ++cell)
            for (const Cell facet : chain.boundary_of(cell)) {
                ++cofaces_left_[facet];
                coface_sum_[facet] += cell;
            }
        removed.reserve(chain.size());
    }

    void run(const Poll& poll) {
        // By step, within a step by dimension; both backwards.
        std::vector<Cell> order(chain_.size());
        std::iota(order.rbegin(), order.rend(), 0);
        std::stable_sort(order.begin(), order.end(), [&](Cell a, Cell b) { return chain_.step[a] > chain_.step[b]; });
        for (std::size_t begin = 0; begin < order.size();) {
            std::size_t end = begin;
            while (end < order.size() && chain_.step[order[end]] == chain_.step[order[begin]]) ++end;
            poll();
            remove_step({order.data() + begin, end - begin});
            begin = end;
        }
    }

    std::vector<Cell> mate;     // the other of a removed pair; none for a critical cell
    std::vector<Cell> removed;  // in the order of removal

private:
    void remove_step(std::span<const Cell> cells) {
        step_ = chain_.step[cells.front()];
        free_.clear();
        for (const Cell cell : cells)
            if (cofaces_left_[cell] == 1) free_.push_back(cell);
        std::size_t next_free = 0;
        for (const Cell cell : cells) {
            for (; next_free < free_.size(); ++next_free) collapse(free_[next_free]);
            if (!gone_[cell]) remove(cell);  // maximal: cells of higher dimension come before it
        }
        for (; next_free < free_.size(); ++next_free) collapse(free_[next_free]);
    }

    void collapse(Cell cell) {
        if (gone_[cell] || cofaces_left_[cell] != 1) return;
        const Cell coface = coface_sum_[cell];
        mate[cell] = coface;
        mate[coface] = cell;
        remove(coface);
        remove(cell);
    }

    void remove(Cell cell) {
        gone_[cell] = true;
        removed.push_back(cell);
        for (const Cell facet : chain_.boundary_of(cell)) {
            coface_sum_[facet] -= cell;
            if (--cofaces_left_[facet] == 1 && chain_.step[facet] == step_) free_.push_back(facet);
        }
    }

    const ChainComplex& chain_;
    std::vector<std::int32_t> cofaces_left_;
    std::vector<Cell> coface_sum_;  // the sum of the cofaces that are left: the coface itself when there is one
    std::vector<bool> gone_;
    std::vector<Cell> free_;
    std::int32_t step_ = 0;
};

// A sparse vector over GF(p) under construction: entries by position in the filtration, the last one at hand.
class Column {
public:
    struct Entry {
        Cell at;
        std::int32_t coefficient;
    };

    Column(Cell size, std::int32_t prime) : value_(size, 0), queued_(size, false), prime_(prime) {}

    void add(Cell at, std::int64_t coefficient) {
        const std::int64_t sum = (value_[at] + coefficient) % prime_;
        value_[at] = static_cast<std::int32_t>(sum < 0 ? sum + prime_ : sum);
        if (queued_[at]) return;
        queued_[at] = true;
        heap_.push_back(at);
        std::push_heap(heap_.begin(), heap_.end());
    }

    // The last entry that is not zero, or coefficient 0 for the zero vector.
    Entry last() {
        while (!heap_.empty() && value_[heap_.front()] == 0) {
            queued_[heap_.front()] = false;
            std::pop_heap(heap_.begin(), heap_.end());
            heap_.pop_back();
        }
        return heap_.empty() ? Entry{none, 0} : Entry{heap_.front(), value_[heap_.front()]};
    }

    // All entries, increasing; the column is zero afterwards.
    std::vector<Entry> take() {
        std::vector<Entry> entries;
        for (const Cell at : heap_) {
            if (value_[at]) entries.push_back({at, value_[at]});
            value_[at] = 0;
            queued_[at] = false;
        }
        heap_.clear();
        std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.at < b.at; });
        return entries;
    }

private:
    std::vector<std::int32_t> value_;
    std::vector<bool> queued_;
    std::vector<Cell> heap_;
    std::int64_t prime_;
};

class Reduction {
public:
    Reduction(const ChainComplex& chain, const Gradient& gradient, std::int32_t prime, bool cycles)
        : chain_(chain), gradient_(gradient), prime_(prime), cycles_(cycles), at_(chain.size()), killer_(chain.size(), none),
          boundary_(chain.size(), prime), chain_of_(cycles ? chain.size() : 0, prime) {
        for (std::size_t k = 0; k < gradient.removed.size(); ++k)
            at_[gradient.removed[k]] = chain.size() - 1 - static_cast<Cell>(k);
        reduced_.resize(chain.size());
        if (cycles) sum_.resize(chain.size());
    }

    PersistencePairs run(const Poll& poll) {
        const int dimension = static_cast<int>(chain_.first.size()) - 2;
        for (int k = dimension; k >= 0; --k) {
            std::vector<Cell> critical;
            for (Cell cell = chain_.first[k]; cell < chain_.first[k + 1]; ++cell)
                if (gradient_.mate[cell] == none && killer_[at_[cell]] == none) critical.push_back(cell);
            std::sort(critical.begin(), critical.end(), [&](Cell a, Cell b) { return at_[a] < at_[b]; });
            for (const Cell cell : critical) {
                poll();
                reduce(cell, k);
            }
        }
        return sorted_result();
    }

private:
    using Entries = std::vector<Column::Entry>;
    struct Class {
        int dimension;
        Cell birth;  // position
        Cell death;
        Entries cycle;
    };

    Cell cell_at(Cell at) const { return gradient_.removed[chain_.size() - 1 - at]; }

    // A matched cell that is younger than its mate ends a class at once, so it is no pivot: its row may be left out.
    void add_boundary(Cell cell, std::int64_t factor) {
        for (std::int64_t i = chain_.boundary_begin[cell]; i < chain_.boundary_begin[cell + 1]; ++i) {
            const Cell facet = chain_.boundary[i];
            const Cell mate = gradient_.mate[facet];
            if (cycles_ || mate == none || mate > facet) boundary_.add(at_[facet], factor * chain_.sign[i]);
        }
        if (cycles_) chain_of_.add(at_[cell], factor);
    }

    void add_reduced(Cell column, std::int64_t factor) {
        for (const auto& [at, coefficient] : reduced_[column]) boundary_.add(at, factor * coefficient);
        if (cycles_)
            for (const auto& [at, coefficient] : sum_[column]) chain_of_.add(at, factor * coefficient);
    }

    void reduce(Cell cell, int dimension) {
        add_boundary(cell, 1);
        for (auto last = boundary_.last(); last.coefficient; last = boundary_.last()) {
            const Cell pivot = cell_at(last.at);
            const Cell mate = gradient_.mate[pivot];
            if (mate != none) {
                add_boundary(mate, -std::int64_t{last.coefficient} * sign_in(pivot, mate));
                continue;
            }
            const Cell column = killer_[last.at];
            if (column == none) {
                killer_[last.at] = cell;
                store(cell, last.at, dimension);
                return;
            }
            add_reduced(column, -std::int64_t{last.coefficient} * inverse(reduced_[column].back().coefficient) % prime_);
        }
        boundary_.take();
        classes_.push_back({dimension, at_[cell], none, cycles_ ? chain_of_.take() : Entries{}});
    }

    void store(Cell cell, Cell birth, int dimension) {
        reduced_[cell] = boundary_.take();
        if (cycles_) sum_[cell] = chain_of_.take();
        if (chain_.step[cell_at(birth)] != chain_.step[cell])
            classes_.push_back({dimension - 1, birth, at_[cell], cycles_ ? reduced_[cell] : Entries{}});
    }

    int sign_in(Cell facet, Cell cell) const {
        const auto faces = chain_.boundary_of(cell);
        return chain_.sign[chain_.boundary_begin[cell] + (std::find(faces.begin(), faces.end(), facet) - faces.begin())];
    }

    // By Fermat's little theorem.
    std::int64_t inverse(std::int64_t x) const {
        std::int64_t result = 1;
        for (std::int64_t exponent = prime_ - 2; exponent; exponent >>= 1) {
            if (exponent & 1) result = result * x % prime_;
            x = x * x % prime_;
        }
        return result;
    }

    PersistencePairs sorted_result() {
        std::sort(classes_.begin(), classes_.end(), [](const Class& a, const Class& b) {
            return a.dimension != b.dimension ? a.dimension < b.dimension : a.birth < b.birth;
        });
        PersistencePairs result;
        for (const Class& found : classes_) {
            result.dimension.push_back(found.dimension);
            result.birth.push_back(chain_.face[cell_at(found.birth)]);
            result.death.push_back(found.death == none ? FaceId{-1} : chain_.face[cell_at(found.death)]);
            if (!cycles_) continue;
            for (const auto& [at, coefficient] : found.cycle) {
                result.cycle_faces.push_back(chain_.face[cell_at(at)]);
                result.cycle_coefficients.push_back(coefficient);
            }
            result.cycle_begin.push_back(static_cast<std::int64_t>(result.cycle_faces.size()));
        }
        return result;
    }

    const ChainComplex& chain_;
    const Gradient& gradient_;
    std::int64_t prime_;
    bool cycles_;
    std::vector<Cell> at_;       // position of each cell in the filtration
    std::vector<Cell> killer_;   // per position: the critical cell whose reduced column ends there
    std::vector<Entries> reduced_;
    std::vector<Entries> sum_;   // the chain whose boundary is the reduced column
    Column boundary_, chain_of_;
    std::vector<Class> classes_;
};

}  // namespace

PersistencePairs persistence_pairs(const FaceLattice& lattice, const Steps& step, std::int32_t prime, bool cycles,
                                   const Poll& poll) {
    check_difference_of_closed_sets(lattice, step);
    const ChainComplex chain(lattice, step);
    Gradient gradient(chain);
    gradient.run(poll);
    return Reduction(chain, gradient, prime, cycles).run(poll);
}

}  // namespace relutope
