#pragma once
// What was probably meant by a name that does not exist: the reader's own suggestions, for those
// who know the model and not the configuration library (topology/rules).

#include "common/config/problems.hpp"

namespace sealane::topology {

using config::suggest;  // "did you mean 'x'?" or "known: a, b, c"

}  // namespace sealane::topology
