#include "broker/coordinator/key_partition.hpp"

#include "common/base/assert.hpp"

#include <cstdlib>

namespace sealane::broker {
namespace {

// Decodes one UTF-8 character and moves `text` behind it; broken bytes count as U+FFFD each.
char32_t next_character(std::string_view& text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    const std::size_t length = lead < 0x80U ? 1 : lead >= 0xf0U ? 4 : lead >= 0xe0U ? 3 : 2;
    if (lead >= 0x80U && (lead < 0xc2U || lead > 0xf4U || text.size() < length)) {
        text.remove_prefix(1);
        return 0xfffdU;
    }
    char32_t character = length == 1 ? lead : lead & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0U) != 0x80U) {
            text.remove_prefix(1);
            return 0xfffdU;
        }
        character = (character << 6U) | (byte(i) & 0x3fU);
    }
    text.remove_prefix(length);
    return character;
}

// java.lang.String.hashCode: over UTF-16 code units, wrapping.
std::int32_t java_hash(std::string_view text) {
    std::uint32_t hash = 0;
    while (!text.empty()) {
        const char32_t character = next_character(text);
        if (character < 0x10000U) {
            hash = 31 * hash + character;
            continue;
        }
        const char32_t rest = character - 0x10000U;
        hash = 31 * hash + (0xd800U + (rest >> 10U));
        hash = 31 * hash + (0xdc00U + (rest & 0x3ffU));
    }
    return static_cast<std::int32_t>(hash);
}

}  // namespace

PartitionId partition_of_key(std::string_view key, std::int32_t partitions) {
    SEALANE_ASSERT(partitions > 0);
    const std::int32_t hash = java_hash(key);
    const std::int32_t positive = hash == INT32_MIN ? 0 : std::abs(hash);
    return PartitionId(positive % partitions);
}

}  // namespace sealane::broker
