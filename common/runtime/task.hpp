#pragma once
// The one async style: short coroutines that return Task<T>. Waits end in Result, never throw.

#include "common/base/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace sealane::runtime {

template <class T>
using Task = boost::asio::awaitable<T>;
using Executor = boost::asio::any_io_executor;

}  // namespace sealane::runtime
