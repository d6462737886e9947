#include "tests/checker/stored_log.hpp"

#include <gtest/gtest.h>

namespace sealane::checker {
namespace {

const TopicPartition kP0{"t", PartitionId(0)};

std::string kinds(const std::vector<Violation>& violations) {
    std::string all;
    for (const Violation& one : violations) all += one.kind + " ";
    return all;
}

// Batches of one record each, one per epoch given; digests follow from offset and epoch.
StoredLog log_of(std::int32_t node, std::vector<std::int32_t> epochs, std::int64_t high_watermark) {
    StoredLog log;
    log.node = BrokerId(node);
    for (std::size_t i = 0; i < epochs.size(); ++i) {
        const Offset at(static_cast<std::int64_t>(i));
        log.batches.push_back(
            {at, at, LeaderEpoch(epochs[i]), i * 100 + static_cast<std::uint64_t>(epochs[i])}
        );
    }
    log.high_watermark = Offset(high_watermark);
    return log;
}

TEST(StoredLog, ReplicasAgreeUpToTheLowestHighWatermark) {
    const auto leader = log_of(1, {0, 0, 2, 2}, 3);
    const auto follower = log_of(2, {0, 0, 1}, 2);
    EXPECT_EQ(kinds(check_replicas(kP0, {leader, follower}, Agreement::kUpToHighWatermark)), "");
    const auto wrong = log_of(3, {0, 1, 1}, 2);
    EXPECT_EQ(
        kinds(check_replicas(kP0, {leader, follower, wrong}, Agreement::kUpToHighWatermark)),
        "diverged-replicas "
    );
}

TEST(StoredLog, ConvergedReplicasAreEqualToTheEnd) {
    const auto leader = log_of(1, {0, 0, 2}, 3);
    EXPECT_EQ(kinds(check_replicas(kP0, {leader, leader}, Agreement::kWhole)), "");
    EXPECT_NE(kinds(check_replicas(kP0, {leader, log_of(2, {0, 0}, 2)}, Agreement::kWhole)), "");
    auto flipped = leader;
    flipped.batches[1].digest ^= 1U;
    EXPECT_NE(kinds(check_replicas(kP0, {leader, flipped}, Agreement::kWhole)), "");
}

TEST(StoredLog, StartsMayDiffer) {
    auto trimmed = log_of(1, {0, 0, 2}, 3);
    trimmed.batches.erase(trimmed.batches.begin());
    trimmed.start = Offset(1);
    EXPECT_EQ(
        kinds(check_replicas(kP0, {log_of(2, {0, 0, 2}, 3), trimmed}, Agreement::kWhole)), ""
    );
}

TEST(StoredLog, OffsetsAdjoinAndEpochsRise) {
    EXPECT_EQ(kinds(check_stored(kP0, log_of(1, {0, 1, 1}, 3))), "");
    EXPECT_EQ(kinds(check_stored(kP0, log_of(1, {0, 2, 1}, 3))), "torn-log ");
    auto hole = log_of(1, {0, 0, 0}, 3);
    hole.batches.erase(hole.batches.begin() + 1);
    EXPECT_EQ(kinds(check_stored(kP0, hole)), "torn-log ");
    auto cut = log_of(1, {0}, 1);
    cut.readable = false;
    EXPECT_EQ(kinds(check_stored(kP0, cut)), "torn-log ");
}

TEST(StoredLog, EpochsAreWhereTheirFirstRecordsAre) {
    StoredLog log = log_of(1, {0, 0, 2, 2}, 4);
    log.epochs = {{LeaderEpoch(0), Offset(0)}, {LeaderEpoch(2), Offset(2)}};
    EXPECT_EQ(kinds(check_epochs(kP0, log)), "");
    log.epochs.push_back({LeaderEpoch(3), Offset(4)});
    EXPECT_EQ(kinds(check_epochs(kP0, log)), "") << "it has no record yet";
    log.epochs[1].start = Offset(3);
    EXPECT_EQ(kinds(check_epochs(kP0, log)), "wrong-epochs ");
    log.epochs = {{LeaderEpoch(2), Offset(2)}};
    EXPECT_EQ(kinds(check_epochs(kP0, log)), "wrong-epochs ");
}

TEST(StoredLog, EpochsThatBeganBelowTheStartBeginThere) {
    StoredLog log = log_of(1, {0, 0, 2, 2}, 4);
    log.start = Offset(1);
    log.epochs = {{LeaderEpoch(0), Offset(1)}, {LeaderEpoch(2), Offset(2)}};
    EXPECT_EQ(kinds(check_epochs(kP0, log)), "");
    log.start = Offset(3);
    log.epochs = {{LeaderEpoch(2), Offset(3)}};
    EXPECT_EQ(kinds(check_epochs(kP0, log)), "");
}

}  // namespace
}  // namespace sealane::checker
