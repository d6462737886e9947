#include "broker/quorum/control_batches.hpp"

#include "common/kafka/records/batch_cursor.hpp"
#include "common/kafka/records/record_batch_builder.hpp"

#include <gtest/gtest.h>

namespace sealane::broker::quorum {
namespace {

VoterSet some_voters() {
    std::vector<VoterNode> nodes;
    for (int id = 1; id <= 3; ++id) {
        VoterNode& node = nodes.emplace_back();
        node.key.id = BrokerId(id);
        node.key.directory.bytes[0] = static_cast<std::uint8_t>(id);
        node.endpoints.push_back({"INTERNAL", "h" + std::to_string(id), 9093});
    }
    return VoterSet(nodes);
}

BufferSlice data_batch(std::string_view text) {
    kafka::RecordBatchBuilder builder({});
    SEALANE_ASSERT(builder.add(WallTime{5}, std::nullopt, as_bytes(text)));
    return std::move(builder).build()->bytes();
}

TEST(ControlBatches, FirstVotersComeBehindTheKraftVersion) {
    const auto bytes = voters_batches({some_voters(), true}, WallTime{1});
    ASSERT_TRUE(bytes.has_value());
    const auto facts = facts_of(*bytes);
    ASSERT_TRUE(facts.has_value());
    ASSERT_EQ(facts->size(), 2U);
    EXPECT_FALSE(facts->at(0).voters.has_value());
    EXPECT_EQ(facts->at(1).voters, some_voters());
    EXPECT_EQ(facts->at(1).base, Offset(1));
    EXPECT_EQ(facts_of(*voters_batches({some_voters(), false}, WallTime{1}))->size(), 1U);
}

TEST(ControlBatches, LeaderChangeIsOneControlRecordWithoutVotersOfItsOwn) {
    LeaderChange change;
    change.voters = {{BrokerId(1), {}}, {BrokerId(2), {}}};
    for (const std::int16_t version : {std::int16_t{0}, std::int16_t{1}}) {
        const auto bytes = leader_change_batch(change, BrokerId(1), version, WallTime{1});
        ASSERT_TRUE(bytes.has_value());
        const auto batch = kafka::RecordBatch::parse(*bytes);
        ASSERT_TRUE(batch.has_value());
        EXPECT_TRUE((*batch)->is_control());
        EXPECT_EQ((*batch)->record_count(), 1);
        EXPECT_FALSE(facts_of(*batch)->voters.has_value());
    }
}

TEST(ControlBatches, SnapshotComesBackAsItWas) {
    SnapshotContent content;
    content.id = {Offset(42), LeaderEpoch(7)};
    content.voters = some_voters();
    content.batches = {data_batch("a"), data_batch("b")};
    const auto bytes = snapshot_bytes(content, WallTime{9});
    ASSERT_TRUE(bytes.has_value());
    const auto again = parse_snapshot(content.id, *bytes);
    ASSERT_TRUE(again.has_value()) << again.error().to_string();
    EXPECT_EQ(again->voters, some_voters());
    ASSERT_EQ(again->batches.size(), 2U);
    // Offsets count through the whole file: header, version and voters stand before.
    EXPECT_EQ(kafka::RecordBatch::parse(again->batches[1])->view().base_offset(), Offset(4));
    EXPECT_EQ(kafka::RecordBatch::parse(again->batches[1])->view().leader_epoch(), LeaderEpoch(7));
}

TEST(ControlBatches, EveryTruncationAndFlipOfASnapshotIsSeen) {
    SnapshotContent content;
    content.id = {Offset(1), LeaderEpoch(1)};
    content.batches = {data_batch("abc")};
    const BufferSlice bytes = *snapshot_bytes(content, WallTime{9});
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(parse_snapshot(content.id, bytes.slice(0, size)).has_value()) << size;
    }
    // Base offset and leader epoch stand before the checksum; everything else is covered.
    for (std::size_t at = 17; at < 60; ++at) {
        MutableBuffer damaged(bytes.size());
        std::ranges::copy(bytes.view(), damaged.view().begin());
        damaged.view()[at] ^= std::byte{1};
        const auto parsed = parse_snapshot(content.id, std::move(damaged).freeze());
        ASSERT_FALSE(parsed.has_value()) << at;
        EXPECT_EQ(parsed.error().code(), ErrorCode::kCorrupt);
    }
}

TEST(ControlBatches, SnapshotNamesAreKafkas) {
    const SnapshotId id{Offset(42), LeaderEpoch(7)};
    EXPECT_EQ(snapshot_file_name(id), "00000000000000000042-0000000007.checkpoint");
    EXPECT_EQ(parse_snapshot_file_name(snapshot_file_name(id)), id);
    for (const char* other :
         {"00000000000000000042.log",
          "00000000000000000042-0000000007.checkpoint.part",
          "0000000000000000004x-0000000007.checkpoint",
          "quorum-state"}) {
        EXPECT_FALSE(parse_snapshot_file_name(other).has_value()) << other;
    }
}

}  // namespace
}  // namespace sealane::broker::quorum
