#pragma once
// A virtual network between hosts: ordered streams with latency, cut and healed by the scenario.
// A cut holds back what is under way; a reset breaks the streams between two hosts. A paused host
// is silent, but its streams stay open and take what arrives.

#include "common/runtime/event.hpp"
#include "common/runtime/network.hpp"
#include "tests/simulation/world/simulator.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace sealane::simulation {

class SimWorld;

// One direction of a connection.
struct Pipe {
    std::string from_host;
    std::string to_host;
    Instant last_delivery;
    std::vector<BufferSlice> held;   // waiting for a cut to heal
    std::vector<BufferSlice> inbox;  // arrived, not yet read
    std::size_t inbox_offset = 0;    // bytes of inbox.front() already read
    std::size_t unread = 0;          // sent, not yet read: the sender stops at kWindow
    bool finished = false;           // the sender closed and everything arrived
    bool finishing = false;
    bool reset = false;
    bool sender_gone = false;            // its host crashed: what a cut held back is lost
    bool reset_held = false;             // one end is gone, and a cut keeps the other from knowing
    runtime::Event* readable = nullptr;  // of the reader, while it lives
    runtime::Event* writable = nullptr;  // of the writer, while it lives
};

class SimListener;

class SimNetwork {
 public:
    explicit SimNetwork(Simulator& simulator) : simulator_(simulator) {}

    Duration latency_min = 100us;
    Duration latency_max = 2ms;
    static constexpr std::size_t kWindow = 256 * 1024;

    // Stops bytes from `from` to `to` until as many mend() calls came, or all is healed.
    void cut(const std::string& from, const std::string& to) { cuts_.emplace(from, to); }
    void mend(const std::string& from, const std::string& to);
    // As cut() with every host there is, one direction.
    enum class Way { kOut, kIn };
    void isolate(const std::string& host, Way way) { isolated_.emplace(host, way); }
    void rejoin(const std::string& host, Way way);
    void heal_all();
    // Nothing reaches the programs of a paused host, though it reaches the host.
    void pause(const std::string& host) { paused_.insert(host); }
    void resume(const std::string& host);
    // Ends every stream of a host that is no more; behind a cut the peers learn it later. Or breaks
    // the streams between two hosts at once.
    void reset_host(const std::string& host);
    void reset_between(const std::string& a, const std::string& b);
    [[nodiscard]] bool is_cut(const std::string& from, const std::string& to) const {
        return cuts_.contains({from, to}) || isolated_.contains({from, Way::kOut}) ||
               isolated_.contains({to, Way::kIn});
    }
    // Notifies a waiter on `host`, or not yet while that is paused.
    void wake(runtime::Event* waiter, const std::string& host) {
        if (waiter != nullptr && !paused_.contains(host)) waiter->notify_all();
    }

    // For SimWorld's streams.
    void send(const std::shared_ptr<Pipe>& pipe, BufferSlice bytes);
    void finish(const std::shared_ptr<Pipe>& pipe);
    // `by`: the host that gives the stream up; the other end learns it unless a cut is between.
    void abandon(const std::shared_ptr<Pipe>& pipe, const std::string& by);
    std::shared_ptr<Pipe> make_pipe(const std::string& from, const std::string& to);
    std::map<std::string, SimListener*>& listeners() { return listeners_; }
    [[nodiscard]] std::uint16_t free_port() { return next_port_++; }
    [[nodiscard]] Duration draw_latency();
    [[nodiscard]] Simulator& simulator() { return simulator_; }

 private:
    void deliver(const std::shared_ptr<Pipe>& pipe, BufferSlice bytes);
    void reset(const std::shared_ptr<Pipe>& pipe);
    void release_held();

    Simulator& simulator_;
    std::multiset<std::pair<std::string, std::string>> cuts_;
    std::multiset<std::pair<std::string, Way>> isolated_;
    std::set<std::string> paused_;
    std::vector<std::weak_ptr<Pipe>> pipes_;
    std::map<std::string, SimListener*> listeners_;
    std::uint16_t next_port_ = 20'000;
};

class SimStream final : public runtime::Stream {
 public:
    SimStream(
        SimWorld& world, std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out, runtime::Peer peer
    );
    ~SimStream() override;
    runtime::Task<Result<std::size_t>> read_some(MutableByteView into, Instant deadline) override;
    runtime::Task<Status> write(BufferChain bytes, Instant deadline) override;
    void close() override;
    [[nodiscard]] const runtime::Peer& peer() const override { return peer_; }

 private:
    SimWorld& world_;
    std::shared_ptr<Pipe> in_;
    std::shared_ptr<Pipe> out_;
    runtime::Peer peer_;
    runtime::Event readable_;
    runtime::Event writable_;
    bool closed_ = false;
};

class SimListener final : public runtime::Listener {
 public:
    SimListener(SimWorld& world, runtime::Endpoint at, bool tls);
    ~SimListener() override;
    runtime::Task<Result<std::unique_ptr<runtime::Stream>>> accept() override;
    [[nodiscard]] runtime::Endpoint local() const override { return at_; }
    void close() override;

    struct Arrival {
        std::shared_ptr<Pipe> in;
        std::shared_ptr<Pipe> out;
        runtime::Peer peer;
    };
    // A connection reaches this listener.
    void arrive(Arrival arrival);
    void look_again() { arrived_.notify_all(); }
    [[nodiscard]] const std::string& host() const;
    [[nodiscard]] bool tls() const { return tls_; }

 private:
    SimWorld& world_;
    runtime::Endpoint at_;
    bool tls_;
    bool closed_ = false;
    std::vector<Arrival> arrivals_;
    runtime::Event arrived_;
};

}  // namespace sealane::simulation
