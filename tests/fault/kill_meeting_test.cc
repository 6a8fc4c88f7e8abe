// A process ends, or stops, at each state change while two that do not know each other meet.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <baton/platform/local_listener.h>

#include "tests/fault/kill_points.h"
#include "tests/fault/stage.h"
#include "tests/process/echo_actors.h"
#include "tests/support/scratch_folder.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

// Who has bound an actor notices the end of the other by itself; who has not is told to give up.
void PlayListener(Stage& stage) {
  const auto parent = std::make_shared<EchoParent>();
  std::optional<Listener> listener =
      Must(Listener::Create(stage.io.get_executor(), {.address = stage.directions()}));
  Questions questions;
  bool is_bound = false;
  bool must_close = false;
  stage.WhenToldToEnd([&] {
    listener.reset();
    must_close = stage.has_short_deadlines();
    if (must_close) parent->Close();
  });
  const auto accepted = questions.One();
  listener->Accept<::testing::PEchoParent>(
      [&, accepted](error_code error, Accepted<::testing::PEchoParent> guest) mutable {
        accepted(error);
        if (error) return;
        Must(std::move(guest.endpoint).Bind(parent, stage.io.get_executor(), stage.options()));
        is_bound = true;
        if (must_close) return parent->Close();  // who was met has stopped since
        const auto echoed = questions.One();
        parent->SendEcho("hello", [&, echoed](error_code why, const std::string&) mutable {
          echoed(why);
          parent->Close();
        });
      });
  stage.Settle(questions);
  stage.RunUntil([&] { return !is_bound || parent->destroyed > 0; });
  listener.reset();
  stage.RunToTheEnd();
  CHECK(parent->destroyed == (is_bound ? 1 : 0));
  questions.Check();
}

PEER(Listens) {
  PlaySide(channel_end, PlayListener);
}

void PlayGuest(Stage& stage) {
  const auto child = std::make_shared<EchoChild>();
  boost::asio::cancellation_signal give_up;
  bool must_close = false;
  stage.WhenToldToEnd([&] {
    give_up.emit(boost::asio::cancellation_type::terminal);
    must_close = stage.has_short_deadlines();
    if (must_close) child->Close();
  });
  Questions questions;
  bool is_bound = false;
  const auto connected = questions.One();
  const ConnectOptions options = {.address = stage.directions(), .wait_for_listener = true};
  Connect<::testing::PEchoChild>(
      stage.io.get_executor(), options,
      boost::asio::bind_cancellation_slot(
          give_up.slot(),
          [&, connected](error_code error, Endpoint<::testing::PEchoChild> endpoint) mutable {
            connected(error);
            if (error) return;
            Must(std::move(endpoint).Bind(child, stage.io.get_executor(), stage.options()));
            is_bound = true;
            if (must_close) child->Close();  // who was met has stopped since
          }));
  stage.Settle(questions);
  stage.RunUntil([&] { return !is_bound || child->destroyed > 0; });
  stage.RunToTheEnd();
  CHECK(child->destroyed == (is_bound ? 1 : 0));
  questions.Check();
}

PEER(Visits) {
  PlaySide(channel_end, PlayGuest);
}

void SweepMeeting(void (*sweep)(const Story&, Victim), Victim victim) {
  const ScratchFolder folder;
  const std::string path = (folder.path() / "socket").string();
  sweep({.name = "meeting",
         .first = &Listens,
         .second = &Visits,
         .directions = path,
         .tells_of_deaths = true},
        victim);
  // What dead listeners have left behind is in nobody's way, and goes with the next one.
  { const auto listener = Must(platform::LocalListener::Listen(path, 0600)); }
  CHECK(folder.NamesIn(".").empty());
}

TEST_CASE("kill points: who listens dies") {
  SweepMeeting(SweepDeaths, Victim::kFirst);
}
TEST_CASE("kill points: who connects dies") {
  SweepMeeting(SweepDeaths, Victim::kSecond);
}
TEST_CASE("kill points: who listens stalls") {
  SweepMeeting(SweepStalls, Victim::kFirst);
}
TEST_CASE("kill points: who connects stalls") {
  SweepMeeting(SweepStalls, Victim::kSecond);
}

}  // namespace
}  // namespace baton::testing
