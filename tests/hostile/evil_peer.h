// A peer that means harm to victims in a process of their own (victim_program.h): it speaks raw
// frames, over one channel after the other. Beside them an honest channel goes on.
//
//   EvilPeer evil(START_PEER(kind, Victim), kind);
//   evil.Begin(VictimKind::kPlain);
//   evil.SayHello();
//   evil.SendFill(EvilPeer::ReferenceTo(kSize), handles);
//   evil.ExpectFault(Rule::kHandleKind);
#pragma once

#include <poll.h>

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "runtime/channel/frame_reader.h"
#include "runtime/wire/decoder.h"
#include "tests/hostile/evil_parent.h"
#include "tests/hostile/frame_numbers.h"
#include "tests/hostile/victim_program.h"
#include "tests/support/patience.h"
#include "tests/support/peer.h"

namespace baton::testing {

class EvilPeer {
 public:
  static constexpr std::uint64_t kSize = 4096;

  EvilPeer(Peer peer, PeerKind kind)
      : kind_(kind), peer_(std::move(peer)), control_(peer_.TakeEnd()) {
    bystander_.emplace(Order(VictimKind::kBystander));
    // What Asio and the probes keep for good is there when the first one has ended.
    for (int turn = 0; turn < 2; ++turn) {
      Begin(VictimKind::kPlain);
      SayHello();
      const platform::Handle handles[] = {Memory()};
      SendFill(ReferenceTo(kSize), handles);
      REQUIRE(Heard(internal::FrameKind::kReply));
      files_before_ = HangUp().open_files;
    }
  }
  ~EvilPeer() {
    socket_.Reset();
    bystander_->CloseAndRun();
    CHECK(bystander_->actor->reason == ActorDestroyReason::kNormalShutdown);
    control_.Reset();
    peer_.Join();
  }

  // A new channel to a new victim; the one before has ended.
  void Begin(VictimKind kind) {
    socket_ = Order(kind);
    reader_.emplace(internal::kMaxStreamPayload);
    numbers_ = {};
  }

  // --- What is said ---------------------------------------------------------------------------
  internal::FrameHeader HeaderOf(const wire::Message& message) {
    return numbers_.HeaderOf(message);
  }
  internal::FrameHeader ControlHeader(internal::FrameKind kind) {
    return numbers_.ControlHeader(kind);
  }

  // `hole`: what stands in the place of the one reference to memory that the payload has.
  template <class Hole>
  static std::vector<std::byte> PayloadWith(const wire::Table& table,
                                            std::span<const void* const> values, const Hole& hole) {
    wire::Encoder encoder;
    const auto encoded = Must(encoder.Encode(table, values, 1 << 20));
    REQUIRE(encoded.shared_memory.size() == 1);
    std::memcpy(encoded.bytes.data() + encoded.shared_memory[0].position, &hole, sizeof(hole));
    return {encoded.bytes.begin(), encoded.bytes.end()};
  }
  static std::vector<std::byte> Payload(const wire::Table& table,
                                        std::span<const void* const> values) {
    wire::Encoder encoder;
    const auto encoded = Must(encoder.Encode(table, values, 1 << 20));
    return {encoded.bytes.begin(), encoded.bytes.end()};
  }

  // An honest reference to new memory; tests change it.
  static wire::ShmemReference ReferenceTo(std::uint64_t size,
                                          std::uint16_t kind = wire::ShmemReference::kSafe) {
    static std::uint64_t last_id = 0;
    wire::ShmemReference reference;
    reference.id_high = 0x1234;  // issued by a parent
    reference.id_low = ++last_id;
    reference.size = size;
    reference.handle = 0;
    reference.kind = kind;
    reference.transfer = kind == wire::ShmemReference::kSafe ? 1 : 0;
    return reference;
  }

  static platform::Handle Memory(std::uint64_t size = kSize) {
    return Must(Must(platform::SharedMemory::Create("evil", size)).handle().Duplicate());
  }

  void SayHello(std::span<const platform::Handle> ring = {}) {
    Say(ControlHeader(internal::FrameKind::kHello),
        EvilParent::HelloPayload(EvilParent::HonestHello()), ring);
  }
  void SendFill(const wire::ShmemReference& reference, std::span<const platform::Handle> handles) {
    const Shmem placeholder;
    const std::uint8_t fill = 7;
    const void* const values[] = {&placeholder, &fill};
    const auto& message = ::testing::PEcho::kFill;
    Say(HeaderOf(message), PayloadWith(*message.parameters, values, reference), handles);
  }
  void SendKeep(const wire::ShmemReference& reference, std::span<const platform::Handle> handles) {
    const Shmem placeholder;
    const void* const values[] = {&placeholder};
    const auto& message = ::testing::PEcho::kKeep;
    Say(HeaderOf(message), PayloadWith(*message.parameters, values, reference), handles);
  }
  void SendTouch(const wire::ShmemReference& reference, std::span<const platform::Handle> handles) {
    const UnsafeShmem placeholder;
    const void* const values[] = {&placeholder};
    const auto& message = ::testing::PEcho::kTouch;
    Say(HeaderOf(message), PayloadWith(*message.parameters, values, reference), handles);
  }
  void SendCount(std::uint64_t number) {
    const void* const values[] = {&number};
    const auto& message = ::testing::PEcho::kCount;
    Say(HeaderOf(message), Payload(*message.parameters, values));
  }
  // The payload of an Echo, or of whatever it is said to be, in memory of its own.
  void SendCarriedEcho(std::uint64_t size, std::span<const platform::Handle> handles) {
    auto header = HeaderOf(::testing::PEcho::kEcho);
    header.flags = internal::kCarried;
    Say(header, std::as_bytes(std::span(&size, 1)), handles);
  }
  // So many bytes: a multiple of 8.
  static std::vector<std::byte> EchoPayloadOf(std::size_t size) {
    const auto of_text = [](std::size_t length) {
      const std::string text(length, 'x');
      const void* const values[] = {&text};
      return Payload(*::testing::PEcho::kEcho.parameters, values);
    };
    auto payload = of_text(size - (of_text(size).size() - size));
    REQUIRE(payload.size() == size);
    return payload;
  }

  void Say(internal::FrameHeader header, std::span<const std::byte> payload,
           std::span<const platform::Handle> handles = {}) {
    header.handles = static_cast<std::uint16_t>(handles.size());
    Write(EvilParent::FrameOf(header, payload), handles);
  }

  // Waits for room. Whoever has gone hears no more.
  void Write(std::span<const std::byte> bytes, std::span<const platform::Handle> handles = {}) {
    std::vector<platform::NativeHandle> natives;
    for (const auto& handle : handles) natives.push_back(handle.get());
    while (!bytes.empty()) {
      const auto sent = platform::SendSome(socket_, bytes, natives);
      if (sent) {
        bytes = bytes.subspan(*sent);
        natives.clear();
      } else if (sent.error() == std::errc::operation_would_block) {
        Await(socket_, POLLOUT);
      } else {
        return;
      }
    }
  }

  // --- What becomes of it ---------------------------------------------------------------------
  struct Said {
    internal::FrameHeader header;
    std::vector<std::byte> payload;
    std::vector<platform::Handle> handles;
  };
  // The next frame of this kind; others are dropped. Nothing: the victim has hung up. A refusal is
  // no answer.
  std::optional<Said> Heard(internal::FrameKind kind) {
    for (;;) {
      while (Must(reader_->Head()) != nullptr) {
        internal::Frame frame = reader_->Take();
        const bool is_refused = frame.header.kind == internal::FrameKind::kReject;
        if (is_refused && kind == internal::FrameKind::kReply) FAIL("refused");
        if (frame.header.kind != kind) continue;
        return Said{
            frame.header, {frame.payload.begin(), frame.payload.end()}, std::move(frame.handles)};
      }
      Await(socket_, POLLIN);
      const auto received =
          platform::ReceiveSome(socket_, reader_->Space(), reader_->incoming_handles());
      if (!received || *received == 0) return std::nullopt;
      reader_->Commit(*received);
    }
  }
  // The number of the next Counted.
  std::optional<std::uint64_t> Counted() {
    const auto said = Heard(internal::FrameKind::kMessage);
    if (!said) return std::nullopt;
    std::uint64_t number = 0;
    void* const values[] = {&number};
    (void)Must(wire::Decode(*::testing::PEcho::kCounted.parameters, said->payload, values));
    return number;
  }

  Verdict AwaitVerdict() {
    Await(control_, POLLIN);
    Verdict verdict;
    std::vector<platform::Handle> none;
    const auto into = std::as_writable_bytes(std::span(&verdict, 1));
    REQUIRE(Must(platform::ReceiveSome(control_, into, none)) == sizeof(verdict));
    return verdict;
  }

  // The victim has closed with this rule, kept nothing, and lives on beside it.
  void ExpectFault(Rule rule) {
    const Verdict verdict = AwaitVerdict();
    INFO(Describe(verdict));
    CHECK(verdict.space == Verdict::kRule);
    CHECK(verdict.value == static_cast<std::int32_t>(rule));
    CheckNothingElse(verdict);
  }
  // It is whole up to here; ends it.
  Verdict ExpectAlive() {
    SendCount(1);
    CHECK(Counted() == std::uint64_t{2});
    return HangUp();
  }
  // The victim had no reason to end before.
  Verdict HangUp() {
    socket_.Reset();
    const Verdict verdict = AwaitVerdict();
    INFO(Describe(verdict));
    CHECK(verdict.space == Verdict::kErrc);
    CHECK(verdict.value == static_cast<std::int32_t>(Errc::kPeerDied));
    return verdict;
  }
  // Hangs up, whatever there was: it ends as every death of a peer, or had ended with a fault.
  Verdict ExpectAnyGoodEnd() {
    socket_.Reset();
    const Verdict verdict = AwaitVerdict();
    INFO(Describe(verdict));
    const bool is_death = verdict.space == Verdict::kErrc &&
                          verdict.value == static_cast<std::int32_t>(Errc::kPeerDied);
    CHECK((is_death || verdict.space == Verdict::kRule));
    CheckNothingElse(verdict);
    return verdict;
  }

  // An honest channel of the same process.
  ParentSide& bystander() { return *bystander_; }
  const platform::Handle& socket() const { return socket_; }

 private:
  static std::string Describe(const Verdict& verdict) {
    if (verdict.space == Verdict::kRule) return make_error_code(Rule(verdict.value)).message();
    if (verdict.space == Verdict::kErrc) return make_error_code(Errc(verdict.value)).message();
    return "error " + std::to_string(verdict.value);
  }

  platform::Handle Order(VictimKind kind) {
    auto [here, there] = Must(platform::CreateSocketPair());
    const std::uint8_t counts = kind_ == PeerKind::kProcess ? kCountsFiles : 0;
    const auto said = static_cast<std::byte>(static_cast<std::uint8_t>(kind) | counts);
    const platform::NativeHandle handles[] = {there.get()};
    Must(platform::SendSome(control_, std::span(&said, 1), handles));
    return std::move(here);
  }

  static void Await(const platform::Handle& handle, short events) {
    pollfd state = {handle.get(), events, 0};
    if (::poll(&state, 1, static_cast<int>(kPatience.count())) != 1) FAIL("nothing came");
  }

  void CheckNothingElse(const Verdict& verdict) {
    if (kind_ == PeerKind::kProcess) CHECK(verdict.open_files == files_before_);
    bool is_answered = false;
    bystander_->actor->SendPing(
        1, [&](boost::system::error_code error, std::uint64_t) { is_answered = !error; });
    bystander_->RunUntil([&] { return is_answered; });
    CHECK(is_answered);
  }

  const PeerKind kind_;
  Peer peer_;
  platform::Handle control_;
  std::optional<ParentSide> bystander_;
  platform::Handle socket_;
  std::optional<internal::FrameReader> reader_;
  std::int32_t files_before_ = 0;
  FrameNumbers numbers_;
};

}  // namespace baton::testing
