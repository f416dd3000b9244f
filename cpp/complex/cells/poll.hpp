// Lets long work be stopped.
#pragma once

#include <functional>

namespace relutope {

// Called now and then during long work; throws to stop it.
using Poll = std::function<void()>;

}  // namespace relutope
