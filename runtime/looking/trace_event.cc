#include "runtime/looking/trace_event.h"

#include <array>
#include <cinttypes>
#include <cstdio>
#include <utility>

#include <baton/platform/own_process.h>

#include "runtime/looking/escaped.h"

namespace baton::internal {

constexpr std::size_t kMaxText = 300;

TraceEvent::TraceEvent(char phase, Moment when) {
  Text("ph", std::string_view(&phase, 1));
  Microseconds("ts", when.time_since_epoch());
  Number("pid", platform::ProcessId());
  Number("tid", platform::ThreadId());
}

void TraceEvent::Key(std::string_view key) {
  if (text_.back() != '{') text_ += ',';
  text_ += '"';
  text_ += key;
  text_ += "\":";
}

TraceEvent& TraceEvent::Text(std::string_view key, std::string_view value) {
  Key(key);
  text_ += '"';
  for (const char letter : Escaped(value, kMaxText)) {  // no controls, and UTF-8
    if (letter == '"' || letter == '\\') text_ += '\\';
    text_ += letter;
  }
  text_ += '"';
  return *this;
}

TraceEvent& TraceEvent::Number(std::string_view key, std::uint64_t value) {
  Key(key);
  text_ += std::to_string(value);
  return *this;
}

TraceEvent& TraceEvent::Microseconds(std::string_view key, std::chrono::nanoseconds value) {
  Key(key);
  const auto count = static_cast<std::uint64_t>(value.count());
  std::array<char, 40> digits = {};
  std::snprintf(digits.data(), digits.size(), "%" PRIu64 ".%03" PRIu64, count / 1000, count % 1000);
  text_ += digits.data();
  return *this;
}

TraceEvent& TraceEvent::Arguments() {
  Key("args");
  text_ += '{';
  has_arguments_ = true;
  return *this;
}

std::string TraceEvent::Take() {
  text_ += has_arguments_ ? "}}" : "}";
  return std::move(text_);
}

}  // namespace baton::internal
