#include "topology/cli/demo_daemons.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>

namespace sealane::topology {
namespace {

namespace fs = std::filesystem;
using runtime::Task;

std::string read_text(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string last_lines(const std::string& text, int count) {
    std::size_t at = text.size();
    while (count-- > 0 && at != std::string::npos && at > 0) at = text.rfind('\n', at - 1);
    return at == std::string::npos || at == 0 ? text : text.substr(at + 1);
}

std::string stdout_of(const DemoProcess& process) {
    return process.directory + "/stdout";
}
std::string log_of(const DemoProcess& process) {
    return process.directory + "/log";
}

// The value of `key=` in a ready line.
std::string ready_value(const std::string& line, const std::string& key) {
    const auto at = line.find(" " + key + "=");
    if (at == std::string::npos) return {};
    const auto from = at + key.size() + 2;
    return line.substr(from, line.find_first_of(" \n", from) - from);
}

}  // namespace

bool reachable_by_others(const std::string& path) {
    for (fs::path at = fs::absolute(path).parent_path();; at = at.parent_path()) {
        struct stat facts{};
        if (stat(at.c_str(), &facts) == 0 && (facts.st_mode & S_IXOTH) == 0) return false;
        if (at == at.root_path()) return true;
    }
}

Result<std::string> runnable_program(
    const DemoHome& home, const std::string& name, bool separate_users
) {
    SEALANE_TRY(const std::string built, sibling_program(name));
    if (!separate_users || reachable_by_others(built)) return built;
    const std::string copy = home.directory() + "/bin/" + name;
    std::error_code failure;
    fs::create_directories(home.directory() + "/bin", failure);
    fs::copy_file(built, copy + ".new", fs::copy_options::overwrite_existing, failure);
    if (!failure) fs::rename(copy + ".new", copy, failure);
    if (failure)
        return fail(
            ErrorCode::kIo, "cannot copy " + built + " to " + copy + ": " + failure.message()
        );
    fs::permissions(copy, fs::perms(0755), failure);
    return copy;
}

Status start_daemon(DemoProcess& process, DomainUser user) {
    ChildSpec spec;
    spec.command = {process.program, "--config=" + process.directory + "/config.yaml"};
    spec.stdout_file = stdout_of(process);
    spec.stderr_file = log_of(process);
    if (user.separate) {
        spec.user = user.user;
        spec.group = user.group;
    }
    SEALANE_TRY(process.pid, start_child(spec));
    return {};
}

Task<Status> await_daemon(runtime::World& world, DemoProcess& process, Instant deadline) {
    while (true) {
        const std::string out = read_text(stdout_of(process));
        const auto ready = out.rfind("ready ", 0) == 0 ? 0 : out.find("\nready ");
        if (ready != std::string::npos && out.find('\n', ready + 1) != std::string::npos) {
            process.admin = ready_value(out.substr(ready), "admin");
            co_return Status{};
        }
        if (!is_running(process.pid, process.program)) {
            co_return fail(
                ErrorCode::kUnknownServerError,
                process.name + " ended at start: " + last_lines(read_text(log_of(process)), 4)
            );
        }
        if (world.now() >= deadline) {
            co_return fail(
                ErrorCode::kDeadlineExceeded,
                process.name + " did not become ready; its log: " + log_of(process) + "\n" +
                    last_lines(read_text(log_of(process)), 4)
            );
        }
        co_await world.sleep(10ms);
    }
}

Task<void> stop_daemons(runtime::World& world, const DemoState& state, Instant deadline) {
    for (const DemoProcess& process : state.processes) {
        signal_child(process.pid, process.program, SIGTERM);
        signal_child(process.pid, process.program, SIGCONT);  // a paused one hears it then
    }
    auto any_runs = [&state] {
        return std::ranges::any_of(state.processes, [](const DemoProcess& process) {
            return is_running(process.pid, process.program);
        });
    };
    while (any_runs() && world.now() < deadline) co_await world.sleep(20ms);
    for (const DemoProcess& process : state.processes)
        signal_child(process.pid, process.program, SIGKILL);
    while (any_runs()) co_await world.sleep(5ms);
}

}  // namespace sealane::topology
