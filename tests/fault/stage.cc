#include "tests/fault/stage.h"

#include <poll.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdlib>
#include <optional>

#include <baton/platform/local_socket.h>
#include <baton/platform/received_handle.h>
#include <baton/platform/state_point.h>

#include "runtime/channel/closes.h"
#include "tests/fault/live_heap.h"
#include "tests/process/echo_actors.h"
#include "tests/support/leak_check.h"

namespace baton::testing {
namespace {

// What a process keeps for good: Asio's and the runtime's statics, and counts of ends by reason.
void WarmUp() {
  for (const std::error_code error :
       {std::error_code(), make_error_code(Errc::kPeerDied),
        std::make_error_code(std::errc::timed_out), std::error_code(EPIPE, std::system_category()),
        std::error_code(ECONNRESET, std::system_category())}) {
    internal::CountClose(error);
  }
  CHECK(platform::StartClosing());  // its thread stays
  boost::asio::io_context io;
  auto ends = CreateEchoEndpoints(Path::kRingAsleep);
  const auto parent = std::make_shared<EchoParent>();
  const auto child = std::make_shared<EchoChild>();
  Must(std::move(ends.first).Bind(parent, io.get_executor()));
  Must(std::move(ends.second).Bind(child, io.get_executor()));
  parent->SendEcho("hello",
                   [&](boost::system::error_code, const std::string&) { parent->Close(); });
  io.run();
  INFO("Catch keeps room for what it is told, too");
  CHECK(parent->destroyed == 1);
}

// What this process holds, apart from its statics.
class Holdings {
 public:
  Holdings() : resources_(OpenResources::Now()), blocks_(LiveBlocks()) {}

  // `fewer_descriptors`: that were open before, and are not meant to be any more.
  void CheckThatNothingIsLeft(int fewer_descriptors) const {
    AwaitForeignHandles();
    const auto blocks_now = LiveBlocks();
    const OpenResources now = OpenResources::Now();
    CHECK(DescribeLeaks(resources_, now) == "");
    CHECK(Count(now.descriptors) == Count(resources_.descriptors) - fewer_descriptors);
    if (blocks_now) CHECK(*blocks_now == *blocks_);
  }

 private:
  static int Count(const std::map<std::string, int>& found) {
    int sum = 0;
    for (const auto& [name, count] : found) sum += count;
    return sum;
  }

  const OpenResources resources_;
  const std::optional<long> blocks_;  // after the line above, whose own blocks count
};

std::string TextOf(const char* variable) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? "" : text;
}

bool IsToDie() {
  return !TextOf("BATON_DIE_AT").empty() || !TextOf("BATON_STALL_AT").empty();
}

}  // namespace

bool Questions::AreDone() const {
  return std::ranges::none_of(completions_, [](int times) { return times == 0; });
}

void Questions::Check() const {
  for (std::size_t n = 0; n < completions_.size(); ++n) {
    INFO("question " << n);
    CHECK(completions_[n] == 1);
  }
}

Stage::Stage(const platform::Handle& control)
    : has_short_deadlines_(std::getenv(kDeadlinesVariable) != nullptr),
      options_(OptionsFor(Path::kRingAsleep)),
      word_(io) {
  pollfd readable = {control.get(), POLLIN, 0};
  REQUIRE(::poll(&readable, 1, -1) == 1);
  std::vector<platform::Handle> handles;
  std::string text(4096, '\0');
  const auto into = std::as_writable_bytes(std::span(text.data(), text.size()));
  text.resize(Must(platform::ReceiveSome(control, into, handles)));
  const std::size_t end = text.find('\n');
  REQUIRE(end != std::string::npos);
  directions_ = text.substr(0, end);
  if (!handles.empty()) channel_ = std::move(handles.front());
  if (has_short_deadlines_) {
    options_.sync_deadline = options_.close_deadline = kStallDeadline;
  }
  word_.assign(control.get());
  // The word may have come right behind.
  if (end + 1 < text.size()) {
    boost::asio::post(io, [this] { std::exchange(end_, [] {})(); });
  } else {
    AwaitWord();
  }
  platform::StatePoint(kFirstPoint);
}

void Stage::AwaitWord() {
  word_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                   [this](boost::system::error_code error) {
                     if (!error) std::exchange(end_, [] {})();
                   });
}

void Stage::Bind(const std::shared_ptr<Actor>& actor, const ChannelOptions& options) {
  internal::EndpointParts parts;
  parts.socket = std::move(channel_);
  Must(internal::BindEndpoint(std::move(parts), actor, io.get_executor(), options));
}

void Stage::RunUntil(const std::function<bool()>& done) {
  io.restart();
  while (!done() && io.run_one() > 0) {
  }
  CHECK(done());
}

void Stage::RunToTheEnd() {
  word_.release();
  io.restart();
  io.run();
}

void PlaySide(const platform::Handle& control, const Scene& scene) {
  WarmUp();
  const Holdings before;
  {
    Stage stage(control);
    scene(stage);
    stage.RunToTheEnd();
  }
  before.CheckThatNothingIsLeft(0);
}

void PlayLaunched(platform::Handle channel, const std::function<void(platform::Handle)>& scene) {
  WarmUp();
  const Holdings before;
  platform::StatePoint(kFirstPoint);
  scene(std::move(channel));
  before.CheckThatNothingIsLeft(1);
}

std::vector<std::string> EnvironmentOfChild() {
  std::vector<std::string> environment;
  // Whom we launch ends with us, by the kernel's signal, perhaps while LeakSanitizer looks at it.
  // Its helper, a process, then finds no threads, and ends badly, as an orphan of the judge's.
  if (IsToDie())
    environment.push_back("ASAN_OPTIONS=" + TextOf("ASAN_OPTIONS") + ":detect_leaks=0");
  const std::string wish = TextOf(kChildVariable);
  if (!wish.empty()) environment.push_back(wish);
  // Of two entries of one name the first counts.
  for (const char* ours : {"BATON_DIE_AT=", "BATON_STALL_AT=", "BATON_COUNT_POINTS="}) {
    environment.emplace_back(ours);
  }
  return environment;
}

}  // namespace baton::testing
