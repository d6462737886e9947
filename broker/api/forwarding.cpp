#include "broker/api/forwarding.hpp"

#include "common/kafka/messages/frame.hpp"

#include <algorithm>

namespace sealane::broker {

using kafka::EnvelopeRequest;
using kafka::EnvelopeResponse;
using runtime::Task;

namespace {

constexpr Duration kPatience = 30s;  // of clients, by default
constexpr Duration kNobody = 3s;     // longer than any election
constexpr Duration kOneTry = 10s;
constexpr Duration kPause = 50ms;

BufferSlice bytes_of(std::string_view text) {
    return BufferSlice::copy_of(as_bytes(text));
}

// int16 version 0, then the struct (KIP-590's default principal serialisation).
Result<BufferSlice> principal_bytes(std::string_view principal) {
    kafka::DefaultPrincipalData data;
    const std::size_t colon = principal.find(':');
    data.type = principal.substr(0, colon);
    data.name = colon == std::string_view::npos ? "" : principal.substr(colon + 1);
    SEALANE_TRY(const BufferSlice body, kafka::encode(data, 0));
    ByteWriter out;
    out.append(bytes_of(std::string_view("\0\0", 2)).view());
    out.append(body.view());
    return std::move(out).freeze();
}

Result<std::string> principal_of(const std::optional<BufferSlice>& bytes) {
    if (!bytes || bytes->size() < 2) return fail(ErrorCode::kPrincipalDeserializationFailure);
    auto data = kafka::decode<kafka::DefaultPrincipalData>(bytes->from(2), 0);
    if (!data) return fail(ErrorCode::kPrincipalDeserializationFailure);
    return data->type + ":" + data->name;
}

Result<EnvelopeRequest> envelope_of(const RequestContext& context, const BufferSlice& body) {
    SEALANE_TRY(
        const BufferSlice header,
        kafka::request_header_bytes(
            context.api_key, context.api_version, kafka::RequestTag{0, context.client_id}
        )
    );
    ByteWriter request;
    request.append(header.view());
    request.append(body.view());
    EnvelopeRequest envelope;
    envelope.request_data = std::move(request).freeze();
    SEALANE_TRY(envelope.request_principal, principal_bytes(context.principal));
    envelope.client_host_address = bytes_of(context.client_address);
    return envelope;
}

}  // namespace

std::optional<Task<RawReply>> Forwarding::detour(
    const ApiEntry& entry, const RequestContext& context, const BufferSlice& body
) {
    if (!entry.is_controller || ports_.is_active()) return std::nullopt;
    return forward(&entry, context, body);
}

Task<RawReply> Forwarding::forward(
    const ApiEntry* entry, RequestContext context, BufferSlice body
) {
    // Later requests of the connection go on meanwhile.
    co_return RawReply::later([this, entry, context, body]() -> Task<Result<BufferChain>> {
        return ask_controller(entry, context, body);
    });
}

Task<Result<BufferChain>> Forwarding::ask_controller(
    const ApiEntry* entry, RequestContext context, BufferSlice body
) {
    const Instant deadline = context.received + kPatience;
    Error last(ErrorCode::kNotController, "the active controller is not known");
    SEALANE_CO_TRY(const EnvelopeRequest envelope, envelope_of(context, body));
    while (world_.now() < deadline) {
        const BrokerId controller = ports_.active();
        // The handler itself says best what it means that there is no controller.
        if (ports_.is_active() || ports_.without() >= kNobody) {
            co_return co_await run_here(*entry, context, body);
        }
        if (controller != kNoBroker && controller != ports_.self) {
            auto answer = co_await send(controller, context, envelope);
            if (answer || answer.error().is_stopped()) co_return answer;
            last = std::move(answer).error();
            if (last.code() != ErrorCode::kNotController && last.code() != ErrorCode::kNotFound &&
                is_wire_code(last.code())) {
                break;
            }
        }
        co_await ports_.wait_changed(std::min(deadline, world_.now() + kPause));
    }
    co_return fail(last.in("forwarding to the active controller"));
}

Task<Result<BufferChain>> Forwarding::run_here(
    const ApiEntry& entry, RequestContext context, BufferSlice body
) {
    RawReply reply = co_await entry.here(std::move(context), std::move(body));
    RawReply::Form form = std::move(reply).take();
    if (auto* error = std::get_if<Error>(&form)) co_return fail(std::move(*error));
    if (auto* ready = std::get_if<BufferChain>(&form)) co_return std::move(*ready);
    if (auto* later = std::get_if<RawReply::Later>(&form)) co_return co_await (*later)();
    co_return BufferChain();
}

Task<Result<BufferChain>> Forwarding::send(
    BrokerId controller, const RequestContext& context, EnvelopeRequest envelope
) {
    SEALANE_CO_TRY(
        EnvelopeResponse response,
        co_await peers_.send(
            controller, PeerLane::kForward, std::move(envelope), world_.now() + kOneTry
        )
    );
    if (response.error_code != ErrorCode::kNone) {
        co_return fail(response.error_code, "the envelope was refused");
    }
    if (!response.response_data) {
        co_return fail(ErrorCode::kCorrupt, "an envelope without an answer");
    }
    BufferSlice answer = *std::move(response.response_data);
    SEALANE_CO_TRY(
        const kafka::ResponseHeader header,
        kafka::take_response_header(answer, kafka::ApiKey{context.api_key}, context.api_version)
    );
    (void)header;
    co_return BufferChain(std::move(answer));
}

namespace {

class OpenedEnvelope {
 public:
    OpenedEnvelope(const ApiRegistry& registry, const EnvelopeRights& rights)
        : registry_(registry), rights_(rights) {}

    // kInvalidRequest: what is inside is no request for the controller.
    Status open(const RequestContext& outside, EnvelopeRequest request) {
        if (!rights_.is_active()) return fail(ErrorCode::kNotController);
        body = std::move(request.request_data);
        const auto malformed = [] { return fail(ErrorCode::kInvalidRequest); };
        if (body.size() < 8) return malformed();
        auto header = kafka::take_request_header(body);
        if (!header) return malformed();
        entry = registry_.find(header->request_api_key);
        if (entry == nullptr || !entry->is_controller) return malformed();
        const std::int16_t version = header->request_api_version;
        if (version < entry->versions.min || version > entry->versions.max) return malformed();
        SEALANE_TRY(context.principal, principal_of(request.request_principal));
        context.api_key = header->request_api_key;
        context.api_version = version;
        context.client_id = header->client_id.value_or("");
        context.client_address = request.client_host_address.text();
        context.listener = outside.listener;
        context.private_apis = rights_.private_apis(context.principal);
        context.cluster_action = rights_.cluster_action(context.principal);
        context.received = outside.received;
        if (entry->is_private && !context.private_apis) {
            return fail(ErrorCode::kClusterAuthorizationFailed);
        }
        correlation = header->correlation_id;
        return {};
    }

    [[nodiscard]] EnvelopeResponse close(const BufferChain& answer) const {
        const auto header =
            kafka::response_header_bytes(context.api_key, context.api_version, correlation);
        ByteWriter out;
        out.append(header.view());
        out.append(answer.joined().view());
        EnvelopeResponse response;
        response.response_data = std::move(out).freeze();
        return response;
    }

    RequestContext context;
    BufferSlice body;
    const ApiEntry* entry = nullptr;
    std::int32_t correlation = 0;

 private:
    const ApiRegistry& registry_;
    const EnvelopeRights& rights_;
};

EnvelopeResponse refused(const Error& error) {
    EnvelopeResponse response;
    response.error_code =
        is_wire_code(error.code()) ? error.code() : ErrorCode::kUnknownServerError;
    return response;
}

Task<Reply<EnvelopeResponse>> unwrap(
    const ApiRegistry& registry,
    const EnvelopeRights& rights,
    RequestContext outside,
    EnvelopeRequest request
) {
    auto opened = std::make_shared<OpenedEnvelope>(registry, rights);
    if (const Status done = opened->open(outside, std::move(request)); !done) {
        co_return refused(done.error());
    }
    RawReply reply = co_await opened->entry->here(opened->context, opened->body);
    RawReply::Form form = std::move(reply).take();
    if (auto* error = std::get_if<Error>(&form)) co_return refused(*error);
    if (auto* ready = std::get_if<BufferChain>(&form)) co_return opened->close(*ready);
    if (auto* later = std::get_if<RawReply::Later>(&form)) {
        co_return Reply<EnvelopeResponse>::later(
            [opened, task = std::move(*later)]() -> Task<Result<EnvelopeResponse>> {
                SEALANE_CO_TRY(const BufferChain answer, co_await task());
                co_return opened->close(answer);
            }
        );
    }
    co_return opened->close({});
}

}  // namespace

void add_envelope(ApiRegistry& registry, EnvelopeRights rights) {
    const auto shared = std::make_shared<const EnvelopeRights>(std::move(rights));
    registry.add_cluster<EnvelopeRequest>(
        {0, 0},
        [&registry,
         shared](RequestContext context, EnvelopeRequest request) -> Task<Reply<EnvelopeResponse>> {
            return unwrap(registry, *shared, std::move(context), std::move(request));
        }
    );
}

}  // namespace sealane::broker
