#include "broker/metadata/feature_decisions.hpp"

#include "tests/unit/broker/metadata/cluster_image.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

constexpr std::int8_t kUpgrade = 1;
constexpr std::int8_t kSafeDowngrade = 2;
constexpr std::int16_t kNewest = 2;
const std::string kName(kTransactionFeature);

struct Features : ClusterImage {
    void join(std::int32_t id, std::int16_t newest) {
        auto request = start_of(id);
        request.features.push_back({kName, 0, newest});
        register_broker(request);
    }
    ErrorCode update(
        const std::string& name, std::int16_t level, std::int8_t type, std::int16_t version = 1
    ) {
        kafka::UpdateFeaturesRequest request;
        request.feature_updates.push_back({name, level, type != kUpgrade, type});
        return update(request, version);
    }
    ErrorCode update(const kafka::UpdateFeaturesRequest& request, std::int16_t version = 1) {
        auto records = update_features(image, request, version);
        if (!records) return records.error().code();
        apply(Records(records->begin(), records->end()));
        return ErrorCode::kNone;
    }
    [[nodiscard]] std::int16_t level() const {
        const auto found = image.features().find(kName);
        return found == image.features().end() ? std::int16_t{-1} : found->second;
    }
};

TEST(FeatureDecisions, ALevelIsFinalizedWhenEveryBrokerHasIt) {
    Features cluster;
    cluster.join(1, 1);
    EXPECT_EQ(cluster.level(), -1);
    cluster.join(2, 2);
    EXPECT_EQ(cluster.level(), -1);
    cluster.join(1, 2);
    EXPECT_EQ(cluster.level(), kNewest);
}

TEST(FeatureDecisions, AnOperatorsChoiceStays) {
    Features cluster;
    cluster.join(1, 2);
    EXPECT_EQ(cluster.update(kName, 0, kSafeDowngrade), ErrorCode::kNone);
    cluster.join(1, 2);
    EXPECT_EQ(cluster.level(), 0);
    // Nor does a broker without the feature have to stay away.
    EXPECT_TRUE(
        register_broker(cluster.image, cluster.policy, cluster.start_of(2), SessionState::kEnded, 9)
            .has_value()
    );
    EXPECT_EQ(cluster.update(kName, 1, kUpgrade), ErrorCode::kNone);
    EXPECT_EQ(cluster.level(), 1);
}

TEST(FeatureDecisions, DowngradesHaveToBeAskedFor) {
    Features cluster;
    cluster.join(1, 2);
    EXPECT_EQ(cluster.update(kName, 1, kUpgrade), ErrorCode::kInvalidUpdateVersion);
    EXPECT_EQ(cluster.update(kName, 1, 9), ErrorCode::kInvalidUpdateVersion);
    EXPECT_EQ(cluster.update(kName, 1, kSafeDowngrade), ErrorCode::kNone);
    EXPECT_EQ(cluster.update(kName, 2, kSafeDowngrade), ErrorCode::kInvalidUpdateVersion);
    EXPECT_EQ(cluster.update(kName, 2, kUpgrade), ErrorCode::kNone);
    // Version 0 has a flag.
    EXPECT_EQ(cluster.update(kName, 1, kUpgrade, 0), ErrorCode::kInvalidUpdateVersion);
    EXPECT_EQ(cluster.update(kName, 1, kSafeDowngrade, 0), ErrorCode::kNone);
    EXPECT_EQ(cluster.level(), 1);
}

TEST(FeatureDecisions, LevelsMustBeKnownHereAndToEveryBroker) {
    Features cluster;
    cluster.join(1, 2);
    EXPECT_EQ(cluster.update(kName, 3, kUpgrade), ErrorCode::kInvalidUpdateVersion);
    EXPECT_EQ(cluster.update(kName, -1, kUpgrade), ErrorCode::kInvalidUpdateVersion);
    EXPECT_EQ(cluster.update("share.version", 1, kUpgrade), ErrorCode::kInvalidUpdateVersion);
    Features old;
    old.join(1, 1);
    EXPECT_EQ(old.update(kName, 2, kUpgrade), ErrorCode::kInvalidUpdateVersion);
    EXPECT_EQ(old.update(kName, 1, kUpgrade), ErrorCode::kNone);
}

TEST(FeatureDecisions, OneBadUpdateStopsAll) {
    Features cluster;
    cluster.join(1, 2);
    kafka::UpdateFeaturesRequest request;
    EXPECT_EQ(cluster.update(request), ErrorCode::kInvalidRequest);
    request.feature_updates.push_back({kName, 1, false, kSafeDowngrade});
    request.feature_updates.push_back({"nothing.version", 1, false, kUpgrade});
    EXPECT_EQ(cluster.update(request), ErrorCode::kInvalidUpdateVersion);
    EXPECT_EQ(cluster.level(), kNewest);
    request.feature_updates.back() = request.feature_updates.front();
    EXPECT_EQ(cluster.update(request), ErrorCode::kInvalidRequest);
}

TEST(FeatureDecisions, ASnapshotKeepsLevelsThatAreOff) {
    Features cluster;
    cluster.join(1, 2);
    ASSERT_EQ(cluster.update(kName, 0, kSafeDowngrade), ErrorCode::kNone);
    ClusterImage again;
    again.apply(cluster.image.to_records());
    EXPECT_EQ(again.image.features().at(kName), 0);
}

}  // namespace
}  // namespace sealane::broker
