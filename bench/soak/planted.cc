#include "bench/soak/planted.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <memory>
#include <vector>

namespace soak {
namespace {

void LeakMemory() {
  static std::vector<std::unique_ptr<char[]>> leaked;  // the compiler may not leave it out
  leaked.push_back(std::make_unique<char[]>(4 << 20));
}

}  // namespace

void MakeMistake(Plant plant, SoakParent& actor, int pid) {
  switch (plant) {
    case Plant::kNone: return;
    case Plant::kLeakDescriptor: return (void)::dup(STDERR_FILENO);
    case Plant::kLeakMemory: return LeakMemory();
    case Plant::kLeakSegment: return (void)::memfd_create("planted", MFD_CLOEXEC);
    case Plant::kSkipNumber: return actor.SkipNumber();
    case Plant::kSpoilContent: actor.SpoilNextHash(); return actor.Do(Deed::kNote, 100, 1);
    case Plant::kForgetAnswer:
      return (void)std::make_shared<Asked>(actor.shared_life(), "a planted question");
    case Plant::kKillUnannounced: return (void)::kill(pid, SIGKILL);
  }
}

}  // namespace soak
