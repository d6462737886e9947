#include "mirror/config/mirror_config.hpp"

#include <algorithm>
#include <set>

namespace sealane::mirror {
namespace {

std::unexpected<Error> bad(const HalfConfig& half, const std::string& what) {
    return fail(ErrorCode::kBadConfig, "link " + half.link + ": " + what);
}

Status validate_half(const HalfConfig& half, const MirrorConfig& config) {
    if (half.link.empty()) return fail(ErrorCode::kBadConfig, "a half without a link's name");
    const bool known = std::ranges::any_of(config.clusters, [&half](const ClusterAccess& cluster) {
        return cluster.name == half.cluster;
    });
    if (!known)
        return bad(half, "cluster '" + half.cluster + "' is not among the clusters of this file");
    if (half.socket == runtime::Endpoint{}) return bad(half, "a socket is needed");
    if (half.topics_include.empty())
        return bad(half, "no topics are included; write topics: {include: [\"*\"]}");
    if (half.queue_bytes < kQueueBytesMin)
        return bad(half, "queue.bytes must be at least " + std::to_string(kQueueBytesMin));
    if (half.kind == LinkKind::kReplica && half.target_topic != "{topic}")
        return bad(half, "a replica keeps the topic's name; remove target.topic");
    if (half.kind == LinkKind::kReplica && !half.group_prefix.empty())
        return bad(half, "a replica keeps group names; remove group.prefix");
    if (half.target_topic.empty()) return bad(half, "target.topic is empty; leave it out");
    return {};
}

}  // namespace

Status validate(const MirrorConfig& config) {
    if (config.domain.empty()) return fail(ErrorCode::kBadConfig, "domain is needed");
    if (config.data_dir.empty()) return fail(ErrorCode::kBadConfig, "data.dir is needed");
    std::set<std::string> clusters;
    for (const ClusterAccess& cluster : config.clusters) {
        if (cluster.name.empty() || !clusters.insert(cluster.name).second)
            return fail(ErrorCode::kBadConfig, "cluster names must be there, and differ");
        if (cluster.bootstrap.empty())
            return fail(ErrorCode::kBadConfig, "cluster " + cluster.name + " has no bootstrap");
    }
    std::set<std::pair<std::string, HalfRole>> halves;
    std::set<runtime::Endpoint> listening;
    for (const HalfConfig& half : config.halves) {
        SEALANE_CHECK(validate_half(half, config));
        if (!halves.insert({half.link, half.role}).second)
            return bad(half, "the same half is there twice");
        const bool listens =
            half.role == HalfRole::kConsumer && (half.socket.is_unix() || half.socket.port != 0);
        if (listens && !listening.insert(half.socket).second)
            return bad(half, "another consumer half listens on " + half.socket.to_string());
    }
    return {};
}

}  // namespace sealane::mirror
