// Whoever meets says anything at all (docs/wire-format.md, section 7): a listener's guests, or the
// listener. The first byte chooses who lies (1: the listener) and to whom; then each byte is a step
// of a script. Nothing crashes or hangs, whoever is let in has said the right thing, everybody is
// counted once, and nothing stays open.
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cinttypes>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include <baton/base/check.h>

#include "tests/fuzz/await_closed.h"
#include "tests/fuzz/meeting/lying_guests.h"
#include "tests/fuzz/meeting/lying_listener.h"

namespace {

constexpr int kInputsPerLeakCheck = 64;

// Of sockets alone: the fuzzer opens other things for itself.
int OpenSockets() {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;  // as is the iterator's own
    const auto what = std::filesystem::read_symlink(entry.path(), gone);
    if (what.native().starts_with("socket:")) ++count;
  }
  return count;
}

// What the corpus has to get to.
constexpr std::string_view kMustHappen[] = {
    "a connector is admitted",
    "a guest does not finish",
    "a guest goes on at once",
    "a guest hangs up",
    "a guest has a wrong token, or none",
    "a guest is admitted",
    "a guest is displaced",
    "a guest says no introduction",
    "a guest speaks another version",
    "a listener goes on at once",
};

}  // namespace

// For the replay (replay_main.cc).
extern "C" bool FuzzTargetWasReached() {
  const auto& counts = baton::fuzz::MeetingCounts();
  for (const auto& [what, count] : counts) {
    std::printf("%10" PRIu64 " %s\n", count, what.c_str());
  }
  bool is_all = true;
  for (const std::string_view what : kMustHappen) {
    if (counts.contains(std::string(what))) continue;
    std::printf("never happened: %s\n", std::string(what).c_str());
    is_all = false;
  }
  // The connector's errors by their own words: kIntroduction, kWireVersion, kNotAdmitted,
  // kPeerDied.
  const bool has_errors = counts.size() >= std::size(kMustHappen) + 4;
  if (!has_errors) std::printf("never happened: an error of a connector\n");
  return is_all && has_errors;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fuzz = baton::fuzz;
  static boost::asio::io_context io(1);
  static const std::string address = "@baton-fuzz-" + std::to_string(::getpid());
  static int inputs = 0;
  static int open_sockets = -1;

  fuzz::Script script(std::as_bytes(std::span(data, size)));
  const std::uint8_t choice = script.Byte();
  if ((choice & 1) != 0) {
    fuzz::LyingListener(io, address, choice, script).Play();
  } else {
    fuzz::LyingGuests(io, address, choice, script).Play();
  }

  fuzz::AwaitClosed();  // each time, so that no input has to do with another
  if (++inputs % kInputsPerLeakCheck == 0) {
    const int now = OpenSockets();
    if (open_sockets < 0) open_sockets = now;
    BATON_CHECK(now == open_sockets);
  }
  return 0;
}
