#pragma once
// MirrorConfig: everything that one mirror process is told from outside, as plain data. One
// process serves one security domain: it runs every link half whose cluster lies in that domain and
// holds the keys of no other. The file form (YAML) is read in
// mirror/app/config_file.cpp; the topology command
// line renders it; tests and the simulator fill it directly. Example: mirror/README.md.

#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/client/sasl.hpp"
#include "common/runtime/network.hpp"
#include "mirror/config/link_kind.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::mirror {

// Smaller queues would hold less than one batch.
inline constexpr std::uint64_t kQueueBytesMin = 1ULL << 20U;

// How to reach one cluster of this domain.
struct ClusterAccess {
    std::string name;
    std::vector<runtime::Endpoint> bootstrap;
    std::optional<runtime::TlsIdentity> tls;       // none: plain
    std::optional<client::SaslOptions> sasl = {};  // none: certificates, or nobody asks
};

// One half of one link. Names match the globs `*` and `?`; a name is carried when an include
// pattern matches and no exclude pattern does. Both halves filter: the consumer half's patterns say
// what may leave its domain, the producer half's what it takes in.
struct HalfConfig {
    std::string link;  // the same on both halves
    HalfRole role = HalfRole::kConsumer;
    std::string cluster;       // name of a ClusterAccess: source (consumer) or target (producer)
    runtime::Endpoint socket;  // where the two halves meet; usually unix:/run/.../<link>.sock
    LinkKind kind = LinkKind::kReplica;
    std::vector<std::string> topics_include;
    std::vector<std::string> topics_exclude;
    std::vector<std::string> groups_include;  // empty: no group offsets are carried
    std::vector<std::string> groups_exclude;
    // Producer half. Bytes on the way between reading and the target's acknowledgement; also what
    // the consumer half may have sent without being asked for more.
    std::uint64_t queue_bytes = 32ULL << 20U;
    OnGap on_gap = OnGap::kStop;  // producer half
    // Producer half of an aggregate link: put before group names at the target, because groups of
    // several sources with one name would otherwise overwrite each other. Empty: names kept.
    std::string group_prefix;
    // Producer half: name of the source topic's target, "{topic}" stands for the source's name.
    // Aggregate links only; a replica keeps the name.
    std::string target_topic = "{topic}";
};

struct MirrorConfig {
    std::string domain;
    std::vector<ClusterAccess> clusters;
    std::vector<HalfConfig> halves;
    std::string data_dir;                            // gap ledger; made when absent
    std::optional<runtime::Endpoint> admin_address;  // /status, /links, /metrics, /healthz, /readyz
    Duration topic_interval = std::chrono::seconds(2);  // new topics, partitions, configs
    Duration group_interval = std::chrono::seconds(1);  // group offsets
    Duration stalled_after = std::chrono::seconds(30);  // no progress although there is data
    std::int64_t lagging_records = 10'000;              // verdict LAGGING from here on
    Duration lagging_age = std::chrono::seconds(10);    // or when the oldest is this old
};

// What is wrong with the values (unknown cluster, two halves on one socket, empty patterns, a
// replica link that renames); kBadConfig names the half and the way to mend it.
[[nodiscard]] Status validate(const MirrorConfig& config);

}  // namespace sealane::mirror
