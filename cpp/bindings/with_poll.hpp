// Work on the faces that can be stopped by Ctrl-C.
#pragma once

#include "bindings/bindings.hpp"
#include "complex/faces/faces.hpp"

namespace relutope::bindings {

// Runs `work(poll)`; the poll throws once the user has asked to stop.
template <class Work>
auto with_poll(Work&& work) {
    std::atomic<bool> stop{false};
    const Poll poll = [&] {
        if (stop) throw Stopped();
    };
    return interruptible([&] { return work(poll); }, [&] { stop = true; }, [] {});
}

}  // namespace relutope::bindings
