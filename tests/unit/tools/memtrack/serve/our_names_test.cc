// Tokens, and what a request may call us.
#include <catch2/catch.hpp>

#include <regex>

#include "tests/support/must.h"
#include "tools/memtrack/serve/our_names.h"
#include "tools/memtrack/serve/token.h"

namespace memtrack::testing {
namespace {

using baton::testing::Must;
using boost::asio::ip::make_address;
using boost::asio::ip::tcp;

OurNames NamesOf(const char* address, std::uint16_t port = 7117) {
  return OurNames(tcp::endpoint(make_address(address), port));
}

TEST_CASE("serve: a token is 128 random bits, and nothing like it is one") {
  const Token token = Must(Token::Make());
  CHECK(std::regex_match(token.text(), std::regex("[0-9a-f]{32}")));
  CHECK(Must(Token::Make()).text() != token.text());
  CHECK(token.Is(token.text()));
  CHECK_FALSE(token.Is(""));
  CHECK_FALSE(token.Is(token.text() + "0"));
  CHECK_FALSE(token.Is(token.text().substr(1)));
  for (std::size_t i = 0; i < token.text().size(); ++i) {
    std::string other = token.text();
    other[i] = other[i] == '0' ? '1' : '0';
    CHECK_FALSE(token.Is(other));
  }
}

TEST_CASE("serve: on a loopback address only local names with our port are ours") {
  for (const char* address : {"127.0.0.1", "::1"}) {
    const OurNames names = NamesOf(address);
    for (const char* host : {"127.0.0.1:7117", "localhost:7117", "LocalHost:7117", "[::1]:7117"}) {
      INFO(host);
      CHECK(names.Has(host));
    }
    for (const char* host : {"",
                             ":7117",
                             "127.0.0.1",
                             "127.0.0.1:",
                             "127.0.0.1:7118",
                             "127.0.0.1:07117x",
                             "127.0.0.1:7117:7117",
                             "127.0.0.1:-1",
                             "127.0.0.1:72653",
                             "localhost.:7117",
                             "localhost.evil.example:7117",
                             "evil.example:7117",
                             "192.168.0.1:7117",
                             "[::1]",
                             "[::1:7117",
                             "::1:7117",
                             "[::1]7117",
                             "[]:7117",
                             "0.0.0.0:7117",
                             "127.1:7117",
                             "0x7f.1:7117",
                             " 127.0.0.1:7117",
                             "user@127.0.0.1:7117",
                             "l\x0f"
                             "calhost:7117"}) {
      INFO(host);
      CHECK_FALSE(names.Has(host));
    }
  }
}

TEST_CASE("serve: on another address that address is ours, on all of them every address") {
  CHECK(NamesOf("192.168.0.7").Has("192.168.0.7:7117"));
  CHECK_FALSE(NamesOf("192.168.0.7").Has("192.168.0.8:7117"));
  CHECK_FALSE(NamesOf("192.168.0.7").Has("localhost:7117"));
  for (const char* address : {"0.0.0.0", "::"}) {
    CHECK(NamesOf(address).Has("192.168.0.8:7117"));
    CHECK(NamesOf(address).Has("[fe80::1]:7117"));
    CHECK(NamesOf(address).Has("localhost:7117"));
    CHECK_FALSE(NamesOf(address).Has("evil.example:7117"));
  }
}

TEST_CASE("serve: the port of HTTP need not be said") {
  CHECK(NamesOf("127.0.0.1", 80).Has("localhost"));
  CHECK(NamesOf("127.0.0.1", 80).Has("[::1]"));
  CHECK(NamesOf("127.0.0.1", 80).Has("127.0.0.1:80"));
}

TEST_CASE("serve: the URL is one that a browser can open") {
  CHECK(NamesOf("127.0.0.1").Url() == "http://127.0.0.1:7117");
  CHECK(NamesOf("::1").Url() == "http://[::1]:7117");
  CHECK(NamesOf("0.0.0.0").Url() == "http://127.0.0.1:7117");
  CHECK(NamesOf("::").Url() == "http://[::1]:7117");
}

}  // namespace
}  // namespace memtrack::testing
