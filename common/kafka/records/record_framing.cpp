#include "common/kafka/records/record_framing.hpp"

#include "common/base/text.hpp"
#include "common/base/varint.hpp"

namespace sealane::kafka {
namespace {

// Steps over the fields of records; after a failed step all further ones fail too.
class Walker {
 public:
    explicit Walker(ByteView bytes) : bytes_(bytes) {}

    std::int64_t number(std::size_t max_bytes) {
        const auto read = read_uvarint(bytes_.subspan(at_), max_bytes);
        if (!read) return give_up();
        at_ += read->length;
        return unzigzag(read->value);
    }
    void skip(std::int64_t count) {
        if (count < 0 || count > left()) {
            give_up();
        } else {
            at_ += static_cast<std::size_t>(count);
        }
    }
    // A field with its length in front; -1: null, where that may be.
    void field(bool nullable) {
        const std::int64_t length = number(kMaxVarintBytes);
        if (length != -1 || !nullable) skip(length);
    }
    [[nodiscard]] std::int64_t left() const {
        return static_cast<std::int64_t>(bytes_.size() - at_);
    }
    [[nodiscard]] bool ok() const { return ok_; }

 private:
    std::int64_t give_up() {
        ok_ = false;
        at_ = bytes_.size();
        return 0;
    }
    ByteView bytes_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

// The offset delta of the record that begins here; nothing when it does not parse.
std::optional<std::int64_t> walk_record(Walker& in) {
    const std::int64_t length = in.number(kMaxVarintBytes);
    const std::int64_t rest = in.left() - length;
    if (!in.ok() || length < 0 || rest < 0) return std::nullopt;
    in.skip(1);  // attributes, none defined
    (void)in.number(kMaxVarlongBytes);
    const std::int64_t delta = in.number(kMaxVarintBytes);
    in.field(true);
    in.field(true);
    const std::int64_t headers = in.number(kMaxVarintBytes);
    if (headers < 0 || headers > in.left()) return std::nullopt;
    for (std::int64_t i = 0; i < headers && in.ok(); ++i) {
        in.field(false);
        in.field(true);
    }
    if (!in.ok() || in.left() != rest) return std::nullopt;
    return delta;
}

}  // namespace

Status check_record_framing(const RecordBatch& batch) {
    if (batch->codec() != Codec::kNone) return {};
    Walker in(batch.bytes().from(batch_layout::kRecords).view());
    for (std::int32_t i = 0; i < batch->record_count(); ++i) {
        const auto delta = walk_record(in);
        if (!delta)
            return fail(ErrorCode::kCorruptMessage, concat("record ", i, " does not parse"));
        if (*delta != i)
            return fail(
                ErrorCode::kInvalidRecord, concat("record ", i, " has offset delta ", *delta)
            );
    }
    if (in.left() != 0)
        return fail(ErrorCode::kCorruptMessage, "bytes follow the last record of the batch");
    return {};
}

}  // namespace sealane::kafka
