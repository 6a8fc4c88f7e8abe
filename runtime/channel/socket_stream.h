// A stream over a local socket.
#pragma once

#include <memory>

#include "runtime/channel/stream.h"

namespace baton::internal {

// Errors: those of the system, when the executor's io_context cannot watch the socket.
Result<std::unique_ptr<Stream>> OpenSocketStream(platform::Handle socket,
                                                 const boost::asio::any_io_executor& executor);

}  // namespace baton::internal
