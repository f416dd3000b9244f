// What a search reports: plain arrays, one set per job, in the order of the cells.
#pragma once

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "exact/fitting.hpp"
#include "exact/linear.hpp"
#include "predicates/sign.hpp"

namespace relutope {

// A neuron by its index among all hidden neurons, or side s of the domain as -1 - s.
using HyperplaneId = std::int32_t;
inline HyperplaneId side_id(int side) { return -1 - side; }
inline bool is_side(HyperplaneId id) { return id < 0; }
inline int side_of(HyperplaneId id) { return -1 - id; }

// Cells of a job. Facets of a cell are sorted by HyperplaneId.
struct CellRecords {
    std::vector<std::uint64_t> patterns;     // packed, words_for(num_neurons) words a cell, neuron i is bit i % 64 of word i / 64
    std::vector<std::uint32_t> facet_count;  // one a cell
    std::vector<HyperplaneId> facets;
    // Facets on which more than one form of the network or the domain vanishes: index into `facets`, and all that vanish there
    // (sorted), as offsets into `zero_ids`.
    std::vector<std::uint64_t> special;
    std::vector<std::uint64_t> special_end;
    std::vector<HyperplaneId> zero_ids;
    // Neurons that vanish on a whole cell: (cell, neuron) pairs.
    std::vector<std::uint64_t> zero_cells;
    std::vector<HyperplaneId> zero_neurons;
    bool simple = true;  // known: at each vertex of these cells as many forms vanish as there are dimensions

    std::size_t num_cells() const { return facet_count.size(); }
};

// An exact rational plus a multiple of the symbolic infinity, over one positive denominator.
struct ExactValue {
    exact::Value numerator;
    exact::Integer denominator;
};

// Vertices of a job's cells, each listed once: sign words (positive, then negative), coordinates rounded to nearest,
// outputs of the network.
struct VertexRecords {
    std::vector<std::uint64_t> signs;
    std::vector<double> coordinates;
    std::vector<double> infinite_coordinates;
    std::vector<std::uint8_t> at_infinity;
    std::vector<ExactValue> outputs;        // per vertex and output, when asked for
    std::vector<exact::Point> points;       // when asked for
    std::vector<std::uint32_t> cell_vertex_count;
    std::vector<std::uint32_t> cell_vertices;
    std::size_t num_vertices() const { return at_infinity.size(); }
};

// What a job of the vertex engine finds.
struct FoundCells {
    CellRecords cells;
    VertexRecords vertices;
    std::size_t num_cells() const { return cells.num_cells(); }
};

// Every path is cut after so many splits; what lies below is a job. A constant, so that the jobs are the same for any number of threads.
inline constexpr int plan_depth = 6;

// How far each job of a search came: how many cells it has found, and whether these are all of its cells.
struct JobProgress {
    std::vector<std::uint64_t> cells;
    std::vector<std::uint8_t> done;

    std::size_t size() const { return cells.size(); }
    void add(std::uint64_t found, bool all) {
        cells.push_back(found);
        done.push_back(all);
    }
};

inline constexpr double near_error = 0x1p-30;  // a millionth of a pixel

struct SearchOptions {
    int threads = 1;
    std::uint64_t max_cells = UINT64_MAX;
    std::uint64_t max_bytes = UINT64_MAX;  // the search stops, as control.stop does, before it takes more (memory.hpp)
    std::uint64_t pause_at = UINT64_MAX;  // each thread stops the search, as control.stop does, when about so many cells are found
    int job_depth = plan_depth;  // splits after which a path is a job
    bool cells = true;  // record them, not only count them in SearchControl
    bool keep_when_stopped = false;  // a search that is stopped returns the cells it has found
    bool vertices = false;
    bool outputs = false;  // exact outputs at the vertices
    bool points = false;   // exact coordinates of the vertices
    // Coordinates need not be rounded once if those at hand are proven to be within `near_error` of their size.
    bool near = false;
    // If positive, so many of the last neurons compare outputs, and only cells at the decision boundary are wanted: all those with a
    // facet at which the decision changes, and few others. Parts on which certified bounds leave one decision are not refined.
    int compared = 0;

    bool count_only() const { return !cells && !vertices; }
};

// Shared by all workers of a search.
struct SearchControl {
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> cells{0};
    std::atomic<std::uint64_t> bytes{0};  // that the search takes, see memory.hpp
    std::atomic<bool> full{false};        // it stopped since they would have been more than it may take
    std::atomic<std::uint64_t> jobs_done{0};
    std::atomic<std::uint64_t> jobs{0};
};

struct SearchCounts {
    StageCounts signs;
    std::uint64_t splits = 0;
    std::uint64_t solved_vertices = 0;
    std::uint64_t exact_vertices = 0;
    std::uint64_t threads_not_started = 0;  // that were asked for and that the system refused

    void add(const SearchCounts& other) {
        signs.add(other.signs);
        splits += other.splits;
        solved_vertices += other.solved_vertices;
        exact_vertices += other.exact_vertices;
        threads_not_started += other.threads_not_started;
    }
};

struct Stopped : std::runtime_error {
    Stopped() : std::runtime_error("the search was interrupted") {}
};

struct TooManyCells : std::runtime_error {
    explicit TooManyCells(std::uint64_t found)
        : std::runtime_error("more cells than allowed: " + std::to_string(found) + " found"), num_found(found) {}
    std::uint64_t num_found;
};

struct NoThread : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// What an earlier search is said to have found does not fit the problem.
struct UnfitProgress : std::invalid_argument {
    using std::invalid_argument::invalid_argument;
};

struct EmptyDomain : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct TooManyFacets : std::runtime_error {
    explicit TooManyFacets(int capacity)
        : std::runtime_error("a cell has more than " + std::to_string(capacity) + " facets") {}
};

}  // namespace relutope
