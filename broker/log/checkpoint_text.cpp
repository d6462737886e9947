#include "broker/log/checkpoint_text.hpp"

#include "broker/log/segment_name.hpp"

#include <vector>

namespace sealane::broker {

namespace {

std::unexpected<Error> damaged(std::string_view what, std::size_t line) {
    return fail(
        ErrorCode::kCorrupt, std::string(what) + " is damaged at line " + std::to_string(line)
    );
}

// Takes the next line off `text`, without its LF; nothing at the end.
std::optional<std::string_view> next_line(std::string_view& text) {
    if (text.empty()) return std::nullopt;
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

// The space-separated words of a line.
std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (!line.empty()) {
        const auto end = line.find(' ');
        words.push_back(line.substr(0, end));
        line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
    }
    return words;
}

// Reads version and count, then hands each entry's words to `take`, which says if they are good.
template <class Take>
Status decode_table(std::string_view what, std::string_view text, Take take) {
    if (next_line(text) != "0") return damaged(what, 1);
    const auto count_line = next_line(text);
    const auto count = count_line ? parse_decimal(*count_line) : std::nullopt;
    if (!count) return damaged(what, 2);
    std::size_t line_number = 3;
    for (std::int64_t i = 0; i < *count; ++i, ++line_number) {
        const auto line = next_line(text);
        if (!line || !take(words_of(*line))) return damaged(what, line_number);
    }
    if (!text.empty()) return damaged(what, line_number);
    return {};
}

// `value` of the line "<key><separator><value>"; nothing when the line is another.
std::optional<std::string_view> value_of(
    std::optional<std::string_view> line, std::string_view key_and_separator
) {
    if (!line || !line->starts_with(key_and_separator)) return std::nullopt;
    return line->substr(key_and_separator.size());
}

}  // namespace

std::string encode_offset_checkpoint(const OffsetCheckpoint& entries) {
    std::string text = "0\n" + std::to_string(entries.size()) + "\n";
    for (const auto& [at, offset] : entries) {
        text += at.topic + " " + std::to_string(at.partition.value) + " " +
                std::to_string(offset.value) + "\n";
    }
    return text;
}

Result<OffsetCheckpoint> decode_offset_checkpoint(std::string_view text) {
    OffsetCheckpoint entries;
    SEALANE_CHECK(decode_table("offset checkpoint", text, [&](const auto& words) {
        if (words.size() != 3 || words[0].empty()) return false;
        const auto partition = parse_decimal(words[1]);
        const auto offset = parse_decimal(words[2]);
        if (!partition || *partition > INT32_MAX || !offset) return false;
        const PartitionId id(static_cast<std::int32_t>(*partition));
        return entries.emplace(TopicPartition{std::string(words[0]), id}, Offset(*offset)).second;
    }));
    return entries;
}

std::string encode_epoch_checkpoint(const EpochCache& cache) {
    std::string text = "0\n" + std::to_string(cache.entries().size()) + "\n";
    for (const EpochStart& entry : cache.entries()) {
        text += std::to_string(entry.epoch.value) + " " + std::to_string(entry.start.value) + "\n";
    }
    return text;
}

Result<EpochCache> decode_epoch_checkpoint(std::string_view text) {
    std::vector<EpochStart> entries;
    SEALANE_CHECK(decode_table("leader epoch checkpoint", text, [&](const auto& words) {
        if (words.size() != 2) return false;
        const auto epoch = parse_decimal(words[0]);
        const auto start = parse_decimal(words[1]);
        if (!epoch || *epoch > INT32_MAX || !start) return false;
        entries.push_back({LeaderEpoch(static_cast<std::int32_t>(*epoch)), Offset(*start)});
        return true;
    }));
    auto cache = EpochCache::from(std::move(entries));
    if (!cache) return fail(ErrorCode::kCorrupt, "leader epoch checkpoint does not increase");
    return *std::move(cache);
}

std::string encode_partition_metadata(const Uuid& topic_id) {
    return "version: 0\ntopic_id: " + topic_id.to_string() + "\n";
}

Result<Uuid> decode_partition_metadata(std::string_view text) {
    if (next_line(text) != "version: 0") return damaged("partition.metadata", 1);
    const auto value = value_of(next_line(text), "topic_id: ");
    const auto id = value ? Uuid::parse(*value) : std::nullopt;
    if (!id) return damaged("partition.metadata", 2);
    return *id;
}

std::string encode_log_bounds(const LogBounds& bounds) {
    return "version: 0\nlog_start: " + std::to_string(bounds.log_start.value) +
           "\nrecovery_point_limit: " + std::to_string(bounds.recovery_point_limit.value) +
           "\nfirst_dirty: " + std::to_string(bounds.first_dirty.value) +
           "\nrewritten_to: " + std::to_string(bounds.rewritten_to.value) + "\n";
}

Result<LogBounds> decode_log_bounds(std::string_view text) {
    if (next_line(text) != "version: 0") return damaged("log-bounds", 1);
    const auto start_text = value_of(next_line(text), "log_start: ");
    const auto start = start_text ? parse_decimal(*start_text) : std::nullopt;
    if (!start) return damaged("log-bounds", 2);
    LogBounds bounds{.log_start = Offset(*start)};
    const auto limit_text = value_of(next_line(text), "recovery_point_limit: ");
    if (limit_text != "-1") {
        const auto limit = limit_text ? parse_decimal(*limit_text) : std::nullopt;
        if (!limit) return damaged("log-bounds", 3);
        bounds.recovery_point_limit = Offset(*limit);
    }
    if (text.empty()) return bounds;  // as it was before there was compaction
    const auto dirty_text = value_of(next_line(text), "first_dirty: ");
    const auto dirty = dirty_text ? parse_decimal(*dirty_text) : std::nullopt;
    if (!dirty) return damaged("log-bounds", 4);
    const auto rewritten_text = value_of(next_line(text), "rewritten_to: ");
    const auto rewritten = rewritten_text ? parse_decimal(*rewritten_text) : std::nullopt;
    if (!rewritten) return damaged("log-bounds", 5);
    bounds.first_dirty = Offset(*dirty);
    bounds.rewritten_to = Offset(*rewritten);
    return bounds;
}

std::string encode_directory_identity(const DirectoryIdentity& identity) {
    return "version=1\ncluster.id=" + identity.cluster_id.to_string() +
           "\nnode.id=" + std::to_string(identity.node_id.value) +
           "\ndirectory.id=" + identity.directory_id.to_string() + "\n";
}

Result<DirectoryIdentity> decode_directory_identity(std::string_view text) {
    std::map<std::string_view, std::string_view> values;
    while (const auto line = next_line(text)) {
        if (line->empty() || line->starts_with('#')) continue;
        const auto equals = line->find('=');
        if (equals == std::string_view::npos) continue;
        values[line->substr(0, equals)] = line->substr(equals + 1);
    }
    if (values["version"] != "1") {
        return fail(ErrorCode::kCorrupt, "meta.properties has no version=1");
    }
    const auto cluster = Uuid::parse(values["cluster.id"]);
    const auto node = parse_decimal(values["node.id"]);
    const auto directory = Uuid::parse(values["directory.id"]);
    if (!cluster || !node || *node > INT32_MAX || !directory) {
        return fail(
            ErrorCode::kCorrupt, "meta.properties lacks a valid cluster.id, node.id or directory.id"
        );
    }
    return DirectoryIdentity{*cluster, BrokerId(static_cast<std::int32_t>(*node)), *directory};
}

std::string encode_clean_stop(std::int64_t broker_epoch, const Uuid& directory_id) {
    return "{\"version\":0,\"brokerEpoch\":" + std::to_string(broker_epoch) +
           ",\"directoryId\":\"" + directory_id.to_string() + "\"}\n";
}

std::optional<std::int64_t> decode_clean_stop(std::string_view text, const Uuid& directory_id) {
    constexpr std::string_view kBegin = "{\"version\":0,\"brokerEpoch\":";
    if (!text.starts_with(kBegin)) return std::nullopt;
    std::string_view number = text.substr(kBegin.size());
    number = number.substr(0, number.find_first_of(",}"));
    const bool never = number == "-1";
    const auto epoch = never ? std::optional<std::int64_t>(-1) : parse_decimal(number);
    if (!epoch || text != encode_clean_stop(*epoch, directory_id)) return std::nullopt;
    return epoch;
}

}  // namespace sealane::broker
