// SCRAM credentials: set, removed, shown (KIP-554).

#include "broker/metadata/security_decisions.hpp"

#include <map>
#include <set>

namespace sealane::broker {

using identity::ScramMechanism;
using Request = kafka::AlterUserScramCredentialsRequest;
using Response = kafka::AlterUserScramCredentialsResponse;

namespace {

constexpr std::size_t kMostCredentials = 100'000;
constexpr std::size_t kMostName = 1024;
constexpr std::size_t kMostSalt = 1024;

bool known(ScramMechanism mechanism) {
    return mechanism == ScramMechanism::kSha256 || mechanism == ScramMechanism::kSha512;
}

std::size_t digest_size(ScramMechanism mechanism) {
    return mechanism == ScramMechanism::kSha256 ? 32 : 64;
}

std::unexpected<Error> unacceptable(std::string text) {
    return fail(ErrorCode::kUnacceptableCredential, std::move(text));
}

Status check_name(const std::string& name, ScramMechanism mechanism) {
    if (name.empty()) return unacceptable("Username must not be empty");
    if (name.size() > kMostName) return unacceptable("Username has over 1024 bytes");
    if (!known(mechanism)) {
        return fail(ErrorCode::kUnsupportedSaslMechanism, "Unknown SCRAM mechanism");
    }
    return {};
}

Status check(const Request::ScramCredentialUpsertion& asked) {
    const ScramMechanism mechanism{asked.mechanism};
    SEALANE_CHECK(check_name(asked.name, mechanism));
    if (asked.iterations < identity::kMinScramIterations) {
        return unacceptable("Too few iterations: at least 4096");
    }
    if (asked.iterations > identity::kMaxScramIterations) {
        return unacceptable("Too many iterations: at most 16384");
    }
    if (asked.salt.empty() || asked.salt.size() > kMostSalt) {
        return unacceptable("The salt needs 1 to 1024 bytes");
    }
    if (asked.salted_password.size() != digest_size(mechanism)) {
        return unacceptable("The salted password has another length than the mechanism's digest");
    }
    return {};
}

// One answer for each user, whichever of its changes comes first.
class Alteration {
 public:
    Alteration(const Image& image, const ScramDerivation& derive)
        : image_(image), derive_(derive) {}

    void find_repeated(const Request& request) {
        std::set<std::pair<std::string, std::int8_t>> seen;
        const auto note = [&](const std::string& name, std::int8_t mechanism) {
            if (!seen.emplace(name, mechanism).second) {
                refuse(
                    name,
                    Error(
                        ErrorCode::kDuplicateResource,
                        "A user credential cannot be altered twice in the same request"
                    )
                );
            } else {
                errors_.try_emplace(name);
            }
        };
        for (const auto& one : request.deletions) note(one.name, one.mechanism);
        for (const auto& one : request.upsertions) note(one.name, one.mechanism);
    }
    void check_all(const Request& request) {
        for (const auto& one : request.deletions) {
            const ScramMechanism mechanism{one.mechanism};
            if (const Status good = check_name(one.name, mechanism); !good) {
                refuse(one.name, good.error());
            } else if (image_.security().credential(one.name, mechanism) == nullptr) {
                refuse(
                    one.name,
                    Error(
                        ErrorCode::kResourceNotFound,
                        "Attempt to delete a user credential that does not exist"
                    )
                );
            }
        }
        for (const auto& one : request.upsertions) {
            if (const Status good = check(one); !good) refuse(one.name, good.error());
        }
    }
    SecurityDecision<Response> decide(const Request& request) {
        SecurityDecision<Response> decision;
        for (const auto& one : request.deletions) {
            if (errors_.at(one.name)) continue;
            kafka::RemoveUserScramCredentialRecord record;
            record.name = one.name;
            record.mechanism = one.mechanism;
            decision.records.emplace_back(std::move(record));
        }
        for (const auto& one : request.upsertions) {
            if (errors_.at(one.name)) continue;
            if (image_.security().scram.size() + decision.records.size() >= kMostCredentials) {
                refuse(
                    one.name,
                    Error(ErrorCode::kPolicyViolation, "there are 100000 credentials already")
                );
                continue;
            }
            decision.records.emplace_back(record_of(one));
        }
        for (const auto& [name, error] : errors_) {
            auto& answer = decision.response.results.emplace_back();
            answer.user = name;
            answer.error_message.reset();
            if (!error) continue;
            answer.error_code = error->code();
            answer.error_message = error->detail();
        }
        return decision;
    }

 private:
    void refuse(const std::string& name, const Error& error) {
        auto& place = errors_[name];
        if (!place) place = error;
    }
    [[nodiscard]] kafka::UserScramCredentialRecord record_of(
        const Request::ScramCredentialUpsertion& asked
    ) const {
        const ScramKeys keys =
            derive_(ScramMechanism{asked.mechanism}, asked.salted_password.text());
        kafka::UserScramCredentialRecord record;
        record.name = asked.name;
        record.mechanism = asked.mechanism;
        record.salt = BufferSlice::copy_of(asked.salt.view());
        record.stored_key = BufferSlice::copy_of(keys.stored_key);
        record.server_key = BufferSlice::copy_of(keys.server_key);
        record.iterations = asked.iterations;
        return record;
    }

    const Image& image_;
    const ScramDerivation& derive_;
    std::map<std::string, std::optional<Error>> errors_;
};

using Described = kafka::DescribeUserScramCredentialsResponse::DescribeUserScramCredentialsResult;

Described describe_user(const SecurityState& state, const std::string& user) {
    Described result;
    result.user = user;
    result.error_message.reset();
    for (const ScramMechanism mechanism : {ScramMechanism::kSha256, ScramMechanism::kSha512}) {
        const auto* credential = state.credential(user, mechanism);
        if (credential == nullptr) continue;
        result.credential_infos.push_back(
            {static_cast<std::int8_t>(mechanism), credential->iterations}
        );
    }
    if (result.credential_infos.empty()) {
        result.error_code = ErrorCode::kResourceNotFound;
        result.error_message = "Attempt to describe a user credential that does not exist: " + user;
    }
    return result;
}

}  // namespace

SecurityDecision<Response> alter_scram(
    const Image& image, const Request& request, const ScramDerivation& derive
) {
    Alteration alteration(image, derive);
    alteration.find_repeated(request);
    alteration.check_all(request);
    return alteration.decide(request);
}

kafka::DescribeUserScramCredentialsResponse describe_scram(
    const Image& image, const kafka::DescribeUserScramCredentialsRequest& request
) {
    kafka::DescribeUserScramCredentialsResponse response;
    response.error_message.reset();
    const SecurityState& state = image.security();
    if (!request.users || request.users->empty()) {
        std::set<std::string> users;
        for (const auto& [key, credential] : state.scram) users.insert(key.first);
        for (const std::string& user : users) {
            response.results.push_back(describe_user(state, user));
        }
        return response;
    }
    std::map<std::string, int> counts;
    for (const auto& user : *request.users) ++counts[user.name];
    for (const auto& [user, count] : counts) {
        Described result = describe_user(state, user);
        if (count > 1) {
            result.credential_infos.clear();
            result.error_code = ErrorCode::kDuplicateResource;
            result.error_message =
                "Cannot describe SCRAM credentials for the same user twice: " + user;
        }
        response.results.push_back(std::move(result));
    }
    return response;
}

}  // namespace sealane::broker
