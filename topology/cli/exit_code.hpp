#pragma once
// Exit codes of `sealane`, the same for every command (ops/docs/reference/exit-codes.md).

namespace sealane::topology {

enum class ExitCode : int {
    kOk = 0,
    kFailed = 1,           // the operation failed; stderr says what, where, why
    kObjectiveMissed = 3,  // a drill ended, but records were lost or an objective was missed
    kUnreachable = 4,      // timeout, or a cluster cannot be reached
    kNotTrusted = 5,       // TLS or authorization refused
    kUnhealthy = 10,       // a status command found a link or cluster that is not OK
    kUsage = 64,           // the command line is wrong
    kBadData = 65,         // verification found differences, input data is bad
    kBadConfig = 78,       // the topology file is wrong
    kInterrupted = 130,
};

}  // namespace sealane::topology
