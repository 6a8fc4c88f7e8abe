// Every system call of an introduction fails once.
#include <cerrno>

#include "tests/fault/sweep_errors.h"
#include "tests/process/meet_actors.h"
#include "tests/support/guarded.h"
#include "tests/support/sweep_faults.h"

namespace baton::testing {
namespace {

// All in this thread: a host makes a channel, and gives one end to its guest, who answers.
Result<void> Introduce() {
  io_context io;
  MeetParty party = {io};
  const auto host = std::make_shared<MeetHost>();
  const auto guest = std::make_shared<MeetGuest>(party);
  std::string said;
  const auto talk = std::make_shared<TalkOfParent>("guest", [&](const std::string& text) {
    if (said.empty()) said = text;
    host->Close();
  });
  const auto begin = [&]() -> Result<void> {
    BATON_TRY(auto table, (CreateEndpoints<meet::PHostParent, meet::PHostChild>()));
    BATON_CHECKED(std::move(table.first).Bind(host, io.get_executor()));
    BATON_CHECKED(std::move(table.second).Bind(guest, io.get_executor()));
    BATON_TRY(auto ends, (CreateEndpointsBetween<meet::PTalkParent, meet::PTalkChild>(
                             EndpointHolder::ThisProcess(), EndpointHolder::ThisProcess())));
    BATON_CHECKED(std::move(ends.first).Bind(talk, io.get_executor()));
    BATON_CHECKED(host->SendJoin("host", std::move(ends.second)));
    return talk->SendSay("hello?");
  };
  const auto begun = begin();
  if (!begun) {
    host->Close();
    guest->Close();
    talk->Close();
  }
  io.run();
  BATON_CHECKED(begun);
  if (!guest->handler_errors.empty()) return Fail(guest->handler_errors.front());
  if (said != "guest says yes") return Fail(Errc::kPeerDied);
  if (host->close_error()) return Fail(host->close_error());
  if (talk->close_error()) return Fail(talk->close_error());
  const bool has_hung_up = !guest->close_error() || guest->close_error() == Errc::kPeerDied;
  if (!has_hung_up) return Fail(guest->close_error());
  return {};
}

TEST_CASE("faults: an introduction whose n-th system call fails is an error, and leaks nothing") {
  const Watchdog watchdog;
  REQUIRE(Introduce());  // what Asio and the probes keep for good is there now
  SweepFaults(EIO, Introduce);
}

TEST_CASE("faults: an introduction may survive a shortage, and leaks nothing either way") {
  const Watchdog watchdog;
  REQUIRE(Introduce());
  SweepErrors([] { return Introduce().has_value(); });
}

}  // namespace
}  // namespace baton::testing
