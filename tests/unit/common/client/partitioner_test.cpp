#include "common/client/partitioner.hpp"

#include <gtest/gtest.h>

#include <set>

namespace sealane::client {
namespace {

TEST(Partitioner, HashesAsJavaDoes) {
    EXPECT_EQ(murmur2(as_bytes("")), 275646681);
    EXPECT_EQ(murmur2(as_bytes("21")), -973932308);
    EXPECT_EQ(murmur2(as_bytes("abc")), 479470107);
    EXPECT_EQ(murmur2(as_bytes("foobar")), -790332482);
    EXPECT_EQ(murmur2(as_bytes("a-little-bit-long-string")), -985981536);
    EXPECT_EQ(murmur2(as_bytes("a-little-bit-longer-string")), -1486304829);
    EXPECT_EQ(murmur2(as_bytes("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")), -58897971);
}

TEST(Partitioner, NegativeHashesFallIntoTheRange) {
    EXPECT_EQ(partition_for_key(as_bytes("21"), 7), PartitionId((-973932308 & INT32_MAX) % 7));
    EXPECT_EQ(partition_for_key(as_bytes("anything"), 1), PartitionId(0));
}

TEST(StickyPartitioner, StaysUntilTheBatchIsClosed) {
    StickyPartitioner sticky;
    Rng rng(1);
    const std::vector<PartitionId> all{PartitionId(0), PartitionId(1), PartitionId(2)};
    const PartitionId first = sticky.choose("t", all, rng);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(sticky.choose("t", all, rng), first);
    std::set<PartitionId> seen;
    for (int i = 0; i < 50; ++i) {
        sticky.batch_closed("t");
        seen.insert(sticky.choose("t", all, rng));
    }
    EXPECT_EQ(seen.size(), 3U);
}

TEST(StickyPartitioner, LeavesPartitionThatLostItsLeader) {
    StickyPartitioner sticky;
    Rng rng(1);
    (void)sticky.choose("t", {PartitionId(0)}, rng);
    EXPECT_EQ(sticky.choose("t", {PartitionId(1)}, rng), PartitionId(1));
}

}  // namespace
}  // namespace sealane::client
