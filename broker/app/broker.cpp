#include "broker/app/broker.hpp"

#include "broker/api/controller_channel.hpp"
#include "broker/api/forwarding.hpp"
#include "broker/api/registry.hpp"
#include "broker/api/security/access.hpp"
#include "broker/api/security/request_quotas.hpp"
#include "broker/api/services.hpp"
#include "broker/app/admission.hpp"
#include "broker/app/cluster_ports.hpp"
#include "broker/app/housekeeping.hpp"
#include "broker/app/lifecycle.hpp"
#include "broker/app/live_config.hpp"
#include "broker/app/log_cleaner.hpp"
#include "broker/app/sasl_mechanisms.hpp"
#include "broker/app/wiring.hpp"
#include "broker/replication/replication.hpp"
#include "broker/server/server.hpp"

namespace sealane::broker {

using runtime::Task;

namespace {

constexpr Duration kDrainGrace = 2s;
constexpr Duration kRetirePatience = 5s;
constexpr Duration kProbePatience = 100ms;

}  // namespace

class Broker::Impl {
 public:
    Impl(runtime::World& world, BrokerConfig config)
        : config_(std::move(config)),
          world_(world),
          log_(world.log("broker")),
          directory_(world, directory_config(config_)),
          peers_(world, peer_options(config_)),
          quorum_(world, quorum_config(config_), peers_),
          metadata_(world, quorum_, config_.cluster.snapshot_bytes),
          controller_duties_(world, metadata_, controller_settings(config_)),
          ports_(world, config_.node_id, peers_, quorum_, metadata_),
          controller_(world, registry_, peers_, ports_.channel()),
          partitions_(
              world,
              directory_,
              config_.node_id,
              config_.topic_defaults,
              replication_config(config_)
          ),
          replication_(
              world,
              partitions_,
              peers_,
              replication_config(config_),
              ports_.replication(controller_, directory_)
          ),
          tasks_(world),
          live_(world, config_, metadata_, [this] { take_rates(); }),
          access_(world, config_.authorizer, metadata_),
          quotas_(world, metadata_),
          sasl_(world, config_, metadata_),
          services_{
              .world = world,
              .config = config_,
              .file_config = live_.file(),
              .quorum = quorum_,
              .metadata = metadata_,
              .partitions = partitions_,
              .tasks = tasks_,
              .registry = registry_,
              .peers = peers_,
              .controller = controller_,
              .controller_duties = controller_duties_,
              .access = access_,
              .quotas = quotas_,
          },
          server_(world, config_, registry_, server_ports()),
          forwarding_(world, peers_, ports_.forwarding()),
          admission_(world, forwarding_, config_.cluster.has(NodeRole::kBroker)),
          lifecycle_(world, config_, controller_, metadata_),
          housekeeping_(world, config_, partitions_),
          cleaner_(world, config_.cleaner, partitions_) {
        register_apis();
    }

    Task<Status> start() {
        SEALANE_CO_CHECK(validate(config_));
        SEALANE_CO_CHECK(sasl_.check());
        SEALANE_CO_CHECK(co_await open_directory());
        SEALANE_CO_CHECK(co_await open_quorum());
        SEALANE_CO_CHECK(co_await listen());
        server_.serve();
        quorum_.start();
        metadata_.start();
        live_.start();
        controller_duties_.start();
        ports_.start();
        if (config_.cluster.has(NodeRole::kBroker)) SEALANE_CO_CHECK(co_await join_cluster());
        admission_.open();
        serving_ = true;
        co_return Status{};
    }

    void interrupt() { lifecycle_.interrupt(); }

    Task<void> stop() {
        if (std::exchange(stopped_, true)) co_return;
        if (serving_) co_await lifecycle_.retire(world_.now() + kRetirePatience);
        serving_ = false;
        admission_.close();
        co_await lifecycle_.stop();
        co_await controller_duties_.stop();
        if (opened_) co_await quorum_.stop();
        co_await server_.drain(kDrainGrace);
        tasks_.stop();
        co_await cleaner_.stop();
        co_await replication_.stop();
        partitions_.close();
        co_await server_.stop();
        co_await tasks_.join();
        co_await housekeeping_.stop();
        co_await ports_.stop();
        co_await live_.stop();
        co_await metadata_.stop();
        co_await peers_.stop();
        if (!opened_) co_return;
        directory_.set_broker_epoch(lifecycle_.epoch());
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
        replication_.collect(sink);
        cleaner_.collect(sink);
        ports_.collect(sink);
        access_.collect(sink);
        quotas_.collect(sink);
        for (const runtime::MetricSource* source : services_.metric_sources) source->collect(sink);
    }

 private:
    void register_apis() {
        services_.is_in_touch = [this] { return lifecycle_.is_in_touch(); };
        register_core_apis(registry_, services_);
        register_cluster_apis(registry_, services_);
        register_group_apis(registry_, services_);
        register_transaction_apis(registry_, services_);
        register_config_apis(registry_, services_);
        register_mirror_apis(registry_, services_);
        register_security_apis(registry_, services_);
        guard_apis(registry_, services_);
        registry_.set_meter(&quotas_);
        add_envelope(
            registry_,
            EnvelopeRights{
                [this](std::string_view who) { return config_.may_use_private_apis(who); },
                [this](std::string_view who) { return config_.may_act_as_broker(who); },
                [this] { return metadata_.is_active(); },
            }
        );
        registry_.set_detour([this](
                                 const ApiEntry& entry, RequestContext& context, BufferSlice& body
                             ) { return admission_.detour(entry, context, body); });
        server_.on_connection_closed([this](std::uint64_t connection) {
            controller_duties_.on_connection_closed(connection);
            quotas_.forget(connection);
        });
        services_.fetch_metadata_log = [this](
                                           RequestContext, kafka::FetchRequest request
                                       ) -> Task<Result<kafka::FetchResponse>> {
            co_return co_await quorum_.fetch(std::move(request));
        };
        services_.active_controller = [this] { return ports_.active_controller(); };
        quorum_.on_full_disk([this] { partitions_.context().note_full_disk(); });
        ports_.on_controller_changed([this] { lifecycle_.beat_now(); });
        controller_duties_.set_probe([this](BrokerId broker) {
            return peers_.refuses_connections(broker, world_.now() + kProbePatience);
        });
        lifecycle_.set_obstacle([this] { return quorum_.figures().refused; });
        controller_duties_.on_active([this] {
            for (const auto& callback : services_.on_active) callback();
        });
    }

    ServerPorts server_ports() {
        return ServerPorts{
            .muted_until = [this](std::uint64_t connection
                           ) { return quotas_.muted_until(connection); },
            .connection_rest = [this](std::string_view ip) { return quotas_.connection_rest(ip); },
            .sasl = [this](const ListenerConfig& listener) { return sasl_.of(listener); },
            .wait_until_ready = [this](Instant deadline) { return admission_.wait_open(deadline); },
        };
    }

    void take_rates() {
        replication_.set_rates(
            config_.cluster.replication_throttle_bytes, config_.cluster.scrub_bytes
        );
    }

    Task<Status> open_directory() {
        SEALANE_CO_CHECK(co_await world_.files().make_directories(config_.log_dir));
        SEALANE_CO_CHECK(
            co_await directory_.open([this](const TopicPartition& partition, const Uuid&) {
                if (partition == metadata_partition()) return metadata_log_settings();
                return partitions_.settings_for(partition);
            })
        );
        opened_ = true;
        services_.cluster_id = directory_.cluster_id().to_string();
        controller_duties_.set_cluster_id(services_.cluster_id);
        co_return Status{};
    }

    Task<Status> open_quorum() {
        const auto failed = directory_.failed().find(metadata_partition());
        if (failed != directory_.failed().end()) {
            co_return fail(failed->second.in("metadata log"));
        }
        PartitionLog* log = directory_.find(metadata_partition());
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
                    metadata_partition(), quorum::kMetadataTopicId, metadata_log_settings()
                )
            );
        }
        if (log->offline_cause()) co_return fail(log->offline_cause()->in("metadata log"));
        quorum_.set_identity(services_.cluster_id, directory_.directory_id());
        // Its records carry the quorum's own checks: epochs, and offsets without a hole.
        log->trust_to(log->end_offset());
        metadata_.open(*log);
        co_return co_await quorum_.open(*log, log->directory());
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
                 {"tls", listener.tls ? "yes" : "no"},
                 {"sasl", listener.sasl ? "yes" : "no"}}
            );
        }
        const std::string& own = config_.inter_broker_listener().name;
        ports_.set_listener(own);
        quorum_.set_endpoint(services_.advertised.at(own));
        co_return Status{};
    }

    // Registers, makes this node's partitions fit the metadata, and becomes live.
    Task<Status> join_cluster() {
        NodeIdentity identity;
        identity.cluster_id = services_.cluster_id;
        identity.directory_id = directory_.directory_id();
        identity.previous_epoch = directory_.previous_broker_epoch();
        for (const ListenerConfig& listener : config_.listeners) {
            const runtime::Endpoint& at = services_.advertised.at(listener.name);
            identity.listeners.push_back({listener.name, at.host, at.port, listener.tls.has_value()}
            );
        }
        SEALANE_CO_CHECK(co_await lifecycle_.join(std::move(identity)));
        ports_.set_broker_epoch(lifecycle_.epoch());
        SEALANE_CO_CHECK(co_await metadata_.follow(
            [this](MetadataStore::ImagePtr before, MetadataStore::ImagePtr after) {
                return partitions_.follow(std::move(before), std::move(after));
            }
        ));
        replication_.start();
        for (std::size_t i = 0; i < services_.on_ready.size(); ++i) services_.on_ready[i]();
        SEALANE_CO_CHECK(co_await lifecycle_.go_live());
        housekeeping_.start();
        cleaner_.start();
        co_return Status{};
    }

    BrokerConfig config_;
    runtime::World& world_;
    runtime::Log log_;
    LogDirectory directory_;
    ApiRegistry registry_;
    Peers peers_;
    quorum::Quorum quorum_;
    MetadataStore metadata_;
    Controller controller_duties_;
    ClusterPorts ports_;
    ControllerChannel controller_;
    PartitionTable partitions_;
    Replication replication_;
    runtime::TaskGroup tasks_;
    LiveConfig live_;
    Access access_;
    RequestQuotas quotas_;
    SaslMechanisms sasl_;
    Services services_;
    Server server_;
    Forwarding forwarding_;
    Admission admission_;
    BrokerLifecycle lifecycle_;
    Housekeeping housekeeping_;
    LogCleaner cleaner_;
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
void Broker::interrupt() {
    impl_->interrupt();
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
