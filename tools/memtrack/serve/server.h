// A small server of HTTP: reads requests, has them answered, and lets nobody take up its time.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include <baton/base/result.h>

#include "tools/memtrack/serve/request.h"

namespace memtrack {

struct ServerLimits {
  std::size_t connections = 32;       // at once; one more is closed unheard
  std::uint32_t header_bytes = 8192;  // of a request
  // A connection that has not said its whole next request by then, or not taken its answer.
  std::chrono::milliseconds patience = std::chrono::seconds(10);
};

// Runs in the io_context's one thread, and has to be there as long as that runs.
class Server {
 public:
  using Answerer = std::function<Response(const Request&)>;

  // Errors: the system's, as when somebody else listens there.
  static baton::Result<std::unique_ptr<Server>> Listen(
      boost::asio::io_context& io, const boost::asio::ip::tcp::endpoint& endpoint,
      ServerLimits limits);

  // Where it listens; the port is never 0.
  boost::asio::ip::tcp::endpoint endpoint() const;

  // Once. Goes on until the io_context stops.
  void Start(Answerer answer);

  std::size_t connections() const { return *connections_; }

 private:
  Server(boost::asio::ip::tcp::acceptor acceptor, ServerLimits limits)
      : acceptor_(std::move(acceptor)), limits_(limits) {}
  boost::asio::awaitable<void> Accept();
  boost::asio::awaitable<void> Talk(boost::asio::ip::tcp::socket socket);

  boost::asio::ip::tcp::acceptor acceptor_;
  ServerLimits limits_;
  Answerer answer_;
  // Shared with each connection: what is left of them goes with the io_context, after us.
  std::shared_ptr<std::size_t> connections_ = std::make_shared<std::size_t>(0);
};

}  // namespace memtrack
