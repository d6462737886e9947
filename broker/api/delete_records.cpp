// DeleteRecords (KIP-107): raises a partition's log start. Answered when every live replica's log
// starts there, so that no later leader shows the records again.

#include "broker/api/error_map.hpp"
#include "broker/api/handlers.hpp"
#include "broker/api/partition_lookup.hpp"
#include "common/kafka/messages/topics.hpp"

namespace sealane::broker {

using kafka::DeleteRecordsRequest;
using kafka::DeleteRecordsResponse;
using runtime::Task;
using PartitionResult = DeleteRecordsResponse::DeleteRecordsPartitionResult;

namespace {

constexpr Offset kToHighWatermark{-1};

// One partition whose own log starts there now.
struct Trimmed {
    PartitionPtr partition;
    Offset start;
    std::uint64_t reign = 0;
    std::size_t topic = 0;  // where its answer stands
    std::size_t index = 0;
};

class DeleteCall {
 public:
    DeleteCall(Services& services, Instant deadline) : services_(services), deadline_(deadline) {}

    Task<void> trim_all(DeleteRecordsRequest request) {
        for (const auto& topic : request.topics) {
            response_.topics.emplace_back().name = topic.name;
            for (const auto& asked : topic.partitions) {
                auto& result = response_.topics.back().partitions.emplace_back();
                result.partition_index = asked.partition_index;
                result.low_watermark = kNoOffset;
                const Status done = co_await trim(
                    TopicName{topic.name, Uuid{}}, asked.partition_index, asked.offset
                );
                if (!done) current().error_code = wire_code(done.error());
            }
        }
    }
    [[nodiscard]] bool must_wait() const {
        for (const Trimmed& one : trimmed_) {
            if (low_watermark(one) < one.start) return true;
        }
        return false;
    }
    Task<Result<DeleteRecordsResponse>> wait_all() {
        for (const Trimmed& one : trimmed_) {
            const Status done = co_await wait(one);
            if (!done) answer_of(one).error_code = wire_code(done.error());
        }
        co_return respond();
    }
    [[nodiscard]] DeleteRecordsResponse respond() {
        for (const Trimmed& one : trimmed_) {
            PartitionResult& result = answer_of(one);
            if (result.error_code == ErrorCode::kNone) result.low_watermark = low_watermark(one);
        }
        return std::move(response_);
    }

 private:
    PartitionResult& current() { return response_.topics.back().partitions.back(); }
    PartitionResult& answer_of(const Trimmed& one) {
        return response_.topics[one.topic].partitions[one.index];
    }

    // Replicas on brokers that are down learn it when they come back.
    [[nodiscard]] Offset low_watermark(const Trimmed& one) const {
        const auto image = services_.metadata.image();
        return one.partition->low_watermark([&image](BrokerId id) {
            const BrokerState* broker = image->broker(id);
            return broker != nullptr && !broker->fenced;
        });
    }

    Task<Status> trim(TopicName topic, PartitionId index, Offset asked) {
        SEALANE_CO_TRY(
            const PartitionPtr partition, find_partition(services_, topic, index, kNoLeaderEpoch)
        );
        if (is_internal_topic(partition->id().topic)) {
            co_return fail(ErrorCode::kInvalidTopicException, "the topic is internal");
        }
        SEALANE_CO_CHECK(services_.may_produce(*services_.metadata.image(), partition->id().topic));
        if (!partition->config().cleanup_delete) {
            co_return fail(ErrorCode::kPolicyViolation, "cleanup.policy has no delete");
        }
        const Offset high_watermark = partition->high_watermark();
        const Offset start = asked == kToHighWatermark ? high_watermark : asked;
        if (start.value < 0 || start > high_watermark) {
            co_return fail(
                ErrorCode::kOffsetOutOfRange,
                "the high watermark is " + std::to_string(high_watermark.value)
            );
        }
        const std::uint64_t reign = partition->reign();
        SEALANE_CO_CHECK(co_await partition->delete_records(start));
        trimmed_.push_back(Trimmed{
            .partition = partition,
            .start = start,
            .reign = reign,
            .topic = response_.topics.size() - 1,
            .index = response_.topics.back().partitions.size() - 1,
        });
        co_return Status{};
    }

    // Followers' fetches say where their logs start; the image says who is alive.
    Task<Status> wait(const Trimmed& one) {
        runtime::Event moved(services_.world.waits());
        one.partition->watch(moved);
        Status result;
        for (;;) {
            if (!one.partition->leads() || one.partition->reign() != one.reign) {
                result = fail(ErrorCode::kNotLeaderOrFollower, "the leadership has ended");
                break;
            }
            if (low_watermark(one) >= one.start) break;
            if (services_.world.now() >= deadline_) {
                result = fail(ErrorCode::kRequestTimedOut, "not every replica has followed");
                break;
            }
            (void)co_await moved.wait_until(deadline_);
        }
        one.partition->unwatch(moved);
        co_return result;
    }

    Services& services_;
    Instant deadline_;
    DeleteRecordsResponse response_;
    std::vector<Trimmed> trimmed_;
};

}  // namespace

void add_delete_records(ApiRegistry& registry, Services& services) {
    registry.add<DeleteRecordsRequest>(
        {0, 2},
        [&services](
            RequestContext context, DeleteRecordsRequest request
        ) -> Task<Reply<DeleteRecordsResponse>> {
            const auto patience = std::chrono::milliseconds(std::max(request.timeout_ms, 0));
            auto call = std::make_shared<DeleteCall>(services, context.received + patience);
            co_await call->trim_all(std::move(request));
            if (!call->must_wait()) co_return call->respond();
            co_return Reply<DeleteRecordsResponse>::later(
                [call]() -> Task<Result<DeleteRecordsResponse>> { return call->wait_all(); }
            );
        }
    );
}

}  // namespace sealane::broker
