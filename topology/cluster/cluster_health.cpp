#include "topology/cluster/cluster_health.hpp"

#include <algorithm>

namespace sealane::topology {

namespace {

constexpr std::size_t kNamed = 5;  // partitions that a finding names

std::string first_names(const std::vector<TopicPartition>& partitions) {
    std::string text;
    for (std::size_t i = 0; i < std::min(kNamed, partitions.size()); ++i)
        text += (i == 0 ? "" : ", ") + partitions[i].to_string();
    if (partitions.size() > kNamed)
        text += " and " + std::to_string(partitions.size() - kNamed) + " more";
    return text;
}

std::string count_of(std::size_t count, const std::string& thing) {
    return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

class Judge {
 public:
    explicit Judge(const ClusterState& state) : state_(state) {}

    ClusterHealth run() {
        sort_partitions();
        judge_quorum();
        judge_partitions();
        judge_brokers();
        for (const auto severity : {ClusterVerdict::kUnavailable, ClusterVerdict::kDegraded}) {
            for (const HealthFinding& finding : found_) {
                if (finding.severity == severity) health_.findings.push_back(finding);
            }
        }
        if (!health_.findings.empty()) health_.verdict = health_.findings.front().severity;
        return std::move(health_);
    }

 private:
    [[nodiscard]] std::string command(const std::string& words) const {
        return "sealane cluster " + words + (state_.access.empty() ? "" : " ") + state_.access;
    }
    void find(ClusterVerdict severity, std::string kind, std::string what, std::string next) {
        found_.push_back({severity, std::move(kind), std::move(what), std::move(next)});
    }

    // The in-sync members among those that the partition shall keep.
    static std::size_t in_sync_of_target(const ClusterPartition& partition) {
        const auto target = partition.target();
        return static_cast<std::size_t>(std::ranges::count_if(target, [&](BrokerId id) {
            return std::ranges::find(partition.in_sync, id) != partition.in_sync.end();
        }));
    }

    void sort_partitions() {
        for (const ClusterPartition& partition : state_.partitions) {
            const bool moves = !partition.adding.empty() || !partition.removing.empty();
            if (moves) ++health_.moving;
            if (partition.leader == kNoBroker) {
                health_.leaderless.push_back(partition.id);
            } else if (partition.in_sync.size() < partition.effective_min_in_sync()) {
                health_.under_min_in_sync.push_back(partition.id);
            } else if (in_sync_of_target(partition) + partition.adding.size() <
                       partition.target().size()) {
                // Replicas that are on their way are not missing.
                health_.under_replicated.push_back(partition.id);
            }
        }
    }

    void judge_partitions() {
        const auto say = [this](
                             ClusterVerdict severity,
                             const std::string& kind,
                             const std::vector<TopicPartition>& which,
                             const std::string& meaning,
                             const std::string& next
                         ) {
            if (which.empty()) return;
            find(
                severity,
                kind,
                count_of(which.size(), "partition") + " " + meaning + ": " + first_names(which),
                next
            );
        };
        say(ClusterVerdict::kUnavailable,
            "leaderless",
            health_.leaderless,
            "without a leader, neither readable nor writable",
            "start the brokers that hold them; see: " + command("brokers"));
        say(ClusterVerdict::kUnavailable,
            "under-min-isr",
            health_.under_min_in_sync,
            "below min.insync.replicas, where acks=all is refused",
            "start the brokers that hold them; see: " + command("brokers"));
        say(ClusterVerdict::kDegraded,
            "under-replicated",
            health_.under_replicated,
            "with replicas out of sync",
            "see who is behind: " + command("brokers"));
    }

    void judge_brokers() {
        for (const ClusterBroker& broker : state_.brokers) {
            if (!broker.fenced) continue;
            health_.fenced.push_back(broker.id);
            const std::string id = std::to_string(broker.id.value);
            find(
                ClusterVerdict::kDegraded,
                "broker",
                "broker " + id + " at " + broker.address + " is fenced: it does not answer",
                "start it, or move its replicas away: " + command("drain " + id)
            );
        }
        // Replicas on a broker that is not even registered will never come back by themselves.
        for (const auto& [id, load] : broker_loads(state_)) {
            if (state_.broker(id) != nullptr || load.holds == 0) continue;
            const std::string text = std::to_string(id.value);
            find(
                ClusterVerdict::kDegraded,
                "broker",
                "broker " + text + " holds " +
                    count_of(static_cast<std::size_t>(load.holds), "replica") + " and is not there",
                "start it, or move its replicas away: " + command("drain " + text)
            );
        }
        if (state_.brokers.empty())
            find(ClusterVerdict::kUnavailable, "broker", "no broker is registered", "");
    }

    void judge_quorum() {
        if (!state_.quorum) {
            if (state_.quorum_error.empty()) return;
            find(
                ClusterVerdict::kUnavailable,
                "quorum",
                "the metadata quorum does not answer (" + state_.quorum_error +
                    "): nothing can be created, moved or elected; what has a leader is served",
                "start the voters; a majority of them must run"
            );
            return;
        }
        const QuorumState& quorum = *state_.quorum;
        if (quorum.leader == kNoBroker) {
            find(
                ClusterVerdict::kUnavailable,
                "quorum",
                "the metadata quorum has no leader",
                "start the voters; a majority of them must run"
            );
            return;
        }
        std::vector<BrokerId> silent;
        for (const QuorumNode& node : quorum.voters) {
            if (quorum.is_silent(node)) silent.push_back(node.id);
        }
        if (silent.empty()) return;
        const std::size_t spare = (quorum.voters.size() - 1) / 2;
        find(
            ClusterVerdict::kDegraded,
            "quorum",
            count_of(silent.size(), "voter") + " of " + std::to_string(quorum.voters.size()) +
                " silent: " + id_list(silent) +
                (silent.size() >= spare ? "; the loss of one more stops every change" : ""),
            "start it, or let another one vote: sealane help cluster voter"
        );
    }

    const ClusterState& state_;
    std::vector<HealthFinding> found_;
    ClusterHealth health_;
};

}  // namespace

std::string_view name_of(ClusterVerdict verdict) {
    switch (verdict) {
        case ClusterVerdict::kHealthy:
            return "HEALTHY";
        case ClusterVerdict::kDegraded:
            return "DEGRADED";
        case ClusterVerdict::kUnavailable:
            return "UNAVAILABLE";
    }
    return "UNAVAILABLE";
}

ClusterHealth judge_health(const ClusterState& state) {
    return Judge(state).run();
}

}  // namespace sealane::topology
