#include "tests/simulation/scenario/observers.hpp"

#include "common/client/committed_offsets.hpp"
#include "common/client/list_offsets.hpp"
#include "common/kafka/messages/mirror.hpp"

namespace sealane::simulation {
namespace {

using runtime::Task;

client::ClientOptions client_options(const runtime::Endpoint& bootstrap) {
    client::ClientOptions options;
    options.bootstrap = {bootstrap};
    options.connect_timeout = 2s;
    options.request_timeout = 5s;
    return options;
}

class Committer final : public Program {
 public:
    Committer(
        SimWorld& world,
        const runtime::Endpoint& bootstrap,
        std::string group,
        std::vector<TopicPartition> partitions,
        CommitterState& state
    )
        : world_(world),
          group_(std::move(group)),
          partitions_(std::move(partitions)),
          state_(state),
          cluster_(world, client_options(bootstrap)) {}

    Task<Status> run() override {
        while (!state_.stop) {
            for (const TopicPartition& partition : partitions_) co_await advance(partition);
            co_await world_.sleep(Duration(world_.rng().between(20'000'000, 900'000'000)));
        }
        state_.finished = true;
        co_return Status{};
    }

 private:
    Task<void> advance(TopicPartition partition) {
        const auto end = co_await client::list_offset(
            cluster_, partition, client::StartAt::latest(), world_.now() + 5s
        );
        if (!end) co_return;
        const Offset from = state_.acknowledged[partition];
        if (end->offset <= from) co_return;
        const Offset to = from + world_.rng().between(1, end->offset.value - from.value);
        // The outcome of a failed try is not known, so the same offset is tried until it is.
        while (true) {
            std::map<TopicPartition, client::CommittedOffset> offsets;
            offsets[partition].offset = to;
            const Status done = co_await client::commit_offsets(
                cluster_, group_, std::move(offsets), {}, world_.now() + 10s
            );
            if (done) break;
            co_await world_.sleep(200ms);
        }
        state_.acknowledged[partition] = to;
    }

    SimWorld& world_;
    std::string group_;
    std::vector<TopicPartition> partitions_;
    CommitterState& state_;
    client::ClusterClient cluster_;
};

class Observer final : public Program {
 public:
    Observer(
        SimWorld& world,
        const runtime::Endpoint& bootstrap,
        std::string group,
        std::vector<TopicPartition> partitions,
        Observed& seen
    )
        : world_(world),
          group_(std::move(group)),
          partitions_(std::move(partitions)),
          seen_(seen),
          cluster_(world, client_options(bootstrap)) {}

    Task<Status> run() override {
        while (true) {
            co_await sample();
            co_await world_.sleep(Duration(world_.rng().between(50'000'000, 500'000'000)));
        }
    }

 private:
    // Commits first: what was committed then must be there afterwards.
    Task<void> sample() {
        const auto committed =
            co_await client::fetch_committed(cluster_, group_, partitions_, world_.now() + 3s);
        for (const TopicPartition& partition : partitions_) {
            const auto end = co_await client::list_offset(
                cluster_, partition, client::StartAt::latest(), world_.now() + 3s
            );
            if (!end) continue;
            seen_.high_watermarks.see(partition, end->offset);
            if (!committed) continue;
            const auto commit = committed->find(partition);
            if (commit != committed->end())
                seen_.commits.see_within(partition, commit->second.offset, end->offset);
        }
    }

    SimWorld& world_;
    std::string group_;
    std::vector<TopicPartition> partitions_;
    Observed& seen_;
    client::ClusterClient cluster_;
};

class Operator final : public Program {
 public:
    Operator(
        SimWorld& world,
        const runtime::Endpoint& bootstrap,
        std::string link,
        std::vector<LinkStep> steps,
        OperatorState& state
    )
        : world_(world),
          link_(std::move(link)),
          steps_(std::move(steps)),
          state_(state),
          cluster_(world, client_options(bootstrap)) {}

    Task<Status> run() override {
        for (const LinkStep& step : steps_) {
            co_await world_.sleep(step.before);
            while (!co_await perform(step.operation)) co_await world_.sleep(200ms);
        }
        state_.done = true;
        co_return Status{};
    }

 private:
    Task<bool> perform(std::int8_t operation) {
        kafka::AlterMirrorLinkRequest request;
        request.link_name = link_;
        request.operation = operation;
        const auto answer = co_await cluster_.send_any(request, world_.now() + 10s);
        const std::string result =
            answer ? std::string(name_of(answer->error_code)) : answer.error().to_string();
        world_.log("operator")
            .info(
                "link operation",
                {{"link", link_}, {"operation", std::int64_t{operation}}, {"result", result}}
            );
        co_return answer && answer->error_code == ErrorCode::kNone;
    }

    SimWorld& world_;
    std::string link_;
    std::vector<LinkStep> steps_;
    OperatorState& state_;
    client::ClusterClient cluster_;
};

}  // namespace

SimProcess::Factory committer_program(
    runtime::Endpoint bootstrap,
    std::string group,
    std::vector<TopicPartition> partitions,
    CommitterState& state
) {
    return [=, &state](SimWorld& world) {
        return std::make_unique<Committer>(world, bootstrap, group, partitions, state);
    };
}

SimProcess::Factory observer_program(
    runtime::Endpoint bootstrap,
    std::string group,
    std::vector<TopicPartition> partitions,
    Observed& seen
) {
    return [=, &seen](SimWorld& world) {
        return std::make_unique<Observer>(world, bootstrap, group, partitions, seen);
    };
}

SimProcess::Factory operator_program(
    runtime::Endpoint bootstrap, std::string link, std::vector<LinkStep> steps, OperatorState& state
) {
    return [=, &state](SimWorld& world) {
        return std::make_unique<Operator>(world, bootstrap, link, steps, state);
    };
}

}  // namespace sealane::simulation
