#include "topology/cli/child_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sealane::topology {
namespace {

std::string read_link(const std::string& path) {
    char target[4096];
    const ssize_t length = readlink(path.c_str(), target, sizeof target);
    return length > 0 ? std::string(target, static_cast<std::size_t>(length)) : std::string();
}

// Runs in the child, between fork and exec: only async-signal-safe calls. Returns what failed.
const char* become(const ChildSpec& spec, char* const* arguments) {
    setsid();
    const int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int out = open(spec.stdout_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    const int err = open(spec.stderr_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (in < 0 || out < 0 || err < 0) return "open";
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    if (spec.group && (setgroups(1, &*spec.group) != 0 || setgid(*spec.group) != 0))
        return "setgid";
    if (spec.user && setuid(*spec.user) != 0) return "setuid";
    execv(arguments[0], arguments);
    return "exec";
}

}  // namespace

Result<pid_t> start_child(const ChildSpec& spec) {
    std::vector<char*> arguments;
    for (const std::string& word : spec.command)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    int report[2];  // closed by a successful exec; carries errno otherwise
    if (pipe2(report, O_CLOEXEC) != 0) return fail(ErrorCode::kIo, std::strerror(errno));
    const pid_t pid = fork();
    if (pid < 0) return fail(ErrorCode::kIo, std::string("fork: ") + std::strerror(errno));
    if (pid == 0) {
        (void)become(spec, arguments.data());
        const int why = errno;
        (void)!write(report[1], &why, sizeof why);
        _exit(127);
    }
    close(report[1]);
    int why = 0;
    const ssize_t got = read(report[0], &why, sizeof why);
    close(report[0]);
    if (got > 0) {
        waitpid(pid, nullptr, 0);
        return fail(
            ErrorCode::kIo, "cannot start " + spec.command.front() + ": " + std::strerror(why)
        );
    }
    return pid;
}

bool is_running(pid_t pid, const std::string& program) {
    if (pid <= 0) return false;
    waitpid(pid, nullptr, WNOHANG);  // reap it if it is a child of ours
    std::string running = read_link("/proc/" + std::to_string(pid) + "/exe");
    // A rebuilt program shows as deleted; it is still the same process.
    constexpr std::string_view kDeleted = " (deleted)";
    if (running.ends_with(kDeleted)) running.resize(running.size() - kDeleted.size());
    return running == program;
}

bool is_paused(pid_t pid) {
    std::FILE* file = std::fopen(("/proc/" + std::to_string(pid) + "/stat").c_str(), "r");
    if (file == nullptr) return false;
    char state = 0;
    // The second field is the program's name in parentheses; ours have none inside.
    const int fields = std::fscanf(file, "%*d (%*[^)]) %c", &state);
    std::fclose(file);
    return fields == 1 && state == 'T';
}

void signal_child(pid_t pid, const std::string& program, int signal) {
    if (is_running(pid, program)) kill(pid, signal);
}

Result<std::string> sibling_program(const std::string& name) {
    const std::string self = read_link("/proc/self/exe");
    const std::string path = self.substr(0, self.rfind('/') + 1) + name;
    if (access(path.c_str(), X_OK) != 0) {
        return fail(
            ErrorCode::kNotFound, path + " is not there; build it: ops/build release " + name
        );
    }
    return path;
}

std::uint64_t resident_bytes(pid_t pid) {
    std::FILE* file = std::fopen(("/proc/" + std::to_string(pid) + "/statm").c_str(), "r");
    if (file == nullptr) return 0;
    unsigned long total = 0;
    unsigned long resident = 0;
    const int fields = std::fscanf(file, "%lu %lu", &total, &resident);
    std::fclose(file);
    return fields == 2 ? resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

}  // namespace sealane::topology
