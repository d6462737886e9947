// A member by the classic protocol: heartbeats, joins when told, syncs; the leader assigns.

#include "common/client/group_membership.hpp"
#include "common/kafka/messages/groups.hpp"
#include "tests/bench/rebalance.hpp"

namespace sealane::bench {
namespace {

using runtime::Task;

constexpr std::string_view kRange = "range";
constexpr std::string_view kConsumer = "consumer";

class ClassicMember final : public GroupMember {
 public:
    using GroupMember::GroupMember;

 private:
    Task<Status> live() override {
        while (!wants_to_leave()) {
            if (generation() < 0) {
                SEALANE_CO_CHECK(co_await join());
                continue;
            }
            co_await rest(next_beat_);
            if (!wants_to_leave()) SEALANE_CO_CHECK(co_await beat());
        }
        kafka::LeaveGroupRequest request;
        request.group_id = kRebalancedGroup;
        request.members.emplace_back().member_id = id_;
        SEALANE_CO_TRY(const auto answer, co_await send(std::move(request)));
        co_return Status{};
    }

    Task<Status> beat() {
        next_beat_ = scene_.cluster.world().now() + scene_.load.heartbeat;
        kafka::HeartbeatRequest request;
        request.group_id = kRebalancedGroup;
        request.generation_id = GroupGeneration(generation());
        request.member_id = id_;
        SEALANE_CO_TRY(const auto answer, co_await send(std::move(request)));
        if (answer.error_code == ErrorCode::kRebalanceInProgress) {
            set_generation(-1);
        } else if (answer.error_code != ErrorCode::kNone) {
            co_return fail(answer.error_code, "heartbeat");
        }
        co_return Status{};
    }

    Task<Status> join() {
        kafka::JoinGroupRequest request;
        request.group_id = kRebalancedGroup;
        request.session_timeout_ms = 45'000;
        request.rebalance_timeout_ms = 60'000;
        request.member_id = id_;
        request.protocol_type = kConsumer;
        SEALANE_CO_TRY(auto subscription, client::encode_subscription({scene_.load.topic}));
        request.protocols.push_back({std::string(kRange), std::move(subscription)});
        SEALANE_CO_TRY(auto joined, co_await send(std::move(request)));
        id_ = joined.member_id;
        if (joined.error_code == ErrorCode::kMemberIdRequired) co_return Status{};
        if (joined.error_code != ErrorCode::kNone) co_return fail(joined.error_code, "join");
        co_return co_await sync(std::move(joined));
    }

    Task<Status> sync(kafka::JoinGroupResponse joined) {
        kafka::SyncGroupRequest request;
        request.group_id = kRebalancedGroup;
        request.generation_id = joined.generation_id;
        request.member_id = id_;
        request.protocol_type = std::string(kConsumer);
        request.protocol_name = std::string(kRange);
        if (joined.leader == id_) {
            // The same for everybody: brokers do not read it.
            SEALANE_CO_TRY(
                const auto assignment,
                client::encode_assignment({{scene_.load.topic, PartitionId(0)}})
            );
            for (const auto& member : joined.members) {
                request.assignments.push_back({member.member_id, assignment});
            }
        }
        SEALANE_CO_TRY(const auto synced, co_await send(std::move(request)));
        if (synced.error_code == ErrorCode::kRebalanceInProgress) co_return Status{};
        if (synced.error_code != ErrorCode::kNone) co_return fail(synced.error_code, "sync");
        next_beat_ = some_time_within(scene_.load.heartbeat);
        set_generation(joined.generation_id.value);
        co_return Status{};
    }

    std::string id_;
    Instant next_beat_;
};

}  // namespace

Task<Result<Report>> rebalance_classic(
    runtime::World& world, client::ClientOptions access, Groups load
) {
    if (load.heartbeat.count() == 0) load.heartbeat = 3s;
    return rebalance(world, std::move(access), load, [](Scene& scene) {
        return std::make_unique<ClassicMember>(scene);
    });
}

}  // namespace sealane::bench
