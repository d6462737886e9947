#pragma once
// What consumers put into JoinGroup metadata and SyncGroup assignments (KIP-429, KIP-792). An int16
// version stands before each and is not part of the message.

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct ConsumerProtocolSubscription {
    static constexpr MessageSchema kSchema{
        "ConsumerProtocolSubscription", MessageKind::kData, -1, {0, 3}
    };

    struct TopicPartition {
        std::string topic;
        std::vector<PartitionId> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Topic", m.topic, Since{1});
            io.field("Partitions", m.partitions, Since{1});
        }
        friend bool operator==(const TopicPartition&, const TopicPartition&) = default;
    };

    std::vector<std::string> topics;
    std::optional<BufferSlice> user_data;
    std::vector<TopicPartition> owned_partitions;
    GroupGeneration generation_id{-1};
    std::optional<std::string> rack_id;

    static void fields(auto& io, auto& m) {
        io.field("Topics", m.topics, Since{0});
        io.field("UserData", m.user_data, Since{0}, NullableSince{0});
        io.field("OwnedPartitions", m.owned_partitions, Since{1});
        io.field("GenerationId", m.generation_id, Since{2});
        io.field("RackId", m.rack_id, Since{3}, NullableSince{3});
    }
    friend bool
    operator==(const ConsumerProtocolSubscription&, const ConsumerProtocolSubscription&) = default;
};

struct ConsumerProtocolAssignment {
    static constexpr MessageSchema kSchema{
        "ConsumerProtocolAssignment", MessageKind::kData, -1, {0, 3}
    };

    struct TopicPartition {
        std::string topic;
        std::vector<PartitionId> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Topic", m.topic, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const TopicPartition&, const TopicPartition&) = default;
    };

    std::vector<TopicPartition> assigned_partitions;
    std::optional<BufferSlice> user_data;

    static void fields(auto& io, auto& m) {
        io.field("AssignedPartitions", m.assigned_partitions, Since{0});
        io.field("UserData", m.user_data, Since{0}, NullableSince{0});
    }
    friend bool operator==(const ConsumerProtocolAssignment&, const ConsumerProtocolAssignment&) =
        default;
};

}  // namespace sealane::kafka
