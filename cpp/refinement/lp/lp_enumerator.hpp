// The LP engine's search. See lp_search.hpp.
#pragma once

#include <memory>
#include <vector>

#include "geometry/halfspace_rows.hpp"
#include "geometry/vertex_store.hpp"
#include "refinement/common/cell_counter.hpp"
#include "refinement/common/memory.hpp"
#include "refinement/common/problem.hpp"
#include "refinement/lp/cell_program.hpp"
#include "refinement/lp/descent_sampler.hpp"
#include "refinement/lp/layer_maps.hpp"
#include "refinement/lp/lp_search.hpp"

namespace relutope {

// A partial cell.
struct LpJob {
    int level;
    int index;  // the next neuron of the level to look at
    HalfspaceRows rows;
    std::vector<InnerPoint> points;
    std::vector<std::vector<std::uint64_t>> active;  // per hidden layer
    std::vector<HyperplaneId> zero_neurons;
    std::vector<std::uint64_t> settled;  // of the level
};

// A SearchEngine (job_search.hpp).
class LpEnumerator {
public:
    using Job = LpJob;
    using Records = LpRecords;

    LpEnumerator(const Problem& problem, SearchControl& control);

    std::vector<LpJob> plan(int depth);
    void run(const LpJob& job, LpRecords& records);

    // For tasks (search_task.hpp): jobs below a job, and the cells of one, both behind the cell with the pattern `last`, if it is given.
    std::vector<LpJob> plan(const LpJob& job, int depth, const std::vector<std::uint64_t>& last = {});
    void run(const LpJob& job, const std::vector<std::uint64_t>& last, LpRecords& records);
    void pause_at(std::uint64_t cells) { counter_.pause_at(cells); }
    // Of the last run, if it only counted, until `pause_at`: the pattern of the last cell; empty if there was none.
    const std::vector<std::uint64_t>& last_counted() const { return last_counted_; }

    // Goes down a job's subtree where `sampler` wants to, and tells it of the cells that it comes to.
    void sample(const LpJob& job, DescentSampler& sampler);

    const SearchCounts& counts() const { return counts_; }
    const ProgramCounts& programs() const { return program_.counts(); }

private:
    using PointId = VertexId;
    enum class Side { negative, zero, positive, both };

    // A cell of the path, and where the search was when it was split.
    struct Frame {
        std::vector<PointId> points;  // inside
        int level = 0;
        int index = 0;       // of the level's neurons, the next to look at; of a cell that is split, the one that does
        int splits = 0;      // that led here
        int sides_taken = 0;
        bool holds_last = false;  // the last cell that was recorded before this run is in it
        int num_rows = 0;
        std::size_t num_zero = 0;
        PointId num_points = 0;
        std::vector<std::uint64_t> settled;  // of the level, while sampling
        int entered = 0;                     // how often the sampler is to be left
    };
    Frame& frame(int depth);

    void cut_domain();
    bool follow_original(int level, int index);
    const RepeatedRows::Copy* copy(int level, int index) const;
    void walk(int level, int index);
    void walk_after(const LpJob& job, const std::vector<std::uint64_t>& last);
    bool advance(int depth);
    bool take_side(int depth);
    bool is_last_active(int level, int index) const;
    bool is_wanted(int depth);
    void leave(int depth);
    void enter_level(int depth, int level);
    void settle_by_box(int level);
    int settle(int depth, int level, int index);
    PartialCell partial_cell(int level, int index, int crossing);
    void split(int depth, int index);
    std::vector<PointId>& points(int depth) { return frame(depth).points; }

    // On which side of the form the cell is; for `both`, points(depth) has points on both sides.
    Side side_of_cell(int depth, int level, int index);
    bool step_off(int depth, int level, int index, PointId from);
    PointId add_point(const InnerPoint& point, int level);
    InnerPoint inner(PointId id);
    void evaluate_level(PointId id, int level);
    Sign sign_at(PointId id, int level, int index);
    Sign exact_sign(PointId id, int level, int index);
    void audit_value(PointId id, int level, int index, double value, double error);

    void leaf(int depth);
    void pack_pattern(std::uint64_t* packed);
    void record_cell(int depth);
    InnerPoint centre(const std::vector<PointId>& ids);
    void save(int depth, int level, int index);
    void load(const LpJob& job);

    const Problem& problem_;
    SearchControl& control_;
    CellCounter counter_;
    MemoryMeter meter_;
    int dimension_;
    LayerMaps maps_;
    CellProgram program_;
    VertexStore store_;  // the points
    HalfspaceRows rows_;
    HalfspaceRows objective_;
    std::vector<std::unique_ptr<Frame>> frames_;  // of the path: as many splits as there are neurons
    std::vector<HyperplaneId> zero_neurons_;
    // Per level: neurons that do not cross the cell on which the level was entered. Its parts need not look at them again.
    std::vector<std::vector<std::uint64_t>> settled_;
    std::vector<double> values_, most_values_;
    SearchCounts counts_;

    bool planning_ = false;
    int plan_depth_ = 0;
    std::vector<LpJob> jobs_;
    std::uint64_t planned_bytes_ = 0;  // of all jobs that were planned
    LpRecords* records_ = nullptr;
    std::vector<std::uint64_t> last_counted_;
    std::vector<std::uint64_t> last_pattern_;  // of the last cell that was recorded before this run, if any
    DescentSampler* sampler_ = nullptr;
};

}  // namespace relutope
