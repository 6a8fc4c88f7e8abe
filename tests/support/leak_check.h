// Finds what a test leaves behind: file descriptors, mappings of shared memory, child processes,
// names of ours in /dev/shm; and, seen by an observer of its own (memory_observer.h), memory of
// Baton's that this process or a child of it holds.
//
//   TEST_CASE("...") {
//     const LeakCheck leak_check;
//
// Make it the first object of the test, so that it goes away last. Sources: /proc/self (proc(5)).
#pragma once

#include <map>
#include <string>

#include "tests/support/memory_observer.h"

namespace baton::testing {

// What this process holds at one moment. Each map: what it is -> how many.
struct OpenResources {
  std::map<std::string, int> descriptors;   // "fd 7 -> socket:[1234]"
  std::map<std::string, int> mappings;      // "/memfd:name (deleted), inode 77": memfd and shm only
  std::map<std::string, int> children;      // "process 4711 (name)", zombies as well
  std::map<std::string, int> shared_names;  // "/dev/shm/baton..."
  std::map<int, HeldMemory> baton_memory;   // of this process and each child, by its number

  static OpenResources Now();
};

// What `after` has more than `before`, a line each; empty when nothing leaked. Something that was
// closed and replaced by something else of its sort is no leak.
std::string DescribeLeaks(const OpenResources& before, const OpenResources& after);

// What has come from a peer and was refused may be closed by a thread (platform::CloseForeign), in
// a moment. Waits for that, as long as kPatience.
void AwaitForeignHandles();

// Fails the test (as CHECK does) if there is more when it goes away than when it was made.
class LeakCheck {
 public:
  LeakCheck() : before_(OpenResources::Now()) {}
  LeakCheck(const LeakCheck&) = delete;
  LeakCheck& operator=(const LeakCheck&) = delete;
  ~LeakCheck();

 private:
  const OpenResources before_;
};

}  // namespace baton::testing
