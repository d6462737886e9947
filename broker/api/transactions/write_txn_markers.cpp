// WriteTxnMarkers: a coordinator, or an administrator who ends a hanging transaction, has markers
// written by the leader of partitions. Answered when they are replicated. What goes to
// __consumer_offsets goes through the group coordinator, whose state follows.

#include "broker/api/partition_lookup.hpp"
#include "broker/api/transactions/transaction_handlers.hpp"
#include "broker/coordinator/transaction_marker.hpp"
#include "broker/groups/group_machine.hpp"
#include "common/kafka/messages/transaction_admin.hpp"

namespace sealane::broker {
namespace {

using kafka::WriteTxnMarkersRequest;
using kafka::WriteTxnMarkersResponse;
using runtime::Task;
using PartitionResult = WriteTxnMarkersResponse::WritableTxnMarkerPartitionResult;

constexpr Duration kReplicationPatience = 8s;

TransactionEnd end_of(const WriteTxnMarkersRequest::WritableTxnMarker& marker) {
    return {
        .producer = {marker.producer_id, marker.producer_epoch},
        .commit = marker.transaction_result,
        .coordinator_epoch = marker.coordinator_epoch,
        .strict = marker.transaction_version >= transactions::kEpochPerTransaction,
    };
}

// Markers of one request: written in its order, then waited for beside later requests.
class MarkerCall {
 public:
    MarkerCall(TransactionServicesPtr services, WriteTxnMarkersRequest request)
        : services_(std::move(services)), request_(std::move(request)) {}

    Task<void> write_all() {
        for (const auto& marker : request_.markers) {
            const TransactionEnd end = end_of(marker);
            auto& answer = response_.markers.emplace_back();
            answer.producer_id = marker.producer_id;
            for (const auto& topic : marker.topics) {
                auto& results = answer.topics.emplace_back();
                results.name = topic.name;
                for (const PartitionId partition : topic.partition_indexes) {
                    results.partitions.push_back({partition, ErrorCode::kNone});
                    const TopicPartition id{topic.name, partition};
                    const Status written = co_await write(id, end);
                    if (!written)
                        response_.markers.back().topics.back().partitions.back().error_code =
                            wire_code(written.error());
                }
            }
        }
    }

    Task<Result<WriteTxnMarkersResponse>> wait_all() {
        const Instant deadline = services_->broker.world.now() + kReplicationPatience;
        for (const Waiting& one : waiting_) {
            Status done;
            if (one.partition != nullptr) {
                done = co_await one.partition->wait_visible(one.until, deadline, one.reign);
            } else {
                done = co_await services_->broker.groups.end_transaction(one.offsets, one.end);
            }
            if (done) continue;
            PartitionResult& result =
                response_.markers[one.marker].topics[one.topic].partitions[one.index];
            result.error_code = wire_code(done.error());
        }
        co_return std::move(response_);
    }

 private:
    struct Waiting {
        PartitionPtr partition;  // null: __consumer_offsets
        Offset until;
        std::uint64_t reign = 0;
        PartitionId offsets;
        TransactionEnd end;
        std::size_t marker = 0;  // where its answer stands
        std::size_t topic = 0;
        std::size_t index = 0;
    };

    Task<Status> write(TopicPartition id, TransactionEnd end) {
        Services& broker = services_->broker;
        Waiting waiting;
        waiting.marker = response_.markers.size() - 1;
        waiting.topic = response_.markers.back().topics.size() - 1;
        waiting.index = response_.markers.back().topics.back().partitions.size() - 1;
        waiting.end = end;
        if (id.topic == groups::kOffsetsTopic) {
            waiting.offsets = id.partition;
            waiting_.push_back(std::move(waiting));
            co_return Status{};
        }
        SEALANE_CO_TRY(
            const PartitionPtr partition,
            find_partition(broker, TopicName{id.topic, Uuid{}}, id.partition, kNoLeaderEpoch)
        );
        SEALANE_CO_CHECK(broker.may_produce(*broker.metadata.image(), id.topic));
        SEALANE_CO_CHECK(partition->check_min_isr());
        SEALANE_CO_TRY(ShardAppend marker, encode_marker(end, broker.world.wall()));
        waiting.reign = partition->reign();
        SEALANE_CO_TRY(
            const AppendOutcome outcome,
            co_await partition->append(std::move(marker.batch), marker.origin)
        );
        waiting.partition = partition;
        waiting.until = outcome.last_offset + 1;
        waiting_.push_back(std::move(waiting));
        co_return Status{};
    }

    TransactionServicesPtr services_;
    WriteTxnMarkersRequest request_;
    WriteTxnMarkersResponse response_;
    std::vector<Waiting> waiting_;
};

}  // namespace

void add_write_txn_markers(ApiRegistry& registry, TransactionServicesPtr services) {
    registry.add_cluster<WriteTxnMarkersRequest>(
        {1, 2},
        [services](
            RequestContext /*context*/, WriteTxnMarkersRequest request
        ) -> Task<Reply<WriteTxnMarkersResponse>> {
            auto call = std::make_shared<MarkerCall>(services, std::move(request));
            co_await call->write_all();
            co_return Reply<WriteTxnMarkersResponse>::later(
                [call]() -> Task<Result<WriteTxnMarkersResponse>> { return call->wait_all(); }
            );
        }
    );
}

}  // namespace sealane::broker
