#pragma once
// Result<T>: a value or an Error. The only way that errors of the environment travel.

#include "common/base/error_code.hpp"

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace sealane {

// What went wrong: a code that callers react to, and words for people (what, where, how to mend).
class [[nodiscard]] Error {
 public:
    Error(ErrorCode code, std::string detail = {}) : code_(code), detail_(std::move(detail)) {}

    [[nodiscard]] static Error stopped() { return Error(ErrorCode::kStopped); }

    [[nodiscard]] ErrorCode code() const { return code_; }
    [[nodiscard]] const std::string& detail() const { return detail_; }
    [[nodiscard]] bool is_stopped() const { return code_ == ErrorCode::kStopped; }
    // "CODE: detail", or the code alone.
    [[nodiscard]] std::string to_string() const;
    // The same error with "context: " put before its detail.
    [[nodiscard]] Error in(std::string_view context) const;

 private:
    ErrorCode code_;
    std::string detail_;
};

template <class T>
using Result = std::expected<T, Error>;
using Status = std::expected<void, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string detail = {}) {
    return std::unexpected<Error>(Error(code, std::move(detail)));
}
[[nodiscard]] inline std::unexpected<Error> fail(Error error) {
    return std::unexpected<Error>(std::move(error));
}

}  // namespace sealane

#define SEALANE_CONCAT_INNER(a, b) a##b
#define SEALANE_CONCAT(a, b) SEALANE_CONCAT_INNER(a, b)

// SEALANE_TRY(auto x, expression): x is the value, or the function returns the error.
#define SEALANE_TRY_IMPL(tmp, decl, expr, ret)             \
    auto tmp = (expr);                                     \
    if (!tmp) ret ::sealane::fail(std::move(tmp).error()); \
    decl = *std::move(tmp)
#define SEALANE_TRY(decl, expr) \
    SEALANE_TRY_IMPL(SEALANE_CONCAT(sealane_try_, __LINE__), decl, expr, return)
#define SEALANE_CO_TRY(decl, expr) \
    SEALANE_TRY_IMPL(SEALANE_CONCAT(sealane_try_, __LINE__), decl, expr, co_return)
// For expressions whose value is void or not wanted.
#define SEALANE_CHECK(expr)                            \
    if (auto sealane_status = (expr); !sealane_status) \
    return ::sealane::fail(std::move(sealane_status).error())
#define SEALANE_CO_CHECK(expr)                         \
    if (auto sealane_status = (expr); !sealane_status) \
    co_return ::sealane::fail(std::move(sealane_status).error())
