#include "tests/checker/cluster_facts.hpp"

namespace sealane::checker {
namespace {

std::string of(BrokerId node) {
    return "node " + std::to_string(node.value);
}

std::string in(LeaderEpoch epoch) {
    return " in epoch " + std::to_string(epoch.value);
}

}  // namespace

void ClusterFacts::leads(const TopicPartition& partition, LeaderEpoch epoch, BrokerId node) {
    const auto [at, first] = leaders_.emplace(std::pair(partition, epoch), node);
    if (first || at->second == node) return;
    report_.add(
        "two-leaders", partition.to_string() + in(epoch) + ": " + of(at->second) + ", " + of(node)
    );
}

void ClusterFacts::controls(LeaderEpoch epoch, BrokerId node) {
    const auto [at, first] = controllers_.emplace(epoch, node);
    if (first || at->second == node) return;
    report_.add("two-controllers", of(at->second) + " and " + of(node) + in(epoch));
}

void ClusterFacts::votes(BrokerId node, LeaderEpoch epoch, BrokerId candidate) {
    const auto [at, first] = votes_.emplace(std::pair(node, epoch), candidate);
    if (first || at->second == candidate) return;
    report_.add(
        "double-vote", of(node) + in(epoch) + ": for " + of(at->second) + ", then " + of(candidate)
    );
}

void ClusterFacts::high_watermark(
    const TopicPartition& partition,
    LeaderEpoch epoch,
    BrokerId node,
    std::int32_t incarnation,
    Offset offset
) {
    const auto [at, first] =
        watermarks_.emplace(Leadership(partition, epoch, node, incarnation), offset);
    if (!first && offset < at->second) {
        report_.add(
            "watermark-went-back",
            partition.to_string() + " at " + of(node) + in(epoch) + ": from " +
                std::to_string(at->second.value) + " to " + std::to_string(offset.value)
        );
    }
    at->second = offset;
}

void ClusterFacts::leader_epoch(
    const TopicPartition& partition, BrokerId node, std::int32_t incarnation, LeaderEpoch epoch
) {
    const auto [at, first] = epochs_.emplace(std::tuple(partition, node, incarnation), epoch);
    if (!first && epoch < at->second) {
        report_.add(
            "epoch-went-back",
            partition.to_string() + " in the metadata of " + of(node) + ": from " +
                std::to_string(at->second.value) + " to " + std::to_string(epoch.value)
        );
    }
    at->second = epoch;
}

void ClusterFacts::drop(const std::string& topic) {
    std::erase_if(leaders_, [&](const auto& one) { return one.first.first.topic == topic; });
    std::erase_if(watermarks_, [&](const auto& one) {
        return std::get<0>(one.first).topic == topic;
    });
    std::erase_if(epochs_, [&](const auto& one) { return std::get<0>(one.first).topic == topic; });
}

}  // namespace sealane::checker
