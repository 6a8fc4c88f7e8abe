// Verdicts about real memory with the labels that Baton's runtime writes: who owns it say the page
// tables.
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <string>

#include <baton/platform/object_label.h>
#include "tests/memtrack/scan/held_memory.h"
#include "tests/memtrack/scan/looks.h"
#include "tests/support/leak_check.h"
#include "tests/support/peer.h"
#include "tests/support/skip.h"
#include "tests/support/watchdog.h"
#include "tools/memtrack/model/build_model.h"
#include "tools/memtrack/rules/rules.h"

using namespace memtrack;
using namespace memtrack_test;
using baton::platform::LabelObject;
using baton::testing::LeakCheck;
using baton::testing::PeerKind;
using baton::testing::Watchdog;

namespace {

constexpr const char* kName = "baton:samples::PImage:4f12ab0c77d1e900";

// Makes memory as the runtime does (runtime/shmem/record_labels.cc), hands it over and ends.
PEER(MakesAndEnds) {
  const Handle memfd = MakeMemfd(kName);
  const bool is_labelled = LabelObject(memfd, "id", "4f12ab0c77d1e900c1d2aa8731e05b6f") &&
                           LabelObject(memfd, "kind", "shmem") &&
                           LabelObject(memfd, "protocol", "samples::PImage") &&
                           LabelObject(memfd, "creator", std::to_string(::getpid()));
  SendDescriptors(channel_end, is_labelled ? 'y' : 'n', {memfd.get()});
  Hear(channel_end);
}

std::vector<Model> TwoLooks(const std::vector<int>& processes) {
  std::vector<Model> models;
  for (int pass = 0; pass < 2; ++pass) {
    models.push_back(BuildModel(LookAt(processes), Share::kOwner));
  }
  return models;
}

}  // namespace

TEST_CASE("memtrack: memory whose maker has ended is no leak while somebody can touch it") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  auto peer = START_PEER(PeerKind::kProcess, MakesAndEnds);
  const int maker = peer.pid();
  Handle end = peer.TakeEnd();
  Await(end);
  const Received received = ReceiveDescriptors(end);
  REQUIRE(received.handles.size() == 1);
  if (received.byte != 'y') {
    peer.Kill();
    SKIP_TEST("memfds of this kernel take no attributes");
  }
  void* const mapped = MapPages(received.handles[0]);

  const auto living = TwoLooks({::getpid(), maker});
  const SegmentUse* use = nullptr;
  for (const SegmentUse& one : living.back().segments) {
    if (one.segment.name == kName) use = &one;
  }
  REQUIRE(use != nullptr);
  REQUIRE(use->baton.has_value());
  CHECK(use->baton->creator == maker);
  const auto creator = Course(living).CreatorOf(*use);
  REQUIRE(creator.has_value());
  CHECK(creator->pid == maker);
  CHECK(creator->start_time != 0);
  CHECK(Course(living).AgeOf(*use) >= 0);
  CHECK(Course(living).AgeOf(*use) < std::int64_t{600} * 1'000'000'000);
  peer.Kill();

  CHECK(Judge(TwoLooks({::getpid()}), {}).empty());
  Expect(::mprotect(mapped, kPage, PROT_NONE) == 0, "mprotect");  // as if handed over
  const auto verdicts = Judge(TwoLooks({::getpid()}), {});
  REQUIRE(verdicts.size() == 1);
  CHECK(verdicts[0].finding == Finding::kOrphaned);
  CHECK(verdicts[0].tag == "samples::PImage");
  ::munmap(mapped, kPage);
}

TEST_CASE("memtrack: a process that was started after the memory has not made it") {
  const LeakCheck leak_check;
  const Handle memfd = MakeMemfd(kName);
  void* const mapped = MapPages(memfd);
  // A process as old as the machine, and one that is younger than the memory by a second, behind
  // all others: the snapshot has them in order.
  constexpr int kMaker = 1 << 23;
  Snapshot snapshot = LookAt({::getpid()});
  REQUIRE(snapshot.since_boot.has_value());
  for (Segment& segment : snapshot.segments) {
    if (segment.name == kName) segment.attributes["creator"] = std::to_string(kMaker);
  }
  Process maker = snapshot.processes.front();
  const bool is_young = GENERATE(true, false);
  maker.key = {kMaker,
               is_young ? static_cast<std::uint64_t>(*snapshot.since_boot / 10'000'000) + 100 : 1};
  snapshot.processes.push_back(maker);
  const std::vector<Model> models = {BuildModel(snapshot, Share::kOwner),
                                     BuildModel(snapshot, Share::kOwner)};
  const Course course(models);
  for (const SegmentUse& use : course.last().segments) {
    if (use.segment.name != kName) continue;
    const auto creator = course.CreatorOf(use);
    REQUIRE(creator.has_value());
    CHECK(IsAlive(course.last(), *creator) == !is_young);
  }
  ::munmap(mapped, kPage);
}
