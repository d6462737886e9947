#include "tests/checker/log_content.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace sealane::checker {
namespace {

std::string place(const TopicPartition& where, Offset offset) {
    return where.to_string() + "@" + std::to_string(offset.value);
}

void check_acknowledged(
    const TopicPartition& where,
    const std::string& writer,
    const WriterHistory& history,
    const std::map<WrittenRecord, Offset>& found,
    std::vector<Violation>& violations
) {
    for (const auto& [number, offset] : history.acknowledged) {
        const WrittenRecord record{writer, number};
        const auto at = found.find(record);
        if (at == found.end()) {
            violations.push_back(
                {"lost-write",
                 record.text() + " acknowledged at " + place(where, offset) + " is gone"}
            );
        } else if (offset.value >= 0 && at->second != offset) {
            violations.push_back(
                {"inconsistent-offset",
                 record.text() + " acknowledged at " + place(where, offset) + " is at " +
                     place(where, at->second)}
            );
        }
    }
}

}  // namespace

WrittenRecord WrittenRecord::parse(std::string_view text) {
    WrittenRecord record{std::string(text), -1};
    const auto hash = text.rfind('#');
    if (hash == std::string_view::npos) return record;
    const auto digits = text.substr(hash + 1);
    std::int64_t number = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size()) return record;
    return {std::string(text.substr(0, hash)), number};
}

std::vector<Violation> check_written(
    const TopicPartition& where,
    const std::map<std::string, WriterHistory>& writers,
    const LogContent& log
) {
    std::vector<Violation> violations;
    std::map<WrittenRecord, Offset> found;
    std::map<std::string, std::int64_t> last;
    for (const LogRecord& entry : log) {
        const auto writer = writers.find(entry.record.writer);
        if (writer == writers.end() || entry.record.number < 0 ||
            entry.record.number >= writer->second.sent) {
            violations.push_back(
                {"phantom",
                 place(where, entry.offset) + " holds " + entry.record.text() +
                     ", which nobody wrote"}
            );
            continue;
        }
        const auto [at, fresh] = found.emplace(entry.record, entry.offset);
        if (!fresh) {
            violations.push_back(
                {"duplicate",
                 entry.record.text() + " at " + place(where, at->second) + " and " +
                     place(where, entry.offset)}
            );
        }
        const auto [previous, first] = last.emplace(entry.record.writer, entry.record.number);
        if (!first && entry.record.number < previous->second) {
            violations.push_back(
                {"reorder",
                 entry.record.text() + " at " + place(where, entry.offset) + " comes after #" +
                     std::to_string(previous->second)}
            );
        }
        previous->second = std::max(previous->second, entry.record.number);
    }
    for (const auto& [name, history] : writers)
        check_acknowledged(where, name, history, found, violations);
    return violations;
}

std::vector<Violation> check_replica(
    const TopicPartition& where, const LogContent& source, const LogContent& target
) {
    std::vector<Violation> violations;
    for (std::size_t i = 0; i < std::max(source.size(), target.size()); ++i) {
        if (i >= target.size()) {
            violations.push_back(
                {"diverged",
                 place(where, source[i].offset) + " " + source[i].record.text() +
                     " is not in the replica"}
            );
        } else if (i >= source.size()) {
            violations.push_back(
                {"diverged",
                 place(where, target[i].offset) + " " + target[i].record.text() +
                     " is only in the replica"}
            );
        } else if (source[i].offset != target[i].offset || source[i].record != target[i].record) {
            violations.push_back(
                {"diverged",
                 place(where, source[i].offset) + " is " + source[i].record.text() +
                     ", in the replica " + place(where, target[i].offset) + " is " +
                     target[i].record.text()}
            );
        }
        if (violations.size() > 10) break;
    }
    return violations;
}

std::vector<Violation> check_aggregate(
    const TopicPartition& where,
    const std::string& writer_prefix,
    const LogContent& source,
    const LogContent& target
) {
    std::vector<WrittenRecord> wanted;
    for (const LogRecord& entry : source) wanted.push_back(entry.record);
    std::vector<WrittenRecord> got;
    for (const LogRecord& entry : target) {
        if (entry.record.writer.starts_with(writer_prefix)) got.push_back(entry.record);
    }
    if (wanted == got) return {};
    std::vector<Violation> violations;
    std::multiset<WrittenRecord> missing(wanted.begin(), wanted.end());
    for (const WrittenRecord& record : got) {
        const auto at = missing.find(record);
        if (at != missing.end()) {
            missing.erase(at);
        } else {
            violations.push_back(
                {"duplicate", record.text() + " is too often in " + where.to_string()}
            );
        }
        if (violations.size() > 10) return violations;
    }
    for (const WrittenRecord& record : missing) {
        violations.push_back({"lost-write", record.text() + " did not reach " + where.to_string()});
        if (violations.size() > 10) return violations;
    }
    if (violations.empty())
        violations.push_back({"reorder", where.to_string() + " has them in another order"});
    return violations;
}

}  // namespace sealane::checker
