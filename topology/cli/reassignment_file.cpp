#include "topology/cli/reassignment_file.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace sealane::topology {
namespace {

namespace json = boost::json;

// An id that fits into 32 bits; nothing for anything else.
std::optional<std::int32_t> small_number(const json::value* value) {
    if (value == nullptr || !value->is_int64()) return std::nullopt;
    const std::int64_t number = value->get_int64();
    if (number < 0 || number > INT32_MAX) return std::nullopt;
    return static_cast<std::int32_t>(number);
}

Result<std::pair<TopicPartition, std::vector<BrokerId>>> parse_entry(
    const json::value& entry, const std::string& where
) {
    const auto wrong = [&where](const std::string& what) {
        return fail(ErrorCode::kBadConfig, where + ": " + what);
    };
    const json::object* object = entry.if_object();
    if (object == nullptr) return wrong("is no object");
    const json::value* topic = object->if_contains("topic");
    if (topic == nullptr || !topic->is_string()) return wrong("'topic' is missing or no text");
    const auto partition = small_number(object->if_contains("partition"));
    if (!partition) return wrong("'partition' is missing or no number");
    const json::value* replicas = object->if_contains("replicas");
    if (replicas == nullptr || !replicas->is_array())
        return wrong("'replicas' is missing or no list");
    std::pair<TopicPartition, std::vector<BrokerId>> read;
    read.first = {std::string(topic->get_string()), PartitionId(*partition)};
    for (const json::value& replica : replicas->get_array()) {
        const auto id = small_number(&replica);
        if (!id) return wrong("'replicas' holds something that is no broker's number");
        read.second.emplace_back(*id);
    }
    return read;
}

}  // namespace

json::value reassignment_json(const ReassignmentPlan& plan, PlanSide side) {
    json::array partitions;
    for (const ReplicaMove& move : plan) {
        json::array replicas;
        for (const BrokerId id : side == PlanSide::kTo ? move.to : move.from)
            replicas.push_back(id.value);
        partitions.push_back(json::object{
            {"topic", move.partition.topic},
            {"partition", move.partition.partition.value},
            {"replicas", std::move(replicas)}
        });
    }
    return json::object{{"version", 1}, {"partitions", std::move(partitions)}};
}

Result<Assignment> parse_reassignment(const std::string& text, const std::string& file) {
    boost::system::error_code broken;
    const json::value document = json::parse(text, broken);
    if (broken)
        return fail(ErrorCode::kBadConfig, file + " does not read as JSON: " + broken.message());
    const json::object* root = document.if_object();
    const json::value* partitions = root == nullptr ? nullptr : root->if_contains("partitions");
    if (partitions == nullptr || !partitions->is_array()) {
        return fail(
            ErrorCode::kBadConfig,
            file + " has no list 'partitions'; a plan is made by: sealane cluster reassign plan"
        );
    }
    if (const json::value* version = root->if_contains("version");
        version != nullptr && *version != 1) {
        return fail(ErrorCode::kBadConfig, file + ": only version 1 is known");
    }
    Assignment assignment;
    for (const json::value& entry : partitions->get_array()) {
        const std::string where = file + ", partition entry " + std::to_string(assignment.size());
        SEALANE_TRY(auto read, parse_entry(entry, where));
        assignment.push_back(std::move(read));
    }
    return assignment;
}

}  // namespace sealane::topology
