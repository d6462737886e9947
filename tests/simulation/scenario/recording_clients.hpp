#pragma once
// Clients that write down everything they do and are told into one checker::History: writers,
// consumers (assigned by hand or as group members), an observer of committed offsets, and the
// reader that reads everything at the end.

#include "common/client/cluster_client.hpp"
#include "tests/checker/history.hpp"
#include "tests/checker/progress.hpp"
#include "tests/simulation/scenario/replicated_plan.hpp"
#include "tests/simulation/scenario/sim_process.hpp"

#include <map>
#include <string>
#include <vector>

namespace sealane::simulation {

// What all clients of a run share. Lives in the scenario, outlives the clients.
struct Recording {
    std::vector<runtime::Endpoint> bootstrap;
    checker::History history;
    // Topics that promise everything: what goes wrong there is a violation.
    std::map<std::string, std::int32_t> partitions;  // of every topic, as far as known
    std::map<std::string, bool> weak;
    std::map<std::string, bool> dropped;
    std::vector<checker::Violation> violations;
    std::int64_t acknowledged = 0;

    [[nodiscard]] bool promises(const std::string& topic) const {
        const auto of = [&topic](const std::map<std::string, bool>& set) {
            const auto found = set.find(topic);
            return found != set.end() && found->second;
        };
        return !of(weak) && !of(dropped);
    }
};

struct ClientControl {
    bool stop = false;
    bool finished = false;
};

// Writes "<name>.<start>#<n>" to all partitions of its topic in turn until told to stop, then waits
// until everything is answered.
[[nodiscard]] SimProcess::Factory recording_writer(
    const WriterPlan& plan, Recording& recording, ClientControl& control
);
// Polls until told to stop. By hand: all partitions of the topic, now and then again from the
// beginning. In a group: commits as it goes.
[[nodiscard]] SimProcess::Factory recording_reader(
    const ReaderPlan& plan, Recording& recording, ClientControl& control
);
// Samples committed offsets and high watermarks until the end of the run.
[[nodiscard]] SimProcess::Factory recording_observer(
    std::vector<std::string> groups, Recording& recording, checker::Progress& high_watermarks
);
// Reads one partition from its beginning to its end, once.
[[nodiscard]] SimProcess::Factory final_reader(
    const TopicPartition& partition, Recording& recording, ClientControl& control
);

[[nodiscard]] client::ClientOptions recording_client_options(
    const std::vector<runtime::Endpoint>& bootstrap
);

}  // namespace sealane::simulation
