// Vertex engine: depth-first refinement of the domain, one hyperplane at a time, layer by layer.
//
// The search holds one polytope per split on the current path of which one side is still to be done, and that at hand: its vertices
// (ids into a VertexStore), for each vertex the set of facets it lies on, and the facets. A path may have as many splits as there are
// neurons, so they are kept on a stack of its own. A neuron that takes both signs at the vertices splits the polytope. Neurons are
// split in index order and the negative side comes first, so cells appear in increasing lexicographic order of their patterns.
//
// Facts it rests on:
//  * The facets of a child are those parent facets that have a vertex strictly inside the child, and the new one.
//  * Two vertices span an edge iff no third vertex lies on all facets that both lie on; sharing n - 1 facets is necessary,
//    and sufficient when one of them lies on n facets only.
//  * On an edge the sign of an affine form follows from the signs at its ends unless these are opposite. So a new vertex
//    inherits almost all of its sign vector, and only forms that cut the same edge are evaluated.
#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "geometry/batch_signs.hpp"
#include "geometry/bent_signs.hpp"
#include "geometry/facet_mask.hpp"
#include "geometry/form_difference.hpp"
#include "geometry/refined_vertex.hpp"
#include "geometry/segment_forms.hpp"
#include "geometry/vertex_solver.hpp"
#include "geometry/vertex_store.hpp"
#include "network/maps/composed_map.hpp"
#include "network/maps/composed_maps.hpp"
#include "network/maps/exact_maps.hpp"
#include "network/sign_layout.hpp"
#include "predicates/sign.hpp"
#include "refinement/bounds/hull_bounds.hpp"
#include "refinement/common/cell_counter.hpp"
#include "refinement/common/memory.hpp"
#include "refinement/common/problem.hpp"
#include "refinement/common/records.hpp"
#include "refinement/common/row_table.hpp"
#include "refinement/vertex/known_zeros.hpp"

namespace relutope {

template <int Words>
struct Polytope {
    std::vector<VertexId> vertex;
    std::vector<FacetMask<Words>> facets_of;  // per vertex, within `live`
    FacetMask<Words> live;                    // slots of the facets
    std::vector<std::uint64_t> any_positive;  // of the current level: forms positive at some vertex
    std::vector<std::uint64_t> any_negative;
    bool generic = true;                      // every vertex is generic, copies of neurons apart

    void clear(int words) {
        vertex.clear();
        facets_of.clear();
        live = {};
        any_positive.assign(words, 0);
        any_negative.assign(words, 0);
        generic = true;
    }
    void add(VertexId v, const FacetMask<Words>& facets) {
        vertex.push_back(v);
        facets_of.push_back(facets);
    }
    void resize(std::size_t size) {
        vertex.resize(size);
        facets_of.resize(size);
    }
    int size() const { return static_cast<int>(vertex.size()); }
    std::uint64_t bytes() const { return bytes_held(vertex) + bytes_held(facets_of) + bytes_held(any_positive) + bytes_held(any_negative); }
};

// Dimension: the number of inputs, or 0 when it is only known at run time. A SearchEngine (job_search.hpp).
template <int Dimension, int Words>
class Enumerator {
public:
    // Of a polytope whose cells are only to be counted, in the order of the hyperplanes that cut it.
    struct Sections {
        static constexpr int all = std::numeric_limits<int>::max();
        int begin = 0, end = all;
    };
    // A partial cell, copied out of the search, or what some of its sections add to the count.
    struct Job {
        int level;
        VertexStore vertices;
        Polytope<Words> polytope;
        std::vector<FormRef> slots;
        std::vector<std::vector<std::uint64_t>> patterns;
        Sections sections;

        std::uint64_t bytes() const { return vertices.bytes() + polytope.bytes() + bytes_held(slots) + sizeof(Job); }
    };
    using Records = FoundCells;

    Enumerator(const Problem& problem, SearchControl& control);

    std::vector<Job> plan(int depth);
    void run(const Job& job, Records& records);

    // For tasks (search_task.hpp): jobs below a job, and the cells of one, both behind the cell with the pattern `last`, if it is given.
    std::vector<Job> plan(const Job& job, int depth, const std::vector<std::uint64_t>& last = {});
    void run(const Job& job, const std::vector<std::uint64_t>& last, Records& records);
    void pause_at(std::uint64_t cells) { counter_.pause_at(cells); }
    // Whether a job is not to be run, but the jobs below it are, in a count that is to pause.
    bool is_cut_first(const Job& job);
    // Of the last run, if it only counted and was stopped at `pause_at`: the pattern of the last cell.
    const std::vector<std::uint64_t>& last_counted() const { return last_counted_; }

    const SearchCounts& counts() const { return counts_; }

private:
    using Mask = FacetMask<Words>;

    // Forms of a level, if it is not 0, that are known to keep one strict sign on a polytope.
    struct KnownAhead {
        int level = 0;
        std::vector<std::uint64_t> positive, negative;
    };

    // A polytope of the path. When it is split, its first side goes into the next frame; when that is done, its second side takes its
    // place.
    struct Frame {
        Polytope<Words> polytope;
        int level = 0;
        int splits = 0;                             // by neurons, that led here
        int next_bound = 0;                         // how many of these there are when the decision is bounded next
        int slot = 0;                               // of the hyperplane that splits it
        bool holds_last = false;                    // the last cell that was recorded before this run is in it
        bool second_positive = true;                // the side that is left
        std::size_t given = 0;                      // of given_slots_, when its sides are looked at
        VertexId end = 0;                           // of the store, likewise
        std::vector<int> positive, negative, zero;  // positions in polytope.vertex
        std::vector<Mask> negative_facets;          // of the vertices in `negative`
        std::vector<Mask> new_facets;               // facets of the new vertices, without the new slot
        VertexId first_new = 0;
        std::vector<double> value, error;           // the splitting form at each vertex
        std::vector<std::uint64_t> crossing;        // when cells are counted: forms of the level that cut the polytope
        KnownAhead ahead;                           // of the next level, on the polytope

        std::uint64_t bytes() const {
            return sizeof(Frame) + polytope.bytes() + bytes_held(positive) + bytes_held(negative) + bytes_held(zero) +
                   bytes_held(negative_facets) + bytes_held(new_facets) + bytes_held(value) + bytes_held(error) +
                   bytes_held(ahead.positive) + bytes_held(ahead.negative);
        }
    };

    int dimension() const { return Dimension > 0 ? Dimension : dimension_; }
    Frame& frame(int depth);

    // -- walk (enumerator_walk.hpp)
    void start_box();
    void walk(int level);
    bool advance(int depth);
    bool is_first_side_recorded(int depth) const;
    bool is_last_active(FormRef form) const;
    int first_crossing(const Polytope<Words>& polytope, int level) const;
    void enter_level(Frame& current);
    void enter_layer(int layer);
    void set_active(int layer, const std::vector<std::uint64_t>& positive);
    void load(const Job& job);
    void start_after(const Job& job, const std::vector<std::uint64_t>& last);
    Job save(const Polytope<Words>& polytope, int level) const;
    void check_domain(const Polytope<Words>& polytope) const;
    bool is_decided(Frame& current);

    // -- split (enumerator_split.hpp)
    bool split(int depth, int index);
    void cut(int depth, int index);
    void cut_off(int depth, int index);
    bool is_last_crossing(const Polytope<Words>& polytope, int level) const;
    void take_first_side(int depth);
    void take_second_side(int depth);
    void compact(Polytope<Words>& polytope, VertexId base);
    void give_slot(int slot, FormRef form);
    void take_slots_back(std::size_t given);
    void partition(Frame& current, const LevelWords& words, SignBit bit);
    void find_edges(Frame& current, int level, int index, int slot);
    void evaluate_at_all(Frame& current, int level, int index);
    bool spans_edge(const Polytope<Words>& polytope, int a, int b, const Mask& common) const;
    void add_edge_vertex(Frame& current, int a, int b, const Mask& common, int level, int index, int slot);
    void place_on_edge(const Frame& current, int a, int b, VertexId v, bool infinite);
    void place_on_ray(const Frame& current, int a, int b, VertexId v);
    void place_far_out(const Frame& current, int a, int b, VertexId v, const Mask& facets);
    void inherit_signs(VertexId u, VertexId w, VertexId v, const Mask& facets, int level, SignBit bit);
    void build_child(Frame& current, Polytope<Words>& child, bool positive_side, int level, int slot);
    void accumulate(Polytope<Words>& polytope, VertexId v, const LevelWords& words) const;

    // -- signs (enumerator_signs.hpp)
    const FormTable& forms(int level) const { return level == 0 ? domain_forms_ : maps_.forms(level - 1); }
    template <class Known, class Decide>
    void write_signs(VertexId v, int level, Known&& known, Decide&& decide);
    void evaluate_level(VertexId v, const Mask& facets, int level);
    void evaluate_forms(VertexId v, const Mask& facets, int level);
    void evaluate_new(const Frame& current, int level);
    double evaluate(VertexId v, const FormTable& table, int index, const error_bound::FormBound& bound, double& error) const;
    double evaluate(VertexId v, const FormTable& table, int index, const error_bound::FormBound& bound, bool infinite, double& error) const;
    Sign sign_at(VertexId v, const Mask& facets, int level, int index);
    Sign sign_after_doubt(VertexId v, const Mask& facets, int level, int index);
    std::optional<Sign> sign_by_structure(VertexId v, const Mask& facets, int level, int index);
    bool is_flat(const Mask& facets, int level, int index) const;
    bool flat_at_infinity(const Mask& facets, int level) const;
    bool are_nearly_parallel(FormRef form, FormRef row) const;
    std::optional<Sign> sign_by_parallel_facet(VertexId v, const Mask& facets, int level, int index);
    std::optional<Sign> sign_in_many_digits(VertexId v, const Mask& facets, int level, int index);
    Sign exact_sign(VertexId v, const Mask& facets, int level, int index);
    void keep_zero(const Mask& facets, int level, int index, bool of_form);
    const exact::Form& exact_form(FormRef form);
    const exact::LeadingForm& leading_form(FormRef form);

    // -- coordinates (enumerator_solve.hpp)
    void settle(Position& position, const double* x, double radius) const;
    void solve(VertexId v, const Mask& facets);
    bool solve_rounded(VertexId v, const Mask& facets);
    void add_row(FormRef form);
    bool factorise_by_differences(const Mask& facets);
    bool factorise_in_many_digits(const Mask& facets);
    bool find_in_many_digits(VertexId v, const Mask& facets);
    const exact::Point& exact_point(VertexId v, const Mask& facets);
    bool round_vertex(VertexId v, const Mask& facets, double* point);
    double infinite_coefficient(FormRef form) const;

    // -- counting (enumerator_count.hpp)
    bool is_counted(int level) const;
    bool is_counted_at_once(const Frame& current) const;
    bool is_pencil(const Polytope<Words>& polytope, int level) const;
    double vertices_of(int forms, int dimensions) const;
    int num_crossing(const Polytope<Words>& polytope, int level) const;
    bool is_small_part(const Polytope<Words>& polytope, int level, double most) const;
    double part_size() const;
    bool is_one_job(const Frame& current) const;
    bool is_cut_by_sections(const Frame& current) const;
    bool plan_sections(int depth);
    void count_polytope(int depth);
    bool is_new_section(Frame& section) const;
    void count_cells(int depth, int dimensions, Sections sections = {});
    void build_section(const Frame& current, Polytope<Words>& section) const;
    void count_polygon(int depth, Sections sections);
    std::optional<std::uint64_t> count_points(int depth, int count);
    bool are_distinct_on_line(int depth, int count);
    std::uint64_t count_on_line(int depth);
    std::uint64_t count_between(int depth, VertexId u, VertexId w, const std::vector<int>& crossing);
    void place_points(int level, VertexId u, VertexId w, const std::vector<int>& crossing);
    std::uint64_t count_distinct(int depth, std::size_t begin, std::size_t end);

    // -- pairs (enumerator_pair.hpp)
    bool count_pair(Frame& current);
    std::optional<Sign> sign_between(double a_u, double e_u, double a_w, double e_w, double b_u, double f_u, double b_w, double f_w) const;

    // -- the next level (enumerator_ahead.hpp)
    void place_well(VertexId v, const Mask& facets);
    bool look_ahead(Frame& current);
    bool is_next_counted(const Frame& current) const;
    void write_batch(const Polytope<Words>& polytope, int level);
    void evaluate_open(const Frame& current, int level);

    // -- checks (enumerator_audit.hpp)
    exact::Point solved_exactly(const Mask& facets);
    void audit_position(VertexId v, const Mask& facets);
    void audit_value(VertexId v, const Mask& facets, int level, int index, double value, double error);
    void audit_sign(const Mask& facets, FormRef form, bool infinite, Sign sign);
    void audit_batch(int point, const Mask& facets, int level);
    void audit_level(int level);

    // -- leaves (enumerator_leaf.hpp)
    bool meets_boundary(const Polytope<Words>& polytope) const;
    void leaf(const Polytope<Words>& polytope);
    void leaf_pair(const Frame& current, int index);
    void pack_pattern(std::uint64_t* packed) const;
    [[noreturn]] void stop_counting();
    void set_side(int level, int index, bool positive);
    void record_cell(const Mask& live);
    void record_generic(const Mask& live);
    void record_zero_sets(const Polytope<Words>& polytope);
    void record_vertices(const Polytope<Words>& polytope);
    void measure();
    std::uint64_t own_bytes() const;
    bool is_near(VertexId v, const Mask& facets);
    std::uint32_t vertex_record(VertexId v, const Mask& facets);
    std::uint32_t find_or_record(VertexId v, const Mask& facets);
    HyperplaneId id_of(FormRef form) const;

    const Problem& problem_;
    SearchControl& control_;
    CellCounter counter_;
    MemoryMeter meter_;
    int dimension_;
    bool symbolic_;
    FormTable domain_forms_;
    ComposedMaps maps_;
    ExactMaps exact_maps_;
    KnownZeros<Mask> known_zeros_;
    VertexStore store_;
    VertexSolver solver_;
    RefinedVertex refined_vertex_;
    std::vector<double> rounded_;                     // a vertex's coordinates
    std::vector<std::uint64_t> infinite_sides_;       // bits of level 0
    std::vector<FormRef> slots_;
    struct GivenSlot {
        int slot;
        FormRef before;
    };
    std::vector<GivenSlot> given_slots_;  // on the current path, in order
    std::vector<std::vector<std::uint64_t>> patterns_;  // per hidden layer, of its units, of the current path
    std::vector<std::unique_ptr<Frame>> frames_;
    std::vector<double> values_;                      // scratch, one level wide
    std::vector<SignWord> signs_;                     // likewise
    std::vector<int> new_;                            // scratch: positions of vertices
    std::vector<int> near_;                           // likewise, of those that may span an edge with one at hand
    BatchSigns batch_;
#ifndef RELUTOPE_SMALL  // the browser's module does not look ahead
    BentSigns bent_;
    std::vector<std::uint64_t> unbent_;               // scratch: units that are active on all of a polytope
#endif
    std::unique_ptr<HullBounds> bounds_;              // when only cells at the decision boundary are asked for
    std::vector<std::pair<int, std::uint64_t>> compared_;  // then: where the signs of the neurons that compare outputs stand
    Hull hull_;                                       // scratch
    SearchCounts counts_;

    // counting
    Sections sections_;  // of the job at hand
    struct PointOnLine {  // a share of the way between the ends of a segment, and the form that vanishes there
        double least, most;
        int form;
    };
    const std::uint64_t* asked_ = nullptr;  // if given, the forms of the level whose signs new vertices need
    SegmentForms segment_;
    std::vector<int> pair_signs_;  // of the second form, at each vertex
    std::vector<int> on_line_;
    std::vector<PointOnLine> points_;

    // planning
    bool planning_ = false;
    int plan_depth_ = 0;
    std::vector<Job> jobs_;
    std::uint64_t planned_bytes_ = 0;  // of all jobs that were planned

    // recording
    CellRecords* cells_ = nullptr;
    VertexRecords* vertices_ = nullptr;
    std::vector<std::uint64_t> last_pattern_;         // of the last cell that was recorded before this run, if any
    std::vector<std::uint64_t> last_counted_;
    RowTable vertex_table_;                           // numbers of records by sign words
    std::vector<std::uint64_t> zero_words_;    // scratch

    FormDifference difference_;  // scratch, seldom needed
};

}  // namespace relutope
