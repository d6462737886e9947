#pragma once
// Status as JSON, for the admin pages /status, /links and /gaps.

#include "mirror/ledger/gap_ledger.hpp"
#include "mirror/link/link_status.hpp"

namespace sealane::mirror {

struct ProcessStatus {
    std::string domain;
    std::vector<LinkStatus> links;
    std::size_t gaps = 0;
};

// Without partitions: what fits on a screen.
[[nodiscard]] std::string status_json(const ProcessStatus& status);
// Everything.
[[nodiscard]] std::string links_json(const std::vector<LinkStatus>& links);
[[nodiscard]] std::string gaps_json(const std::vector<GapEntry>& gaps);

}  // namespace sealane::mirror
