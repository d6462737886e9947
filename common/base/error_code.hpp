#pragma once
// Every error the programs can name. Kafka's wire codes keep their numbers (protocol error codes,
// kafka.apache.org/protocol#protocol_error_codes); codes of our own start at 10,000 and never
// appear on the Kafka wire. A new code only if some caller reacts to it differently.

#include <cstdint>
#include <string_view>

namespace sealane {

enum class ErrorCode : std::int32_t {
    kUnknownServerError = -1,
    kNone = 0,
    kOffsetOutOfRange = 1,
    kCorruptMessage = 2,
    kUnknownTopicOrPartition = 3,
    kInvalidFetchSize = 4,
    kLeaderNotAvailable = 5,
    kNotLeaderOrFollower = 6,
    kRequestTimedOut = 7,
    kBrokerNotAvailable = 8,
    kReplicaNotAvailable = 9,
    kMessageTooLarge = 10,
    kStaleControllerEpoch = 11,
    kOffsetMetadataTooLarge = 12,
    kNetworkException = 13,
    kCoordinatorLoadInProgress = 14,
    kCoordinatorNotAvailable = 15,
    kNotCoordinator = 16,
    kInvalidTopicException = 17,
    kRecordListTooLarge = 18,
    kNotEnoughReplicas = 19,
    kNotEnoughReplicasAfterAppend = 20,
    kInvalidRequiredAcks = 21,
    kIllegalGeneration = 22,
    kInconsistentGroupProtocol = 23,
    kInvalidGroupId = 24,
    kUnknownMemberId = 25,
    kInvalidSessionTimeout = 26,
    kRebalanceInProgress = 27,
    kInvalidCommitOffsetSize = 28,
    kTopicAuthorizationFailed = 29,
    kGroupAuthorizationFailed = 30,
    kClusterAuthorizationFailed = 31,
    kInvalidTimestamp = 32,
    kUnsupportedSaslMechanism = 33,
    kIllegalSaslState = 34,
    kUnsupportedVersion = 35,
    kTopicAlreadyExists = 36,
    kInvalidPartitions = 37,
    kInvalidReplicationFactor = 38,
    kInvalidReplicaAssignment = 39,
    kInvalidConfig = 40,
    kNotController = 41,
    kInvalidRequest = 42,
    kUnsupportedForMessageFormat = 43,
    kPolicyViolation = 44,
    kOutOfOrderSequenceNumber = 45,
    kDuplicateSequenceNumber = 46,
    kInvalidProducerEpoch = 47,
    kInvalidTxnState = 48,
    kInvalidProducerIdMapping = 49,
    kInvalidTransactionTimeout = 50,
    kConcurrentTransactions = 51,
    kTransactionCoordinatorFenced = 52,
    kTransactionalIdAuthorizationFailed = 53,
    kSecurityDisabled = 54,
    kOperationNotAttempted = 55,
    kKafkaStorageError = 56,
    kLogDirNotFound = 57,
    kSaslAuthenticationFailed = 58,
    kUnknownProducerId = 59,
    kReassignmentInProgress = 60,
    kDelegationTokenAuthDisabled = 61,
    kDelegationTokenNotFound = 62,
    kDelegationTokenOwnerMismatch = 63,
    kDelegationTokenRequestNotAllowed = 64,
    kDelegationTokenAuthorizationFailed = 65,
    kDelegationTokenExpired = 66,
    kInvalidPrincipalType = 67,
    kNonEmptyGroup = 68,
    kGroupIdNotFound = 69,
    kFetchSessionIdNotFound = 70,
    kInvalidFetchSessionEpoch = 71,
    kListenerNotFound = 72,
    kTopicDeletionDisabled = 73,
    kFencedLeaderEpoch = 74,
    kUnknownLeaderEpoch = 75,
    kUnsupportedCompressionType = 76,
    kStaleBrokerEpoch = 77,
    kOffsetNotAvailable = 78,
    kMemberIdRequired = 79,
    kPreferredLeaderNotAvailable = 80,
    kGroupMaxSizeReached = 81,
    kFencedInstanceId = 82,
    kEligibleLeadersNotAvailable = 83,
    kElectionNotNeeded = 84,
    kNoReassignmentInProgress = 85,
    kGroupSubscribedToTopic = 86,
    kInvalidRecord = 87,
    kUnstableOffsetCommit = 88,
    kThrottlingQuotaExceeded = 89,
    kProducerFenced = 90,
    kResourceNotFound = 91,
    kDuplicateResource = 92,
    kUnacceptableCredential = 93,
    kInconsistentVoterSet = 94,
    kInvalidUpdateVersion = 95,
    kFeatureUpdateFailed = 96,
    kPrincipalDeserializationFailure = 97,
    kSnapshotNotFound = 98,
    kPositionOutOfRange = 99,
    kUnknownTopicId = 100,
    kDuplicateBrokerRegistration = 101,
    kBrokerIdNotRegistered = 102,
    kInconsistentTopicId = 103,
    kInconsistentClusterId = 104,
    kTransactionalIdNotFound = 105,
    kFetchSessionTopicIdError = 106,
    kIneligibleReplica = 107,
    kNewLeaderElected = 108,
    kOffsetMovedToTieredStorage = 109,
    kFencedMemberEpoch = 110,
    kUnreleasedInstanceId = 111,
    kUnsupportedAssignor = 112,
    kStaleMemberEpoch = 113,
    kMismatchedEndpointType = 114,
    kUnsupportedEndpointType = 115,
    kUnknownControllerId = 116,
    kUnknownSubscriptionId = 117,
    kTelemetryTooLarge = 118,
    kInvalidRegistration = 119,
    kTransactionAbortable = 120,
    kInvalidRecordState = 121,
    kShareSessionNotFound = 122,
    kInvalidShareSessionEpoch = 123,
    kFencedStateEpoch = 124,
    kInvalidVoterKey = 125,
    kDuplicateVoter = 126,
    kVoterNotFound = 127,
    kInvalidRegularExpression = 128,
    kRebootstrapRequired = 129,
    kStreamsInvalidTopology = 130,
    kStreamsInvalidTopologyEpoch = 131,
    kStreamsTopologyFenced = 132,
    kShareSessionLimitReached = 133,
    kGroupDeletionFailed = 134,
    kStreamsTopologyDescriptionUpdateFailed = 135,
    kControllerIdNotRegistered = 136,

    // Ours.
    kStopped = 10'000,           // shutdown: never logged as an error
    kDeadlineExceeded = 10'001,  // the wait's deadline passed
    kEndOfStream = 10'002,       // the peer closed in an orderly way
    kConnectionReset = 10'003,   // the peer or the path broke the stream
    kConnectionRefused = 10'004,
    kTlsFailed = 10'005,    // handshake or certificate refused; detail names the reason
    kMalformed = 10'006,    // bytes that do not decode; detail has field path and offset
    kOutOfBounds = 10'007,  // a count or length larger than what is left or allowed
    kIo = 10'008,           // EIO and everything unclassified from the disk
    kNoSpace = 10'009,      // ENOSPC, EDQUOT
    kNotFound = 10'010,
    kAlreadyExists = 10'011,
    kAddressInUse = 10'012,
    kLocked = 10'013,     // held by another process
    kBadConfig = 10'014,  // detail has file, line, column and the way to mend it
    kPermissionDenied = 10'015,
    kCorrupt = 10'016,  // stored bytes that fail their checksum or chain
    kUnsupported = 10'017,
    kBusy = 10'018,  // a bound is reached; try again
};

// Kafka's name for a wire code ("OFFSET_OUT_OF_RANGE"), ours in the same style for the others.
[[nodiscard]] std::string_view name_of(ErrorCode code);
// True for the codes that Kafka marks retriable, and for transient ones of ours.
[[nodiscard]] bool is_retriable(ErrorCode code);
// True when the number may be written into a Kafka response.
[[nodiscard]] constexpr bool is_wire_code(ErrorCode code) {
    return static_cast<std::int32_t>(code) < 10'000;
}

}  // namespace sealane
