#include "tests/simulation/scenario/cluster_view.hpp"

#include "broker/api/services.hpp"
#include "broker/app/broker.hpp"
#include "broker/log/segment_name.hpp"
#include "broker/quorum/quorum.hpp"
#include "common/kafka/records/batch_cursor.hpp"
#include "tests/simulation/scenario/programs.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace sealane::simulation {
namespace {

const TopicPartition kMetadata{"__cluster_metadata", PartitionId(0)};

std::vector<BrokerId> sorted(std::vector<BrokerId> ids) {
    std::ranges::sort(ids);
    return ids;
}

std::uint64_t digest_of(ByteView bytes) {
    std::uint64_t sum = 14695981039346656037ULL;
    for (const std::byte byte : bytes)
        sum = (sum ^ static_cast<std::uint64_t>(byte)) * 1099511628211ULL;
    return sum;
}

// The number behind `"key":` in a small JSON object; -1 when it is not there.
std::int32_t number_in(std::string_view text, std::string_view key) {
    const auto at = text.find("\"" + std::string(key) + "\"");
    if (at == std::string_view::npos) return -1;
    const auto first = text.find_first_of("-0123456789", at + key.size() + 2);
    if (first == std::string_view::npos) return -1;
    std::int32_t number = -1;
    std::from_chars(text.data() + first, text.data() + text.size(), number);
    return number;
}

// All batches in the segments of one directory, in order of their names.
void read_segments(Disk& disk, const std::string& directory, checker::StoredLog& log) {
    const auto entries = disk.list(directory);
    if (!entries) return;
    for (const auto& entry : *entries) {
        const auto name = broker::parse_segment_file_name(entry.name);
        if (!name || name->suffix != broker::kLogSuffix) continue;
        const Inode* file = disk.find(directory + "/" + entry.name);
        kafka::BatchCursor cursor(
            BufferSlice::copy_of(ByteView(file->bytes())), kafka::Truncation::kIsError
        );
        while (true) {
            const auto batch = cursor.next();
            if (!batch) log.readable = false;
            if (!batch || !*batch) break;
            const auto& view = (*batch)->view();
            log.batches.push_back(
                {view.base_offset(),
                 view.last_offset(),
                 view.leader_epoch(),
                 digest_of(view.bytes())}
            );
        }
    }
}

const ReplicaView* replica_at(const NodeView& node, const TopicPartition& partition) {
    const auto found = std::ranges::find(node.replicas, partition, &ReplicaView::partition);
    return found == node.replicas.end() ? nullptr : &*found;
}

}  // namespace

std::optional<NodeView> ClusterView::look_at(std::size_t i) {
    broker::Broker* broker = broker_of(*servers_[i]);
    if (broker == nullptr || servers_[i]->ended()) return std::nullopt;
    broker::Services& services = broker->services();
    NodeView view;
    view.id = plan_.nodes[i].config.node_id;
    view.serves = broker->serving();
    view.image = services.metadata.image();
    const broker::quorum::Quorum& quorum = services.quorum;
    view.controls = quorum.is_leader();
    view.controller = quorum.leader();
    view.quorum_epoch = quorum.epoch();
    view.quorum_watermark = quorum.high_watermark();
    for (const auto& [id, partition] : services.partitions.all()) {
        if (partition->closed()) continue;
        view.replicas.push_back(
            {id,
             partition->leader_epoch(),
             partition->leads(),
             partition->high_watermark(),
             partition->log_end(),
             partition->log_start(),
             {}}
        );
        for (const auto& [epoch, start] : partition->log().epochs().entries())
            view.replicas.back().epochs.push_back({epoch, start});
    }
    return view;
}

void ClusterView::observe(checker::ClusterFacts& facts) {
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        const auto node = look_at(i);
        if (!node) continue;
        const std::int32_t incarnation = servers_[i]->starts();
        if (node->controls) facts.controls(node->quorum_epoch, node->id);
        facts.high_watermark(
            kMetadata, LeaderEpoch(0), node->id, incarnation, node->quorum_watermark
        );
        if (!node->serves) continue;
        for (const ReplicaView& replica : node->replicas) {
            if (!replica.leads) continue;
            facts.leads(replica.partition, replica.epoch, node->id);
            facts.high_watermark(
                replica.partition, replica.epoch, node->id, incarnation, replica.high_watermark
            );
        }
        if (!node->image) continue;
        for (const auto& [name, topic] : node->image->topics()) {
            for (std::size_t p = 0; p < topic->partitions.size(); ++p) {
                facts.leader_epoch(
                    {name, PartitionId(static_cast<std::int32_t>(p))},
                    node->id,
                    incarnation,
                    topic->partitions[p].leader_epoch
                );
            }
        }
    }
}

void ClusterView::watch_votes(checker::ClusterFacts& facts) {
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        const BrokerId node = plan_.nodes[i].config.node_id;
        servers_[i]->disk().on_durable_name = [&facts,
                                               node](const std::string& path, ByteView bytes) {
            if (!path.ends_with("/quorum-state")) return;
            const std::string text(as_text(bytes));
            const BrokerId candidate(number_in(text, "votedId"));
            if (candidate.value >= 0)
                facts.votes(node, LeaderEpoch(number_in(text, "leaderEpoch")), candidate);
        };
    }
}

namespace {

std::string list_of(const std::vector<BrokerId>& brokers) {
    std::string text;
    for (const BrokerId id : brokers) text += " " + std::to_string(id.value);
    return text.empty() ? " none" : text;
}

std::vector<BrokerId> lost_of(const broker::PartitionState& state) {
    std::vector<BrokerId> lost;
    for (std::size_t i = 0; i < state.directories.size() && i < state.replicas.size(); ++i) {
        if (state.directories[i] == broker::kLostDirectory) lost.push_back(state.replicas[i]);
    }
    return lost;
}

}  // namespace

std::string ClusterView::unsettled_partition(
    const TopicPartition& partition,
    const broker::PartitionState& state,
    const std::vector<NodeView>& views
) const {
    if (state.leader == kNoBroker) {
        return partition.to_string() + " has no leader: in sync" + list_of(state.isr) +
               ", eligible" + list_of(state.elr) + ", last known" + list_of(state.last_known_elr) +
               ", lost" + list_of(lost_of(state));
    }
    if (!state.adding.empty() || !state.removing.empty())
        return partition.to_string() + " is still being reassigned";
    if (sorted(state.isr) != sorted(state.replicas)) {
        return partition.to_string() + ": " + std::to_string(state.isr.size()) + " of " +
               std::to_string(state.replicas.size()) + " replicas are in sync";
    }
    const ReplicaView* first = nullptr;
    for (const BrokerId id : state.replicas) {
        const auto node = std::ranges::find(views, id, &NodeView::id);
        const ReplicaView* replica = node == views.end() ? nullptr : replica_at(*node, partition);
        if (replica == nullptr)
            return partition.to_string() + " is not at node " + std::to_string(id.value);
        if (replica->leads != (id == state.leader))
            return partition.to_string() + ": node " + std::to_string(id.value) +
                   " has another opinion about who leads";
        if (first == nullptr) first = replica;
        if (replica->end != first->end || replica->high_watermark != replica->end) {
            return partition.to_string() + " at node " + std::to_string(id.value) + " ends at " +
                   std::to_string(replica->end.value) + ", high watermark " +
                   std::to_string(replica->high_watermark.value) + ", elsewhere it ends at " +
                   std::to_string(first->end.value);
        }
    }
    return {};
}

std::string ClusterView::unsettled_quorum(const std::vector<NodeView>& views) {
    for (const NodeView& view : views) {
        const std::string who = "node " + std::to_string(view.id.value);
        if (view.controller == kNoBroker) return who + " knows no active controller";
        if (view.controller != views.front().controller)
            return who + " has another opinion about the active controller";
        if (view.quorum_watermark != views.front().quorum_watermark)
            return who + " has not all metadata yet";
    }
    return {};
}

std::string ClusterView::unsettled() {
    std::vector<NodeView> all;
    std::vector<NodeView> views;
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        const auto node = look_at(i);
        if (!node) return plan_.nodes[i].host + " does not run";
        all.push_back(*node);
        if (!plan_.nodes[i].serves) continue;
        if (!node->serves || !node->image) return plan_.nodes[i].host + " does not serve";
        views.push_back(*node);
    }
    if (const std::string why = unsettled_quorum(all); !why.empty()) return why;
    for (const NodeView& view : views) {
        for (const auto& [name, topic] : view.image->topics()) {
            for (std::size_t p = 0; p < topic->partitions.size(); ++p) {
                const std::string why = unsettled_partition(
                    {name, PartitionId(static_cast<std::int32_t>(p))}, topic->partitions[p], views
                );
                if (!why.empty()) return why;
            }
        }
        if (view.image->topics().size() != views.front().image->topics().size())
            return "node " + std::to_string(view.id.value) + " knows other topics";
    }
    return {};
}

bool ClusterView::has_spares(const std::string& host) const {
    std::size_t voters = 0;
    bool votes = false;
    for (const NodePlan& node : plan_.nodes) {
        if (!node.config.cluster.has(broker::NodeRole::kController)) continue;
        ++voters;
        votes |= node.host == host;
    }
    return plan_.replication > 2 && (!votes || voters > 2);
}

bool ClusterView::is_dispensable(const std::string& host) {
    return has_spares(host) && unsettled().empty();
}

bool ClusterView::may_return_empty(const std::string& host) {
    if (!has_spares(host)) return false;
    std::vector<NodeView> all;
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        const auto node = look_at(i);
        if (!node || (plan_.nodes[i].serves && (!node->serves || !node->image))) return false;
        all.push_back(*node);
    }
    if (!unsettled_quorum(all).empty()) return false;
    for (const NodeView& view : all) {
        if (!view.image) continue;
        for (const auto& [name, topic] : view.image->topics()) {
            for (const broker::PartitionState& state : topic->partitions) {
                if (state.leader == kNoBroker || !state.adding.empty() || !state.removing.empty() ||
                    sorted(state.isr) != sorted(state.replicas))
                    return false;
            }
        }
    }
    return true;
}

std::string ClusterView::controller() {
    std::string host;
    LeaderEpoch newest = kNoLeaderEpoch;
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        const auto node = look_at(i);
        if (!node || !node->controls || node->quorum_epoch <= newest) continue;
        newest = node->quorum_epoch;
        host = plan_.nodes[i].host;
    }
    return host;
}

std::string ClusterView::some_leader(std::uint64_t choice) {
    std::map<TopicPartition, std::pair<LeaderEpoch, std::string>> leaders;
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        const auto node = look_at(i);
        if (!node || !node->serves) continue;
        for (const ReplicaView& replica : node->replicas) {
            if (!replica.leads) continue;
            auto& [epoch, host] = leaders[replica.partition];
            if (!host.empty() && replica.epoch <= epoch) continue;
            epoch = replica.epoch;
            host = plan_.nodes[i].host;
        }
    }
    if (leaders.empty()) return {};
    return std::next(leaders.begin(), static_cast<std::ptrdiff_t>(choice % leaders.size()))
        ->second.second;
}

Offset ClusterView::leader_end(const TopicPartition& partition) {
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        const auto node = look_at(i);
        const ReplicaView* replica = node ? replica_at(*node, partition) : nullptr;
        if (replica != nullptr && replica->leads) return replica->end;
    }
    return kNoOffset;
}

std::vector<checker::StoredLog> ClusterView::stored(const TopicPartition& partition) {
    std::vector<checker::StoredLog> all;
    const auto newest = image();
    const auto topic = newest ? newest->topic(partition.topic) : nullptr;
    if (!topic) return all;
    const auto& state = topic->partitions[static_cast<std::size_t>(partition.partition.value)];
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        const BrokerId id = plan_.nodes[i].config.node_id;
        const auto node = look_at(i);
        if (!node || std::ranges::find(state.replicas, id) == state.replicas.end()) continue;
        const ReplicaView* replica = replica_at(*node, partition);
        if (replica == nullptr) continue;
        checker::StoredLog log;
        log.node = id;
        log.start = replica->start;
        log.high_watermark = replica->high_watermark;
        log.epochs = replica->epochs;
        read_segments(
            servers_[i]->disk(), plan_.nodes[i].config.log_dir + "/" + partition.to_string(), log
        );
        all.push_back(std::move(log));
    }
    return all;
}

std::shared_ptr<const broker::Image> ClusterView::image() {
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        const auto node = look_at(i);
        if (node && node->serves && node->image) return node->image;
    }
    return nullptr;
}

std::vector<TopicPartition> ClusterView::partitions() {
    std::vector<TopicPartition> all;
    const auto newest = image();
    if (!newest) return all;
    for (const auto& [name, topic] : newest->topics()) {
        for (std::size_t p = 0; p < topic->partitions.size(); ++p)
            all.push_back({name, PartitionId(static_cast<std::int32_t>(p))});
    }
    return all;
}

}  // namespace sealane::simulation
