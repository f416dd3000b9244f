// Local search: the cells around a start, one facet at a time, for networks with too many cells to enumerate.
//
// A cell is *explored* when all its facets are known; the cells beyond them are its neighbours. Cells are explored in the order of
// facets crossed, or by distance from the origin. The latter is right to take one facet at a time: the segment from the origin to
// the nearest point of a cell enters it through a facet of a cell that is at most as far away, so when all nearer cells are explored
// the cell's distance is the least one of its facets that are known.
#pragma once

#include <cstdint>
#include <deque>
#include <queue>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "refinement/common/memory.hpp"
#include "refinement/explore/cell_facets.hpp"

namespace relutope {

enum class Order { breadth_first, nearest };

struct ExploredCell {
    std::vector<double> point;  // certainly inside, in the coordinates of CellFacets
    std::vector<CellFacet> facets;
    std::vector<std::uint64_t> neighbours;  // the pattern of the cell beyond each facet
    double distance;  // from the origin, rounded; NaN when distances were not asked for
};

// A facet of an explored cell that leads to one that was not explored when it was found.
struct Door {
    double distance;  // of the facet, or a lower bound
    bool exact;
    std::uint64_t number;
    std::int64_t cell;
    int facet;
};

// All that later calls depend on, but for proofs that are found again: with it the search goes on elsewhere.
struct ExplorerState {
    std::vector<ExploredCell> cells;
    std::vector<std::uint64_t> patterns;       // of the cells, packed
    std::vector<Door> doors;                   // in the order in which they will be looked at
    std::vector<std::uint64_t> without_point;  // packed patterns, ascending
};

class Explorer {
public:
    // Where distances are measured: in all inputs of a network, of which the other one may be the restriction to fewer.
    struct Ruler {
        Network network;
        Domain domain;
        std::vector<double> origin;
    };

    // REQUIRES: as for CellFacets.
    Explorer(Network network, Domain domain, bool by_first_layer, Ruler ruler, Order order);

    // Where to start. False when `point` is not certainly inside the cell with this pattern. REQUIRES: there is such a cell.
    // Throws Stopped when control.stop is set; then there is no start.
    bool start(const std::vector<std::uint64_t>& pattern, const std::vector<double>& point, const SearchControl& control = {});

    // Explores until there are `max_cells` cells, or no more within `radius` of the origin (infinity: no limit). May be called again,
    // with other limits. Throws Stopped when control.stop is set, OutOfMemoryLimit when another cell might take more than `memory`: what
    // has been explored stays.
    void run(std::uint64_t max_cells, double radius, SearchControl& control, const MemoryLimit& memory = MemoryLimit());
    // What has been explored takes, with what is kept to go on; about what the allocator takes for it, too.
    std::uint64_t bytes() const;

    const Network& network() const { return network_; }
    // Coordinates of points: see CellFacets.
    int dimension() const { return facets_.dimension(); }
    const std::vector<ExploredCell>& cells() const { return cells_; }
    // Packed patterns of the explored cells, in order.
    const std::vector<std::uint64_t>& patterns() const { return patterns_; }
    // The explored cell beyond a facet of an explored cell, or -1.
    std::int64_t neighbour(std::int64_t cell, std::size_t facet) const;
    // Known cells that are not explored, and those of them in which no point was found among the doubles.
    std::uint64_t num_waiting() const { return ids_.size() - cells_.size(); }
    std::uint64_t num_without_point() const { return without_point_.size(); }
    // Whether a further call, without a radius, would find nothing to do.
    bool exhausted() const;
    ProgramCounts programs() const;
    // The distance of each facet of an explored cell from the origin, rounded.
    std::vector<double> facet_distances(std::int64_t cell);

    ExplorerState state() const;
    // Goes on where a state was taken from an explorer of the same problem. Throws std::invalid_argument when its parts do not fit
    // together; then nothing has changed. REQUIRES: there was no start.
    void restore(ExplorerState state);

private:
    // Cells are numbered as they are explored; others that are known have this.
    static constexpr std::int64_t waiting = -1;

    struct Hash {
        std::size_t operator()(const std::vector<std::uint64_t>& pattern) const;
    };
    struct Later {
        bool operator()(const Door& a, const Door& b) const {
            return a.distance != b.distance ? a.distance > b.distance : a.number > b.number;
        }
    };

    using Patterns = std::unordered_map<std::vector<std::uint64_t>, std::int64_t, Hash>;
    Patterns checked_patterns(const ExplorerState& state) const;
    void check_facets(const ExplorerState& state, const Patterns& ids, std::int64_t cell) const;
    void check_doors(const ExplorerState& state, const Patterns& ids) const;
    std::vector<std::uint64_t> pattern_of(std::int64_t cell) const;
    std::vector<std::uint64_t> pattern_beyond(std::int64_t cell, std::size_t facet) const;
    bool enter(const std::vector<std::uint64_t>& pattern, const Door& door);
    void explore(const std::vector<std::uint64_t>& pattern, const Door* door, double distance, const SearchControl& control);
    bool take(double radius, const SearchControl& control);
    void measure(Door& door);
    void turn_ruler(std::int64_t cell, const std::vector<std::uint64_t>& pattern, const std::vector<CellFacet>& facets);
    std::vector<double> plane_distances() const;
    void count(const ExploredCell& cell);

    Network network_;
    Domain domain_;
    int words_;
    Ruler ruler_;
    Order order_;
    CellFacets facets_;
    CellFacets ruler_facets_;  // turned to the cell whose facets are measured
    std::int64_t ruler_cell_ = -1;
    std::vector<double> ruler_rows_;
    std::vector<ExploredCell> cells_;
    std::vector<std::uint64_t> patterns_;
    Patterns ids_;
    std::deque<Door> line_;                                      // breadth first
    std::deque<Door> too_far_;                                   // taken from it, for a larger radius
    std::priority_queue<Door, std::vector<Door>, Later> nearest_;
    std::uint64_t num_doors_ = 0;
    std::uint64_t cell_bytes_ = 0;  // of cells_
    std::uint64_t most_cell_bytes_ = 0;
    std::unordered_set<std::vector<std::uint64_t>, Hash> without_point_;  // behind no door so far; another one may do
};

}  // namespace relutope
