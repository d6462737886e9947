#include "tests/checker/json_lines.hpp"

#include <boost/json.hpp>

#include <charconv>
#include <istream>
#include <ostream>

namespace sealane::checker {
namespace {

namespace json = boost::json;

// A line's members, with defaults where they may be missing. The first that is wrong is kept.
class Line {
 public:
    explicit Line(const json::object& object) : object_(object) {}

    std::string text(std::string_view key) {
        const json::value* found = object_.if_contains(key);
        if (found == nullptr || !found->is_string()) return wrong(key, "a string"), "";
        return std::string(found->get_string());
    }
    std::string text_or(std::string_view key, std::string otherwise) {
        return object_.contains(key) ? text(key) : std::move(otherwise);
    }
    std::int64_t number(std::string_view key) {
        const json::value* found = object_.if_contains(key);
        if (found == nullptr || !found->is_int64()) return wrong(key, "a whole number"), -1;
        return found->get_int64();
    }
    std::int64_t number_or(std::string_view key, std::int64_t otherwise) {
        return object_.contains(key) ? number(key) : otherwise;
    }
    TopicPartition partition(std::string_view key) { return parse_partition(text(key), key); }
    Instant at() { return Instant{number_or("at", 0)}; }
    LeaderEpoch epoch() { return LeaderEpoch(static_cast<std::int32_t>(number("epoch"))); }
    BrokerId node() { return BrokerId(static_cast<std::int32_t>(number("node"))); }
    json::array array(std::string_view key) {
        const json::value* found = object_.if_contains(key);
        if (found == nullptr || !found->is_array()) return wrong(key, "an array"), json::array();
        return found->get_array();
    }
    // An element of `key`: [partition, offset] or [partition, offset, value].
    struct Entry {
        TopicPartition partition;
        Offset offset;
        std::string value;
    };
    Entry entry(const json::value& element, std::string_view key, std::size_t size) {
        const json::array* parts = element.if_array();
        const bool fits = parts != nullptr && parts->size() == size && (*parts)[0].is_string() &&
                          (*parts)[1].is_int64() && (size < 3 || (*parts)[2].is_string());
        if (!fits)
            return wrong(key, "made of [partition, offset] with, in polls, the value"), Entry{};
        return {
            parse_partition(std::string((*parts)[0].get_string()), key),
            Offset((*parts)[1].get_int64()),
            size < 3 ? std::string() : std::string((*parts)[2].get_string())
        };
    }
    TopicPartition parse_partition(const std::string& text, std::string_view key) {
        const auto dash = text.rfind('-');
        std::int32_t number = -1;
        if (dash != std::string::npos)
            std::from_chars(text.data() + dash + 1, text.data() + text.size(), number);
        if (number < 0) return wrong(key, "like topic-0"), TopicPartition{};
        return {text.substr(0, dash), PartitionId(number)};
    }
    [[nodiscard]] const std::string& problem() const { return problem_; }
    void unknown(const std::string& operation) { problem_ = "unknown op \"" + operation + "\""; }

 private:
    void wrong(std::string_view key, std::string_view wanted) {
        if (problem_.empty())
            problem_ = "\"" + std::string(key) + "\" must be " + std::string(wanted);
    }
    const json::object& object_;
    std::string problem_;
};

bool read_send(const std::string& op, Line& line, History& history) {
    if (op != "send" && op != "ack" && op != "fail" && op != "info") return false;
    const auto process = line.text("process");
    const auto partition = line.partition("partition");
    const auto value = line.text("value");
    const Offset offset(line.number_or("offset", -1));
    if (!line.problem().empty()) return true;
    if (op == "send") history.send(line.at(), process, partition, value);
    if (op == "ack") history.ack(line.at(), process, partition, value, offset);
    if (op == "fail") history.fail(line.at(), process, partition, value);
    if (op == "info") history.info(line.at(), process, partition, value);
    return true;
}

bool read_consumer(const std::string& op, Line& line, History& history) {
    if (op == "poll") {
        const auto process = line.text("process");
        history.poll(process);
        for (const json::value& element : line.array("records")) {
            const auto record = line.entry(element, "records", 3);
            if (!line.problem().empty()) return true;
            history.polled(line.at(), process, record.partition, record.value, record.offset);
        }
        return true;
    }
    if (op == "assign") {
        std::vector<TopicPartition> partitions;
        for (const json::value& element : line.array("partitions")) {
            if (element.is_string())
                partitions.push_back(
                    line.parse_partition(std::string(element.get_string()), "partitions")
                );
        }
        const GroupGeneration generation(static_cast<std::int32_t>(line.number_or("generation", -1))
        );
        const auto process = line.text("process");
        const auto group = line.text_or("group", "");
        if (line.problem().empty())
            history.assign(line.at(), process, group, generation, partitions);
        return true;
    }
    if (op != "commit" && op != "committed") return false;
    for (const json::value& element : line.array("offsets")) {
        const auto one = line.entry(element, "offsets", 2);
        const auto process = line.text("process");
        const auto group = line.text("group");
        if (!line.problem().empty()) return true;
        if (op == "commit") {
            history.commit(line.at(), process, group, one.partition, one.offset);
        } else {
            const Instant asked{line.number_or("asked", line.at().ns)};
            history.committed(asked, line.at(), process, group, one.partition, one.offset);
        }
    }
    return true;
}

bool read_fact(const std::string& op, Line& line, ClusterFacts& facts) {
    if (op == "leader") {
        facts.leads(line.partition("partition"), line.epoch(), line.node());
    } else if (op == "controller") {
        facts.controls(line.epoch(), line.node());
    } else if (op == "vote") {
        const BrokerId candidate(static_cast<std::int32_t>(line.number("candidate")));
        facts.votes(line.node(), line.epoch(), candidate);
    } else if (op == "high-watermark") {
        facts.high_watermark(
            line.partition("partition"),
            line.epoch(),
            line.node(),
            static_cast<std::int32_t>(line.number_or("incarnation", 0)),
            Offset(line.number("offset"))
        );
    } else {
        return false;
    }
    return true;
}

bool read_promise(const std::string& op, Line& line, History& history) {
    if (op == "trim") {
        history.trim(line.partition("partition"), Offset(line.number("offset")));
    } else if (op == "drop") {
        history.drop(line.text("topic"));
    } else if (op == "weak") {
        history.weaken(line.text("topic"));
    } else {
        return false;
    }
    return true;
}

std::string quoted(std::string_view text) {
    return json::serialize(json::value(json::string_view(text.data(), text.size())));
}

}  // namespace

Status read_line(std::string_view text, History& history, ClusterFacts& facts) {
    boost::system::error_code broken;
    const json::value parsed = json::parse(json::string_view(text.data(), text.size()), broken);
    if (broken) return fail(ErrorCode::kCorrupt, "no JSON: " + broken.message());
    if (!parsed.is_object()) return fail(ErrorCode::kCorrupt, "no JSON object");
    Line line(parsed.get_object());
    const std::string op = line.text("op");
    const bool known = !line.problem().empty() || read_send(op, line, history) ||
                       read_consumer(op, line, history) || read_fact(op, line, facts) ||
                       read_promise(op, line, history);
    if (!known) line.unknown(op);
    if (!line.problem().empty()) return fail(ErrorCode::kCorrupt, line.problem());
    return {};
}

Status read_lines(std::istream& in, History& history, ClusterFacts& facts) {
    std::string line;
    for (std::int64_t number = 1; std::getline(in, line); ++number) {
        if (line.empty()) continue;
        const Status read = read_line(line, history, facts);
        if (!read)
            return fail(
                ErrorCode::kCorrupt,
                "line " + std::to_string(number) + ": " + read.error().to_string()
            );
    }
    return {};
}

void write_lines(const History& history, std::ostream& out) {
    const auto& all = history.operations();
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Operation& one = all[i];
        const auto head = [&](std::string_view op) -> std::ostream& {
            return out << "{\"op\":\"" << op << "\",\"at\":" << one.at.ns
                       << ",\"process\":" << quoted(history.processes().name(one.process));
        };
        const auto place = [&] { return quoted(history.partition(one.partition).to_string()); };
        const auto record = [&] { return quoted(history.names().name(one.name)); };
        switch (one.kind) {
            case OperationKind::kSend:
            case OperationKind::kFail:
            case OperationKind::kInfo:
                head(
                    one.kind == OperationKind::kSend   ? "send"
                    : one.kind == OperationKind::kFail ? "fail"
                                                       : "info"
                ) << ",\"partition\":"
                  << place() << ",\"value\":" << record() << "}\n";
                break;
            case OperationKind::kAck:
                head("ack") << ",\"partition\":" << place() << ",\"value\":" << record()
                            << ",\"offset\":" << one.offset.value << "}\n";
                break;
            case OperationKind::kPoll:
                head("poll") << ",\"records\":[[" << place() << ',' << one.offset.value << ','
                             << record() << "]]}\n";
                break;
            case OperationKind::kAssign: {
                std::ostream& line = head("assign");
                if (i + 1 < all.size() && all[i + 1].kind == OperationKind::kOwn) {
                    const Operation& own = all[i + 1];
                    line << ",\"group\":" << quoted(history.names().name(own.name))
                         << ",\"generation\":" << own.number;
                }
                line << ",\"partitions\":[";
                for (std::size_t k = i + 1; k < all.size() && all[k].kind == OperationKind::kOwn;
                     ++k) {
                    line << (k == i + 1 ? "" : ",")
                         << quoted(history.partition(all[k].partition).to_string());
                }
                line << "]}\n";
                break;
            }
            case OperationKind::kOwn:
                break;
            case OperationKind::kCommit:
            case OperationKind::kCommitted:
                head(one.kind == OperationKind::kCommit ? "commit" : "committed")
                    << ",\"asked\":" << one.number << ",\"group\":" << record() << ",\"offsets\":[["
                    << place() << ',' << one.offset.value << "]]}\n";
                break;
        }
    }
}

}  // namespace sealane::checker
