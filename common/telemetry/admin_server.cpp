#include "common/telemetry/admin_server.hpp"

namespace sealane::telemetry {

namespace {

HttpResponse plain(int status, std::string body) {
    return {status, "text/plain; charset=utf-8", std::move(body)};
}

}  // namespace

AdminServer::AdminServer(runtime::World& world, const MetricRegistry& metrics, AdminOptions options)
    : world_(world),
      metrics_(metrics),
      options_(std::move(options)),
      log_(world.log("telemetry.admin")),
      tasks_(world) {
    handle("/metrics", [this](const HttpRequest&) {
        return HttpResponse{200, MetricRegistry::kContentType, metrics_.to_text()};
    });
    handle("/healthz", [this](const HttpRequest&) { return run_checks({&liveness_}); });
    handle("/readyz", [this](const HttpRequest&) { return run_checks({&liveness_, &readiness_}); });
    handle("/", [this](const HttpRequest&) {
        std::string list;
        for (const auto& [path, handler] : handlers_) list += path + "\n";
        return plain(200, std::move(list));
    });
}

AdminServer::~AdminServer() = default;

void AdminServer::handle(std::string path, Handler handler) {
    handlers_.insert_or_assign(std::move(path), std::move(handler));
}

void AdminServer::add_liveness_check(std::string name, Check check) {
    liveness_.push_back({std::move(name), std::move(check)});
}

void AdminServer::add_readiness_check(std::string name, Check check) {
    readiness_.push_back({std::move(name), std::move(check)});
}

HttpResponse AdminServer::run_checks(std::initializer_list<const Checks*> groups) {
    bool good = true;
    std::string lines;
    for (const Checks* group : groups) {
        for (const NamedCheck& check : *group) {
            const Status status = check.check();
            good = good && status.has_value();
            lines += check.name + ": " + (status ? "ok" : status.error().to_string()) + "\n";
        }
    }
    return good ? plain(200, "ok\n" + lines) : plain(503, "not ok\n" + lines);
}

HttpResponse AdminServer::answer(const HttpRequest& request) const {
    const auto found = handlers_.find(request.path);
    if (found == handlers_.end()) return plain(404, "nothing here; / lists the pages\n");
    return found->second(request);
}

runtime::Task<Result<runtime::Endpoint>> AdminServer::start() {
    SEALANE_CO_TRY(listener_, co_await world_.network().listen(options_.address, std::nullopt));
    tasks_.on_stop([this] {
        listener_->close();
        for (const auto& [raw, stream] : open_) stream->close();
    });
    tasks_.spawn([this] { return accept_connections(); });
    co_return listener_->local();
}

runtime::Task<void> AdminServer::stop() {
    co_await tasks_.stop_and_join();
    listener_.reset();
}

runtime::Task<void> AdminServer::accept_connections() {
    while (!tasks_.stopping()) {
        auto accepted = co_await listener_->accept();
        if (tasks_.stopping()) break;
        if (!accepted) {
            log_.warning("cannot accept a connection", {{"error", accepted.error()}});
            co_await tasks_.sleep(100ms);
            continue;
        }
        std::shared_ptr<runtime::Stream> stream = *std::move(accepted);
        if (open_.size() >= options_.connections_max) {
            log_.info("connection refused, too many are open", {{"open", open_.size()}});
            stream->close();
            continue;
        }
        open_.emplace(stream.get(), stream);
        tasks_.spawn([this, stream] { return serve(stream); });
    }
}

runtime::Task<void> AdminServer::serve(std::shared_ptr<runtime::Stream> stream) {
    HttpRequestParser parser;
    bool keep_alive = true;
    while (keep_alive && !tasks_.stopping()) {
        Exchange exchange;
        const Status read = co_await read_request(stream, &parser, &exchange);
        if (!read) break;
        keep_alive = exchange.request.keep_alive;
        const std::string text = format_http_response(exchange.response, exchange.request);
        const Status written = co_await stream->write(
            BufferSlice::copy_of(text), world_.now() + options_.write_timeout
        );
        if (!written) break;
    }
    stream->close();
    open_.erase(stream.get());
}

// Fills `exchange` with the next request and its answer. An error: nothing more to serve.
runtime::Task<Status> AdminServer::read_request(
    std::shared_ptr<runtime::Stream> stream, HttpRequestParser* parser, Exchange* exchange
) {
    MutableBuffer block(4096);
    const Instant idle_until = world_.now() + options_.idle_timeout;
    Instant head_until =
        parser->has_bytes() ? world_.now() + options_.head_timeout : Instant::never();
    while (true) {
        switch (parser->next(exchange->request, exchange->response)) {
            case HttpRequestParser::Outcome::kRequest:
                exchange->response = answer(exchange->request);
                co_return Status{};
            case HttpRequestParser::Outcome::kBad:
                exchange->request.keep_alive = false;
                co_return Status{};
            case HttpRequestParser::Outcome::kNeedMore:
                break;
        }
        SEALANE_CO_TRY(
            const std::size_t count,
            co_await stream->read_some(block.view(), std::min(idle_until, head_until))
        );
        if (head_until == Instant::never()) head_until = world_.now() + options_.head_timeout;
        parser->append(as_text(block.view()).substr(0, count));
    }
}

}  // namespace sealane::telemetry
