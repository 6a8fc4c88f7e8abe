// A peer that does anything: the input is a script of what it sends through stream and rings, and
// of what the victim does meanwhile. Nothing crashes or hangs; the channel ends once, with a reason
// that fits; nothing is left behind.
#include <boost/asio/io_context.hpp>
#include <cinttypes>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include <baton/base/check.h>
#include <baton/platform/account/registry_format.h>

#include "tests/fuzz/await_closed.h"
#include "tests/fuzz/channel/lying_peer.h"

namespace {

// The first ones open what stays open, once and for all.
constexpr int kInputsPerLeakCheck = 64;

// Memory alone: the fuzzer opens other things for itself.
int OpenMemory() {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;  // as is the iterator's own
    const auto what = std::filesystem::read_symlink(entry.path(), gone);
    const std::string& name = what.native();
    const bool is_registry = name.find(baton::platform::kRegistryName) != std::string::npos;
    if (name.find("memfd:") != std::string::npos && !is_registry) ++count;
  }
  return count;
}

// What the corpus has to get to: every handler, and every way to wait.
constexpr std::string_view kMustBeReached[] = {
    "PHost::Adopt",
    "PHost::Deal",
    "PHost::GiveBack",
    "PHost::Introduce",
    "PHost::Join",
    "PHost::Keep",
    "PHost::KeepAll",
    "PHost::Label",
    "PHost::LeaveSomebody",
    "PHost::Lend",
    "PHost::Meet",
    "PHost::Offer",
    "PHost::Serve",
    "PHost::Share",
    "PHost::Sit",
    "PHost::Tell",
    "PQueue::Ask",
    "PQueue::AskSoon",
    "PQueue::AskUrgent",
    "PQueue::Input",
    "PQueue::Latest",
    "PQueue::LatestAsk",
    "PQueue::LatestInput",
    "PQueue::Lazy",
    "PQueue::LazyContent",
    "PQueue::Medium",
    "PQueue::Newest",
    "PQueue::NewestMemory",
    "PQueue::Open",
    "PQueue::PSlot",
    "PQueue::Plain",
    "PQueue::Seen",
    "PQueue::ShowUrgent",
    "PQueue::Take",
    "PQueue::Urgent",
    "PQueue::Vsync",
    "PQueue::Wait",
    "PQueue::Waiting",
    "PSlot::Latest",
    "PSlot::Plain",
    "PSlot::Urgent",
    "PSync::Ask",
    "PSync::Check",
    "PSync::Confirm",
    "PSync::Cross, by the child",
    "PSync::Cross, by the parent",
    "PSync::Dive, by the child",
    "PSync::Dive, by the parent",
    "PSync::Divide",
    "PSync::Do",
    "PSync::Fetch",
    "PSync::Fill",
    "PSync::Hurry",
    "PSync::NewPart",
    "PSync::Note",
    "PSync::PSyncRoom, by the child",
    "PSync::PSyncRoom, by the parent",
    "PSync::PSyncVault",
    "PSync::Piece",
    "PSync::Question",
    "PSync::Show",
    "PSync::Swap",
    "PSync::TakeRoom",
    "PSync::Tell",
    "PSyncDesk::Owner",
    "PSyncPart::AskPart",
    "PSyncPart::Touch",
    "PSyncRoom::Knock, by the child",
    "PSyncRoom::Knock, by the parent",
    "PSyncRoom::PSyncDesk",
    "PSyncVault::Open",
    "PTalk::Hand",
    "PTalk::Say",
    "a desk is made",
    "a lazy message is sent",
    "a message is compressed",
    "a message is held",
    "a part is made",
    "a question is answered",
    "a question misses its deadline",
    "a room is made by the child",
    "a room is made by the parent",
    "a seat is made",
    "a slot is made",
    "a sync constructor is answered",
    "a sync constructor waits",
    "a vault is made",
    "an end is bound",
    "an end is passed on",
    "memory is borrowed",
    "testing::PSync::Ask is answered",
    "testing::PSync::Check is answered",
    "testing::PSync::Confirm is answered",
    "testing::PSync::Dive is answered",
    "testing::PSync::Divide is answered",
    "testing::PSync::Do is answered",
    "testing::PSync::Fetch is answered",
    "testing::PSync::Fill is answered",
    "testing::PSync::NewPart is answered",
    "testing::PSync::Show is answered",
    "testing::PSync::Swap is answered",
    "testing::PSync::Tell is answered",
    "testing::PSyncDesk::Owner is answered",
    "testing::PSyncPart::AskPart is answered",
    "testing::PSyncPart::Touch is answered",
    "testing::PSyncRoom::Knock is answered",
    "testing::PSyncVault::Open is answered",
    "the loop inside of a handler",
    "the script goes on while the victim blocks",
};

}  // namespace

// For the replay (replay_main.cc): prints how often what was reached. False when something that the
// corpus is there for never was.
extern "C" bool FuzzTargetWasReached() {
  const auto& counts = baton::fuzz::ReachedCounts();
  for (const auto& [what, count] : counts) {
    std::printf("%10" PRIu64 " %s\n", count, what.c_str());
  }
  bool is_all = true;
  for (const std::string_view what : kMustBeReached) {
    if (counts.contains(what)) continue;
    std::printf("never reached: %s\n", std::string(what).c_str());
    is_all = false;
  }
  return is_all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fuzz = baton::fuzz;
  static boost::asio::io_context io(1);
  static const fuzz::Repertoire repertoire;
  static int inputs = 0;
  static int open_memory = 0;

  fuzz::LyingPeer(io, repertoire, fuzz::Script(std::as_bytes(std::span(data, size)))).Play();
  fuzz::AwaitClosed();  // each time, so that what is never closed is put down to its input

  if (++inputs % kInputsPerLeakCheck == 0) {
    const int now = OpenMemory();
    if (open_memory == 0) open_memory = now;
    BATON_CHECK(now == open_memory);
  }
  return 0;
}
