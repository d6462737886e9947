#pragma once
// The topic of a coordinator (__consumer_offsets, __transaction_state) over this broker's metadata
// and partitions.

#include "broker/api/services.hpp"
#include "broker/coordinator/coordinator_log.hpp"

namespace sealane::broker {

class InternalTopic final : public CoordinatorTopic {
 public:
    // Made as `made` says, but for the number of partitions, when it is needed first. `services`
    // must outlive this.
    InternalTopic(Services& services, NewTopic made)
        : services_(services), made_(std::move(made)) {}
    [[nodiscard]] const std::string& name() const { return made_.name; }
    [[nodiscard]] runtime::Task<Result<std::int32_t>> ensure(std::int32_t partitions) override;
    [[nodiscard]] std::int32_t partition_count() const override;
    [[nodiscard]] Leaderships led() const override;
    [[nodiscard]] std::optional<Leadership> leadership(PartitionId partition) const override;
    [[nodiscard]] runtime::Event& changed() override { return services_.metadata.changed(); }
    [[nodiscard]] bool is_in_touch() const override { return services_.is_in_touch(); }
    [[nodiscard]] Result<std::unique_ptr<CoordinatorLog>> open(
        PartitionId partition, Leadership leadership
    ) override;
    [[nodiscard]] bool topic_exists(const std::string& topic) const override;

 private:
    Services& services_;
    NewTopic made_;
};

}  // namespace sealane::broker
