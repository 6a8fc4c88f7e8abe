// One object of the trace event format, as text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/looking/sight.h"

namespace baton::internal {

// `TraceEvent('i', now).Text("name", "sleep").Arguments().Number("sleeps", 3).Take()`
class TraceEvent {
 public:
  // Of this process and thread.
  TraceEvent(char phase, Moment when);

  TraceEvent& Text(std::string_view key, std::string_view value);  // at most 300 bytes of it
  TraceEvent& Number(std::string_view key, std::uint64_t value);
  TraceEvent& Microseconds(std::string_view key, std::chrono::nanoseconds value);
  // What follows belongs to `args`. Once.
  TraceEvent& Arguments();

  std::string Take();

 private:
  void Key(std::string_view key);

  std::string text_ = "{";
  bool has_arguments_ = false;
};

}  // namespace baton::internal
