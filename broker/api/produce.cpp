// Produce: validates the one batch of each partition in place, appends it, and answers as acks
// asks: 0 nothing, 1 after the write, all when the high watermark has passed it. Requests of one
// connection append in their order; only the wait for durability happens beside later requests.

#include "common/kafka/messages/produce.hpp"

#include "broker/api/error_map.hpp"
#include "broker/api/handlers.hpp"
#include "broker/api/partition_lookup.hpp"
#include "broker/api/transaction_gate.hpp"
#include "common/base/mutants.hpp"
#include "common/kafka/records/produce_validation.hpp"

namespace sealane::broker {

using kafka::ProduceRequest;
using kafka::ProduceResponse;
using runtime::Task;
using PartitionAnswer = ProduceResponse::PartitionProduceResponse;

namespace {

constexpr kafka::ApiKey kApi = kafka::ApiKey::kProduce;
constexpr std::int16_t kAcksAll = -1;
constexpr std::int16_t kLeaderHintsSince = 10;
constexpr std::string_view kAdminClient = "__admin_client";  // may write internal topics

// A partition whose batch is written but not visible yet.
struct Waiting {
    PartitionPtr partition;
    Offset end;
    std::uint64_t reign = 0;  // in which it was written
    std::size_t topic = 0;    // where its answer stands
    std::size_t index = 0;
};

void set_error(PartitionAnswer& answer, const Error& error, std::int16_t version) {
    answer.error_code = wire_code(error.code(), kApi, version);
    answer.error_message = wire_message(error);
    answer.base_offset = kNoOffset;
    answer.log_append_time_ms = -1;
}

kafka::ProduceRules rules_for(const TopicConfig& config, WallTime now, std::int16_t version) {
    kafka::ProduceRules rules;
    rules.max_batch_bytes = static_cast<std::size_t>(config.max_message_bytes);
    rules.api_version = version;
    rules.key_required = config.cleanup_compact;
    if (!config.log_append_time) {
        const bool bounded = config.timestamp_before_max_ms < now.ms;
        rules.earliest = WallTime{bounded ? now.ms - config.timestamp_before_max_ms : 0};
        const bool far = config.timestamp_after_max_ms > INT64_MAX - now.ms;
        rules.latest = WallTime{far ? INT64_MAX : now.ms + config.timestamp_after_max_ms};
    }
    return rules;
}

class ProduceCall {
 public:
    ProduceCall(Services& services, RequestContext context, ProduceRequest request)
        : services_(services),
          context_(std::move(context)),
          request_(std::move(request)),
          gate_(services, context_.api_version) {}

    // Appends everything, in the order of the request.
    Task<void> append_all() {
        co_await gate_.ask(request_);
        for (auto& topic : request_.topic_data) {
            auto& topic_answer = response_.responses.emplace_back();
            topic_answer.name = topic.name;
            topic_answer.topic_id = topic.topic_id;
            const TopicName name{topic.name, topic.topic_id};
            for (auto& partition : topic.partition_data) {
                auto& answer = topic_answer.partition_responses.emplace_back();
                answer.index = partition.index;
                answer.log_append_time_ms = -1;
                Status done = co_await append_one(name, partition);
                if (!done) {
                    failed_ = true;
                    report(done.error(), name, partition.index);
                    refuse(current(), name, done.error());
                }
            }
        }
    }

    // Waits until every append is visible; the rest of acks=all.
    Task<Result<ProduceResponse>> wait_visible() {
        const Instant deadline =
            context_.received + std::chrono::milliseconds(std::max(request_.timeout_ms, 0));
        for (const Waiting& waiting : waiting_) {
            const Status seen =
                co_await waiting.partition->wait_visible(waiting.end, deadline, waiting.reign);
            if (seen) continue;
            auto& topic = response_.responses[waiting.topic];
            const TopicName name{topic.name, topic.topic_id};
            refuse(topic.partition_responses[waiting.index], name, seen.error());
        }
        co_return take_response();
    }

    [[nodiscard]] bool must_wait() const {
        if (SEALANE_MUTANT(44)) return false;
        for (const Waiting& waiting : waiting_) {
            const Partition& partition = *waiting.partition;
            if (partition.reign() != waiting.reign) return true;
            if (partition.high_watermark() < waiting.end) return true;
        }
        return false;
    }
    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] std::int16_t acks() const { return request_.acks; }
    [[nodiscard]] ProduceResponse take_response() {
        if (!leaders_.empty()) {
            add_endpoints(services_, context_.listener, leaders_, response_.node_endpoints);
        }
        return std::move(response_);
    }

 private:
    PartitionAnswer& current() { return response_.responses.back().partition_responses.back(); }

    void refuse(PartitionAnswer& answer, const TopicName& name, const Error& error) {
        set_error(answer, error, context_.api_version);
        if (context_.api_version < kLeaderHintsSince || !wants_leader_hint(answer.error_code)) {
            return;
        }
        const LeaderHint hint = leader_hint(services_, name, answer.index);
        answer.current_leader.leader_id = hint.leader;
        answer.current_leader.leader_epoch = hint.epoch;
        if (hint.leader != kNoBroker) leaders_.insert(hint.leader);
    }

    // A disk that is full or fails is the operator's business, other refusals the client's.
    void report(const Error& error, const TopicName& name, PartitionId partition) const {
        if (wire_code(error) != ErrorCode::kKafkaStorageError) return;
        services_.world.log("broker.produce")
            .error(
                "write refused",
                {{"topic", name.name.empty() ? name.id.to_string() : name.name},
                 {"partition", partition},
                 {"error", error}}
            );
    }

    Result<PartitionPtr> admit(const TopicName& name, PartitionId index) const {
        if (request_.acks < kAcksAll || request_.acks > 1) {
            return fail(ErrorCode::kInvalidRequiredAcks, "acks must be -1, 0 or 1");
        }
        SEALANE_TRY(PartitionPtr partition, find_partition(services_, name, index, kNoLeaderEpoch));
        const std::string& topic = partition->id().topic;
        if (is_internal_topic(topic) && context_.client_id != kAdminClient) {
            return fail(ErrorCode::kInvalidTopicException, topic + " is internal");
        }
        SEALANE_CHECK(services_.may_produce(*services_.metadata.image(), topic));
        if (request_.acks == kAcksAll) SEALANE_CHECK(partition->check_min_isr());
        return partition;
    }

    Task<Status> append_one(const TopicName& name, ProduceRequest::PartitionProduceData& data) {
        SEALANE_CO_TRY(const PartitionPtr partition, admit(name, data.index));
        if (!data.records) co_return fail(ErrorCode::kInvalidRecord, "no records");
        const auto rules =
            rules_for(partition->config(), services_.world.wall(), context_.api_version);
        SEALANE_CO_TRY(
            const kafka::RecordBatch batch, kafka::validate_produced(*data.records, rules)
        );
        SEALANE_CO_CHECK(gate_.check(*partition, batch.view()));
        const std::uint64_t reign = partition->reign();
        SEALANE_CO_TRY(
            const AppendOutcome outcome,
            co_await partition->append(batch.bytes(), AppendOrigin::kClient)
        );
        PartitionAnswer& answer = current();
        answer.base_offset = outcome.base_offset;
        answer.log_append_time_ms = outcome.append_time.ms;
        answer.log_start_offset = outcome.log_start_offset;
        if (request_.acks == kAcksAll) {
            waiting_.push_back(Waiting{
                .partition = partition,
                .end = outcome.last_offset + 1,
                .reign = reign,
                .topic = response_.responses.size() - 1,
                .index = response_.responses.back().partition_responses.size() - 1,
            });
        }
        co_return Status{};
    }

    Services& services_;
    RequestContext context_;
    ProduceRequest request_;
    TransactionGate gate_;
    ProduceResponse response_;
    std::vector<Waiting> waiting_;
    std::set<BrokerId> leaders_;  // of partitions that are led elsewhere
    bool failed_ = false;
};

}  // namespace

void add_produce(ApiRegistry& registry, Services& services) {
    registry.add<ProduceRequest>(
        {3, 13, 0},
        [&services](
            RequestContext context, ProduceRequest request
        ) -> Task<Reply<ProduceResponse>> {
            auto call =
                std::make_shared<ProduceCall>(services, std::move(context), std::move(request));
            co_await call->append_all();
            if (call->acks() == 0) {
                // The client sees only the end of its connection, and looks for the leader again.
                if (call->failed()) {
                    co_return Error(ErrorCode::kInvalidRequest, "a write with acks=0 failed");
                }
                co_return Reply<ProduceResponse>::none();
            }
            if (!call->must_wait()) co_return call->take_response();
            co_return Reply<ProduceResponse>::later([call]() -> Task<Result<ProduceResponse>> {
                return call->wait_visible();
            });
        }
    );
}

}  // namespace sealane::broker
