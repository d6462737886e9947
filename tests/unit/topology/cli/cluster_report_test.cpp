#include "topology/cli/cluster_report.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace sealane::topology {
namespace {

ClusterState two_brokers() {
    ClusterState state;
    state.access = "--cluster=korea";
    state.cluster_id = "MkU3OEVBNTcwNTJENDM2Qg";
    state.controller = BrokerId(1);
    state.brokers = {{BrokerId(1), "h:1", "a", false}, {BrokerId(2), "h:2", "", true}};
    ClusterPartition& partition = state.partitions.emplace_back();
    partition.id = {"t", PartitionId(0)};
    partition.leader = BrokerId(1);
    partition.replicas = {BrokerId(1), BrokerId(2)};
    partition.in_sync = {BrokerId(1)};
    QuorumState quorum;
    quorum.leader = BrokerId(1);
    quorum.epoch = LeaderEpoch(7);
    quorum.high_watermark = Offset(1234);
    quorum.voters = {{BrokerId(1), {}, Offset(1240), 9'000, 9'000}};
    quorum.observers = {{BrokerId(2), {}, Offset(1200), 1'000, 1'000}};
    state.quorum = quorum;
    return state;
}

TEST(ClusterReport, ShowsQuorumAndBrokers) {
    EXPECT_EQ(
        cluster_info_text({"korea", two_brokers(), {{"metadata.version", 25}}}),
        "korea  id MkU3OEVBNTcwNTJENDM2Qg, controller 1, 2 brokers, 1 partition\n"
        "features  metadata.version 25\n"
        "quorum    leader 1, epoch 7, high watermark 1,234\n"
        "\n"
        "NODE  ROLE      LOG END  LAG  HEARD\n"
        "   1  leader      1,240    0  yes\n"
        "   2  observer    1,200   40  SILENT\n"
        "\n"
        "BROKER  ADDRESS  RACK  STATE   LEADS  HOLDS  OUT OF SYNC\n"
        "     1  h:1      a     active      1      1            0\n"
        "     2  h:2      -     fenced      0      1            1\n"
    );
}

TEST(ClusterReport, PutsTheVerdictFirst) {
    const ClusterState state = two_brokers();
    const std::string text = health_text("korea", state, judge_health(state));
    EXPECT_TRUE(text.starts_with("DEGRADED  korea: 2 brokers (1 fenced), 1 partition,")) << text;
    EXPECT_NE(text.find("  under-replicated  1 partition with"), std::string::npos) << text;
    EXPECT_NE(text.find("sealane cluster drain 2 --cluster=korea\n"), std::string::npos) << text;
    const auto json = health_json("korea", state, judge_health(state)).as_object();
    EXPECT_EQ(json.at("verdict"), "DEGRADED");
    EXPECT_EQ(json.at("fenced").as_array().size(), 1U);
    EXPECT_EQ(json.at("under_replicated").as_array().at(0).at("topic"), "t");
}

TEST(ClusterReport, ShowsDisksOfBrokersThatAnswer) {
    std::map<BrokerId, BrokerDisk> disks;
    disks[BrokerId(1)] = {2048, 1 << 20, {}};
    const std::string text = brokers_text(two_brokers(), disks);
    EXPECT_NE(text.find("2.0 KiB  1.0 MiB"), std::string::npos) << text;
    const auto rows = brokers_json(two_brokers(), disks).as_array();
    EXPECT_EQ(rows.at(0).at("used_bytes"), 2048);
    EXPECT_FALSE(rows.at(1).as_object().contains("used_bytes"));
}

}  // namespace
}  // namespace sealane::topology
