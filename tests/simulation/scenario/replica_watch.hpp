#pragma once
// What brokers say in their logs that no broker should have to say: a replica that cuts what it
// knew to be committed, a log that is offline although nothing has happened to its disk. Clients
// may never notice either, because another replica makes it good.

#include "tests/checker/report.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sealane::simulation {

class ReplicaWatch {
 public:
    // Whether a topic's committed records may be cut (flush=os, or its owner is elsewhere).
    std::function<bool(std::string_view topic)> may_cut = [](std::string_view) { return false; };
    // Whether the disk of a host was hurt in this run.
    std::function<bool(std::string_view host)> was_hurt = [](std::string_view) { return false; };

    // A line of the trace; `who`: host/start.
    void on_line(std::string_view who, std::string_view text);
    [[nodiscard]] std::vector<checker::Violation> take() { return report_.take(); }

 private:
    checker::Report report_;
};

}  // namespace sealane::simulation
