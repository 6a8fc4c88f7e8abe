// The server keeps its limits: whoever is slow, long, or many is closed, and nobody waits for that.
// Clients and server run in one thread. GCC 12 cannot have a co_await inside of a CHECK.
#include <catch2/catch.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <list>

#include "tests/support/guarded.h"
#include "tests/support/must.h"
#include "tools/memtrack/serve/server.h"
#include "tools/memtrack/serve/site.h"

namespace memtrack::testing {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using baton::testing::Guarded;
using baton::testing::kPatience;
using baton::testing::Must;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

// A server that says what it was asked.
class Scene {
 public:
  explicit Scene(ServerLimits limits = {})
      : server(
            Must(Server::Listen(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0), limits))) {
    server->Start([this](const Request& request) {
      ++asked;
      Response response;
      response.kept = std::make_shared<const std::string>(
          request.method + "|" + request.target + "|" + request.host + "|" + request.authorization);
      response.body = *response.kept;
      response.status = request.target == "/refused" ? 403 : 200;
      return response;
    });
  }

  // Runs until `play` has come to its end.
  void Play(asio::awaitable<void> play) {
    asio::co_spawn(io, std::move(play), [this](std::exception_ptr error) {
      if (error) FAIL_CHECK("a client failed");
      is_over = true;
      io.stop();
    });
    io.run_for(kPatience);
    CHECK(is_over);
  }

  tcp::socket& Connect() {
    tcp::socket& socket = clients.emplace_back(io);
    socket.connect(server->endpoint());
    return socket;
  }

  asio::io_context io;
  std::unique_ptr<Server> server;
  std::list<tcp::socket> clients;
  int asked = 0;
  bool is_over = false;
};

asio::awaitable<void> Say(tcp::socket& socket, std::string text) {
  co_await asio::async_write(socket, asio::buffer(text), kAwait);
}

// Everything until the server closes.
asio::awaitable<std::string> Rest(tcp::socket& socket) {
  std::string text;
  co_await asio::async_read(socket, asio::dynamic_buffer(text), kAwait);
  co_return text;
}

// One whole answer, of a connection that stays.
asio::awaitable<std::string> Next(tcp::socket& socket) {
  std::string text;
  const auto [error, head] =
      co_await asio::async_read_until(socket, asio::dynamic_buffer(text), "\r\n\r\n", kAwait);
  if (error) co_return "closed";
  const std::size_t length = text.find("Content-Length: ");
  const std::size_t body = length == std::string::npos ? 0 : std::stoul(text.substr(length + 16));
  if (text.size() < head + body) {
    co_await asio::async_read(socket, asio::dynamic_buffer(text),
                              asio::transfer_exactly(head + body - text.size()), kAwait);
  }
  co_return text;
}

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("serve: one connection asks again and again, and every answer has its headers") {
  const Guarded guarded;
  Scene scene;
  const auto play = [&]() -> asio::awaitable<void> {
    tcp::socket& client = scene.Connect();
    for (int i = 0; i < 3; ++i) {
      co_await Say(client, "GET /a?b HTTP/1.1\r\nHost: me\r\nAuthorization: Bearer x\r\n\r\n");
      const std::string answer = co_await Next(client);
      CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
      CHECK(answer.ends_with("\r\n\r\nGET|/a?b|me|Bearer x"));
      for (const Header& header : HeadersOfEveryAnswer()) {
        CHECK(Has(answer, "\r\n" + std::string(header.name) + ": " + std::string(header.value)));
      }
      CHECK_FALSE(Has(answer, "Access-Control"));
      CHECK_FALSE(Has(answer, "Server:"));
    }
  };
  scene.Play(play());
  CHECK(scene.asked == 3);
}

TEST_CASE("serve: an answer to HEAD has the length and no body") {
  const Guarded guarded;
  Scene scene;
  const auto play = [&]() -> asio::awaitable<void> {
    tcp::socket& client = scene.Connect();
    co_await Say(client, "HEAD /a HTTP/1.1\r\nHost: me\r\nConnection: close\r\n\r\n");
    const std::string answer = co_await Rest(client);
    CHECK(Has(answer, "Content-Length: 11\r\n"));
    CHECK(answer.ends_with("\r\n\r\n"));
  };
  scene.Play(play());
}

TEST_CASE("serve: a host that is said twice was not said") {
  const Guarded guarded;
  Scene scene;
  const auto play = [&]() -> asio::awaitable<void> {
    tcp::socket& client = scene.Connect();
    co_await Say(client, "GET /a HTTP/1.1\r\nHost: me\r\nHost: evil\r\n\r\n");
    const std::string twice = co_await Next(client);
    CHECK(twice.ends_with("\r\n\r\nGET|/a||"));
    co_await Say(client, "GET /a HTTP/1.0\r\n\r\n");
    const std::string never = co_await Next(client);
    CHECK(never.ends_with("\r\n\r\nGET|/a||"));
  };
  scene.Play(play());
}

TEST_CASE("serve: who is refused does not keep the connection") {
  const Guarded guarded;
  Scene scene;
  const auto play = [&]() -> asio::awaitable<void> {
    tcp::socket& client = scene.Connect();
    co_await Say(client, "GET /refused HTTP/1.1\r\nHost: me\r\n\r\n");
    const std::string answer = co_await Rest(client);
    CHECK(answer.starts_with("HTTP/1.1 403"));
    CHECK(Has(answer, "Connection: close\r\n"));
  };
  scene.Play(play());
}

TEST_CASE("serve: what is no request, too long, or has a body is refused and closed") {
  const Guarded guarded;
  Scene scene;
  const auto [request, status] = GENERATE_REF(table<std::string, std::string>({
      {"nonsense\r\n\r\n", "400"},
      {"GET / HTTP/7.7\r\n\r\n", "400"},
      {std::string(3, '\0') + "\r\n\r\n", "400"},
      {"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n\r\n", "431"},
      {"GET / HTTP/1.1\r\nA: " + std::string(9000, 'a') + "\r\n\r\n", "431"},
      {"GET / HTTP/1.1\r\nHost: me\r\nContent-Length: 5\r\n\r\nhello", "413"},
      {"GET / HTTP/1.1\r\nHost: me\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "413"},
      {"GET / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", "400"},
  }));
  CAPTURE(request.substr(0, 60));
  const auto play = [&scene, request = request, status = status]() -> asio::awaitable<void> {
    tcp::socket& client = scene.Connect();
    co_await Say(client, request);
    const std::string answer = co_await Rest(client);
    CHECK(answer.substr(0, 12) == "HTTP/1.1 " + status);
  };
  scene.Play(play());
  CHECK(scene.asked == 0);
}

TEST_CASE("serve: who says its request byte by byte is closed when patience is at its end") {
  const Guarded guarded;
  Scene scene({.patience = std::chrono::milliseconds(200)});
  const auto drip = [&](tcp::socket& client) -> asio::awaitable<void> {
    asio::steady_timer pace(scene.io);
    co_await Say(client, "GET /a HTTP/1.1\r\nA: ");
    while (!scene.is_over) {
      pace.expires_after(std::chrono::milliseconds(20));  // far more often than patience asks
      co_await pace.async_wait(kAwait);
      co_await Say(client, "a");
    }
  };
  const auto play = [&]() -> asio::awaitable<void> {
    tcp::socket& slow = scene.Connect();
    asio::co_spawn(scene.io, drip(slow), asio::detached);
    tcp::socket& silent = scene.Connect();
    const std::string to_slow = co_await Rest(slow);
    const std::string to_silent = co_await Rest(silent);
    CHECK(to_slow.empty());
    CHECK(to_silent.empty());
  };
  scene.Play(play());
  CHECK(scene.asked == 0);
}

TEST_CASE("serve: who does not take its answer is closed, too") {
  const Guarded guarded;
  Scene scene({.patience = std::chrono::milliseconds(200)});
  const auto big = std::make_shared<const std::string>(64 << 20, 'a');
  bool is_asked = false;
  auto server = Must(Server::Listen(scene.io, tcp::endpoint(asio::ip::address_v4::loopback(), 0),
                                    {.patience = std::chrono::milliseconds(200)}));
  server->Start([&](const Request&) {
    is_asked = true;
    Response response;
    response.body = *big;
    response.kept = big;
    return response;
  });
  const auto play = [&]() -> asio::awaitable<void> {
    tcp::socket client(scene.io);
    client.connect(server->endpoint());
    co_await Say(client, "GET /a HTTP/1.1\r\nHost: me\r\n\r\n");
    asio::steady_timer pace(scene.io);
    do {
      pace.expires_after(std::chrono::milliseconds(10));
      co_await pace.async_wait(kAwait);
    } while (!is_asked || server->connections() > 0);
    const std::string rest = co_await Rest(client);
    CHECK(rest.size() < big->size());
  };
  scene.Play(play());
}

TEST_CASE("serve: one connection too many is closed unheard, and the others go on") {
  const Guarded guarded;
  Scene scene({.connections = 4});
  const auto play = [&]() -> asio::awaitable<void> {
    std::vector<tcp::socket*> clients;
    for (int i = 0; i < 4; ++i) {
      clients.push_back(&scene.Connect());
      co_await Say(*clients.back(), "GET /a HTTP/1.1\r\nHost: me\r\n\r\n");
      const std::string answer = co_await Next(*clients.back());
      CHECK(Has(answer, "200 OK"));
    }
    for (int i = 0; i < 20; ++i) {
      const std::string unheard = co_await Rest(scene.Connect());
      CHECK(unheard.empty());
      CHECK(scene.server->connections() == 4);
    }
    co_await Say(*clients[1], "GET /a HTTP/1.1\r\nHost: me\r\n\r\n");
    const std::string again = co_await Next(*clients[1]);
    CHECK(Has(again, "200 OK"));
    co_await Say(*clients[0], "GET /a HTTP/1.1\r\nHost: me\r\nConnection: close\r\n\r\n");
    co_await Rest(*clients[0]);
    tcp::socket& late = scene.Connect();
    co_await Say(late, "GET /a HTTP/1.1\r\nHost: me\r\n\r\n");
    const std::string to_late = co_await Next(late);
    CHECK(Has(to_late, "200 OK"));
  };
  scene.Play(play());
}

TEST_CASE("serve: a port that somebody listens on is not taken") {
  const Guarded guarded;
  Scene scene;
  const auto second = Server::Listen(scene.io, scene.server->endpoint(), {});
  REQUIRE_FALSE(second);
  CHECK(second.error() == std::errc::address_in_use);
}

}  // namespace
}  // namespace memtrack::testing
