#pragma once
// Daemons that the demo and drills start: detached children of their own session, output in files,
// optionally under a user id of their own. POSIX calls; nothing here blocks for long.

#include "common/base/result.hpp"

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace sealane::topology {

struct ChildSpec {
    std::vector<std::string> command;  // absolute program path and its arguments
    std::string stdout_file;           // truncated
    std::string stderr_file;           // appended
    std::optional<uid_t> user;         // with `group`: only root can
    std::optional<gid_t> group;
};

// Starts it and returns its process id. The child survives this process.
[[nodiscard]] Result<pid_t> start_child(const ChildSpec& spec);
// Whether this process id runs `program` (guards against reused ids: compares /proc/PID/exe).
[[nodiscard]] bool is_running(pid_t pid, const std::string& program);
// Whether a process is stopped by a signal (SIGSTOP) and waits for SIGCONT.
[[nodiscard]] bool is_paused(pid_t pid);
// Sends a signal; nothing happens when it is not running that program any more.
void signal_child(pid_t pid, const std::string& program, int signal);
// The path of a program built beside this one.
[[nodiscard]] Result<std::string> sibling_program(const std::string& name);
// Resident memory of a process in bytes; 0 when unknown.
[[nodiscard]] std::uint64_t resident_bytes(pid_t pid);

}  // namespace sealane::topology
