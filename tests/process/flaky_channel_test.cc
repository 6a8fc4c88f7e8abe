// However a stream is split and interrupted, what two actors say to each other arrives as it was
// said: nothing lost, nothing twice, in order, with its memory and its file descriptors.
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <cerrno>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <baton/baton.h>
#include <baton/generated.h>

#include "runtime/channel/in_process_stream.h"
#include "tests/support/flaky_stream.h"
#include "tests/support/guarded.h"
#include "tests/support/many_files.h"
#include "tests/support/must.h"
#include "tests/support/skip.h"

namespace baton::testing {
namespace {

using boost::asio::io_context;

// --- The protocol --------------------------------------------------------------------------------

constexpr wire::Type kFileArray = wire::kArrayOf<FileDescriptor, wire::kFileDescriptor>;
constexpr wire::Row kTextRows[] = {{"text", 0, 0, &wire::kString}};
constexpr wire::Row kFilesRows[] = {{"text", 0, 0, &wire::kString}, {"files", 0, 1, &kFileArray}};
constexpr wire::Row kMemoryRows[] = {{"text", 0, 0, &wire::kString},
                                     {"memory", 0, 1, &wire::kShmem}};
constexpr wire::Table kTextTable = {"Text", kTextRows};
constexpr wire::Table kFilesTable = {"Files", kFilesRows};
constexpr wire::Table kMemoryTable = {"Memory", kMemoryRows};
constexpr wire::Message kText = {"PScript::Text", 1, &kTextTable, nullptr};
constexpr wire::Message kFiles = {"PScript::Files", 2, &kFilesTable, nullptr};
constexpr wire::Message kMemory = {"PScript::Memory", 3, &kMemoryTable, nullptr};
constexpr wire::Message kAsk = {"PScript::Ask", 4, &kTextTable, &kTextTable};
constexpr const wire::Message* kAll[] = {&kText, &kFiles, &kMemory, &kAsk};
constexpr wire::Protocol kScript = {"testing::PScript", 0x5c21, 1, kAll, kAll};

// --- What is said --------------------------------------------------------------------------------

struct Line {
  enum Kind { kSay, kAskFor, kGiveMemory, kGiveFiles } kind = kSay;
  unsigned number = 0;
  std::size_t size = 0;   // of the text
  std::size_t count = 0;  // of the bytes of memory, or of the files
};

// In the ring, in the stream, and in memory of its own.
constexpr std::size_t kSizes[] = {100, 16'000, 64'000, 200'000};
constexpr std::size_t kFileCounts[] = {1, 253, 300, 1000};

std::vector<Line> WriteScript(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Line> script;
  for (unsigned number = 0; number < 60; ++number) {
    Line line;
    line.kind = static_cast<Line::Kind>(std::min(random() % 6, 3UL));
    if (random() % 3 == 0) line.kind = Line::kSay;
    line.number = number;
    line.size = random() % (1 + kSizes[random() % std::size(kSizes)]);
    line.count = 1 + random() % 10'000;
    if (line.kind == Line::kGiveFiles) line.count = kFileCounts[number % std::size(kFileCounts)];
    script.push_back(line);
  }
  return script;
}

std::string TextOf(const Line& line) {
  std::string text(line.size, ' ');
  unsigned letter = line.number;
  for (char& each : text) each = static_cast<char>('a' + letter++ % 26);
  return text;
}

// A file that can be told from the next: by its length.
FileDescriptor AFile(std::size_t index) {
  static const std::vector<FileDescriptor> files = [] {
    std::vector<FileDescriptor> made;
    for (long size = 0; size < 7; ++size) {
      made.emplace_back(::memfd_create("script", MFD_CLOEXEC));
      REQUIRE(::ftruncate(made.back().get(), size) == 0);
    }
    return made;
  }();
  return Must(files[index % files.size()].Duplicate());
}

// --- Who says it ---------------------------------------------------------------------------------

// Says its script as fast as it may, and checks that it hears the other's.
class Speaker : public Actor {
 public:
  Speaker(Side side, unsigned own_seed, unsigned other_seed)
      : Actor(kScript, side, &Speaker::Dispatch),
        own_(WriteScript(own_seed)),
        others_(WriteScript(other_seed)) {}

  void Speak() {
    while (next_ < own_.size() && CanSend()) {
      const Line& line = own_[next_];
      if (line.kind == Line::kAskFor && !std::exchange(may_ask_, false)) {
        return Drained([this](std::error_code) {
          may_ask_ = true;
          Speak();
        });
      }
      const auto said = Say(line);
      if (!said && said.error() == Errc::kWouldBlock) {
        return Drained([this](std::error_code) { Speak(); });
      }
      Must(said);
      ++next_;
    }
  }

  bool is_done() const { return next_ == own_.size() && heard == others_.size() && asked_ == 0; }

  std::size_t heard = 0;
  std::function<void()> on_progress = [] {};
  std::vector<std::error_code> handler_errors;
  bool destroyed = false;

 private:
  Result<void> Say(const Line& line) {
    const std::string text = TextOf(line);
    switch (line.kind) {
      case Line::kSay: return SendMessage(kText, {&text});
      case Line::kAskFor: Ask(text); return {};
      case Line::kGiveMemory: {
        BATON_TRY(Shmem memory, AllocShmem(line.count));
        std::ranges::fill(memory.bytes(), static_cast<std::byte>(line.number));
        return SendMessage(kMemory, {&text, &memory});
      }
      case Line::kGiveFiles: {
        std::vector<FileDescriptor> files;
        for (std::size_t i = 0; i < line.count; ++i) files.push_back(AFile(line.number + i));
        return SendMessage(kFiles, {&text, &files});
      }
    }
    return {};
  }

  void Ask(const std::string& text) {
    ++asked_;
    SendCall<std::string>(*this, kAsk, {&text},
                          [this, number = next_](std::error_code error, std::string answer) {
                            CHECK_FALSE(error);
                            CHECK(answer == TextOf(own_[number]));
                            CHECK(number >= last_answered_);  // answers are in order
                            last_answered_ = number;
                            --asked_;
                            on_progress();
                          });
  }

  // The next line of the other's script, which must be this one.
  const Line& Hear(Line::Kind kind, const std::string& text) {
    REQUIRE(heard < others_.size());
    const Line& line = others_[heard];
    CAPTURE(line.number);
    CHECK(line.kind == kind);
    CHECK((text == TextOf(line)));
    ++heard;
    return line;
  }

  Result<void> RecvText(std::string text) {
    Hear(Line::kSay, text);
    on_progress();
    return {};
  }

  void RecvAsk(std::string text, Replier<std::string> reply) {
    Hear(Line::kAskFor, text);
    reply(std::move(text));
    on_progress();
  }

  Result<void> RecvMemory(std::string text, Shmem memory) {
    const Line& line = Hear(Line::kGiveMemory, text);
    const auto expected = static_cast<std::byte>(line.number);
    CHECK(memory.size() == line.count);
    CHECK(std::ranges::all_of(memory.bytes(), [&](std::byte byte) { return byte == expected; }));
    on_progress();
    return {};
  }

  Result<void> RecvFiles(std::string text, std::vector<FileDescriptor> files) {
    const Line& line = Hear(Line::kGiveFiles, text);
    CHECK(files.size() == line.count);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < files.size(); ++i) {
      struct stat status = {};
      REQUIRE(::fstat(files[i].get(), &status) == 0);
      if (static_cast<std::size_t>(status.st_size) != (line.number + i) % 7) ++wrong;
    }
    CHECK(wrong == 0);
    on_progress();
    return {};
  }

  static Result<void> Dispatch(Actor* actor, Incoming& incoming) {
    auto* const self = static_cast<Speaker*>(actor);
    switch (incoming.message()) {
      case kText.id: return Deliver(incoming, kText, self, &Speaker::RecvText);
      case kFiles.id: return Deliver(incoming, kFiles, self, &Speaker::RecvFiles);
      case kMemory.id: return Deliver(incoming, kMemory, self, &Speaker::RecvMemory);
      case kAsk.id: return Deliver(incoming, kAsk, self, &Speaker::RecvAsk);
    }
    return incoming.Unknown();
  }

  void ActorDestroy(ActorDestroyReason) override { destroyed = true; }
  void OnHandlerError(std::error_code error) override { handler_errors.push_back(error); }

  const std::vector<Line> own_;
  const std::vector<Line> others_;
  std::size_t next_ = 0;
  std::size_t asked_ = 0;
  std::size_t last_answered_ = 0;
  bool may_ask_ = false;
};

// --- Over what -----------------------------------------------------------------------------------

enum class FlakyPath { kSocket, kFlakySocket, kFlakyInProcess };

using Parts = std::pair<internal::EndpointParts, internal::EndpointParts>;

internal::EndpointParts FlakyParts(internal::EndpointParts parts, unsigned seed) {
  const auto inner = std::make_shared<internal::EndpointParts>(std::move(parts));
  const auto open = [inner](const boost::asio::any_io_executor& executor) {
    return inner->source != nullptr
               ? inner->source->Open(executor)
               : internal::OpenSocketStream(std::move(inner->socket), executor);
  };
  return {.socket = {}, .source = std::make_shared<FlakySource>(open, seed)};
}

Parts PartsOf(FlakyPath path, unsigned seed) {
  Parts parts = path == FlakyPath::kFlakyInProcess ? internal::CreateInProcessParts()
                                                   : Must(internal::CreateEndpointParts());
  if (path == FlakyPath::kSocket) return parts;
  return {FlakyParts(std::move(parts.first), seed), FlakyParts(std::move(parts.second), ~seed)};
}

void Converse(FlakyPath path, const ChannelOptions& options, unsigned seed) {
  io_context io;
  const auto parent = std::make_shared<Speaker>(Side::kParent, seed, seed + 1);
  const auto child = std::make_shared<Speaker>(Side::kChild, seed + 1, seed);
  parent->on_progress = child->on_progress = [&] {
    if (parent->is_done() && child->is_done()) parent->Close();
  };
  Parts parts = PartsOf(path, seed);
  Must(internal::BindEndpoint(std::move(parts.first), parent, io.get_executor(), options));
  Must(internal::BindEndpoint(std::move(parts.second), child, io.get_executor(), options));
  parent->Speak();
  child->Speak();
  io.run();
  CHECK(parent->is_done());
  CHECK(child->is_done());
  for (const auto& actor : {parent, child}) {
    CHECK(actor->destroyed);
    CHECK(actor->close_detail() == "");
    CHECK(actor->handler_errors.empty());
    CHECK((actor->statistics().ring_frames_received > 0) == (options.ring_bytes > 0));
  }
}

TEST_CASE("what two actors say arrives as it was said, however bad the stream is") {
  if (!AllowManyFiles()) SKIP_TEST("this process may not open enough files");
  (void)AFile(0);  // what stays for good is there now
  const FlakyPath path =
      GENERATE(FlakyPath::kSocket, FlakyPath::kFlakySocket, FlakyPath::kFlakyInProcess);
  const std::size_t ring_bytes = GENERATE(std::size_t{0}, std::size_t{64} << 10);
  const unsigned seed = GENERATE(range(1U, 7U));
  CAPTURE(static_cast<int>(path), ring_bytes, seed);
  const Guarded guarded;
  ChannelOptions options;
  options.ring_bytes = ring_bytes;
  options.max_queued_bytes = std::size_t{1} << 20;  // sometimes full
  options.max_queued_handles = 2048;
  Converse(path, options, seed);
}

}  // namespace
}  // namespace baton::testing
