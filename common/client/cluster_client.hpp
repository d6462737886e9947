#pragma once
// ClusterClient: one program's access to one Kafka cluster: metadata, a connection per broker and
// lane, leaders and coordinators. Producer, consumers and admin share one and do not outlive it.

#include "common/client/backoff.hpp"
#include "common/client/connection.hpp"
#include "common/client/metadata_cache.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace sealane::client {

struct ClientOptions {
    std::string client_id = "sealane";
    std::vector<runtime::Endpoint> bootstrap;
    std::optional<runtime::TlsIdentity> tls;
    std::optional<SaslOptions> sasl;
    Duration connect_timeout = 10s;
    Duration request_timeout = 30s;
    // Between attempts to reach one broker.
    Duration reconnect_backoff_first = 50ms;
    Duration reconnect_backoff_longest = 5s;
    // Between retries of a request and of a metadata refresh that did not help.
    Duration retry_backoff_first = 50ms;
    Duration retry_backoff_longest = 1s;
    Duration metadata_max_age = 300s;
    // How long a topic may be unknown before it counts as missing: brokers learn of it late.
    Duration unknown_topic_grace = 1s;
    // Let brokers create a topic that is asked for, where they are set up to.
    bool create_topics = false;
    std::size_t in_flight_bytes = 64U << 20U;  // per connection
};

// Brokers answer one connection's requests one after the other, so a long poll must not stand
// before somebody else's question: each lane has a connection of its own to each broker.
struct Lane {
    enum Kind : std::uint8_t { kControl, kProduce, kFetch, kGroup };
    Kind kind;
    std::uint32_t owner = 0;  // 0: shared
    constexpr Lane(Kind k, std::uint32_t o = 0) : kind(k), owner(o) {}
    friend constexpr auto operator<=>(const Lane&, const Lane&) = default;
};

class ClusterClient {
 public:
    ClusterClient(runtime::World& world, ClientOptions options);
    ClusterClient(const ClusterClient&) = delete;
    ClusterClient& operator=(const ClusterClient&) = delete;
    // Closes all connections and waits for their tasks. Call before destroying.
    [[nodiscard]] runtime::Task<void> stop();

    // An open connection, made if needed; attempts to a broker that failed are spaced by the
    // reconnect backoff. kNotFound: no such broker in the metadata.
    [[nodiscard]] runtime::Task<Result<std::shared_ptr<Connection>>> connection(
        BrokerId broker, Lane lane, Instant deadline
    );
    // To any broker, preferring known ones, else the bootstrap list in turn.
    [[nodiscard]] runtime::Task<Result<std::shared_ptr<Connection>>> any_connection(Instant deadline
    );
    // A lane for one user alone, and its end: connections close, who waits for one gets kStopped.
    [[nodiscard]] Lane own_lane(Lane::Kind kind) { return {kind, next_lane_owner_++}; }
    void close_lane(Lane lane);
    // One request to one broker, without retries.
    template <class Request>
    [[nodiscard]] runtime::Task<Result<typename Request::Response>> send_to(
        BrokerId broker, Lane lane, Request request, Instant deadline
    ) {
        SEALANE_CO_TRY(const auto open, co_await connection(broker, lane, deadline));
        co_return co_await open->send(std::move(request), deadline);
    }
    template <class Request>
    [[nodiscard]] runtime::Task<Result<typename Request::Response>> send_any(
        Request request, Instant deadline
    ) {
        SEALANE_CO_TRY(const auto open, co_await any_connection(deadline));
        co_return co_await open->send(std::move(request), deadline);
    }

    [[nodiscard]] const MetadataCache& metadata() const { return metadata_; }
    // Asks for the given topics (and the broker list). Concurrent calls share one request.
    [[nodiscard]] runtime::Task<Status> refresh(std::set<std::string> topics, Instant deadline);
    [[nodiscard]] runtime::Task<Status> refresh_all(Instant deadline);
    // The topic, asking and retrying until the deadline while it is being created or the cluster
    // is not ready. kUnknownTopicOrPartition after unknown_topic_grace, refusals at once.
    [[nodiscard]] runtime::Task<Result<TopicInfo>> topic(std::string name, Instant deadline);
    // The leader, asking with backoff until there is one or the deadline passes.
    [[nodiscard]] runtime::Task<Result<Leader>> leader(TopicPartition partition, Instant deadline);
    // A broker said it does not lead the partition (or is gone); with a newer leader if it knew.
    void leader_changed(
        const TopicPartition& partition,
        BrokerId hint = kNoBroker,
        LeaderEpoch hint_epoch = kNoLeaderEpoch
    );
    // The group coordinator, found and remembered.
    [[nodiscard]] runtime::Task<Result<BrokerId>> coordinator(std::string group, Instant deadline);
    void forget_coordinator(const std::string& group) { coordinators_.erase(group); }

    [[nodiscard]] runtime::World& world() { return world_; }
    [[nodiscard]] const ClientOptions& options() const { return options_; }
    [[nodiscard]] bool stopping() const { return tasks_.stopping(); }
    // Waits, but not beyond stop(): false then.
    [[nodiscard]] runtime::Task<bool> pause(Duration delay) { return tasks_.sleep(delay); }
    [[nodiscard]] Backoff retry_backoff() const {
        return {options_.retry_backoff_first, options_.retry_backoff_longest};
    }

 private:
    // One broker (or bootstrap address) on one lane.
    struct Link {
        explicit Link(const ClientOptions& options, runtime::WaitQueue& waits)
            : backoff(options.reconnect_backoff_first, options.reconnect_backoff_longest),
              changed(waits) {}
        std::shared_ptr<Connection> connection;
        bool connecting = false;
        bool closed = false;
        std::uint64_t failures = 0;
        Instant not_before;  // the next attempt
        Backoff backoff;
        std::optional<Error> last_error;
        runtime::Event changed;
    };
    using LinkKey = std::pair<runtime::Endpoint, Lane>;
    [[nodiscard]] runtime::Task<Result<std::shared_ptr<Connection>>> connect(
        runtime::Endpoint to, Lane lane, Instant deadline
    );
    [[nodiscard]] runtime::Task<void> attempt(runtime::Endpoint to, Lane lane);
    [[nodiscard]] Link& link(const runtime::Endpoint& to, Lane lane);
    [[nodiscard]] std::vector<runtime::Endpoint> candidates();
    // Whether a topic that was unknown since then may still turn up.
    [[nodiscard]] bool may_appear(Instant since) const {
        return options_.create_topics || world_.now() - since < options_.unknown_topic_grace;
    }
    [[nodiscard]] runtime::Task<Status> ask_metadata(
        std::optional<std::set<std::string>> topics, Instant deadline
    );

    runtime::World& world_;
    ClientOptions options_;
    runtime::Log log_;
    runtime::TaskGroup tasks_;
    MetadataCache metadata_;
    std::map<LinkKey, std::unique_ptr<Link>> links_;
    std::map<std::string, BrokerId> coordinators_;
    std::size_t next_bootstrap_ = 0;
    std::uint32_t next_lane_owner_ = 1;
    bool refreshing_ = false;
    std::uint64_t refresh_count_ = 0;  // answers taken over
    std::set<std::string> last_asked_;
    runtime::Event refreshed_;
};

}  // namespace sealane::client
