#pragma once
// Mirror: all link halves of one process, wired together. It runs unchanged in the real World and
// in a simulated one.

#include "common/runtime/metrics.hpp"
#include "common/runtime/world.hpp"
#include "mirror/config/mirror_config.hpp"
#include "mirror/control/status_json.hpp"

#include <memory>

namespace sealane::mirror {

class Mirror {
 public:
    Mirror(runtime::World& world, MirrorConfig config);
    // Does no I/O: a mirror destroyed without stop() is a crashed one.
    ~Mirror();
    Mirror(const Mirror&) = delete;
    Mirror& operator=(const Mirror&) = delete;

    // Opens the ledger (its directory is locked: kLocked), listens on the sockets of the consumer
    // halves (kAddressInUse), starts all halves. Links that cannot connect keep trying.
    [[nodiscard]] runtime::Task<Status> start();
    // Safe after a failed start and to call twice.
    [[nodiscard]] runtime::Task<void> stop();

    [[nodiscard]] ProcessStatus status() const;
    [[nodiscard]] const std::vector<GapEntry>& gaps() const;
    [[nodiscard]] const runtime::MetricSource& metrics() const;
    [[nodiscard]] bool serving() const;
    // Where the consumer half of a link listens (actual port); the half must be here and started.
    [[nodiscard]] runtime::Endpoint socket_of(std::string_view link) const;

 private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sealane::mirror
