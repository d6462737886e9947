#pragma once
// Names on disk (formats: log directory, segments): segment files are the base offset in 20 digits
// and a suffix, partition directories `<topic>-<partition>`. A core.

#include "common/base/ids.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sealane::broker {

inline constexpr std::string_view kLogSuffix = "log";
inline constexpr std::string_view kIndexSuffix = "index";
inline constexpr std::string_view kTimeIndexSuffix = "timeindex";
inline constexpr std::string_view kDigestSuffix = "digest";
inline constexpr std::string_view kDeletedSuffix = ".deleted";
inline constexpr std::string_view kTemporarySuffix = ".tmp";
inline constexpr std::string_view kDeletedDirectorySuffix = "-delete";
// In a partition's directory: segments that are being cleaned.
inline constexpr std::string_view kCleaningDirectory = "cleaning";
// In a partition's directory: a sync has failed. Pages that never reached the disk may count as
// clean (https://wiki.postgresql.org/wiki/Fsync_Errors) until they are written again.
inline constexpr std::string_view kUnsyncedFile = "unsynced";
// Of a partition directory that was damaged and replaced; kept for people to look at.
inline constexpr std::string_view kDamagedDirectorySuffix = "-damaged";

// "00000000000000000042.log"
[[nodiscard]] std::string segment_file_name(Offset base, std::string_view suffix);

struct SegmentFileName {
    Offset base;
    std::string_view suffix;  // what follows the dot; of the name that was parsed
};
// Nothing when the name is no 20 digits, dot and suffix, or the number no offset.
[[nodiscard]] std::optional<SegmentFileName> parse_segment_file_name(std::string_view name);

// The partition a directory name means; nothing for `-delete` directories and other names.
[[nodiscard]] std::optional<TopicPartition> parse_partition_directory(std::string_view name);

// A whole decimal number without sign, spaces or overflow.
[[nodiscard]] std::optional<std::int64_t> parse_decimal(std::string_view text);

}  // namespace sealane::broker
