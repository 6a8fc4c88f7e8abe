// Two honest sides: handles, typed memory, bounds, taint, and versions that differ.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include <baton/async.h>

#include "tests/process/kinds_actors.h"
#include "tests/support/guarded.h"
#include "tests/support/many_files.h"
#include "tests/support/skip.h"

namespace baton::testing {
namespace {

// A parent and a child in one thread.
struct Pair {
  explicit Pair(const wire::Protocol& of_parent = kinds::kVersion1,
                const wire::Protocol& of_child = kinds::kVersion1)
      : parent(std::make_shared<KindsActor>(of_parent, Side::kParent)),
        child(std::make_shared<KindsActor>(of_child, Side::kChild)) {
    auto ends = Must(platform::CreateSocketPair());
    parent->BindTo(std::move(ends.first), io);
    child->BindTo(std::move(ends.second), io);
  }
  ~Pair() {
    parent->Close();
    child->Close();
    io.restart();
    io.run();
    CHECK(parent->destroyed == 1);
    CHECK(child->destroyed == 1);
  }

  void Run() {
    io.restart();
    io.poll();
  }

  boost::asio::io_context io;
  std::shared_ptr<KindsActor> parent;
  std::shared_ptr<KindsActor> child;
};

std::pair<FileDescriptor, FileDescriptor> Pipe() {
  int ends[2] = {-1, -1};
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

TEST_CASE("a file descriptor is duplicated on its way") {
  const Guarded guarded;
  Pair pair;
  auto [read_end, write_end] = Pipe();
  std::vector<FileDescriptor> files;
  files.push_back(std::move(write_end));
  Must(pair.parent->SendMessage(kinds::kFile, {&files}));
  CHECK(files[0]);  // the sender keeps its own
  files.clear();    // and may close it at once
  pair.Run();
  REQUIRE(pair.child->files.size() == 1);
  const int arrived = pair.child->files[0].get();
  CHECK((fcntl(arrived, F_GETFD) & FD_CLOEXEC) != 0);
  REQUIRE(write(arrived, "x", 1) == 1);
  char letter = 0;
  CHECK(read(read_end.get(), &letter, 1) == 1);
  CHECK(letter == 'x');
  pair.child->files.clear();
  CHECK(read(read_end.get(), &letter, 1) == 0);  // that was the last one
}

TEST_CASE("several file descriptors arrive in order, beside none of them empty") {
  if (!AllowManyFiles()) SKIP_TEST("this process may not open enough files");
  const Guarded guarded;
  Pair pair;
  auto [read_end, write_end] = Pipe();
  std::vector<FileDescriptor> files;
  files.push_back(std::move(write_end));
  files.push_back(std::move(read_end));
  Must(pair.parent->SendMessage(kinds::kFile, {&files}));
  pair.Run();
  REQUIRE(pair.child->files.size() == 2);
  CHECK(Must(platform::SameObject(pair.child->files[0], files[0])));
  CHECK(Must(platform::SameObject(pair.child->files[1], files[1])));

  files.emplace_back();
  const auto empty = pair.parent->SendMessage(kinds::kFile, {&files});
  REQUIRE(empty.has_error());
  CHECK(empty.error() == Errc::kEmptyHandle);
  files.clear();
  files.resize(1025);
  for (auto& file : files) file = FileDescriptor(fcntl(0, F_DUPFD_CLOEXEC, 3));
  const auto many = pair.parent->SendMessage(kinds::kFile, {&files});
  REQUIRE(many.has_error());
  CHECK(many.error() == Errc::kTooManyHandles);
}

TEST_CASE("typed memory is memory with elements") {
  const Guarded guarded;
  Pair pair;
  auto odd = Must(pair.parent->AllocShmem(10));
  const auto refused = TypedShmem<float>::From(std::move(odd));
  REQUIRE(refused.has_error());
  CHECK(refused.error() == Errc::kInvalidValue);
  CHECK(odd.state() == ShmemState::kOwned);  // untouched
  CHECK(TypedShmem<float>::From(Shmem()).error() == Errc::kEmptyShmem);

  auto floats = Must(TypedShmem<float>::From(Must(pair.parent->AllocShmem(12))));
  REQUIRE(floats.size() == 3);
  std::ranges::copy(std::array{1.5F, -2.0F, 3.0F}, floats.elements().begin());
  Must(pair.parent->SendMessage(kinds::kFloatsMessage, {&floats}));
  CHECK(floats.state() == ShmemState::kSent);
  CHECK(floats.elements().empty());
  pair.Run();
  CHECK(std::ranges::equal(pair.child->floats.elements(), std::array{1.5F, -2.0F, 3.0F}));
  const Shmem memory = pair.child->floats.Release();
  CHECK(memory.size() == 12);
  CHECK(pair.child->floats.state() == ShmemState::kEmpty);
  const TypedShmem<float> empty;
  CHECK(pair.child->SendMessage(kinds::kFloatsMessage, {&empty}).error() == Errc::kEmptyShmem);
}

TEST_CASE("a slice is its part over there, and all of its memory has moved") {
  const Guarded guarded;
  Pair pair;
  Shmem whole = Must(pair.parent->AllocShmem(100));
  for (std::size_t n = 0; n < 100; ++n) whole.bytes()[n] = static_cast<std::byte>(n);
  const auto [offset, length] = GENERATE(
      table<std::uint64_t, std::uint64_t>({{0, 100}, {10, 20}, {99, 1}, {100, 0}, {0, 0}}));
  CAPTURE(offset, length);
  ShmemSlice slice = Must(ShmemSlice::Of(std::move(whole), offset, length));
  Must(pair.parent->SendMessage(kinds::kSlice, {&slice}));
  CHECK(slice.state() == ShmemState::kSent);
  CHECK(slice.bytes().empty());
  CHECK(slice.offset() == 0);
  pair.Run();
  CHECK(pair.child->slice.offset() == offset);
  CHECK(pair.child->slice.size() == length);
  const Shmem there = pair.child->slice.Release();
  REQUIRE(there.size() == 100);  // all of it
  CHECK(there.bytes()[99] == std::byte{99});
}

TEST_CASE("a slice that is empty, sent or of another channel does not leave") {
  const Guarded guarded;
  Pair pair;
  Pair other;
  ShmemSlice slice;
  CHECK(pair.parent->SendMessage(kinds::kSlice, {&slice}).error() == Errc::kEmptyShmem);
  slice = Must(ShmemSlice::Of(Must(other.parent->AllocShmem(10)), 2, 3));
  CHECK(pair.parent->SendMessage(kinds::kSlice, {&slice}).error() == Errc::kWrongChannel);
  CHECK(slice.size() == 3);  // untouched
  Must(other.parent->SendMessage(kinds::kSlice, {&slice}));
  CHECK(other.parent->SendMessage(kinds::kSlice, {&slice}).error() == Errc::kAlreadySent);
  Shmem sent = slice.Release();
  CHECK(sent.state() == ShmemState::kSent);
  CHECK(other.parent->DeallocShmem(sent).error() == Errc::kAlreadySent);
}

TEST_CASE("a value out of bounds does not leave, and its field is named") {
  const Guarded guarded;
  Pair pair;
  kinds::Counts counts = {{"a", 100}, {"b", 0}};
  Must(pair.parent->SendMessage(kinds::kCountsMessage, {&counts}));
  CHECK(pair.parent->send_error_detail().empty());
  const bool too_large = GENERATE(true, false);
  counts[too_large ? "a" : "c"] = too_large ? 101 : 1;
  const auto refused = pair.parent->SendMessage(kinds::kCountsMessage, {&counts});
  REQUIRE(refused.has_error());
  CHECK(refused.error() == Errc::kOutOfBounds);
  CHECK(pair.parent->send_error_detail() == (too_large ? "counts[0]" : "counts"));
  pair.Run();
  CHECK(pair.child->counts == kinds::Counts{{"a", 100}, {"b", 0}});
  CHECK(pair.parent->CanSend());
}

TEST_CASE("a tainted value that does not validate is the peer's fault") {
  const Guarded guarded;
  Pair pair;
  std::uint32_t width = 99;
  std::error_code answer_error;
  std::uint32_t answer = 0;
  const auto on_answer = [&](boost::system::error_code error, std::uint32_t value) {
    answer_error = error;
    answer = value;
  };
  Must(pair.parent->SendMessage(kinds::kWidth, {&width}));
  SendCall<std::uint32_t>(*pair.parent, kinds::kAskWidth, {&width}, on_answer);
  pair.Run();
  CHECK(pair.child->numbers == std::vector<std::uint32_t>{99});
  CHECK_FALSE(answer_error);
  CHECK(answer == 100);

  width = 100;
  SECTION("in a message") {
    Must(pair.parent->SendMessage(kinds::kWidth, {&width}));
    pair.Run();
    CHECK_THAT(pair.child->close_detail(), Catch::Contains("PKinds::Width"));
  }
  SECTION("in a question") {
    SendCall<std::uint32_t>(*pair.parent, kinds::kAskWidth, {&width}, on_answer);
    pair.Run();
    CHECK_THAT(pair.child->close_detail(), Catch::Contains("PKinds::AskWidth"));
    CHECK(answer_error);
  }
  CHECK(pair.child->close_error() == Rule::kHandler);
  CHECK(pair.child->handler_errors.empty());
}

TEST_CASE("a newer side and an older one speak the older version") {
  const Guarded guarded;
  const bool newer_parent = GENERATE(true, false);
  const auto& older = *GENERATE(&kinds::kVersion1, &kinds::kVersion2);
  Pair pair(newer_parent ? kinds::kVersion3 : older, newer_parent ? older : kinds::kVersion3);
  KindsActor& newer_side = newer_parent ? *pair.parent : *pair.child;
  KindsActor& older_side = newer_parent ? *pair.child : *pair.parent;
  const bool is_known_there = older.version >= 2;

  // Before either HELLO: what every version has is sent, and arrives.
  std::uint32_t number = 1;
  Must(newer_side.SendMessage(kinds::kWidth, {&number}));
  Must(older_side.SendMessage(kinds::kWidth, {&number}));
  pair.Run();
  CHECK(older_side.numbers == std::vector<std::uint32_t>{1});
  CHECK(newer_side.numbers == std::vector<std::uint32_t>{1});

  number = 2;
  const auto newer = newer_side.SendMessage(kinds::kNewer, {&number});
  CHECK(newer.has_value() == is_known_there);
  if (!is_known_there) CHECK(newer.error() == Errc::kPeerTooOld);
  Must(older_side.SendMessage(kinds::kGone, {&number}));  // there, it still exists
  pair.Run();
  CHECK(older_side.numbers.size() == (is_known_there ? 2 : 1));
  CHECK(newer_side.numbers == std::vector<std::uint32_t>{1, 2});
  CHECK(newer_side.CanSend());
  CHECK(older_side.CanSend());
}

TEST_CASE("memory in a field that the peer does not know stays here") {
  const Guarded guarded;
  Pair pair(kinds::kVersion3, kinds::kVersion1);
  pair.Run();
  const std::uint32_t number = 5;
  auto memory = std::make_optional(Must(pair.parent->AllocShmem(8)));
  Must(pair.parent->SendMessage(kinds::kGrown, {&number, &memory}));
  CHECK(memory->state() == ShmemState::kOwned);
  pair.Run();
  CHECK(pair.child->numbers == std::vector<std::uint32_t>{5});
  CHECK_FALSE(pair.child->memory.has_value());
  CHECK(pair.parent->CanSend());
}

TEST_CASE("what was sent too early for an older peer ends the channel, and blames nobody") {
  const Guarded guarded;
  Pair pair(kinds::kVersion3, kinds::kVersion1);
  const std::uint32_t number = 5;
  auto memory = std::make_optional(Must(pair.parent->AllocShmem(8)));
  SECTION("a message") {
    Must(pair.parent->SendMessage(kinds::kNewer, {&number}));
  }
  SECTION("memory in a field") {
    Must(pair.parent->SendMessage(kinds::kGrown, {&number, &memory}));
  }
  pair.Run();
  CHECK(pair.parent->close_error() == Errc::kPeerTooOld);
  CHECK_THAT(pair.parent->close_detail(), Catch::Contains("version 1 there"));
  CHECK(pair.child->close_error() == Errc::kPeerDied);
  CHECK(pair.child->numbers.empty());
}

TEST_CASE("what was sent early arrives at a peer of the same version") {
  const Guarded guarded;
  Pair pair(kinds::kVersion3, kinds::kVersion3);
  const std::uint32_t number = 5;
  auto memory = std::make_optional(Must(pair.parent->AllocShmem(8)));
  Must(pair.parent->SendMessage(kinds::kNewer, {&number}));
  Must(pair.parent->SendMessage(kinds::kGrown, {&number, &memory}));
  pair.Run();
  CHECK(pair.child->numbers == std::vector<std::uint32_t>{5, 5});
  REQUIRE(pair.child->memory.has_value());
  CHECK(pair.child->memory->size() == 8);
  // What has been removed is not sent any more.
  CHECK(pair.parent->SendMessage(kinds::kGone, {&number}).error() == Errc::kInvalidValue);
}

TEST_CASE("closing before the peer's HELLO has come still delivers what was sent") {
  const Guarded guarded;
  Pair pair(kinds::kVersion3, kinds::kVersion2);
  const std::uint32_t number = 5;
  Must(pair.parent->SendMessage(kinds::kNewer, {&number}));
  pair.parent->Close();
  pair.Run();
  CHECK(pair.child->numbers == std::vector<std::uint32_t>{5});
  CHECK_FALSE(pair.child->close_error());
}

}  // namespace
}  // namespace baton::testing
