#include "tools/memtrack/serve/our_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace memtrack {
namespace {

using boost::asio::ip::address;

constexpr std::uint16_t kPortOfHttp = 80;

// "name", "name:port", "[address]:port". Nothing if it is none of them.
std::optional<std::pair<std::string, std::uint16_t>> Parse(std::string_view host) {
  const bool is_bracketed = host.starts_with('[');
  const std::size_t end = is_bracketed ? host.find(']') : host.find(':');
  if (is_bracketed && end == std::string_view::npos) return std::nullopt;
  const std::string name(is_bracketed ? host.substr(1, end - 1) : host.substr(0, end));
  std::string_view rest = end == std::string_view::npos ? "" : host.substr(end);
  if (is_bracketed) rest.remove_prefix(1);
  if (rest.empty()) return std::pair(name, kPortOfHttp);
  if (!rest.starts_with(':')) return std::nullopt;
  rest.remove_prefix(1);
  std::uint16_t port = 0;
  const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), port);
  if (error != std::errc() || stop != rest.data() + rest.size()) return std::nullopt;
  return std::pair(name, port);
}

bool IsLocalhost(std::string_view name) {
  return std::ranges::equal(name, std::string_view("localhost"),
                            [](char a, char b) { return (a | 0x20) == b; });
}

}  // namespace

bool OurNames::Has(std::string_view host) const {
  const auto said = Parse(host);
  return said && said->second == endpoint_.port() && IsOurs(said->first);
}

bool OurNames::IsOurs(std::string_view name) const {
  const address ours = endpoint_.address();
  const bool is_local = ours.is_loopback() || ours.is_unspecified();
  if (IsLocalhost(name)) return is_local;
  boost::system::error_code error;
  const address said = boost::asio::ip::make_address(name, error);
  if (error) return false;
  return said == ours || ours.is_unspecified() || (ours.is_loopback() && said.is_loopback());
}

std::string OurNames::Url() const {
  address shown = endpoint_.address();
  if (shown.is_unspecified() && shown.is_v4()) shown = boost::asio::ip::address_v4::loopback();
  if (shown.is_unspecified() && shown.is_v6()) shown = boost::asio::ip::address_v6::loopback();
  const char* const form = shown.is_v6() ? "http://[{}]:{}" : "http://{}:{}";
  return fmt::format(fmt::runtime(form), shown.to_string(), endpoint_.port());
}

}  // namespace memtrack
