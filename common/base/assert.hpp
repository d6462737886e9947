#pragma once
// Assertions for bugs. They stay on in release builds: a process that has lost its invariants must
// stop before it writes. For the environment (disk, peers, configuration) use Result instead.

namespace sealane {
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);
}

#define SEALANE_ASSERT(condition)           \
    (static_cast<bool>(condition) ? void(0) \
                                  : ::sealane::assertion_failed(#condition, __FILE__, __LINE__))
