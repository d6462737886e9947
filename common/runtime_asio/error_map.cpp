#include "common/runtime_asio/error_map.hpp"

#include <cerrno>
#include <netdb.h>
#include <string>
#include <system_error>

namespace sealane::asio_runtime {
namespace {

ErrorCode socket_code(int error_number) {
    switch (error_number) {
        case ECONNREFUSED:
        case ENOENT:  // a Unix socket nobody has made yet
        case EADDRNOTAVAIL:
        case ENETUNREACH:
        case EHOSTUNREACH:
        case ENETDOWN:
            return ErrorCode::kConnectionRefused;
        case ECONNRESET:
        case EPIPE:
        case ECONNABORTED:
        case ETIMEDOUT:  // keepalive found the peer gone
        case ENOTCONN:
            return ErrorCode::kConnectionReset;
        case EADDRINUSE:
            return ErrorCode::kAddressInUse;
        case EACCES:
        case EPERM:
            return ErrorCode::kPermissionDenied;
        case EMFILE:
        case ENFILE:
        case ENOBUFS:
        case ENOMEM:
            return ErrorCode::kBusy;
        case ENAMETOOLONG:
        case EINVAL:
            return ErrorCode::kBadConfig;
        case EAFNOSUPPORT:
        case EPROTONOSUPPORT:
            return ErrorCode::kUnsupported;
        default:
            return ErrorCode::kConnectionReset;
    }
}

ErrorCode file_code(int error_number) {
    switch (error_number) {
        case ENOSPC:
        case EDQUOT:
            return ErrorCode::kNoSpace;
        case ENOENT:
            return ErrorCode::kNotFound;
        case EEXIST:
            return ErrorCode::kAlreadyExists;
        case EACCES:
        case EPERM:
        case EROFS:
            return ErrorCode::kPermissionDenied;
        case EMFILE:
        case ENFILE:
            return ErrorCode::kBusy;
        default:
            return ErrorCode::kIo;
    }
}

Error make(ErrorCode code, int error_number, std::string_view what) {
    return Error(code, std::string(what) + ": " + std::generic_category().message(error_number));
}

}  // namespace

Error socket_error(int error_number, std::string_view what) {
    return make(socket_code(error_number), error_number, what);
}

Error file_error(int error_number, std::string_view what) {
    return make(file_code(error_number), error_number, what);
}

Error resolve_error(int gai_code, std::string_view host) {
    // Names come and go with the network: callers retry as for a refused connection.
    return Error(
        ErrorCode::kConnectionRefused,
        "cannot resolve '" + std::string(host) + "': " + ::gai_strerror(gai_code)
    );
}

Error deadline_error(std::string_view what) {
    return Error(ErrorCode::kDeadlineExceeded, std::string(what) + ": deadline passed");
}

}  // namespace sealane::asio_runtime
