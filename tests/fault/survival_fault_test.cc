// Every system call between handing memory over, losing the peer, and attaching the memory to
// the successor's channel fails once.
#include <cerrno>
#include <vector>

#include <baton/shmem_store.h>
#include "tests/fault/sweep_errors.h"
#include "tests/process/echo_actors.h"
#include "tests/support/watchdog.h"

namespace baton::testing {
namespace {

constexpr std::uint64_t kSizeSurviving = 10'000;
constexpr std::uint64_t kLabel = 7;

// Both sides of one channel in this thread, the parent's with a store.
struct Channel {
  Result<void> Open(io_context& io, const std::shared_ptr<ShmemStore>& store) {
    BATON_TRY(auto ends, (CreateEndpoints<::testing::PEchoParent, ::testing::PEchoChild>()));
    BATON_CHECKED(std::move(ends.first)
                      .Bind(parent, io.get_executor(), {.store = store, .trust_label = kLabel}));
    return std::move(ends.second).Bind(child, io.get_executor());
  }
  void Close() const {
    parent->Close();
    child->Close();
  }
  std::shared_ptr<EchoParent> parent = std::make_shared<EchoParent>();
  std::shared_ptr<EchoChild> child = std::make_shared<EchoChild>();
};

// One piece is under way when the child closes, one is kept by the parent and never sent.
Result<void> Lose(io_context& io, Channel& channel, const std::shared_ptr<ShmemStore>& store) {
  BATON_CHECKED(channel.Open(io, store));
  BATON_TRY(Shmem memory, channel.parent->AllocShmem(kSizeSurviving));
  BATON_TRY(const Shmem kept, channel.child->AllocShmem(kSizeSurviving, ShmemUse::kSurvivable));
  memory.bytes()[kSizeSurviving - 1] = std::byte{5};
  BATON_CHECKED(channel.parent->SendCloseYourself());
  return channel.parent->SendKeep(std::move(memory));
}

// True when the memory came back and went to the second channel as it was.
bool LoseAndAttach() {
  io_context io;
  const auto store = ShmemStore::Create(io.get_executor());
  if (!store) return false;
  Channel first;
  const auto lost = Lose(io, first, *store);
  if (!lost) first.Close();
  io.run();
  std::vector<ReturnedShmem> returned = (*store)->TakeReturned();

  Channel second;
  bool is_whole = false;
  const auto opened = second.Open(io, *store);
  const bool may_go_on =
      opened && returned.size() == 1 && second.parent->Attach(returned[0].memory).has_value();
  if (may_go_on) {
    const auto look = [&](boost::system::error_code error, Shmem back) {
      is_whole = !error && back.size() == kSizeSurviving &&
                 back.bytes()[kSizeSurviving - 1] == std::byte{9};
      second.Close();
    };
    second.parent->SendFill(std::move(returned[0].memory), 9, look);
  } else {
    second.Close();
  }
  io.restart();
  io.run();
  return is_whole;
}

TEST_CASE("faults: whichever call fails while memory is lost and attached, nothing is leaked") {
  const Watchdog watchdog;
  REQUIRE(LoseAndAttach());
  SweepErrors(LoseAndAttach);
}

}  // namespace
}  // namespace baton::testing
