#pragma once
// The APIs that our programs know: their keys, the versions whose messages we have, and the first
// flexible version (KIP-482). Keys from 1000 are private to Sealane (messages/mirror.hpp).

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sealane::kafka {

enum class ApiKey : std::int16_t {
    kProduce = 0,
    kFetch = 1,
    kListOffsets = 2,
    kMetadata = 3,
    kOffsetCommit = 8,
    kOffsetFetch = 9,
    kFindCoordinator = 10,
    kJoinGroup = 11,
    kHeartbeat = 12,
    kLeaveGroup = 13,
    kSyncGroup = 14,
    kDescribeGroups = 15,
    kListGroups = 16,
    kSaslHandshake = 17,
    kApiVersions = 18,
    kCreateTopics = 19,
    kDeleteTopics = 20,
    kDeleteRecords = 21,
    kInitProducerId = 22,
    kOffsetForLeaderEpoch = 23,
    kAddPartitionsToTxn = 24,
    kAddOffsetsToTxn = 25,
    kEndTxn = 26,
    kWriteTxnMarkers = 27,
    kTxnOffsetCommit = 28,
    kDescribeAcls = 29,
    kCreateAcls = 30,
    kDeleteAcls = 31,
    kDescribeConfigs = 32,
    kAlterConfigs = 33,
    kDescribeLogDirs = 35,
    kSaslAuthenticate = 36,
    kCreatePartitions = 37,
    kDeleteGroups = 42,
    kElectLeaders = 43,
    kIncrementalAlterConfigs = 44,
    kAlterPartitionReassignments = 45,
    kListPartitionReassignments = 46,
    kOffsetDelete = 47,
    kDescribeClientQuotas = 48,
    kAlterClientQuotas = 49,
    kDescribeUserScramCredentials = 50,
    kAlterUserScramCredentials = 51,
    kVote = 52,
    kBeginQuorumEpoch = 53,
    kEndQuorumEpoch = 54,
    kDescribeQuorum = 55,
    kAlterPartition = 56,
    kUpdateFeatures = 57,
    kEnvelope = 58,
    kFetchSnapshot = 59,
    kDescribeCluster = 60,
    kDescribeProducers = 61,
    kBrokerRegistration = 62,
    kBrokerHeartbeat = 63,
    kUnregisterBroker = 64,
    kDescribeTransactions = 65,
    kListTransactions = 66,
    kAllocateProducerIds = 67,
    kConsumerGroupHeartbeat = 68,
    kConsumerGroupDescribe = 69,
    kControllerRegistration = 70,
    kAssignReplicasToDirs = 73,
    kListConfigResources = 74,
    kDescribeTopicPartitions = 75,
    kAddRaftVoter = 80,
    kRemoveRaftVoter = 81,
    kUpdateRaftVoter = 82,
    kMirrorPositions = 1000,
    kMirrorAppend = 1001,
    kMirrorLinks = 1002,
    kAlterMirrorLink = 1003,
    kMirrorTranslate = 1004,
    kPartitionDigest = 1005,
    kMirrorRuns = 1006,
    kMirrorPromote = 1007,
};

struct ApiInfo {
    ApiKey key;
    std::string_view name;
    std::int16_t first_version;
    std::int16_t last_version;
    std::int16_t flexible_since;  // INT16_MAX: no version is flexible
};

// Ascending by key. A broker advertises what it serves of this; Produce it advertises from 0.
// clang-format off
inline constexpr std::array<ApiInfo, 76> kApis{{
    {ApiKey::kProduce, "Produce", 3, 13, 9},
    {ApiKey::kFetch, "Fetch", 4, 18, 12},
    {ApiKey::kListOffsets, "ListOffsets", 1, 10, 6},
    {ApiKey::kMetadata, "Metadata", 0, 13, 9},
    {ApiKey::kOffsetCommit, "OffsetCommit", 1, 10, 8},
    {ApiKey::kOffsetFetch, "OffsetFetch", 1, 10, 6},
    {ApiKey::kFindCoordinator, "FindCoordinator", 0, 6, 3},
    {ApiKey::kJoinGroup, "JoinGroup", 0, 9, 6},
    {ApiKey::kHeartbeat, "Heartbeat", 0, 4, 4},
    {ApiKey::kLeaveGroup, "LeaveGroup", 0, 5, 4},
    {ApiKey::kSyncGroup, "SyncGroup", 0, 5, 4},
    {ApiKey::kDescribeGroups, "DescribeGroups", 0, 6, 5},
    {ApiKey::kListGroups, "ListGroups", 0, 5, 3},
    {ApiKey::kSaslHandshake, "SaslHandshake", 0, 1, INT16_MAX},
    {ApiKey::kApiVersions, "ApiVersions", 0, 5, 3},
    {ApiKey::kCreateTopics, "CreateTopics", 0, 7, 5},
    {ApiKey::kDeleteTopics, "DeleteTopics", 0, 6, 4},
    {ApiKey::kDeleteRecords, "DeleteRecords", 0, 2, 2},
    {ApiKey::kInitProducerId, "InitProducerId", 0, 5, 2},
    {ApiKey::kOffsetForLeaderEpoch, "OffsetForLeaderEpoch", 2, 4, 4},
    {ApiKey::kAddPartitionsToTxn, "AddPartitionsToTxn", 0, 5, 3},
    {ApiKey::kAddOffsetsToTxn, "AddOffsetsToTxn", 0, 4, 3},
    {ApiKey::kEndTxn, "EndTxn", 0, 5, 3},
    {ApiKey::kWriteTxnMarkers, "WriteTxnMarkers", 1, 2, 1},
    {ApiKey::kTxnOffsetCommit, "TxnOffsetCommit", 0, 5, 3},
    {ApiKey::kDescribeAcls, "DescribeAcls", 0, 3, 2},
    {ApiKey::kCreateAcls, "CreateAcls", 0, 3, 2},
    {ApiKey::kDeleteAcls, "DeleteAcls", 0, 3, 2},
    {ApiKey::kDescribeConfigs, "DescribeConfigs", 0, 4, 4},
    {ApiKey::kAlterConfigs, "AlterConfigs", 0, 2, 2},
    {ApiKey::kDescribeLogDirs, "DescribeLogDirs", 0, 5, 2},
    {ApiKey::kSaslAuthenticate, "SaslAuthenticate", 0, 2, 2},
    {ApiKey::kCreatePartitions, "CreatePartitions", 0, 3, 2},
    {ApiKey::kDeleteGroups, "DeleteGroups", 0, 3, 2},
    {ApiKey::kElectLeaders, "ElectLeaders", 0, 2, 2},
    {ApiKey::kIncrementalAlterConfigs, "IncrementalAlterConfigs", 0, 1, 1},
    {ApiKey::kAlterPartitionReassignments, "AlterPartitionReassignments", 0, 1, 0},
    {ApiKey::kListPartitionReassignments, "ListPartitionReassignments", 0, 0, 0},
    {ApiKey::kOffsetDelete, "OffsetDelete", 0, 0, INT16_MAX},
    {ApiKey::kDescribeClientQuotas, "DescribeClientQuotas", 0, 1, 1},
    {ApiKey::kAlterClientQuotas, "AlterClientQuotas", 0, 1, 1},
    {ApiKey::kDescribeUserScramCredentials, "DescribeUserScramCredentials", 0, 0, 0},
    {ApiKey::kAlterUserScramCredentials, "AlterUserScramCredentials", 0, 0, 0},
    {ApiKey::kVote, "Vote", 0, 2, 0},
    {ApiKey::kBeginQuorumEpoch, "BeginQuorumEpoch", 0, 1, 1},
    {ApiKey::kEndQuorumEpoch, "EndQuorumEpoch", 0, 1, 1},
    {ApiKey::kDescribeQuorum, "DescribeQuorum", 0, 2, 0},
    {ApiKey::kAlterPartition, "AlterPartition", 2, 3, 0},
    {ApiKey::kUpdateFeatures, "UpdateFeatures", 0, 2, 0},
    {ApiKey::kEnvelope, "Envelope", 0, 0, 0},
    {ApiKey::kFetchSnapshot, "FetchSnapshot", 0, 1, 0},
    {ApiKey::kDescribeCluster, "DescribeCluster", 0, 2, 0},
    {ApiKey::kDescribeProducers, "DescribeProducers", 0, 0, 0},
    {ApiKey::kBrokerRegistration, "BrokerRegistration", 0, 4, 0},
    {ApiKey::kBrokerHeartbeat, "BrokerHeartbeat", 0, 2, 0},
    {ApiKey::kUnregisterBroker, "UnregisterBroker", 0, 0, 0},
    {ApiKey::kDescribeTransactions, "DescribeTransactions", 0, 0, 0},
    {ApiKey::kListTransactions, "ListTransactions", 0, 2, 0},
    {ApiKey::kAllocateProducerIds, "AllocateProducerIds", 0, 0, 0},
    {ApiKey::kConsumerGroupHeartbeat, "ConsumerGroupHeartbeat", 0, 1, 0},
    {ApiKey::kConsumerGroupDescribe, "ConsumerGroupDescribe", 0, 1, 0},
    {ApiKey::kControllerRegistration, "ControllerRegistration", 0, 0, 0},
    {ApiKey::kAssignReplicasToDirs, "AssignReplicasToDirs", 0, 0, 0},
    {ApiKey::kListConfigResources, "ListConfigResources", 0, 1, 0},
    {ApiKey::kDescribeTopicPartitions, "DescribeTopicPartitions", 0, 0, 0},
    {ApiKey::kAddRaftVoter, "AddRaftVoter", 0, 1, 0},
    {ApiKey::kRemoveRaftVoter, "RemoveRaftVoter", 0, 0, 0},
    {ApiKey::kUpdateRaftVoter, "UpdateRaftVoter", 0, 0, 0},
    {ApiKey::kMirrorPositions, "MirrorPositions", 0, 0, 0},
    {ApiKey::kMirrorAppend, "MirrorAppend", 0, 0, 0},
    {ApiKey::kMirrorLinks, "MirrorLinks", 0, 0, 0},
    {ApiKey::kAlterMirrorLink, "AlterMirrorLink", 0, 0, 0},
    {ApiKey::kMirrorTranslate, "MirrorTranslate", 0, 0, 0},
    {ApiKey::kPartitionDigest, "PartitionDigest", 0, 0, 0},
    {ApiKey::kMirrorRuns, "MirrorRuns", 0, 0, 0},
    {ApiKey::kMirrorPromote, "MirrorPromote", 0, 0, 0},
}};
// clang-format on

// Row numbers of the public keys, -1 where there is none.
inline constexpr std::array<std::int8_t, 128> kApiRows = [] {
    std::array<std::int8_t, 128> rows{};
    rows.fill(-1);
    for (std::size_t i = 0; i < kApis.size(); ++i) {
        const auto key = static_cast<std::size_t>(kApis[i].key);
        if (key < rows.size()) rows[key] = static_cast<std::int8_t>(i);
    }
    return rows;
}();

// The row of an API key from the wire, nothing for an unknown one.
[[nodiscard]] constexpr std::optional<ApiInfo> find_api(std::int16_t key) {
    if (key >= 0 && static_cast<std::size_t>(key) < kApiRows.size()) {
        const std::int8_t row = kApiRows[static_cast<std::size_t>(key)];
        if (row < 0) return std::nullopt;
        return kApis[static_cast<std::size_t>(row)];
    }
    for (const ApiInfo& info : kApis) {
        if (static_cast<std::int16_t>(info.key) == key) return info;
    }
    return std::nullopt;
}

// Kafka's name of the API, "Unknown" for a key that is not in the table.
[[nodiscard]] constexpr std::string_view name_of(ApiKey key) {
    const std::optional<ApiInfo> info = find_api(static_cast<std::int16_t>(key));
    return info ? info->name : std::string_view("Unknown");
}

}  // namespace sealane::kafka
