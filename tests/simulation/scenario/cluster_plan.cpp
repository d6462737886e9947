#include "tests/simulation/scenario/cluster_plan.hpp"

#include "tests/simulation/scenario/programs.hpp"

namespace sealane::simulation {
namespace {

using Role = mirror::HalfRole;
using Kind = mirror::LinkKind;

broker::BrokerConfig broker_config(const std::string& host, Rng& rng) {
    broker::BrokerConfig config;
    config.node_id = BrokerId(1);
    config.log_dir = "/data";
    config.listeners = {{"plain", broker_at(host), broker_at(host), std::nullopt}};
    config.mirror_principals = {"User:ANONYMOUS"};
    config.num_partitions = kPartitions;
    config.offsets_topic_partitions = 1;
    config.topic_defaults.segment_bytes = rng.between(4, 64) * 1024;
    config.checkpoint_interval = std::chrono::milliseconds(rng.between(50, 5'000));
    return config;
}

}  // namespace

runtime::Endpoint broker_at(const std::string& host) {
    return {host, 9092, ""};
}

mirror::HalfConfig link_half(
    std::string link, mirror::HalfRole role, std::string cluster, mirror::LinkKind kind
) {
    mirror::HalfConfig config;
    config.link = link;
    config.role = role;
    config.cluster = std::move(cluster);
    config.socket.unix_path = "/run/" + link + ".sock";
    config.kind = kind;
    config.topics_include = {"logs.*"};
    if (kind == mirror::LinkKind::kReplica) config.groups_include = {kGroup};
    return config;
}

mirror::MirrorConfig domain_mirror(
    const std::string& domain,
    std::vector<runtime::Endpoint> bootstrap,
    std::vector<mirror::HalfConfig> halves
) {
    mirror::MirrorConfig config;
    config.domain = domain;
    config.clusters = {{domain, std::move(bootstrap), std::nullopt}};
    config.halves = std::move(halves);
    config.data_dir = "/data";
    return config;
}

// As domain_mirror(), for a cluster of one broker with the domain's name.
static mirror::MirrorConfig mirror_of(
    const std::string& domain, std::vector<mirror::HalfConfig> halves
) {
    return domain_mirror(domain, {broker_at(domain)}, std::move(halves));
}

std::vector<ServerPlan> plan_servers(Rng& rng) {
    std::vector<ServerPlan> plan;
    for (const std::string host : {"seoul", "korea", "tokyo"})
        plan.push_back({host, broker_program(broker_config(host, rng))});
    plan.push_back(
        {"m-seoul",
         mirror_program(
             mirror_of("seoul", {link_half("s-k", Role::kConsumer, "seoul", Kind::kAggregate)})
         )}
    );
    plan.push_back(
        {"m-korea",
         mirror_program(mirror_of(
             "korea",
             {link_half("s-k", Role::kProducer, "korea", Kind::kAggregate),
              link_half(kReplicaLinkName, Role::kConsumer, "korea", Kind::kReplica)}
         ))}
    );
    plan.push_back(
        {"m-tokyo",
         mirror_program(mirror_of(
             "tokyo", {link_half(kReplicaLinkName, Role::kProducer, "tokyo", Kind::kReplica)}
         ))}
    );
    return plan;
}

std::vector<std::pair<std::string, std::string>> talking_pairs() {
    return {
        {"m-seoul", "seoul"},
        {"m-seoul", "m-korea"},
        {"m-korea", "korea"},
        {"m-korea", "m-tokyo"},
        {"m-tokyo", "tokyo"},
        {"c-seoul0", "seoul"},
        {"c-korea1", "korea"},
    };
}

}  // namespace sealane::simulation
