#include "broker/quorum/control_batches.hpp"

#include "common/kafka/records/batch_cursor.hpp"
#include "common/kafka/records/batch_patch.hpp"
#include "common/kafka/records/control_record.hpp"
#include "common/kafka/records/record_reader.hpp"

#include <charconv>
#include <utility>

namespace sealane::broker::quorum {

using kafka::ControlType;

namespace {

constexpr std::string_view kSuffix = ".checkpoint";
constexpr std::size_t kOffsetDigits = 20;
constexpr std::size_t kEpochDigits = 10;

template <class Message>
Result<BufferSlice> control_batch(
    const Message& message, std::int16_t version, ControlType type, WallTime at
) {
    SEALANE_TRY(const BufferSlice value, kafka::encode(message, version));
    SEALANE_TRY(
        const auto batch, kafka::build_control_batch({}, std::to_underlying(type), at, value.view())
    );
    return batch.bytes();
}

std::vector<kafka::LeaderChangeMessage::Voter> voters_of(const std::vector<ReplicaKey>& keys) {
    std::vector<kafka::LeaderChangeMessage::Voter> voters;
    for (const ReplicaKey& key : keys) voters.push_back({key.id, key.directory});
    return voters;
}

struct ControlRecord {
    ControlType type;
    BufferSlice value;
};

Result<ControlRecord> control_record(const kafka::RecordBatch& batch) {
    SEALANE_TRY(auto reader, kafka::RecordReader::open(batch));
    SEALANE_TRY(const auto record, reader.next());
    if (!record || !record->value) {
        return fail(ErrorCode::kCorruptMessage, "control batch without a record");
    }
    SEALANE_TRY(const ControlType type, kafka::control_type_of(*record));
    return ControlRecord{type, *record->value};
}

Result<VoterSet> voters_in(const ControlRecord& record) {
    auto decoded = kafka::decode<kafka::VotersRecord>(record.value, 0);
    if (!decoded) return fail(ErrorCode::kCorruptMessage, decoded.error().detail());
    return voter_set(*decoded);
}

std::string padded(std::int64_t number, std::size_t digits) {
    std::string text = std::to_string(number);
    return text.size() >= digits ? text : std::string(digits - text.size(), '0') + text;
}

std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
    return number;
}

// Joins batches into one block of our own and gives them offsets from zero on.
BufferSlice numbered(const std::vector<BufferSlice>& parts, LeaderEpoch epoch) {
    std::size_t total = 0;
    for (const BufferSlice& part : parts) total += part.size();
    MutableBuffer block(total);
    std::size_t at = 0;
    Offset next{0};
    for (const BufferSlice& part : parts) {
        std::ranges::copy(part.view(), block.view().subspan(at).begin());
        const auto batch = kafka::RecordBatchView::parse(block.view().subspan(at));
        SEALANE_ASSERT(batch && batch->size() == part.size());
        const std::int64_t records = std::int64_t{batch->last_offset_delta()} + 1;
        kafka::assign_offsets(block.view().subspan(at, part.size()), next, epoch);
        next = next + records;
        at += part.size();
    }
    return std::move(block).freeze();
}

Status split_into(const BufferSlice& bytes, std::vector<BufferSlice>& parts) {
    auto batches = kafka::split_batches(bytes, kafka::Truncation::kIsError);
    if (!batches) return fail(ErrorCode::kInvalidRequest, batches.error().detail());
    for (const kafka::RecordBatch& batch : *batches) parts.push_back(batch.bytes());
    return {};
}

}  // namespace

Result<BufferSlice> leader_change_batch(
    const LeaderChange& change, BrokerId leader, std::int16_t version, WallTime at
) {
    kafka::LeaderChangeMessage message;
    message.version = version;
    message.leader_id = leader;
    message.voters = voters_of(change.voters);
    message.granting_voters = voters_of(change.granting);
    return control_batch(message, version, ControlType::kLeaderChange, at);
}

Result<BufferSlice> voters_batches(const VotersChange& change, WallTime at) {
    std::vector<BufferSlice> parts;
    if (change.first) {
        kafka::KRaftVersionRecord version;
        version.kraft_version = 1;
        SEALANE_TRY(
            parts.emplace_back(), control_batch(version, 0, ControlType::kKraftVersion, at)
        );
    }
    SEALANE_TRY(
        parts.emplace_back(),
        control_batch(voters_record(change.voters), 0, ControlType::kKraftVoters, at)
    );
    return numbered(parts, kNoLeaderEpoch);
}

kafka::VotersRecord voters_record(const VoterSet& voters) {
    kafka::VotersRecord record;
    for (const auto& [id, node] : voters.nodes()) {
        auto& voter = record.voters.emplace_back();
        voter.voter_id = id;
        voter.voter_directory_id = node.key.directory;
        for (const VoterEndpoint& endpoint : node.endpoints) {
            voter.endpoints.push_back({endpoint.listener, endpoint.host, endpoint.port});
        }
        voter.kraft_version_feature = {0, 1};
    }
    return record;
}

VoterSet voter_set(const kafka::VotersRecord& record) {
    std::vector<VoterNode> nodes;
    for (const auto& voter : record.voters) {
        VoterNode& node = nodes.emplace_back();
        node.key = {voter.voter_id, voter.voter_directory_id};
        for (const auto& endpoint : voter.endpoints) {
            node.endpoints.push_back({endpoint.name, endpoint.host, endpoint.port});
        }
    }
    return VoterSet(nodes);
}

Result<BatchFacts> facts_of(const kafka::RecordBatch& batch) {
    BatchFacts facts{batch->base_offset(), batch->next_offset(), batch->leader_epoch(), {}};
    if (!batch->is_control()) return facts;
    SEALANE_TRY(const ControlRecord record, control_record(batch));
    if (record.type == ControlType::kKraftVoters) {
        SEALANE_TRY(facts.voters, voters_in(record));
    }
    return facts;
}

Result<std::vector<BatchFacts>> facts_of(const BufferSlice& batches) {
    SEALANE_TRY(const auto split, kafka::split_batches(batches, kafka::Truncation::kIsError));
    std::vector<BatchFacts> facts;
    for (const kafka::RecordBatch& batch : split) {
        SEALANE_CHECK(batch->check_crc());
        SEALANE_TRY(facts.emplace_back(), facts_of(batch));
    }
    return facts;
}

Result<BufferSlice> snapshot_bytes(const SnapshotContent& content, WallTime at) {
    std::vector<BufferSlice> parts;
    kafka::SnapshotHeaderRecord header;
    header.last_contained_log_timestamp = at.ms;
    SEALANE_TRY(parts.emplace_back(), control_batch(header, 0, ControlType::kSnapshotHeader, at));
    if (content.voters) {
        SEALANE_TRY(const BufferSlice voters, voters_batches({*content.voters, true}, at));
        SEALANE_CHECK(split_into(voters, parts));
    }
    for (const BufferSlice& batch : content.batches) SEALANE_CHECK(split_into(batch, parts));
    SEALANE_TRY(
        parts.emplace_back(),
        control_batch(kafka::SnapshotFooterRecord{}, 0, ControlType::kSnapshotFooter, at)
    );
    return numbered(parts, content.id.epoch);
}

Result<SnapshotContent> parse_snapshot(SnapshotId id, const BufferSlice& bytes) {
    const auto corrupt = [&](const std::string& what) {
        return fail(ErrorCode::kCorrupt, snapshot_file_name(id) + ": " + what);
    };
    SnapshotContent content;
    content.id = id;
    const auto batches = kafka::split_batches(bytes, kafka::Truncation::kIsError);
    if (!batches) return corrupt(batches.error().detail());
    bool ended = false;
    for (std::size_t i = 0; i < batches->size(); ++i) {
        const kafka::RecordBatch& batch = (*batches)[i];
        if (const auto sound = batch->check_crc(); !sound) return corrupt(sound.error().detail());
        if (ended) return corrupt("goes on after its footer");
        if (!batch->is_control()) {
            if (i == 0) return corrupt("begins without a header");
            content.batches.push_back(batch.bytes());
            continue;
        }
        const auto record = control_record(batch);
        if (!record) return corrupt(record.error().detail());
        if ((record->type == ControlType::kSnapshotHeader) != (i == 0)) {
            return corrupt("its header is not in the first place");
        }
        ended = record->type == ControlType::kSnapshotFooter;
        if (record->type != ControlType::kKraftVoters) continue;
        auto voters = voters_in(*record);
        if (!voters) return corrupt(voters.error().detail());
        content.voters = *std::move(voters);
    }
    if (!ended) return corrupt("ends without a footer");
    return content;
}

std::string snapshot_file_name(SnapshotId id) {
    return padded(id.end.value, kOffsetDigits) + "-" + padded(id.epoch.value, kEpochDigits) +
           std::string(kSuffix);
}

std::optional<SnapshotId> parse_snapshot_file_name(std::string_view name) {
    if (name.size() != kOffsetDigits + 1 + kEpochDigits + kSuffix.size()) return std::nullopt;
    if (!name.ends_with(kSuffix) || name[kOffsetDigits] != '-') return std::nullopt;
    const auto end = number_in(name.substr(0, kOffsetDigits));
    const auto epoch = number_in(name.substr(kOffsetDigits + 1, kEpochDigits));
    if (!end || !epoch || *epoch > INT32_MAX) return std::nullopt;
    return SnapshotId{Offset(*end), LeaderEpoch(static_cast<std::int32_t>(*epoch))};
}

}  // namespace sealane::broker::quorum
