#include "broker/metadata/metadata_record.hpp"

#include "common/base/varint.hpp"

namespace sealane::broker {

namespace {

constexpr std::uint64_t kFrameVersion = 1;
constexpr std::uint64_t kExtensionType = 20'000;

void put_uvarint(ByteWriter& out, std::uint64_t value) {
    std::array<std::byte, kMaxVarlongBytes> bytes{};
    out.append(ByteView(bytes.data(), write_uvarint(bytes.data(), value)));
}

void put_bytes(ByteWriter& out, ByteView bytes) {
    put_uvarint(out, bytes.size());
    out.append(bytes);
}

Result<std::uint64_t> take_uvarint(BufferSlice& from) {
    const auto read = read_uvarint(from.view(), kMaxVarintBytes);
    if (!read) return fail(ErrorCode::kCorrupt, "metadata record: bad number");
    from = from.from(read->length);
    return read->value;
}

Result<BufferSlice> take_bytes(BufferSlice& from) {
    SEALANE_TRY(const std::uint64_t size, take_uvarint(from));
    if (size > from.size()) return fail(ErrorCode::kCorrupt, "metadata record: cut short");
    BufferSlice bytes = from.slice(0, static_cast<std::size_t>(size));
    from = from.from(static_cast<std::size_t>(size));
    return bytes;
}

// Struct of an extension: family, name, 0 or 1, value; each with its length before it.
BufferSlice encode_extension(const ExtensionRecord& record) {
    ByteWriter out;
    put_bytes(out, as_bytes(record.family));
    put_bytes(out, as_bytes(record.name));
    put_uvarint(out, record.value ? 1 : 0);
    if (record.value) put_bytes(out, record.value->view());
    return std::move(out).freeze();
}

Result<std::optional<MetadataRecord>> decode_extension(BufferSlice from) {
    ExtensionRecord record;
    SEALANE_TRY(const BufferSlice family, take_bytes(from));
    SEALANE_TRY(const BufferSlice name, take_bytes(from));
    SEALANE_TRY(const std::uint64_t present, take_uvarint(from));
    record.family = family.text();
    record.name = name.text();
    if (present != 0) {
        SEALANE_TRY(BufferSlice value, take_bytes(from));
        // A copy: the record must not keep a whole segment's block alive.
        record.value = BufferSlice::copy_of(value.view());
    }
    return MetadataRecord(std::move(record));
}

template <class Record>
Result<std::optional<MetadataRecord>> decode_as(BufferSlice from, std::int16_t version) {
    auto record = kafka::decode<Record>(std::move(from), version);
    if (!record) return fail(ErrorCode::kCorrupt, record.error().to_string());
    return MetadataRecord(*std::move(record));
}

// The lowest version that can say it. Kafka's readers of a lower version then can, too.
template <class Record>
std::int16_t version_of(const Record& /*record*/) {
    return 0;
}
std::int16_t version_of(const kafka::PartitionRecord& record) {
    if (record.eligible_leader_replicas || record.last_known_elr) return 2;
    return record.directories.empty() ? 0 : 1;
}
std::int16_t version_of(const kafka::PartitionChangeRecord& record) {
    if (record.eligible_leader_replicas || record.last_known_elr) return 2;
    return record.directories ? 1 : 0;
}
std::int16_t version_of(const kafka::RegisterBrokerRecord& record) {
    if (!record.log_dirs.empty()) return 3;
    return record.in_controlled_shutdown ? 1 : 0;
}
std::int16_t version_of(const kafka::BrokerRegistrationChangeRecord& record) {
    if (!record.log_dirs.empty()) return 2;
    return record.in_controlled_shutdown != 0 ? 1 : 0;
}

template <class Record>
constexpr auto type_of = static_cast<std::uint64_t>(Record::kSchema.number);

}  // namespace

Result<BufferSlice> encode_metadata_record(const MetadataRecord& record) {
    return std::visit(
        []<class Record>(const Record& one) -> Result<BufferSlice> {
            ByteWriter out;
            put_uvarint(out, kFrameVersion);
            if constexpr (std::is_same_v<Record, ExtensionRecord>) {
                put_uvarint(out, kExtensionType);
                put_uvarint(out, 0);
                out.append(encode_extension(one).view());
            } else {
                const std::int16_t version = version_of(one);
                put_uvarint(out, type_of<Record>);
                put_uvarint(out, static_cast<std::uint64_t>(version));
                SEALANE_TRY(const BufferSlice body, kafka::encode(one, version));
                out.append(body.view());
            }
            return std::move(out).freeze();
        },
        record
    );
}

Result<std::optional<MetadataRecord>> decode_metadata_record(BufferSlice value) {
    SEALANE_TRY(const std::uint64_t frame, take_uvarint(value));
    if (frame != kFrameVersion) {
        return fail(ErrorCode::kCorrupt, "metadata record: frame " + std::to_string(frame));
    }
    SEALANE_TRY(const std::uint64_t type, take_uvarint(value));
    SEALANE_TRY(const std::uint64_t number, take_uvarint(value));
    const auto version = static_cast<std::int16_t>(std::min<std::uint64_t>(number, INT16_MAX));
    switch (type) {
        case type_of<kafka::RegisterBrokerRecord>:
            return decode_as<kafka::RegisterBrokerRecord>(std::move(value), version);
        case type_of<kafka::UnregisterBrokerRecord>:
            return decode_as<kafka::UnregisterBrokerRecord>(std::move(value), version);
        case type_of<kafka::BrokerRegistrationChangeRecord>:
            return decode_as<kafka::BrokerRegistrationChangeRecord>(std::move(value), version);
        case type_of<kafka::FenceBrokerRecord>:
            return decode_as<kafka::FenceBrokerRecord>(std::move(value), version);
        case type_of<kafka::UnfenceBrokerRecord>:
            return decode_as<kafka::UnfenceBrokerRecord>(std::move(value), version);
        case type_of<kafka::FeatureLevelRecord>:
            return decode_as<kafka::FeatureLevelRecord>(std::move(value), version);
        case type_of<kafka::NoOpRecord>:
            return decode_as<kafka::NoOpRecord>(std::move(value), version);
        case type_of<kafka::TopicRecord>:
            return decode_as<kafka::TopicRecord>(std::move(value), version);
        case type_of<kafka::PartitionRecord>:
            return decode_as<kafka::PartitionRecord>(std::move(value), version);
        case type_of<kafka::PartitionChangeRecord>:
            return decode_as<kafka::PartitionChangeRecord>(std::move(value), version);
        case type_of<kafka::ConfigRecord>:
            return decode_as<kafka::ConfigRecord>(std::move(value), version);
        case type_of<kafka::RemoveTopicRecord>:
            return decode_as<kafka::RemoveTopicRecord>(std::move(value), version);
        case type_of<kafka::ProducerIdsRecord>:
            return decode_as<kafka::ProducerIdsRecord>(std::move(value), version);
        case type_of<kafka::AccessControlEntryRecord>:
            return decode_as<kafka::AccessControlEntryRecord>(std::move(value), version);
        case type_of<kafka::RemoveAccessControlEntryRecord>:
            return decode_as<kafka::RemoveAccessControlEntryRecord>(std::move(value), version);
        case type_of<kafka::UserScramCredentialRecord>:
            return decode_as<kafka::UserScramCredentialRecord>(std::move(value), version);
        case type_of<kafka::RemoveUserScramCredentialRecord>:
            return decode_as<kafka::RemoveUserScramCredentialRecord>(std::move(value), version);
        case type_of<kafka::ClientQuotaRecord>:
            return decode_as<kafka::ClientQuotaRecord>(std::move(value), version);
        case kExtensionType:
            return decode_extension(std::move(value));
        case type_of<kafka::RegisterControllerRecord>:
        case type_of<kafka::UnregisterControllerRecord>:
            return std::nullopt;
        default:
            return fail(
                ErrorCode::kCorrupt,
                "metadata record of type " + std::to_string(type) +
                    ": written by a newer version, or damaged"
            );
    }
}

}  // namespace sealane::broker
