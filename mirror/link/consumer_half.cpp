#include "mirror/link/consumer_half.hpp"

#include "mirror/link/source_session.hpp"

namespace sealane::mirror {

using runtime::Task;

ConsumerHalf::ConsumerHalf(HalfContext context)
    : context_(std::move(context)),
      log_(context_.world.log("mirror.source")),
      tasks_(context_.world) {}

ConsumerHalf::~ConsumerHalf() = default;

Task<Status> ConsumerHalf::start() {
    auto listener = co_await context_.world.network().listen(context_.half.socket, std::nullopt);
    if (!listener) co_return fail(listener.error().in("link " + context_.half.link));
    listener_ = *std::move(listener);
    tasks_.on_stop([this] {
        listener_->close();
        if (session_) session_->stop();
    });
    tasks_.spawn([this] { return accept_loop(); });
    co_return Status{};
}

Task<void> ConsumerHalf::stop() {
    co_await tasks_.stop_and_join();
}

runtime::Endpoint ConsumerHalf::local() const {
    return listener_->local();
}

Task<void> ConsumerHalf::accept_loop() {
    while (!tasks_.stopping()) {
        auto accepted = co_await listener_->accept();
        if (!accepted) {
            if (accepted.error().is_stopped()) co_return;
            log_.warning("accept failed", {{"error", accepted.error()}});
            co_await tasks_.sleep(100ms);
            continue;
        }
        // Newer wins: the other end has surely given the older connection up.
        if (session_) session_->stop();
        auto stream = std::make_shared<std::unique_ptr<runtime::Stream>>(*std::move(accepted));
        tasks_.spawn([this, stream] { return serve(std::move(*stream)); });
    }
}

Task<void> ConsumerHalf::serve(std::unique_ptr<runtime::Stream> stream) {
    auto session = std::make_shared<SourceSession>(context_, std::move(stream));
    session_ = session;
    log_.info("producer half connected", {{"link", context_.half.link}});
    const Status ended = co_await session->run();
    sent_before_ += session->sent_bytes();
    trouble_ = ended ? "" : ended.error().to_string();
    log_.info("producer half gone", {{"link", context_.half.link}, {"why", trouble_}});
    if (session_ == session) session_.reset();
}

ConsumerHalfStatus ConsumerHalf::status() const {
    ConsumerHalfStatus status;
    status.link = context_.half.link;
    status.socket = context_.half.socket.to_string();
    status.listening = listener_ != nullptr;
    status.connected = session_ && session_->greeted();
    if (!status.connected) status.trouble = trouble_;
    status.sent_bytes = sent_before_;
    if (session_) {
        status.assignments = session_->assignments();
        status.credit = session_->credit();
        status.sent_bytes += session_->sent_bytes();
    }
    return status;
}

}  // namespace sealane::mirror
