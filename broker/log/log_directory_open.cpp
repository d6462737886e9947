// Opening a data directory: whose it is, and every log in it with bounded parallelism.

#include "broker/log/log_directory_inner.hpp"
#include "broker/log/segment_name.hpp"
#include "common/base/mutants.hpp"

#include <algorithm>

namespace sealane::broker {

using runtime::Task;

namespace {
constexpr std::string_view kLockFile = ".lock";
constexpr std::string_view kIdentityFile = "meta.properties";
constexpr std::string_view kRecoveryPointsFile = "recovery-point-offset-checkpoint";
constexpr std::string_view kCleanStopFile = ".kafka_cleanshutdown";
constexpr std::uint64_t kMaxTextFile = 64U << 20U;

Uuid fresh_id(runtime::World& world) {
    // Reserved ids are small numbers; a leading '-' would look like an option on command lines.
    for (;;) {
        const Uuid id = world.random_uuid();
        if (!id.is_zero() && !id.to_string().starts_with('-')) return id;
    }
}
}  // namespace

LogDirectory::Inner::Inner(runtime::World& with, LogDirectoryConfig how)
    : world(with),
      config(std::move(how)),
      log(world.log("log")),
      tasks(world),
      turns(world.waits()),
      promise_turns(world.waits()),
      file_cache(world.files(), config.max_open_files),
      tail_cache(config.tail_cache_bytes, config.tail_cache_bytes_per_log) {}

Task<Status> LogDirectory::Inner::take_lock() {
    auto taken = co_await world.files().lock(path(kLockFile));
    if (!taken) {
        if (taken.error().code() != ErrorCode::kLocked) co_return fail(taken.error());
        co_return fail(
            ErrorCode::kLocked,
            "data directory " + config.path + " is in use: " + taken.error().detail() +
                "; stop it or give this broker its own log.dir"
        );
    }
    lock = *std::move(taken);
    co_return Status{};
}

Task<Status> LogDirectory::Inner::check_identity() {
    const std::string name = path(kIdentityFile);
    const auto text = co_await runtime::read_file(world.files(), name, kMaxTextFile);
    if (!text) {
        if (text.error().code() != ErrorCode::kNotFound) co_return fail(text.error());
        identity.cluster_id = config.cluster_id.is_zero() ? fresh_id(world) : config.cluster_id;
        identity.node_id = config.node_id;
        identity.directory_id = fresh_id(world);
        co_return co_await runtime::write_file_atomically(
            world.files(), name, BufferSlice::copy_of(encode_directory_identity(identity))
        );
    }
    const auto stored = decode_directory_identity(text->text());
    if (!stored) co_return fail(ErrorCode::kBadConfig, name + ": " + stored.error().detail());
    identity = *stored;
    if (!config.cluster_id.is_zero() && config.cluster_id != identity.cluster_id) {
        co_return fail(
            ErrorCode::kBadConfig,
            "data directory " + config.path + " belongs to cluster " +
                identity.cluster_id.to_string() + " (" + name + "), but cluster.id is " +
                config.cluster_id.to_string() + "; set log.dir to this cluster's directory"
        );
    }
    if (config.node_id != identity.node_id) {
        co_return fail(
            ErrorCode::kBadConfig,
            "data directory " + config.path + " belongs to node " +
                std::to_string(identity.node_id.value) + " (" + name + "), but node.id is " +
                std::to_string(config.node_id.value) + "; set log.dir to this node's directory"
        );
    }
    co_return Status{};
}

Task<Status> LogDirectory::Inner::read_checkpoint() {
    const std::string name = path(kRecoveryPointsFile);
    const auto text = co_await runtime::read_file(world.files(), name, kMaxTextFile);
    if (text) {
        auto decoded = decode_offset_checkpoint(text->text());
        if (!decoded) {
            co_return fail(
                decoded.error().in(name + " (remove the file to check every log from its start)")
            );
        }
        recovery_points = *std::move(decoded);
    } else if (text.error().code() != ErrorCode::kNotFound) {
        co_return fail(text.error());
    }
    const auto note =
        co_await runtime::read_file(world.files(), path(kCleanStopFile), kMaxTextFile);
    std::optional<std::int64_t> epoch;
    if (note) epoch = decode_clean_stop(note->text(), identity.directory_id);
    SEALANE_CO_CHECK(co_await read_high_watermarks());
    SEALANE_CO_CHECK(co_await read_promises());
    // The note counts for this start only: it is gone, durably, before anything else happens.
    Status removed;
    if (!SEALANE_MUTANT(9)) removed = co_await world.files().remove(path(kCleanStopFile));
    if (!removed && removed.error().code() != ErrorCode::kNotFound) {
        co_return fail(removed.error());
    }
    clean_stop = epoch.has_value() && text.has_value();
    if (clean_stop) previous_broker_epoch = *epoch;
    co_return co_await world.files().sync_directory(config.path);
}

LogOpening LogDirectory::Inner::opening_of(const TopicPartition& partition, LogSettings settings) {
    LogOpening opening;
    opening.directory = path(partition.to_string());
    opening.topic_partition = partition;
    opening.config = settings.config;
    opening.states = std::move(settings.states);
    opening.clean_stop = clean_stop;
    const auto point = recovery_points.find(partition);
    if (point != recovery_points.end()) opening.recovery_point = point->second;
    const auto promise = promises.find(partition);
    if (promise != promises.end()) opening.promised = promise->second;
    // A log that was not there at the clean stop was not closed by it.
    if (point == recovery_points.end()) opening.clean_stop = false;
    return opening;
}

Task<Status> LogDirectory::Inner::open_all(LogSettingsOf settings_of) {
    SEALANE_CO_TRY(const auto entries, co_await world.files().list(config.path));
    for (const auto& entry : entries) {
        if (!entry.is_directory) continue;
        if (entry.name.ends_with(kDeletedDirectorySuffix)) {
            deleted.push_back({path(entry.name), world.now()});
            continue;
        }
        if (auto partition = parse_partition_directory(entry.name)) {
            to_open.push_back(*std::move(partition));
        }
    }
    std::ranges::reverse(to_open);  // taken from the back, in name order
    opened = true;
    runtime::TaskGroup openers(world);
    for (std::size_t i = 0; i < std::max<std::size_t>(config.open_parallelism, 1); ++i) {
        openers.spawn([this, &settings_of] { return open_some(settings_of); });
    }
    co_await openers.join();
    // Recovery has moved the recovery points: keep that, another crash may come soon.
    if (!clean_stop) SEALANE_CO_CHECK(co_await checkpoint());
    co_return Status{};
}

Task<void> LogDirectory::Inner::open_some(const LogSettingsOf& settings_of) {
    while (!to_open.empty()) {
        TopicPartition next = std::move(to_open.back());
        to_open.pop_back();
        co_await open_one(std::move(next), settings_of);
    }
}

Task<void> LogDirectory::Inner::open_one(
    TopicPartition partition, const LogSettingsOf& settings_of
) {
    const std::string name = path(partition.to_string()) + "/partition.metadata";
    const auto text = co_await runtime::read_file(world.files(), name, kMaxTextFile);
    if (!text && text.error().code() == ErrorCode::kNotFound) {
        // A crash while it was made: it holds nothing, create() will make it.
        co_return;
    }
    const auto topic_id =
        text ? decode_partition_metadata(text->text()) : Result<Uuid>(fail(text.error()));
    if (!topic_id) {
        failed.emplace(std::move(partition), topic_id.error().in(name));
        co_return;
    }
    LogOpening opening = opening_of(partition, settings_of(partition, *topic_id));
    opening.topic_id = *topic_id;
    auto opened_log = co_await PartitionLog::open(shared(), std::move(opening));
    if (opened_log) {
        logs.emplace(std::move(partition), *std::move(opened_log));
        co_return;
    }
    log.error(
        "a log cannot be opened",
        {{"partition", partition.to_string()}, {"cause", opened_log.error()}}
    );
    failed.emplace(std::move(partition), opened_log.error());
}

}  // namespace sealane::broker
