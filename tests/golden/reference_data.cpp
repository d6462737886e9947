#include "tests/golden/reference_data.hpp"

#include "common/base/assert.hpp"

#include <array>
#include <zlib.h>

namespace sealane::kafka::testing {

std::vector<std::string> read_lines(std::string_view file) {
    const std::string path = std::string(SEALANE_GOLDEN_DATA) + "/" + std::string(file);
    const gzFile in = gzopen(path.c_str(), "rb");
    SEALANE_ASSERT(in != nullptr);
    std::string text;
    std::array<char, 65'536> block{};
    for (int got = gzread(in, block.data(), block.size()); got != 0;
         got = gzread(in, block.data(), block.size())) {
        SEALANE_ASSERT(got > 0);
        text.append(block.data(), static_cast<std::size_t>(got));
    }
    gzclose(in);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        lines.push_back(text.substr(at, end - at));
        if (end == std::string::npos) break;
        at = end + 1;
    }
    return lines;
}

}  // namespace sealane::kafka::testing
