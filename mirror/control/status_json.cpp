#include "mirror/control/status_json.hpp"

#include <boost/json.hpp>

namespace sealane::mirror {
namespace {

namespace json = boost::json;

std::string_view state_name(std::int8_t state) {
    switch (state) {
        case kafka::kLinkRunning:
            return "running";
        case kafka::kLinkPaused:
            return "paused";
        case kafka::kLinkPromoting:
            return "promoting";
        case kafka::kLinkPromoted:
            return "promoted";
        case kafka::kLinkBroken:
            return "broken";
        default:
            return "absent";
    }
}

json::object head_of(const LinkStatus& link) {
    json::object out{
        {"link", link.link},
        {"role", link.role},
        {"cluster", link.cluster},
        {"kind", link.kind},
        {"socket", link.socket},
        {"connected", link.connected},
        {"verdict", name_of(link.verdict)},
        {"cause", link.cause}
    };
    if (link.role == "consumer") {
        out["sent_bytes"] = link.sent_bytes;
        out["credit_bytes"] = link.credit_bytes;
        return out;
    }
    out["state"] = state_name(link.link_state);
    out["epoch"] = link.link_epoch;
    out["source_cluster_id"] = link.source_cluster_id;
    out["target_cluster_id"] = link.target_cluster_id;
    out["lag_records"] = link.lag_records;
    out["lag_bytes"] = link.lag_bytes;
    out["lag_ms"] = link.lag_ms;
    out["copied_records"] = link.copied_records;
    out["copied_bytes"] = link.copied_bytes;
    out["queued_bytes"] = link.queued_bytes;
    out["gaps"] = link.gaps;
    return out;
}

json::object partition_of(const PartitionStatus& partition) {
    return {
        {"topic", partition.source_topic},
        {"target_topic", partition.target_topic},
        {"partition", partition.partition.value},
        {"verdict", name_of(partition.verdict)},
        {"cause", name_of(partition.cause.cause)},
        {"detail", partition.cause.detail},
        {"trouble", partition.trouble},
        {"position", partition.position.value},
        {"source_end", partition.source_end.value},
        {"lag_records", partition.lag_records},
        {"lag_bytes", partition.lag_bytes},
        {"lag_ms", partition.lag_ms},
        {"copied_records", partition.copied_records},
        {"copied_bytes", partition.copied_bytes}
    };
}

json::object whole(const LinkStatus& link) {
    json::object out = head_of(link);
    json::array topics;
    for (const TopicStatus& topic : link.topics)
        topics.push_back(json::object{
            {"topic", topic.source_topic},
            {"target_topic", topic.target_topic},
            {"cause", name_of(topic.cause.cause)},
            {"detail", topic.cause.detail},
            {"trouble", topic.trouble}
        });
    json::array partitions;
    for (const PartitionStatus& partition : link.partitions)
        partitions.push_back(partition_of(partition));
    json::array groups;
    for (const GroupStatus& group : link.groups)
        groups.push_back(json::object{
            {"group", group.group},
            {"target_group", group.target_group},
            {"offsets_written", group.offsets},
            {"trouble", group.trouble}
        });
    out["topics"] = std::move(topics);
    out["partitions"] = std::move(partitions);
    out["groups"] = std::move(groups);
    return out;
}

}  // namespace

std::string status_json(const ProcessStatus& status) {
    json::array links;
    for (const LinkStatus& link : status.links) links.push_back(head_of(link));
    const json::object out{
        {"domain", status.domain}, {"gaps", status.gaps}, {"links", std::move(links)}
    };
    return json::serialize(out) + "\n";
}

std::string links_json(const std::vector<LinkStatus>& links) {
    json::array all;
    for (const LinkStatus& link : links) all.push_back(whole(link));
    return json::serialize(json::object{{"links", std::move(all)}}) + "\n";
}

std::string gaps_json(const std::vector<GapEntry>& gaps) {
    std::string out = "[";
    for (const GapEntry& gap : gaps) out += (out.size() > 1 ? ",\n" : "\n") + to_line(gap);
    return out + "\n]\n";
}

}  // namespace sealane::mirror
