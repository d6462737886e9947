#include "tests/simulation/driver/isolated_run.hpp"

#include "common/base/mutants.hpp"
#include "tests/simulation/scenario/mirrored_clusters.hpp"
#include "tests/simulation/scenario/replicated_cluster.hpp"
#include "tests/simulation/scenario/replicated_pair.hpp"
#include "tests/simulation/scenario/transactional_cluster.hpp"

#include <charconv>
#include <csignal>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sealane::simulation {
namespace {

// A result as a row of texts, each with its length in front: survives any content.
class Row {
 public:
    void put(std::string_view text) {
        bytes_.append(std::to_string(text.size())).append("\n").append(text);
    }
    void put(std::uint64_t number) { put(std::to_string(number)); }
    void put(const std::vector<std::string>& texts) {
        put(texts.size());
        for (const std::string& text : texts) put(text);
    }
    [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
    std::string bytes_;
};

class RowReader {
 public:
    explicit RowReader(std::string_view bytes) : rest_(bytes) {}
    std::string text() {
        std::size_t size = 0;
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), size);
        const auto head = static_cast<std::size_t>(end - rest_.data()) + 1;
        if (error != std::errc{} || head + size > rest_.size()) return broken_ = true, "";
        std::string found(rest_.substr(head, size));
        rest_.remove_prefix(head + size);
        return found;
    }
    std::uint64_t number() {
        const std::string digits = text();
        std::uint64_t value = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return value;
    }
    std::vector<std::string> texts() {
        std::vector<std::string> all;
        for (auto count = number(); count > 0 && !broken_; --count) all.push_back(text());
        return all;
    }
    [[nodiscard]] bool broken() const { return broken_; }

 private:
    std::string_view rest_;
    bool broken_ = false;
};

std::string encode(const ScenarioResult& result) {
    Row row;
    row.put(result.hash);
    row.put(result.events);
    row.put(static_cast<std::uint64_t>(result.virtual_seconds * 1000));
    row.put(static_cast<std::uint64_t>(result.acknowledged));
    row.put(static_cast<std::uint64_t>(result.faults));
    row.put(static_cast<std::uint64_t>(result.crashes));
    row.put(result.notes);
    row.put(result.violations.size());
    for (const auto& one : result.violations) {
        row.put(one.kind);
        row.put(one.detail);
    }
    row.put(result.last_lines);
    row.put(result.plan);
    return row.bytes();
}

std::optional<ScenarioResult> decode(std::string_view bytes, std::uint64_t seed) {
    RowReader row(bytes);
    ScenarioResult result;
    result.seed = seed;
    result.hash = row.number();
    result.events = row.number();
    result.virtual_seconds = static_cast<double>(row.number()) / 1000;
    result.acknowledged = static_cast<std::int64_t>(row.number());
    result.faults = static_cast<int>(row.number());
    result.crashes = static_cast<int>(row.number());
    result.notes = row.text();
    for (auto count = row.number(); count > 0 && !row.broken(); --count) {
        std::string kind = row.text();
        result.violations.push_back({std::move(kind), row.text()});
    }
    result.last_lines = row.texts();
    result.plan = row.texts();
    if (row.broken()) return std::nullopt;
    return result;
}

bool is_replicated(const std::string& scenario) {
    return scenario == "replicated" || scenario == "outages";
}

ScenarioOptions options_of(const RunRequest& request) {
    ScenarioOptions options = request.options;
    options.outages = request.scenario == "outages";
    return options;
}

ScenarioResult run_once(const RunRequest& request) {
    if (request.scenario == "pair") return run_replicated_pair(request.seed, request.options);
    if (request.scenario == "transactional")
        return run_transactional_cluster(request.seed, request.options);
    if (is_replicated(request.scenario))
        return run_replicated_cluster(request.seed, options_of(request));
    return run_mirrored_clusters(request.seed, request.options);
}

void write_all(int to, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(to, bytes.data(), bytes.size());
        if (count <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

std::string read_all(int from) {
    std::string all;
    char part[65536];
    for (ssize_t count = 0; (count = ::read(from, part, sizeof part)) > 0;)
        all.append(part, static_cast<std::size_t>(count));
    return all;
}

std::string tail_of(std::FILE* file) {
    if (file == nullptr) return {};
    std::rewind(file);
    std::string all = read_all(::fileno(file));
    constexpr std::size_t kKept = 1500;
    if (all.size() > kKept) all.erase(0, all.size() - kKept);
    while (!all.empty() && all.back() == '\n') all.pop_back();
    return all;
}

}  // namespace

std::vector<std::string> describe(const RunRequest& request) {
    if (request.scenario == "pair") return describe_replicated_pair(request.seed, request.options);
    if (request.scenario == "transactional")
        return describe_transactional_cluster(request.seed, request.options);
    if (is_replicated(request.scenario))
        return describe_replicated_cluster(request.seed, options_of(request));
    return {};
}

ScenarioResult run_here(const RunRequest& request) {
    choose_mutant(request.mutant);
    ScenarioResult result = run_once(request);
    if (!request.twice) return result;
    RunRequest again = request;
    again.options.verbose = false;
    const ScenarioResult second = run_once(again);
    result.virtual_seconds += second.virtual_seconds;
    if (second.hash != result.hash) {
        result.violations.push_back(
            {"nondeterminism", "a second run of the seed had another trace hash"}
        );
    }
    return result;
}

IsolatedRun::IsolatedRun(const RunRequest& request) : request_(request) {
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0) return;
    if (!request.options.verbose) errors_ = std::tmpfile();
    std::fflush(nullptr);
    child_ = ::fork();
    if (child_ == 0) {
        ::close(ends[0]);
        if (errors_ != nullptr) ::dup2(::fileno(errors_), STDERR_FILENO);
        // Of processor time: a busy machine is no endless loop.
        const itimerval limit{{0, 0}, {kRunLimitSeconds, 0}};
        ::setitimer(ITIMER_PROF, &limit, nullptr);
        write_all(ends[1], encode(run_here(request)));
        std::fflush(nullptr);
        ::_exit(0);
    }
    ::close(ends[1]);
    results_ = ends[0];
}

IsolatedRun::~IsolatedRun() {
    if (child_ > 0) {
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
    }
    if (results_ >= 0) ::close(results_);
    if (errors_ != nullptr) std::fclose(errors_);
}

ScenarioResult IsolatedRun::wait() {
    const std::string bytes = results_ >= 0 ? read_all(results_) : std::string();
    int status = 0;
    if (child_ > 0) ::waitpid(child_, &status, 0);
    child_ = -1;
    if (auto result = decode(bytes, request_.seed)) return *std::move(result);
    ScenarioResult result;
    result.seed = request_.seed;
    const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (signal == SIGPROF) {
        result.violations.push_back(
            {"hung", "no end after " + std::to_string(kRunLimitSeconds) + " s of processor time"}
        );
    } else {
        result.violations.push_back(
            {"crashed", "signal " + std::to_string(signal) + ". " + tail_of(errors_)}
        );
    }
    return result;
}

}  // namespace sealane::simulation
