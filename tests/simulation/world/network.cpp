#include "tests/simulation/world/network.hpp"

#include "tests/simulation/world/sim_world.hpp"

#include <algorithm>

namespace sealane::simulation {

Duration SimNetwork::draw_latency() {
    return Duration(simulator_.rng().between(latency_min.count(), latency_max.count()));
}

std::shared_ptr<Pipe> SimNetwork::make_pipe(const std::string& from, const std::string& to) {
    auto pipe = std::make_shared<Pipe>();
    pipe->from_host = from;
    pipe->to_host = to;
    std::erase_if(pipes_, [](const auto& weak) { return weak.expired(); });
    pipes_.push_back(pipe);
    return pipe;
}

void SimNetwork::deliver(const std::shared_ptr<Pipe>& pipe, BufferSlice bytes) {
    if (pipe->reset || pipe->sender_gone) return;
    if (is_cut(pipe->from_host, pipe->to_host) || !pipe->held.empty()) {
        pipe->held.push_back(std::move(bytes));
        return;
    }
    simulator_.trace().event(simulator_.now(), "deliver", pipe->to_host, bytes.size());
    if (bytes.empty()) {
        pipe->finished = true;
    } else {
        pipe->inbox.push_back(std::move(bytes));
    }
    wake(pipe->readable, pipe->to_host);
}

void SimNetwork::send(const std::shared_ptr<Pipe>& pipe, BufferSlice bytes) {
    if (pipe->reset) return;
    pipe->unread += bytes.size();
    const Instant at = std::max(pipe->last_delivery, simulator_.now() + draw_latency());
    pipe->last_delivery = at;
    simulator_.schedule(at, [this, pipe, bytes = std::move(bytes)]() mutable {
        deliver(pipe, std::move(bytes));
    });
}

void SimNetwork::finish(const std::shared_ptr<Pipe>& pipe) {
    if (pipe->finishing) return;
    pipe->finishing = true;
    send(pipe, {});  // an empty delivery marks the end
}

void SimNetwork::reset(const std::shared_ptr<Pipe>& pipe) {
    if (pipe->reset) return;
    pipe->reset = true;
    simulator_.trace().event(simulator_.now(), "reset", pipe->to_host, 0);
    wake(pipe->readable, pipe->to_host);
    wake(pipe->writable, pipe->from_host);
}

void SimNetwork::abandon(const std::shared_ptr<Pipe>& pipe, const std::string& by) {
    const std::string& other = pipe->from_host == by ? pipe->to_host : pipe->from_host;
    if (is_cut(by, other)) {
        pipe->reset_held = true;
    } else {
        reset(pipe);
    }
}

void SimNetwork::heal_all() {
    cuts_.clear();
    isolated_.clear();
    release_held();
}

void SimNetwork::mend(const std::string& from, const std::string& to) {
    const auto one = cuts_.find({from, to});
    if (one == cuts_.end()) return;
    cuts_.erase(one);
    release_held();
}

void SimNetwork::rejoin(const std::string& host, Way way) {
    const auto one = isolated_.find({host, way});
    if (one == isolated_.end()) return;
    isolated_.erase(one);
    release_held();
}

void SimNetwork::resume(const std::string& host) {
    if (paused_.erase(host) == 0) return;
    for (const auto& weak : pipes_) {
        const auto pipe = weak.lock();
        if (!pipe) continue;
        if (pipe->to_host == host) wake(pipe->readable, host);
        if (pipe->from_host == host) wake(pipe->writable, host);
    }
    for (const auto& [address, listener] : listeners_) {
        if (listener->host() == host) listener->look_again();
    }
}

// Delivers what cuts held back where there is no cut any more.
void SimNetwork::release_held() {
    for (const auto& weak : pipes_) {
        const auto pipe = weak.lock();
        if (!pipe || is_cut(pipe->from_host, pipe->to_host)) continue;
        std::vector<BufferSlice> held;
        held.swap(pipe->held);
        for (auto& bytes : held) deliver(pipe, std::move(bytes));
        if (is_cut(pipe->to_host, pipe->from_host)) continue;
        if (std::exchange(pipe->reset_held, false)) reset(pipe);
    }
}

void SimNetwork::reset_host(const std::string& host) {
    for (const auto& weak : pipes_) {
        const auto pipe = weak.lock();
        if (!pipe || (pipe->from_host != host && pipe->to_host != host)) continue;
        if (pipe->from_host == host) {
            pipe->sender_gone = true;
            pipe->held.clear();
        }
        abandon(pipe, host);
    }
}

void SimNetwork::reset_between(const std::string& a, const std::string& b) {
    for (const auto& weak : pipes_) {
        const auto pipe = weak.lock();
        if (!pipe) continue;
        if ((pipe->from_host == a && pipe->to_host == b) ||
            (pipe->from_host == b && pipe->to_host == a)) {
            reset(pipe);
        }
    }
}

SimStream::SimStream(
    SimWorld& world, std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out, runtime::Peer peer
)
    : world_(world),
      in_(std::move(in)),
      out_(std::move(out)),
      peer_(std::move(peer)),
      readable_(world.waits()),
      writable_(world.waits()) {
    in_->readable = &readable_;
    out_->writable = &writable_;
}

SimStream::~SimStream() {
    in_->readable = nullptr;
    out_->writable = nullptr;
    if (!closed_) {
        world_.sim_network().abandon(in_, world_.host());
        world_.sim_network().finish(out_);
    }
}

runtime::Task<Result<std::size_t>> SimStream::read_some(MutableByteView into, Instant deadline) {
    while (in_->inbox.empty()) {
        if (closed_) co_return fail(Error::stopped());
        if (in_->reset) co_return fail(ErrorCode::kConnectionReset, "reset by " + peer_.address);
        if (in_->finished) co_return fail(ErrorCode::kEndOfStream, peer_.address + " closed");
        if (!co_await readable_.wait_until(deadline) && in_->inbox.empty()) {
            co_return fail(ErrorCode::kDeadlineExceeded, "nothing came from " + peer_.address);
        }
    }
    const BufferSlice& front = in_->inbox.front();
    const std::size_t count = std::min(into.size(), front.size() - in_->inbox_offset);
    std::memcpy(into.data(), front.data() + in_->inbox_offset, count);
    in_->inbox_offset += count;
    in_->unread -= count;
    if (in_->inbox_offset == front.size()) {
        in_->inbox.erase(in_->inbox.begin());
        in_->inbox_offset = 0;
    }
    world_.sim_network().wake(in_->writable, in_->from_host);
    co_return count;
}

runtime::Task<Status> SimStream::write(BufferChain bytes, Instant deadline) {
    for (const BufferSlice& slice : bytes.slices()) {
        while (out_->unread > SimNetwork::kWindow && !closed_ && !out_->reset) {
            if (!co_await writable_.wait_until(deadline)) {
                co_return fail(ErrorCode::kDeadlineExceeded, peer_.address + " does not read");
            }
        }
        if (closed_) co_return fail(Error::stopped());
        if (out_->reset) co_return fail(ErrorCode::kConnectionReset, "reset by " + peer_.address);
        world_.sim_network().send(out_, slice);
    }
    co_return Status{};
}

void SimStream::close() {
    if (closed_) return;
    closed_ = true;
    world_.sim_network().abandon(in_, world_.host());
    world_.sim_network().finish(out_);
    readable_.notify_all();
    writable_.notify_all();
}

SimListener::SimListener(SimWorld& world, runtime::Endpoint at, bool tls)
    : world_(world), at_(std::move(at)), tls_(tls), arrived_(world.waits()) {
    world_.sim_network().listeners()[at_.to_string()] = this;
}

SimListener::~SimListener() {
    auto& listeners = world_.sim_network().listeners();
    const auto found = listeners.find(at_.to_string());
    if (found != listeners.end() && found->second == this) listeners.erase(found);
}

const std::string& SimListener::host() const {
    return world_.host();
}

void SimListener::arrive(Arrival arrival) {
    arrivals_.push_back(std::move(arrival));
    world_.sim_network().wake(&arrived_, host());
}

runtime::Task<Result<std::unique_ptr<runtime::Stream>>> SimListener::accept() {
    while (arrivals_.empty()) {
        if (closed_) co_return fail(Error::stopped());
        (void)co_await arrived_.wait_until(Instant::never());
    }
    Arrival next = std::move(arrivals_.front());
    arrivals_.erase(arrivals_.begin());
    co_return std::make_unique<SimStream>(world_, next.in, next.out, next.peer);
}

void SimListener::close() {
    closed_ = true;
    world_.sim_network().listeners().erase(at_.to_string());
    arrived_.notify_all();
}

}  // namespace sealane::simulation
