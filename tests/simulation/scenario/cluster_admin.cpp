#include "tests/simulation/scenario/cluster_admin.hpp"

#include "common/client/admin.hpp"
#include "common/client/admin_request.hpp"
#include "common/kafka/messages/reassignments.hpp"

#include <algorithm>

namespace sealane::simulation {
namespace {

using runtime::Task;

class Setup final : public Program {
 public:
    Setup(SimWorld& world, const ReplicatedPlan& plan, Recording& all, AdminControl& control)
        : world_(world),
          plan_(plan),
          all_(all),
          control_(control),
          cluster_(world, recording_client_options(all.bootstrap)),
          admin_(cluster_) {}

    Task<Status> run() override {
        for (const TopicPlan& topic : plan_.topics) {
            while (true) {
                client::NewTopic wanted{
                    topic.name, topic.partitions, plan_.replication, topic.configs
                };
                const Status made =
                    co_await admin_.create_topic(std::move(wanted), world_.now() + 30s);
                if (made || made.error().code() == ErrorCode::kTopicAlreadyExists) break;
                world_.log("setup").info(
                    "cannot create yet", {{"topic", topic.name}, {"error", made.error()}}
                );
                co_await world_.sleep(200ms);
            }
            all_.partitions[topic.name] = topic.partitions;
        }
        control_.done = true;
        co_return Status{};
    }

 private:
    SimWorld& world_;
    const ReplicatedPlan& plan_;
    Recording& all_;
    AdminControl& control_;
    client::ClusterClient cluster_;
    client::Admin admin_;
};

class Administrator final : public Program {
 public:
    Administrator(
        SimWorld& world,
        const ReplicatedPlan& plan,
        std::vector<ActionPlan> actions,
        Recording& all,
        AdminControl& control
    )
        : world_(world),
          plan_(plan),
          actions_(std::move(actions)),
          all_(all),
          control_(control),
          cluster_(world, recording_client_options(all.bootstrap)),
          admin_(cluster_) {}

    Task<Status> run() override {
        for (const ActionPlan& action : actions_) {
            co_await world_.sleep_until(action.at);
            const Status done = co_await perform(action);
            ++(done ? control_.performed : control_.refused);
            world_.log("admin").info(
                std::string(name_of(action.kind)),
                {{"topic", action.topic},
                 {"result", done ? std::string("done") : done.error().to_string()}}
            );
        }
        control_.done = true;
        co_return Status{};
    }

 private:
    [[nodiscard]] Instant limit() const { return world_.now() + 10s; }

    Task<Status> perform(ActionPlan action) {
        switch (action.kind) {
            case ActionKind::kCreateTopic:
                co_return co_await create_topic();
            case ActionKind::kDeleteTopic:
                co_return co_await delete_topic(action.topic);
            case ActionKind::kAddPartitions:
                co_return co_await add_partitions(action.topic);
            case ActionKind::kReassign:
                co_return co_await reassign(action);
            case ActionKind::kElectPreferred:
                co_return co_await elect_preferred();
            case ActionKind::kDrain:
                co_return co_await drain(action);
            case ActionKind::kRollingRestart:
                break;
        }
        co_return Status{};
    }
    Task<Status> create_topic() {
        client::NewTopic topic{"extra" + std::to_string(created_++), 2, plan_.replication, {}};
        co_return co_await admin_.create_topic(std::move(topic), limit());
    }
    // From here on its clients may fail; tried until it is certain that it is gone.
    Task<Status> delete_topic(std::string topic) {
        all_.dropped[topic] = true;
        all_.history.drop(topic);
        while (true) {
            const Status gone = co_await admin_.delete_topic(topic, limit());
            const bool unknown =
                !gone && gone.error().code() == ErrorCode::kUnknownTopicOrPartition;
            if (gone || unknown) co_return Status{};
            co_await world_.sleep(200ms);
        }
    }
    Task<Status> add_partitions(std::string topic) {
        if (!all_.promises(topic)) co_return Status{};
        const std::int32_t count = all_.partitions[topic] + 1;
        SEALANE_CO_CHECK(co_await admin_.create_partitions(topic, count, limit()));
        all_.partitions[topic] = count;
        co_return Status{};
    }
    // `replication` brokers that serve, beginning at a drawn one, without `avoid`.
    [[nodiscard]] std::vector<BrokerId> pick(std::uint64_t choice, BrokerId avoid) const {
        std::vector<BrokerId> serving;
        for (const NodePlan& node : plan_.nodes) {
            if (node.serves && node.config.node_id != avoid) serving.push_back(node.config.node_id);
        }
        const auto wanted = static_cast<std::size_t>(plan_.replication);
        if (serving.size() < wanted) return {};
        std::ranges::rotate(
            serving, serving.begin() + static_cast<std::ptrdiff_t>(choice % serving.size())
        );
        if (choice / 16 % 2 == 1) std::ranges::reverse(serving);
        serving.resize(wanted);
        return serving;
    }
    Task<Status> reassign(ActionPlan action) {
        const auto count = static_cast<std::uint64_t>(all_.partitions[action.topic]);
        kafka::AlterPartitionReassignmentsRequest request;
        auto& topic = request.topics.emplace_back();
        topic.name = action.topic;
        auto& partition = topic.partitions.emplace_back();
        partition.partition_index =
            PartitionId(static_cast<std::int32_t>(action.choice / 64 % count));
        partition.replicas = pick(action.choice, kNoBroker);
        co_return co_await send_reassignment(std::move(request));
    }
    // Everything away from one broker.
    Task<Status> drain(ActionPlan action) {
        const BrokerId from = plan_.nodes[action.choice % plan_.nodes.size()].config.node_id;
        SEALANE_CO_TRY(const auto topics, co_await admin_.list_topics(limit()));
        kafka::AlterPartitionReassignmentsRequest request;
        std::uint64_t turn = action.choice / 16;
        for (const client::TopicInfo& info : topics) {
            kafka::AlterPartitionReassignmentsRequest::ReassignableTopic topic;
            topic.name = info.name;
            for (const client::PartitionInfo& one : info.partitions) {
                if (std::ranges::find(one.replicas, from) == one.replicas.end()) continue;
                auto replicas = pick(turn++, from);
                if (replicas.size() < one.replicas.size()) continue;  // nowhere to go
                replicas.resize(one.replicas.size());
                topic.partitions.push_back({one.id, replicas});
            }
            if (!topic.partitions.empty()) request.topics.push_back(std::move(topic));
        }
        if (request.topics.empty()) co_return Status{};
        co_return co_await send_reassignment(std::move(request));
    }
    Task<Status> send_reassignment(kafka::AlterPartitionReassignmentsRequest request) {
        const auto judge = [](const kafka::AlterPartitionReassignmentsResponse& answer) -> Status {
            if (answer.error_code != ErrorCode::kNone)
                return fail(answer.error_code, answer.error_message.value_or(""));
            for (const auto& topic : answer.responses) {
                for (const auto& one : topic.partitions) {
                    if (one.error_code != ErrorCode::kNone)
                        return fail(one.error_code, one.error_message.value_or(""));
                }
            }
            return {};
        };
        const auto answer = co_await client::ask_controller(cluster_, request, judge, limit());
        if (!answer) co_return fail(answer.error());
        co_return Status{};
    }
    Task<Status> elect_preferred() {
        kafka::ElectLeadersRequest request;
        request.topic_partitions = std::nullopt;
        request.timeout_ms = 5'000;
        const auto judge = [](const kafka::ElectLeadersResponse& answer) -> Status {
            if (answer.error_code != ErrorCode::kNone) return fail(answer.error_code, "election");
            return {};
        };
        const auto answer = co_await client::ask_controller(cluster_, request, judge, limit());
        if (!answer) co_return fail(answer.error());
        co_return Status{};
    }

    SimWorld& world_;
    const ReplicatedPlan& plan_;
    std::vector<ActionPlan> actions_;
    Recording& all_;
    AdminControl& control_;
    client::ClusterClient cluster_;
    client::Admin admin_;
    int created_ = 0;
};

// What nobody can lead without a loss is an operator's decision: for topics that may lose records
// (sealane.flush=os) it is taken, a while after everything has healed.
class LastResort final : public Program {
 public:
    LastResort(SimWorld& world, const ReplicatedPlan& plan, Recording& all)
        : world_(world), plan_(plan), cluster_(world, recording_client_options(all.bootstrap)) {}

    Task<Status> run() override {
        for (;;) {
            co_await world_.sleep(20s);
            for (const TopicPlan& topic : plan_.topics) {
                if (topic.weak) co_await elect(topic);
            }
        }
    }

 private:
    Task<void> elect(const TopicPlan& topic) {
        constexpr std::int8_t kUnclean = 1;
        constexpr std::int32_t kMostPartitions = 16;  // some are added while it runs
        kafka::ElectLeadersRequest request;
        request.election_type = kUnclean;
        request.timeout_ms = 5'000;
        auto& asked = request.topic_partitions->emplace_back();
        asked.topic = topic.name;
        for (std::int32_t p = 0; p < kMostPartitions; ++p) asked.partitions.emplace_back(p);
        // Most have a leader, or are not there.
        const auto judge = [](const kafka::ElectLeadersResponse&) -> Status { return {}; };
        (void)co_await client::ask_controller(cluster_, request, judge, world_.now() + 5s);
    }

    SimWorld& world_;
    const ReplicatedPlan& plan_;
    client::ClusterClient cluster_;
};

}  // namespace

SimProcess::Factory setup_program(
    const ReplicatedPlan& plan, Recording& recording, AdminControl& control
) {
    return
        [&](SimWorld& world) { return std::make_unique<Setup>(world, plan, recording, control); };
}

SimProcess::Factory admin_program(
    const ReplicatedPlan& plan,
    std::vector<ActionPlan> actions,
    Recording& recording,
    AdminControl& control
) {
    return [&plan, &recording, &control, actions](SimWorld& world) {
        return std::make_unique<Administrator>(world, plan, actions, recording, control);
    };
}

SimProcess::Factory last_resort_program(const ReplicatedPlan& plan, Recording& recording) {
    return [&plan, &recording](SimWorld& world) {
        return std::make_unique<LastResort>(world, plan, recording);
    };
}

}  // namespace sealane::simulation
