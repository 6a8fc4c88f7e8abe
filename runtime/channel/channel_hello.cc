// The part of Channel that hears who the peer is.
#include <array>
#include <cstdio>
#include <utility>

#include <baton/platform/state_point.h>

#include "runtime/channel/channel.h"
#include "runtime/channel/control_messages.h"
#include "runtime/wire/decoder.h"

namespace baton::internal {
namespace {

std::string Hexadecimal(std::uint64_t number) {
  std::array<char, 17> digits = {};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(number));
  return digits.data();
}

// Text of the peer's that goes into a log: printable, and not too much of it.
std::string Printable(const std::string& text) {
  std::string printable = text.substr(0, 80);
  for (char& letter : printable) {
    if (letter < ' ' || letter > '~') letter = '?';
  }
  return printable;
}

}  // namespace

void Channel::OnHello(Frame& frame) {
  if (hello_received_) return (void)Fault(Rule::kHelloTwice, "a second introduction");
  Hello hello;
  void* const values[] = {&hello.wire_version,     &hello.protocol, &hello.schema_hash,
                          &hello.protocol_version, &hello.side,     &hello.flow};
  const auto decoded = wire::Decode(kTracedHelloTable, frame.payload, values);
  if (!decoded) return (void)Fault(decoded.error(), "HELLO");

  const wire::Protocol& ours = actor_->protocol_;
  const auto other_side =
      static_cast<std::uint8_t>(actor_->side_ == Side::kParent ? Side::kChild : Side::kParent);
  if (hello.wire_version != kWireVersion) {
    return (void)Fault(Rule::kWireVersion, "version " + std::to_string(kWireVersion) + " here, " +
                                               std::to_string(hello.wire_version) + " there");
  }
  if (hello.protocol != ours.name || hello.side != other_side) {
    return (void)Fault(Rule::kProtocolMismatch, Printable(hello.protocol) + ", side " +
                                                    std::to_string(hello.side) + ", there");
  }
  const auto agreed = AgreeOnVersion(hello.protocol_version, hello.schema_hash);
  if (!agreed) return;
  version_ = *agreed;
  platform::StatePoint("hello.heard");
  if (!frame.handles.empty() && !TakeRing(std::move(frame.handles.front()))) return;
  hello_received_ = true;
  SettleIdentity();
  view_.peer_flow = hello.flow;
  if (promised_since_ > version_) {
    return End(ActorDestroyReason::kAbnormalShutdown, Errc::kPeerTooOld,
               std::string(ours.name) + ": version " + std::to_string(version_) +
                   " there, and something of version " + std::to_string(promised_since_) +
                   " was sent before that was known",
               Errc::kPeerTooOld);
  }
  if (phase_ == Phase::kOpen) Silence(*deadline_);
  queue_.HoldData(false);
  Flush();
}

// Asio leaves the system's timer armed for what was cancelled, and an idle process would wake once
// for nothing. With another wait in its place it is armed anew.
void Channel::Silence(boost::asio::steady_timer& timer) {
  timer.expires_at(Clock::time_point::max());
  timer.async_wait([](boost::system::error_code) {});
  timer.cancel();
}

// The newer side decides: it knows what the older ones were.
std::optional<std::uint32_t> Channel::AgreeOnVersion(std::uint32_t theirs,
                                                     std::uint64_t their_hash) {
  const wire::Protocol& ours = actor_->protocol_;
  if (theirs > ours.version) return ours.version;
  const bool is_known =
      theirs != 0 && (theirs == ours.version ? their_hash == ours.schema_hash
                                             : theirs <= ours.older_hashes.size() &&
                                                   their_hash == ours.older_hashes[theirs - 1]);
  if (is_known) return theirs;
  (void)Fault(Rule::kSchemaMismatch, "version " + std::to_string(ours.version) + ", schema hash " +
                                         Hexadecimal(ours.schema_hash) + " here, version " +
                                         std::to_string(theirs) + ", " + Hexadecimal(their_hash) +
                                         " there");
  return std::nullopt;
}

bool Channel::TakeRing(platform::Handle handle) {
  auto memory = platform::SharedMemory::AdoptRing(
      std::move(handle), RingMemorySize(kLargestDataRing), options_.unsealed_memory);
  std::error_code error;
  if (!memory) {
    error = memory.error();
  } else if (!IsRingMemorySize(memory->size())) {
    error = Rule::kRing;
  } else if (auto mapping = memory->Map({.revocation = platform::Revocation::kNone}); !mapping) {
    error = mapping.error();
  } else {
    incoming_memory_ = *std::move(mapping);
    inbox_.AttachRing(incoming_memory_.bytes());
    platform::StatePoint("ring.taken");
    return true;
  }
  if (error == Cause::kPeerFault) {
    (void)Fault(error, "the ring");
  } else {
    End(ActorDestroyReason::kAbnormalShutdown, error, error.message() + ", for the ring",
        Errc::kClosed);
  }
  return false;
}

}  // namespace baton::internal
