#include "tests/simulation/scenario/programs.hpp"

#include "mirror/app/mirror.hpp"

namespace sealane::simulation {
namespace {

using runtime::Task;

template <class Server, class Config>
class ServerProgram final : public Program {
 public:
    ServerProgram(SimWorld& world, Config config)
        : world_(world), server_(world, std::move(config)), stop_(world.waits()) {}
    Task<Status> run() override {
        const Status status = co_await server_.start();
        if (!status) co_return status;
        // Until the scenario kills it.
        while (!stopping_) (void)co_await stop_.wait_until(Instant::never());
        co_await server_.stop();
        co_return Status{};
    }
    [[nodiscard]] Server& server() { return server_; }
    void ask_to_stop() override {
        stopping_ = true;
        stop_.notify_all();
    }
    std::string describe() const override {
        if constexpr (std::is_same_v<Server, mirror::Mirror>)
            return mirror::links_json(server_.status().links);
        return {};
    }

 private:
    SimWorld& world_;
    Server server_;
    runtime::Event stop_;
    bool stopping_ = false;
};

}  // namespace

SimProcess::Factory broker_program(broker::BrokerConfig config) {
    return [config](SimWorld& world) {
        return std::make_unique<ServerProgram<broker::Broker, broker::BrokerConfig>>(world, config);
    };
}

broker::Broker* broker_of(SimProcess& process) {
    using BrokerProgram = ServerProgram<broker::Broker, broker::BrokerConfig>;
    auto* program = dynamic_cast<BrokerProgram*>(process.program());
    return program == nullptr ? nullptr : &program->server();
}

SimProcess::Factory mirror_program(mirror::MirrorConfig config) {
    return [config](SimWorld& world) {
        return std::make_unique<ServerProgram<mirror::Mirror, mirror::MirrorConfig>>(world, config);
    };
}

}  // namespace sealane::simulation
