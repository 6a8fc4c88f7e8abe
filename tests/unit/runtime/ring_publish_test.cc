// In which order a writer shows its two lanes: seen by a page fault, which no schedule can hide.
#include <sys/mman.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstddef>
#include <cstdlib>

#include <baton/platform/shared_memory.h>

#include "runtime/channel/ring_words.h"
#include "tests/support/must.h"
#include "tests/unit/runtime/ring_memory.h"

namespace baton::internal {
namespace {

void* words_page = nullptr;
void* first_store = nullptr;

void NoteStore(int, siginfo_t* info, void*) {
  if (first_store == nullptr) first_store = info->si_addr;
  if (mprotect(words_page, kRingWordsSize, PROT_READ | PROT_WRITE) != 0) std::abort();
}

TEST_CASE("whoever sees a control frame sees the data that it waits for") {
  const auto memory = testing::Must(
      platform::SharedMemory::CreateRing("test:ring", RingMemorySize(kSmallestDataRing)));
  const auto mapping = testing::Must(memory.Map());
  std::byte* const begin = mapping.bytes().data();
  RingWriter writer(mapping.bytes());
  FrameHeader control = RingHeader(Lane::kControl, 1, 0);
  control.after = 1;
  REQUIRE(testing::Must(writer.Append(Lane::kControl, control, {})));
  REQUIRE(testing::Must(writer.Append(Lane::kData, RingHeader(Lane::kData, 1, 0), {})));

  words_page = begin;
  first_store = nullptr;
  struct sigaction note = {};
  struct sigaction before = {};
  note.sa_sigaction = NoteStore;
  note.sa_flags = SA_SIGINFO;
  REQUIRE(sigaction(SIGSEGV, &note, &before) == 0);
  const bool read_only = mprotect(begin, kRingWordsSize, PROT_READ) == 0;
  const bool must_wake = writer.Publish();
  REQUIRE(sigaction(SIGSEGV, &before, nullptr) == 0);

  REQUIRE(read_only);
  CHECK(must_wake);
  constexpr std::size_t kDataWritten = offsetof(RingWords, written) + sizeof(RingWords::Count);
  CHECK(first_store == begin + kDataWritten);
}

}  // namespace
}  // namespace baton::internal
