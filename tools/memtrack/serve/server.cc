#include "tools/memtrack/serve/server.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <utility>

#include "tools/memtrack/serve/site.h"

namespace memtrack {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using baton::Fail;
using baton::Result;
using Parser = http::request_parser<http::empty_body>;
using Fields = http::request<http::empty_body>;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

// Counts a connection for as long as it lives.
class Counted {
 public:
  explicit Counted(std::shared_ptr<std::size_t> count) : count_(std::move(count)) { ++*count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --*count_; }

 private:
  std::shared_ptr<std::size_t> count_;
};

// The field's value if it is there once.
std::string OnlyOne(const Fields& fields, http::field name) {
  const auto [begin, end] = fields.equal_range(name);
  if (begin == end || std::next(begin) != end) return "";
  return std::string(begin->value());
}

Request RequestOf(const Fields& fields) {
  return {std::string(fields.method_string()), std::string(fields.target()),
          OnlyOne(fields, http::field::host), OnlyOne(fields, http::field::authorization)};
}

template <class Body>
void FillHeaders(http::response<Body>& message, const Response& response, bool stays) {
  message.result(static_cast<unsigned>(response.status));
  for (const Header& header : HeadersOfEveryAnswer()) {
    message.set(beast::string_view(header.name), beast::string_view(header.value));
  }
  message.set(http::field::content_type, beast::string_view(response.content_type));
  if (response.status == 405) message.set(http::field::allow, "GET, HEAD");
  if (!response.location.empty()) message.set(http::field::location, response.location);
  message.content_length(response.body.size());
  message.keep_alive(stays);
}

// False: it could not be sent.
asio::awaitable<bool> Send(beast::tcp_stream& stream, const Response& response, bool is_head,
                           bool stays) {
  if (is_head) {
    http::response<http::empty_body> message;
    FillHeaders(message, response, stays);
    const auto [error, sent] = co_await http::async_write(stream, message, kAwait);
    co_return !error;
  }
  http::response<http::span_body<const char>> message;
  message.body() = {response.body.data(), response.body.size()};
  FillHeaders(message, response, stays);
  const auto [error, sent] = co_await http::async_write(stream, message, kAwait);
  co_return !error;
}

// Of a request that is none; nothing for a connection that has just ended.
std::optional<Response> Complaint(beast::error_code error) {
  Response response;
  if (error == http::error::header_limit) {
    response.status = 431;
    response.body = "That is too long for a question.\n";
    return response;
  }
  if (error.category() == make_error_code(http::error::bad_method).category() &&
      error != http::error::end_of_stream && error != http::error::partial_message) {
    response.status = 400;
    response.body = "That is no question in HTTP.\n";
    return response;
  }
  return std::nullopt;
}

bool HasBody(const Parser& parser) {
  return parser.chunked() || parser.content_length().value_or(0) > 0;
}

Response RefuseBody() {
  Response response;
  response.status = 413;
  response.body = "There is nothing here to be sent to.\n";
  return response;
}

}  // namespace

Result<std::unique_ptr<Server>> Server::Listen(asio::io_context& io, const tcp::endpoint& endpoint,
                                               ServerLimits limits) {
  boost::system::error_code error;
  tcp::acceptor acceptor(io);
  acceptor.open(endpoint.protocol(), error);
  // A port that was ours a moment ago is not taken.
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(static_cast<int>(limits.connections), error);
  if (error) return Fail(error);
  return std::unique_ptr<Server>(new Server(std::move(acceptor), limits));
}

tcp::endpoint Server::endpoint() const {
  boost::system::error_code error;
  return acceptor_.local_endpoint(error);
}

void Server::Start(Answerer answer) {
  answer_ = std::move(answer);
  asio::co_spawn(acceptor_.get_executor(), Accept(), asio::detached);
}

asio::awaitable<void> Server::Accept() {
  asio::steady_timer timer(acceptor_.get_executor());
  for (;;) {
    auto [error, socket] = co_await acceptor_.async_accept(kAwait);
    if (error == asio::error::operation_aborted) co_return;
    if (error) {  // out of descriptors, most likely: not at full speed
      timer.expires_after(std::chrono::milliseconds(100));
      co_await timer.async_wait(kAwait);
      continue;
    }
    if (*connections_ >= limits_.connections) continue;
    asio::co_spawn(acceptor_.get_executor(), Talk(std::move(socket)), asio::detached);
  }
}

asio::awaitable<void> Server::Talk(tcp::socket socket) {
  const Counted counted(connections_);
  beast::tcp_stream stream(std::move(socket));
  beast::flat_buffer buffer(limits_.header_bytes);
  for (;;) {
    Parser parser;
    parser.header_limit(limits_.header_bytes);
    stream.expires_after(limits_.patience);
    const auto [error, size] = co_await http::async_read_header(stream, buffer, parser, kAwait);
    stream.expires_after(limits_.patience);
    if (error) {
      const auto complaint = Complaint(error);
      if (complaint) co_await Send(stream, *complaint, false, false);
      break;
    }
    const bool has_body = HasBody(parser);
    const Response response = has_body ? RefuseBody() : answer_(RequestOf(parser.get()));
    // Whoever does not know us does not keep a connection.
    const bool stays = response.status == 200 && parser.get().keep_alive();
    const bool is_head = parser.get().method() == http::verb::head;
    if (!co_await Send(stream, response, is_head, stays) || !stays) break;
  }
  boost::system::error_code ignored;
  stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
}

}  // namespace memtrack
