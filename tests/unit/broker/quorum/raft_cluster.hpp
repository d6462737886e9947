#pragma once
// N cores of Raft with a model network and model disks, in virtual time and on one seed. Messages
// are lost, doubled, delayed (so overtaken), and cut one way; a crash throws the core away and
// keeps what was durable plus some of the rest. Every step is checked against the promises of
// raft.hpp; the first breach is in `breach`.

#include "broker/quorum/raft.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace sealane::broker::quorum {

// One record, which is one batch here.
struct ModelEntry {
    LeaderEpoch epoch{0};
    std::uint64_t value = 0;
    std::optional<VoterSet> voters;
    friend bool operator==(const ModelEntry&, const ModelEntry&) = default;
};

struct ModelSnapshot {
    SnapshotId id;
    std::vector<ModelEntry> entries;  // everything below its end
    std::optional<VoterSet> voters;
};

struct ModelFaults {
    std::uint64_t loss_percent = 0;
    std::uint64_t double_percent = 0;
    Duration delay_max = 3ms;
    Duration disk_max = 2ms;  // of one sync
};

class RaftCluster {
 public:
    // Nodes 1..`nodes`; the first `voters` of them vote.
    RaftCluster(std::uint64_t seed, int nodes, int voters);

    void boot_all();
    void boot(int id);
    void crash(int id);
    void cut(int from, int to) { cuts_.emplace(from, to); }
    void heal() {
        cuts_.clear();
        faults = ModelFaults{};
    }
    // The process ends well: it resigns first, its messages still go out.
    void shut_down(int id);
    // Runs events until `done` or for `span`.
    bool run_until(const std::function<bool()>& done, Duration span);
    void run_for(Duration span) {
        (void)run_until([] { return false; }, span);
    }

    // The live leader with the highest epoch; 0: none.
    [[nodiscard]] int leader() const;
    [[nodiscard]] bool alive(int id) const { return nodes_.at(id).core != nullptr; }
    [[nodiscard]] const Raft& core(int id) const { return *nodes_.at(id).core; }
    [[nodiscard]] std::size_t committed() const { return committed_.size(); }
    // What clients were told: a later leader must hold it.
    [[nodiscard]] const std::vector<ModelEntry>& log_of_truth() const { return committed_; }
    [[nodiscard]] const std::vector<ModelEntry>& entries(int id) const {
        return nodes_.at(id).disk.log;
    }
    [[nodiscard]] Instant now() const { return now_; }
    [[nodiscard]] Rng& rng() { return rng_; }
    [[nodiscard]] bool in_step() const;  // all live nodes have the same high watermark and end

    // The leader appends a record; false when there is none.
    bool propose();
    ErrorCode add_voter(int id);
    ErrorCode remove_voter(int id);
    void snapshot(int id);

    ModelFaults faults;
    std::string breach;
    std::uint64_t snapshots_loaded = 0;
    std::uint64_t truncations = 0;

    [[nodiscard]] static ReplicaKey key_of(int id);

 private:
    struct Disk {
        ElectionState election;
        Offset start{0};
        std::vector<ModelEntry> log;  // from `start` on
        std::size_t durable = 0;      // entries of `log`
        std::optional<ModelSnapshot> snapshot;
    };
    struct Request {
        int from = 0;
        std::uint64_t number = 0;
        Instant until;
        FetchPlan plan;
    };
    struct Node {
        Disk disk;
        std::unique_ptr<Raft> core;
        std::uint64_t incarnation = 0;
        bool busy = false;
        std::deque<std::function<void()>> inbox;
        std::optional<std::uint64_t> fetching;  // number of the request under way
        std::vector<Request> parked;
        std::optional<ModelSnapshot> incoming;  // of the answer being handled
        std::vector<ModelEntry> fetched;
        Offset checked{0};  // high watermark seen by the checker
        bool was_leader = false;
        Instant armed = Instant::never();
    };
    using Step = std::function<void(Raft&, Effects&)>;
    using After = std::function<void()>;

    void at(Instant when, std::function<void()> event);
    void on_node(int id, std::uint64_t incarnation, std::function<void()> event);
    void step(int id, Step decide, After after = {});
    void persist(int id, std::shared_ptr<Effects> fx, After after);
    void perform(int id, std::shared_ptr<Effects> fx, const After& after);
    void write_entries(int id, std::vector<ModelEntry> entries, Effects& fx);
    void install(int id, Effects& fx);
    void finish_step(int id);
    void sync(int id);
    void arm(int id);
    void pump(int id);
    void transmit(int from, int to, std::function<void()> arrive);
    void send(int from, const Outgoing& out);
    void deliver_vote(int from, int to, const VoteAsk& ask);
    void deliver_fetch(int to, Request request);
    void answer_fetch(int id, Request request);
    void send_fetch_answer(
        int id, const Request& request, FetchAnswer answer, std::vector<ModelEntry> entries
    );
    void answer_snapshot(int id, const Request& request);
    void check(int id);
    void check_leader(int id);
    void breaks(const std::string& what);
    [[nodiscard]] const ModelEntry& entry(const Node& node, Offset at) const;
    [[nodiscard]] RaftStart start_of(const Node& node) const;
    [[nodiscard]] Duration draw(Duration max);

    Rng rng_;
    Instant now_{1'000'000'000};
    std::uint64_t order_ = 0;
    std::map<std::pair<Instant, std::uint64_t>, std::function<void()>> events_;
    std::map<int, Node> nodes_;
    VoterSet first_voters_;
    std::set<std::pair<int, int>> cuts_;
    std::uint64_t next_number_ = 1;
    std::uint64_t next_value_ = 1;
    std::vector<ModelEntry> committed_;
    std::map<LeaderEpoch, int> leaders_;
    std::map<std::pair<int, LeaderEpoch>, ReplicaKey> votes_;
};

}  // namespace sealane::broker::quorum
