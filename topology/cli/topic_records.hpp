#pragma once
// sealane topic produce and consume: lines to records and back, bytes untouched.

#include "topology/cli/cluster_session.hpp"

namespace sealane::topology {

[[nodiscard]] runtime::Task<Result<ExitCode>> produce_records(ClusterSession& session);
[[nodiscard]] runtime::Task<Result<ExitCode>> consume_records(ClusterSession& session);

}  // namespace sealane::topology
