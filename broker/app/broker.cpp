#include "broker/app/broker.hpp"

#include "broker/api/controller_channel.hpp"
#include "broker/api/registry.hpp"
#include "broker/api/services.hpp"
#include "broker/app/housekeeping.hpp"
#include "broker/server/server.hpp"

namespace sealane::broker {

using runtime::Task;

namespace {

constexpr Duration kDrainGrace = 2s;
constexpr std::string_view kCleanStopFile = ".kafka_cleanshutdown";
const TopicPartition kMetadataPartition{std::string(kMetadataTopic), PartitionId(0)};
// The well-known id of the metadata topic (KIP-516): 15 zero bytes and a one.
constexpr Uuid kMetadataTopicId{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

LogDirectoryConfig directory_config(const BrokerConfig& config) {
    LogDirectoryConfig directory;
    directory.path = config.log_dir;
    directory.node_id = config.node_id;
    directory.cluster_id = Uuid::parse(config.cluster_id).value_or(Uuid{});
    directory.default_log = log_config(config.topic_defaults);
    directory.checkpoint_interval = config.checkpoint_interval;
    return directory;
}

PeerOptions peer_options(const BrokerConfig& config) {
    PeerOptions options;
    options.client_id = "broker-" + std::to_string(config.node_id.value);
    // Without a listener validate() refuses to start.
    if (!config.listeners.empty()) options.tls = config.inter_broker_listener().tls;
    return options;
}

LogSettings metadata_log_settings() {
    LogSettings settings;
    settings.config.retention_ms = -1;
    settings.config.retention_deletes = false;
    settings.config.flush = FlushMode::kSynced;
    return settings;
}

}  // namespace

class Broker::Impl {
 public:
    Impl(runtime::World& world, BrokerConfig config)
        : config_(std::move(config)),
          world_(world),
          log_(world.log("broker")),
          directory_(world, directory_config(config_)),
          peers_(world, peer_options(config_)),
          controller_(world, registry_, peers_, controller_ports()),
          metadata_(world),
          partitions_(world, directory_, config_.node_id, config_.topic_defaults),
          tasks_(world),
          services_{
              .world = world,
              .config = config_,
              .metadata = metadata_,
              .partitions = partitions_,
              .tasks = tasks_,
              .registry = registry_,
              .peers = peers_,
              .controller = controller_,
          },
          server_(world, config_, registry_),
          housekeeping_(world, config_, partitions_) {
        register_core_apis(registry_, services_);
        register_group_apis(registry_, services_);
        register_config_apis(registry_, services_);
        register_mirror_apis(registry_, services_);
    }

    Task<Status> start() {
        SEALANE_CO_CHECK(validate(config_));
        SEALANE_CO_CHECK(co_await open_directory());
        SEALANE_CO_CHECK(co_await open_metadata());
        for (const auto& ready : services_.on_ready) ready();
        SEALANE_CO_CHECK(co_await listen());
        housekeeping_.start();
        server_.serve();
        serving_ = true;
        co_return Status{};
    }

    Task<void> stop() {
        if (std::exchange(stopped_, true)) co_return;
        serving_ = false;
        co_await server_.drain(kDrainGrace);
        tasks_.stop();
        partitions_.close();
        co_await server_.stop();
        co_await tasks_.join();
        co_await housekeeping_.stop();
        co_await metadata_.stop();
        co_await peers_.stop();
        if (!opened_) co_return;
        auto closed = co_await directory_.close();
        if (!closed) log_.error("data directory not closed well", {{"error", closed.error()}});
    }

    [[nodiscard]] runtime::Endpoint endpoint(std::string_view listener) const {
        const auto found = server_.endpoint(listener);
        SEALANE_ASSERT(found.has_value());
        return *found;
    }
    [[nodiscard]] std::string_view cluster_id() const { return services_.cluster_id; }
    [[nodiscard]] Services& services() { return services_; }
    [[nodiscard]] bool serving() const { return serving_; }

    void collect(runtime::MetricSink& sink) const {
        server_.collect(sink);
        directory_.collect(sink);
        for (const runtime::MetricSource* source : services_.metric_sources) source->collect(sink);
        const auto image = metadata_.image();
        sink.gauge("sealane_broker_topics", "Topics.", static_cast<double>(image->topics().size()));
        sink.gauge(
            "sealane_broker_partitions",
            "Partitions.",
            static_cast<double>(image->partition_count())
        );
    }

 private:
    Task<Status> open_directory() {
        SEALANE_CO_CHECK(co_await world_.files().make_directories(config_.log_dir));
        // The directory takes the mark away when it opens, so look first.
        SEALANE_CO_TRY(const auto entries, co_await world_.files().list(config_.log_dir));
        for (const auto& entry : entries) was_clean_ |= entry.name == kCleanStopFile;
        SEALANE_CO_CHECK(
            co_await directory_.open([this](const TopicPartition& partition, const Uuid&) {
                if (partition == kMetadataPartition) return metadata_log_settings();
                return partitions_.settings_for(partition);
            })
        );
        opened_ = true;
        services_.cluster_id = directory_.cluster_id().to_string();
        co_return Status{};
    }

    Task<Status> open_metadata() {
        const auto failed = directory_.failed().find(kMetadataPartition);
        if (failed != directory_.failed().end()) {
            co_return fail(failed->second.in("metadata log"));
        }
        PartitionLog* log = directory_.find(kMetadataPartition);
        const bool fresh = log == nullptr || log->end_offset() == Offset(0);
        if (fresh && directory_.logs().size() > (log == nullptr ? 0U : 1U)) {
            // Without its metadata every partition would look deleted.
            co_return fail(
                ErrorCode::kCorrupt,
                config_.log_dir +
                    " holds partitions, but its metadata log is empty: put __cluster_metadata-0 "
                    "back, or move the partitions away"
            );
        }
        if (log == nullptr) {
            SEALANE_CO_TRY(
                log,
                co_await directory_.create(
                    kMetadataPartition, kMetadataTopicId, metadata_log_settings()
                )
            );
        }
        SEALANE_CO_CHECK(co_await metadata_.open(*log));
        metadata_.start([this](MetadataStore::ImagePtr before, MetadataStore::ImagePtr after) {
            return partitions_.follow(std::move(before), std::move(after));
        });
        // After a crash records that clients saw (acks=1, flush=os) may be gone and their offsets
        // written anew: a new leader epoch lets clients find out (KIP-320).
        if (!was_clean_) {
            SEALANE_CO_CHECK(co_await metadata_.change([this](const Image& image) {
                return Result<Records>(restart_leadership(image, config_.node_id));
            }));
        }
        const auto opened = co_await partitions_.follow(nullptr, metadata_.image());
        if (!opened) {
            log_.error("not every partition is there", {{"error", opened.error()}});
            metadata_.follow_again();
        }
        co_return Status{};
    }

    Task<Status> listen() {
        SEALANE_CO_CHECK(co_await server_.bind());
        for (const ListenerConfig& listener : config_.listeners) {
            const runtime::Endpoint actual = *server_.endpoint(listener.name);
            services_.advertised.insert_or_assign(
                listener.name, listener.advertised.value_or(actual)
            );
            log_.info(
                "listening",
                {{"listener", listener.name},
                 {"address", actual.to_string()},
                 {"tls", listener.tls ? "yes" : "no"}}
            );
        }
        co_return Status{};
    }

    ControllerChannel::Ports controller_ports() {
        return {
            .self = config_.node_id,
            .active = [this] { return config_.node_id; },
            .wait_changed = [this](Instant until) -> Task<void> {
                co_await metadata_.changed().wait_until(until);
            },
        };
    }

    BrokerConfig config_;
    runtime::World& world_;
    runtime::Log log_;
    LogDirectory directory_;
    ApiRegistry registry_;
    Peers peers_;
    ControllerChannel controller_;
    MetadataStore metadata_;
    PartitionTable partitions_;
    runtime::TaskGroup tasks_;
    Services services_;
    Server server_;
    Housekeeping housekeeping_;
    bool was_clean_ = false;
    bool opened_ = false;
    bool serving_ = false;
    bool stopped_ = false;
};

// Figures of everything in the broker, for one registry.
struct Broker::Metrics final : runtime::MetricSource {
    explicit Metrics(const Impl& impl) : impl_(impl) {}
    void collect(runtime::MetricSink& sink) const override { impl_.collect(sink); }
    const Impl& impl_;
};

Broker::Broker(runtime::World& world, BrokerConfig config)
    : impl_(std::make_unique<Impl>(world, std::move(config))),
      metrics_(std::make_unique<Metrics>(*impl_)) {}
Broker::~Broker() = default;

Task<Status> Broker::start() {
    return impl_->start();
}
Task<void> Broker::stop() {
    return impl_->stop();
}
runtime::Endpoint Broker::endpoint(std::string_view listener) const {
    return impl_->endpoint(listener);
}
std::string_view Broker::cluster_id() const {
    return impl_->cluster_id();
}
const runtime::MetricSource& Broker::metrics() const {
    return *metrics_;
}
Services& Broker::services() {
    return impl_->services();
}
bool Broker::serving() const {
    return impl_->serving();
}

}  // namespace sealane::broker
