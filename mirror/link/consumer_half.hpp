#pragma once
// ConsumerHalf: the side of a link that reads the source cluster. It listens on the link's socket
// and serves one producer half at a time (a new one replaces the old). It holds no position of its
// own: every connection is told where to read from.

#include "common/client/admin.hpp"
#include "common/client/cluster_client.hpp"
#include "common/runtime/task_group.hpp"
#include "mirror/config/mirror_config.hpp"
#include "mirror/link/name_filter.hpp"

#include <memory>
#include <optional>
#include <string>

namespace sealane::mirror {

class SourceSession;

// What both halves' sessions are made of.
struct HalfContext {
    runtime::World& world;
    const MirrorConfig& config;
    HalfConfig half;
    client::ClusterClient& cluster;
};

struct ConsumerHalfStatus {
    std::string link;
    std::string socket;
    bool listening = false;
    bool connected = false;  // to the producer half
    std::string trouble;     // newest, empty when all is well
    std::size_t assignments = 0;
    std::int64_t credit = 0;  // bytes that may be sent
    std::int64_t sent_bytes = 0;
};

class ConsumerHalf {
 public:
    explicit ConsumerHalf(HalfContext context);
    ~ConsumerHalf();
    ConsumerHalf(const ConsumerHalf&) = delete;
    ConsumerHalf& operator=(const ConsumerHalf&) = delete;

    // kAddressInUse and the like name the socket.
    [[nodiscard]] runtime::Task<Status> start();
    [[nodiscard]] runtime::Task<void> stop();
    [[nodiscard]] ConsumerHalfStatus status() const;
    [[nodiscard]] runtime::Endpoint local() const;

 private:
    [[nodiscard]] runtime::Task<void> accept_loop();
    [[nodiscard]] runtime::Task<void> serve(std::unique_ptr<runtime::Stream> stream);

    HalfContext context_;
    runtime::Log log_;
    std::unique_ptr<runtime::Listener> listener_;
    std::shared_ptr<SourceSession> session_;
    std::string trouble_;
    std::int64_t sent_before_ = 0;  // by sessions that ended
    runtime::TaskGroup tasks_;
};

}  // namespace sealane::mirror
