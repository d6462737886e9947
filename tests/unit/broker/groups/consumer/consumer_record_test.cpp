#include "broker/groups/consumer/consumer_record.hpp"

#include "broker/groups/coordinator_record.hpp"
#include "tests/unit/broker/groups/consumer/consumer_script.hpp"

namespace sealane::broker::groups {
namespace {

std::vector<ConsumerRecord> one_of_each() {
    MemberMetadata member;
    member.instance_id = "i";
    member.rack_id = "r";
    member.client_id = "c";
    member.client_host = "/127.0.0.1";
    member.topics = {"a", "b"};
    member.pattern = "c.*";
    member.rebalance_timeout_ms = 60'000;
    member.assignor = "uniform";
    CurrentAssignment current{5, 4, MemberState::kUnrevoked, {}, {}};
    current.assigned[{topic_id(1), PartitionId(0)}] = 3;
    current.assigned[{topic_id(1), PartitionId(7)}] = 5;
    current.pending_revocation[{topic_id(2), PartitionId(1)}] = 2;
    ResolvedPattern pattern{{"c1", "c2"}, WallTime{1'700'000'000'000}};
    return {
        GroupEpochRecord{"g", GroupEpoch{9, 1234}},
        MemberRecord{"g", "m", member},
        TargetEpochRecord{"g", 8},
        TargetRecord{"g", "m", partitions_of(1, {0, 3})},
        TargetRecord{"g", "m", PartitionSet{}},
        CurrentRecord{"g", "m", current},
        PatternRecord{"g", "c.*", pattern},
    };
}

TEST(ConsumerRecord, EveryKindSurvivesARoundTripAndHasATombstone) {
    for (ConsumerRecord record : one_of_each()) {
        for (int i = 0; i < 2; ++i) {
            const auto encoded = encode_record(record);
            ASSERT_TRUE(encoded);
            EXPECT_EQ(encoded->value.has_value(), i == 0);
            const auto decoded = decode_record(encoded->key, encoded->value);
            ASSERT_TRUE(decoded && *decoded);
            EXPECT_EQ(std::get<ConsumerRecord>(**decoded), record);
            const std::size_t bytes =
                encoded->key.size() + (encoded->value ? encoded->value->size() : 0);
            EXPECT_GE(stored_size(record), bytes);
            std::visit([](auto& typed) { typed.value.reset(); }, record);
        }
    }
}

TEST(ConsumerRecord, TypesAreKafkas) {
    std::vector<int> types;
    for (const ConsumerRecord& record : one_of_each()) {
        const auto key = encode_key(record);
        ASSERT_TRUE(key);
        types.push_back(std::to_integer<int>(key->view()[1]));
    }
    EXPECT_EQ(types, (std::vector<int>{3, 5, 6, 7, 7, 8, 16}));
}

TEST(ConsumerRecord, CutOffBytesAreErrors) {
    for (const ConsumerRecord& record : one_of_each()) {
        const auto encoded = encode_record(record);
        ASSERT_TRUE(encoded);
        for (std::size_t i = 0; i < encoded->key.size(); ++i) {
            const auto decoded = decode_record(encoded->key.slice(0, i), encoded->value);
            EXPECT_FALSE(decoded && *decoded) << i;
        }
        for (std::size_t i = 0; i < encoded->value->size(); ++i)
            EXPECT_FALSE(decode_record(encoded->key, encoded->value->slice(0, i))) << i;
    }
}

}  // namespace
}  // namespace sealane::broker::groups
