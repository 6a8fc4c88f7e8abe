// Real leaks beside real programs that do not leak.
#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>

#include "tests/memtrack/weston/answers.h"
#include "tests/memtrack/weston/proc_view.h"
#include "tests/memtrack/weston/weston_scene.h"
#include "tests/support/golden.h"
#include "tests/support/watchdog.h"

namespace weston_test {
namespace {

using baton::testing::ReadFile;
using baton::testing::ScratchFolder;
using baton::testing::Watchdog;
using std::chrono::seconds;

// How many buffers a client has forgotten so far (forgetful.cc).
double ForgottenBy(const Scene& scene) {
  constexpr std::string_view kLine = "forgot a buffer\n";
  const std::string log = ReadFile(scene.LogOf("gtk3-demo"));
  double count = 0;
  for (std::size_t at = 0; (at = log.find(kLine, at)) != log.npos; at += kLine.size()) ++count;
  return count;
}

bool HasDrawn(const Process& client, const std::string& name) {
  return !MemfdsMappedBy(client.pid(), name).empty();
}

// A scene with one client, a gtk3-demo that draws all the time.
struct Drawing {
  explicit Drawing(const std::vector<std::string>& environment = {})
      : client(scene.Start("gtk3-demo", {"--run=pixbufs"}, environment)) {}
  int weston() const { return scene.weston().pid(); }

  Scene scene{Renderer::kPixman};
  Process client;
};

// The one verdict about any of these, which is a leak of windows' memory, and names its maker.
Json LeakOf(const Answer& answer, const std::set<int>& processes, const Process& maker) {
  const auto verdicts = VerdictsAbout(answer.document, processes);
  REQUIRE(verdicts.size() == 1);
  const Json verdict = verdicts.front();
  CHECK(verdict.at("severity") == "leak");
  CHECK(verdict.at("tag") == "gdk-wayland");
  CHECK(PidsIn(verdict.at("processes")) == processes);
  const std::string culprit = "gtk3-demo (" + std::to_string(maker.pid()) + ") makes them";
  CHECK_THAT(verdict.at("advice").get<std::string>(), Catch::StartsWith(culprit));
  return verdict;
}

TEST_CASE("weston: who forgets every tenth buffer is named; who does not is not, in a minute") {
  SKIP_WITHOUT_WESTON();
  const Watchdog watchdog(seconds(110));
  const ScratchFolder folder;
  const Drawing healthy;
  const Process simple = healthy.scene.Start("weston-simple-shm");
  auto keeping = std::make_unique<Drawing>(std::vector<std::string>{"LD_PRELOAD=" FORGETFUL});
  auto unmapping = std::make_unique<Drawing>(
      std::vector<std::string>{"LD_PRELOAD=" FORGETFUL, "FORGETFUL=unmaps"});
  for (const Drawing* one : {keeping.get(), unmapping.get()}) {
    REQUIRE(Eventually(one->client, [&] { return ForgottenBy(one->scene) > 0; }));
  }
  REQUIRE(Eventually(simple, [&] { return HasDrawn(simple, "weston-shared"); }));
  REQUIRE(Eventually(healthy.client, [&] { return HasDrawn(healthy.client, "gdk-wayland"); }));

  Watch minute(folder.path() / "minute", {"--for", "60"});
  const auto begin = std::chrono::steady_clock::now();
  const double forgotten_before = ForgottenBy(keeping->scene);
  Watch leak(folder.path() / "leak", {"--for", "15", "--every", "0.25"});
  const Answer found = leak.Await(seconds(40));
  const double forgotten = ForgottenBy(keeping->scene) - forgotten_before;
  const std::chrono::duration<double, std::ratio<60>> minutes =
      std::chrono::steady_clock::now() - begin;

  // Tag, culprit and rate.
  CAPTURE(found.document.dump(), forgotten, minutes.count());
  CHECK(found.exit_code == 1);
  const Json shared = LeakOf(found, {keeping->weston(), keeping->client.pid()}, keeping->client);
  CHECK(shared.at("finding") == "shared-growth");
  const double rate = forgotten / minutes.count();
  CHECK(EvidenceOf(shared, "segments_per_minute") > 0.6 * rate);
  CHECK(EvidenceOf(shared, "segments_per_minute") < 1.6 * rate);
  const double gained = EvidenceOf(shared, "segments_now") - EvidenceOf(shared, "segments_before");
  CHECK(gained >= forgotten / 2);
  // Here weston alone is left with them, and is not to blame.
  CHECK(LeakOf(found, {unmapping->weston()}, unmapping->client).at("finding") == "growth");

  keeping.reset();
  unmapping.reset();
  const Answer silence = minute.Await(seconds(80));
  CAPTURE(silence.document.dump());
  CHECK(SaysWhatItExitsWith(silence));
  const std::set<int> sound = {healthy.weston(), healthy.client.pid(), simple.pid()};
  CHECK(VerdictsAbout(silence.document, sound).empty());
  // It was no silence of the dead.
  CHECK(HasDrawn(simple, "weston-shared"));
  CHECK(HasDrawn(healthy.client, "gdk-wayland"));
}

}  // namespace
}  // namespace weston_test
