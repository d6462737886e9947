#include "tests/chaos/client/history.hpp"

#include <cinttypes>
#include <cstdlib>

namespace sealane::chaos {
namespace {

constexpr std::size_t kValueSize = 100;
// Makes the monotonic clock nineteen digits long, so that lines sort as text.
constexpr std::int64_t kEpoch = 1'000'000'000'000'000'000;

}  // namespace

std::string value_of(const std::string& name) {
    std::string value;
    while (value.size() < kValueSize) value += name + '|';
    value.resize(kValueSize);
    return value;
}

std::optional<std::string> name_of(std::string_view value) {
    std::string name(value.substr(0, value.find('|')));
    if (name.empty() || value != value_of(name)) return std::nullopt;
    return name;
}

void say(const std::string& line) {
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

std::int64_t stamp(Instant at) {
    return kEpoch + at.ns;
}

History::History(const std::string& path, std::string process)
    : file_(std::fopen(path.c_str(), "a")), process_(std::move(process)) {
    if (file_ != nullptr) return;
    std::perror(path.c_str());
    std::exit(2);
}

History::~History() {
    std::fclose(file_);
}

void History::begin(Instant at, const char* op) {
    std::fprintf(
        file_,
        "{\"at\":%" PRId64 ",\"op\":\"%s\",\"process\":\"%s\"",
        stamp(at),
        op,
        process_.c_str()
    );
}

void History::record(
    Instant at, const char* op, const TopicPartition& where, const std::string& name, Offset offset
) {
    begin(at, op);
    std::fprintf(
        file_, ",\"partition\":\"%s\",\"value\":\"%s\"", where.to_string().c_str(), name.c_str()
    );
    if (offset != kNoOffset) std::fprintf(file_, ",\"offset\":%" PRId64, offset.value);
    std::fputs("}\n", file_);
}

void History::poll(Instant at, const std::vector<client::ConsumerRecord>& records) {
    begin(at, "poll");
    const char* separator = ",\"records\":[";
    for (const auto& one : records) {
        const std::string where = one.partition.to_string();
        const std::string place = where + "@" + std::to_string(one.record.offset.value);
        auto name = name_of(one.record.value ? one.record.value->text() : "");
        if (!name) {
            say("error " + place + ": not the bytes that were written");
            name = "corrupt " + place;
        }
        std::fprintf(
            file_,
            "%s[\"%s\",%" PRId64 ",\"%s\"]",
            separator,
            where.c_str(),
            one.record.offset.value,
            name->c_str()
        );
        separator = ",";
    }
    std::fputs("]}\n", file_);
}

void History::assign(
    Instant at,
    const std::string& group,
    GroupGeneration generation,
    const std::vector<TopicPartition>& partitions
) {
    begin(at, "assign");
    if (generation.value >= 0) {
        std::fprintf(file_, ",\"group\":\"%s\",\"generation\":%d", group.c_str(), generation.value);
    }
    std::fputs(",\"partitions\":[", file_);
    const char* separator = "";
    for (const auto& one : partitions) {
        std::fprintf(file_, "%s\"%s\"", separator, one.to_string().c_str());
        separator = ",";
    }
    std::fputs("]}\n", file_);
}

void History::offsets(
    Instant at, const char* op, const std::string& group, const Positions& offsets, Instant asked
) {
    if (offsets.empty()) return;
    begin(at, op);
    std::fprintf(
        file_, ",\"asked\":%" PRId64 ",\"group\":\"%s\",\"offsets\":[", stamp(asked), group.c_str()
    );
    const char* separator = "";
    for (const auto& [where, offset] : offsets) {
        std::fprintf(
            file_, "%s[\"%s\",%" PRId64 "]", separator, where.to_string().c_str(), offset.value
        );
        separator = ",";
    }
    std::fputs("]}\n", file_);
}

}  // namespace sealane::chaos
