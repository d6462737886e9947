#pragma once
// Every message, by family. The registry (messages_under_test.hpp) is made from these lists.

#include "common/kafka/messages/acls.hpp"
#include "common/kafka/messages/api_versions.hpp"
#include "common/kafka/messages/brokers.hpp"
#include "common/kafka/messages/cluster.hpp"
#include "common/kafka/messages/configs.hpp"
#include "common/kafka/messages/consumer_group_records.hpp"
#include "common/kafka/messages/consumer_groups.hpp"
#include "common/kafka/messages/consumer_protocol.hpp"
#include "common/kafka/messages/fetch.hpp"
#include "common/kafka/messages/group_admin.hpp"
#include "common/kafka/messages/group_records.hpp"
#include "common/kafka/messages/groups.hpp"
#include "common/kafka/messages/headers.hpp"
#include "common/kafka/messages/list_offsets.hpp"
#include "common/kafka/messages/log_records.hpp"
#include "common/kafka/messages/metadata.hpp"
#include "common/kafka/messages/metadata_cluster_records.hpp"
#include "common/kafka/messages/metadata_records.hpp"
#include "common/kafka/messages/metadata_security_records.hpp"
#include "common/kafka/messages/mirror.hpp"
#include "common/kafka/messages/offsets.hpp"
#include "common/kafka/messages/produce.hpp"
#include "common/kafka/messages/producers.hpp"
#include "common/kafka/messages/quorum.hpp"
#include "common/kafka/messages/quorum_admin.hpp"
#include "common/kafka/messages/quorum_records.hpp"
#include "common/kafka/messages/quotas.hpp"
#include "common/kafka/messages/reassignments.hpp"
#include "common/kafka/messages/sasl.hpp"
#include "common/kafka/messages/topics.hpp"
#include "common/kafka/messages/transaction_admin.hpp"
#include "common/kafka/messages/transactions.hpp"
#include "common/kafka/messages/voters.hpp"

namespace sealane::kafka::testing {

template <class... M>
struct MessageList {};

using ApiVersions = MessageList<ApiVersionsRequest, ApiVersionsResponse>;
using Produce = MessageList<ProduceRequest, ProduceResponse>;
using Fetch = MessageList<FetchRequest, FetchResponse>;
using ListOffsets = MessageList<
    ListOffsetsRequest,
    ListOffsetsResponse,
    OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse>;
using Metadata = MessageList<
    MetadataRequest,
    MetadataResponse,
    DescribeTopicPartitionsRequest,
    DescribeTopicPartitionsResponse>;
using Topics = MessageList<
    CreateTopicsRequest,
    CreateTopicsResponse,
    DeleteTopicsRequest,
    DeleteTopicsResponse,
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    DeleteRecordsRequest,
    DeleteRecordsResponse>;
using Groups = MessageList<
    FindCoordinatorRequest,
    FindCoordinatorResponse,
    JoinGroupRequest,
    JoinGroupResponse,
    SyncGroupRequest,
    SyncGroupResponse,
    HeartbeatRequest,
    HeartbeatResponse,
    LeaveGroupRequest,
    LeaveGroupResponse>;
using GroupAdmin = MessageList<
    DescribeGroupsRequest,
    DescribeGroupsResponse,
    ListGroupsRequest,
    ListGroupsResponse,
    DeleteGroupsRequest,
    DeleteGroupsResponse>;
using ConsumerGroups = MessageList<
    ConsumerGroupHeartbeatRequest,
    ConsumerGroupHeartbeatResponse,
    ConsumerGroupDescribeRequest,
    ConsumerGroupDescribeResponse>;
using Offsets = MessageList<
    OffsetCommitRequest,
    OffsetCommitResponse,
    OffsetFetchRequest,
    OffsetFetchResponse,
    OffsetDeleteRequest,
    OffsetDeleteResponse>;
using Configs = MessageList<
    DescribeConfigsRequest,
    DescribeConfigsResponse,
    AlterConfigsRequest,
    AlterConfigsResponse,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
    ListConfigResourcesRequest,
    ListConfigResourcesResponse>;
using Producers = MessageList<
    InitProducerIdRequest,
    InitProducerIdResponse,
    AllocateProducerIdsRequest,
    AllocateProducerIdsResponse,
    DescribeProducersRequest,
    DescribeProducersResponse>;
using Transactions = MessageList<
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
    AddOffsetsToTxnRequest,
    AddOffsetsToTxnResponse,
    TxnOffsetCommitRequest,
    TxnOffsetCommitResponse,
    EndTxnRequest,
    EndTxnResponse>;
using TransactionAdmin = MessageList<
    WriteTxnMarkersRequest,
    WriteTxnMarkersResponse,
    DescribeTransactionsRequest,
    DescribeTransactionsResponse,
    ListTransactionsRequest,
    ListTransactionsResponse>;
using Cluster = MessageList<
    DescribeClusterRequest,
    DescribeClusterResponse,
    DescribeLogDirsRequest,
    DescribeLogDirsResponse,
    UpdateFeaturesRequest,
    UpdateFeaturesResponse,
    UnregisterBrokerRequest,
    UnregisterBrokerResponse>;
using Reassignments = MessageList<
    ElectLeadersRequest,
    ElectLeadersResponse,
    AlterPartitionReassignmentsRequest,
    AlterPartitionReassignmentsResponse,
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse>;
using Acls = MessageList<
    DescribeAclsRequest,
    DescribeAclsResponse,
    CreateAclsRequest,
    CreateAclsResponse,
    DeleteAclsRequest,
    DeleteAclsResponse>;
using Sasl = MessageList<
    SaslHandshakeRequest,
    SaslHandshakeResponse,
    SaslAuthenticateRequest,
    SaslAuthenticateResponse,
    DescribeUserScramCredentialsRequest,
    DescribeUserScramCredentialsResponse,
    AlterUserScramCredentialsRequest,
    AlterUserScramCredentialsResponse>;
using Quotas = MessageList<
    DescribeClientQuotasRequest,
    DescribeClientQuotasResponse,
    AlterClientQuotasRequest,
    AlterClientQuotasResponse>;
using Quorum = MessageList<
    VoteRequest,
    VoteResponse,
    BeginQuorumEpochRequest,
    BeginQuorumEpochResponse,
    EndQuorumEpochRequest,
    EndQuorumEpochResponse>;
using QuorumAdmin = MessageList<
    DescribeQuorumRequest,
    DescribeQuorumResponse,
    FetchSnapshotRequest,
    FetchSnapshotResponse>;
using Voters = MessageList<
    AddRaftVoterRequest,
    AddRaftVoterResponse,
    RemoveRaftVoterRequest,
    RemoveRaftVoterResponse,
    UpdateRaftVoterRequest,
    UpdateRaftVoterResponse>;
using Brokers = MessageList<
    AlterPartitionRequest,
    AlterPartitionResponse,
    BrokerRegistrationRequest,
    BrokerRegistrationResponse,
    BrokerHeartbeatRequest,
    BrokerHeartbeatResponse,
    ControllerRegistrationRequest,
    ControllerRegistrationResponse,
    EnvelopeRequest,
    EnvelopeResponse,
    AssignReplicasToDirsRequest,
    AssignReplicasToDirsResponse>;
using Headers = MessageList<RequestHeader, ResponseHeader, DefaultPrincipalData>;
using MetadataRecords = MessageList<
    TopicRecord,
    RemoveTopicRecord,
    PartitionRecord,
    PartitionChangeRecord,
    ConfigRecord,
    FeatureLevelRecord,
    ProducerIdsRecord,
    NoOpRecord,
    BeginTransactionRecord,
    EndTransactionRecord,
    AbortTransactionRecord,
    ClearElrRecord>;
using MetadataClusterRecords = MessageList<
    RegisterBrokerRecord,
    UnregisterBrokerRecord,
    FenceBrokerRecord,
    UnfenceBrokerRecord,
    BrokerRegistrationChangeRecord,
    RegisterControllerRecord,
    UnregisterControllerRecord>;
using MetadataSecurityRecords = MessageList<
    UserScramCredentialRecord,
    RemoveUserScramCredentialRecord,
    AccessControlEntryRecord,
    RemoveAccessControlEntryRecord,
    ClientQuotaRecord>;
using GroupRecords =
    MessageList<OffsetCommitKey, OffsetCommitValue, GroupMetadataKey, GroupMetadataValue>;
using ConsumerGroupRecords = MessageList<
    ConsumerGroupMetadataKey,
    ConsumerGroupMetadataValue,
    ConsumerGroupPartitionMetadataKey,
    ConsumerGroupPartitionMetadataValue,
    ConsumerGroupMemberMetadataKey,
    ConsumerGroupMemberMetadataValue,
    ConsumerGroupTargetAssignmentMetadataKey,
    ConsumerGroupTargetAssignmentMetadataValue,
    ConsumerGroupTargetAssignmentMemberKey,
    ConsumerGroupTargetAssignmentMemberValue,
    ConsumerGroupCurrentMemberAssignmentKey,
    ConsumerGroupCurrentMemberAssignmentValue,
    ConsumerGroupRegularExpressionKey,
    ConsumerGroupRegularExpressionValue>;
using ConsumerProtocol = MessageList<ConsumerProtocolSubscription, ConsumerProtocolAssignment>;
using LogRecords =
    MessageList<ProducerSnapshot, EndTxnMarker, AbortedTxn, TransactionLogKey, TransactionLogValue>;
using QuorumRecords = MessageList<
    LeaderChangeMessage,
    SnapshotHeaderRecord,
    SnapshotFooterRecord,
    KRaftVersionRecord,
    VotersRecord,
    QuorumStateData>;

using Mirror = MessageList<
    MirrorPositionsRequest,
    MirrorPositionsResponse,
    MirrorAppendRequest,
    MirrorAppendResponse,
    MirrorLinksRequest,
    MirrorLinksResponse,
    AlterMirrorLinkRequest,
    AlterMirrorLinkResponse,
    MirrorTranslateRequest,
    MirrorTranslateResponse,
    PartitionDigestRequest,
    PartitionDigestResponse,
    MirrorRunsRequest,
    MirrorRunsResponse,
    MirrorPromoteRequest,
    MirrorPromoteResponse>;

}  // namespace sealane::kafka::testing
