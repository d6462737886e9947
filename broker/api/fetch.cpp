// Fetch: reads whole batches up to the high watermark, and waits when there is less than the client
// wants (formats 16). The wait happens beside later requests; it ends with data, an error, or
// MaxWaitMs.

#include "common/kafka/messages/fetch.hpp"

#include "broker/api/error_map.hpp"
#include "broker/api/fetch_session.hpp"
#include "broker/api/handlers.hpp"
#include "broker/api/partition_lookup.hpp"

#include <algorithm>

namespace sealane::broker {

using kafka::FetchRequest;
using kafka::FetchResponse;
using runtime::Task;
using PartitionData = FetchResponse::PartitionData;

namespace {

constexpr kafka::ApiKey kApi = kafka::ApiKey::kFetch;
constexpr std::int32_t kMaxWaitMs = 300'000;
constexpr std::int16_t kTopicIdsSince = 13;

PartitionData failure(const FetchTarget& target, const Error& error, std::int16_t version) {
    PartitionData data;
    data.partition_index = target.partition;
    data.error_code = wire_code(error.code(), kApi, version);
    data.high_watermark = kNoOffset;
    data.last_stable_offset = kNoOffset;
    data.log_start_offset = kNoOffset;
    return data;
}

// Told when any of the partitions of one fetch moves; takes itself off when it goes.
class Watch {
 public:
    Watch(const Services& services, const std::vector<FetchTarget>& targets)
        : event_(services.world.waits()) {
        for (const FetchTarget& target : targets) {
            auto found = find_partition(services, target.topic, target.partition, kNoLeaderEpoch);
            if (!found) continue;
            (*found)->watch(event_);
            watched_.push_back(*std::move(found));
        }
    }
    ~Watch() {
        for (const PartitionPtr& partition : watched_) partition->unwatch(event_);
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    runtime::Event& event() { return event_; }

    // Bytes ever appended to all of them: how much more a new read could find at most.
    [[nodiscard]] std::uint64_t appended() const {
        std::uint64_t sum = 0;
        for (const PartitionPtr& partition : watched_) sum += partition->appended_bytes();
        return sum;
    }
    [[nodiscard]] bool any_closed() const {
        return std::ranges::any_of(watched_, [](const auto& p) { return p->closed(); });
    }

 private:
    runtime::Event event_;
    std::vector<PartitionPtr> watched_;
};

struct Collected {
    std::vector<PartitionData> data;  // one for each target, same order
    std::size_t bytes = 0;
    bool urgent = false;  // an error or a divergence: answer at once
};

class FetchCall {
 public:
    FetchCall(
        Services& services, FetchSessions& sessions, RequestContext context, FetchRequest request
    )
        : services_(services),
          sessions_(sessions),
          context_(std::move(context)),
          request_(std::move(request)) {
        const std::int32_t wait = std::clamp(request_.max_wait_ms, 0, kMaxWaitMs);
        deadline_ = context_.received + std::chrono::milliseconds(wait);
    }

    // Finds out what to read. False: the session is wrong, respond() says how.
    [[nodiscard]] bool plan() {
        auto opened = sessions_.open(session_request(), services_.world.now());
        if (!opened) {
            session_error_ = opened.error().code();
            return false;
        }
        plan_ = *std::move(opened);
        return true;
    }

    Task<void> collect() {
        collected_ = {};
        const auto limit = static_cast<std::size_t>(
            std::max(0, std::min(request_.max_bytes, services_.config.fetch_max_bytes))
        );
        for (const FetchTarget& target : plan_.targets) {
            const std::size_t left = limit > collected_.bytes ? limit - collected_.bytes : 0;
            collected_.data.push_back(co_await read_one(target, left));
            PartitionData& data = collected_.data.back();
            collected_.bytes += data.records->size();
            if (data.error_code != ErrorCode::kNone || data.diverging_epoch.epoch.value >= 0) {
                collected_.urgent = true;
            }
        }
    }

    [[nodiscard]] bool enough() const {
        return collected_.urgent || plan_.targets.empty() || services_.world.now() >= deadline_ ||
               collected_.bytes >= static_cast<std::size_t>(std::max(request_.min_bytes, 0));
    }

    Task<Result<FetchResponse>> wait_for_data() {
        Watch watch(services_, plan_.targets);
        // What arrived between the first read and now.
        std::uint64_t seen = watch.appended();
        co_await collect();
        while (!enough()) {
            const bool told = co_await watch.event().wait_until(deadline_);
            const auto wanted = static_cast<std::uint64_t>(std::max(request_.min_bytes, 0));
            const std::uint64_t more = watch.appended() - seen;
            if (told && !watch.any_closed() && collected_.bytes + more < wanted) continue;
            seen = watch.appended();
            co_await collect();
        }
        co_return respond();
    }

    FetchResponse respond() {
        FetchResponse response;
        response.error_code = wire_code(session_error_, kApi, context_.api_version);
        if (session_error_ != ErrorCode::kNone) return response;
        response.session_id = plan_.session_id;
        const std::vector<bool> told = sessions_.close(plan_, news());
        for (std::size_t i = 0; i < plan_.targets.size(); ++i) {
            if (!told[i]) continue;
            const TopicName& topic = plan_.targets[i].topic;
            if (response.responses.empty() || response.responses.back().topic != topic.name ||
                response.responses.back().topic_id != topic.id) {
                auto& answer = response.responses.emplace_back();
                answer.topic = topic.name;
                answer.topic_id = topic.id;
            }
            response.responses.back().partitions.push_back(std::move(collected_.data[i]));
        }
        return response;
    }

 private:
    [[nodiscard]] SessionRequest session_request() const {
        SessionRequest session;
        session.id = request_.session_id;
        session.epoch = request_.session_epoch;
        session.by_topic_id = context_.api_version >= kTopicIdsSince;
        for (const auto& topic : request_.topics) {
            for (const auto& partition : topic.partitions) {
                session.targets.push_back(FetchTarget{
                    .topic = TopicName{topic.topic, topic.topic_id},
                    .partition = partition.partition,
                    .current_leader_epoch = partition.current_leader_epoch,
                    .last_fetched_epoch = partition.last_fetched_epoch,
                    .offset = partition.fetch_offset,
                    .max_bytes = partition.partition_max_bytes,
                });
            }
        }
        for (const auto& topic : request_.forgotten_topics_data) {
            for (const PartitionId partition : topic.partitions) {
                session.forgotten.emplace_back(TopicName{topic.topic, topic.topic_id}, partition);
            }
        }
        return session;
    }

    [[nodiscard]] std::vector<TargetNews> news() const {
        std::vector<TargetNews> all;
        for (const PartitionData& data : collected_.data) {
            all.push_back(TargetNews{
                .has_records = !data.records->empty(),
                .must_tell = data.error_code != ErrorCode::kNone ||
                             data.diverging_epoch.end_offset != kNoOffset,
                .high_watermark = data.high_watermark,
                .log_start = data.log_start_offset,
            });
        }
        return all;
    }

    Task<PartitionData> read_one(const FetchTarget& target, std::size_t left) {
        auto found =
            find_partition(services_, target.topic, target.partition, target.current_leader_epoch);
        if (!found) co_return failure(target, found.error(), context_.api_version);
        const PartitionPtr partition = *std::move(found);
        PartitionData data;
        data.partition_index = target.partition;
        if (diverges(*partition, target, data)) co_return data;
        const auto wanted = static_cast<std::size_t>(std::max(target.max_bytes, 0));
        const bool first = collected_.bytes == 0;
        auto read = co_await partition->read(target.offset, std::min(wanted, left), first);
        if (!read) co_return failure(target, read.error(), context_.api_version);
        data.high_watermark = read->high_watermark;
        data.last_stable_offset = read->high_watermark;
        data.log_start_offset = read->log_start;
        data.records = read->records.joined();
        co_return data;
    }

    // KIP-320: the client's last batch is of an epoch that ended before its position here.
    static bool diverges(
        const Partition& partition, const FetchTarget& target, PartitionData& data
    ) {
        if (target.last_fetched_epoch.value < 0) return false;
        const EpochEnd end = partition.log().end_offset_for_epoch(target.last_fetched_epoch);
        if (end.end == kNoOffset) return false;
        if (end.epoch == target.last_fetched_epoch && end.end >= target.offset) return false;
        data.diverging_epoch.epoch = end.epoch;
        data.diverging_epoch.end_offset = end.end;
        data.high_watermark = partition.high_watermark();
        data.last_stable_offset = data.high_watermark;
        data.log_start_offset = partition.log_start();
        return true;
    }

    Services& services_;
    FetchSessions& sessions_;
    RequestContext context_;
    FetchRequest request_;
    FetchPlan plan_;
    ErrorCode session_error_ = ErrorCode::kNone;
    Instant deadline_;
    Collected collected_;
};

}  // namespace

void add_fetch(ApiRegistry& registry, Services& services) {
    auto sessions = std::make_shared<FetchSessions>(
        static_cast<std::size_t>(services.config.fetch_session_slots), services.world.rng().next()
    );
    registry.add<FetchRequest>(
        {4, 18},
        [&services,
         sessions](RequestContext context, FetchRequest request) -> Task<Reply<FetchResponse>> {
            auto call = std::make_shared<FetchCall>(
                services, *sessions, std::move(context), std::move(request)
            );
            if (!call->plan()) co_return call->respond();
            co_await call->collect();
            if (call->enough()) co_return call->respond();
            co_return Reply<FetchResponse>::later(
                [call, sessions]() -> Task<Result<FetchResponse>> { return call->wait_for_data(); }
            );
        }
    );
}

}  // namespace sealane::broker
