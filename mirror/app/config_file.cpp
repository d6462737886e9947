#include "mirror/app/config_file.hpp"

#include "common/config/endpoint.hpp"
#include "common/config/object_reader.hpp"
#include "common/config/yaml.hpp"

#include <array>

namespace sealane::mirror {

constexpr auto config_names(LinkKind) {
    return std::array{
        config::EnumName{LinkKind::kReplica, "replica"},
        config::EnumName{LinkKind::kAggregate, "aggregate"}
    };
}
constexpr auto config_names(HalfRole) {
    return std::array{
        config::EnumName{HalfRole::kConsumer, "consumer"},
        config::EnumName{HalfRole::kProducer, "producer"}
    };
}
constexpr auto config_names(OnGap) {
    return std::array{
        config::EnumName{OnGap::kStop, "stop"}, config::EnumName{OnGap::kLedger, "ledger"}
    };
}

namespace {

using config::ObjectReader;

void read_cluster(ObjectReader& reader, MirrorConfig& out) {
    ClusterAccess cluster;
    reader.required("name", cluster.name, config::not_empty());
    reader.required("bootstrap", cluster.bootstrap, config::not_empty());
    runtime::TlsIdentity tls;
    const bool has_tls = reader.object("tls", [&tls](ObjectReader& inner) {
        inner.required("domain", tls.domain, config::not_empty());
        inner.required("ca", tls.ca_file, config::not_empty());
        inner.required("certificate", tls.certificate_file, config::not_empty());
        inner.required("key", tls.key_file, config::not_empty());
    });
    if (has_tls) cluster.tls = std::move(tls);
    client::SaslOptions sasl;
    const bool has_sasl = reader.object("sasl", [&sasl](ObjectReader& inner) {
        inner.required("mechanism", sasl.mechanism);
        inner.optional("user", sasl.user);
        inner.required("secret.file", sasl.secret_file, config::not_empty());
    });
    if (has_sasl) cluster.sasl = std::move(sasl);
    out.clusters.push_back(std::move(cluster));
}

void read_names(
    ObjectReader& reader,
    std::string_view key,
    std::vector<std::string>& include,
    std::vector<std::string>& exclude
) {
    reader.object(key, [&](ObjectReader& inner) {
        inner.optional("include", include);
        inner.optional("exclude", exclude);
    });
}

void read_half(ObjectReader& reader, MirrorConfig& out) {
    HalfConfig half;
    reader.required("link", half.link, config::not_empty());
    reader.required("role", half.role);
    reader.required("cluster", half.cluster, config::not_empty());
    reader.required("socket", half.socket);
    reader.required("kind", half.kind);
    read_names(reader, "topics", half.topics_include, half.topics_exclude);
    read_names(reader, "groups", half.groups_include, half.groups_exclude);
    reader.optional(
        "queue.bytes", half.queue_bytes, config::bytes(static_cast<std::int64_t>(kQueueBytesMin))
    );
    reader.optional("on.gap", half.on_gap);
    reader.optional("group.prefix", half.group_prefix);
    reader.optional("target.topic", half.target_topic);
    out.halves.push_back(std::move(half));
}

}  // namespace

Result<MirrorConfig> parse_config(std::string_view text, std::string file) {
    config::Problems problems(std::move(file));
    const config::Node root = config::parse_yaml(text, problems);
    MirrorConfig config;
    ObjectReader reader(root, problems);
    reader.required("domain", config.domain, config::not_empty());
    reader.required("data.dir", config.data_dir, config::not_empty());
    reader.optional("admin.address", config.admin_address);
    reader.optional("topic.interval.ms", config.topic_interval, config::millis(100));
    reader.optional("group.interval.ms", config.group_interval, config::millis(100));
    reader.optional("stalled.after.ms", config.stalled_after, config::millis(1000));
    reader.optional("lagging.records", config.lagging_records, config::at_least(1));
    reader.optional("lagging.age.ms", config.lagging_age, config::millis(100));
    reader.each("clusters", [&config](ObjectReader& item) { read_cluster(item, config); });
    reader.each("halves", [&config](ObjectReader& item) { read_half(item, config); });
    reader.finish();
    SEALANE_CHECK(problems.status());
    if (const Status valid = validate(config); !valid)
        return fail(valid.error().in(problems.file()));
    return config;
}

}  // namespace sealane::mirror
