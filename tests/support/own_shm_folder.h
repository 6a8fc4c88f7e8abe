// A process with a /dev/shm of its own: what it leaves there, or finds, is nobody else's.
//
//   PEER(Squats) {
//     EnterOwnShmFolder();
//     ...
//   }
//   TEST_CASE("...") {
//     const Guarded guarded;
//     RUN_IN_OWN_SHM_FOLDER(Squats);
//   }
#pragma once

#include <sched.h>
#include <sys/mount.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/support/peer.h"
#include "tests/support/skip.h"

namespace baton::testing {

inline constexpr int kNoOwnFolder = 77;

// In a namespace of mounts (mount_namespaces(7)); ends the process where that is not allowed.
inline void EnterOwnShmFolder(const char* options = "size=16m") {
  const bool is_alone = ::unshare(CLONE_NEWNS) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
  const bool is_own = is_alone &&
                      ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                      ::mount("tmpfs", "/dev/shm", "tmpfs", 0, options) == 0;
  if (!is_own) std::_Exit(kNoOwnFolder);
}

// False: it may not mount here.
inline bool RunsInOwnShmFolder(const PeerProgram& program) {
  Peer peer(PeerKind::kProcess, program);
  const platform::ExitStatus end = peer.AwaitEnd();
  if (end.signal == 0 && end.code == kNoOwnFolder) return false;
  CHECK(end.signal == 0);
  CHECK(end.code == 0);
  return true;
}

}  // namespace baton::testing

#define RUN_IN_OWN_SHM_FOLDER(Name) \
  if (!::baton::testing::RunsInOwnShmFolder(Name)) SKIP_TEST("may not mount a file system here")
