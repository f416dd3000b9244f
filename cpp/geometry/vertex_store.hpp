// Vertices on the current path of the search: coordinates with an error radius, and exact sign vectors.
//
// A stack: a split pushes the vertices it makes and pops them when both of its children are done. Sign words are facts about
// the point itself (preactivations are continuous functions on the whole domain), so what one cell has found out about a
// vertex serves every other cell that has it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "exact/fitting.hpp"
#include "exact/linear.hpp"

namespace relutope {

using VertexId = std::uint32_t;

// A point p + q R; `radius` bounds the error of each coordinate, `extent` every coordinate's size with its error.
struct Position {
    double radius = 0;
    double extent = 0;
};

struct VertexState {
    Position finite;
    Position infinite;        // of q; meaningful when at_infinity
    int known_level = 0;      // signs of levels 0..known_level are known
    bool generic = true;      // exactly `dimension` signs among the known ones are zero, not counting copies of neurons
    bool solved = false;      // the coordinates are already as good as floating point can make them
    bool at_infinity = false;
};

class VertexStore {
public:
    static constexpr std::uint32_t no_record = UINT32_MAX;

    // `symbolic`: make room for the infinite part of each coordinate.
    VertexStore(int dimension, bool symbolic, int sign_words)
        : dimension_(dimension), stride_(symbolic ? 2 * dimension : dimension), sign_words_(sign_words) {}

    VertexId size() const { return size_; }
    // Of `count` vertices, but for their exact points.
    std::uint64_t bytes_of(std::uint64_t count) const {
        return count * (stride_ * sizeof(double) + 2 * sign_words_ * sizeof(std::uint64_t) + sizeof(VertexState) + sizeof(std::uint32_t) +
                        sizeof(std::unique_ptr<exact::Point>));
    }
    std::uint64_t bytes() const { return bytes_of(state_.size()); }
    int dimension() const { return dimension_; }
    int sign_words() const { return sign_words_; }
    int coordinate_stride() const { return stride_; }

    // A new vertex; its coordinates and sign words are left for the caller to write. May move every array.
    VertexId push() {
        if (size_ == std::numeric_limits<VertexId>::max()) throw TooLarge("too many vertices on one path of the search");
        if (size_ == state_.size()) reserve(std::max<std::size_t>(256, 2 * state_.size()));
        state_[size_] = VertexState{};
        record_[size_] = no_record;
        if (exact_[size_]) exact_[size_].reset();
        return size_++;
    }
    void reserve(std::size_t capacity) {
        coordinates_.resize(capacity * stride_);
        signs_.resize(capacity * 2 * sign_words_);
        state_.resize(capacity);
        record_.resize(capacity);
        exact_.resize(capacity);
    }
    void truncate(VertexId size) { size_ = size; }
    // Vertex `to` becomes what vertex `from` is. REQUIRES: to < from.
    void move(VertexId from, VertexId to) {
        std::copy_n(coordinates(from), stride_, coordinates(to));
        std::copy_n(positive(from), 2 * sign_words_, positive(to));
        state_[to] = state_[from];
        record_[to] = record_[from];
        exact_[to] = std::move(exact_[from]);
    }

    double* coordinates(VertexId v) { return coordinates_.data() + static_cast<std::size_t>(v) * stride_; }
    const double* coordinates(VertexId v) const { return coordinates_.data() + static_cast<std::size_t>(v) * stride_; }
    // REQUIRES: symbolic.
    double* infinite_coordinates(VertexId v) { return coordinates(v) + dimension_; }
    const double* infinite_coordinates(VertexId v) const { return coordinates(v) + dimension_; }
    VertexState& state(VertexId v) { return state_[v]; }
    const VertexState& state(VertexId v) const { return state_[v]; }
    std::unique_ptr<exact::Point>& exact(VertexId v) { return exact_[v]; }
    // Where the search has recorded the vertex, or no_record.
    std::uint32_t& record(VertexId v) { return record_[v]; }

    // Words of strictly positive and strictly negative signs; the rest of the known ones are zero.
    std::uint64_t* positive(VertexId v) { return signs_.data() + static_cast<std::size_t>(v) * 2 * sign_words_; }
    std::uint64_t* negative(VertexId v) { return positive(v) + sign_words_; }
    const std::uint64_t* positive(VertexId v) const { return signs_.data() + static_cast<std::size_t>(v) * 2 * sign_words_; }
    const std::uint64_t* negative(VertexId v) const { return positive(v) + sign_words_; }

private:
    int dimension_;
    int stride_;
    int sign_words_;
    VertexId size_ = 0;
    std::vector<double> coordinates_;
    std::vector<std::uint64_t> signs_;
    std::vector<VertexState> state_;
    std::vector<std::uint32_t> record_;
    std::vector<std::unique_ptr<exact::Point>> exact_;
};

}  // namespace relutope
