// OriginMap as bytes. Numbers are zigzag varlongs unless said otherwise:
//   origin count; per origin: cluster id (length, text), topic id (16 raw bytes), topic name
//   (length, text), partition, next, last epoch, target end, run count; per run: source base and
//   target base as distances from the ends of the run before (0 before the first), count, hole
//   reason and, when that is not 0, the hole's length
//   1 when a run is open, else 0; then its origin's number, epoch, and the run in full
#include "broker/mirrored/origin_map.hpp"
#include "common/base/varint.hpp"

#include <array>

namespace sealane::broker {
namespace {

void put(ByteWriter& to, std::int64_t number) {
    std::array<std::byte, kMaxVarlongBytes> room;
    to.append(ByteView(room.data(), write_uvarint(room.data(), zigzag(number))));
}

void put(ByteWriter& to, std::string_view text) {
    put(to, static_cast<std::int64_t>(text.size()));
    to.append(as_bytes(text));
}

void put(ByteWriter& to, const OriginRun& run, Offset source_from, Offset target_from) {
    put(to, run.source_base - source_from);
    put(to, run.target_base - target_from);
    put(to, run.count);
    put(to, std::int64_t{run.hole_reason});
    if (run.hole_reason != kafka::kNoHole) put(to, run.source_base - run.hole_base);
}

// Reads what put wrote; the first failure sticks and everything after reads as zero.
class Reader {
 public:
    explicit Reader(ByteView bytes) : bytes_(bytes) {}
    std::int64_t number() {
        const auto read = read_uvarint(bytes_.subspan(at_), kMaxVarlongBytes);
        if (!read) {
            good_ = false;
            at_ = bytes_.size();
            return 0;
        }
        at_ += read->length;
        return unzigzag(read->value);
    }
    // Of things that take at least one byte each.
    std::size_t count() {
        const std::int64_t n = number();
        if (n < 0 || static_cast<std::uint64_t>(n) > bytes_.size() - at_) {
            good_ = false;
            return 0;
        }
        return static_cast<std::size_t>(n);
    }
    ByteView raw(std::size_t size) {
        if (size > bytes_.size() - at_) {
            good_ = false;
            at_ = bytes_.size();
            return {};
        }
        at_ += size;
        return bytes_.subspan(at_ - size, size);
    }
    std::string text() { return std::string(as_text(raw(count()))); }
    OriginRun run(Offset source_from, Offset target_from) {
        OriginRun run;
        run.source_base = Offset(checked_sum(source_from.value, number()));
        run.target_base = Offset(checked_sum(target_from.value, number()));
        run.count = number();
        const std::int64_t reason = number();
        if (reason < 0 || reason > kafka::kHoleInLedger) good_ = false;
        run.hole_reason = static_cast<std::int8_t>(reason & 0x7f);
        if (run.hole_reason != kafka::kNoHole)
            run.hole_base = Offset(checked_difference(run.source_base.value, number()));
        const bool possible = run.source_base.value >= 0 && run.target_base.value >= 0 &&
                              run.count >= 0 && run.count <= INT64_MAX - run.source_base.value &&
                              run.count <= INT64_MAX - run.target_base.value;
        if (!possible) {
            good_ = false;
            return {};
        }
        return run;
    }
    void refuse() { good_ = false; }
    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }

 private:
    std::int64_t checked_sum(std::int64_t a, std::int64_t b) {
        std::int64_t sum = 0;
        if (__builtin_add_overflow(a, b, &sum)) good_ = false;
        return sum;
    }
    std::int64_t checked_difference(std::int64_t a, std::int64_t b) {
        std::int64_t difference = 0;
        if (__builtin_sub_overflow(a, b, &difference)) good_ = false;
        return difference;
    }
    ByteView bytes_;
    std::size_t at_ = 0;
    bool good_ = true;
};

kafka::MirrorOrigin read_origin(Reader& from) {
    kafka::MirrorOrigin origin;
    origin.cluster_id = from.text();
    const ByteView id = from.raw(origin.topic_id.bytes.size());
    if (!id.empty()) std::memcpy(origin.topic_id.bytes.data(), id.data(), id.size());
    origin.topic_name = from.text();
    origin.partition_index = PartitionId(static_cast<std::int32_t>(from.number()));
    return origin;
}

}  // namespace

BufferSlice OriginMap::save() const {
    ByteWriter to(64 + by_target_.size() * 8);
    put(to, static_cast<std::int64_t>(origins_.size()));
    for (const PerOrigin& of : origins_) {
        put(to, of.origin.cluster_id);
        to.append(std::as_bytes(std::span(of.origin.topic_id.bytes)));
        put(to, of.origin.topic_name);
        put(to, of.origin.partition_index.value);
        put(to, of.position.next.value);
        put(to, of.position.last_epoch.value);
        put(to, of.position.target_end.value);
        put(to, static_cast<std::int64_t>(of.runs.size()));
        Offset source{0};
        Offset target{0};
        for (const OriginRun& run : of.runs) {
            put(to, run, source, target);
            source = run.source_end();
            target = run.target_end();
        }
    }
    put(to, open_ ? 1 : 0);
    if (open_) {
        put(to, static_cast<std::int64_t>(open_->origin));
        put(to, open_->epoch.value);
        put(to, open_->run, Offset(0), Offset(0));
    }
    return std::move(to).freeze();
}

Result<OriginMap> OriginMap::restore(const BufferSlice& bytes) {
    OriginMap map;
    Reader from(bytes.view());
    const std::size_t origin_count = from.count();
    for (std::size_t i = 0; i < origin_count && from.good(); ++i) {
        PerOrigin of;
        of.origin = read_origin(from);
        of.position.next = Offset(from.number());
        of.position.last_epoch = LeaderEpoch(static_cast<std::int32_t>(from.number()));
        of.position.target_end = Offset(from.number());
        const std::size_t run_count = from.count();
        Offset source{0};
        Offset target{0};
        for (std::size_t j = 0; j < run_count && from.good(); ++j) {
            const OriginRun run = from.run(source, target);
            if (run.source_base < source || run.target_base < target || run.count == 0)
                from.refuse();
            source = run.source_end();
            target = run.target_end();
            of.runs.push_back(run);
            map.by_target_.push_back({run.target_base, i});
        }
        map.origins_.push_back(std::move(of));
    }
    if (from.number() == 1) {
        OpenRun open;
        open.origin = static_cast<std::size_t>(from.number());
        open.epoch = LeaderEpoch(static_cast<std::int32_t>(from.number()));
        open.run = from.run(Offset(0), Offset(0));
        if (open.origin >= map.origins_.size()) from.refuse();
        map.open_ = open;
    }
    std::ranges::sort(map.by_target_, {}, &RunStart::target_base);
    if (!from.good() || !from.at_end())
        return fail(ErrorCode::kMalformed, "the snapshot of mirrored origins does not decode");
    return map;
}

}  // namespace sealane::broker
