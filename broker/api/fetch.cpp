// Fetch: reads whole batches, and waits when there is less than the client wants (formats 16). The
// wait happens beside later requests; it ends with data, an error, or MaxWaitMs. Replicas' waits
// also end a little after there is news without records (a high watermark, a log start), and when
// the replica has something new to ask for.

#include "common/kafka/messages/fetch.hpp"

#include "broker/api/error_map.hpp"
#include "broker/api/fetch_read.hpp"
#include "broker/api/fetch_session.hpp"
#include "broker/api/handlers.hpp"
#include "broker/api/replica_polls.hpp"
#include "broker/api/security/request_quotas.hpp"

#include <algorithm>
#include <optional>

namespace sealane::broker {

using kafka::FetchRequest;
using kafka::FetchResponse;
using runtime::Task;
using PartitionData = FetchResponse::PartitionData;

namespace {

constexpr kafka::ApiKey kApi = kafka::ApiKey::kFetch;
constexpr std::int32_t kMaxWaitMs = 300'000;
constexpr std::int16_t kTopicIdsSince = 13;
constexpr std::int8_t kReadCommitted = 1;
constexpr Duration kNewsDelay = 50ms;

// Told when any of the partitions of one fetch moves; takes itself off when it goes.
class Watch {
 public:
    Watch(const Services& services, const FetchReader& reader, const FetchPlan& plan)
        : to_end_(reader.by_replica()),
          committed_only_(reader.asker().committed_only),
          event_(services.world.waits()) {
        for (const FetchTarget& target : plan.targets) {
            auto found = reader.find(target);
            if (!found) continue;
            Watched one;
            one.partition = *std::move(found);
            one.role = one.partition->role();
            one.epoch = one.partition->leader_epoch();
            to_end_ ? one.partition->watch_end(event_) : one.partition->watch(event_);
            watched_.push_back(std::move(one));
        }
    }
    ~Watch() {
        for (const Watched& one : watched_) {
            to_end_ ? one.partition->unwatch_end(event_) : one.partition->unwatch(event_);
        }
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    runtime::Event& event() { return event_; }

    // Bytes ever appended to all of them: how much more a new read could find at most.
    [[nodiscard]] std::uint64_t appended() const {
        std::uint64_t sum = 0;
        for (const Watched& one : watched_) sum += one.partition->appended_bytes();
        return sum;
    }
    // Whether a read now would see all of it.
    [[nodiscard]] bool all_visible() const {
        return to_end_ || std::ranges::all_of(watched_, [this](const Watched& one) {
                   const Partition& partition = *one.partition;
                   const Offset seen =
                       committed_only_ ? partition.last_stable() : partition.high_watermark();
                   return seen == partition.log_end();
               });
    }
    // A leadership ended or began: the next read may fail.
    [[nodiscard]] bool any_changed() const {
        return std::ranges::any_of(watched_, [](const Watched& one) {
            return one.partition->closed() || one.partition->role() != one.role ||
                   one.partition->leader_epoch() != one.epoch;
        });
    }

 private:
    struct Watched {
        PartitionPtr partition;
        ReplicaRole role = ReplicaRole::kNone;
        LeaderEpoch epoch;
    };
    bool to_end_;
    bool committed_only_;
    runtime::Event event_;
    std::vector<Watched> watched_;
};

bool asks_metadata_log(const FetchRequest& request) {
    return !request.topics.empty() && std::ranges::all_of(request.topics, [](const auto& topic) {
        return topic.topic_id == quorum::kMetadataTopicId || topic.topic == kMetadataTopic;
    });
}

// Of a replica: the field moved in version 15.
BrokerId replica_of(const FetchRequest& request, std::int16_t version) {
    return version >= 15 ? request.replica_state.replica_id : request.replica_id;
}

FetchAsker asker_of(const RequestContext& context, const FetchRequest& request) {
    FetchAsker asker;
    asker.version = context.api_version;
    asker.rack = request.rack_id;
    asker.replica = replica_of(request, context.api_version);
    asker.replica_epoch = request.replica_state.replica_epoch;
    asker.committed_only = request.isolation_level == kReadCommitted;
    asker.context = &context;
    return asker;
}

// What all fetches of a broker share.
struct FetchShared {
    FetchSessions sessions;
    ReplicaPolls polls;
    CatchUpThrottle throttle = {};
};

struct Collected {
    std::vector<PartitionData> data;  // one for each target, same order
    std::vector<Offset> next;         // after the records of each
    std::size_t bytes = 0;
    bool urgent = false;  // an error or a divergence: answer at once
};

class FetchCall {
 public:
    FetchCall(Services& services, FetchShared& shared, RequestContext context, FetchRequest request)
        : services_(services),
          sessions_(shared.sessions),
          polls_(shared.polls),
          context_(std::move(context)),
          request_(std::move(request)),
          reader_(services, shared.throttle, asker_of(context_, request_)) {
        const std::int32_t wait = std::clamp(request_.max_wait_ms, 0, kMaxWaitMs);
        deadline_ = context_.received + std::chrono::milliseconds(wait);
    }

    // Finds out what to read. False: the session is wrong, respond() says how.
    [[nodiscard]] bool plan() {
        if (const Status allowed = reader_.check(context_.cluster_action); !allowed) {
            session_error_ = allowed.error().code();
            return false;
        }
        auto opened = sessions_.open(session_request(), services_.world.now());
        if (!opened) {
            session_error_ = opened.error().code();
            return false;
        }
        plan_ = *std::move(opened);
        if (reader_.by_replica() && plan_.targets.empty()) polls_.end(reader_.asker().replica);
        return true;
    }

    Task<void> collect() {
        collected_ = {};
        const auto limit = static_cast<std::size_t>(
            std::max(0, std::min(request_.max_bytes, services_.config.fetch_max_bytes))
        );
        for (const FetchTarget& target : plan_.targets) {
            const std::size_t left = limit > collected_.bytes ? limit - collected_.bytes : 0;
            const bool at_least_one = collected_.bytes == 0;
            collected_.data.push_back(co_await reader_.read(target, left, at_least_one));
            collected_.next.push_back(reader_.next_offset());
            PartitionData& data = collected_.data.back();
            collected_.bytes += data.records->size();
            if (is_urgent(data)) collected_.urgent = true;
        }
        reader_.counted();
    }

    [[nodiscard]] bool enough() const {
        return collected_.urgent || plan_.targets.empty() || services_.world.now() >= deadline_ ||
               collected_.bytes >= static_cast<std::size_t>(std::max(request_.min_bytes, 0));
    }

    Task<Result<FetchResponse>> wait_for_data() {
        Watch watch(services_, reader_, plan_);
        std::optional<ReplicaPolls::Waiting> poll;
        if (reader_.by_replica()) poll.emplace(polls_, reader_.asker().replica, watch.event());
        // What arrived between the first read and now.
        std::uint64_t seen = watch.appended();
        co_await collect();
        if (poll && has_news()) tell_soon();
        while (!enough()) {
            const bool told = co_await watch.event().wait_until(deadline_);
            const Instant now = services_.world.now();
            if (poll && poll->ended()) deadline_ = now;
            const auto wanted = static_cast<std::uint64_t>(std::max(request_.min_bytes, 0));
            const std::uint64_t more = watch.appended() - seen;
            if (poll && told && more == 0) tell_soon();
            const bool worth = !told || now >= deadline_ || watch.any_changed() ||
                               collected_.bytes + more >= wanted;
            if (!worth) continue;
            // What is not visible yet still counts as more to come.
            if (watch.all_visible()) seen = watch.appended();
            co_await collect();
        }
        co_return respond();
    }

    FetchResponse respond() {
        FetchResponse response;
        response.error_code = wire_code(session_error_, kApi, context_.api_version);
        if (session_error_ != ErrorCode::kNone) return response;
        response.session_id = plan_.session_id;
        if (throttled(response)) return response;
        const std::vector<bool> told = sessions_.close(plan_, news());
        std::set<BrokerId> leaders;
        for (std::size_t i = 0; i < plan_.targets.size(); ++i) {
            if (!told[i]) continue;
            const TopicName& topic = plan_.targets[i].topic;
            if (response.responses.empty() || response.responses.back().topic != topic.name ||
                response.responses.back().topic_id != topic.id) {
                auto& answer = response.responses.emplace_back();
                answer.topic = topic.name;
                answer.topic_id = topic.id;
            }
            const BrokerId leader = collected_.data[i].current_leader.leader_id;
            if (leader != kNoBroker) leaders.insert(leader);
            response.responses.back().partitions.push_back(std::move(collected_.data[i]));
        }
        if (!leaders.empty()) {
            add_endpoints(services_, context_.listener, leaders, response.node_endpoints);
        }
        return response;
    }

 private:
    // Over its quota: no records now, and the session stays as it is.
    [[nodiscard]] bool throttled(FetchResponse& response) {
        if (reader_.by_replica() || !services_.quotas.active()) return false;
        const Duration rest = services_.quotas.charge_fetch(context_, collected_.bytes);
        if (rest <= Duration::zero()) return false;
        response.throttle_time_ms = static_cast<std::int32_t>(to_ms(rest));
        return true;
    }
    [[nodiscard]] SessionRequest session_request() const {
        SessionRequest session;
        session.id = request_.session_id;
        session.epoch = request_.session_epoch;
        session.by_topic_id = context_.api_version >= kTopicIdsSince;
        session.by_replica = reader_.by_replica();
        session.read_on = session.by_replica && request_.read_on;
        for (const auto& topic : request_.topics) {
            for (const auto& partition : topic.partitions) {
                session.targets.push_back(FetchTarget{
                    .topic = TopicName{topic.topic, topic.topic_id},
                    .partition = partition.partition,
                    .current_leader_epoch = partition.current_leader_epoch,
                    .last_fetched_epoch = partition.last_fetched_epoch,
                    .offset = partition.fetch_offset,
                    .log_start = partition.log_start_offset,
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

    // A high watermark or log start that the replica does not know: not worth an answer of its own,
    // unless no records come to carry it.
    void tell_soon() { deadline_ = std::min(deadline_, services_.world.now() + kNewsDelay); }
    [[nodiscard]] bool has_news() const {
        const std::vector<TargetNews> all = news();
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (sessions_.is_news(plan_.session_id, plan_.targets[i], all[i])) return true;
        }
        return false;
    }

    // To be answered at once, and told whatever else is the same.
    [[nodiscard]] static bool is_urgent(const PartitionData& data) {
        return data.error_code != ErrorCode::kNone ||
               data.diverging_epoch.end_offset != kNoOffset ||
               data.preferred_read_replica != kNoBroker;
    }

    [[nodiscard]] std::vector<TargetNews> news() const {
        std::vector<TargetNews> all;
        for (std::size_t i = 0; i < collected_.data.size(); ++i) {
            const PartitionData& data = collected_.data[i];
            all.push_back(TargetNews{
                .has_records = !data.records->empty(),
                .must_tell = is_urgent(data),
                .high_watermark = data.high_watermark,
                .log_start = data.log_start_offset,
                .next_offset = collected_.next[i],
            });
        }
        return all;
    }

    Services& services_;
    FetchSessions& sessions_;
    ReplicaPolls& polls_;
    RequestContext context_;
    FetchRequest request_;
    FetchReader reader_;
    FetchPlan plan_;
    ErrorCode session_error_ = ErrorCode::kNone;
    Instant deadline_;
    Collected collected_;
};

// The quorum's own replication: a long poll beside later requests like any other.
Reply<FetchResponse> fetch_metadata_log(
    Services& services, RequestContext context, FetchRequest request
) {
    if (!context.cluster_action) {
        FetchResponse refused;
        refused.error_code = ErrorCode::kClusterAuthorizationFailed;
        return refused;
    }
    auto asked = std::make_shared<std::pair<RequestContext, FetchRequest>>(
        std::move(context), std::move(request)
    );
    return Reply<FetchResponse>::later([&services, asked]() -> Task<Result<FetchResponse>> {
        return services.fetch_metadata_log(std::move(asked->first), std::move(asked->second));
    });
}

}  // namespace

void add_fetch(ApiRegistry& registry, Services& services) {
    auto shared = std::make_shared<FetchShared>(FetchShared{
        FetchSessions(
            static_cast<std::size_t>(services.config.fetch_session_slots),
            services.world.rng().next()
        ),
        ReplicaPolls{},
    });
    registry.add<FetchRequest>(
        {4, 18},
        [&services,
         shared](RequestContext context, FetchRequest request) -> Task<Reply<FetchResponse>> {
            if (services.fetch_metadata_log && asks_metadata_log(request)) {
                co_return fetch_metadata_log(services, std::move(context), std::move(request));
            }
            auto call = std::make_shared<FetchCall>(
                services, *shared, std::move(context), std::move(request)
            );
            if (!call->plan()) co_return call->respond();
            co_await call->collect();
            if (call->enough()) co_return call->respond();
            co_return Reply<FetchResponse>::later([call, shared]() -> Task<Result<FetchResponse>> {
                return call->wait_for_data();
            });
        }
    );
}

}  // namespace sealane::broker
