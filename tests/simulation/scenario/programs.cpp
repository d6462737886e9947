#include "tests/simulation/scenario/programs.hpp"

#include "broker/app/broker.hpp"
#include "mirror/app/mirror.hpp"

namespace sealane::simulation {
namespace {

using runtime::Task;

template <class Server, class Config>
class ServerProgram final : public Program {
 public:
    ServerProgram(SimWorld& world, Config config)
        : world_(world), server_(world, std::move(config)) {}
    Task<Status> run() override {
        const Status status = co_await server_.start();
        if (!status) co_return status;
        // Until the scenario kills it.
        co_await world_.sleep_until(Instant::never());
        co_return Status{};
    }
    std::string describe() const override {
        if constexpr (std::is_same_v<Server, mirror::Mirror>)
            return mirror::links_json(server_.status().links);
        return {};
    }

 private:
    SimWorld& world_;
    Server server_;
};

}  // namespace

SimProcess::Factory broker_program(broker::BrokerConfig config) {
    return [config](SimWorld& world) {
        return std::make_unique<ServerProgram<broker::Broker, broker::BrokerConfig>>(world, config);
    };
}

SimProcess::Factory mirror_program(mirror::MirrorConfig config) {
    return [config](SimWorld& world) {
        return std::make_unique<ServerProgram<mirror::Mirror, mirror::MirrorConfig>>(world, config);
    };
}

}  // namespace sealane::simulation
