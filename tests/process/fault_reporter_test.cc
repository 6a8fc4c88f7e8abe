// Who dies of touching shared memory says which it was, and dies as before.
#include <baton/fault_reporter.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <csetjmp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "runtime/shmem/shmem_record.h"
#include "tests/process/echo_actors.h"
#include "tests/process/locked_up.h"
#include "tests/support/guarded.h"
#include "tests/support/sanitizer.h"
#include "tests/support/skip.h"
#include "tests/support/skip_without_seals.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

// --- The peers: processes that are launched to die -----------------------------------------------

// Both sides of a channel, in one process whose standard error is `end`.
class Doomed {
 public:
  explicit Doomed(const platform::Handle& end) {
    std::signal(SIGSEGV, SIG_DFL);  // sanitizers and test frameworks catch it
    std::signal(SIGBUS, SIG_DFL);
    PEER_EXPECT(::dup2(end.get(), STDERR_FILENO) == STDERR_FILENO);
    PEER_EXPECT(::fcntl(STDERR_FILENO, F_SETFL, 0) == 0);  // waits for its reader
    auto [here, there] = CreateEchoEndpoints(Path::kSocket);
    ChannelOptions options;
    options.max_pooled_bytes = 0;  // a touch of what lies in the pool is none of what is freed
    Must(std::move(here).Bind(parent_, io_.get_executor(), options));
    Must(std::move(there).Bind(child_, io_.get_executor()));
  }

  Shmem Alloc(std::uint64_t size) { return Must(parent_->AllocShmem(size)); }
  void Keep(Shmem memory) { Must(parent_->SendKeep(std::move(memory))); }
  FrozenShmem Freeze(Shmem memory) { return Must(parent_->Freeze(std::move(memory))); }
  void Close() { parent_->Close(); }

  // There and back.
  Shmem Filled(Shmem memory) {
    std::optional<Shmem> back;
    parent_->SendFill(std::move(memory), 7, [&](error_code error, Shmem filled) {
      PEER_EXPECT(!error);
      back = std::move(filled);
    });
    while (!back && io_.run_one() > 0) {
    }
    return *std::move(back);
  }

  // The child's pointer into what it has answered with.
  std::byte* AnsweredWith() {
    Filled(Alloc(4096));
    return child_->stray;
  }

 private:
  class StrayChild final : public EchoChild {
   public:
    std::byte* stray = nullptr;

   private:
    void RecvFill(Shmem memory, std::uint8_t, FillReplier reply) override {
      stray = memory.bytes().data();
      reply(std::move(memory));
    }
    Result<void> RecvKeep(Shmem memory) override {
      kept_.push_back(std::move(memory));
      return {};
    }

    std::vector<Shmem> kept_;
  };

  io_context io_;
  std::shared_ptr<EchoParent> parent_ = std::make_shared<EchoParent>();
  std::shared_ptr<StrayChild> child_ = std::make_shared<StrayChild>();
};

void Announce(const ShmemId& id, const std::byte* begin) {
  std::fprintf(stderr, "%016llx %llx\n", static_cast<unsigned long long>(id.high),
               static_cast<unsigned long long>(reinterpret_cast<std::uintptr_t>(begin)));
}

void Touch(std::byte* address) {
  *static_cast<volatile std::byte*>(address) = std::byte{1};
}

PEER(TouchesWhatItHasSent) {
  Doomed doomed(channel_end);
  Must(InstallFaultReporter());
  Must(InstallFaultReporter());  // again changes nothing
  Shmem memory = doomed.Filled(doomed.Alloc(4096));
  std::byte* const stray = memory.bytes().data();
  Announce(memory.id(), stray);
  doomed.Keep(std::move(memory));
  Touch(stray + 12);
}

PEER(TouchesLargeMemoryThatItHasSent) {
  Doomed doomed(channel_end);
  Shmem memory = doomed.Alloc(8 << 20);  // before anybody reports
  Must(InstallFaultReporter());
  std::byte* const stray = memory.bytes().data();
  Announce(memory.id(), stray);
  doomed.Keep(std::move(memory));
  Touch(stray + (5 << 20));
}

PEER(TouchesWhatItHasAnsweredWith) {
  Doomed doomed(channel_end);
  Must(InstallFaultReporter());
  Touch(doomed.AnsweredWith());
}

PEER(RunsOverTheEnd) {
  Doomed doomed(channel_end);
  Must(InstallFaultReporter());
  Shmem memory = doomed.Filled(doomed.Alloc(4096));  // and has it back
  Announce(memory.id(), memory.bytes().data());
  Touch(memory.bytes().data() + 4096 + 2);
}

PEER(RunsOverTheEndOfLargeMemory) {
  Doomed doomed(channel_end);
  Must(InstallFaultReporter());
  Shmem memory = doomed.Filled(doomed.Alloc(8 << 20));
  Announce(memory.id(), memory.bytes().data());
  Touch(memory.bytes().data() + (8 << 20));
}

PEER(RunsBeforeTheBeginning) {
  Doomed doomed(channel_end);
  Must(InstallFaultReporter());
  Shmem memory = doomed.Alloc(100);
  Announce(memory.id(), memory.bytes().data());
  Touch(memory.bytes().data() - 1);
}

PEER(TouchesSomethingElse) {
  Doomed doomed(channel_end);
  const Shmem memory = doomed.Alloc(4096);
  Must(InstallFaultReporter());
  void* const page = ::mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  Touch(static_cast<std::byte*>(page));
}

PEER(TouchesWhatIsFreed) {
  Doomed doomed(channel_end);
  Must(InstallFaultReporter());
  Shmem memory = doomed.Alloc(4096);
  std::byte* const stray = memory.bytes().data();
  memory = Shmem();
  Touch(stray);
}

PEER(HasNoReporter) {
  Doomed doomed(channel_end);
  Shmem memory = doomed.Alloc(4096);
  std::byte* const stray = memory.bytes().data();
  doomed.Keep(std::move(memory));
  Touch(stray);
}

PEER(WritesWhatIsFrozen) {
  Doomed doomed(channel_end);
  Must(InstallFaultReporter());
  const FrozenShmem frozen = doomed.Freeze(doomed.Alloc(4096));
  Announce(frozen.id(), frozen.bytes().data());
  Touch(const_cast<std::byte*>(frozen.bytes().data()) + 7);
}

// The guard was there before the reporter, so the reporter hears of it first.
PEER(OutlivesATruncation) {
  PEER_EXPECT(::setenv("BATON_MEMORY", "posix", 1) == 0);
  Doomed doomed(channel_end);
  Shmem memory = doomed.Alloc(4096);
  Must(InstallFaultReporter());
  const auto& object = internal::ShmemAccess::record(memory)->memory();
  PEER_EXPECT(!object.is_sealed());
  PEER_EXPECT(::ftruncate(object.handle().get(), 0) == 0);
  Touch(memory.bytes().data() + 12);
  std::_Exit(memory.bytes()[12] == std::byte{1} ? EXIT_SUCCESS : EXIT_FAILURE);
}

PEER(HasNobodyToTell) {
  Doomed doomed(channel_end);
  Must(InstallFaultReporter());
  Shmem memory = doomed.Alloc(4096);
  std::byte* const stray = memory.bytes().data();
  doomed.Keep(std::move(memory));
  int ends[2] = {-1, -1};
  PEER_EXPECT(::pipe(ends) == 0);
  PEER_EXPECT(::close(ends[0]) == 0);
  PEER_EXPECT(::dup2(ends[1], STDERR_FILENO) == STDERR_FILENO);
  Touch(stray);
}

PEER(IsSentTheSignal) {
  const Doomed doomed(channel_end);
  Must(InstallFaultReporter());
  (void)std::raise(SIGSEGV);
  std::_Exit(EXIT_SUCCESS);
}

// Once a process is locked up, the report needs no other system call than an end by abort does.
PEER(IsLockedUp) {
  Doomed doomed(channel_end);
  Must(InstallFaultReporter());
  LockUp(RequiredSyscalls(SandboxRole::kChild));
  Shmem memory = doomed.Alloc(4096);
  std::byte* const stray = memory.bytes().data();
  Announce(memory.id(), stray);
  doomed.Keep(std::move(memory));
  Touch(stray);
}

extern "C" void SayAndExit(int signal, siginfo_t* info, void*) {
  std::fprintf(stderr, "mine: signal %d at %llx\n", signal,
               static_cast<unsigned long long>(reinterpret_cast<std::uintptr_t>(info->si_addr)));
  std::_Exit(7);
}

PEER(HadAHandlerBefore) {
  Doomed doomed(channel_end);
  struct sigaction action = {};
  action.sa_sigaction = &SayAndExit;
  action.sa_flags = SA_SIGINFO;
  PEER_EXPECT(::sigaction(SIGSEGV, &action, nullptr) == 0);
  Must(InstallFaultReporter());
  Shmem memory = doomed.Alloc(4096);
  std::byte* const stray = memory.bytes().data();
  Announce(memory.id(), stray);
  doomed.Keep(std::move(memory));
  Touch(stray);
}

extern "C" void SayAndReturn(int) {
  constexpr std::string_view kWords = "mine\n";
  (void)!::write(STDERR_FILENO, kWords.data(), kWords.size());
}

PEER(HadAHandlerForOnce) {
  Doomed doomed(channel_end);
  struct sigaction action = {};
  action.sa_handler = &SayAndReturn;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  PEER_EXPECT(::sigaction(SIGSEGV, &action, nullptr) == 0);
  Must(InstallFaultReporter());
  Shmem memory = doomed.Alloc(4096);
  std::byte* const stray = memory.bytes().data();
  doomed.Keep(std::move(memory));
  Touch(stray);
}

// --- The test's side -----------------------------------------------------------------------------

struct LastWords {
  std::string id;            // as announced
  std::uintptr_t begin = 0;  // of the memory
  std::string report;        // all behind that
  platform::ExitStatus ended;

  std::string At(std::uint64_t offset) const {
    std::ostringstream text;
    text << "(address 0x" << std::hex << begin + offset;
    return text.str();
  }
};

LastWords LastWordsOf(const PeerProgram& program, bool announces = true) {
  Peer peer(PeerKind::kProcess, program);
  const platform::Handle end = peer.TakeEnd();
  LastWords words;
  words.ended = peer.AwaitEnd();
  for (std::string heard = Hear(end); !heard.empty(); heard = Hear(end)) words.report += heard;
  if (!announces) return words;
  std::istringstream lines(words.report);
  lines >> words.id >> std::hex >> words.begin;
  words.report.erase(0, words.report.find('\n') + 1);
  return words;
}

TEST_CASE("fault reporter: a touch of memory that was sent names memory, message and place") {
  if (IsSanitized()) SKIP_TEST("a sanitizer says more, at more length");
  const Guarded guarded;
  const LastWords words = LastWordsOf(TouchesWhatItHasSent);
  CHECK(words.ended.signal == SIGSEGV);
  CHECK(words.report == "baton: touched Shmem " + words.id +
                            " of testing::PEcho, handed over by SendKeep, transfer 3 " +
                            words.At(12) + ", 12 bytes in)\n");
}

TEST_CASE("fault reporter: large memory, made before anybody reports, is known as well") {
  if (IsSanitized()) SKIP_TEST("a sanitizer says more, at more length");
  const Guarded guarded;
  const LastWords words = LastWordsOf(TouchesLargeMemoryThatItHasSent);
  CHECK(words.ended.signal == SIGSEGV);
  CHECK(words.report == "baton: touched Shmem " + words.id +
                            " of testing::PEcho, handed over by SendKeep, transfer 1 " +
                            words.At(5 << 20) + ", 5242880 bytes in)\n");
}

TEST_CASE("fault reporter: what was answered with is told as such") {
  if (IsSanitized()) SKIP_TEST("a sanitizer says more, at more length");
  const Guarded guarded;
  const LastWords words = LastWordsOf(TouchesWhatItHasAnsweredWith, false);
  CHECK(words.ended.signal == SIGSEGV);
  CHECK(words.report.find("of testing::PEcho, handed over by the answer to Fill, transfer 2 ") !=
        std::string::npos);
  CHECK(std::ranges::count(words.report, '\n') == 1);
}

TEST_CASE("fault reporter: who runs over an end is told by how far") {
  if (IsSanitized()) SKIP_TEST("a sanitizer says more, at more length");
  const Guarded guarded;
  const LastWords over = LastWordsOf(RunsOverTheEnd);
  CHECK(over.ended.signal == SIGSEGV);
  CHECK(over.report == "baton: ran 3 bytes over the end of Shmem " + over.id +
                           " of testing::PEcho " + over.At(4098) + ", 4098 bytes in)\n");
  const LastWords large = LastWordsOf(RunsOverTheEndOfLargeMemory);
  CHECK((large.ended.signal == SIGBUS || large.ended.signal == SIGSEGV));
  CHECK(large.report == "baton: ran 1 byte over the end of Shmem " + large.id +
                            " of testing::PEcho " + large.At(8 << 20) + ", 8388608 bytes in)\n");
  const LastWords before = LastWordsOf(RunsBeforeTheBeginning);
  CHECK(before.ended.signal == SIGSEGV);
  CHECK(before.report == "baton: ran 1 byte before the beginning of Shmem " + before.id +
                             " of testing::PEcho " + before.At(-1) + ")\n");
}

TEST_CASE("fault reporter: where nothing of ours is concerned, or it is not there, it is silent") {
  if (IsSanitized()) SKIP_TEST("a sanitizer says more, at more length");
  const Guarded guarded;
  const PeerProgram* const program =
      GENERATE(&TouchesSomethingElse, &TouchesWhatIsFreed, &HasNoReporter, &IsSentTheSignal);
  const LastWords words = LastWordsOf(*program, false);
  CHECK(words.ended.signal == SIGSEGV);
  CHECK(words.report.empty());
}

TEST_CASE("fault reporter: what is frozen is told as such, and that nobody may write it") {
  SKIP_WITHOUT_SEALS("it is a copy");
  if (IsSanitized()) SKIP_TEST("a sanitizer says more, at more length");
  const Guarded guarded;
  const LastWords words = LastWordsOf(WritesWhatIsFrozen);
  CHECK(words.ended.signal == SIGSEGV);
  CHECK(words.report == "baton: touched FrozenShmem " + words.id +
                            " of testing::PEcho, which nobody may write " + words.At(7) +
                            ", 7 bytes in)\n");
}

TEST_CASE("fault reporter: what the truncation guard repairs is no fault") {
  if (IsSanitized()) SKIP_TEST("a sanitizer says more, at more length");
  const Guarded guarded;
  const LastWords words = LastWordsOf(OutlivesATruncation, false);
  CHECK(words.ended.signal == 0);
  CHECK(words.ended.code == EXIT_SUCCESS);
  CHECK(words.report.empty());
}

TEST_CASE("fault reporter: a handler of before that is for once is called once") {
  if (IsSanitized()) SKIP_TEST("a sanitizer says more, at more length");
  const Guarded guarded;
  const LastWords words = LastWordsOf(HadAHandlerForOnce, false);
  CHECK(words.ended.signal == SIGSEGV);
  const std::size_t first = words.report.find("mine\n");
  CHECK(first != std::string::npos);
  CHECK(words.report.find("mine\n", first + 1) == std::string::npos);
}

TEST_CASE("fault reporter: who has nobody to tell dies of the touch, not of a closed pipe") {
  if (IsSanitized()) SKIP_TEST("a sanitizer says more, at more length");
  const Guarded guarded;
  CHECK(LastWordsOf(HasNobodyToTell, false).ended.signal == SIGSEGV);
}

TEST_CASE("fault reporter: a process that is locked up reports and dies as any other") {
  SKIP_WITHOUT_SEALS("who is locked up makes none");
  if (IsSanitized()) SKIP_TEST(kNotSanitized);
  const Guarded guarded;
  const LastWords words = LastWordsOf(IsLockedUp);
  CHECK(words.ended.signal == SIGSEGV);
  CHECK(words.report.starts_with("baton: touched Shmem " + words.id));
}

TEST_CASE("fault reporter: the handler of before is called, with what the kernel has said") {
  if (IsSanitized()) SKIP_TEST("a sanitizer says more, at more length");
  const Guarded guarded;
  const LastWords words = LastWordsOf(HadAHandlerBefore);
  CHECK(words.ended.signal == 0);
  CHECK(words.ended.code == 7);
  std::ostringstream mine;
  mine << "mine: signal " << SIGSEGV << " at " << std::hex << words.begin << "\n";
  CHECK(words.report == "baton: touched Shmem " + words.id +
                            " of testing::PEcho, handed over by SendKeep, transfer 1 " +
                            words.At(0) + ", 0 bytes in)\n" + mine.str());
}

// --- Several threads, while memory comes and goes ------------------------------------------------

constexpr int kThreads = 4;
constexpr int kTouches = 100;

thread_local sigjmp_buf landing;

extern "C" void JumpAway(int) {
  siglongjmp(landing, 1);
}

// Faults, and goes on: the handler of before jumps out of it.
void TouchAndGoOn(std::byte* address) {
  if (sigsetjmp(landing, 1) == 0) Touch(address);
}

PEER(FaultsOnSeveralThreads) {
  Doomed doomed(channel_end);
  std::signal(SIGSEGV, &JumpAway);
  Must(InstallFaultReporter());
  std::vector<std::byte*> strays;
  for (int i = 0; i < kThreads; ++i) {
    Shmem memory = doomed.Alloc(4096);
    strays.push_back(memory.bytes().data());
    Announce(memory.id(), strays.back());
    doomed.Keep(std::move(memory));
  }
  std::atomic<int> going = kThreads;
  std::vector<std::thread> threads;
  for (std::byte* const stray : strays) {
    threads.emplace_back([&going, stray] {
      for (int turn = 0; turn < kTouches; ++turn) TouchAndGoOn(stray);
      --going;
    });
  }
  while (going > 0) doomed.Filled(doomed.Alloc(4096));  // comes, goes over, comes back, is freed
  for (std::thread& thread : threads) thread.join();
}

TEST_CASE("fault reporter: several threads fault while memory comes and goes, and each is told") {
  if (IsSanitized()) SKIP_TEST("a sanitizer does not like to be jumped out of");
  const Guarded guarded;
  Peer peer(PeerKind::kProcess, FaultsOnSeveralThreads);
  const platform::Handle end = peer.TakeEnd();
  std::string report;
  for (std::string heard = Hear(end); !heard.empty(); heard = Hear(end)) report += heard;
  peer.Join();
  std::istringstream lines(report);
  std::vector<std::string> ids(kThreads);
  for (std::string& id : ids) {
    std::string address;
    lines >> id >> address;
  }
  std::string line;
  std::getline(lines, line);
  std::array<int, kThreads> told = {};
  while (std::getline(lines, line)) {
    INFO(line);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const std::string expected = "baton: touched Shmem " + ids[i] +
                                   " of testing::PEcho, handed over by SendKeep, transfer 1 (";
      if (line.starts_with(expected) && line.ends_with(", 0 bytes in)")) ++told[i];
    }
  }
  for (const int count : told) CHECK(count == kTouches);
}

}  // namespace
}  // namespace baton::testing
