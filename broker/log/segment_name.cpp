#include "broker/log/segment_name.hpp"

#include <charconv>

namespace sealane::broker {

namespace {
constexpr std::size_t kDigits = 20;
constexpr std::size_t kMaxTopicLength = 249;
}  // namespace

std::optional<std::int64_t> parse_decimal(std::string_view text) {
    if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::string segment_file_name(Offset base, std::string_view suffix) {
    const std::string number = std::to_string(base.value);
    std::string name(number.size() < kDigits ? kDigits - number.size() : 0, '0');
    name.append(number).append(1, '.').append(suffix);
    return name;
}

std::optional<SegmentFileName> parse_segment_file_name(std::string_view name) {
    if (name.size() < kDigits + 2 || name[kDigits] != '.') return std::nullopt;
    const auto number = parse_decimal(name.substr(0, kDigits));
    if (!number) return std::nullopt;
    return SegmentFileName{Offset(*number), name.substr(kDigits + 1)};
}

std::optional<TopicPartition> parse_partition_directory(std::string_view name) {
    const auto dash = name.rfind('-');
    if (dash == std::string_view::npos || dash == 0 || dash > kMaxTopicLength) return std::nullopt;
    const auto number = parse_decimal(name.substr(dash + 1));
    if (!number || *number > INT32_MAX) return std::nullopt;
    const std::string_view topic = name.substr(0, dash);
    constexpr std::string_view kAllowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    if (topic.find_first_not_of(kAllowed) != std::string_view::npos) return std::nullopt;
    return TopicPartition{std::string(topic), PartitionId(static_cast<std::int32_t>(*number))};
}

}  // namespace sealane::broker
