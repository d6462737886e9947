#include "topology/cli/demo_feed.hpp"

#include "common/client/admin.hpp"
#include "common/client/producer.hpp"
#include "topology/cli/cluster_session.hpp"

#include <algorithm>
#include <set>

namespace sealane::topology {
namespace {

using runtime::Task;

Task<Result<FedTopic>> feed_file(
    runtime::World& world, client::Producer& producer, const LogFile& file, Instant deadline
) {
    SEALANE_CO_TRY(LineReader lines, LineReader::open(file.path));
    FedTopic fed;
    while (true) {
        SEALANE_CO_TRY(const auto line, lines.next());
        if (!line) co_return fed;
        auto record = kafka::text_record(file.path, *line, world.wall());
        const auto queued =
            co_await producer.enqueue(file.topic, std::nullopt, std::move(record), deadline);
        if (!queued) co_return fail(queued.error().in(file.path));
        ++fed.records;
        fed.bytes += static_cast<std::int64_t>(line->size());
    }
}

Task<Status> make_topics(
    client::ClusterClient& cluster, std::vector<LogFile> files, Instant deadline
) {
    client::Admin admin(cluster);
    std::set<std::string> names;
    for (const LogFile& file : files) names.insert(file.topic);
    for (const std::string& name : names) {
        // Partitions and the rest are the cluster's defaults.
        const Status made = co_await admin.create_topic({.name = name, .configs = {}}, deadline);
        if (!made && made.error().code() != ErrorCode::kTopicAlreadyExists) co_return made;
    }
    co_return Status{};
}

Task<Status> feed_cluster(
    runtime::World& world,
    client::Producer& producer,
    const std::string& cluster,
    const std::vector<LogFile>& files,
    FeedReport& report,
    Progress& progress,
    Instant deadline
) {
    std::int64_t records = 0;
    for (const LogFile& file : files) {
        progress.update(
            "feeding " + cluster + ": " + count_text(records) + " records, now " + file.path
        );
        SEALANE_CO_TRY(const FedTopic fed, co_await feed_file(world, producer, file, deadline));
        FedTopic& total = report[cluster][file.topic];
        total.records += fed.records;
        total.bytes += fed.bytes;
        records += fed.records;
    }
    SEALANE_CO_CHECK(co_await producer.flush(deadline));
    progress.done(
        "fed " + cluster + ": " + count_text(records) + " records of " +
        std::to_string(files.size()) + " files"
    );
    co_return Status{};
}

}  // namespace

std::vector<std::string> local_clusters(const Topology& topology) {
    std::vector<std::string> names;
    for (const Cluster& cluster : topology.clusters) {
        const auto& links = topology.links;
        const bool sends = std::ranges::any_of(links, [&](const Link& link) {
            return link.from == cluster.name.value;
        });
        const bool receives = std::ranges::any_of(links, [&](const Link& link) {
            return link.to == cluster.name.value;
        });
        if (sends && !receives) names.push_back(cluster.name.value);
    }
    return names;
}

Task<Result<FeedReport>> feed_clusters(
    runtime::World& world,
    const Topology& topology,
    std::vector<LogFile> files,
    Progress& progress,
    Instant deadline
) {
    FeedReport report;
    const auto clusters = local_clusters(topology);
    for (std::size_t c = 0; c < clusters.size(); ++c) {
        std::vector<LogFile> mine;
        for (std::size_t f = c; f < files.size(); f += clusters.size()) mine.push_back(files[f]);
        const Cluster* cluster = topology.find_cluster(clusters[c]);
        SEALANE_CO_TRY(auto options, client_options(topology, *cluster, ListenerSecurity::kTls));
        client::ClusterClient access(world, std::move(options));
        client::Producer producer(access, {.codec = kafka::Codec::kLz4});
        Status status = co_await make_topics(access, mine, deadline);
        if (status)
            status = co_await feed_cluster(
                world, producer, clusters[c], mine, report, progress, deadline
            );
        co_await producer.stop();
        co_await access.stop();
        if (!status) co_return fail(status.error().in("feeding " + clusters[c]));
    }
    co_return report;
}

}  // namespace sealane::topology
