#pragma once
// The quorum-state file: Kafka's JSON, one object. Version 0 belongs to a quorum that only the
// configuration names, version 1 (with the directory of the vote) to kraft.version 1; both are
// read.

#include "broker/quorum/raft_messages.hpp"
#include "common/base/buffer.hpp"
#include "common/base/result.hpp"

#include <string_view>

namespace sealane::broker::quorum {

inline constexpr std::string_view kQuorumStateFile = "quorum-state";

[[nodiscard]] BufferSlice quorum_state_text(const ElectionState& state);
// kCorrupt says what is wrong; the caller knows the path.
[[nodiscard]] Result<ElectionState> parse_quorum_state(std::string_view text);

}  // namespace sealane::broker::quorum
