// The main function of every test program: Catch's, or that of a peer (see peer.h).
#define CATCH_CONFIG_RUNNER
// A crash is reported by the sanitizer, or by CTest as the signal that it is.
#define CATCH_CONFIG_NO_POSIX_SIGNALS
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include <baton/platform/process.h>
#include "tests/support/must.h"
#include "tests/support/peer.h"
#include "tests/support/peer_sandbox.h"
#include "tests/support/watchdog.h"

namespace baton::testing {
namespace {

struct PeerRun {
  std::string name;
  PeerBody body;
  Result<platform::Handle> channel_end;
};

std::optional<PeerRun> peer_run;

// The body of a peer as the one test of its process, so that Catch's macros work in it.
void PeerAsTest() {
  // The test has given up on this peer by then, and told where it waits: it may not look itself.
  const Watchdog watchdog(4 * kPatience);
  platform::Handle channel_end = Must(std::move(peer_run->channel_end));
  EnterPeerSandbox(peer_run->name);
  peer_run->body(std::move(channel_end));
  ReportRecordedFailures();
}

int RunPeer(const std::string& name) {
  // Taken before anything else can open a handle.
  peer_run.emplace(PeerRun{name, FindPeerBody(name), platform::TakeInherited(0)});
  if (peer_run->body == nullptr) {
    std::fprintf(stderr, "no peer is called %s\n", name.c_str());
    return EXIT_FAILURE;
  }
  const std::string test = "peer " + name.substr(name.rfind(':') + 1);
  REGISTER_TEST_CASE(&PeerAsTest, test, "[.]");

  Catch::Session session;
  session.configData().reporterName = "compact";
  session.configData().testsOrTags = {test};
  return session.run() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace baton::testing

int main(int argc, char* argv[]) {
  if (argc == 3 && std::string_view(argv[1]) == "--baton-peer") {
    return baton::testing::RunPeer(argv[2]);
  }
  return Catch::Session().run(argc, argv);
}
