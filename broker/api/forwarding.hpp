#pragma once
// Forwarding (KIP-590): a request that changes metadata may arrive at any broker; this one wraps it
// into an Envelope with the client's principal and asks the active controller. The answer goes back
// as it came. On the controller itself the handler runs at once.

#include "broker/api/registry.hpp"
#include "broker/peers/peers.hpp"
#include "common/kafka/messages/brokers.hpp"
#include "common/runtime/world.hpp"

#include <functional>

namespace sealane::broker {

class Forwarding {
 public:
    struct Ports {
        BrokerId self = kNoBroker;
        std::function<BrokerId()> active;  // kNoBroker: nobody knows
        std::function<bool()> is_active;   // this node is, and has caught up with itself
        // For how long nothing was heard of one.
        std::function<Duration()> without;
        std::function<runtime::Task<void>(Instant)> wait_changed;
    };
    Forwarding(runtime::World& world, Peers& peers, Ports ports)
        : world_(world), peers_(peers), ports_(std::move(ports)) {}

    // The task that forwards; nothing when the handler may run here.
    [[nodiscard]] std::optional<runtime::Task<RawReply>> detour(
        const ApiEntry& entry, const RequestContext& context, const BufferSlice& body
    );

 private:
    [[nodiscard]] runtime::Task<RawReply> forward(
        const ApiEntry* entry, RequestContext context, BufferSlice body
    );
    [[nodiscard]] runtime::Task<Result<BufferChain>> ask_controller(
        const ApiEntry* entry, RequestContext context, BufferSlice body
    );
    [[nodiscard]] runtime::Task<Result<BufferChain>> run_here(
        const ApiEntry& entry, RequestContext context, BufferSlice body
    );
    [[nodiscard]] runtime::Task<Result<BufferChain>> send(
        BrokerId controller, const RequestContext& context, kafka::EnvelopeRequest envelope
    );

    runtime::World& world_;
    Peers& peers_;
    Ports ports_;
};

// Envelope at the controller: runs what is inside, as the principal that it names. Whether that
// principal may use private APIs or act as a broker is asked of `rights`.
struct EnvelopeRights {
    std::function<bool(std::string_view principal)> private_apis;
    std::function<bool(std::string_view principal)> cluster_action;
    std::function<bool()> is_active;
};
void add_envelope(ApiRegistry& registry, EnvelopeRights rights);

}  // namespace sealane::broker
