#include "tests/checker/stored_log.hpp"

#include "tests/checker/report.hpp"

#include <algorithm>
#include <string>

namespace sealane::checker {
namespace {

std::string at_node(const TopicPartition& partition, const StoredLog& log) {
    return partition.to_string() + " at node " + std::to_string(log.node.value);
}

std::string describe(const StoredBatch& batch) {
    return "[" + std::to_string(batch.base.value) + "-" + std::to_string(batch.last.value) +
           " epoch " + std::to_string(batch.epoch.value) + "]";
}

Offset end_of(const StoredLog& log) {
    return log.batches.empty() ? log.start : log.batches.back().last + 1;
}

// The batches that lie in [from, to), as far as they begin there.
std::vector<StoredBatch> between(const StoredLog& log, Offset from, Offset to) {
    std::vector<StoredBatch> found;
    std::ranges::copy_if(log.batches, std::back_inserter(found), [&](const StoredBatch& batch) {
        return batch.last >= from && batch.base < to;
    });
    return found;
}

}  // namespace

std::vector<Violation> check_stored(const TopicPartition& partition, const StoredLog& log) {
    Report report;
    if (!log.readable)
        report.add("torn-log", at_node(partition, log) + " ends in bytes that are no batch");
    for (std::size_t i = 1; i < log.batches.size(); ++i) {
        const StoredBatch& before = log.batches[i - 1];
        const StoredBatch& after = log.batches[i];
        const bool adjoins = after.base == before.last + 1;
        if (adjoins && after.epoch >= before.epoch) continue;
        report.add(
            "torn-log",
            at_node(partition, log) + ": " + describe(after) + " after " + describe(before)
        );
    }
    return report.take();
}

std::vector<Violation> check_epochs(const TopicPartition& partition, const StoredLog& log) {
    Report report;
    std::vector<EpochMark> stored;
    for (const StoredBatch& batch : log.batches) {
        if (batch.last < log.start) continue;
        if (stored.empty() || stored.back().epoch != batch.epoch)
            stored.push_back({batch.epoch, std::max(batch.base, log.start)});
    }
    std::vector<EpochMark> said;
    for (const EpochMark& mark : log.epochs) {
        if (mark.start < end_of(log)) said.push_back({mark.epoch, std::max(mark.start, log.start)});
    }
    const auto text = [](const std::vector<EpochMark>& marks) {
        std::string all;
        for (const EpochMark& mark : marks)
            all += " " + std::to_string(mark.epoch.value) + "@" + std::to_string(mark.start.value);
        return all.empty() ? " none" : all;
    };
    if (said == stored) return {};
    report.add(
        "wrong-epochs",
        at_node(partition, log) + " says epochs" + text(said) + ", its batches say" + text(stored)
    );
    return report.take();
}

std::vector<Violation> check_replicas(
    const TopicPartition& partition, const std::vector<StoredLog>& replicas, Agreement agreement
) {
    Report report;
    if (replicas.size() < 2) return {};
    Offset from = replicas[0].start;
    Offset to = replicas[0].high_watermark;
    for (const StoredLog& replica : replicas) {
        from = std::max(from, replica.start);
        to = std::min(to, replica.high_watermark);
    }
    const StoredLog& first = replicas[0];
    for (const StoredLog& other : replicas) {
        if (agreement == Agreement::kWhole) {
            to = std::max(end_of(first), end_of(other));
            if (end_of(first) != end_of(other)) {
                report.add(
                    "diverged-replicas",
                    at_node(partition, first) + " ends at " + std::to_string(end_of(first).value) +
                        ", at node " + std::to_string(other.node.value) + " at " +
                        std::to_string(end_of(other).value)
                );
            }
        }
        const auto mine = between(first, from, to);
        const auto theirs = between(other, from, to);
        const auto [a, b] = std::ranges::mismatch(mine, theirs);
        if (a == mine.end() && b == theirs.end()) continue;
        report.add(
            "diverged-replicas",
            at_node(partition, first) + " has " + (a == mine.end() ? "nothing" : describe(*a)) +
                ", at node " + std::to_string(other.node.value) + " it is " +
                (b == theirs.end() ? "nothing" : describe(*b)) +
                (a != mine.end() && b != theirs.end() && a->base == b->base ? " (bytes differ)" : ""
                )
        );
    }
    return report.take();
}

}  // namespace sealane::checker
