#pragma once
// What a handler gives back. Requests of one connection start in the order they came; a handler
// runs up to its reply before the next one starts, so that appends keep their order. A reply that
// must wait (acks=all, a long poll) is given as `later`: the next request starts at once, and the
// reply takes its place in the line when it is there.

#include "common/runtime/task.hpp"

#include <functional>
#include <utility>
#include <variant>

namespace sealane::broker {

// The response, or the task that brings it. An Error closes the connection (the log says why):
// errors of the protocol go into the response instead.
template <class Response>
class Reply {
 public:
    using Later = std::function<runtime::Task<Result<Response>>()>;
    // The struct to send.
    Reply(Response response) : form_(std::move(response)) {}
    Reply(Error error) : form_(std::move(error)) {}
    [[nodiscard]] static Reply later(Later task) {
        Reply reply{Error(ErrorCode::kNone)};
        reply.form_ = std::move(task);
        return reply;
    }
    // The client expects no response (Produce with acks=0).
    [[nodiscard]] static Reply none() {
        Reply reply{Error(ErrorCode::kNone)};
        reply.form_ = std::monostate{};
        return reply;
    }
    // The same with `amend` applied to the response, when there is one.
    [[nodiscard]] Reply amended(std::function<void(Response&)> amend) && {
        if (auto* response = std::get_if<Response>(&form_)) amend(*response);
        if (auto* task = std::get_if<Later>(&form_)) {
            form_ = Later([task = std::move(*task), amend = std::move(amend)]() {
                return amended_later(task, amend);
            });
        }
        return std::move(*this);
    }
    using Form = std::variant<std::monostate, Response, Later, Error>;
    [[nodiscard]] Form take() && { return std::move(form_); }

 private:
    static runtime::Task<Result<Response>> amended_later(
        Later task, std::function<void(Response&)> amend
    ) {
        SEALANE_CO_TRY(Response response, co_await task());
        amend(response);
        co_return response;
    }
    Form form_;
};

}  // namespace sealane::broker
