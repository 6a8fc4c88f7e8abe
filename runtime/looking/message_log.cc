#include "runtime/looking/message_log.h"

#include <array>
#include <cinttypes>
#include <cstdio>

#include <baton/platform/own_process.h>
#include <baton/wire/print.h>

#include "runtime/looking/escaped.h"

namespace baton::internal {
namespace {

thread_local bool is_telling = false;

// What every line begins with.
std::string HeadOf(const ChannelName& channel, Moment when, std::uint64_t process) {
  const auto microseconds = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(when.time_since_epoch()).count());
  std::array<char, 100> head = {};
  std::snprintf(head.data(), head.size(), "[%5" PRIu64 ".%06" PRIu64 "] %" PRIu64 " %s@%" PRIu64,
                microseconds / 1'000'000, microseconds % 1'000'000, process,
                channel.side == Side::kParent ? "parent" : "child", channel.number);
  return head.data();
}

std::string_view KindOf(FrameKind kind) {
  if (kind == FrameKind::kReply) return " reply";
  return kind == FrameKind::kReject ? " refused" : "";
}

// What follows the values, which may be cut short; this is not.
std::string TailOf(const MessageSight& sight) {
  std::string tail = " (" + std::to_string(sight.bytes) + " bytes";
  if (sight.shared_bytes != 0) tail += ", " + std::to_string(sight.shared_bytes) + " shared";
  return tail + ")";
}

}  // namespace

std::string PrintValues(const wire::Table& table, std::span<const void* const> values) {
  std::string text = "{";
  for (std::size_t n = 0; n < values.size() && n < table.rows.size(); ++n) {
    if (n != 0) text += ", ";
    if (text.size() > kMaxLogLine) break;
    text += std::string(table.rows[n].name) + ": " + wire::Print(*table.rows[n].type, values[n]);
  }
  return text + "}";
}

std::string LineOf(const MessageSight& sight, Moment when, std::uint64_t process) {
  std::string line = HeadOf(sight.channel, when, process);
  line += sight.is_sent ? " -> " : " <- ";
  line += sight.message;
  line += KindOf(sight.kind);
  if (sight.call != 0) line += " #" + std::to_string(sight.call);
  if (!sight.values.empty()) line += " " + sight.values;
  if (!sight.problem.empty()) line += ": " + sight.problem;
  const std::string tail = TailOf(sight);
  return Escaped(line, kMaxLogLine - tail.size()) + tail;
}

std::string LineOf(const ChannelName& channel, std::string_view event, Moment when,
                   std::uint64_t process) {
  std::string line = HeadOf(channel, when, process) + " ";
  line += channel.protocol;
  line += " ";
  line += event;
  return Escaped(line, kMaxLogLine);
}

void MessageLog::Tell(const MessageSight& sight, Moment when) const {
  HandOver(LineOf(sight, when, platform::ProcessId()));
}

void MessageLog::Tell(const ChannelName& channel, std::string_view event, Moment when) const {
  if (!patterns_.SelectProtocol(channel.protocol)) return;
  HandOver(LineOf(channel, event, when, platform::ProcessId()));
}

bool MessageLog::IsTelling() {
  return is_telling;
}

void MessageLog::HandOver(std::string_view line) const noexcept {
  is_telling = true;
  take_line_(line);
  is_telling = false;
}

}  // namespace baton::internal
