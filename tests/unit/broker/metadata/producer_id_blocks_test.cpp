#include "broker/metadata/producer_id_blocks.hpp"

#include "tests/unit/broker/metadata/cluster_image.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

TEST(ProducerIdBlocks, AreHandedOutOnce) {
    ClusterImage cluster;
    cluster.add_brokers(1, 2);
    for (std::int32_t i = 0; i < 3; ++i) {
        kafka::AllocateProducerIdsRequest request;
        request.broker_id = BrokerId(1 + i % 2);
        request.broker_epoch = cluster.image.broker(request.broker_id)->epoch;
        const auto decision = allocate_producer_ids(cluster.image, request);
        EXPECT_EQ(decision.response.error_code, ErrorCode::kNone);
        EXPECT_EQ(decision.response.producer_id_start, ProducerId(i * kProducerIdBlock));
        EXPECT_EQ(decision.response.producer_id_len, kProducerIdBlock);
        cluster.apply(decision.records);
    }
}

TEST(ProducerIdBlocks, AreForRegisteredBrokersOnly) {
    ClusterImage cluster;
    kafka::AllocateProducerIdsRequest request;
    request.broker_id = BrokerId(1);
    EXPECT_EQ(
        allocate_producer_ids(cluster.image, request).response.error_code,
        ErrorCode::kBrokerIdNotRegistered
    );
    cluster.add_brokers(1, 1);
    const auto stale = allocate_producer_ids(cluster.image, request);
    EXPECT_EQ(stale.response.error_code, ErrorCode::kStaleBrokerEpoch);
    EXPECT_TRUE(stale.records.empty());
}

TEST(ProducerIdBlocks, ReservationsOnlyGoForward) {
    ClusterImage cluster;
    cluster.apply(reserve_producer_ids(cluster.image, 5000));
    EXPECT_EQ(cluster.image.next_producer_id(), 5000);
    EXPECT_TRUE(reserve_producer_ids(cluster.image, 5000).empty());
    EXPECT_TRUE(reserve_producer_ids(cluster.image, 10).empty());
}

}  // namespace
}  // namespace sealane::broker
