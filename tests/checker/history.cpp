#include "tests/checker/history.hpp"

namespace sealane::checker {

std::uint32_t Names::number(std::string_view name) {
    const auto found = numbers_.find(name);
    if (found != numbers_.end()) return found->second;
    const auto number = static_cast<std::uint32_t>(names_.size());
    numbers_.emplace(name, number);
    names_.emplace_back(name);
    return number;
}

std::uint32_t History::partition_number(const TopicPartition& partition) {
    const auto [at, fresh] =
        partition_numbers_.emplace(partition, static_cast<std::uint32_t>(partitions_.size()));
    if (fresh) partitions_.push_back(partition);
    return at->second;
}

Operation& History::add(Instant at, OperationKind kind, std::string_view process) {
    Operation& made = operations_.emplace_back();
    made.at = at;
    made.kind = kind;
    made.process = processes_.number(process);
    return made;
}

void History::send(
    Instant at, std::string_view process, const TopicPartition& partition, std::string_view value
) {
    Operation& made = add(at, OperationKind::kSend, process);
    made.partition = partition_number(partition);
    made.name = names_.number(value);
}

void History::ack(
    Instant at,
    std::string_view process,
    const TopicPartition& partition,
    std::string_view value,
    Offset offset
) {
    Operation& made = add(at, OperationKind::kAck, process);
    made.partition = partition_number(partition);
    made.name = names_.number(value);
    made.offset = offset;
}

void History::fail(
    Instant at, std::string_view process, const TopicPartition& partition, std::string_view value
) {
    Operation& made = add(at, OperationKind::kFail, process);
    made.partition = partition_number(partition);
    made.name = names_.number(value);
}

void History::info(
    Instant at, std::string_view process, const TopicPartition& partition, std::string_view value
) {
    Operation& made = add(at, OperationKind::kInfo, process);
    made.partition = partition_number(partition);
    made.name = names_.number(value);
}

void History::polled(
    Instant at,
    std::string_view process,
    const TopicPartition& partition,
    std::string_view value,
    Offset offset
) {
    Operation& made = add(at, OperationKind::kPoll, process);
    made.partition = partition_number(partition);
    made.name = names_.number(value);
    made.number = polls_[made.process];
    made.offset = offset;
}

void History::assign(
    Instant at,
    std::string_view process,
    std::string_view group,
    GroupGeneration generation,
    const std::vector<TopicPartition>& partitions
) {
    add(at, OperationKind::kAssign, process);
    for (const TopicPartition& partition : partitions) {
        Operation& made = add(at, OperationKind::kOwn, process);
        made.partition = partition_number(partition);
        made.name = names_.number(group);
        made.number = generation.value;
    }
}

void History::commit(
    Instant at,
    std::string_view process,
    std::string_view group,
    const TopicPartition& partition,
    Offset offset
) {
    Operation& made = add(at, OperationKind::kCommit, process);
    made.partition = partition_number(partition);
    made.name = names_.number(group);
    made.offset = offset;
}

void History::committed(
    Instant asked,
    Instant at,
    std::string_view process,
    std::string_view group,
    const TopicPartition& partition,
    Offset offset
) {
    Operation& made = add(at, OperationKind::kCommitted, process);
    made.partition = partition_number(partition);
    made.name = names_.number(group);
    made.number = asked.ns;
    made.offset = offset;
}

void History::trim(const TopicPartition& partition, Offset offset) {
    auto& newest = trimmed_[partition];
    newest = std::max(newest, offset);
}

Offset History::trimmed_to(std::uint32_t partition) const {
    const auto found = trimmed_.find(partitions_[partition]);
    return found == trimmed_.end() ? Offset(0) : found->second;
}

}  // namespace sealane::checker
