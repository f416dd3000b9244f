// Names of the affine forms that bound cells.
#pragma once

#include <cstdint>

namespace relutope {

// A form by its level (0: the domain's sides, l >= 1: the neurons of hidden layer l - 1) and its index in the level.
struct FormRef {
    std::int32_t level;
    std::int32_t index;
};

}  // namespace relutope
