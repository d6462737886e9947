#pragma once
// Admission: which requests may run before this node is ready for clients. Nodes of the cluster are
// let through at once (they vote and replicate), unless they ask which topics there are; everybody
// else waits, so that nobody hears "unknown topic" from a node that has not caught up yet. A node
// without the role broker answers clients only what a controller can.

#include "broker/api/forwarding.hpp"
#include "broker/api/registry.hpp"
#include "common/runtime/event.hpp"
#include "common/runtime/world.hpp"

namespace sealane::broker {

class Admission {
 public:
    Admission(runtime::World& world, Forwarding& forwarding, bool serves_clients)
        : world_(world),
          forwarding_(forwarding),
          serves_clients_(serves_clients),
          changed_(world.waits()) {}

    // Clients are served from now on.
    void open() {
        open_ = true;
        changed_.notify_all();
    }
    // Whoever waits is sent away.
    void close() {
        closed_ = true;
        changed_.notify_all();
    }
    // Returns when clients are served, or false at the deadline or the end.
    [[nodiscard]] runtime::Task<bool> wait_open(Instant deadline);
    // For ApiRegistry::set_detour.
    [[nodiscard]] std::optional<runtime::Task<RawReply>> detour(
        const ApiEntry& entry, RequestContext& context, BufferSlice& body
    );

 private:
    [[nodiscard]] runtime::Task<RawReply> wait(
        const ApiEntry* entry, RequestContext context, BufferSlice body
    );

    runtime::World& world_;
    Forwarding& forwarding_;
    bool serves_clients_;
    bool open_ = false;
    bool closed_ = false;
    runtime::Event changed_;
};

}  // namespace sealane::broker
