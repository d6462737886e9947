#pragma once
// Link status and verification as text and JSON; shared by link, demo and topology commands.

#include "topology/cli/link_status.hpp"
#include "topology/cli/output.hpp"
#include "topology/recovery/link_verifier.hpp"

#include <boost/json/value.hpp>

namespace sealane::topology {

[[nodiscard]] std::string link_status_text(const std::vector<LinkStatus>& links);
[[nodiscard]] boost::json::value link_status_json(const std::vector<LinkStatus>& links);

[[nodiscard]] runtime::Task<Result<std::vector<LinkVerdict>>> verify_links(
    ClusterPool& pool, std::vector<const Link*> links, Progress& progress, Instant deadline
);
[[nodiscard]] std::string link_verdicts_text(const std::vector<LinkVerdict>& verdicts);
[[nodiscard]] boost::json::value link_verdicts_json(const std::vector<LinkVerdict>& verdicts);

}  // namespace sealane::topology
