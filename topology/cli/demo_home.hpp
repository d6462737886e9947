#pragma once
// Where a demo keeps everything, and what of it runs: one directory with keys by domain, data and
// logs by process, the rendered topology, and state.json with process ids and addresses.

#include "common/base/result.hpp"
#include "topology/cli/command.hpp"

#include <string>
#include <sys/types.h>
#include <vector>

namespace sealane::topology {

// One daemon of the demo.
struct DemoProcess {
    enum class Kind { kBroker, kMirror };
    Kind kind = Kind::kBroker;
    std::string name;       // of people: "korea", "korea-2"; the domain for mirrors
    std::string cluster;    // of brokers
    std::string program;    // absolute path
    std::string directory;  // config, data, logs
    pid_t pid = 0;
    std::string admin;  // host:port of metrics and status
};

struct DemoState {
    std::vector<DemoProcess> processes;
    bool fed = false;  // the local clusters have their log files
    [[nodiscard]] DemoProcess* find(DemoProcess::Kind kind, const std::string& name);
    // Directories are unique, also where a cluster is called as another one's broker.
    [[nodiscard]] DemoProcess* find_by_directory(const std::string& directory);
};

class DemoHome {
 public:
    explicit DemoHome(std::string directory) : directory_(std::move(directory)) {}
    // --home, else $SEALANE_DEMO_HOME, else ~/.sealane/demo, or /var/lib/sealane/demo for root,
    // whose own home is closed to the users that the demo's processes run under.
    [[nodiscard]] static DemoHome from(const Invocation& invocation);

    [[nodiscard]] const std::string& directory() const { return directory_; }
    [[nodiscard]] std::string topology_file() const { return directory_ + "/topology.yaml"; }
    [[nodiscard]] std::string state_file() const { return directory_ + "/state.json"; }
    [[nodiscard]] std::string run_directory() const { return directory_ + "/run"; }
    [[nodiscard]] std::string domain_directory(const std::string& domain) const {
        return directory_ + "/domains/" + domain;
    }
    [[nodiscard]] std::string cluster_directory(const std::string& cluster) const {
        return directory_ + "/clusters/" + cluster;
    }
    // A cluster's only broker lives in the cluster's folder, one of several in a folder of its own.
    [[nodiscard]] std::string broker_directory(
        const std::string& cluster, std::int32_t broker, std::size_t brokers
    ) const {
        const std::string directory = cluster_directory(cluster);
        return brokers > 1 ? directory + "/" + std::to_string(broker) : directory;
    }
    [[nodiscard]] std::string mirror_directory(const std::string& domain) const {
        return directory_ + "/mirrors/" + domain;
    }
    [[nodiscard]] bool exists() const;
    [[nodiscard]] Result<DemoState> load() const;  // kNotFound: no demo here
    [[nodiscard]] Status save(const DemoState& state) const;

 private:
    std::string directory_;
};

}  // namespace sealane::topology
