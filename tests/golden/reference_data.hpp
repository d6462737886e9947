#pragma once
// Reads the reference tables in tests/golden/data (see the README there).

#include <string>
#include <string_view>
#include <vector>

namespace sealane::kafka::testing {

// All lines of a gzip file in tests/golden/data; fails the test when it cannot be read.
[[nodiscard]] std::vector<std::string> read_lines(std::string_view file);

}  // namespace sealane::kafka::testing
