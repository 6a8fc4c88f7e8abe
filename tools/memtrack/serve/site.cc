#include "tools/memtrack/serve/site.h"

#include <algorithm>
#include <array>
#include <optional>

#include "tools/memtrack/serve/assets.h"

namespace memtrack {
namespace {

constexpr std::array kHeaders = {
    Header{"Content-Security-Policy",
           "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    Header{"X-Content-Type-Options", "nosniff"},
    Header{"X-Frame-Options", "DENY"},
    Header{"Cross-Origin-Resource-Policy", "same-origin"},
    Header{"Cross-Origin-Opener-Policy", "same-origin"},
    Header{"Referrer-Policy", "no-referrer"},
    Header{"Cache-Control", "no-store"},
};

Response Refuse(int status, std::string_view reason) {
  Response response;
  response.status = status;
  response.body = reason;
  return response;
}

Response Give(Text text, std::string_view content_type) {
  Response response;
  response.content_type = content_type;
  response.body = *text;
  response.kept = std::move(text);
  return response;
}

// The value of `token=` in a query; the digits of a token need no escapes.
std::string_view TokenIn(std::string_view query) {
  constexpr std::string_view kName = "token=";
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    if (part.starts_with(kName)) return part.substr(kName.size());
    query.remove_prefix(std::min(query.size(), part.size() + 1));
  }
  return "";
}

std::string_view TokenOfBearer(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer ";
  return authorization.starts_with(kScheme) ? authorization.substr(kScheme.size()) : "";
}

struct Wish {
  std::string_view token;
  std::optional<std::string_view> name;  // below the token; nothing: "/TOKEN" and no more
};

Wish WishOf(const Request& request) {
  const std::string_view target = request.target;
  const std::size_t question = std::min(target.find('?'), target.size());
  std::string_view path = target.substr(0, question);
  if (path == "/metrics") {
    const std::string_view bearer = TokenOfBearer(request.authorization);
    const std::string_view query = target.substr(std::min(question + 1, target.size()));
    return {bearer.empty() ? TokenIn(query) : bearer, "metrics"};
  }
  if (!path.starts_with('/')) return {};
  path.remove_prefix(1);
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return {path, std::nullopt};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

Response GiveNamed(const Site& site, std::string_view name) {
  if (name == "data.json") return Give(site.data(), "application/json");
  if (name == "metrics") {
    return Give(site.metrics(), "text/plain; version=0.0.4; charset=utf-8");
  }
  const std::string_view file = name.empty() ? "index.html" : name;
  const auto assets = Assets();
  const auto asset = std::ranges::find(assets, file, &Asset::name);
  if (asset == assets.end()) return Refuse(404, "There is no such page.\n");
  Response response;
  response.content_type = asset->content_type;
  response.body = asset->content;
  return response;
}

}  // namespace

Response Answer(const Site& site, const Request& request) {
  if (!site.names.Has(request.host)) return Refuse(421, "That is not where this is.\n");
  if (request.method != "GET" && request.method != "HEAD") {
    return Refuse(405, "There is nothing here to be changed.\n");
  }
  const Wish wish = WishOf(request);
  if (!site.token.Is(wish.token)) return Refuse(403, "Open the URL that memtrack has printed.\n");
  if (wish.name) return GiveNamed(site, *wish.name);
  Response response = Refuse(308, "The page is behind the slash.\n");
  response.location = "/" + site.token.text() + "/";
  return response;
}

std::span<const Header> HeadersOfEveryAnswer() {
  return kHeaders;
}

}  // namespace memtrack
