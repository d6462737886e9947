#include "broker/quorum/quorum_state_file.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <limits>

namespace sealane::broker::quorum {

namespace json = boost::json;

namespace {

Result<std::int32_t> number_of(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    const std::int64_t* number = value == nullptr ? nullptr : value->if_int64();
    if (number == nullptr) {
        return fail(ErrorCode::kCorrupt, "no whole number under \"" + std::string(key) + "\"");
    }
    if (*number < -1 || *number > std::numeric_limits<std::int32_t>::max()) {
        return fail(
            ErrorCode::kCorrupt, std::string(key) + " " + std::to_string(*number) + " cannot be"
        );
    }
    return static_cast<std::int32_t>(*number);
}

}  // namespace

BufferSlice quorum_state_text(const ElectionState& state) {
    json::object object;
    object["leaderId"] = state.leader.value;
    object["leaderEpoch"] = state.epoch.value;
    object["votedId"] = state.voted.id.value;
    object["votedDirectoryId"] = state.voted.directory.to_string();
    object["data_version"] = 1;
    return BufferSlice::copy_of(json::serialize(object));
}

Result<ElectionState> parse_quorum_state(std::string_view text) {
    boost::system::error_code broken;
    const json::value parsed = json::parse(text, broken);
    const json::object* object = broken ? nullptr : parsed.if_object();
    if (object == nullptr) return fail(ErrorCode::kCorrupt, "is not a JSON object");
    SEALANE_TRY(const std::int32_t version, number_of(*object, "data_version"));
    if (version != 0 && version != 1) {
        return fail(ErrorCode::kCorrupt, "data_version " + std::to_string(version) + " is unknown");
    }
    ElectionState state;
    SEALANE_TRY(state.leader.value, number_of(*object, "leaderId"));
    SEALANE_TRY(state.epoch.value, number_of(*object, "leaderEpoch"));
    SEALANE_TRY(state.voted.id.value, number_of(*object, "votedId"));
    if (state.epoch.value < 0) return fail(ErrorCode::kCorrupt, "leaderEpoch is negative");
    const json::value* directory = object->if_contains("votedDirectoryId");
    if (version == 1 && directory != nullptr && directory->is_string()) {
        const auto id = Uuid::parse(std::string_view(directory->get_string()));
        if (!id) return fail(ErrorCode::kCorrupt, "votedDirectoryId is no id");
        state.voted.directory = *id;
    }
    return state;
}

}  // namespace sealane::broker::quorum
