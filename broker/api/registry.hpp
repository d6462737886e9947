#pragma once
// ApiRegistry: which handler serves which API key in which versions, and what ApiVersions says
// about it. Each owner of APIs has one function that adds its handlers (register_*_apis below);
// broker/app calls them all at start. An API that nobody added is not advertised, and a request
// for it closes the connection, as Kafka does.

#include "broker/api/access_rule.hpp"
#include "broker/api/reply.hpp"
#include "broker/api/request_context.hpp"
#include "broker/api/request_meter.hpp"
#include "common/base/buffer.hpp"
#include "common/kafka/codec/codec.hpp"
#include "common/runtime/task.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace sealane::broker {

struct Services;

// Versions of one API. `advertised_min` differs from `min` for Produce only (KAFKA-18659). What is
// above `clients_max` is for nodes of the cluster and shown to them alone: there are clients that
// take the highest version they know.
struct ServedVersions {
    std::int16_t min = 0;
    std::int16_t max = 0;
    std::int16_t advertised_min = 0;
    std::int16_t clients_max = 0;
    ServedVersions(std::int16_t low, std::int16_t high) : ServedVersions(low, high, low) {}
    ServedVersions(std::int16_t low, std::int16_t high, std::int16_t advertised)
        : min(low), max(high), advertised_min(advertised), clients_max(high) {}
    [[nodiscard]] ServedVersions to_clients_up_to(std::int16_t highest) const {
        ServedVersions some = *this;
        some.clients_max = highest;
        return some;
    }
};

// A handler after its types are gone: body bytes in, response body (no header) out.
using RawReply = Reply<BufferChain>;
using RawHandler = std::function<runtime::Task<RawReply>(RequestContext, BufferSlice)>;

struct ApiEntry {
    ServedVersions versions{0, 0};
    bool is_private = false;     // only for super users and mirrors
    bool is_controller = false;  // changes metadata: runs on the active controller
    bool is_cluster = false;     // between nodes of the cluster; served before clients are let in
    bool serves_nodes = false;   // of the private ones: also for nodes of the cluster
    // Whether a principal with these rights may use it at all.
    [[nodiscard]] bool allows(bool private_apis, bool cluster_action) const {
        if (is_cluster) return cluster_action;
        return !is_private || private_apis || (serves_nodes && cluster_action);
    }
    RawHandler handler;
    RawHandler here;             // the handler itself, without detours
    bool has_rule = false;       // an access rule, or it needs none
    std::shared_ptr<void> rule;  // RuleSlot<Request> of a handler with types
    // Set for ApiVersions alone: the version-0 body for a version that is not served.
    std::function<BufferChain()> answer_unsupported;
};

class ApiRegistry {
 public:
    // handler(RequestContext, Request) -> Task<Reply<Response>>, where a plain Response converts
    // to a Reply. A body that does not decode closes the connection.
    template <class Request, class Handler>
    void add(ServedVersions versions, Handler handler) {
        using Response = typename kafka::ApiTraits<Request>::Response;
        const auto key = static_cast<std::int16_t>(kafka::ApiTraits<Request>::kKey);
        auto slot = std::make_shared<RuleSlot<Request>>();
        auto wrapped = wrap<Request, Response>(handler, slot);
        add_raw(key, versions, key >= kFirstPrivateKey, std::move(wrapped));
        entries_.at(key).rule = std::move(slot);
    }
    // The same for requests that only the active controller can answer (KIP-590).
    template <class Request, class Handler>
    void add_controller(ServedVersions versions, Handler handler) {
        add<Request>(versions, std::move(handler));
        entries_.at(static_cast<std::int16_t>(kafka::ApiTraits<Request>::kKey)).is_controller =
            true;
    }
    // The same for requests of the cluster's own nodes. A principal that is none of them gets its
    // connection closed.
    template <class Request, class Handler>
    void add_cluster(ServedVersions versions, Handler handler) {
        add<Request>(versions, std::move(handler));
        ApiEntry& entry = entries_.at(static_cast<std::int16_t>(kafka::ApiTraits<Request>::kKey));
        entry.is_cluster = true;
        entry.is_private = false;  // nodes of the cluster need not be mirrors
    }
    // Asks `rule` before the handler, if this API is served, once enforce_access() was called.
    template <class Request>
    void guard(AccessRule<Request> rule) {
        ApiEntry* const entry = unguarded(kafka::ApiTraits<Request>::kKey);
        if (entry == nullptr) return;
        std::static_pointer_cast<RuleSlot<Request>>(entry->rule)->rule = std::move(rule);
        entry->has_rule = true;
    }
    // Everybody may use this API, or its handler asks by itself.
    void leave_open(kafka::ApiKey key) {
        if (ApiEntry* const entry = unguarded(key)) entry->has_rule = true;
    }
    // From now on rules hold. An API that is neither guarded nor left open is for the cluster's
    // nodes and super users only.
    void enforce_access() { enforced_ = true; }
    // Told of what is served; outlives the registry's handlers.
    void set_meter(RequestMeter* meter) { meter_ = meter; }
    // Replicas compare themselves with their leader's by an API of mirrors.
    void let_nodes_use(kafka::ApiKey key) {
        entries_.at(static_cast<std::int16_t>(key)).serves_nodes = true;
    }
    // Asked before every handler once it is set; a task it gives runs instead of the handler, which
    // stays reachable as ApiEntry::here. Set once, when all handlers are there.
    using Detour = std::function<std::optional<runtime::Task<RawReply>>(
        const ApiEntry& entry, RequestContext& context, BufferSlice& body
    )>;
    void set_detour(Detour detour);
    void add_raw(std::int16_t key, ServedVersions versions, bool is_private, RawHandler handler);

    void answer_unsupported(std::int16_t key, std::function<BufferChain()> answer);

    [[nodiscard]] const ApiEntry* find(std::int16_t key) const;
    [[nodiscard]] const std::map<std::int16_t, ApiEntry>& entries() const { return entries_; }

    static constexpr std::int16_t kFirstPrivateKey = 1000;

 private:
    template <class Request>
    struct RuleSlot {
        AccessRule<Request> rule;
    };
    // Null: not served. Asserts that nobody guarded it before.
    [[nodiscard]] ApiEntry* unguarded(kafka::ApiKey key);
    // Why a request for an API without a rule is refused; nothing: it is not.
    [[nodiscard]] std::optional<Error> refused_unruled(const RequestContext& context) const;

    template <class Request, class Response, class Handler>
    RawHandler wrap(Handler handler, std::shared_ptr<RuleSlot<Request>> slot) {
        return [this,
                handler,
                slot](RequestContext context, BufferSlice body) -> runtime::Task<RawReply> {
            const std::int16_t version = context.api_version;
            const bool metered = meter_ != nullptr && context.connection != 0 && meter_->active();
            const Metered measured = metered ? begin_metering(context, body.size()) : Metered{};
            // What follows the fields is ignored, as Kafka does: librdkafka sends three bytes more
            // when it asks for the metadata of all topics in a flexible version.
            auto request = kafka::decode_prefix<Request>(body, version);
            if (!request) co_return RawReply(request.error());
            std::function<void(Response&)> amend;
            if (enforced_ && !context.trusted) {
                if (!slot->rule) {
                    if (auto refused = refused_unruled(context)) co_return RawReply(*refused);
                } else {
                    AccessVerdict<Response> verdict = slot->rule(context, *request);
                    if (verdict.error) co_return RawReply(*std::move(verdict.error));
                    if (verdict.answer) co_return encoded<Response>(*verdict.answer, version);
                    amend = std::move(verdict.amend);
                }
            }
            Reply<Response> reply = co_await handler(std::move(context), *std::move(request));
            if (amend) reply = std::move(reply).amended(std::move(amend));
            if (metered) reply = charged(measured, std::move(reply));
            co_return encoded<Response>(std::move(reply).take(), version);
        };
    }
    struct Metered {
        RequestContext context;
        std::size_t body = 0;
        Instant begin;
    };
    [[nodiscard]] Metered begin_metering(const RequestContext& context, std::size_t body) const {
        return {context, body, meter_->now()};
    }
    // The client is told how long it has to rest.
    template <class Response>
    Reply<Response> charged(const Metered& measured, Reply<Response> reply) {
        const Duration rest =
            meter_->charge(measured.context, measured.body, meter_->now() - measured.begin);
        if constexpr (requires(Response response) { response.throttle_time_ms; }) {
            if (rest <= Duration::zero()) return reply;
            return std::move(reply).amended([rest](Response& response) {
                const auto ms = static_cast<std::int32_t>(to_ms(rest));
                if (response.throttle_time_ms < ms) response.throttle_time_ms = ms;
            });
        } else {
            return reply;
        }
    }
    template <class Response>
    static RawReply encoded(typename Reply<Response>::Form form, std::int16_t version) {
        if (auto* error = std::get_if<Error>(&form)) return RawReply(std::move(*error));
        if (std::holds_alternative<std::monostate>(form)) return RawReply::none();
        if (auto* later = std::get_if<typename Reply<Response>::Later>(&form)) {
            return RawReply::later(
                [task = std::move(*later), version]() -> runtime::Task<Result<BufferChain>> {
                    SEALANE_CO_TRY(Response response, co_await task());
                    co_return encoded_body(response, version);
                }
            );
        }
        auto body = encoded_body(std::get<Response>(form), version);
        return body ? RawReply(*std::move(body)) : RawReply(std::move(body).error());
    }
    template <class Response>
    static Result<BufferChain> encoded_body(const Response& response, std::int16_t version) {
        return kafka::encode_chain(response, version);
    }

    std::map<std::int16_t, ApiEntry> entries_;
    RequestMeter* meter_ = nullptr;
    bool enforced_ = false;
};

// Owner: this folder. Data path, topics, metadata, cluster.
void register_core_apis(ApiRegistry& registry, Services& services);
// Owner: broker/api/cluster. What nodes of a cluster say to each other and to the controller.
void register_cluster_apis(ApiRegistry& registry, Services& services);
// Owner: broker/groups (group_apis.cpp). Classic groups and committed offsets.
void register_group_apis(ApiRegistry& registry, Services& services);
// Owner: broker/api/transactions. Producer ids, transactions, their markers.
void register_transaction_apis(ApiRegistry& registry, Services& services);
// Owner: broker/groups (config_apis.cpp). DescribeConfigs, AlterConfigs, IncrementalAlterConfigs.
void register_config_apis(ApiRegistry& registry, Services& services);
// Owner: broker/api/security. Access control, SASL, credentials, quotas; and, when all other APIs
// are registered, what each of them needs.
void register_security_apis(ApiRegistry& registry, Services& services);
void guard_apis(ApiRegistry& registry, Services& services);
// Owner: broker/mirrored (mirror_apis.cpp). The private keys 1000 to 1007.
void register_mirror_apis(ApiRegistry& registry, Services& services);

}  // namespace sealane::broker
