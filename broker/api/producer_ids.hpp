#pragma once
// ProducerIds: hands out producer ids from blocks that the controller has set aside for this broker
// (KIP-730), so that no id is ever given twice, whatever crashes. A block is asked for by one
// request at a time, and ahead of need.

#include "common/base/ids.hpp"
#include "common/kafka/messages/producers.hpp"
#include "common/runtime/event.hpp"
#include "common/runtime/task_group.hpp"
#include "common/runtime/world.hpp"

#include <functional>
#include <optional>

namespace sealane::broker {

class ProducerIds {
 public:
    // Asks the controller for a block, for a few seconds at most.
    using Allocate = std::function<runtime::Task<Result<kafka::AllocateProducerIdsResponse>>()>;
    // `tasks` runs the asking and ends before this does.
    ProducerIds(runtime::World& world, runtime::TaskGroup& tasks, Allocate allocate);

    // A fresh id. Errors: why the controller gave no block; the next call asks again.
    [[nodiscard]] runtime::Task<Result<ProducerId>> next();

 private:
    struct Block {
        std::int64_t next = 0;
        std::int64_t end = 0;
        [[nodiscard]] std::int64_t left() const { return end - next; }
    };
    // With fewer ids left than this the next block is asked for.
    static constexpr std::int64_t kAskBelow = 200;

    void ask();
    [[nodiscard]] runtime::Task<void> fetch_block();

    runtime::TaskGroup& tasks_;
    Allocate allocate_;
    Block current_;
    Block spare_;
    bool asking_ = false;
    std::optional<Error> failure_;  // of the last asking
    runtime::Event answered_;
};

}  // namespace sealane::broker
