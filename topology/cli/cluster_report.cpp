#include "topology/cli/cluster_report.hpp"

#include "topology/cli/output.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>

namespace sealane::topology {
namespace {

constexpr std::size_t kKindColumn = 18;  // width of a finding's kind

std::string number(BrokerId id) {
    return id == kNoBroker ? "none" : std::to_string(id.value);
}

std::string counted(std::size_t count, const std::string& thing) {
    return count_text(static_cast<std::int64_t>(count)) + " " + thing + (count == 1 ? "" : "s");
}

std::string broker_state(const ClusterState& state, BrokerId id) {
    const ClusterBroker* broker = state.broker(id);
    return broker == nullptr ? "gone" : broker->fenced ? "fenced" : "active";
}

std::string rows_of_brokers(
    const ClusterState& state, const std::map<BrokerId, BrokerDisk>* disks
) {
    std::vector<std::string> columns{
        "BROKER", "ADDRESS", "RACK", "STATE", "LEADS", "HOLDS", "OUT OF SYNC"
    };
    if (disks != nullptr) columns.insert(columns.end(), {"USED", "FREE"});
    Table table(columns);
    for (const auto& [id, load] : broker_loads(state)) {
        const ClusterBroker* broker = state.broker(id);
        std::vector<std::string> cells{
            number(id),
            broker == nullptr ? "-" : broker->address,
            broker == nullptr || broker->rack.empty() ? "-" : broker->rack,
            broker_state(state, id),
            count_text(load.leads),
            count_text(load.holds),
            count_text(load.out_of_sync)
        };
        if (disks != nullptr) {
            const auto disk = disks->find(id);
            const bool known = disk != disks->end();
            const auto bytes = [](std::int64_t count) {
                return bytes_text(static_cast<double>(count));
            };
            cells.push_back(known ? bytes(disk->second.used_bytes) : "-");
            cells.push_back(
                known && disk->second.free_bytes >= 0 ? bytes(disk->second.free_bytes) : "-"
            );
        }
        table.row(std::move(cells));
    }
    return table.text();
}

boost::json::array json_of_brokers(
    const ClusterState& state, const std::map<BrokerId, BrokerDisk>* disks
) {
    boost::json::array rows;
    for (const auto& [id, load] : broker_loads(state)) {
        const ClusterBroker* broker = state.broker(id);
        boost::json::object row{
            {"broker", id.value},
            {"address", broker == nullptr ? "" : broker->address},
            {"rack", broker == nullptr ? "" : broker->rack},
            {"state", broker_state(state, id)},
            {"leads", load.leads},
            {"preferred", load.preferred},
            {"holds", load.holds},
            {"out_of_sync", load.out_of_sync},
        };
        if (disks != nullptr && disks->contains(id)) {
            row["used_bytes"] = disks->at(id).used_bytes;
            row["free_bytes"] = disks->at(id).free_bytes;
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

// Calls `each(node, role)` for voters, then observers.
void for_nodes(const QuorumState& quorum, const auto& each) {
    for (const QuorumNode& node : quorum.voters)
        each(node, node.id == quorum.leader ? "leader" : "voter");
    for (const QuorumNode& node : quorum.observers) each(node, "observer");
}

std::string quorum_text(const ClusterState& state) {
    if (!state.quorum) {
        return state.quorum_error.empty()
                   ? "quorum    not told by this cluster\n"
                   : "quorum    does not answer: " + state.quorum_error + "\n";
    }
    const QuorumState& quorum = *state.quorum;
    Table table({"NODE", "ROLE", "LOG END", "LAG", "HEARD"});
    for_nodes(quorum, [&](const QuorumNode& node, const char* role) {
        const auto lag = quorum.lag(node);
        table.row(
            {number(node.id),
             role,
             node.log_end < Offset(0) ? "-" : count_text(node.log_end.value),
             lag ? count_text(*lag) : "-",
             quorum.is_silent(node) ? "SILENT" : "yes"}
        );
    });
    return "quorum    leader " + number(quorum.leader) + ", epoch " +
           std::to_string(quorum.epoch.value) + ", high watermark " +
           count_text(quorum.high_watermark.value) + "\n\n" + table.text();
}

boost::json::value quorum_json(const ClusterState& state) {
    if (!state.quorum) return boost::json::object{{"error", state.quorum_error}};
    const QuorumState& quorum = *state.quorum;
    boost::json::array nodes;
    for_nodes(quorum, [&](const QuorumNode& node, const char* role) {
        nodes.push_back(boost::json::object{
            {"node", node.id.value},
            {"role", role},
            {"directory", node.directory.to_string()},
            {"log_end", node.log_end.value},
            {"lag", quorum.lag(node).value_or(-1)},
            {"last_fetch_ms", node.last_fetch_ms},
            {"last_caught_up_ms", node.last_caught_up_ms},
            {"silent", quorum.is_silent(node)}
        });
    });
    return boost::json::object{
        {"leader", quorum.leader.value},
        {"epoch", quorum.epoch.value},
        {"high_watermark", quorum.high_watermark.value},
        {"nodes", std::move(nodes)}
    };
}

boost::json::array names_json(const std::vector<TopicPartition>& partitions) {
    boost::json::array names;
    for (const TopicPartition& partition : partitions)
        names.push_back(boost::json::object{
            {"topic", partition.topic}, {"partition", partition.partition.value}
        });
    return names;
}

}  // namespace

std::string cluster_info_text(const ClusterInfo& info) {
    const ClusterState& state = info.state;
    std::string text = info.name + "  id " + state.cluster_id + ", controller " +
                       number(state.controller) + ", " + counted(state.brokers.size(), "broker") +
                       ", " + counted(state.partitions.size(), "partition") + "\n";
    std::string features;
    for (const auto& [name, level] : info.features)
        features += (features.empty() ? "" : ", ") + name + " " + std::to_string(level);
    if (!features.empty()) text += "features  " + features + "\n";
    return text + quorum_text(state) + "\n" + rows_of_brokers(state, nullptr);
}

boost::json::value cluster_info_json(const ClusterInfo& info) {
    boost::json::object features;
    for (const auto& [name, level] : info.features) features[name] = level;
    return boost::json::object{
        {"cluster", info.name},
        {"id", info.state.cluster_id},
        {"controller", info.state.controller.value},
        {"partitions", info.state.partitions.size()},
        {"features", std::move(features)},
        {"quorum", quorum_json(info.state)},
        {"brokers", json_of_brokers(info.state, nullptr)}
    };
}

std::string brokers_text(const ClusterState& state, const std::map<BrokerId, BrokerDisk>& disks) {
    return rows_of_brokers(state, &disks);
}

boost::json::value brokers_json(
    const ClusterState& state, const std::map<BrokerId, BrokerDisk>& disks
) {
    return json_of_brokers(state, &disks);
}

std::string health_text(
    const std::string& name, const ClusterState& state, const ClusterHealth& health
) {
    std::string text =
        std::string(name_of(health.verdict)) + "  " + name + ": " +
        counted(state.brokers.size(), "broker") +
        (health.fenced.empty() ? std::string()
                               : " (" + std::to_string(health.fenced.size()) + " fenced)") +
        ", " + counted(state.partitions.size(), "partition") + ", controller " +
        number(state.controller);
    if (health.moving > 0) text += ", " + count_text(health.moving) + " moving";
    text += "\n";
    for (const HealthFinding& finding : health.findings) {
        const std::size_t pad = kKindColumn - std::min(kKindColumn - 1, finding.kind.size());
        text += "  " + finding.kind + std::string(pad, ' ') + finding.what + "\n";
        if (!finding.next.empty()) text += std::string(kKindColumn + 2, ' ') + finding.next + "\n";
    }
    return text;
}

boost::json::value health_json(
    const std::string& name, const ClusterState& state, const ClusterHealth& health
) {
    boost::json::array findings;
    for (const HealthFinding& finding : health.findings) {
        findings.push_back(boost::json::object{
            {"severity", name_of(finding.severity)},
            {"kind", finding.kind},
            {"what", finding.what},
            {"next", finding.next}
        });
    }
    boost::json::array fenced;
    for (const BrokerId id : health.fenced) fenced.push_back(id.value);
    return boost::json::object{
        {"cluster", name},
        {"verdict", name_of(health.verdict)},
        {"brokers", state.brokers.size()},
        {"partitions", state.partitions.size()},
        {"controller", state.controller.value},
        {"moving", health.moving},
        {"fenced", std::move(fenced)},
        {"leaderless", names_json(health.leaderless)},
        {"under_min_isr", names_json(health.under_min_in_sync)},
        {"under_replicated", names_json(health.under_replicated)},
        {"findings", std::move(findings)}
    };
}

}  // namespace sealane::topology
