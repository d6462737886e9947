#pragma once
// ControllerChannel: requests of this node's own to the active controller, wherever that is. On the
// controller itself the handler runs at once, elsewhere the request goes to it as to any broker.
// NOT_CONTROLLER, an unknown controller and broken connections are tried again until the deadline.

#include "broker/api/local_call.hpp"
#include "broker/api/registry.hpp"
#include "broker/peers/peers.hpp"
#include "common/runtime/world.hpp"

#include <algorithm>
#include <functional>

namespace sealane::broker {

class ControllerChannel {
 public:
    struct Ports {
        BrokerId self = kNoBroker;
        std::function<BrokerId()> active;  // kNoBroker: nobody knows
        // Returns when the active controller may be another one, or at the deadline.
        std::function<runtime::Task<void>(Instant)> wait_changed;
    };
    ControllerChannel(runtime::World& world, const ApiRegistry& registry, Peers& peers, Ports ports)
        : world_(world), registry_(registry), peers_(peers), ports_(std::move(ports)) {}

    // kDeadlineExceeded names the last trouble. Errors inside the response, other than
    // NOT_CONTROLLER, are the caller's.
    template <class Request>
    [[nodiscard]] runtime::Task<Result<typename Request::Response>> send(
        Request request, Instant deadline, Duration one_try = kTry
    ) {
        Error last(ErrorCode::kNotController, "the active controller is not known");
        while (world_.now() < deadline) {
            const Instant until = std::min(deadline, world_.now() + one_try);
            const BrokerId node = ports_.active();
            if (node != kNoBroker) {
                auto answer =
                    node == ports_.self
                        ? co_await run_here<Request>(request)
                        : co_await peers_.send(node, PeerLane::kController, request, until);
                if (answer && !not_controller(*answer)) co_return answer;
                if (!answer) last = answer.error();
                if (!answer && last.is_stopped()) co_return fail(last);
            }
            co_await ports_.wait_changed(std::min(deadline, world_.now() + kPause));
        }
        co_return fail(ErrorCode::kDeadlineExceeded, "the active controller: " + last.to_string());
    }

 private:
    static constexpr Duration kTry = 5s;  // one node, which may hang
    static constexpr Duration kPause = 50ms;

    template <class Response>
    [[nodiscard]] static bool not_controller(const Response& response) {
        if constexpr (requires { response.error_code; }) {
            return response.error_code == ErrorCode::kNotController;
        } else if constexpr (requires { response.topics.begin()->error_code; }) {
            return std::ranges::any_of(response.topics, [](const auto& topic) {
                return topic.error_code == ErrorCode::kNotController;
            });
        } else {
            return false;
        }
    }
    template <class Request>
    [[nodiscard]] runtime::Task<Result<typename Request::Response>> run_here(Request request) {
        return local_call(LocalCaller{registry_, ports_.self, world_.now()}, std::move(request));
    }

    runtime::World& world_;
    const ApiRegistry& registry_;
    Peers& peers_;
    Ports ports_;
};

}  // namespace sealane::broker
