// Who is let in, and who is not.
#include <unistd.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <catch2/catch.hpp>

#include "tests/process/meeting.h"

namespace baton::testing {
namespace {

// Tells its verdict: empty when it was admitted. Until it is told to go, it holds what it has.
PEER(Applicant) {
  const auto endpoint = Connect<::testing::PEchoChild>(OptionsFrom(Hear(channel_end)));
  if (!endpoint) PEER_EXPECT(endpoint.error() == Errc::kNotAdmitted);
  Tell(channel_end, endpoint ? "admitted" : "not admitted");
  Hear(channel_end);
}

// Runs the host until the applicant has its verdict.
std::string Apply(Host& host, PeerKind kind, const std::optional<AdmissionToken>& token) {
  Peer peer = START_PEER(kind, Applicant);
  const platform::Handle end = peer.TakeEnd();
  Tell(end, Directions(host.address, token));
  host.Meet();
  boost::asio::posix::stream_descriptor verdict(host.io, end.get());
  bool is_there = false;
  verdict.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [&](boost::system::error_code) { is_there = true; });
  host.RunUntil([&] { return is_there; });
  verdict.release();
  std::string text = Hear(end);
  Tell(end, "go");
  host.listener.Cancel();
  host.actor->Close();
  host.io.restart();
  host.io.run();
  host.actor = std::make_shared<EchoParent>();
  return text;
}

TEST_CASE("admission: a token lets one in, once") {
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const Guarded guarded;
  const ScratchFolder folder;
  Host host({.address = SocketIn(folder), .require_token = true});
  const AdmissionToken first = Must(host.listener.IssueToken());
  const AdmissionToken second = Must(host.listener.IssueToken());
  CHECK(Apply(host, kind, {}) == "not admitted");
  CHECK(Apply(host, kind, Must(AdmissionToken::Random())) == "not admitted");
  CHECK(Apply(host, kind, second) == "admitted");
  CHECK(Apply(host, kind, second) == "not admitted");
  CHECK(Apply(host, kind, first) == "admitted");
  CHECK(host.listener.statistics().admitted == 2);
  CHECK(host.listener.statistics().wrong_token == 3);
}

TEST_CASE("admission: a revoked token is a wrong one, also where none is required") {
  const Guarded guarded;
  const ScratchFolder folder;
  Host host({.address = SocketIn(folder)});
  const AdmissionToken token = Must(host.listener.IssueToken());
  CHECK(host.listener.RevokeToken(token));
  CHECK_FALSE(host.listener.RevokeToken(token));
  CHECK(Apply(host, PeerKind::kThread, token) == "not admitted");
  CHECK(Apply(host, PeerKind::kThread, {}) == "admitted");
}

TEST_CASE("admission: there are only so many tokens") {
  const Guarded guarded;
  const ScratchFolder folder;
  Host host({.address = SocketIn(folder), .max_tokens = 2});
  const AdmissionToken token = Must(host.listener.IssueToken());
  Must(host.listener.IssueToken());
  CHECK(host.listener.IssueToken().error() == Errc::kOverQuota);
  CHECK(host.listener.RevokeToken(token));
  CHECK(host.listener.IssueToken());
}

TEST_CASE("admission: whom the filter does not like learns nothing, and spends no token") {
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const Guarded guarded;
  const ScratchFolder folder;
  bool is_open = false;
  std::vector<PeerIdentity> asked;
  Host host({.address = SocketIn(folder), .accept = [&](const PeerIdentity& peer) {
               asked.push_back(peer);
               return is_open;
             }});
  const AdmissionToken token = Must(host.listener.IssueToken());
  CHECK(Apply(host, kind, token) == "not admitted");
  CHECK(host.listener.statistics().admitted == 0);
  CHECK(host.listener.statistics().not_accepted == 1);
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].uid == geteuid());
  CHECK((asked[0].pid == getpid()) == (kind == PeerKind::kThread));
  is_open = true;
  CHECK(Apply(host, kind, token) == "admitted");
}

TEST_CASE("admission: a filter that throws refuses one, and the listener goes on") {
  const Guarded guarded;
  const ScratchFolder folder;
  bool is_angry = true;
  Host host({.address = SocketIn(folder), .accept = [&](const PeerIdentity&) {
               if (is_angry) throw std::runtime_error("thrown by a filter");
               return true;
             }});
  host.Meet();
  ConnectOptions options;
  options.address = host.address;
  boost::system::error_code seen;
  Connect<::testing::PEchoChild>(
      host.io.get_executor(), options,
      [&](boost::system::error_code error, Endpoint<::testing::PEchoChild>) { seen = error; });
  CHECK_THROWS_WITH(host.io.run(), "thrown by a filter");
  is_angry = false;
  host.RunUntil([&] { return !!seen; });
  CHECK(seen == make_error_code(Errc::kNotAdmitted));
  CHECK(host.listener.statistics().not_accepted == 1);
  CHECK(Apply(host, PeerKind::kThread, {}) == "admitted");
}

TEST_CASE("admission: a filter may close the listener") {
  const Guarded guarded;
  const ScratchFolder folder;
  Listener* listener = nullptr;
  Host host({.address = SocketIn(folder), .accept = [&](const PeerIdentity&) {
               listener->Close();
               return true;
             }});
  listener = &host.listener;
  host.Meet();
  const auto silent = Must(platform::ConnectLocal(host.address));
  host.io.run();
  CHECK(host.error == boost::asio::error::operation_aborted);
  CHECK(host.listener.statistics().admitted == 0);
}

TEST_CASE("admission: whoever connects may not like who listens") {
  const Guarded guarded;
  const ScratchFolder folder;
  Host host({.address = SocketIn(folder)});
  host.Meet();
  ConnectOptions options;
  options.address = host.address;
  const bool throws = GENERATE(true, false);
  PeerIdentity listener;
  options.accept = [&](const PeerIdentity& who) {
    listener = who;
    if (throws) throw std::runtime_error("thrown by a filter");
    return false;
  };
  boost::system::error_code seen;
  Connect<::testing::PEchoChild>(
      host.io.get_executor(), options,
      [&](boost::system::error_code error, Endpoint<::testing::PEchoChild>) { seen = error; });
  if (throws) {
    CHECK_THROWS_WITH(host.RunUntil([&] { return !!seen; }), "thrown by a filter");
  }
  host.RunUntil([&] { return !!seen && host.listener.statistics().hung_up == 1; });
  CHECK(seen == std::errc::permission_denied);
  CHECK(listener.pid == getpid());
  CHECK(host.listener.statistics().admitted == 0);
  host.listener.Close();
}

TEST_CASE("AdmissionToken: text and back") {
  const Guarded guarded;
  const AdmissionToken token = Must(AdmissionToken::Random());
  CHECK(token.text().size() == 32);
  CHECK(Must(AdmissionToken::FromText(token.text())) == token);
  CHECK_FALSE(Must(AdmissionToken::Random()) == token);
  const std::string good = "00112233445566778899aAbBcCdDeEfF";
  CHECK(Must(AdmissionToken::FromText(good)).text() == "00112233445566778899aabbccddeeff");
  for (const std::string& bad : {std::string(), good + "0", good.substr(1), "g" + good.substr(1),
                                 good.substr(1) + "/", " " + good.substr(1)}) {
    CHECK(AdmissionToken::FromText(bad).error() == Errc::kInvalidValue);
  }
}

}  // namespace
}  // namespace baton::testing
