// Committed offsets and groups in a cluster of three brokers whose coordinators die.

#include "broker/coordinator/key_partition.hpp"
#include "broker/groups/group_machine.hpp"
#include "broker/peers/peers.hpp"
#include "common/client/committed_offsets.hpp"
#include "common/kafka/messages/offsets.hpp"
#include "tests/unit/broker/app/cluster_fixture.hpp"

#include <algorithm>
#include <map>

namespace sealane::broker {
namespace {

using runtime::Task;

const TopicPartition kFirst{"orders", PartitionId(0)};

class GroupFailover : public BrokerCluster {
 protected:
    GroupFailover() {
        make(3);
        for (const auto& node : nodes_) node->config.offsets_topic_partitions = 3;
        for (std::size_t i = 0; i < 3; ++i) start(i);
        for (std::size_t i = 0; i < 3; ++i) wait_serving(i);
        run([&]() -> Task<void> {
            client::ClusterClient cluster(client_world_, client_options());
            client::Admin admin(cluster);
            client::NewTopic topic;
            topic.name = "orders";
            topic.partitions = 1;
            EXPECT_TRUE(co_await admin.create_topic(topic, client_world_.now() + 20s));
            co_await cluster.stop();
        });
    }

    [[nodiscard]] client::ClientOptions options() const {
        client::ClientOptions options = client_options();
        if (bootstrap_without_)
            options.bootstrap.erase(
                options.bootstrap.begin() + static_cast<std::ptrdiff_t>(*bootstrap_without_)
            );
        return options;
    }
    Status commit(std::string group, std::int64_t offset) {
        Status done;
        run([&]() -> Task<void> {
            client::ClusterClient cluster(client_world_, options());
            std::map<TopicPartition, client::CommittedOffset> offsets;
            offsets[kFirst] = {Offset(offset), kNoLeaderEpoch, ""};
            done = co_await client::commit_offsets(
                cluster, group, std::move(offsets), {}, client_world_.now() + 60s
            );
            co_await cluster.stop();
        });
        return done;
    }
    std::int64_t committed(std::string group) {
        std::int64_t offset = -2;
        run([&]() -> Task<void> {
            client::ClusterClient cluster(client_world_, options());
            const auto found = co_await client::fetch_committed(
                cluster, group, std::nullopt, client_world_.now() + 60s
            );
            EXPECT_TRUE(found) << (found ? "" : found.error().to_string());
            if (found) {
                const auto at = found->find(kFirst);
                offset = at == found->end() ? -1 : at->second.offset.value;
            }
            co_await cluster.stop();
        });
        return offset;
    }
    bool leads(std::size_t index, PartitionId partition) {
        const auto here = serves(index)
                              ? services(index).partitions.find(groups::kOffsetsTopic, partition)
                              : nullptr;
        return here != nullptr && here->leads();
    }
    // The first node that believes to coordinate the group; 3: none.
    std::size_t coordinator_of(const std::string& group) {
        for (std::size_t i = 0; i < 3; ++i)
            if (leads(i, partition_of_key(group, 3))) return i;
        return 3;
    }
    // The node that leads most partitions of the offsets topic.
    std::size_t busiest() {
        std::map<std::size_t, int> led;
        for (std::size_t i = 0; i < 3; ++i) {
            for (std::int32_t p = 0; p < 3; ++p)
                if (leads(i, PartitionId(p))) ++led[i];
        }
        const auto most =
            std::ranges::max_element(led, {}, [](const auto& entry) { return entry.second; });
        return most == led.end() ? 3 : most->first;
    }
    bool all_in_sync() {
        for (std::size_t i = 0; i < 3; ++i)
            if (!serves(i)) return false;
        for (std::int32_t p = 0; p < 3; ++p) {
            const auto* partition = state(0, std::string(groups::kOffsetsTopic), p);
            if (partition == nullptr || partition->isr.size() < 3) return false;
        }
        return true;
    }

    std::optional<std::size_t> bootstrap_without_;
};

TEST_F(GroupFailover, TheOffsetsTopicIsReplicated) {
    ASSERT_TRUE(commit("g", 1));
    EXPECT_TRUE(run_until([this] { return all_in_sync(); }));
}

TEST_F(GroupFailover, CommittedOffsetsOutliveEveryCoordinatorInTurn) {
    const std::vector<std::string> groups{"g1", "g2", "g3", "g4", "g5", "g6"};
    std::int64_t offset = 0;
    for (int round = 0; round < 6; ++round) {
        ++offset;
        for (const std::string& group : groups) {
            const Status done = commit(group, offset);
            ASSERT_TRUE(done) << done.error().to_string();
        }
        ASSERT_TRUE(run_until([this] { return all_in_sync(); }));
        const std::size_t dying = busiest();
        ASSERT_LT(dying, 3U);
        kill(dying);
        for (const std::string& group : groups) ASSERT_EQ(committed(group), offset) << group;
        start(dying);
        wait_serving(dying);
    }
}

TEST_F(GroupFailover, ACoordinatorThatIsCutOffShowsNothingOld) {
    ASSERT_TRUE(commit("g", 1));
    ASSERT_TRUE(run_until([this] { return all_in_sync(); }));
    const std::size_t old = coordinator_of("g");
    ASSERT_LT(old, 3U);
    // Nobody of the cluster reaches it any more; clients do.
    for (std::size_t i = 0; i < 3; ++i) {
        if (i == old) continue;
        network_.cut(host(old), host(i));
        network_.cut(host(i), host(old));
    }
    bootstrap_without_ = old;
    const Status done = commit("g", 2);
    EXPECT_TRUE(done) << (done ? "" : done.error().to_string());
    EXPECT_TRUE(leads(old, partition_of_key("g", 3))) << "it has heard of nothing";
    Peers direct(client_world_, {.client_id = "test", .tls = std::nullopt});
    run([&]() -> Task<void> {
        kafka::OffsetFetchRequest request;
        auto& group = request.groups.emplace_back();
        group.group_id = "g";
        group.topics.reset();
        const auto answer = co_await direct.send_to(
            runtime::Endpoint{host(old), kPort, ""},
            PeerLane::kController,
            request,
            client_world_.now() + 10s
        );
        EXPECT_TRUE(answer) << (answer ? "" : answer.error().to_string());
        if (answer) EXPECT_NE(answer->groups.at(0).error_code, ErrorCode::kNone);
        co_await direct.stop();
    });
    network_.heal_all();
    bootstrap_without_.reset();
    EXPECT_EQ(committed("g"), 2);
}

}  // namespace
}  // namespace sealane::broker
