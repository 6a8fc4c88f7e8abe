// What the kernel and the memory offer, with nothing around it: the physical limit of the others.
//   stream, seqpacket, pipe          copies through the kernel
//   spin, futex, eventfd, epoll,     rings in shared memory, by what a side does that waits
//   spinfutex                        (bench/bare/bare_ring.h); payloads in shared memory that is
//                                    mapped and touched beforehand
//   memfd                            a new memfd for each payload, passed over a stream
#include "bench/peers/bare_systems.h"

#include <map>
#include <string>

#include <baton/base/check.h>

#include "bench/peers/harness.h"

namespace {

using bench::Waiting;

const std::map<std::string, Waiting> kRings = {
    {"spin", Waiting::kSpin},
    {"futex", Waiting::kFutex},
    {"eventfd", Waiting::kBell},
    {"epoll", Waiting::kEpoll},
    {"spinfutex", Waiting::kSpinThenFutex},
};

void Serve(const std::string& variant) {
  if (const auto ring = kRings.find(variant); ring != kRings.end())
    return peers::ServeRing(ring->second);
  if (variant == "memfd") return peers::ServeMemfd();
  peers::ServeStream(variant);
}

void RunClient(const peers::Run& run) {
  if (const auto ring = kRings.find(run.variant); ring != kRings.end())
    return peers::RunRing(run, ring->second);
  if (run.variant == "memfd") return peers::RunMemfd(run);
  peers::RunStream(run);
}

}  // namespace

int main(int argc, char** argv) {
  return peers::PeerMain(
      argc, argv,
      {"bare",
       {"spin", "spinfutex", "futex", "eventfd", "epoll", "stream", "seqpacket", "pipe", "memfd"},
       Serve,
       RunClient});
}
