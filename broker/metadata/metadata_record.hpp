#pragma once
// The records of the metadata log `__cluster_metadata-0`: Kafka's KRaft records (KIP-631) about
// topics, brokers, configs, producer ids, access control, credentials and quotas, and one of ours
// for what is not Kafka's. On disk each is the value of one log record: uvarint frame version 1,
// uvarint record type, uvarint record version, the struct.

#include "common/base/buffer.hpp"
#include "common/base/result.hpp"
#include "common/kafka/messages/metadata_cluster_records.hpp"
#include "common/kafka/messages/metadata_records.hpp"
#include "common/kafka/messages/metadata_security_records.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sealane::broker {

// Upserts (value) or removes (no value) one entry of a named family of state that Kafka has no
// record for: mirror links ("link"), for example. Record type 20000. The bytes are the owner's.
struct ExtensionRecord {
    std::string family;
    std::string name;
    std::optional<BufferSlice> value;
};

using MetadataRecord = std::variant<
    kafka::RegisterBrokerRecord,
    kafka::UnregisterBrokerRecord,
    kafka::BrokerRegistrationChangeRecord,
    kafka::FenceBrokerRecord,
    kafka::UnfenceBrokerRecord,
    kafka::FeatureLevelRecord,
    kafka::NoOpRecord,
    kafka::TopicRecord,
    kafka::PartitionRecord,
    kafka::PartitionChangeRecord,
    kafka::ConfigRecord,
    kafka::RemoveTopicRecord,
    kafka::ProducerIdsRecord,
    kafka::AccessControlEntryRecord,
    kafka::RemoveAccessControlEntryRecord,
    kafka::UserScramCredentialRecord,
    kafka::RemoveUserScramCredentialRecord,
    kafka::ClientQuotaRecord,
    ExtensionRecord>;
// What a decider answers. The records of one decision are one batch: all or none of them happen.
using Records = std::vector<MetadataRecord>;

[[nodiscard]] Result<BufferSlice> encode_metadata_record(const MetadataRecord& record);
// Nothing for record types of Kafka that say nothing to us (registrations of controllers). kCorrupt
// for every other type that this version does not know.
[[nodiscard]] Result<std::optional<MetadataRecord>> decode_metadata_record(BufferSlice value);

}  // namespace sealane::broker
