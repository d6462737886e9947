// The public face of the quorum: everything is done by Inner.

#include "broker/quorum/quorum.hpp"

#include "broker/quorum/quorum_inner.hpp"

namespace sealane::broker::quorum {

using runtime::Task;

Quorum::Inner::Inner(runtime::World& with, QuorumConfig how, Peers& others)
    : world(with),
      config(std::move(how)),
      peers(others),
      lines(with.log("broker.quorum")),
      snapshots(with.files()),
      reserve(with),
      turns(with.waits()),
      snapshot_turns(with.waits()),
      changed(with.waits()),
      work(with.waits()),
      news(with.waits()),
      tasks(with) {
    tasks.on_stop([this] {
        for (const auto& connection : asking) connection->close();
        changed.notify_all();
        work.notify_all();
        news.notify_all();
    });
}

Quorum::Quorum(runtime::World& world, QuorumConfig config, Peers& peers)
    : inner_(std::make_unique<Inner>(world, std::move(config), peers)) {}
Quorum::~Quorum() = default;

Task<Status> Quorum::open(PartitionLog& log, std::string directory) {
    return inner_->open(log, std::move(directory));
}

void Quorum::set_identity(std::string cluster_id, Uuid directory_id) {
    inner_->config.cluster_id = std::move(cluster_id);
    inner_->config.directory_id = directory_id;
}
void Quorum::set_endpoint(runtime::Endpoint endpoint) {
    inner_->own_endpoint = std::move(endpoint);
}

void Quorum::start() {
    SEALANE_ASSERT(inner_->raft != nullptr);
    inner_->tasks.spawn([inner = inner_.get()]() -> Task<void> {
        (void)co_await inner->step([](Raft& core, Instant now, Effects& fx) { core.start(now, fx); }
        );
        inner->tasks.spawn([inner] { return inner->timer_loop(); });
        inner->tasks.spawn([inner] { return inner->fetch_loop(); });
    });
}

void Quorum::on_full_disk(std::function<void()> callback) {
    inner_->told_full = std::move(callback);
}
Task<Status> Quorum::keep_reserve() {
    const Inner::Use use(*inner_);
    co_return co_await inner_->reserve.keep(inner_->directory);
}

Task<void> Quorum::stop() {
    return inner_->stop();
}

bool Quorum::is_leader() const {
    return inner_->raft && inner_->raft->is_leader() && !inner_->figures.failed;
}
LeaderEpoch Quorum::epoch() const {
    return inner_->raft ? inner_->raft->epoch() : LeaderEpoch(0);
}
BrokerId Quorum::leader() const {
    const bool takes_part = inner_->raft && !inner_->figures.failed;
    return takes_part ? inner_->raft->leader() : kNoBroker;
}
std::optional<runtime::Endpoint> Quorum::leader_endpoint() const {
    const BrokerId id = leader();
    if (id == kNoBroker) return std::nullopt;
    return id == inner_->config.node ? inner_->own_endpoint : inner_->peers.endpoint(id);
}
bool Quorum::is_voter() const {
    return inner_->raft && inner_->raft->is_voter();
}
Offset Quorum::high_watermark() const {
    return inner_->raft ? inner_->raft->high_watermark() : Offset(0);
}
Offset Quorum::epoch_start() const {
    return inner_->raft ? inner_->raft->epoch_start() : kNoOffset;
}
const VoterSet& Quorum::voters() const {
    SEALANE_ASSERT(inner_->raft != nullptr);
    return inner_->raft->voters();
}
Quorum::Reach Quorum::reach() const {
    return inner_->raft ? inner_->reach() : Reach{};
}
runtime::Event& Quorum::changed() {
    return inner_->changed;
}
const QuorumFigures& Quorum::figures() const {
    return inner_->figures;
}

Task<Result<Offset>> Quorum::append(BufferSlice batch, LeaderEpoch epoch) {
    const Inner::Use use(*inner_);
    co_return co_await inner_->append(std::move(batch), epoch);
}

Task<Status> Quorum::write_snapshot(Offset end, std::vector<BufferSlice> batches) {
    const Inner::Use use(*inner_);
    co_return co_await inner_->write_snapshot(end, std::move(batches));
}

std::optional<SnapshotId> Quorum::latest_snapshot() const {
    return inner_->raft ? inner_->raft->snapshot() : std::nullopt;
}

Task<Result<std::vector<BufferSlice>>> Quorum::read_snapshot(SnapshotId id) {
    const Inner::Use use(*inner_);
    SEALANE_CO_TRY(SnapshotContent content, co_await inner_->snapshots.read(id));
    co_return std::move(content.batches);
}

Task<kafka::VoteResponse> Quorum::vote(kafka::VoteRequest request) {
    const Inner::Use use(*inner_);
    co_return co_await inner_->vote(std::move(request));
}

Task<kafka::BeginQuorumEpochResponse> Quorum::begin_quorum_epoch(
    kafka::BeginQuorumEpochRequest request
) {
    const Inner::Use use(*inner_);
    co_return co_await inner_->begin(std::move(request));
}

Task<kafka::EndQuorumEpochResponse> Quorum::end_quorum_epoch(kafka::EndQuorumEpochRequest request) {
    const Inner::Use use(*inner_);
    co_return co_await inner_->end(std::move(request));
}

Task<kafka::FetchResponse> Quorum::fetch(kafka::FetchRequest request) {
    const Inner::Use use(*inner_);
    co_return co_await inner_->fetch(std::move(request));
}

Task<kafka::FetchSnapshotResponse> Quorum::fetch_snapshot(kafka::FetchSnapshotRequest request) {
    const Inner::Use use(*inner_);
    co_return co_await inner_->fetch_snapshot(std::move(request));
}

Task<kafka::DescribeQuorumResponse> Quorum::describe(kafka::DescribeQuorumRequest request) {
    const Inner::Use use(*inner_);
    co_return inner_->describe(request);
}

}  // namespace sealane::broker::quorum
