// Where a peer hands memory over, and with what: each of these is a whole channel that says one
// thing with one handle.
#pragma once

#include <cstddef>
#include <span>

#include "runtime/channel/loans.h"
#include "tests/hostile/evil_peer.h"

namespace baton::testing {

using Lie = void (*)(EvilPeer& evil, std::span<const platform::Handle> handle);

inline void AsShmem(EvilPeer& evil, std::span<const platform::Handle> handle) {
  evil.Begin(VictimKind::kPlain);
  evil.SayHello();
  evil.SendFill(EvilPeer::ReferenceTo(EvilPeer::kSize), handle);
}

inline void AsUnsafeShmem(EvilPeer& evil, std::span<const platform::Handle> handle) {
  evil.Begin(VictimKind::kPlain);
  evil.SayHello();
  evil.SendTouch(EvilPeer::ReferenceTo(EvilPeer::kSize, wire::ShmemReference::kUnsafe), handle);
}

inline void AsRing(EvilPeer& evil, std::span<const platform::Handle> handle) {
  evil.Begin(VictimKind::kPlain);
  evil.SayHello(handle);
}

inline void AsPayload(EvilPeer& evil, std::span<const platform::Handle> handle) {
  evil.Begin(VictimKind::kPlain);
  evil.SayHello();
  evil.SendCarriedEcho(EvilPeer::kSize, handle);
}

// The victim has asked, and gets this.
inline void Lend(EvilPeer& evil, const wire::Message& what, std::span<const std::byte> payload,
                 std::span<const platform::Handle> handle) {
  REQUIRE(evil.Heard(internal::FrameKind::kAsk));
  auto header = evil.ControlHeader(internal::FrameKind::kReply);
  header.message = what.id;
  header.call = internal::kLoanCall + 1;
  evil.Say(header, payload, handle);
}

inline void AsLentShmem(EvilPeer& evil, std::span<const platform::Handle> handle) {
  evil.Begin(VictimKind::kBorrows);
  evil.SayHello();
  evil.SendCount(kAskForShmem);
  const Shmem placeholder;
  const void* const values[] = {&placeholder};
  const auto reference = EvilPeer::ReferenceTo(EvilPeer::kSize);
  Lend(evil, internal::kLoanOfShmem,
       EvilPeer::PayloadWith(internal::kLentShmemTable, values, reference), handle);
}

inline void AsLentUnsafeShmem(EvilPeer& evil, std::span<const platform::Handle> handle) {
  evil.Begin(VictimKind::kBorrows);
  evil.SayHello();
  evil.SendCount(kAskForUnsafe);
  const UnsafeShmem placeholder;
  const void* const values[] = {&placeholder};
  const auto reference = EvilPeer::ReferenceTo(EvilPeer::kSize, wire::ShmemReference::kUnsafe);
  Lend(evil, internal::kLoanOfUnsafe,
       EvilPeer::PayloadWith(internal::kLentUnsafeTable, values, reference), handle);
}

inline void AsLentRing(EvilPeer& evil, std::span<const platform::Handle> handle) {
  evil.Begin(VictimKind::kBorrowsRing);
  evil.SayHello();
  const FileDescriptor placeholder = Must(handle.front().Duplicate());
  const void* const values[] = {&placeholder};
  const std::uint32_t first_handle = 0;
  Lend(evil, internal::kLoanOfRing,
       EvilPeer::PayloadWith(internal::kLentRingTable, values, first_handle), handle);
}

struct Place {
  const char* name;
  Lie lie;
};

inline constexpr Place kPlaces[] = {
    {"a Shmem", &AsShmem},
    {"an UnsafeShmem", &AsUnsafeShmem},
    {"a ring", &AsRing},
    {"a payload", &AsPayload},
    {"a Shmem that was asked for", &AsLentShmem},
    {"an UnsafeShmem that was asked for", &AsLentUnsafeShmem},
    {"a ring that was asked for", &AsLentRing},
};

}  // namespace baton::testing
