#include "broker/api/error_map.hpp"

#include <array>

namespace sealane::broker {

namespace {

struct Downgrade {
    kafka::ApiKey api;
    std::int16_t before;  // versions below this do not know the code
    ErrorCode code;
    ErrorCode instead;
};

using enum ErrorCode;
using kafka::ApiKey;

constexpr auto kDowngrades = std::to_array<Downgrade>({
    {ApiKey::kProduce, 4, kKafkaStorageError, kNotLeaderOrFollower},
    {ApiKey::kFetch, 6, kKafkaStorageError, kNotLeaderOrFollower},
    {ApiKey::kMetadata, 6, kListenerNotFound, kLeaderNotAvailable},
    {ApiKey::kMetadata, 10, kUnknownTopicId, kUnknownTopicOrPartition},
    {ApiKey::kFetch, 13, kUnknownTopicId, kUnknownTopicOrPartition},
    {ApiKey::kProduce, 13, kUnknownTopicId, kUnknownTopicOrPartition},
    {ApiKey::kDeleteTopics, 6, kUnknownTopicId, kUnknownTopicOrPartition},
    {ApiKey::kDeleteTopics, 3, kTopicDeletionDisabled, kInvalidRequest},
    {ApiKey::kListOffsets, 5, kOffsetNotAvailable, kLeaderNotAvailable},
    {ApiKey::kProduce, 11, kTransactionAbortable, kInvalidTxnState},
    {ApiKey::kInitProducerId, 4, kProducerFenced, kInvalidProducerEpoch},
    {ApiKey::kAddPartitionsToTxn, 2, kProducerFenced, kInvalidProducerEpoch},
    {ApiKey::kAddOffsetsToTxn, 2, kProducerFenced, kInvalidProducerEpoch},
    {ApiKey::kEndTxn, 2, kProducerFenced, kInvalidProducerEpoch},
    {ApiKey::kTxnOffsetCommit, 2, kCoordinatorLoadInProgress, kCoordinatorNotAvailable},
    {ApiKey::kTxnOffsetCommit, 4, kTransactionAbortable, kInvalidTxnState},
    {ApiKey::kOffsetCommit, 9, kGroupIdNotFound, kIllegalGeneration},
    {ApiKey::kOffsetCommit, 9, kStaleMemberEpoch, kUnsupportedVersion},
});

}  // namespace

ErrorCode wire_code(ErrorCode code) {
    if (is_wire_code(code)) return code;
    switch (code) {
        case kStopped:  // shutting down: clients look for the leader again
            return kNotLeaderOrFollower;
        case kDeadlineExceeded:
        case kBusy:
            return kRequestTimedOut;
        case kEndOfStream:
        case kConnectionReset:
        case kConnectionRefused:
        case kAddressInUse:
        case kTlsFailed:
            return kNetworkException;
        case kMalformed:
        case kOutOfBounds:
            return kInvalidRequest;
        case kIo:
        case kNoSpace:
        case kLocked:
            return kKafkaStorageError;
        case kCorrupt:
            return kCorruptMessage;
        case kNotFound:
            return kResourceNotFound;
        case kAlreadyExists:
            return kDuplicateResource;
        case kBadConfig:
            return kInvalidConfig;
        case kPermissionDenied:
            return kClusterAuthorizationFailed;
        case kUnsupported:
            return kUnsupportedVersion;
        default:
            return kUnknownServerError;
    }
}

ErrorCode wire_code(ErrorCode code, kafka::ApiKey api, std::int16_t version) {
    const ErrorCode known = wire_code(code);
    for (const Downgrade& rule : kDowngrades) {
        if (rule.api == api && rule.code == known && version < rule.before) return rule.instead;
    }
    return known;
}

std::optional<std::string> wire_message(const Error& error) {
    if (error.detail().empty()) return std::nullopt;
    return error.detail();
}

}  // namespace sealane::broker
