#include "broker/transactions/producer_snapshot.hpp"

#include "common/base/crc32c.hpp"
#include "common/base/endian.hpp"

namespace sealane::broker {

namespace {

constexpr std::int16_t kVersion = 1;
constexpr std::size_t kCrcAt = 2;
constexpr std::size_t kBodyAt = 6;
constexpr std::int32_t kTrailerMagic = 0x534c5031;  // "SLP1"
constexpr std::size_t kAbortedEntry = 4 * 8;
constexpr std::size_t kKafkaEntry = 8 + 2 + 4 + 8 + 4 + 8 + 4 + 8;

template <std::integral T>
void put(ByteWriter& out, T number) {
    std::array<std::byte, sizeof(T)> bytes{};
    store_be(bytes.data(), number);
    out.append(bytes);
}

class Reader {
 public:
    explicit Reader(ByteView bytes) : left_(bytes) {}
    template <std::integral T>
    T take() {
        if (left_.size() < sizeof(T)) {
            short_ = true;
            return T{};
        }
        const T number = load_be<T>(left_.data());
        left_ = left_.subspan(sizeof(T));
        return number;
    }
    [[nodiscard]] bool ran_short() const { return short_; }
    [[nodiscard]] std::size_t left() const { return left_.size(); }

 private:
    ByteView left_;
    bool short_ = false;
};

void put_kafka_entry(ByteWriter& out, ProducerId id, const ProducerEntry& entry) {
    const ProducedBatch* latest = entry.latest();
    ProducedBatch none;
    none.last_offset = kNoOffset;
    const ProducedBatch& batch = latest == nullptr ? none : *latest;
    put(out, id.value);
    put(out, entry.epoch.value);
    put(out, batch.last_sequence);
    put(out, batch.last_offset.value);
    put(out, batch.offset_delta);
    put(out, entry.last_timestamp.ms);
    put(out, entry.coordinator_epoch);
    put(out, entry.open_transaction_start.value);
}

ProducerEntry take_kafka_entry(Reader& in) {
    ProducerEntry entry;
    ProducedBatch batch;
    entry.epoch = ProducerEpoch(in.take<std::int16_t>());
    batch.last_sequence = in.take<std::int32_t>();
    batch.last_offset = Offset(in.take<std::int64_t>());
    batch.offset_delta = in.take<std::int32_t>();
    batch.timestamp = WallTime{in.take<std::int64_t>()};
    entry.coordinator_epoch = in.take<std::int32_t>();
    entry.open_transaction_start = Offset(in.take<std::int64_t>());
    batch.first_sequence = batch.last_sequence - batch.offset_delta;
    if (batch.first_sequence < 0 && batch.last_sequence >= 0) {
        batch.first_sequence += INT32_MAX;  // the sequence wrapped inside the batch
        ++batch.first_sequence;
    }
    if (batch.last_offset != kNoOffset) entry.add(batch);
    entry.last_timestamp = batch.timestamp;
    return entry;
}

void put_older(ByteWriter& out, const ProducerEntry& entry) {
    const std::size_t older = entry.count == 0 ? 0 : entry.count - 1;
    put(out, static_cast<std::int8_t>(older));
    for (std::size_t i = 0; i < older; ++i) {
        const ProducedBatch& batch = entry.batches.at(i);
        put(out, batch.first_sequence);
        put(out, batch.last_sequence);
        put(out, batch.last_offset.value);
        put(out, batch.offset_delta);
        put(out, batch.timestamp.ms);
    }
}

Status take_older(Reader& in, ProducerEntry& entry) {
    const auto older = in.take<std::int8_t>();
    if (older < 0 || static_cast<std::size_t>(older) >= ProducerEntry::kKept) {
        return fail(ErrorCode::kMalformed, "producer snapshot: too many batches");
    }
    const std::optional<ProducedBatch> newest =
        entry.latest() == nullptr ? std::nullopt : std::optional(*entry.latest());
    const WallTime timestamp = entry.last_timestamp;
    entry.count = 0;
    for (std::int8_t i = 0; i < older; ++i) {
        ProducedBatch batch;
        batch.first_sequence = in.take<std::int32_t>();
        batch.last_sequence = in.take<std::int32_t>();
        batch.last_offset = Offset(in.take<std::int64_t>());
        batch.offset_delta = in.take<std::int32_t>();
        batch.timestamp = WallTime{in.take<std::int64_t>()};
        entry.add(batch);
    }
    if (newest) entry.add(*newest);
    entry.last_timestamp = timestamp;
    return {};
}

Status take_aborted(Reader& in, std::vector<AbortedTransaction>& aborted) {
    const auto count = in.take<std::int32_t>();
    if (count < 0 || static_cast<std::size_t>(count) > in.left() / kAbortedEntry)
        return fail(ErrorCode::kMalformed, "producer snapshot: bad count of transactions");
    for (std::int32_t i = 0; i < count; ++i) {
        AbortedTransaction one;
        one.producer = ProducerId(in.take<std::int64_t>());
        one.first = Offset(in.take<std::int64_t>());
        one.last = Offset(in.take<std::int64_t>());
        one.last_stable = Offset(in.take<std::int64_t>());
        if (!aborted.empty() && aborted.back().last >= one.last)
            return fail(ErrorCode::kMalformed, "producer snapshot: transactions out of order");
        aborted.push_back(one);
    }
    return {};
}

}  // namespace

BufferSlice write_producer_snapshot(const ProducerSnapshot& state) {
    ByteWriter out(
        kBodyAt + 16 + state.entries.size() * (kKafkaEntry + 32) +
        state.aborted.size() * kAbortedEntry
    );
    put(out, kVersion);
    put(out, std::uint32_t{0});
    put(out, static_cast<std::int32_t>(state.entries.size()));
    for (const auto& [id, entry] : state.entries) put_kafka_entry(out, id, entry);
    put(out, kTrailerMagic);
    put(out, state.next_unused_id);
    for (const auto& [id, entry] : state.entries) put_older(out, entry);
    put(out, static_cast<std::int32_t>(state.aborted.size()));
    for (const AbortedTransaction& aborted : state.aborted) {
        put(out, aborted.producer.value);
        put(out, aborted.first.value);
        put(out, aborted.last.value);
        put(out, aborted.last_stable.value);
    }
    const MutableByteView all = out.view();
    store_be<std::uint32_t>(all.data() + kCrcAt, crc32c(all.subspan(kBodyAt)));
    return std::move(out).freeze();
}

Result<ProducerSnapshot> read_producer_snapshot(const BufferSlice& bytes) {
    if (bytes.size() < kBodyAt + 4) return fail(ErrorCode::kMalformed, "producer snapshot: short");
    if (load_be<std::int16_t>(bytes.data()) != kVersion) {
        return fail(ErrorCode::kMalformed, "producer snapshot: unknown version");
    }
    const ByteView body = bytes.view().subspan(kBodyAt);
    if (load_be<std::uint32_t>(bytes.data() + kCrcAt) != crc32c(body)) {
        return fail(ErrorCode::kCorrupt, "producer snapshot: checksum");
    }
    Reader in(body);
    ProducerSnapshot state;
    const auto count = in.take<std::int32_t>();
    if (count < 0 || static_cast<std::size_t>(count) > in.left() / kKafkaEntry) {
        return fail(ErrorCode::kMalformed, "producer snapshot: bad count");
    }
    for (std::int32_t i = 0; i < count; ++i) {
        const ProducerId id(in.take<std::int64_t>());
        state.entries.insert_or_assign(id, take_kafka_entry(in));
        state.next_unused_id = std::max(state.next_unused_id, id.value + 1);
    }
    if (in.left() >= 12 && in.take<std::int32_t>() == kTrailerMagic) {
        state.next_unused_id = std::max(state.next_unused_id, in.take<std::int64_t>());
        for (auto& [id, entry] : state.entries) SEALANE_CHECK(take_older(in, entry));
        if (in.left() > 0) SEALANE_CHECK(take_aborted(in, state.aborted));
    }
    if (in.ran_short()) return fail(ErrorCode::kMalformed, "producer snapshot: cut short");
    return state;
}

}  // namespace sealane::broker
