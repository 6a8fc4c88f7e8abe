// A peer that does not read costs what the limits say, and loses nothing.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <vector>

#include <baton/async.h>

#include "tests/process/load_actors.h"
#include "tests/support/guarded.h"
#include "tests/support/sanitizer.h"
#include "tests/support/skip.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

// Which limit the parent meets.
struct Limit {
  const char* name;
  void (*set)(ChannelOptions& options);
  std::size_t content;  // bytes
  int handles;
};

const Limit kLimits[] = {
    {"bytes", [](ChannelOptions& o) { o.max_queued_bytes = 100'000; }, 5000, 0},
    {"messages", [](ChannelOptions& o) { o.max_queued_messages = 10; }, 5000, 0},
    {"handles", [](ChannelOptions& o) { o.max_queued_handles = 8; }, 50'000, 4},
};

// As it is pushed by a parent that meets `limit`.
Result<void> SendUnder(const Limit& limit, LoadParent& parent, std::uint64_t number) {
  const auto content = ContentOf(number, limit.content);
  if (limit.handles == 0) return parent.SendPiece(number, content);
  std::vector<FileDescriptor> files;
  for (int i = 0; i < limit.handles; ++i)
    files.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  return parent.SendFiles(number, files, content);
}

TEST_CASE("every limit of the queue is a value, and Drained tells when to go on") {
  const Path path = EachPath();
  const Limit& limit = kLimits[GENERATE(0, 1, 2)];
  const Guarded guarded;
  CAPTURE(limit.name);
  ChannelOptions options = OptionsFor(path);
  limit.set(options);
  LoadPair pair(path, options);
  pair.Introduce();

  constexpr std::uint64_t kCount = 2000;
  Pump pump(*pair.parent, kCount,
            [&](std::uint64_t number) { return SendUnder(limit, *pair.parent, number); });
  pump.Run();  // nobody reads yet
  CHECK(pump.blocked == 1);
  CHECK(pump.sent < kCount);
  const ChannelStatistics full = pair.parent->statistics();
  CHECK(full.would_blocks == 1);
  CHECK(full.queued_bytes > 0);
  CHECK(full.queued_bytes <= options.max_queued_bytes);
  for (int turn = 0; turn < 100; ++turn) LoadPair::RunOne(pair.parents);
  CHECK(pump.blocked == 1);  // Drained has not completed: there is no room yet

  pair.RunUntil([&] { return pair.child->received == kCount; });
  CHECK(pump.blocked > 1);
  CHECK(pair.child->files_received == kCount * static_cast<std::uint64_t>(limit.handles));
  CHECK(pair.parent->statistics().most_queued_bytes <= options.max_queued_bytes);
  pair.parent->Close();
  pair.RunToTheEnd();
  ReportRecordedFailures();
}

TEST_CASE("a peer that is bound and never reads is left by Close after its deadline") {
  const Path path = EachPath();
  const Guarded guarded;
  ChannelOptions options = OptionsFor(path);
  options.max_queued_bytes = 100'000;
  options.close_deadline = std::chrono::milliseconds(50);
  LoadPair pair(path, options);
  Result<void> sent;
  for (std::uint64_t i = 0; sent; ++i) sent = pair.parent->SendPiece(i, ContentOf(i, 5000));
  CHECK(sent.error() == Errc::kWouldBlock);
  CHECK(pair.parent->statistics().most_queued_bytes <= options.max_queued_bytes);
  std::error_code drained;
  pair.parent->Drained([&](error_code error) { drained = error; });
  pair.parent->Close();
  pair.parents.restart();
  pair.parents.run();
  CHECK(drained == Errc::kClosed);
  CHECK(pair.parent->destroyed == 1);
  CHECK(pair.child->destroyed == 0);
  pair.RunToTheEnd();
  CHECK(pair.child->destroyed == 1);
  ReportRecordedFailures();
}

// --- A process that is stopped -------------------------------------------------------------------

constexpr std::uint64_t kPieces = 20'000;

PEER(Reader) {
  boost::asio::io_context io;
  const auto child = std::make_shared<LoadChild>();
  Link link = Accept(std::move(channel_end));
  Must(internal::BindEndpoint(std::move(link.parts), child, io.get_executor(), link.options));
  io.run();
  PEER_EXPECT(child->received == kPieces);
  PEER_EXPECT(!child->close_error());
}

// Of this process: anonymous memory and what of shared memory was touched.
std::uint64_t ResidentBytes() {
  std::uint64_t pages[2] = {};
  FILE* const file = std::fopen("/proc/self/statm", "re");
  REQUIRE(file != nullptr);
  REQUIRE(std::fscanf(file, "%lu %lu", &pages[0], &pages[1]) == 2);
  std::fclose(file);
  return pages[1] * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

TEST_CASE("a stopped process costs bounded memory, and goes on without a loss") {
  const Path path = GENERATE(Path::kSocket, Path::kRing, Path::kSmallRing);
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, Reader);
  boost::asio::io_context io;
  const auto parent = std::make_shared<LoadParent>();
  Link link = Offer(peer, {PeerKind::kProcess, path});
  link.options.max_queued_bytes = 1'000'000;
  Must(internal::BindEndpoint(std::move(link.parts), parent, io.get_executor(), link.options));
  const auto run_until = [&](auto done) {
    io.restart();
    while (!done() && io.run_one() > 0) {
    }
  };
  bool answered = false;
  parent->SendAsk(1, [&](error_code error, std::uint64_t) { answered = !error; });
  run_until([&] { return answered; });

  REQUIRE(::kill(peer.pid(), SIGSTOP) == 0);
  siginfo_t info = {};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(peer.pid()), &info, WSTOPPED) == 0);

  const std::uint64_t before = ResidentBytes();
  Pump pump(*parent, kPieces, [&](std::uint64_t number) {
    return parent->SendPiece(number, ContentOf(number, 3000));
  });
  pump.Run();
  CHECK(pump.blocked == 1);
  // It goes on asking for room, and gets none.
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t never_sent = 0;
    CHECK(parent->SendPiece(never_sent, ContentOf(0, 3000)).error() == Errc::kWouldBlock);
    io.poll();
  }
  CHECK(parent->statistics().most_queued_bytes <= link.options.max_queued_bytes);
  CHECK(ResidentBytes() - before < 8 * link.options.max_queued_bytes);

  REQUIRE(::kill(peer.pid(), SIGCONT) == 0);
  run_until([&] { return pump.sent == kPieces; });
  answered = false;
  parent->Drained([&](error_code) {
    parent->SendAsk(2, [&](error_code error, std::uint64_t) { answered = !error; });
  });
  run_until([&] { return answered; });
  parent->Close();
  run_until([&] { return parent->destroyed == 1; });
}

// --- Answers that nobody reads -------------------------------------------------------------------

TEST_CASE("answers that are not read are refused beyond a limit, and the channel lives") {
  const Path path = EachPath();
  const auto size = GENERATE(std::uint32_t{10'000}, std::uint32_t{60'000}, std::uint32_t{200'000});
  const Guarded guarded;
  ChannelOptions options = OptionsFor(path);
  options.max_queued_answer_bytes = 1'000'000;
  LoadPair pair(path, options);
  pair.Introduce();
  constexpr int kQuestions = 1000;
  int answered = 0;
  int refused = 0;
  for (int i = 0; i < kQuestions; ++i) {
    pair.parent->SendFetch(size, [&](error_code error, std::vector<std::byte> content) {
      if (!error && content.size() == size) ++answered;
      if (error == make_error_code(Errc::kOverQuota)) ++refused;
    });
    if (i % 50 != 49) continue;
    pair.children.restart();
    pair.children.poll();  // the parent reads nothing
  }
  CHECK(pair.child->statistics().messages_received == kQuestions + 1);
  // Between threads the stream itself takes as many handles, and these answers are one each.
  const bool all_are_taken = path == Path::kInProcess && size > 65'536;
  CHECK((pair.child->handler_errors.empty() == all_are_taken));
  pair.RunUntil([&] { return answered + refused == kQuestions; });
  CHECK(answered > 0);
  CHECK(refused == static_cast<int>(pair.child->handler_errors.size()));
  // Refusals need no room, and are small.
  CHECK(pair.child->statistics().most_queued_bytes <=
        options.max_queued_answer_bytes + kQuestions * 100);
  pair.Introduce();  // it lives
  pair.parent->Close();
  pair.RunToTheEnd();
  CHECK_FALSE(pair.child->close_error());
}

// --- Out of open files ---------------------------------------------------------------------------

// Two channels in one process; one of them is sent more handles than this process may open.
PEER(ShortOfHandles) {
  boost::asio::io_context io;
  LoadPair other(Path::kRing);
  other.Introduce();
  const auto child = std::make_shared<LoadChild>();
  Link link = Accept(std::move(channel_end));
  Must(internal::BindEndpoint(std::move(link.parts), child, io.get_executor(), link.options));
  bool introduced = false;
  child->SendAsk(1, [&](error_code error, std::uint64_t) { introduced = !error; });
  while (!introduced && io.run_one() > 0) {
  }
  std::size_t open_files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    ++open_files;
  }
  const rlimit few = {open_files + 5, open_files + 5};
  PEER_EXPECT(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  Must(child->SendPiece(0, {}));  // now
  io.run();
  PEER_EXPECT(child->destroyed == 1);
  PEER_EXPECT(child->close_error() == std::errc::too_many_files_open);
  PEER_EXPECT(child->received == 0);
  other.Introduce();
  other.parent->Close();
  other.RunToTheEnd();
  PEER_EXPECT(!other.child->close_error());
}

TEST_CASE("handles for which there is no room end the channel that brought them, no other") {
  if (IsSanitized()) SKIP_TEST("a sanitizer opens files to see whether memory is mapped");
  const Path path = GENERATE(Path::kSocket, Path::kRing);
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, ShortOfHandles);
  boost::asio::io_context io;
  const auto parent = std::make_shared<LoadParent>();
  Link link = Offer(peer, {PeerKind::kProcess, path});
  Must(internal::BindEndpoint(std::move(link.parts), parent, io.get_executor(), link.options));
  parent->on_piece = [&] {
    std::vector<FileDescriptor> files;
    for (int i = 0; i < 20; ++i) files.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    Must(parent->SendFiles(0, files, {}));
  };
  io.run();
  CHECK(parent->destroyed == 1);
  CHECK(parent->reason == ActorDestroyReason::kAbnormalShutdown);
}

}  // namespace
}  // namespace baton::testing
