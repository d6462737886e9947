#include "tests/checker/progress.hpp"

#include <algorithm>

namespace sealane::checker {

void Progress::see(const TopicPartition& who, Offset value) {
    const auto [at, fresh] = newest_.emplace(who, value);
    if (!fresh && value < at->second) {
        violations_.push_back(
            {"went-back",
             what_ + " of " + who.to_string() + " from " + std::to_string(at->second.value) +
                 " to " + std::to_string(value.value)}
        );
    }
    at->second = value;
}

void Progress::see_within(const TopicPartition& who, Offset value, Offset limit) {
    see(who, value);
    if (value <= limit) return;
    violations_.push_back(
        {"beyond-data",
         what_ + " of " + who.to_string() + " is " + std::to_string(value.value) +
             ", the data ends at " + std::to_string(limit.value)}
    );
}

Offset Progress::newest(const TopicPartition& who) const {
    const auto found = newest_.find(who);
    return found == newest_.end() ? kNoOffset : found->second;
}

std::vector<Violation> check_promoted(
    const TopicPartition& where,
    const LogContent& source,
    std::size_t promised,
    const LogContent& target,
    const std::string& own_prefix
) {
    const auto own = std::ranges::find_if(target, [&own_prefix](const LogRecord& entry) {
        return entry.record.writer.starts_with(own_prefix);
    });
    const LogContent before(target.begin(), own);
    const auto carried = static_cast<std::ptrdiff_t>(std::min(before.size(), source.size()));
    auto violations =
        check_replica(where, LogContent(source.begin(), source.begin() + carried), before);
    if (before.size() < promised) {
        violations.push_back(
            {"lost-write",
             where.to_string() + " was promoted with " + std::to_string(before.size()) +
                 " records, it had " + std::to_string(promised)}
        );
    }
    for (auto at = own; at != target.end(); ++at) {
        if (at->record.writer.starts_with(own_prefix)) continue;
        violations.push_back(
            {"unfenced",
             where.to_string() + "@" + std::to_string(at->offset.value) + " " + at->record.text() +
                 " came over the link after the promotion"}
        );
    }
    return violations;
}

}  // namespace sealane::checker
