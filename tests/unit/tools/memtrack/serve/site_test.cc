// What there is to ask for, who may, and that the page needs nothing from elsewhere.
#include <catch2/catch.hpp>

#include <algorithm>
#include <regex>
#include <set>

#include "tools/memtrack/serve/assets.h"
#include "tools/memtrack/serve/site.h"

namespace memtrack::testing {
namespace {

using boost::asio::ip::make_address;
using boost::asio::ip::tcp;

constexpr const char* kToken = "0123456789abcdef0123456789abcdef";

Site MadeUpSite() {
  const auto text = [](const char* content) {
    return [content] { return std::make_shared<const std::string>(content); };
  };
  return {Token(kToken), OurNames(tcp::endpoint(make_address("127.0.0.1"), 7117)), text("{}"),
          text("memtrack_bytes 1\n")};
}

Request Asks(std::string target) {
  return {"GET", std::move(target), "127.0.0.1:7117", ""};
}

Request AsksFor(const std::string& name) {
  return Asks("/" + std::string(kToken) + "/" + name);
}

TEST_CASE("serve: whoever knows the token gets the page and its parts") {
  const Site site = MadeUpSite();
  const Response page = Answer(site, AsksFor(""));
  CHECK(page.status == 200);
  CHECK(page.content_type == "text/html; charset=utf-8");
  CHECK(page.body.find("<title>memtrack</title>") != std::string_view::npos);
  for (const Asset& asset : Assets()) {
    INFO(asset.name);
    const Response part = Answer(site, AsksFor(std::string(asset.name)));
    CHECK(part.status == 200);
    CHECK(part.content_type == asset.content_type);
    CHECK(part.body.size() > 100);
  }
  const Response data = Answer(site, AsksFor("data.json?since=0"));
  CHECK(data.content_type == "application/json");
  CHECK(data.body == "{}");
  CHECK(Answer(site, AsksFor("nonsense")).status == 404);
  CHECK(Answer(site, AsksFor("../page.js")).status == 404);
}

TEST_CASE("serve: whoever does not know the token learns nothing, whatever it asks") {
  const Site site = MadeUpSite();
  const std::string token = kToken;
  const std::string target = GENERATE_COPY(values<std::string>(
      {"/", "", "*", "/data.json", "/page.js", "/metrics", "/nonsense",
       "/metrics?token=", "/metrics?token=0123", "/?token=" + token, "/" + token.substr(1) + "/",
       "/" + token + "0/data.json", "/0123456789ABCDEF0123456789ABCDEF/", "//" + token + "/",
       "http://127.0.0.1:7117/" + token + "/", "/metrics?xtoken=" + token}));
  CAPTURE(target);
  const Response refusal = Answer(site, Asks(target));
  CHECK(refusal.status == 403);
  CHECK(refusal.body == Answer(site, Asks("/")).body);
  CHECK(refusal.content_type == Answer(site, Asks("/")).content_type);
}

TEST_CASE("serve: metrics take the token in three ways") {
  const Site site = MadeUpSite();
  const std::string token = kToken;
  Request bearer = Asks("/metrics");
  bearer.authorization = "Bearer " + token;
  for (const Request& request : {Asks("/metrics?token=" + token), AsksFor("metrics"), bearer,
                                 Asks("/metrics?a=b&token=" + token + "&c=d")}) {
    const Response response = Answer(site, request);
    CHECK(response.status == 200);
    CHECK(response.content_type == "text/plain; version=0.0.4; charset=utf-8");
    CHECK(response.body == "memtrack_bytes 1\n");
  }
  bearer.authorization = "Basic " + token;
  CHECK(Answer(site, bearer).status == 403);
  bearer.authorization = "Bearer " + token + " ";
  CHECK(Answer(site, bearer).status == 403);
}

TEST_CASE("serve: nothing but reading is answered") {
  const Site site = MadeUpSite();
  Request request = AsksFor("");
  request.method = "HEAD";
  CHECK(Answer(site, request).status == 200);
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", ""}) {
    request.method = method;
    CHECK(Answer(site, request).status == 405);
  }
}

TEST_CASE("serve: a request that names another host is refused, with the token or without") {
  const Site site = MadeUpSite();
  for (const char* host : {"evil.example:7117", "127.0.0.1", "127.0.0.1:7118", ""}) {
    Request request = AsksFor("data.json");
    request.host = host;
    CHECK(Answer(site, request).status == 421);
    request.target = "/";
    CHECK(Answer(site, request).status == 421);
  }
}

TEST_CASE("serve: without its last slash the page is found as well") {
  const Response response = Answer(MadeUpSite(), Asks("/" + std::string(kToken)));
  CHECK(response.status == 308);
  CHECK(response.location == "/" + std::string(kToken) + "/");
}

TEST_CASE("serve: no answer may be read, framed, guessed at or kept by others") {
  std::set<std::string> names;
  for (const Header& header : HeadersOfEveryAnswer()) {
    names.insert(std::string(header.name) + ": " + std::string(header.value));
    CHECK_FALSE(header.name.starts_with("Access-Control"));
  }
  CHECK(names.contains("X-Content-Type-Options: nosniff"));
  CHECK(names.contains("Cache-Control: no-store"));
  CHECK(names.contains("Referrer-Policy: no-referrer"));
  CHECK(names.contains(
      "Content-Security-Policy: default-src 'self'; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'"));
}

std::vector<std::string> AllOf(const std::string& text, const char* pattern) {
  const std::regex regex(pattern);
  std::vector<std::string> all;
  for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at) {
    all.push_back((*at)[1]);
  }
  return all;
}

TEST_CASE("serve: the page names only parts that are there, and writes no markup of its own") {
  std::set<std::string> there = {"metrics"};
  for (const Asset& asset : Assets()) there.emplace(asset.name);
  std::size_t count = 0;
  for (const Asset& asset : Assets()) {
    const bool is_ours = asset.name != "uplot.js" && asset.name != "uplot-license.txt";
    if (!is_ours) continue;
    INFO(asset.name);
    const std::string content(asset.content);
    for (const char* pattern : {"(?:src|href)=\"([^\"]*)\"", "from '\\./([^']*)'"}) {
      for (const std::string& name : AllOf(content, pattern)) {
        INFO(name);
        CHECK(there.contains(name));
        ++count;
      }
    }
    const auto has = [&](const char* text) { return content.find(text) != std::string::npos; };
    CHECK_FALSE(has("url("));
    CHECK_FALSE(has("innerHTML"));
    CHECK_FALSE(has("outerHTML"));
    CHECK_FALSE(has("insertAdjacentHTML"));
    CHECK_FALSE(has("document.write"));
    CHECK_FALSE(has("eval("));
  }
  CHECK(count > 15);
}

}  // namespace
}  // namespace memtrack::testing
