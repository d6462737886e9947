#include "common/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace sealane {

void assertion_failed(const char* expression, const char* file, int line) {
    std::fprintf(stderr, "sealane: assertion failed: %s at %s:%d\n", expression, file, line);
    std::abort();
}

}  // namespace sealane
