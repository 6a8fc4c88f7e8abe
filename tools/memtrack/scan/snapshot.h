// What one look at the machine has found: which shared memory there is and who holds it. The
// finished product of the scan, and all that models, verdicts and views know. Plain data: nothing
// in here asks the kernel again.
//
// What could not be seen is absent (std::nullopt) or counted in Coverage, never guessed.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <baton/platform/account/registry_format.h>

namespace memtrack {

enum class SegmentKind : std::uint8_t {
  kMemfd,
  kPosix,      // a file of a tmpfs, as of shm_open
  kSysV,       // shmget
  kAnonymous,  // mmap(MAP_SHARED | MAP_ANONYMOUS)
  kDmabuf,
  kHugetlb,
};

// What names a piece of memory. Device and inode alone do not: the inode of a SysV segment is its
// shmid, on the same device as memfds. Ids are used again in other IPC namespaces, so the upper
// half of `device` is then the number of that namespace.
struct SegmentKey {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  SegmentKind kind = SegmentKind::kMemfd;
  friend auto operator<=>(const SegmentKey&, const SegmentKey&) = default;
};

// A process for as long as it lives: numbers are used again, pairs of number and start are not.
struct ProcessKey {
  int pid = 0;
  std::uint64_t start_time = 0;  // clock ticks since boot, as /proc/PID/stat says
  friend auto operator<=>(const ProcessKey&, const ProcessKey&) = default;
};

struct Segment {
  SegmentKey key;
  std::string name;  // of a memfd what its maker said, without "memfd:"; of a file its path
  std::optional<std::uint64_t> size;       // bytes, as its length says
  std::optional<std::uint64_t> allocated;  // bytes that memory or swap really backs
  std::optional<std::int64_t> born;        // nanoseconds since 1970
  std::optional<std::uint32_t> creator_uid;
  std::optional<std::uint32_t> seals;             // F_SEAL_*; absent: not to be sealed, or not seen
  std::map<std::string, std::string> attributes;  // of user.baton.*, without that prefix
  // When its name, length, owner or attributes were changed last (ctime), nanoseconds since 1970.
  // Absent where that is no proof against another change. For the next scan: not recorded.
  std::optional<std::int64_t> changed;
};

struct Process {
  ProcessKey key;
  int parent_pid = 0;
  std::uint32_t uid = 0;
  std::string command;  // comm, 15 bytes
  std::string cgroup;
  bool is_stopped = false;      // by a signal or a debugger
  bool leader_is_dead = false;  // other threads go on, and hold what it held
  bool is_readable = true;      // false: we were not let in, holdings are unknown or not all
  // Numbers of its namespaces, to tell containers; 0: not seen.
  std::uint64_t pid_namespace = 0;
  std::uint64_t mount_namespace = 0;
};

// One descriptor of one process (of one thread, where threads have tables of their own).
struct DescriptorHold {
  SegmentKey segment;
  ProcessKey process;
  int thread = 0;  // whose table it is in, by its number; 0: that of the whole process
  int descriptor = -1;
  bool is_close_on_exec = false;
  bool is_writable = false;
  std::uint64_t open_file =
      0;  // equal for duplicates of one open file in this snapshot; 0: unknown
};

// One mapping of one process.
struct MappingHold {
  SegmentKey segment;
  ProcessKey process;
  std::uint64_t address = 0;
  std::uint64_t length = 0;  // bytes
  std::uint64_t offset = 0;  // bytes into the segment
  bool is_readable = false;  // of PROT_NONE nothing is true: what Baton has revoked
  bool is_writable = false;
  bool is_executable = false;
  bool is_private = false;  // copy on write: no sharing of what is written
};

// Descriptors that lie in the queue of a socket, sent and not received.
struct InFlightHold {
  ProcessKey receiver;  // one that has the receiving socket
  int thread = 0;       // as DescriptorHold::thread, of the socket
  int socket_descriptor = -1;
  std::uint64_t socket_inode = 0;
  std::uint32_t descriptors = 0;     // of any kind, all that lie there
  std::vector<SegmentKey> segments;  // those of them that could be looked at
};

// Whether a registry (docs/memtrack-registry.md) is listened to.
enum class RegistryStanding : std::uint8_t {
  kBelieved,   // only its process can write it
  kUnsealed,   // others can
  kMalformed,  // it is none
  kSeveral,    // a process has more than one, or more than one process writes it
};

// The registry that one process writes.
struct ProcessRegistry {
  ProcessKey process;
  SegmentKey memory;
  RegistryStanding standing = RegistryStanding::kBelieved;
  std::uint64_t unlisted = 0;  // pieces for which it has no room, as it says
  std::uint32_t nonsense = 0;  // entries that mean nothing
};

// What a process says in a registry that is believed about one piece of Baton's memory: its word,
// and nobody else's.
struct Claim {
  ProcessKey process;
  SegmentKey segment;  // kMemfd where nobody has seen such memory
  baton::platform::RegistryState state = baton::platform::RegistryState::kOwned;
  bool keeps_access = false;  // handing it over takes no access away
  int peer_pid = 0;           // 0: not known
  std::uint64_t bytes = 0;    // what its owner may use
  std::uint64_t transfers = 0;
  std::uint64_t sequence = 0;           // grows with each change
  std::optional<std::int64_t> lasting;  // nanoseconds that it has been so
  bool is_steady = false;               // did not change while the mappings were read
};

// What the whole machine says, in bytes, to find memory that nobody explains.
struct MachineMemory {
  std::uint64_t shmem = 0;       // Shmem of /proc/meminfo
  std::uint64_t tmpfs_used = 0;  // of all tmpfs that are seen, each once
  std::uint64_t explained = 0;   // allocated bytes of seen segments that lie in no mounted tmpfs
  // What is left; may be negative by some 100 KiB, as the kernel counts in batches per processor.
  std::int64_t ghosts() const {
    return static_cast<std::int64_t>(shmem) - static_cast<std::int64_t>(tmpfs_used + explained);
  }
};

// How much of the machine was seen.
struct Coverage {
  std::uint32_t read = 0;              // processes
  std::uint32_t denied = 0;            // processes that let us see nothing
  std::uint32_t gone = 0;              // processes that ended meanwhile: no row
  std::uint32_t unsized_segments = 0;  // only mapped, and we may not ask how large they are
  // Sockets with descriptors in flight that we could not, or may not, look into.
  std::uint32_t closed_sockets = 0;
  // Namespaces other than ours that processes are in. Their tmpfs are missing in MachineMemory.
  std::uint32_t other_mount_namespaces = 0;
  std::uint32_t reused = 0;  // of `read`: processes that had not changed and were not read again
  bool is_partial() const { return denied > 0 || unsized_segments > 0; }
};

struct Snapshot {
  std::int64_t taken_at = 0;    // nanoseconds since 1970, when the scan began
  std::int64_t scan_nanos = 0;  // how long it took
  // The same moment in nanoseconds since boot, by a clock that nobody sets. Less than taken_at by
  // when the machine was booted, in the time of its clock of now.
  std::optional<std::int64_t> since_boot;
  std::vector<Process> processes;  // by key; all that were seen, also those that hold nothing
  std::vector<Segment> segments;   // by key
  std::vector<DescriptorHold> descriptors;
  std::vector<MappingHold> mappings;
  std::vector<InFlightHold> in_flight;
  std::vector<ProcessRegistry> registries;
  std::vector<Claim> claims;  // by segment and process
  MachineMemory machine;
  Coverage coverage;
};

}  // namespace memtrack
