#pragma once
// Broker: one Kafka-compatible node, wired together. It runs unchanged in the real World and in a
// simulated one. Start reading at Broker::start in broker.cpp.

#include "broker/config/broker_config.hpp"
#include "common/runtime/metrics.hpp"
#include "common/runtime/world.hpp"

#include <memory>
#include <string_view>

namespace sealane::broker {

struct Services;

class Broker {
 public:
    Broker(runtime::World& world, BrokerConfig config);
    Broker(const Broker&) = delete;
    Broker& operator=(const Broker&) = delete;
    // Does no I/O: a broker destroyed without stop() is a crashed one.
    ~Broker();

    // Locks the data directory, recovers, listens. kLocked, kAddressInUse, kBadConfig (also: the
    // directory belongs to another cluster or node), kCorrupt and disk errors say what to do.
    // After an error call stop() and drop the object.
    [[nodiscard]] runtime::Task<Status> start();
    // Makes a start() that waits for the cluster end with kStopped; stop() comes next.
    void interrupt();
    // Hands leaderships over where others can take them. Answers what is in flight, closes
    // connections, syncs and closes the logs, marks the directory as cleanly stopped. Safe after a
    // failed start and to call twice.
    [[nodiscard]] runtime::Task<void> stop();

    // The actual address of a listener after start(). The listener must exist.
    [[nodiscard]] runtime::Endpoint endpoint(std::string_view listener) const;
    [[nodiscard]] std::string_view cluster_id() const;
    [[nodiscard]] const runtime::MetricSource& metrics() const;
    // Listening and ready for clients.
    [[nodiscard]] bool serving() const;
    // For tests: everything that handlers see.
    [[nodiscard]] Services& services();

 private:
    class Impl;
    struct Metrics;
    std::unique_ptr<Impl> impl_;
    std::unique_ptr<Metrics> metrics_;
};

}  // namespace sealane::broker
