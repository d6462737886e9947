// The names of all error codes and whether they are worth a retry, as one table.

#include "common/base/error_code.hpp"

#include <algorithm>
#include <array>

namespace sealane {
namespace {

struct Row {
    ErrorCode code;
    std::string_view name;
    bool retriable;
};

// Sorted by code.
constexpr std::array kRows{
    Row{ErrorCode::kUnknownServerError, "UNKNOWN_SERVER_ERROR", false},
    Row{ErrorCode::kNone, "NONE", false},
    Row{ErrorCode::kOffsetOutOfRange, "OFFSET_OUT_OF_RANGE", false},
    Row{ErrorCode::kCorruptMessage, "CORRUPT_MESSAGE", true},
    Row{ErrorCode::kUnknownTopicOrPartition, "UNKNOWN_TOPIC_OR_PARTITION", true},
    Row{ErrorCode::kInvalidFetchSize, "INVALID_FETCH_SIZE", false},
    Row{ErrorCode::kLeaderNotAvailable, "LEADER_NOT_AVAILABLE", true},
    Row{ErrorCode::kNotLeaderOrFollower, "NOT_LEADER_OR_FOLLOWER", true},
    Row{ErrorCode::kRequestTimedOut, "REQUEST_TIMED_OUT", true},
    Row{ErrorCode::kBrokerNotAvailable, "BROKER_NOT_AVAILABLE", false},
    Row{ErrorCode::kReplicaNotAvailable, "REPLICA_NOT_AVAILABLE", true},
    Row{ErrorCode::kMessageTooLarge, "MESSAGE_TOO_LARGE", false},
    Row{ErrorCode::kStaleControllerEpoch, "STALE_CONTROLLER_EPOCH", false},
    Row{ErrorCode::kOffsetMetadataTooLarge, "OFFSET_METADATA_TOO_LARGE", false},
    Row{ErrorCode::kNetworkException, "NETWORK_EXCEPTION", true},
    Row{ErrorCode::kCoordinatorLoadInProgress, "COORDINATOR_LOAD_IN_PROGRESS", true},
    Row{ErrorCode::kCoordinatorNotAvailable, "COORDINATOR_NOT_AVAILABLE", true},
    Row{ErrorCode::kNotCoordinator, "NOT_COORDINATOR", true},
    Row{ErrorCode::kInvalidTopicException, "INVALID_TOPIC_EXCEPTION", false},
    Row{ErrorCode::kRecordListTooLarge, "RECORD_LIST_TOO_LARGE", false},
    Row{ErrorCode::kNotEnoughReplicas, "NOT_ENOUGH_REPLICAS", true},
    Row{ErrorCode::kNotEnoughReplicasAfterAppend, "NOT_ENOUGH_REPLICAS_AFTER_APPEND", true},
    Row{ErrorCode::kInvalidRequiredAcks, "INVALID_REQUIRED_ACKS", false},
    Row{ErrorCode::kIllegalGeneration, "ILLEGAL_GENERATION", false},
    Row{ErrorCode::kInconsistentGroupProtocol, "INCONSISTENT_GROUP_PROTOCOL", false},
    Row{ErrorCode::kInvalidGroupId, "INVALID_GROUP_ID", false},
    Row{ErrorCode::kUnknownMemberId, "UNKNOWN_MEMBER_ID", false},
    Row{ErrorCode::kInvalidSessionTimeout, "INVALID_SESSION_TIMEOUT", false},
    Row{ErrorCode::kRebalanceInProgress, "REBALANCE_IN_PROGRESS", false},
    Row{ErrorCode::kInvalidCommitOffsetSize, "INVALID_COMMIT_OFFSET_SIZE", false},
    Row{ErrorCode::kTopicAuthorizationFailed, "TOPIC_AUTHORIZATION_FAILED", false},
    Row{ErrorCode::kGroupAuthorizationFailed, "GROUP_AUTHORIZATION_FAILED", false},
    Row{ErrorCode::kClusterAuthorizationFailed, "CLUSTER_AUTHORIZATION_FAILED", false},
    Row{ErrorCode::kInvalidTimestamp, "INVALID_TIMESTAMP", false},
    Row{ErrorCode::kUnsupportedSaslMechanism, "UNSUPPORTED_SASL_MECHANISM", false},
    Row{ErrorCode::kIllegalSaslState, "ILLEGAL_SASL_STATE", false},
    Row{ErrorCode::kUnsupportedVersion, "UNSUPPORTED_VERSION", false},
    Row{ErrorCode::kTopicAlreadyExists, "TOPIC_ALREADY_EXISTS", false},
    Row{ErrorCode::kInvalidPartitions, "INVALID_PARTITIONS", false},
    Row{ErrorCode::kInvalidReplicationFactor, "INVALID_REPLICATION_FACTOR", false},
    Row{ErrorCode::kInvalidReplicaAssignment, "INVALID_REPLICA_ASSIGNMENT", false},
    Row{ErrorCode::kInvalidConfig, "INVALID_CONFIG", false},
    Row{ErrorCode::kNotController, "NOT_CONTROLLER", true},
    Row{ErrorCode::kInvalidRequest, "INVALID_REQUEST", false},
    Row{ErrorCode::kUnsupportedForMessageFormat, "UNSUPPORTED_FOR_MESSAGE_FORMAT", false},
    Row{ErrorCode::kPolicyViolation, "POLICY_VIOLATION", false},
    Row{ErrorCode::kOutOfOrderSequenceNumber, "OUT_OF_ORDER_SEQUENCE_NUMBER", false},
    Row{ErrorCode::kDuplicateSequenceNumber, "DUPLICATE_SEQUENCE_NUMBER", false},
    Row{ErrorCode::kInvalidProducerEpoch, "INVALID_PRODUCER_EPOCH", false},
    Row{ErrorCode::kInvalidTxnState, "INVALID_TXN_STATE", false},
    Row{ErrorCode::kInvalidProducerIdMapping, "INVALID_PRODUCER_ID_MAPPING", false},
    Row{ErrorCode::kInvalidTransactionTimeout, "INVALID_TRANSACTION_TIMEOUT", false},
    Row{ErrorCode::kConcurrentTransactions, "CONCURRENT_TRANSACTIONS", true},
    Row{ErrorCode::kTransactionCoordinatorFenced, "TRANSACTION_COORDINATOR_FENCED", false},
    Row{ErrorCode::kTransactionalIdAuthorizationFailed,
        "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
        false},
    Row{ErrorCode::kSecurityDisabled, "SECURITY_DISABLED", false},
    Row{ErrorCode::kOperationNotAttempted, "OPERATION_NOT_ATTEMPTED", false},
    Row{ErrorCode::kKafkaStorageError, "KAFKA_STORAGE_ERROR", true},
    Row{ErrorCode::kLogDirNotFound, "LOG_DIR_NOT_FOUND", false},
    Row{ErrorCode::kSaslAuthenticationFailed, "SASL_AUTHENTICATION_FAILED", false},
    Row{ErrorCode::kUnknownProducerId, "UNKNOWN_PRODUCER_ID", false},
    Row{ErrorCode::kReassignmentInProgress, "REASSIGNMENT_IN_PROGRESS", false},
    Row{ErrorCode::kDelegationTokenAuthDisabled, "DELEGATION_TOKEN_AUTH_DISABLED", false},
    Row{ErrorCode::kDelegationTokenNotFound, "DELEGATION_TOKEN_NOT_FOUND", false},
    Row{ErrorCode::kDelegationTokenOwnerMismatch, "DELEGATION_TOKEN_OWNER_MISMATCH", false},
    Row{ErrorCode::kDelegationTokenRequestNotAllowed, "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", false
    },
    Row{ErrorCode::kDelegationTokenAuthorizationFailed,
        "DELEGATION_TOKEN_AUTHORIZATION_FAILED",
        false},
    Row{ErrorCode::kDelegationTokenExpired, "DELEGATION_TOKEN_EXPIRED", false},
    Row{ErrorCode::kInvalidPrincipalType, "INVALID_PRINCIPAL_TYPE", false},
    Row{ErrorCode::kNonEmptyGroup, "NON_EMPTY_GROUP", false},
    Row{ErrorCode::kGroupIdNotFound, "GROUP_ID_NOT_FOUND", false},
    Row{ErrorCode::kFetchSessionIdNotFound, "FETCH_SESSION_ID_NOT_FOUND", true},
    Row{ErrorCode::kInvalidFetchSessionEpoch, "INVALID_FETCH_SESSION_EPOCH", true},
    Row{ErrorCode::kListenerNotFound, "LISTENER_NOT_FOUND", true},
    Row{ErrorCode::kTopicDeletionDisabled, "TOPIC_DELETION_DISABLED", false},
    Row{ErrorCode::kFencedLeaderEpoch, "FENCED_LEADER_EPOCH", true},
    Row{ErrorCode::kUnknownLeaderEpoch, "UNKNOWN_LEADER_EPOCH", true},
    Row{ErrorCode::kUnsupportedCompressionType, "UNSUPPORTED_COMPRESSION_TYPE", false},
    Row{ErrorCode::kStaleBrokerEpoch, "STALE_BROKER_EPOCH", false},
    Row{ErrorCode::kOffsetNotAvailable, "OFFSET_NOT_AVAILABLE", true},
    Row{ErrorCode::kMemberIdRequired, "MEMBER_ID_REQUIRED", false},
    Row{ErrorCode::kPreferredLeaderNotAvailable, "PREFERRED_LEADER_NOT_AVAILABLE", true},
    Row{ErrorCode::kGroupMaxSizeReached, "GROUP_MAX_SIZE_REACHED", false},
    Row{ErrorCode::kFencedInstanceId, "FENCED_INSTANCE_ID", false},
    Row{ErrorCode::kEligibleLeadersNotAvailable, "ELIGIBLE_LEADERS_NOT_AVAILABLE", true},
    Row{ErrorCode::kElectionNotNeeded, "ELECTION_NOT_NEEDED", true},
    Row{ErrorCode::kNoReassignmentInProgress, "NO_REASSIGNMENT_IN_PROGRESS", false},
    Row{ErrorCode::kGroupSubscribedToTopic, "GROUP_SUBSCRIBED_TO_TOPIC", false},
    Row{ErrorCode::kInvalidRecord, "INVALID_RECORD", false},
    Row{ErrorCode::kUnstableOffsetCommit, "UNSTABLE_OFFSET_COMMIT", true},
    Row{ErrorCode::kThrottlingQuotaExceeded, "THROTTLING_QUOTA_EXCEEDED", true},
    Row{ErrorCode::kProducerFenced, "PRODUCER_FENCED", false},
    Row{ErrorCode::kResourceNotFound, "RESOURCE_NOT_FOUND", false},
    Row{ErrorCode::kDuplicateResource, "DUPLICATE_RESOURCE", false},
    Row{ErrorCode::kUnacceptableCredential, "UNACCEPTABLE_CREDENTIAL", false},
    Row{ErrorCode::kInconsistentVoterSet, "INCONSISTENT_VOTER_SET", false},
    Row{ErrorCode::kInvalidUpdateVersion, "INVALID_UPDATE_VERSION", false},
    Row{ErrorCode::kFeatureUpdateFailed, "FEATURE_UPDATE_FAILED", false},
    Row{ErrorCode::kPrincipalDeserializationFailure, "PRINCIPAL_DESERIALIZATION_FAILURE", false},
    Row{ErrorCode::kSnapshotNotFound, "SNAPSHOT_NOT_FOUND", false},
    Row{ErrorCode::kPositionOutOfRange, "POSITION_OUT_OF_RANGE", false},
    Row{ErrorCode::kUnknownTopicId, "UNKNOWN_TOPIC_ID", true},
    Row{ErrorCode::kDuplicateBrokerRegistration, "DUPLICATE_BROKER_REGISTRATION", false},
    Row{ErrorCode::kBrokerIdNotRegistered, "BROKER_ID_NOT_REGISTERED", false},
    Row{ErrorCode::kInconsistentTopicId, "INCONSISTENT_TOPIC_ID", true},
    Row{ErrorCode::kInconsistentClusterId, "INCONSISTENT_CLUSTER_ID", false},
    Row{ErrorCode::kTransactionalIdNotFound, "TRANSACTIONAL_ID_NOT_FOUND", false},
    Row{ErrorCode::kFetchSessionTopicIdError, "FETCH_SESSION_TOPIC_ID_ERROR", true},
    Row{ErrorCode::kIneligibleReplica, "INELIGIBLE_REPLICA", false},
    Row{ErrorCode::kNewLeaderElected, "NEW_LEADER_ELECTED", false},
    Row{ErrorCode::kOffsetMovedToTieredStorage, "OFFSET_MOVED_TO_TIERED_STORAGE", false},
    Row{ErrorCode::kFencedMemberEpoch, "FENCED_MEMBER_EPOCH", false},
    Row{ErrorCode::kUnreleasedInstanceId, "UNRELEASED_INSTANCE_ID", false},
    Row{ErrorCode::kUnsupportedAssignor, "UNSUPPORTED_ASSIGNOR", false},
    Row{ErrorCode::kStaleMemberEpoch, "STALE_MEMBER_EPOCH", false},
    Row{ErrorCode::kMismatchedEndpointType, "MISMATCHED_ENDPOINT_TYPE", false},
    Row{ErrorCode::kUnsupportedEndpointType, "UNSUPPORTED_ENDPOINT_TYPE", false},
    Row{ErrorCode::kUnknownControllerId, "UNKNOWN_CONTROLLER_ID", false},
    Row{ErrorCode::kUnknownSubscriptionId, "UNKNOWN_SUBSCRIPTION_ID", false},
    Row{ErrorCode::kTelemetryTooLarge, "TELEMETRY_TOO_LARGE", false},
    Row{ErrorCode::kInvalidRegistration, "INVALID_REGISTRATION", false},
    Row{ErrorCode::kTransactionAbortable, "TRANSACTION_ABORTABLE", false},
    Row{ErrorCode::kInvalidRecordState, "INVALID_RECORD_STATE", false},
    Row{ErrorCode::kShareSessionNotFound, "SHARE_SESSION_NOT_FOUND", true},
    Row{ErrorCode::kInvalidShareSessionEpoch, "INVALID_SHARE_SESSION_EPOCH", true},
    Row{ErrorCode::kFencedStateEpoch, "FENCED_STATE_EPOCH", false},
    Row{ErrorCode::kInvalidVoterKey, "INVALID_VOTER_KEY", false},
    Row{ErrorCode::kDuplicateVoter, "DUPLICATE_VOTER", false},
    Row{ErrorCode::kVoterNotFound, "VOTER_NOT_FOUND", false},
    Row{ErrorCode::kInvalidRegularExpression, "INVALID_REGULAR_EXPRESSION", false},
    Row{ErrorCode::kRebootstrapRequired, "REBOOTSTRAP_REQUIRED", false},
    Row{ErrorCode::kStreamsInvalidTopology, "STREAMS_INVALID_TOPOLOGY", false},
    Row{ErrorCode::kStreamsInvalidTopologyEpoch, "STREAMS_INVALID_TOPOLOGY_EPOCH", false},
    Row{ErrorCode::kStreamsTopologyFenced, "STREAMS_TOPOLOGY_FENCED", false},
    Row{ErrorCode::kShareSessionLimitReached, "SHARE_SESSION_LIMIT_REACHED", true},
    Row{ErrorCode::kGroupDeletionFailed, "GROUP_DELETION_FAILED", false},
    Row{ErrorCode::kStreamsTopologyDescriptionUpdateFailed,
        "STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED",
        false},
    Row{ErrorCode::kControllerIdNotRegistered, "CONTROLLER_ID_NOT_REGISTERED", false},
    Row{ErrorCode::kStopped, "STOPPED", false},
    Row{ErrorCode::kDeadlineExceeded, "DEADLINE_EXCEEDED", true},
    Row{ErrorCode::kEndOfStream, "END_OF_STREAM", true},
    Row{ErrorCode::kConnectionReset, "CONNECTION_RESET", true},
    Row{ErrorCode::kConnectionRefused, "CONNECTION_REFUSED", true},
    Row{ErrorCode::kTlsFailed, "TLS_FAILED", false},
    Row{ErrorCode::kMalformed, "MALFORMED", false},
    Row{ErrorCode::kOutOfBounds, "OUT_OF_BOUNDS", false},
    Row{ErrorCode::kIo, "IO", false},
    Row{ErrorCode::kNoSpace, "NO_SPACE", true},
    Row{ErrorCode::kNotFound, "NOT_FOUND", false},
    Row{ErrorCode::kAlreadyExists, "ALREADY_EXISTS", false},
    Row{ErrorCode::kAddressInUse, "ADDRESS_IN_USE", false},
    Row{ErrorCode::kLocked, "LOCKED", false},
    Row{ErrorCode::kBadConfig, "BAD_CONFIG", false},
    Row{ErrorCode::kPermissionDenied, "PERMISSION_DENIED", false},
    Row{ErrorCode::kCorrupt, "CORRUPT", false},
    Row{ErrorCode::kUnsupported, "UNSUPPORTED", false},
    Row{ErrorCode::kBusy, "BUSY", true},
};
static_assert(std::ranges::is_sorted(kRows, {}, &Row::code));

const Row* find(ErrorCode code) {
    const auto at = std::ranges::lower_bound(kRows, code, {}, &Row::code);
    return at != kRows.end() && at->code == code ? &*at : nullptr;
}

}  // namespace

std::string_view name_of(ErrorCode code) {
    const Row* row = find(code);
    return row == nullptr ? "UNKNOWN" : row->name;
}

bool is_retriable(ErrorCode code) {
    const Row* row = find(code);
    return row != nullptr && row->retriable;
}

}  // namespace sealane
