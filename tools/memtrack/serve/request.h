// A request and its answer, without the sockets.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace memtrack {

struct Request {
  std::string method;
  std::string target;         // "/path?query"
  std::string host;           // empty unless it was said exactly once
  std::string authorization;  // the same
};

// A text that several answers share.
using Text = std::shared_ptr<const std::string>;

struct Response {
  int status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::string_view body;
  Text kept = nullptr;   // what `body` points into, unless that is there for ever
  std::string location;  // where to look instead; mostly empty
};

// What every answer says besides.
struct Header {
  std::string_view name;
  std::string_view value;
};

}  // namespace memtrack
