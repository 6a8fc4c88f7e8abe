// Both sides of frozen.idl as the tests use them.
#pragma once

#include <sys/stat.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <baton/async.h>
#include <baton/baton.h>

#include "frozenChild.h"
#include "frozenParent.h"
#include "runtime/shmem/frozen_record.h"
#include "runtime/shmem/shmem_record.h"
#include "tests/process/transport.h"
#include "tests/support/byte_content.h"
#include "tests/support/must.h"
#include "tests/support/peer.h"

namespace baton::testing {

using boost::asio::io_context;
using boost::system::error_code;

inline std::uint64_t SumOf(std::span<const std::byte> bytes) {
  std::uint64_t sum = 0;
  for (const std::byte byte : bytes) sum += std::to_integer<std::uint64_t>(byte);
  return sum;
}

// Which object of the kernel's it is: what is the same was not copied.
inline std::uint64_t ObjectOf(const platform::Handle& handle) {
  struct stat object = {};
  PEER_EXPECT(::fstat(handle.get(), &object) == 0);
  return object.st_ino;
}
inline std::uint64_t ObjectOf(Shmem& shmem) {
  return ObjectOf(internal::ShmemAccess::record(shmem)->memory().handle());
}
inline std::uint64_t ObjectOf(const FrozenShmem& shmem) {
  return ObjectOf(internal::FrozenAccess::record(shmem)->memory().handle());
}

// Does what frozen.idl says.
template <class Base>
class FrozenActor : public Base {
 public:
  int destroyed = 0;
  ActorDestroyReason reason = {};
  std::vector<std::error_code> handler_errors;

  const FrozenShmem& kept() const { return kept_; }
  // What Freeze has refused, instead of GiveBack.
  Shmem TakeRefused() { return std::move(refused_); }

 protected:
  void RecvSum(FrozenShmem memory, typename Base::SumReplier reply) override {
    reply(SumOf(memory.bytes()));
  }
  void RecvSumAll(std::vector<::testing::Picture> pictures,
                  std::map<std::uint32_t, FrozenShmem> more, ::testing::Content content,
                  typename Base::SumAllReplier reply) override {
    std::uint64_t sum = 0;
    for (const auto& picture : pictures) {
      sum += SumOf(picture.pixels.bytes());
      if (picture.thumbnail) sum += SumOf(picture.thumbnail->bytes());
    }
    for (const auto& [number, memory] : more) sum += number * SumOf(memory.bytes());
    if (const auto* memory = content.get_if<1>()) sum += SumOf(memory->bytes());
    reply(sum);
  }
  void RecvFill(Shmem memory, std::uint8_t fill, typename Base::FillReplier reply) override {
    std::ranges::fill(memory.bytes(), std::byte{fill});
    reply(std::move(memory));
  }
  void RecvFreeze(Shmem memory, typename Base::FreezeReplier reply) override {
    auto frozen = this->Freeze(std::move(memory));
    if (frozen) return reply(*std::move(frozen));
    refused_ = std::move(memory);
    reply.Reject(frozen.error());
  }
  void RecvFreezeAnyway(Shmem memory, typename Base::FreezeAnywayReplier reply) override {
    auto shared = std::make_shared<typename Base::FreezeAnywayReplier>(std::move(reply));
    this->AsyncFreeze(std::move(memory), [shared](error_code error, FrozenShmem frozen) {
      error ? shared->Reject(error) : (*shared)(std::move(frozen));
    });
    PEER_EXPECT(memory.state() == ShmemState::kEmpty);
  }
  void RecvGiveBack(typename Base::GiveBackReplier reply) override {
    std::ranges::fill(refused_.bytes(), std::byte{9});
    reply(std::move(refused_));
  }
  Result<void> RecvKeep(FrozenShmem memory) override {
    kept_ = std::move(memory);
    return {};
  }
  void RecvKept(typename Base::KeptReplier reply) override { reply(kept_.Share()); }
  void ActorDestroy(ActorDestroyReason why) override {
    ++destroyed;
    reason = why;
  }
  void OnHandlerError(std::error_code error) override { handler_errors.push_back(error); }

 private:
  Shmem refused_;
  FrozenShmem kept_;
};

class FrozenParent final : public FrozenActor<::testing::PFrozenParent> {};
class FrozenChild final : public FrozenActor<::testing::PFrozenChild> {};

// One side, in a thread of its own or a process.
template <class A>
struct FrozenSide {
  explicit FrozenSide(Link link) : FrozenSide(std::move(link.parts), link.options) {}
  FrozenSide(internal::EndpointParts parts, const ChannelOptions& options) {
    Must(internal::BindEndpoint(std::move(parts), actor, io.get_executor(), options));
  }
  template <class Predicate>
  void RunUntil(Predicate done) {
    io.restart();
    while (!done() && io.run_one() > 0) {
    }
  }
  void CloseAndRun() {
    actor->Close();
    io.restart();
    io.run();
  }

  std::uint64_t Sum(const FrozenShmem& memory) {
    std::optional<std::uint64_t> answer;
    actor->SendSum(memory, [&](error_code error, std::uint64_t sum) {
      PEER_EXPECT(!error);
      answer = sum;
    });
    RunUntil([&] { return answer.has_value(); });
    return *answer;
  }
  Shmem Fill(Shmem memory, std::uint8_t value) {
    std::optional<Shmem> answer;
    actor->SendFill(std::move(memory), value, [&](error_code error, Shmem filled) {
      PEER_EXPECT(!error);
      answer = std::move(filled);
    });
    RunUntil([&] { return answer.has_value(); });
    return std::move(*answer);
  }
  // What the token form, or a question for it, completes with.
  template <class Start>
  Result<FrozenShmem> Await(Start start) {
    std::optional<Result<FrozenShmem>> answer;
    start([&](error_code error, FrozenShmem frozen) {
      if (error) {
        answer = Fail(std::error_code(error));
      } else {
        answer = std::move(frozen);
      }
    });
    RunUntil([&] { return answer.has_value(); });
    return std::move(*answer);
  }
  Result<FrozenShmem> FreezeAnyway(Shmem memory) {
    return Await([&](auto done) { actor->AsyncFreeze(std::move(memory), done); });
  }

  io_context io;
  std::shared_ptr<A> actor = std::make_shared<A>();
};

inline void RunFrozenChild(platform::Handle channel_end) {
  FrozenSide<FrozenChild> child(Accept(std::move(channel_end)));
  child.io.run();
  PEER_EXPECT(child.actor->destroyed == 1);
}

}  // namespace baton::testing
