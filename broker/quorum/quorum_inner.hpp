#pragma once
// What Quorum is made of: one file per concern (README.md). Only those files include this.

#include "broker/log/turn_lock.hpp"
#include "broker/quorum/quorum.hpp"
#include "broker/quorum/raft.hpp"
#include "broker/quorum/reserve.hpp"
#include "broker/quorum/snapshot_store.hpp"
#include "common/runtime/task_group.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>

namespace sealane::broker::quorum {

struct Quorum::Inner : LogListener {
    Inner(runtime::World& with, QuorumConfig how, Peers& others);
    ~Inner() override = default;

    // quorum_open.cpp
    runtime::Task<Status> open(PartitionLog& metadata_log, std::string in);
    runtime::Task<Result<ElectionState>> read_election();
    runtime::Task<Status> fit_log_to_snapshot();
    runtime::Task<Result<VoterHistory>> read_voters();
    VoterSet configured_voters() const;
    LeaderEpoch last_epoch_in_log() const;

    // quorum_steps.cpp: the loop of decisions and their effects
    using Decide = std::function<void(Raft&, Instant, Effects&)>;
    // Decides in turn and returns when all effects are done. `bytes`: of the answer that is decided
    // about, written where the effects say so. kStopped, kKafkaStorageError: nothing was decided.
    runtime::Task<Status> step(Decide decide, BufferSlice bytes = {});
    runtime::Task<void> perform(Effects fx, BufferSlice bytes);
    runtime::Task<bool> save(ElectionState state);
    runtime::Task<bool> change_log(const Effects& fx, BufferSlice bytes, Effects& next);
    // As PartitionLog's two appends; with the reserve, should the disk be full.
    runtime::Task<Result<AppendOutcome>> write_log(BufferSlice bytes, AppendOrigin origin);
    runtime::Task<bool> release_reserve();
    runtime::Task<void> append_fetched(BufferSlice bytes, Effects& next);
    runtime::Task<void> append_control(const Effects& fx, Effects& next);
    runtime::Task<void> write_snapshot_part(const Effects& fx, BufferSlice bytes, Effects& next);
    Result<BufferSlice> control_bytes(const Effects& fx) const;
    void refused_write(const Error& cause, Effects& next);
    void note_change();
    void give_up(Error cause);
    runtime::Task<void> timer_loop();
    runtime::Task<Result<Offset>> append(BufferSlice batch, LeaderEpoch epoch);
    runtime::Task<void> stop();

    // quorum_sending.cpp
    void enqueue(const Outgoing& out);
    runtime::Task<void> send_loop(BrokerId to);
    runtime::Task<void> send_one(BrokerId to, Outgoing out);
    runtime::Task<void> send_vote(BrokerId to, VoteAsk ask);
    runtime::Task<void> send_begin(BrokerId to, BeginAsk ask);
    runtime::Task<void> send_end(BrokerId to, EndAsk ask);
    void learn_endpoints();
    // One request that stop() ends at once.
    template <class Request>
    runtime::Task<Result<typename Request::Response>> ask(
        BrokerId node, PeerLane lane, Request request, Instant deadline
    ) {
        const auto at = peers.endpoint(node);
        if (!at) co_return fail(ErrorCode::kNotFound, "no address of a voter is known");
        SEALANE_CO_TRY(const auto open, co_await peers.connection(*at, lane, deadline));
        if (tasks.stopping()) co_return fail(Error::stopped());
        asking.insert(open);
        auto answer = co_await open->send(std::move(request), deadline);
        asking.erase(asking.find(open));
        co_return answer;
    }

    // quorum_following.cpp
    struct Attempt {
        FetchPlan plan;
        bool done = false;
    };
    runtime::Task<void> fetch_loop();
    runtime::Task<void> fetch_once(std::shared_ptr<Attempt> attempt);
    runtime::Task<void> fetch_records(FetchPlan plan);
    runtime::Task<void> fetch_chunk(FetchPlan plan);
    void note_refusal(BrokerId from, ErrorCode code);
    void note_reached(BrokerId node);
    Reach reach() const;
    // What another node says who leads.
    void note_view(const LeaderView& seen);
    runtime::Task<void> fetch_failed(FetchPlan plan, Error error);

    // quorum_snapshots.cpp
    runtime::Task<Status> write_snapshot(Offset end, std::vector<BufferSlice> batches);
    runtime::Task<Status> trim(SnapshotId id);
    runtime::Task<kafka::FetchSnapshotResponse> fetch_snapshot(kafka::FetchSnapshotRequest request);

    // quorum_serving.cpp
    runtime::Task<kafka::VoteResponse> vote(kafka::VoteRequest request);
    runtime::Task<kafka::BeginQuorumEpochResponse> begin(kafka::BeginQuorumEpochRequest request);
    runtime::Task<kafka::EndQuorumEpochResponse> end(kafka::EndQuorumEpochRequest request);
    runtime::Task<kafka::FetchResponse> fetch(kafka::FetchRequest request);
    runtime::Task<Result<FetchVerdict>> decide_fetch(
        FetchAsk ask, std::optional<Offset> told, Instant until
    );
    runtime::Task<Result<BufferSlice>> read_log(Offset from, Offset to, std::size_t most);
    kafka::FetchResponse fetch_response(const FetchVerdict& verdict, BufferSlice records) const;
    kafka::DescribeQuorumResponse describe(const kafka::DescribeQuorumRequest& request) const;
    void describe_replicas(kafka::DescribeQuorumResponse& response) const;
    ErrorCode check_cluster(const std::optional<std::string>& cluster_id) const;
    // kNone: requests may be decided about.
    ErrorCode check_ready() const;
    // Names the leader's address in an answer, when there is a leader.
    template <class Response>
    void name_leader(Response& response, BrokerId of) const {
        const auto at = of == config.node ? own_endpoint : peers.endpoint(of);
        if (of == kNoBroker || !at) return;
        auto& node = response.node_endpoints.emplace_back();
        node.node_id = of;
        node.host = at->host;
        node.port = at->port;
    }

    // quorum_membership.cpp
    struct Outcome {
        ErrorCode error = ErrorCode::kNone;
        std::string message;
    };
    using Change = std::function<ErrorCode(Raft&, Instant, Effects&)>;
    runtime::Task<Outcome> change_voters(
        std::optional<std::string> cluster_id, Change change, Instant deadline, bool wait_committed
    );
    runtime::Task<ErrorCode> wait_committed(Instant deadline);

    // LogListener
    void on_durable(Offset) override {
        durable_news = true;
        work.notify_all();
    }
    void on_offline(const Error& cause) override {
        offline_news = cause;
        work.notify_all();
    }

    // Held by every call from outside under way: stop() ends when all have.
    class [[nodiscard]] Use {
     public:
        explicit Use(Inner& inner) : inner_(inner) { ++inner_.uses; }
        Use(const Use&) = delete;
        Use& operator=(const Use&) = delete;
        ~Use() {
            if (--inner_.uses == 0 && inner_.tasks.stopping()) inner_.work.notify_all();
        }

     private:
        Inner& inner_;
    };

    // What waits to be sent to one node: the newest message of each kind.
    struct Outbox {
        std::array<std::optional<Outgoing>, 3> waiting;
        bool sending = false;
    };

    runtime::World& world;
    QuorumConfig config;
    Peers& peers;
    runtime::Log lines;
    PartitionLog* log = nullptr;
    std::string directory;
    std::optional<runtime::Endpoint> own_endpoint;
    SnapshotStore snapshots;
    Reserve reserve;
    std::function<void()> told_full = [] {};
    std::unique_ptr<Raft> raft;
    QuorumFigures figures;

    TurnLock turns;
    TurnLock snapshot_turns;
    runtime::Event changed;  // for others
    runtime::Event work;     // timers, the fetch loop, stop
    runtime::Event news;     // parked fetches, voter changes
    bool durable_news = false;
    std::optional<Error> offline_news;
    LeaderView noted;                       // by the log lines and figures
    LeaderEpoch stood_in = kNoLeaderEpoch;  // the last epoch this node was a candidate of
    bool closing = false;                   // stop() was called; the farewell may be under way
    std::size_t uses = 0;
    Instant named_since = Instant::never();  // others say that this node leads, and it does not
    std::map<BrokerId, Instant> reached;     // when a voter last answered or asked
    std::map<BrokerId, Outbox> outboxes;
    std::map<BrokerId, VoterEndpoint> learnt;  // from the voter set
    std::shared_ptr<Attempt> attempt;
    std::multiset<std::shared_ptr<client::Connection>> asking;
    runtime::TaskGroup tasks;
};

}  // namespace sealane::broker::quorum
