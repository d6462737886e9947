#pragma once
// __consumer_offsets as the group coordinator sees it, over this broker's metadata and partitions.

#include "broker/api/services.hpp"
#include "broker/groups/group_config.hpp"
#include "broker/groups/group_log.hpp"

namespace sealane::broker {

class OffsetsTopic final : public groups::GroupTopic {
 public:
    // `services` must outlive this.
    explicit OffsetsTopic(Services& services) : services_(services) {}
    [[nodiscard]] runtime::Task<Result<std::int32_t>> ensure(std::int32_t partitions) override;
    [[nodiscard]] std::int32_t partition_count() const override;
    [[nodiscard]] Leaderships led() const override;
    [[nodiscard]] std::optional<groups::Leadership> leadership(PartitionId partition
    ) const override;
    [[nodiscard]] runtime::Event& changed() override { return services_.metadata.changed(); }
    [[nodiscard]] bool is_in_touch() const override { return services_.is_in_touch(); }
    [[nodiscard]] Result<std::unique_ptr<groups::GroupLog>> open(
        PartitionId partition, groups::Leadership leadership
    ) override;
    [[nodiscard]] bool topic_exists(const std::string& topic) const override;

 private:
    Services& services_;
};

[[nodiscard]] groups::GroupConfig group_config(const BrokerConfig& config);

}  // namespace sealane::broker
