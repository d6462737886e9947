// The process's own figures, read from /proc (proc(5)); declared in metric_registry.hpp.

#include "common/telemetry/metric_registry.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <dirent.h>
#include <fstream>
#include <iterator>
#include <string_view>
#include <sys/resource.h>
#include <unistd.h>

namespace sealane::telemetry {

namespace {

std::string read_small(const char* path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// The number at `index` among the blanks-separated words of `text`; zero when absent.
double number_at(std::string_view text, std::size_t index) {
    for (std::size_t skip = 0; skip < index; ++skip) {
        const auto blank = text.find(' ');
        if (blank == std::string_view::npos) return 0;
        text.remove_prefix(blank + 1);
    }
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return static_cast<double>(value);
}

std::int64_t count_open_files() {
    DIR* const directory = opendir("/proc/self/fd");
    if (directory == nullptr) return -1;
    std::int64_t count = -3;  // ".", ".." and the directory itself
    while (readdir(directory) != nullptr) ++count;
    closedir(directory);
    return count;
}

// Seconds since the Unix epoch when the machine started ("btime 1700000000" in /proc/stat).
double boot_time() {
    const std::string stat = read_small("/proc/stat");
    const auto at = stat.find("btime ");
    return at == std::string::npos ? 0 : number_at(std::string_view(stat).substr(at), 1);
}

}  // namespace

void ProcessMetrics::collect(runtime::MetricSink& sink) const {
    sink.gauge(
        "sealane_build_info",
        "Always 1; the labels say what runs.",
        1,
        {{"program", build_.program}, {"version", build_.version}, {"revision", build_.revision}}
    );
    const std::string stat = read_small("/proc/self/stat");
    const auto after_name = stat.rfind(") ");
    if (after_name == std::string::npos) return;
    // Counted from the third field of proc(5), the state.
    const std::string_view fields = std::string_view(stat).substr(after_name + 2);
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
    sink.counter(
        "process_cpu_seconds_total",
        "User and system CPU time spent in seconds.",
        (number_at(fields, 11) + number_at(fields, 12)) / ticks
    );
    sink.gauge("process_threads", "Threads of the process.", number_at(fields, 17));
    sink.gauge(
        "process_start_time_seconds",
        "Start of the process in seconds since the Unix epoch.",
        boot_time() + number_at(fields, 19) / ticks
    );
    sink.gauge("process_virtual_memory_bytes", "Virtual memory in bytes.", number_at(fields, 20));
    sink.gauge(
        "process_resident_memory_bytes", "Resident memory in bytes.", number_at(fields, 21) * page
    );
    sink.gauge(
        "process_open_fds", "Open file descriptors.", static_cast<double>(count_open_files())
    );
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        sink.gauge(
            "process_max_fds",
            "Largest number of open file descriptors.",
            static_cast<double>(limit.rlim_cur)
        );
    }
}

}  // namespace sealane::telemetry
