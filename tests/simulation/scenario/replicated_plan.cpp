#include "tests/simulation/scenario/replicated_plan.hpp"

#include "tests/simulation/scenario/cluster_plan.hpp"

#include <algorithm>
#include <charconv>

namespace sealane::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The same for all nodes whose names begin alike.
std::string cluster_id(const std::string& prefix) {
    Uuid id{{'s', 'i', 'm', 'u', 'l', 'a', 't', 'e', 'd'}};
    for (std::size_t i = 0; i < prefix.size() && i < 6; ++i)
        id.bytes.at(10 + i) = static_cast<std::uint8_t>(prefix[i]);
    return id.to_string();
}

// Every kind that a cluster of many is expected to live through.
const std::vector<FaultKind>& replicated_kinds() {
    static const std::vector<FaultKind> kinds{
        FaultKind::kCrash,
        FaultKind::kCutBoth,
        FaultKind::kCutOneWay,
        FaultKind::kReset,
        FaultKind::kSlowDisk,
        FaultKind::kFullDisk,
        FaultKind::kBadDisk,
        FaultKind::kSlowNetwork,
        FaultKind::kPause,
        FaultKind::kIsolate,
        FaultKind::kIsolateOut,
        FaultKind::kIsolateIn,
        FaultKind::kBlackout,
        FaultKind::kClockJump,
        FaultKind::kClockDrift,
        FaultKind::kBitRot,
        FaultKind::kWipe,
    };
    return kinds;
}

class Drawing {
 public:
    Drawing(std::uint64_t seed, Instant start, const PlanOptions& options)
        : rng_(seed ^ 0x5ea1a9e0c1b57e25ULL),
          later_(seed ^ 0x7c159e3779b97f4aULL),
          start_(start),
          options_(options) {}

    ReplicatedPlan run() {
        plan_.until = start_ + seconds(rng_.between(10, 40));
        draw_nodes();
        draw_topics();
        draw_clients();
        draw_actions();
        draw_all_faults();
        draw_compaction();
        return std::move(plan_);
    }

 private:
    Instant some_time() {
        return start_ + Duration(rng_.between(0, (plan_.until - start_).count()));
    }

    void draw_nodes() {
        constexpr int kSizes[] = {3, 3, 3, 4, 5, 5, 7};
        int brokers = kSizes[rng_.below(std::size(kSizes))];
        // Separate controllers in a quarter of the seeds.
        const bool separate = rng_.chance(1, 4);
        const bool many_voters = rng_.chance(1, 3);
        if (options_.brokers != 0) brokers = options_.brokers;
        const int voters = std::min(many_voters ? 5 : rng_.chance(1, 8) ? 1 : 3, brokers);
        const bool apart = separate && brokers > 1;
        const int nodes = brokers + (apart ? voters : 0);
        const auto common = common_config();
        for (int i = 1; i <= nodes; ++i) {
            NodePlan node;
            node.host = options_.prefix + std::to_string(i);
            node.config = common;
            node.config.node_id = BrokerId(i);
            const auto at = broker_at(node.host);
            node.config.listeners = {{"plain", at, at, std::nullopt}};
            node.config.cluster.rack = "rack-" + std::to_string(i % 3);
            const bool votes = apart ? i > brokers : i <= voters;
            node.serves = i <= brokers;
            auto& roles = node.config.cluster.roles;
            roles.clear();
            if (node.serves) roles.push_back(broker::NodeRole::kBroker);
            if (votes) roles.push_back(broker::NodeRole::kController);
            plan_.nodes.push_back(std::move(node));
        }
        std::vector<broker::QuorumVoter> quorum;
        for (const NodePlan& node : plan_.nodes) {
            if (node.config.cluster.has(broker::NodeRole::kController))
                quorum.push_back({node.config.node_id, broker_at(node.host)});
        }
        for (NodePlan& node : plan_.nodes) node.config.cluster.voters = quorum;
        plan_.replication = static_cast<std::int16_t>(std::min(3, brokers));
    }
    // Knobs: the usual value, or an unkind one.
    broker::BrokerConfig common_config() {
        broker::BrokerConfig config;
        config.cluster_id = cluster_id(options_.prefix);
        config.log_dir = "/data";
        config.auto_create_topics = false;
        config.mirror_principals = {"User:ANONYMOUS"};
        config.cluster.broker_principals = {"User:ANONYMOUS"};
        config.topic_defaults.segment_bytes = rng_.between(4, 64) * 1024;
        config.checkpoint_interval = milliseconds(rng_.between(50, 5'000));
        config.offsets_topic_partitions = static_cast<std::int32_t>(rng_.between(1, 3));
        config.group_initial_rebalance_delay_ms = static_cast<std::int32_t>(rng_.between(0, 1'000));
        auto& cluster = config.cluster;
        if (rng_.chance(1, 3)) cluster.snapshot_bytes = rng_.between(2, 64) * 1024;
        if (rng_.chance(1, 3))
            cluster.replica_lag_time_max = milliseconds(rng_.between(700, 3'000));
        if (rng_.chance(1, 3)) cluster.replica_fetch_max_bytes = 1024;
        if (rng_.chance(1, 3)) cluster.replica_fetch_wait = milliseconds(rng_.between(5, 100));
        if (rng_.chance(1, 4)) cluster.session_timeout = milliseconds(rng_.between(1'100, 2'000));
        if (later_.chance(1, 2)) {
            cluster.scrub_interval = milliseconds(later_.between(1'000, 20'000));
            cluster.scrub_bytes = later_.between(16, 1'024) * 1024;
        }
        return config;
    }
    void draw_topics() {
        const auto count = rng_.between(1, 3);
        for (std::int64_t i = 0; i < count; ++i) {
            TopicPlan topic;
            topic.name = "t" + std::to_string(i);
            topic.partitions = static_cast<std::int32_t>(rng_.between(1, 4));
            if (rng_.chance(1, 3))
                topic.configs["segment.bytes"] = std::to_string(rng_.between(3, 8) * 1024);
            topic.weak = i > 0 && rng_.chance(1, 3) && !options_.mirrored;
            if (topic.weak) topic.configs["sealane.flush"] = "os";
            topic.doomed = i > 0 && !topic.weak && rng_.chance(1, 4) && !options_.mirrored;
            plan_.topics.push_back(std::move(topic));
        }
    }
    void draw_clients() {
        for (const TopicPlan& topic : plan_.topics) {
            const auto writers = rng_.between(1, 2);
            for (std::int64_t i = 0; i < writers; ++i) {
                WriterPlan writer;
                writer.name = "w-" + topic.name + "-" + std::to_string(i);
                writer.topic = topic.name;
                writer.pace_max = milliseconds(rng_.between(20, 400));
                writer.impatient = rng_.chance(1, 5);
                writer.too_large = rng_.chance(1, 5);
                if (rng_.chance(1, 4)) writer.ends.push_back(some_time());
                plan_.writers.push_back(std::move(writer));
            }
            plan_.readers.push_back({"c-" + topic.name, topic.name, "", draw_ends()});
            const auto members = topic.weak ? 0 : rng_.between(0, 3);
            for (std::int64_t i = 0; i < members; ++i) {
                plan_.readers.push_back(
                    {"m-" + topic.name + "-" + std::to_string(i),
                     topic.name,
                     "g-" + topic.name,
                     draw_ends()}
                );
            }
        }
    }
    std::vector<Instant> draw_ends() {
        std::vector<Instant> ends;
        if (rng_.chance(1, 3)) {
            for (auto i = rng_.between(1, 3); i > 0; --i) ends.push_back(some_time());
        }
        return ends;
    }
    void draw_actions() {
        constexpr ActionKind kKinds[] = {
            ActionKind::kCreateTopic,
            ActionKind::kAddPartitions,
            ActionKind::kReassign,
            ActionKind::kReassign,
            ActionKind::kElectPreferred,
            ActionKind::kRollingRestart,
            ActionKind::kDrain,
        };
        const auto count = rng_.chance(1, 3) ? 0 : rng_.between(1, 5);
        for (std::int64_t i = 0; i < count; ++i) {
            const TopicPlan& topic = plan_.topics[rng_.below(plan_.topics.size())];
            plan_.actions.push_back(
                {kKinds[rng_.below(std::size(kKinds))], some_time(), topic.name, rng_.next()}
            );
        }
        for (const TopicPlan& topic : plan_.topics) {
            if (topic.doomed)
                plan_.actions.push_back({ActionKind::kDeleteTopic, some_time(), topic.name, 0});
        }
        std::ranges::sort(plan_.actions, {}, [](const ActionPlan& action) {
            return std::pair(action.at, action.choice);
        });
    }
    void draw_all_faults() {
        // A quarter of the seeds has none, so that ordinary life is checked as well; a quarter has
        // one kind only.
        const bool none = rng_.chance(1, 4);
        const bool one = rng_.chance(1, 3);
        auto kinds = draw_kinds(rng_, replicated_kinds());
        if (one) kinds = {replicated_kinds()[rng_.below(replicated_kinds().size())]};
        const std::int64_t mean_gap_ms = rng_.between(300, 5'000);
        FaultTargets targets;
        for (const NodePlan& node : plan_.nodes) {
            for (const std::string& other : targets.servers)
                targets.links.emplace_back(node.host, other);
            targets.servers.push_back(node.host);
        }
        for (const WriterPlan& writer : plan_.writers)
            targets.links.emplace_back(writer.name, plan_.nodes.front().host);
        if (none || !options_.faults) return;
        plan_.kinds = kinds;
        plan_.faults = draw_faults(rng_, start_ + 500ms, plan_.until, targets, kinds, mean_gap_ms);
        aim_faults(rng_, plan_.faults);
    }

    // Compacted topics whose records all have keys of their own: segments are written again and
    // merged in the middle of everything else, and nothing may be missing afterwards.
    void draw_compaction() {
        if (!later_.chance(1, 2)) return;
        for (NodePlan& node : plan_.nodes) {
            node.config.cleaner.backoff = milliseconds(later_.between(100, 3'000));
        }
        for (TopicPlan& topic : plan_.topics) {
            if (!later_.chance(1, 2)) continue;
            topic.configs["cleanup.policy"] = "compact";
            topic.configs["min.cleanable.dirty.ratio"] = "0.01";
            topic.configs["segment.bytes"] = std::to_string(later_.between(3, 6) * 1024);
            for (WriterPlan& writer : plan_.writers) {
                writer.own_keys = writer.own_keys || writer.topic == topic.name;
            }
        }
    }

    Rng rng_;
    Rng later_;  // what came later: the seeds before it keep their plans
    Instant start_;
    PlanOptions options_;
    ReplicatedPlan plan_;
};

}  // namespace

std::string_view name_of(ActionKind kind) {
    switch (kind) {
        case ActionKind::kCreateTopic:
            return "create-topic";
        case ActionKind::kDeleteTopic:
            return "delete-topic";
        case ActionKind::kAddPartitions:
            return "add-partitions";
        case ActionKind::kReassign:
            return "reassign";
        case ActionKind::kElectPreferred:
            return "elect-preferred";
        case ActionKind::kRollingRestart:
            return "rolling-restart";
        case ActionKind::kDrain:
            return "drain";
    }
    return "";
}

ReplicatedPlan draw_replicated_plan(std::uint64_t seed, Instant start, const PlanOptions& options) {
    return Drawing(seed, start, options).run();
}

Instant plan_start() {
    return Instant{1'000'000'000} + 10s;
}

std::vector<runtime::Endpoint> ReplicatedPlan::bootstrap() const {
    std::vector<runtime::Endpoint> all;
    for (const NodePlan& node : nodes) {
        if (node.serves) all.push_back(broker_at(node.host));
    }
    return all;
}

void ReplicatedPlan::omit(const Omissions& omissions) {
    std::vector<Fault> kept_faults;
    fault_numbers_.clear();
    for (std::size_t i = 0; i < faults.size(); ++i) {
        if (omissions.faults.contains(i)) continue;
        if (omissions.kinds.contains(std::string(name_of(faults[i].kind)))) continue;
        kept_faults.push_back(faults[i]);
        fault_numbers_.push_back(i);
    }
    faults = std::move(kept_faults);
    std::vector<ActionPlan> kept_actions;
    action_numbers_.clear();
    for (std::size_t i = 0; i < actions.size(); ++i) {
        if (omissions.actions.contains(i)) continue;
        kept_actions.push_back(actions[i]);
        action_numbers_.push_back(i);
    }
    actions = std::move(kept_actions);
    const auto left_out = [&](const auto& one) { return omissions.clients.contains(one.name); };
    std::erase_if(writers, left_out);
    std::erase_if(readers, left_out);
}

std::vector<std::string> ReplicatedPlan::describe() const {
    std::vector<std::string> lines;
    const auto second = [](Instant at) {
        return std::to_string(static_cast<double>(at.ns / 1'000'000) / 1e3).substr(0, 6);
    };
    std::string shape = std::to_string(nodes.size()) + " nodes:";
    for (const NodePlan& node : nodes) {
        shape += " " + node.host + (node.serves ? "" : " (controller)");
        if (node.serves && node.config.cluster.has(broker::NodeRole::kController)) shape += "*";
    }
    lines.push_back(shape + ", replication " + std::to_string(replication));
    for (const TopicPlan& topic : topics) {
        std::string line = "topic " + topic.name + ", " + std::to_string(topic.partitions);
        line += topic.partitions == 1 ? " partition" : " partitions";
        for (const auto& [key, value] : topic.configs)
            line.append(", ").append(key).append("=").append(value);
        lines.push_back(line);
    }
    for (const WriterPlan& writer : writers) {
        lines.push_back(
            "writer:" + writer.name + (writer.impatient ? " impatient" : "") +
            (writer.too_large ? " too-large" : "") + (writer.ends.empty() ? "" : " killed once")
        );
    }
    for (const ReaderPlan& reader : readers)
        lines.push_back("reader:" + reader.name + (reader.group.empty() ? "" : " in a group"));
    for (std::size_t i = 0; i < actions.size(); ++i) {
        const std::size_t number = i < action_numbers_.size() ? action_numbers_[i] : i;
        lines.push_back(
            "action:" + std::to_string(number) + " " + second(actions[i].at) + " s " +
            std::string(name_of(actions[i].kind)) + " " + actions[i].topic
        );
    }
    for (std::size_t i = 0; i < faults.size(); ++i) {
        const std::size_t number = i < fault_numbers_.size() ? fault_numbers_[i] : i;
        lines.push_back(
            "fault:" + std::to_string(number) + " " + second(faults[i].at) + " s " +
            to_string(faults[i])
        );
    }
    return lines;
}

std::string Omissions::to_string() const {
    std::string text;
    const auto add = [&text](std::string_view what, const std::string& which) {
        text += (text.empty() ? "" : ",") + std::string(what) + ":" + which;
    };
    for (const std::string& kind : kinds) add("kind", kind);
    for (const std::size_t fault : faults) add("fault", std::to_string(fault));
    for (const std::string& client : clients) add("client", client);
    for (const std::size_t action : actions) add("action", std::to_string(action));
    return text;
}

std::optional<Omissions> Omissions::parse(std::string_view text) {
    Omissions parsed;
    while (!text.empty()) {
        const std::string_view one = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), one.size() + 1));
        const auto colon = one.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        const std::string_view what = one.substr(0, colon);
        const std::string which(one.substr(colon + 1));
        std::size_t number = 0;
        const auto [end, error] =
            std::from_chars(which.data(), which.data() + which.size(), number);
        const bool numeric = error == std::errc{} && end == which.data() + which.size();
        if (what == "kind" && fault_kind(which)) {
            parsed.kinds.insert(which);
        } else if (what == "client" || what == "writer" || what == "reader") {
            parsed.clients.insert(which);
        } else if (what == "fault" && numeric) {
            parsed.faults.insert(number);
        } else if (what == "action" && numeric) {
            parsed.actions.insert(number);
        } else {
            return std::nullopt;
        }
    }
    return parsed;
}

}  // namespace sealane::simulation
