// Goal: every field of every message says what the reference table says: type, versions,
// nullability, tag, default. Method: compare the schema dump of each message with the rows of
// data/schemas.tsv.gz that exist in at least one version that we have.

#include "tests/golden/messages_under_test.hpp"
#include "tests/golden/reference_data.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace sealane::kafka::testing {
namespace {

struct ReferenceMessage {
    std::string kind;
    std::string number;
    VersionRange versions;
    VersionRange flexible;
    std::vector<FieldRow> rows;
};

std::vector<std::string> columns(const std::string& line) {
    std::vector<std::string> parts(1);
    for (const char c : line) {
        if (c == '\t') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

// "3+", "0-4", "7", "-", "none".
VersionRange range(const std::string& text) {
    if (text == "-" || text == "none") return kNoVersions;
    const auto number = [](const std::string& digits) {
        return static_cast<std::int16_t>(std::stoi(digits));
    };
    if (text.back() == '+') return {number(text), kLastVersion};
    const std::size_t dash = text.find('-');
    if (dash == std::string::npos) return {number(text), number(text)};
    return {number(text), number(text.substr(dash + 1))};
}

VersionRange common(VersionRange a, VersionRange b) {
    const VersionRange both{std::max(a.first, b.first), std::min(a.last, b.last)};
    return both.empty() ? kNoVersions : both;
}

std::string plain_default(const std::string& text) {
    if (text == "0" || text == "false") return "-";
    if (text == "0x7fffffff") return "2147483647";
    return text;
}

std::map<std::string, ReferenceMessage> read_reference() {
    std::map<std::string, ReferenceMessage> messages;
    ReferenceMessage* current = nullptr;
    for (const std::string& line : read_lines("schemas.tsv.gz")) {
        if (line.empty() || line.front() == '#') continue;
        const std::vector<std::string> c = columns(line);
        if (c.at(0) == "M") {
            current = &messages[c.at(1)];
            *current = {c.at(2), c.at(3), range(c.at(5)), range(c.at(6)), {}};
            continue;
        }
        FieldRow row;
        row.path = c.at(1);
        row.type = c.at(2);
        row.versions = range(c.at(3));
        row.nullable = range(c.at(4));
        if (c.at(6) != "-") row.tag = std::stoi(c.at(6));
        row.default_value = plain_default(c.at(7));
        row.never_flexible = c.at(8) == "none";
        current->rows.push_back(row);
    }
    return messages;
}

// Rows that exist in `versions`, in a canonical order and form.
std::vector<FieldRow> canonical(std::vector<FieldRow> rows, VersionRange versions) {
    std::erase_if(rows, [&](const FieldRow& row) {
        return common(row.versions, versions).empty();
    });
    for (FieldRow& row : rows) {
        row.nullable = common(common(row.nullable, row.versions), versions);
        // No default in the reference; null with us.
        if (row.path == "ClassicMemberMetadata") row.default_value = "null";
    }
    std::ranges::sort(rows, {}, &FieldRow::path);
    return rows;
}

std::string show(const FieldRow& row) {
    const auto range_text = [](VersionRange r) {
        return std::to_string(r.first) + ".." + std::to_string(r.last);
    };
    return row.path + " " + row.type + " " + range_text(row.versions) + " nullable " +
           range_text(row.nullable) + " tag " + std::to_string(row.tag) + " default " +
           row.default_value + (row.never_flexible ? " never flexible" : "");
}

std::vector<std::string> show(const std::vector<FieldRow>& rows) {
    std::vector<std::string> lines;
    for (const FieldRow& row : rows) lines.push_back(show(row));
    return lines;
}

std::string_view kind_name(MessageKind kind) {
    switch (kind) {
        case MessageKind::kHeader:
            return "header";
        case MessageKind::kRequest:
            return "request";
        case MessageKind::kResponse:
            return "response";
        case MessageKind::kData:
            return "data";
        case MessageKind::kMetadata:
            return "metadata";
        case MessageKind::kCoordinatorKey:
            return "coordinator-key";
        case MessageKind::kCoordinatorValue:
            return "coordinator-value";
    }
    return "";
}

// Fields between Sealane's nodes; the reference knows nothing of their tags.
std::vector<FieldRow> without_private(std::vector<FieldRow> rows) {
    std::erase_if(rows, [](const FieldRow& row) { return row.tag >= kPrivateTag; });
    return rows;
}

TEST(SchemaTable, SaysWhatTheReferenceTableSays) {
    const std::map<std::string, ReferenceMessage> reference = read_reference();
    std::size_t compared = 0;
    for (const MessageUnderTest& message : messages_under_test()) {
        const MessageSchema& schema = message.schema;
        if (schema.number >= 1'000) continue;  // private to Sealane
        SCOPED_TRACE(schema.name);
        const auto found = reference.find(std::string(schema.name));
        ASSERT_NE(found, reference.end());
        const ReferenceMessage& expected = found->second;
        EXPECT_EQ(kind_name(schema.kind), expected.kind);
        EXPECT_EQ(schema.number < 0 ? "-" : std::to_string(schema.number), expected.number);
        EXPECT_EQ(common(schema.versions, expected.versions), schema.versions);
        EXPECT_EQ(
            common({schema.flexible_since, kLastVersion}, schema.versions),
            common(expected.flexible, schema.versions)
        );
        EXPECT_EQ(
            show(canonical(without_private(message.rows()), schema.versions)),
            show(canonical(expected.rows, schema.versions))
        );
        ++compared;
    }
    EXPECT_EQ(compared, reference.size());
}

TEST(SchemaTable, DeclaresTaggedFieldsInAscendingOrder) {
    for (const MessageUnderTest& message : messages_under_test()) {
        std::map<std::string, std::int32_t> last;
        for (const FieldRow& row : message.rows()) {
            if (row.tag < 0) continue;
            const std::size_t dot = row.path.rfind('.');
            const std::string parent = dot == std::string::npos ? "" : row.path.substr(0, dot);
            const auto [before, first] = last.emplace(parent, row.tag);
            EXPECT_TRUE(first || before->second < row.tag) << message.schema.name << row.path;
            before->second = row.tag;
        }
    }
}

}  // namespace
}  // namespace sealane::kafka::testing
