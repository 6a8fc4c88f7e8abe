// A parent of PFaults that means harm: it speaks raw frames to an honest child, in the same thread.
// What it says is written by the tables of PLoose, which have the same shapes and no rules.
#pragma once

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <baton/async.h>
#include <baton/baton.h>
#include <baton/platform/local_socket.h>
#include <baton/platform/shared_memory.h>

#include "faultsChild.h"
#include "faultsParent.h"
#include "runtime/channel/control_messages.h"
#include "runtime/channel/frame.h"
#include "runtime/wire/encoder.h"
#include "tests/hostile/evil_parent.h"
#include "tests/hostile/frame_numbers.h"
#include "tests/support/must.h"

namespace baton::testing {

namespace faults = ::testing;

class FaultsPiece final : public faults::PPieceChild {
  Result<void> RecvTurn(std::uint32_t) override { return {}; }
};

class FaultsChild final : public faults::PFaultsChild {
 public:
  int received = 0;
  int destroyed = 0;
  bool judges_later = false;

  void JudgeNow() {
    const auto good = weight_.Validate([](auto grams) { return grams < 100; });
    auto reply = *std::exchange(reply_, std::nullopt);
    if (!good) return reply.Reject(good.error());
    reply(*good / 2);
  }

 private:
  using Piece = ActorValue<faults::PPieceParent, faults::PPieceChild>;

  Result<void> RecvDraw(Tainted<faults::Scene>) override { return Got(); }
  Result<void> RecvLay(Tainted<faults::Pair>) override { return Got(); }
  Result<void> RecvWeigh(Tainted<std::uint32_t> weight) override {
    BATON_TRY(const auto good, weight.Validate([](auto grams) { return grams < 100; }));
    (void)good;
    return Got();
  }
  void RecvAskWeight(Tainted<std::uint32_t> weight, AskWeightReplier reply) override {
    weight_ = weight;
    reply_.emplace(std::move(reply));
    if (!judges_later) JudgeNow();
  }
  Result<void> RecvJudge(Tainted<std::string> text) override {
    const auto good = text.Validate([](const auto& words) { return words != "bad"; });
    if (good) return Got();
    if (!judges_later) return PeerFault("I do not like it");
    std::exchange(reply_, std::nullopt)->Reject(good.error());
    return {};
  }
  Result<void> RecvLate(Tainted<std::uint32_t>) override { return Got(); }
  Result<void> RecvMove(Tainted<std::vector<Piece>>) override { return Got(); }
  std::shared_ptr<faults::PPieceChild> AllocPPieceChild() override {
    return std::make_shared<FaultsPiece>();
  }
  void ActorDestroy(ActorDestroyReason) override { ++destroyed; }

  Result<void> Got() {
    ++received;
    return {};
  }

  Tainted<std::uint32_t> weight_;
  std::optional<AskWeightReplier> reply_;
};

class EvilScene {
 public:
  explicit EvilScene(std::uint32_t version = faults::PFaults::kProtocol.version,
                     std::uint64_t hash = faults::PFaults::kProtocol.schema_hash) {
    auto ends = Must(platform::CreateSocketPair());
    socket_ = std::move(ends.first);
    Endpoint<faults::PFaultsChild> end({std::move(ends.second), {}});
    Must(std::move(end).Bind(victim, io.get_executor()));
    internal::Hello hello = EvilParent::HelloOf(faults::PFaults::kProtocol);
    hello.protocol_version = version;
    hello.schema_hash = hash;
    Send(EvilParent::HelloHeader(), EvilParent::HelloPayload(hello));
  }
  ~EvilScene() {
    socket_.Reset();
    io.restart();
    io.run();
    CHECK(victim->destroyed == 1);
  }

  // An honest header; tests change it.
  internal::FrameHeader HeaderOf(const wire::Message& message, std::uint32_t actor = 0) {
    return numbers_.HeaderOf(message, actor);
  }

  std::vector<std::byte> Encode(const wire::Table& table, std::span<const void* const> values) {
    const auto encoded = Must(encoder_.Encode(table, values, 1 << 20));
    return {encoded.bytes.begin(), encoded.bytes.end()};
  }
  std::vector<std::byte> Encode(const wire::Message& message, const void* value) {
    return Encode(*message.parameters, std::span(&value, 1));
  }

  void Send(internal::FrameHeader header, std::span<const std::byte> payload,
            std::span<const platform::Handle> handles = {}) {
    header.handles = static_cast<std::uint16_t>(handles.size());
    const auto frame = EvilParent::FrameOf(header, payload);
    std::vector<platform::NativeHandle> natives;
    for (const auto& handle : handles) natives.push_back(handle.get());
    CHECK(Must(platform::SendSome(socket_, frame, natives)) == frame.size());
    io.restart();
    io.poll();
  }

  // A Pair whose references to memory are filled in by `fill(n, reference)`.
  template <class Fill>
  std::vector<std::byte> EncodePair(const faults::Pair& pair, Fill fill) {
    const void* const values[] = {&pair};
    const auto encoded = Must(encoder_.Encode(*faults::PFaults::kLay.parameters, values, 1 << 20));
    for (std::size_t n = 0; n < encoded.shared_memory.size(); ++n) {
      const wire::OutgoingShmem& hole = encoded.shared_memory[n];
      wire::ShmemReference reference;
      fill(n, reference);
      const bool is_file = hole.kind == wire::Kind::kFileDescriptor;
      const void* const from = is_file ? static_cast<const void*>(&reference.handle) : &reference;
      std::memcpy(encoded.bytes.data() + hole.position, from,
                  is_file ? sizeof(reference.handle) : sizeof(reference));
    }
    return {encoded.bytes.begin(), encoded.bytes.end()};
  }

  void ExpectAlive() {
    INFO(victim->close_detail());
    CHECK(victim->destroyed == 0);
  }
  void ExpectFault(Rule rule, const std::string& detail) {
    CHECK(victim->destroyed == 1);
    CHECK(victim->close_error() == rule);
    CHECK(victim->close_detail() == detail + " (" + make_error_code(rule).message() + ")");
  }

  boost::asio::io_context io;
  std::shared_ptr<FaultsChild> victim = std::make_shared<FaultsChild>();

 private:
  platform::Handle socket_;
  wire::Encoder encoder_;
  FrameNumbers numbers_;
};

}  // namespace baton::testing
