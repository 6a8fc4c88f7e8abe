// A child that keeps all memory that it gets, for tests of what happens when there is no more room.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "tests/process/echo_actors.h"
#include "tests/support/without_pool.h"

namespace baton::testing {

class HoardingChild final : public EchoChild {
 public:
  // What Count(number) does here, before it is answered with the number that this returns.
  std::function<std::uint64_t(std::uint64_t)> on_count = [](std::uint64_t number) {
    return number;
  };
  std::vector<Shmem> hoard;

 private:
  Result<void> RecvKeep(Shmem memory) override {
    hoard.push_back(std::move(memory));
    return {};
  }
  // Lets go of everything.
  void RecvGiveBack(GiveBackReplier reply) override {
    hoard.clear();
    reply(std::nullopt);
  }
  Result<void> RecvCount(std::uint64_t number) override { return SendCounted(on_count(number)); }
};

// Until the parent goes, in good order. `prepare` is told the child before the channel begins.
inline std::shared_ptr<HoardingChild> RunHoarder(
    platform::Handle channel_end,
    const std::function<void(HoardingChild&, ChannelOptions&)>& prepare) {
  io_context io;
  auto child = std::make_shared<HoardingChild>();
  Link link = Accept(std::move(channel_end));
  link.options = WithoutPool(link.options);
  prepare(*child, link.options);
  Must(internal::BindEndpoint(std::move(link.parts), child, io.get_executor(), link.options));
  io.run();
  PEER_EXPECT(child->destroyed == 1);
  PEER_EXPECT(!child->close_error());
  return child;
}

// What a test's side asks of it.
class HoardersParent : public ParentSide {
 public:
  // What is freed is gone, here and over there.
  HoardersParent(Peer& peer, Transport transport) : HoardersParent(Offer(peer, transport)) {}
  explicit HoardersParent(Link link)
      : ParentSide(Link{std::move(link.parts), WithoutPool(link.options)}) {}

  std::uint64_t Count(std::uint64_t number) {
    const std::size_t before = actor->counted.size();
    Must(actor->SendCount(number));
    RunUntil([&] { return actor->counted.size() > before || actor->destroyed > 0; });
    return actor->destroyed > 0 ? 0 : actor->counted.back();
  }

  // What became of it, and the memory where it came back.
  std::pair<std::error_code, Shmem> Fill(Shmem memory) {
    std::optional<std::error_code> result;
    Shmem back;
    actor->SendFill(std::move(memory), 7, [&](boost::system::error_code error, Shmem filled) {
      result = error;
      back = std::move(filled);
    });
    RunUntil([&] { return result.has_value(); });
    return {*result, std::move(back)};
  }
  std::error_code FillNew(std::uint64_t size) { return Fill(Must(actor->AllocShmem(size))).first; }

  void LetGo() {
    bool is_done = false;
    actor->SendGiveBack([&](boost::system::error_code error, const std::optional<Shmem>&) {
      PEER_EXPECT(!error);
      is_done = true;
    });
    RunUntil([&] { return is_done; });
  }
};

}  // namespace baton::testing
