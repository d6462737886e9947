#pragma once
// AdminServer: the small HTTP/1.1 server for people, probes and scrapers that each daemon has:
//   /metrics   figures (metric_registry.hpp)
//   /healthz   200 while every liveness check passes, else 503 with the reasons
//   /readyz    200 while every liveness and readiness check passes, else 503
//   others     handlers by exact path, usually JSON status pages
// GET and HEAD only, no bodies; heads are at most 8 KiB; deadlines on everything; idle and surplus
// connections are closed. Works over runtime::Network and so unchanged in the simulated World.
//
// Life: construct, add checks and handlers, start(), ..., stop(), destroy. One shard.

#include "common/runtime/task_group.hpp"
#include "common/telemetry/http.hpp"
#include "common/telemetry/metric_registry.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sealane::telemetry {

struct AdminOptions {
    runtime::Endpoint address{.host = "127.0.0.1", .port = 0, .unix_path = {}};
    std::uint32_t connections_max = 64;
    Duration head_timeout = std::chrono::seconds(10);  // from the first byte of a request head
    Duration idle_timeout = std::chrono::seconds(60);  // between requests
    Duration write_timeout = std::chrono::seconds(30);
};

class AdminServer {
 public:
    // Runs on the shard, must not block.
    using Handler = std::function<HttpResponse(const HttpRequest&)>;
    using Check = std::function<Status()>;

    // Both must outlive the server.
    AdminServer(runtime::World& world, const MetricRegistry& metrics, AdminOptions options = {});
    ~AdminServer();

    // A later handler for the same path replaces the earlier one.
    void handle(std::string path, Handler handler);
    void add_liveness_check(std::string name, Check check);
    void add_readiness_check(std::string name, Check check);

    // Listens and serves from then on; the address with its actual port. kAddressInUse when taken.
    [[nodiscard]] runtime::Task<Result<runtime::Endpoint>> start();
    // Closes all connections and waits for their tasks. Safe without start(), and twice.
    [[nodiscard]] runtime::Task<void> stop();

    // What a request gets; also used by tests without a network.
    [[nodiscard]] HttpResponse answer(const HttpRequest& request) const;

 private:
    struct NamedCheck {
        std::string name;
        Check check;
    };
    using Checks = std::vector<NamedCheck>;
    [[nodiscard]] static HttpResponse run_checks(std::initializer_list<const Checks*> groups);
    [[nodiscard]] runtime::Task<void> accept_connections();
    [[nodiscard]] runtime::Task<void> serve(std::shared_ptr<runtime::Stream> stream);
    struct Exchange {
        HttpRequest request;
        HttpResponse response;
    };
    [[nodiscard]] runtime::Task<Status> read_request(
        std::shared_ptr<runtime::Stream> stream, HttpRequestParser* parser, Exchange* exchange
    );

    runtime::World& world_;
    const MetricRegistry& metrics_;
    AdminOptions options_;
    runtime::Log log_;
    runtime::TaskGroup tasks_;
    std::unique_ptr<runtime::Listener> listener_;
    std::map<const runtime::Stream*, std::shared_ptr<runtime::Stream>> open_;
    std::map<std::string, Handler, std::less<>> handlers_;
    Checks liveness_;
    Checks readiness_;
};

}  // namespace sealane::telemetry
