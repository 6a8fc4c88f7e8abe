// What a liar has to offer: valid payloads for every message of a protocol, and handles of every
// sort.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <baton/base/check.h>
#include <baton/platform/frozen_memory.h>
#include <baton/platform/shared_memory.h>

#include "echoParent.h"
#include "runtime/channel/control_messages.h"
#include "runtime/channel/frame.h"
#include "runtime/channel/loans.h"
#include "runtime/wire/encoder.h"
#include "tests/fuzz/channel/victim.h"

namespace baton::fuzz {

// A frame as an honest peer would send it, but for its sequence.
struct Sample {
  internal::FrameHeader header;
  std::vector<std::byte> payload;
  std::size_t reference = 0;        // where in the payload an id of memory lies, or 0
  std::vector<wire::Kind> handles;  // what its handles are for
  bool finds_its_question = false;  // whichever of that message was asked last
  bool is_of_loan = false;          // its question has a number of its own
  bool answers_constructor = false;
  // Of trees: whom it is for, what it makes if that, and where actors are named.
  struct ActorReference {
    std::size_t position;
    TreeKind kind;
  };
  TreeKind to = TreeKind::kWindow;
  TreeKind makes = TreeKind::kWindow;
  std::vector<ActorReference> actors;
};

class Samples {
 public:
  Samples() {
    for (Sample& sample : heartbeats_) sample.header.call = 1;
    heartbeats_[0].header.kind = internal::FrameKind::kPing;
    heartbeats_[1].header.kind = internal::FrameKind::kPong;
    AddLoans();
    loans_ = std::exchange(all_, {});
  }

  // The highest choices are signs of life, and memory that is asked for and lent: they came last,
  // and the corpus knows the others.
  const Sample& Of(std::size_t choice) const {
    if (choice >= kFirstHeartbeat) return heartbeats_[choice % 2];
    return choice >= kFirstLoan ? loans_[choice - kFirstLoan] : all_[choice % all_.size()];
  }

 protected:
  using Values = std::initializer_list<const void*>;

  void AddHello(const wire::Protocol& protocol, Side of = Side::kParent) {
    const std::uint32_t version = internal::kWireVersion;
    const std::string name = protocol.name;
    const auto side = static_cast<std::uint8_t>(of);
    AddControl(internal::FrameKind::kHello, internal::kHelloTable,
               {&version, &name, &protocol.schema_hash, &protocol.version, &side});
  }

  void AddControl(internal::FrameKind kind, const std::optional<wire::Table>& table,
                  Values values) {
    Sample sample;
    sample.header.kind = kind;
    Encode(sample, table ? &*table : nullptr, values);
  }

  void Add(const wire::Message& message, Values values) {
    Sample sample = DataSample(internal::FrameKind::kMessage, message.id);
    sample.header.call = message.reply == nullptr ? 0 : 1;
    if (message.is_sync) sample.header.flags |= internal::kSync;
    if (message.is_nested) sample.header.flags |= internal::kNested;
    Encode(sample, message.parameters, values);
  }

  void AddAnswer(internal::FrameKind kind, const wire::Message& message, const wire::Table& table,
                 Values values) {
    Sample sample = DataSample(kind, message.id);
    sample.header.call = 1;
    Encode(sample, &table, values);
  }

  // Answers that find their question.
  void AddAnswerTo(const wire::Message& message, Values values) {
    AddAnswer(internal::FrameKind::kReply, message, *message.reply, values);
    Answers(message);
  }
  void AddRefusalOf(const wire::Message& message) {
    const internal::Rejection refused = {.space = 0, .value = 22};
    AddAnswer(internal::FrameKind::kReject, message, internal::kRejectTable,
              {&refused.space, &refused.value});
    Answers(message);
  }
  void Answers(const wire::Message& message) {
    Sample& sample = all_.back();
    if (message.is_sync) sample.header.lane = internal::Lane::kControl;
    sample.finds_its_question = true;
    sample.answers_constructor = message.role == wire::MessageRole::kConstructor;
  }

  void AddTo(TreeKind to, const wire::Message& message, Values values) {
    Add(message, values);
    all_.back().to = to;
  }
  void AddMaker(TreeKind manager, TreeKind made, const wire::Message& constructor, Values values) {
    AddTo(manager, constructor, values);
    all_.back().header.kind = internal::FrameKind::kConstruct;
    all_.back().makes = made;
  }
  void AddOpen(TreeKind manager, TreeKind made, std::uint64_t protocol) {
    AddActorFrame(internal::FrameKind::kOpen, internal::kOpenTable, &protocol);
    all_.back().to = manager;
    all_.back().makes = made;
  }
  void AddGone(ActorDestroyReason reason, TreeKind of = TreeKind::kTab) {
    const auto number = static_cast<std::uint8_t>(reason);
    AddActorFrame(internal::FrameKind::kGone, internal::kGoneTable, &number);
    all_.back().to = of;
  }
  void AddActorFrame(internal::FrameKind kind, const wire::Table& table, const void* value) {
    Sample sample = DataSample(kind, 0);
    Encode(sample, &table, {value});
  }
  // Whom the last sample names.
  void Names(TreeKind kind) {
    for (auto& actor : all_.back().actors) actor.kind = kind;
  }

  static Sample DataSample(internal::FrameKind kind, std::uint32_t message) {
    Sample sample;
    sample.header.lane = internal::Lane::kData;
    sample.header.kind = kind;
    sample.header.message = message;
    return sample;
  }

  void Encode(Sample& sample, const wire::Table* table, Values values) {
    if (table != nullptr) {
      const auto encoded = encoder_.Encode(*table, std::span(values.begin(), values.size()), 4096);
      BATON_CHECK(encoded.has_value());
      for (const wire::OutgoingShmem& outgoing : encoded->shared_memory) {
        Describe(sample, outgoing, encoded->bytes);
      }
      for (const wire::OutgoingActor& actor : encoded->actors) {
        const bool is_endpoint = actor.kind == wire::Kind::kManagedEndpoint;
        sample.actors.push_back(
            {actor.position, is_endpoint ? TreeKind::kEndpoint : TreeKind::kTab});
      }
      sample.payload.assign(encoded->bytes.begin(), encoded->bytes.end());
    }
    all_.push_back(std::move(sample));
  }

  std::vector<Sample> all_;

 private:
  static constexpr std::size_t kFirstHeartbeat = 252;
  static constexpr std::size_t kFirstLoan = 245;

  // Three questions, their answers, and a refusal.
  void AddLoans() {
    const std::uint64_t size = kMemorySize;
    const std::uint64_t ring_size = internal::RingMemorySize(internal::kSmallestDataRing);
    const Shmem safe;
    const UnsafeShmem unsafe;
    const FileDescriptor ring;
    const internal::Rejection refused = {.space = 0, .value = 12};
    AddLoan(internal::FrameKind::kAsk, internal::kLoanOfShmem, internal::kAskTable, {&size});
    AddLoan(internal::FrameKind::kAsk, internal::kLoanOfUnsafe, internal::kAskTable, {&size});
    AddLoan(internal::FrameKind::kAsk, internal::kLoanOfRing, internal::kAskTable, {&ring_size});
    AddLoan(internal::FrameKind::kReply, internal::kLoanOfShmem, internal::kLentShmemTable,
            {&safe});
    AddLoan(internal::FrameKind::kReply, internal::kLoanOfUnsafe, internal::kLentUnsafeTable,
            {&unsafe});
    AddLoan(internal::FrameKind::kReply, internal::kLoanOfRing, internal::kLentRingTable, {&ring});
    AddLoan(internal::FrameKind::kReject, internal::kLoanOfShmem, internal::kRejectTable,
            {&refused.space, &refused.value});
    BATON_CHECK(all_.size() == kFirstHeartbeat - kFirstLoan);
  }
  void AddLoan(internal::FrameKind kind, const wire::Message& what, const wire::Table& table,
               Values values) {
    AddControl(kind, table, values);
    all_.back().header.message = what.id;
    all_.back().is_of_loan = true;
  }

  std::array<Sample, 2> heartbeats_;
  std::vector<Sample> loans_;
  // As what has the next handle.
  static void Describe(Sample& sample, const wire::OutgoingShmem& outgoing,
                       std::span<std::byte> message) {
    const auto index = static_cast<std::uint32_t>(sample.handles.size());
    std::byte* const place = message.data() + outgoing.position;
    sample.handles.push_back(outgoing.kind);
    ++sample.header.handles;
    if (outgoing.kind == wire::Kind::kFileDescriptor) {
      std::memcpy(place, &index, sizeof(index));
    } else if (outgoing.kind == wire::Kind::kEndpoint) {
      wire::EndpointReference reference;
      std::memcpy(&reference, place, sizeof(reference));  // the class stands there already
      reference.label = 7;
      reference.socket = index;
      std::memcpy(place, &reference, sizeof(reference));
    } else {
      wire::ShmemReference reference;
      reference.id_high = 0x1234;
      reference.size = kMemorySize;
      reference.transfer = 1;
      reference.handle = index;
      if (outgoing.kind == wire::Kind::kUnsafeShmem) reference.kind = reference.kUnsafe;
      std::memcpy(place, &reference, sizeof(reference));
      sample.reference = outgoing.position;
    }
  }

  wire::Encoder encoder_;
};

class EchoSamples : public Samples {
 public:
  EchoSamples() {
    namespace PEcho = ::testing::PEcho;
    const std::string text = "some text";
    const std::uint64_t number = 5;
    const std::int32_t reason = 22;
    const std::uint64_t size = 4096;
    const std::uint8_t byte = 7;
    const Shmem safe;
    const UnsafeShmem unsafe;
    ::testing::Note note;
    note.text = text;
    note.numbers = {1, 2, 3};
    std::vector<::testing::Parcel> parcels(1);
    AddHello(PEcho::kProtocol);
    AddControl(internal::FrameKind::kGoodbye, std::nullopt, {});
    AddControl(internal::FrameKind::kRelease, internal::kReleaseTable, {&number, &number, &number});
    Add(PEcho::kEcho, {&text});
    Add(PEcho::kFill, {&safe, &byte});
    Add(PEcho::kTouch, {&unsafe});
    Add(PEcho::kKeep, {&safe});
    Add(PEcho::kGiveBack, {});
    Add(PEcho::kDescribe, {&note});
    Add(PEcho::kPost, {&parcels});
    Add(PEcho::kIgnore, {});
    Add(PEcho::kDrop, {});
    Add(PEcho::kRefuse, {&reason});
    Add(PEcho::kAccuse, {&text});
    Add(PEcho::kCount, {&number});
    Add(PEcho::kCloseYourself, {});
    Add(PEcho::kDieNow, {});
    Add(PEcho::kPing, {&number});
    AddAnswer(internal::FrameKind::kReply, PEcho::kPing, *PEcho::kPing.reply, {&number});
    AddAnswer(internal::FrameKind::kReject, PEcho::kPing, internal::kRejectTable, {&byte, &reason});
    AddControl(internal::FrameKind::kTaken, internal::kReleaseTable, {&number, &number, &number});
    AddControl(internal::FrameKind::kKeep, internal::kKeepTable, {&number, &number, &size});
    all_.back().header.handles = 1;
  }

  // A valid payload for Echo, as carried memory holds it.
  const Sample& echo() const { return all_[3]; }
};

inline void LieInHeader(internal::FrameHeader& header, Script& script) {
  const std::uint64_t value = script.Number();
  const std::uint8_t choice = script.Byte();
  if (choice >= 242) return (void)(header.epoch = static_cast<std::uint32_t>(value));
  switch (choice % 11) {
    case 0: header.length = static_cast<std::uint32_t>(value); break;
    case 1: header.handles = static_cast<std::uint16_t>(value); break;
    case 2: header.lane = static_cast<internal::Lane>(value); break;
    case 3: header.kind = static_cast<internal::FrameKind>(value); break;
    case 4: header.sequence = value; break;
    case 5: header.sequence += value; break;
    case 6: header.after = value; break;
    case 7: header.call = value; break;
    case 8: header.message = static_cast<std::uint32_t>(value); break;
    case 9: header.actor = static_cast<std::uint32_t>(value); break;
    default: header.flags = static_cast<std::uint32_t>(value); break;
  }
}

// One of each, opened once; copies are handed out.
class Handles {
 public:
  explicit Handles(std::span<const std::byte> carried) : carried_size_(carried.size()) {
    const std::size_t ring_size = internal::RingMemorySize(internal::kSmallestDataRing);
    auto memory = platform::SharedMemory::Create("fuzz", kMemorySize);
    auto ring = platform::SharedMemory::CreateRing("fuzz:ring", ring_size);
    auto frozen = platform::CreateFrozenMemory("fuzz:carried", carried);
    BATON_CHECK(memory && ring && frozen);
    auto mapping = ring->Map();
    BATON_CHECK(mapping.has_value());
    ring_ = *std::move(mapping);
    Add(Copy(memory->handle()));
    Add(Copy(ring->handle()));
    Add(*std::move(frozen));
    Add(Memfd(ring_size, 0));
    Add(Memfd(ring_size, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL | F_SEAL_WRITE));
    Add(Memfd(ring_size + 8, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL));
    Add(Memfd(std::size_t{1} << 30, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL));
    Add(Memfd(0, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE));
    Add(platform::Handle(::open("/dev/null", O_RDWR | O_CLOEXEC)));
    Add(platform::Handle(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
    Add(platform::Handle(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)));
    int ends[2] = {-1, -1};
    BATON_CHECK(::pipe2(ends, O_CLOEXEC) == 0);
    Add(platform::Handle(ends[0]));
    Add(platform::Handle(ends[1]));
  }

  // Empty when the system is short of handles.
  platform::Handle CopyOf(std::size_t choice) const { return Copy(all_[choice % all_.size()]); }
  std::size_t carried_size() const { return carried_size_; }
  std::span<std::byte> ring() const { return ring_.bytes(); }

  static platform::Handle Copy(const platform::Handle& handle) {
    auto copy = handle.Duplicate();
    return copy ? *std::move(copy) : platform::Handle();
  }

 private:
  static platform::Handle Memfd(std::size_t size, int seals) {
    platform::Handle handle(::memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    BATON_CHECK(::ftruncate(handle.get(), static_cast<off_t>(size)) == 0);
    BATON_CHECK(seals == 0 || ::fcntl(handle.get(), F_ADD_SEALS, seals) == 0);
    return handle;
  }
  void Add(platform::Handle handle) {
    BATON_CHECK(static_cast<bool>(handle));
    all_.push_back(std::move(handle));
  }

  std::vector<platform::Handle> all_;
  std::size_t carried_size_;
  platform::Mapping ring_;
};

}  // namespace baton::fuzz
