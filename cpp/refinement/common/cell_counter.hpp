// Counts the cells that one worker finds.
#pragma once

#include <cstdint>

#include "refinement/common/records.hpp"

namespace relutope {

// The limit is looked at every few cells only: the control is shared by all threads.
class CellCounter {
public:
    CellCounter(SearchControl& control, const SearchOptions& options)
        : control_(control), most_(options.max_cells), pause_at_(options.pause_at) {}
    CellCounter(const CellCounter&) = delete;
    CellCounter& operator=(const CellCounter&) = delete;
    ~CellCounter() { control_.cells += waiting_; }  // what was found counts when the search ends early, too

    // The search stops once so many cells are found, or a few more: the same ones every time, if this is the only worker.
    void pause_at(std::uint64_t count) { pause_at_ = count; }

    bool pauses() const { return pause_at_ != UINT64_MAX; }
    std::uint64_t pause() const { return pause_at_; }

    // Until it is called with false, nothing is looked at.
    void hold(bool held) {
        held_ = held;
        add(0);
    }

    // All throw TooManyCells.
    void add(std::uint64_t cells = 1) {
        waiting_ += cells;
        if (waiting_ >= 64 && !held_) flush();
    }
    void flush() {
        const std::uint64_t total = control_.cells += waiting_;
        waiting_ = 0;
        if (total > most_) throw TooManyCells(total);
        if (total >= pause_at_) control_.stop = true;
    }

private:
    SearchControl& control_;
    std::uint64_t most_;
    std::uint64_t pause_at_;
    std::uint64_t waiting_ = 0;
    bool held_ = false;
};

}  // namespace relutope
