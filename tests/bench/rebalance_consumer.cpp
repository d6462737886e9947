// A member by the protocol of KIP-848: everything is in its heartbeats; the coordinator assigns.

#include "common/kafka/messages/consumer_groups.hpp"
#include "tests/bench/rebalance.hpp"

#include <vector>

namespace sealane::bench {
namespace {

using runtime::Task;
using Request = kafka::ConsumerGroupHeartbeatRequest;
using Response = kafka::ConsumerGroupHeartbeatResponse;

constexpr std::int32_t kLeaves = -1;

class ConsumerMember final : public GroupMember {
 public:
    using GroupMember::GroupMember;
    [[nodiscard]] std::optional<std::int32_t> partitions() const override {
        std::size_t count = 0;
        for (const auto& topic : owned_) count += topic.partitions.size();
        return static_cast<std::int32_t>(count);
    }

 private:
    Task<Status> live() override {
        id_ = scene_.cluster.world().random_uuid().to_string();
        while (!wants_to_leave()) {
            SEALANE_CO_CHECK(co_await beat());
            if (!must_tell_) co_await rest(next_beat_);
        }
        Request request;
        request.group_id = kRebalancedGroup;
        request.member_id = id_;
        request.member_epoch = kLeaves;
        SEALANE_CO_TRY(const auto answer, co_await send(std::move(request)));
        co_return Status{};
    }

    // The first says all; later ones say what has changed.
    [[nodiscard]] Request request() const {
        Request made;
        made.group_id = kRebalancedGroup;
        made.member_id = id_;
        made.member_epoch = epoch_;
        if (epoch_ == 0) {
            made.rebalance_timeout_ms = 60'000;
            made.subscribed_topic_names = {scene_.load.topic};
        }
        if (epoch_ == 0 || must_tell_) made.topic_partitions = owned_;
        return made;
    }

    Task<Status> beat() {
        const bool first = epoch_ == 0;
        SEALANE_CO_TRY(const Response answer, co_await send(request()));
        if (answer.error_code != ErrorCode::kNone) {
            co_return fail(answer.error_code, answer.error_message.value_or("heartbeat"));
        }
        epoch_ = answer.member_epoch;
        must_tell_ = false;
        if (answer.assignment) take(*answer.assignment);
        const Duration interval =
            scene_.load.heartbeat.count() != 0
                ? scene_.load.heartbeat
                : Duration(std::chrono::milliseconds(answer.heartbeat_interval_ms));
        next_beat_ = first ? some_time_within(interval) : scene_.cluster.world().now() + interval;
        // What it was given holds when the coordinator knows that it has taken it.
        set_generation(must_tell_ ? -1 : epoch_);
        co_return Status{};
    }

    // A client gives up what is not in it, and says at once what it has.
    void take(const Response::Assignment& assignment) {
        std::vector<Request::TopicPartitions> now;
        for (const auto& topic : assignment.topic_partitions) {
            now.push_back({topic.topic_id, topic.partitions});
        }
        must_tell_ = now != owned_;
        owned_ = std::move(now);
    }

    std::string id_;
    std::int32_t epoch_ = 0;
    std::vector<Request::TopicPartitions> owned_;
    bool must_tell_ = false;
    Instant next_beat_;
};

}  // namespace

Task<Result<Report>> rebalance_consumer(
    runtime::World& world, client::ClientOptions access, Groups load
) {
    return rebalance(world, std::move(access), std::move(load), [](Scene& scene) {
        return std::make_unique<ConsumerMember>(scene);
    });
}

}  // namespace sealane::bench
