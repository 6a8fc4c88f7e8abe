// The system calls that Baton makes after the start of a process, for whoever locks it up.
//
//   for (const SystemCall& call : RequiredSyscalls(SandboxRole::kChild)) ...
//
// It is a list to be turned into a seccomp filter: by ApplySandbox, by libseccomp, by the sandbox
// that a program has already. Whatever is not in it Baton does without. It is for this
// architecture, and for glibc; docs/sandbox.md has it as a table.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace baton::platform {

// What a process does with Baton once it is locked up. Each may do what kChild does, too.
enum class SandboxRole : std::uint8_t {
  kChild,     // talks through the channels that it has, and gets or gives others through these
  kClient,    // connects to listeners
  kListener,  // listens under a name
  kLauncher,  // launches children; they inherit its filter, and need more themselves to start
};

struct SandboxNeeds {
  // AllocShmem, rings and large messages. Without it memfd_create is refused with EPERM, and Baton
  // sends without a ring.
  bool makes_memory = true;
  // io_contexts. False when all of them are made before.
  bool makes_loops = true;
  // Baton starts one when a peer sends what may not close at once (CloseForeign), and keeps that
  // open where it may not. The first system calls of a new thread belong to it.
  bool starts_threads = false;
};

// Who makes a call. All of them are needed.
enum class SyscallOwner : std::uint8_t {
  kBaton,
  kAsio,     // in the name of Baton
  kLibrary,  // glibc and libstdc++, for anybody: malloc, locks, the end
};

// Of one argument: (argument & mask) == value.
struct ArgumentCondition {
  enum class Value : std::uint8_t {
    kNumber,
    kOwnProcess,  // the id of the process that is locked up, in place of `value`
  };

  unsigned index = 0;  // from 0
  std::uint64_t mask = 0;
  std::uint64_t value = 0;
  Value kind = Value::kNumber;
};

// One way to make a call. A number may stand there several times: each of its ways will do.
struct SystemCall {
  int number = -1;
  std::string name;
  std::vector<ArgumentCondition> conditions = {};  // all of them; empty: whatever the arguments
  std::string condition_text = {};                 // the same for people, "" if there is none
  // 0: it is to be let through. Else its caller asks for something that it can do without, and has
  // to be told so, by this errno.
  int refuse_with = 0;
  SyscallOwner owner = SyscallOwner::kBaton;
  std::string purpose = {};
};

// In the order of docs/sandbox.md. Any thread.
std::vector<SystemCall> RequiredSyscalls(SandboxRole role, const SandboxNeeds& needs = {});

}  // namespace baton::platform
