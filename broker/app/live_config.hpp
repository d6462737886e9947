#pragma once
// LiveConfig: keeps a broker's settings as its file and what is set at run time in the metadata
// (KIP-226) make them together. One object that all parts look at, changed in place on the shard.

#include "broker/config/broker_config.hpp"
#include "broker/metadata/metadata_store.hpp"
#include "common/runtime/task_group.hpp"

#include <functional>

namespace sealane::broker {

// Sets those settings of `now` that may change at run time, and no others: parts hold on to them.
void take_dynamic(BrokerConfig& now, const BrokerConfig& file, const Image& image);

class LiveConfig {
 public:
    // `now` follows the metadata; `changed` is told afterwards, for parts with copies.
    LiveConfig(
        runtime::World& world,
        BrokerConfig& now,
        MetadataStore& metadata,
        std::function<void()> changed
    );
    // When the metadata is open.
    void start();
    [[nodiscard]] runtime::Task<void> stop() { return tasks_.stop_and_join(); }
    [[nodiscard]] const BrokerConfig& file() const { return file_; }

 private:
    void take(const Image& image);

    const BrokerConfig file_;
    BrokerConfig& now_;
    MetadataStore& metadata_;
    std::function<void()> told_;
    runtime::Log log_;
    ConfigOverrides everywhere_;
    ConfigOverrides own_;
    runtime::TaskGroup tasks_;
};

}  // namespace sealane::broker
