// Every system call between AllocShmem and the answer fails once.
#include <cerrno>
#include <optional>

#include "tests/fault/sweep_errors.h"
#include "tests/process/echo_actors.h"
#include "tests/support/sweep_faults.h"
#include "tests/support/watchdog.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

// Both sides in this thread: memory is made, handed over, filled, handed back and freed.
Result<void> HandOverAndBack() {
  io_context io;
  const auto parent = std::make_shared<EchoParent>();
  const auto child = std::make_shared<EchoChild>();
  std::error_code failure;
  const auto talk = [&]() -> Result<void> {
    BATON_TRY(auto ends, (CreateEndpoints<::testing::PEchoParent, ::testing::PEchoChild>()));
    BATON_CHECKED(std::move(ends.first).Bind(parent, io.get_executor()));
    BATON_CHECKED(std::move(ends.second).Bind(child, io.get_executor()));
    BATON_TRY(Shmem memory, parent->AllocShmem(10'000));
    BATON_TRY(const UnsafeShmem shared, parent->AllocUnsafeShmem(10'000));
    parent->SendTouch(shared, [&](error_code error, auto) {
      if (error) failure = error;
    });
    parent->SendFill(std::move(memory), 7, [&](error_code error, Shmem filled) {
      if (error) {
        failure = error;
      } else if (filled.bytes()[9'999] != std::byte{7}) {
        failure = std::make_error_code(std::errc::bad_message);
      } else if (const auto freed = parent->DeallocShmem(filled); !freed) {
        failure = freed.error();
      }
      parent->Close();
    });
    return {};
  };
  const auto started = talk();
  if (!started) parent->Close();
  if (!started) child->Close();
  io.run();
  // A bound actor is told of its end, whatever failed.
  if (started) CHECK(parent->destroyed == 1);
  if (started) CHECK(child->destroyed == 1);
  BATON_CHECKED(started);
  if (failure) return Fail(failure);
  if (parent->close_error()) return Fail(parent->close_error());
  if (child->close_error() && child->close_error() != Errc::kPeerDied) {
    return Fail(child->close_error());
  }
  return {};
}

TEST_CASE("faults: a hand-over whose n-th system call fails is an error, not a crash or a leak") {
  const Watchdog watchdog;
  REQUIRE(HandOverAndBack());  // what Asio and the probes keep for good is there now
  SweepFaults(EIO, HandOverAndBack);
}

TEST_CASE("faults: a shortage may be survived, and leaks nothing either way") {
  const Watchdog watchdog;
  REQUIRE(HandOverAndBack());
  SweepErrors([] { return HandOverAndBack().has_value(); });
}

}  // namespace
}  // namespace baton::testing
