#include "runtime/looking/trace.h"

#include <array>
#include <cinttypes>
#include <cstdio>
#include <string>

#include "runtime/looking/trace_event.h"

namespace baton::internal {
namespace {

std::string Numbered(const ChannelName& channel) {
  std::string name(channel.protocol);
  name += channel.side == Side::kParent ? " parent@" : " child@";
  return name + std::to_string(channel.number);
}

// More than a JSON number holds, so as text.
std::string Hexadecimal(std::uint64_t number) {
  std::array<char, 19> digits = {};
  std::snprintf(digits.data(), digits.size(), "0x%" PRIx64, number);
  return digits.data();
}

std::string NameOf(const MessageSight& sight) {
  std::string name = sight.is_sent ? "send " : "";
  name += sight.message;
  if (sight.kind == FrameKind::kReply) name += " reply";
  if (sight.kind == FrameKind::kReject) name += " refused";
  return name;
}

void Describe(const MessageSight& sight, TraceEvent& event) {
  event.Arguments().Text("channel", Numbered(sight.channel)).Number("sequence", sight.sequence);
  event.Number("bytes", sight.bytes);
  if (sight.call != 0) event.Number("call", sight.call);
  if (sight.shared_bytes != 0) event.Number("shared", sight.shared_bytes);
  if (!sight.problem.empty()) event.Text("reason", sight.problem);
}

}  // namespace

void Trace::Send(const MessageSight& sight, Moment begin, Moment end) {
  TraceEvent slice('X', begin);
  slice.Text("name", NameOf(sight)).Text("cat", "send").Microseconds("dur", end - begin);
  Describe(sight, slice);
  file_.Add(slice.Take());
  if (sight.flow == 0) return;
  TraceEvent arrow('s', begin);
  arrow.Text("name", "message").Text("cat", "message").Text("id", Hexadecimal(sight.flow));
  file_.Add(arrow.Take());
}

void Trace::BeginHandler(const MessageSight& sight, Moment begin) {
  TraceEvent slice('B', begin);
  slice.Text("name", NameOf(sight)).Text("cat", "handler");
  Describe(sight, slice);
  file_.Add(slice.Take());
  if (sight.flow == 0) return;
  TraceEvent arrow('f', begin);
  arrow.Text("name", "message").Text("cat", "message").Text("id", Hexadecimal(sight.flow));
  file_.Add(arrow.Text("bp", "e").Take());
}

void Trace::EndHandler(Moment end) {
  file_.Add(TraceEvent('E', end).Take());
}

void Trace::Instant(std::string_view name, const ChannelName& channel, Moment when) {
  TraceEvent event('i', when);
  event.Text("name", name).Text("cat", "channel").Text("s", "t");
  file_.Add(event.Arguments().Text("channel", Numbered(channel)).Take());
}

void Trace::Instant(std::string_view name, Moment when) {
  file_.Add(TraceEvent('i', when).Text("name", name).Text("cat", "channel").Text("s", "t").Take());
}

void Trace::Queue(const ChannelName& channel, std::uint64_t bytes, Moment when) {
  TraceEvent event('C', when);
  event.Text("name", "queue " + Numbered(channel)).Text("cat", "channel");
  file_.Add(event.Arguments().Number("bytes", bytes).Take());
}

}  // namespace baton::internal
