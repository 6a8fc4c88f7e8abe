// What shared memory is made of in this process, and what that can promise.
#pragma once

#include <cstdint>

namespace baton::platform {

// The most that one piece of memory may have, of whatever kind: nothing that is computed from sizes
// and offsets up to it can overflow.
inline constexpr std::uint64_t kMostMemoryBytes = std::uint64_t{1} << 47;

// Promises of a kind of shared memory, for tests that would else promise too much, and for reports.
// One constant for each kind; docs/porting.md compares them.
struct BackendCapabilities {
  const char* name = "";
  // Nobody can change the size of memory that is shared. Without that, whoever has a handle of it
  // may shrink it under those who read it: they read zeros then, and are told
  // (Mapping::is_damaged).
  bool sealed = false;
  // A receiver can have it from the kernel that nobody writes any more. Without that, what is to be
  // read in place is copied first.
  bool freeze_is_proof = false;
  // It never has a name that others could see, or squat on.
  bool is_anonymous = false;
};

// Those that this system has.
enum class MemoryBackend : std::uint8_t {
  kMemfd,     // sealed, never had a name
  kPosixShm,  // shm_open: no seals; for systems that have nothing better
};

// What this process makes, chosen once: kMemfd, unless BATON_MEMORY=posix says otherwise. It is
// never chosen by itself where memfds are refused: weaker memory is somebody's decision.
MemoryBackend CurrentMemoryBackend();

const BackendCapabilities& CapabilitiesOf(MemoryBackend backend);

// Whether memory of a peer's is taken whose size can change, or whose content, where that should be
// frozen.
enum class UnsealedMemory : std::uint8_t {
  kAsWeMake,  // only by a process that makes such memory itself
  kAccept,
  kRefuse,
};

bool IsAccepted(UnsealedMemory wish);

}  // namespace baton::platform
