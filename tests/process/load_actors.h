// Both sides of load.idl: each sends numbered pieces and insists on getting the other's in order
// and whole.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include <baton/baton.h>

#include "loadChild.h"
#include "loadParent.h"
#include "tests/process/transport.h"
#include "tests/support/failure.h"

namespace baton::testing {

// The content of a piece: bytes that tell its number and their place.
inline std::vector<std::byte> ContentOf(std::uint64_t number, std::size_t size) {
  std::vector<std::byte> content(size, static_cast<std::byte>(number * 37));
  if (size > 0) content.back() = static_cast<std::byte>(number);
  return content;
}

// How large the piece `number` is: mostly small, sometimes too large for a small ring (32 KiB), for
// any ring and the stream (65 KiB), up to 300 KiB.
inline std::size_t SizeOf(std::uint64_t number) {
  std::mt19937 random(static_cast<std::uint32_t>(number));
  const std::size_t most[] = {100, 100, 1000, 1000, 1000, 16'500, 40'000, 66'000, 100, 300'000};
  return random() % (most[random() % std::size(most)] + 1);
}

template <class Base>
class LoadActor : public Base {
 public:
  using Generated = Base;

  std::uint64_t received = 0;  // pieces; all of them were the next
  std::uint64_t files_received = 0;
  std::vector<Shmem> memory;
  bool asked = false;
  int destroyed = 0;
  ActorDestroyReason reason = {};
  std::vector<std::error_code> handler_errors;
  std::function<void()> on_piece = [] {};

 protected:
  Result<void> RecvPiece(std::uint64_t number, std::vector<std::byte> content) override {
    Expect(number, content);
    return {};
  }
  Result<void> RecvFiles(std::uint64_t number, std::vector<FileDescriptor> files,
                         std::vector<std::byte> content) override {
    files_received += files.size();
    PEER_EXPECT(std::ranges::all_of(files, [](const auto& file) { return bool{file}; }));
    Expect(number, content);
    return {};
  }
  Result<void> RecvMemory(Shmem received_memory) override {
    memory.push_back(std::move(received_memory));
    return {};
  }
  void RecvAsk(std::uint64_t number, typename Base::AskReplier reply) override {
    asked = true;
    reply(number);
  }
  void ActorDestroy(ActorDestroyReason why) override {
    ++destroyed;
    reason = why;
  }
  void OnHandlerError(std::error_code error) override { handler_errors.push_back(error); }

 private:
  void Expect(std::uint64_t number, const std::vector<std::byte>& content) {
    PEER_EXPECT(number == received);
    ++received;
    const bool is_whole =
        content.empty() ||
        (content.back() == static_cast<std::byte>(number) &&
         (content.size() == 1 || content.front() == static_cast<std::byte>(number * 37)));
    PEER_EXPECT(is_whole);
    on_piece();
  }
};

class LoadParent final : public LoadActor<::testing::PLoadParent> {};

class LoadChild final : public LoadActor<::testing::PLoadChild> {
  void RecvFetch(std::uint32_t size, FetchReplier reply) override {
    reply(std::vector<std::byte>(size, std::byte{1}));
  }
};

// Sends the pieces [0, count), waiting for Drained whenever there is no room.
class Pump {
 public:
  using Send = std::function<Result<void>(std::uint64_t number)>;

  Pump(Actor& actor, std::uint64_t count, Send send)
      : actor_(actor), count_(count), send_(std::move(send)) {}

  void Run() {
    for (; sent < count_; ++sent) {
      const auto result = send_(sent);
      if (result) continue;
      if (result.error() != Errc::kWouldBlock) return on_error(result.error());
      ++blocked;
      return actor_.Drained([this](boost::system::error_code error) {
        if (!error) Run();
      });
    }
    if (!on_done) return;
    actor_.Drained([this](boost::system::error_code error) {
      if (!error) on_done();
    });
  }

  std::uint64_t sent = 0;
  std::uint64_t blocked = 0;      // how often there was no room
  std::function<void()> on_done;  // all are sent, and there is room again
  // A piece could not be sent for another reason; no more are.
  std::function<void(std::error_code)> on_error = [](std::error_code error) {
    RecordFailure(__FILE__, __LINE__, "a piece is not sent: " + error.message());
  };

 private:
  Actor& actor_;
  const std::uint64_t count_;
  const Send send_;
};

// Both ends in this thread, each with an io_context of its own: which of the two gets on is the
// test's to say.
struct LoadPair {
  explicit LoadPair(Path path) : LoadPair(path, OptionsFor(path)) {}
  LoadPair(Path path, const ChannelOptions& options) {
    auto ends = CreateEndpointsOn<::testing::PLoadParent, ::testing::PLoadChild>(path);
    Must(std::move(ends.first).Bind(parent, parents.get_executor(), options));
    Must(std::move(ends.second).Bind(child, children.get_executor(), options));
  }

  template <class Predicate>
  void RunUntil(Predicate done) {
    while (!done()) {
      RunOne(parents);
      RunOne(children);
    }
  }
  void RunToTheEnd() {
    RunUntil([&] { return parent->destroyed > 0 && child->destroyed > 0; });
  }
  // Both have heard who the other is.
  void Introduce() {
    bool answered = false;
    parent->SendAsk(1, [&](boost::system::error_code error, std::uint64_t) { answered = !error; });
    RunUntil([&] { return answered; });
  }

  static void RunOne(boost::asio::io_context& io) {
    io.restart();
    io.poll_one();
  }

  boost::asio::io_context parents;
  boost::asio::io_context children;
  std::shared_ptr<LoadParent> parent = std::make_shared<LoadParent>();
  std::shared_ptr<LoadChild> child = std::make_shared<LoadChild>();
};

}  // namespace baton::testing
