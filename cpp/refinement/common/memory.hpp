// Bytes that a search takes with what is made of its records, and where it stops.
//
// Counted are arrays by what is in them, not what the process holds: the limit is one on the search. What is put together from records
// counts beside them, though they are let go on the way: an array that grows is copied, and not all that it leaves is used again.
// docs/guide/memory.md has the model, and how far it lies above what was measured.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <vector>

#include "refinement/common/records.hpp"

namespace relutope {

// Of a search before it has found anything, and of each thread: small arrays, stacks, the allocator's reserves.
inline constexpr std::uint64_t bytes_at_first = 1 << 20;
inline constexpr std::uint64_t bytes_of_thread = 1 << 20;

template <class T>
std::uint64_t bytes_of(const std::vector<T>& values) {
    return values.size() * sizeof(T);
}
// With the room that it has for more.
template <class T>
std::uint64_t bytes_held(const std::vector<T>& values) {
    return values.capacity() * sizeof(T);
}

// What records take with all that is made of them: for cells the arrays that they are put together in, and what links them; for vertices
// those that they are merged to.
std::uint64_t bytes_taken(const CellRecords& cells);
std::uint64_t bytes_taken(const VertexRecords& vertices);
inline std::uint64_t bytes_taken(const FoundCells& found) { return bytes_taken(found.cells) + bytes_taken(found.vertices); }

// What one worker adds to SearchControl::bytes.
class MemoryMeter {
public:
    MemoryMeter(SearchControl& control, const SearchOptions& options) : control_(control), most_(options.max_bytes) {}

    // Whether it is time to look again: every few cells.
    bool is_due() { return (++cells_ & 31) == 0; }
    bool is_due_for_own() const { return (cells_ & 4095) == 0; }

    // Another job, whose records were counted before.
    void begin(std::uint64_t bytes) { job_ = bytes; }
    // What the job's records take by now.
    void set(std::uint64_t bytes) { change(job_, bytes); }
    // What the worker itself takes, the most that it has taken so far.
    void set_own(std::uint64_t bytes) {
        if (bytes > own_) change(own_, bytes);
    }

private:
    void change(std::uint64_t& part, std::uint64_t bytes) {
        const std::uint64_t total = control_.bytes += bytes - part;
        part = bytes;
        if (total <= most_) return;
        control_.full = true;
        control_.stop = true;
    }

    SearchControl& control_;
    std::uint64_t most_;
    std::uint64_t job_ = 0, own_ = 0;
    std::uint64_t cells_ = 0;
};

// Work would take more than it may.
struct OutOfMemoryLimit : std::runtime_error {
    OutOfMemoryLimit(std::uint64_t bytes, double share)
        : std::runtime_error("the work takes more memory than it may"), bytes(bytes), share(share) {}
    std::uint64_t bytes;
    double share;  // of the work that was done when it took so many, between 0 and 1
};

// The limit of work that is given up as a whole.
class MemoryLimit {
public:
    explicit MemoryLimit(std::uint64_t most = UINT64_MAX) : most_(most) {}

    std::uint64_t most() const { return most_; }
    // Throws OutOfMemoryLimit.
    void check(std::uint64_t bytes, std::uint64_t done, std::uint64_t all) const {
        if (bytes > most_) throw OutOfMemoryLimit(bytes, all ? static_cast<double>(done) / static_cast<double>(all) : 0.0);
    }

private:
    std::uint64_t most_;
};

}  // namespace relutope
