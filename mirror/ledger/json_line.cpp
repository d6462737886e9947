// The line format of the ledger: flat JSON objects (RFC 8259) of strings and integers, keys in a
// fixed order. Just enough JSON for that.

#include "mirror/ledger/gap_ledger.hpp"

#include <array>
#include <charconv>

namespace sealane::mirror {
namespace {

std::string quoted(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += kHex[byte >> 4U];
            out += kHex[byte & 0xfU];
        } else {
            out += c;
        }
    }
    return out + "\"";
}

// Reads `{"key":value,...}` in the order in which it was written; the first failure sticks.
class LineReader {
 public:
    explicit LineReader(std::string_view text) : text_(text) { expect('{'); }
    std::string text(std::string_view key) {
        name(key);
        return string();
    }
    std::int64_t number(std::string_view key) {
        name(key);
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
        if (error != std::errc{}) {
            good_ = false;
            return 0;
        }
        text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
        return value;
    }
    [[nodiscard]] bool finish() {
        expect('}');
        return good_ && text_.empty();
    }

 private:
    void expect(char c) {
        if (text_.empty() || text_.front() != c) {
            good_ = false;
            text_ = {};
            return;
        }
        text_.remove_prefix(1);
    }
    void name(std::string_view key) {
        if (!first_) expect(',');
        first_ = false;
        if (string() != key) good_ = false;
        expect(':');
    }
    std::string string() {
        expect('"');
        std::string out;
        while (!text_.empty() && text_.front() != '"') {
            char c = text_.front();
            text_.remove_prefix(1);
            if (c == '\\') c = escaped();
            out += c;
        }
        expect('"');
        return out;
    }
    char escaped() {
        if (text_.empty()) return '\0';
        const char kind = text_.front();
        text_.remove_prefix(1);
        if (kind != 'u') return kind;
        const std::string_view digits = text_.substr(0, 4);
        const char* const end = digits.data() + digits.size();
        unsigned code = 0;
        const auto read = std::from_chars(digits.data(), end, code, 16);
        if (digits.size() < 4 || read.ec != std::errc{} || read.ptr != end) good_ = false;
        text_.remove_prefix(digits.size());
        return static_cast<char>(code);
    }
    std::string_view text_;
    bool good_ = true;
    bool first_ = true;
};

}  // namespace

std::string to_line(const GapEntry& entry) {
    std::string line = "{\"link\":" + quoted(entry.link);
    line += ",\"topic\":" + quoted(entry.source_topic);
    line += ",\"topic_id\":" + quoted(entry.source_topic_id.to_string());
    line += ",\"partition\":" + std::to_string(entry.partition.value);
    line += ",\"from\":" + std::to_string(entry.from.value);
    line += ",\"to\":" + std::to_string(entry.to.value);
    line += ",\"cause\":" + quoted(entry.cause);
    line += ",\"detail\":" + quoted(entry.detail);
    line += ",\"noted_ms\":" + std::to_string(entry.noted.ms);
    return line + "}";
}

Result<GapEntry> parse_line(std::string_view line) {
    LineReader reader(line);
    GapEntry entry;
    entry.link = reader.text("link");
    entry.source_topic = reader.text("topic");
    const auto id = Uuid::parse(reader.text("topic_id"));
    entry.partition = PartitionId(static_cast<std::int32_t>(reader.number("partition")));
    entry.from = Offset(reader.number("from"));
    entry.to = Offset(reader.number("to"));
    entry.cause = reader.text("cause");
    entry.detail = reader.text("detail");
    entry.noted = WallTime{reader.number("noted_ms")};
    if (!reader.finish() || !id) return fail(ErrorCode::kMalformed, "not a ledger entry");
    entry.source_topic_id = *id;
    return entry;
}

}  // namespace sealane::mirror
