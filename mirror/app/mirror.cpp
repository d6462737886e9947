#include "mirror/app/mirror.hpp"

#include "mirror/control/mirror_metrics.hpp"
#include "mirror/link/consumer_half.hpp"
#include "mirror/link/producer_half.hpp"

#include <algorithm>
#include <map>

namespace sealane::mirror {

using runtime::Task;

namespace {

client::ClientOptions client_options(const MirrorConfig& config, const ClusterAccess& access) {
    client::ClientOptions options;
    options.client_id = "sealane-mirror-" + config.domain;
    options.bootstrap = access.bootstrap;
    options.tls = access.tls;
    options.sasl = access.sasl;
    return options;
}

LinkStatus to_link_status(const ConsumerHalfStatus& half, const HalfConfig& config) {
    LinkStatus status;
    status.link = half.link;
    status.role = "consumer";
    status.cluster = config.cluster;
    status.kind = name_of(config.kind);
    status.socket = half.socket;
    status.connected = half.connected;
    status.verdict = half.connected ? Verdict::kOk : Verdict::kStarting;
    status.cause = half.trouble;
    status.sent_bytes = half.sent_bytes;
    status.credit_bytes = half.credit;
    return status;
}

}  // namespace

class Mirror::Impl final : public runtime::MetricSource {
 public:
    Impl(runtime::World& world, MirrorConfig config)
        : config_(std::move(config)), world_(world), ledger_(world, config_.data_dir) {
        for (const ClusterAccess& access : config_.clusters)
            clusters_.emplace(
                access.name,
                std::make_unique<client::ClusterClient>(world, client_options(config_, access))
            );
    }

    Task<Status> start() {
        SEALANE_CO_CHECK(validate(config_));
        SEALANE_CO_CHECK(co_await world_.files().make_directories(config_.data_dir));
        SEALANE_CO_TRY(lock_, co_await world_.files().lock(config_.data_dir + "/.lock"));
        SEALANE_CO_CHECK(co_await ledger_.open());
        for (const HalfConfig& half : config_.halves) {
            const HalfContext context{world_, config_, half, *clusters_.at(half.cluster)};
            if (half.role == HalfRole::kConsumer) {
                consumers_.push_back(std::make_unique<ConsumerHalf>(context));
                SEALANE_CO_CHECK(co_await consumers_.back()->start());
            } else {
                producers_.push_back(std::make_unique<ProducerHalf>(context, ledger_));
                producers_.back()->start();
            }
        }
        serving_ = true;
        co_return Status{};
    }

    Task<void> stop() {
        serving_ = false;
        // The clients first: their waits for a cluster that does not answer end at once, and the
        // halves need not sit them out.
        for (const auto& [name, cluster] : clusters_) co_await cluster->stop();
        for (const auto& half : producers_) co_await half->stop();
        for (const auto& half : consumers_) co_await half->stop();
        lock_.reset();
    }

    [[nodiscard]] ProcessStatus status() const {
        ProcessStatus status;
        status.domain = config_.domain;
        status.gaps = ledger_.entries().size();
        for (const auto& half : producers_) status.links.push_back(half->status());
        for (const auto& half : consumers_) {
            const ConsumerHalfStatus one = half->status();
            const auto config = std::ranges::find_if(config_.halves, [&one](const HalfConfig& c) {
                return c.link == one.link && c.role == HalfRole::kConsumer;
            });
            status.links.push_back(to_link_status(one, *config));
        }
        return status;
    }

    [[nodiscard]] runtime::Endpoint socket_of(std::string_view link) const {
        const auto half = std::ranges::find_if(consumers_, [link](const auto& one) {
            return one->status().link == link;
        });
        SEALANE_ASSERT(half != consumers_.end());
        return (*half)->local();
    }

    void collect(runtime::MetricSink& sink) const override {
        for (const LinkStatus& link : status().links) collect_link(link, sink);
    }
    [[nodiscard]] const GapLedger& ledger() const { return ledger_; }
    [[nodiscard]] bool serving() const { return serving_; }

 private:
    MirrorConfig config_;
    runtime::World& world_;
    std::unique_ptr<runtime::FileLock> lock_;
    GapLedger ledger_;
    std::map<std::string, std::unique_ptr<client::ClusterClient>> clusters_;
    std::vector<std::unique_ptr<ConsumerHalf>> consumers_;
    std::vector<std::unique_ptr<ProducerHalf>> producers_;
    bool serving_ = false;
};

Mirror::Mirror(runtime::World& world, MirrorConfig config)
    : impl_(std::make_unique<Impl>(world, std::move(config))) {}
Mirror::~Mirror() = default;

Task<Status> Mirror::start() {
    return impl_->start();
}
Task<void> Mirror::stop() {
    return impl_->stop();
}
ProcessStatus Mirror::status() const {
    return impl_->status();
}
const std::vector<GapEntry>& Mirror::gaps() const {
    return impl_->ledger().entries();
}
const runtime::MetricSource& Mirror::metrics() const {
    return *impl_;
}
bool Mirror::serving() const {
    return impl_->serving();
}
runtime::Endpoint Mirror::socket_of(std::string_view link) const {
    return impl_->socket_of(link);
}

}  // namespace sealane::mirror
