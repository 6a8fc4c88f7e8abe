// How a process says, in memory that it alone can write, what has become of its shared memory: for
// whoever looks at the machine (docs/memtrack-registry.md). 64 KiB, one for each process:
//
//   header   64 bytes   RegistryHeader
//   entries  64 bytes each, one for each piece that it maps; words of 64 bits, in this machine's
//   order
//
// An entry's first word is its sequence: odd while the rest is being written. Numbers are for ever;
// what is added later lies behind what is known.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace baton::platform {

// Of the memory; no piece of Baton's is called so (those begin with "baton:").
inline constexpr char kRegistryName[] = "baton-registry";
inline constexpr std::array<char, 8> kRegistryMagic = {'B', 'A', 'T', 'O', 'N', 'R', 'E', 'G'};
inline constexpr std::uint32_t kRegistryVersion = 1;

enum class RegistryState : std::uint8_t {
  kFree = 0,      // the entry is nobody's
  kOwned = 1,     // this process may touch it, and nobody else
  kInFlight = 2,  // handed over, and the peer has not said that it has taken it
  kAtPeer = 3,    // handed over, or never ours
  kShared = 4,    // both may touch it
  kFrozen = 5,    // nobody writes it any more
  kPooled = 6,    // nobody uses it; kept to be given out again
  kOrphan = 7,    // the channel has ended, and the peer, who has it, has not
};
inline constexpr auto kLastRegistryState = RegistryState::kOrphan;

struct RegistryHeader {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t entry_size;  // bytes
  std::uint32_t entry_count;
  std::uint32_t pid;       // the writer's, as it sees itself
  std::uint64_t unlisted;  // pieces of now for which there was no entry left
  std::array<std::uint64_t, 4> reserved;
};
static_assert(sizeof(RegistryHeader) == 64);

// The words of an entry.
enum RegistryWord : std::size_t {
  kSequenceWord,
  kDeviceWord,  // of the piece, as st_dev
  kInodeWord,
  kStateWord,  // RegistryState | flags << 8 | pid of the peer << 32 (0: not known)
  kBytesWord,  // what its owner may use of it
  kTransfersWord,
  kSinceWord,  // when it came into this state: nanoseconds of CLOCK_MONOTONIC, to some milliseconds
  kReservedWord,
  kRegistryWords,
};

// A flag: handing it over takes no access away (Revocation::kNone), so that mappings say nothing.
inline constexpr std::uint8_t kKeepsAccess = 1;

inline constexpr std::size_t kRegistryBytes = 64 << 10;
inline constexpr std::size_t kRegistryEntrySize = kRegistryWords * sizeof(std::uint64_t);
inline constexpr std::size_t kRegistryEntries =
    (kRegistryBytes - sizeof(RegistryHeader)) / kRegistryEntrySize;
static_assert(kRegistryEntries == 1023);

}  // namespace baton::platform
