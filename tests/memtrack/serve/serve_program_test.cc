// `memtrack serve` as its users start it, and a program that leaks.
#include <poll.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <csignal>
#include <nlohmann/json.hpp>
#include <regex>

#include "tests/memtrack/serve/started.h"
#include "tests/support/golden.h"
#include "tests/support/guarded.h"
#include "tests/support/run_program.h"

namespace memtrack_test {
namespace {

using baton::testing::Guarded;
using baton::testing::ReadFile;
using baton::testing::RunProgram;
using boost::asio::ip::tcp;
using nlohmann::json;

struct Url {
  std::uint16_t port = 0;
  std::string token;
};

Url UrlIn(const std::string& line) {
  std::smatch parts;
  INFO(line);
  REQUIRE(
      std::regex_match(line, parts, std::regex("http://127\\.0\\.0\\.1:([0-9]+)/([0-9a-f]{32})/")));
  return {static_cast<std::uint16_t>(std::stoul(parts[1])), parts[2]};
}

// The whole answer.
std::string Get(const Url& url, const std::string& path) {
  boost::asio::io_context io;
  tcp::socket socket(io);
  socket.connect(tcp::endpoint(boost::asio::ip::address_v4::loopback(), url.port));
  const std::string request = "GET " + path +
                              " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(url.port) +
                              "\r\nConnection: close\r\n\r\n";
  boost::asio::write(socket, boost::asio::buffer(request));
  std::string answer;
  boost::system::error_code end;
  boost::asio::read(socket, boost::asio::dynamic_buffer(answer), end);
  return answer;
}

json DataOf(const Url& url) {
  const std::string answer = Get(url, "/" + url.token + "/data.json");
  REQUIRE(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  return json::parse(answer.substr(answer.find("\r\n\r\n") + 4));
}

TEST_CASE("serve: memtrack prints its URL, serves it, and a signal is a good end") {
  const Guarded guarded;
  const int signal = GENERATE(SIGTERM, SIGINT);
  Started serve(MEMTRACK, {"serve", "--port", "0"});
  const Url url = UrlIn(serve.NextLine());
  CHECK(Get(url, "/" + url.token + "/").find("<title>memtrack</title>") != std::string::npos);
  CHECK(Get(url, "/metrics?token=" + url.token).find("\nmemtrack_segments{") != std::string::npos);
  CHECK(Get(url, "/metrics").starts_with("HTTP/1.1 403"));
  CHECK(DataOf(url)["view"] == "serve");
  serve.Signal(signal);
  CHECK(serve.NextLine().empty());
  CHECK(serve.AwaitEnd() == 0);
}

// Addresses, as /proc/net/tcp writes them, on which a socket listens to the port.
std::vector<std::string> ListenersOf(const std::string& table, std::uint16_t port) {
  const std::string text = ReadFile(table);
  const std::regex line("[0-9]+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A ");
  std::vector<std::string> addresses;
  for (std::sregex_iterator at(text.begin(), text.end(), line), end; at != end; ++at) {
    if (std::stoul((*at)[2], nullptr, 16) == port) addresses.push_back((*at)[1]);
  }
  return addresses;
}

TEST_CASE("serve: nobody but this machine can reach it, unless that is asked for") {
  const Guarded guarded;
  Started serve(MEMTRACK, {"serve", "--port", "0"});
  const Url url = UrlIn(serve.NextLine());
  CHECK(ListenersOf("/proc/net/tcp", url.port) == std::vector<std::string>{"0100007F"});
  CHECK(ListenersOf("/proc/net/tcp6", url.port).empty());
}

TEST_CASE("serve: a program that leaks is named, with the tag that grows") {
  const Guarded guarded;
  Started leaking(LEAKING_PROGRAM, {});
  REQUIRE(leaking.NextLine() == "ready");
  Started serve(MEMTRACK, {"serve", "--port", "0", "--interval", "0.2"});
  const Url url = UrlIn(serve.NextLine());
  const auto growth = [](const json& data) {
    for (const json& verdict : data["verdicts"]) {
      if (verdict["tag"] == "serve-leak") return verdict;
    }
    return json();
  };
  json data = DataOf(url);
  while (growth(data).is_null()) {  // the watchdog has the last word
    ::poll(nullptr, 0, 50);
    data = DataOf(url);
  }
  CHECK(growth(data)["severity"] == "leak");
  CHECK(growth(data)["processes"][0]["pid"] == leaking.pid());
  const auto row = [&](const char* tag) {
    const json& chart = data["chart"];
    for (std::size_t i = 0; i < chart["tags"].size(); ++i) {
      if (chart["tags"][i] == tag) return chart["bytes"][i];
    }
    return json::array({-1});
  };
  CHECK(row("serve-leak").back() > row("serve-leak").front());
  CHECK(row("serve-atlas").back() == 48 << 20);
  CHECK(row("serve-atlas").back() == row("serve-atlas").front());
  CHECK(leaking.AwaitEnd() == 0);
}

TEST_CASE("serve: what cannot be served is said, and the exit code is 3") {
  Started first(MEMTRACK, {"serve", "--port", "0"});
  const std::string taken = std::to_string(UrlIn(first.NextLine()).port);
  const auto [arguments, words] = GENERATE_REF(table<std::vector<std::string>, std::string>({
      {{"--port", taken}, "cannot listen on 127.0.0.1 port " + taken + ": Address already in use"},
      {{"--listen", "localhost", "--port", "0"}, "cannot listen on localhost port 0"},
      {{"--listen", "192.0.2.1", "--port", "0"}, "Cannot assign requested address"},
      {{"--port", "65536"}, "--port"},
      {{"--interval", "0"}, "--interval"},
  }));
  std::vector<std::string> all = {"serve"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  const auto end = RunProgram({.program = MEMTRACK, .arguments = all});
  CAPTURE(all, end.errors);
  CHECK(end.exit_code == 3);
  CHECK(end.output.empty());
  CHECK(end.errors.find(words) != std::string::npos);
}

}  // namespace
}  // namespace memtrack_test
