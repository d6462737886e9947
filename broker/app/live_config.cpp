#include "broker/app/live_config.hpp"

#include "broker/metadata/dynamic_config.hpp"

namespace sealane::broker {

using runtime::Task;

namespace {

// One setting: what the file says, unless something is set at run time.
void renew(
    BrokerConfig& now,
    const BrokerConfig& file,
    const Image& image,
    std::string_view key,
    auto&& field_of
) {
    auto& field = field_of(now);
    using Field = std::remove_cvref_t<decltype(field)>;
    const auto value = dynamic_value(image, file.node_id, key);
    if (!value) {
        field = field_of(file);
    } else if constexpr (std::is_same_v<Field, Duration>) {
        field = std::chrono::milliseconds(*value);
    } else {
        field = static_cast<Field>(*value);
    }
}

std::string listed(const ConfigOverrides& configs) {
    std::string text;
    for (const auto& [key, value] : configs) {
        text += (text.empty() ? "" : ",") + key + "=" + value;
    }
    return text;
}

}  // namespace

void take_dynamic(BrokerConfig& now, const BrokerConfig& file, const Image& image) {
    now.topic_defaults = topic_defaults(file.topic_defaults, image);
    const auto key = [&](std::string_view name, auto&& field_of) {
        renew(now, file, image, name, field_of);
    };
    key("follower.replication.throttled.rate",
        [](auto& c) -> auto& { return c.cluster.replication_throttle_bytes; });
    key("leader.replication.throttled.rate",
        [](auto& c) -> auto& { return c.cluster.leader_throttle_bytes; });
    key("sealane.scrub.bytes.per.second", [](auto& c) -> auto& { return c.cluster.scrub_bytes; });
    key("log.cleaner.dedupe.buffer.size",
        [](auto& c) -> auto& { return c.cleaner.dedupe_buffer_bytes; });
    key("log.cleaner.io.max.bytes.per.second",
        [](auto& c) -> auto& { return c.cleaner.io_bytes_per_second; });
    key("log.cleaner.backoff.ms", [](auto& c) -> auto& { return c.cleaner.backoff; });
    key("max.connections", [](auto& c) -> auto& { return c.limits.max_connections; });
    key("max.connections.per.ip", [](auto& c) -> auto& { return c.limits.max_connections_per_ip; });
}

LiveConfig::LiveConfig(
    runtime::World& world, BrokerConfig& now, MetadataStore& metadata, std::function<void()> changed
)
    : file_(now),
      now_(now),
      metadata_(metadata),
      told_(std::move(changed)),
      log_(world.log("broker")),
      tasks_(world) {
    tasks_.on_stop([this] { metadata_.changed().notify_all(); });
}

void LiveConfig::start() {
    tasks_.spawn([this]() -> Task<void> {
        while (!tasks_.stopping()) {
            if (const auto image = metadata_.image()) take(*image);
            (void)co_await metadata_.changed().wait_until(Instant::never());
        }
    });
}

void LiveConfig::take(const Image& image) {
    const ConfigOverrides& everywhere = image.broker_configs(kNoBroker);
    const ConfigOverrides& own = image.broker_configs(file_.node_id);
    if (everywhere == everywhere_ && own == own_) return;
    everywhere_ = everywhere;
    own_ = own;
    take_dynamic(now_, file_, image);
    log_.info(
        "settings at run time", {{"all_brokers", listed(everywhere)}, {"this_broker", listed(own)}}
    );
    told_();
}

}  // namespace sealane::broker
