// Lies about unions, maps, fixed arrays, codecs, bounds, typed memory, file descriptors, versions:
// each ends that one channel with its rule, which names the field.
#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

#include <baton/platform/shared_memory.h>

#include "runtime/channel/control_messages.h"
#include "runtime/channel/frame.h"
#include "tests/hostile/evil_parent.h"
#include "tests/hostile/frame_numbers.h"
#include "tests/process/kinds_actors.h"
#include "tests/support/guarded.h"
#include "tests/unit/runtime/wire_by_hand.h"

namespace baton::testing {
namespace {

using internal::FrameHeader;
using internal::FrameKind;
using internal::Lane;
using platform::Handle;

// A child of PKinds, and a parent that writes frames by hand.
class EvilKinds {
 public:
  explicit EvilKinds(const wire::Protocol& protocol = kinds::kVersion3)
      : victim(std::make_shared<KindsActor>(protocol, Side::kChild)) {
    auto ends = Must(platform::CreateSocketPair());
    socket_ = std::move(ends.first);
    victim->BindTo(std::move(ends.second), io_);
  }
  ~EvilKinds() {
    socket_.Reset();
    io_.restart();
    io_.run();
    CHECK(victim->destroyed == 1);
  }

  void SayHello(std::uint32_t version, std::uint64_t hash) {
    internal::Hello hello = EvilParent::HelloOf(kinds::kVersion3);
    hello.protocol_version = version;
    hello.schema_hash = hash;
    SendFrame(EvilParent::HelloHeader(), EvilParent::HelloPayload(hello), {});
  }

  void Send(const wire::Message& message, std::span<const std::byte> payload,
            std::span<const Handle> handles = {}) {
    FrameHeader header = numbers_.HeaderOf(message);
    header.handles = static_cast<std::uint16_t>(handles.size());
    SendFrame(header, payload, handles);
  }

  std::vector<std::byte> Encode(const wire::Table& table, std::span<const void* const> values) {
    const auto encoded = Must(encoder_.Encode(table, values, 1 << 20));
    return {encoded.bytes.begin(), encoded.bytes.end()};
  }
  // The message of one field of `type`, whatever the field's real type is.
  std::vector<std::byte> EncodeAs(const wire::Type& type, const void* value) {
    const wire::Row row[] = {{"any", 0, 0, &type}};
    const void* const values[] = {value};
    return Encode({"Any", row}, values);
  }

  void ExpectFault(Rule rule, const std::string& words) {
    INFO(victim->close_detail());
    CHECK(victim->destroyed == 1);
    CHECK(victim->close_error() == rule);
    CHECK_THAT(victim->close_detail(), Catch::Contains(words));
  }
  void ExpectAlive() {
    INFO(victim->close_detail());
    CHECK(victim->destroyed == 0);
    CHECK(victim->CanSend());
  }

 private:
  void SendFrame(FrameHeader header, std::span<const std::byte> payload,
                 std::span<const Handle> handles) {
    const auto frame = EvilParent::FrameOf(header, payload);
    std::vector<platform::NativeHandle> natives;
    for (const auto& handle : handles) natives.push_back(handle.get());
    CHECK(Must(platform::SendSome(socket_, frame, natives)) == frame.size());
    io_.restart();
    io_.poll();
  }

  boost::asio::io_context io_;
  Handle socket_;
  wire::Encoder encoder_;
  FrameNumbers numbers_;

 public:
  std::shared_ptr<KindsActor> victim;
};

// A map as its entries lie on the wire.
struct Entry {
  std::string key;
  std::uint32_t value = 0;
};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
constexpr wire::Row kEntryRows[] = {{"key", offsetof(Entry, key), 0, &wire::kString},
                                    {"value", offsetof(Entry, value), 1, &wire::kUint32}};
#pragma GCC diagnostic pop
constexpr wire::Table kEntryTable = {"Entry", kEntryRows};
constexpr wire::Type kEntry = wire::kStructOf<Entry, kEntryTable>;
constexpr wire::Type kEntries = wire::kArrayOf<Entry, kEntry>;
constexpr wire::Type kShorts = wire::kArrayOf<std::int16_t, wire::kInt16>;
constexpr wire::Type kIndices = wire::kArrayOf<std::uint32_t, wire::kUint32>;

// The table of a union with a tag and a box.
struct RawUnion {
  std::uint8_t tag = 0;
  std::optional<std::optional<std::uint32_t>> box;
};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
constexpr wire::Row kRawUnionRows[] = {{"tag", offsetof(RawUnion, tag), 0, &wire::kUint8},
                                       {"box", offsetof(RawUnion, box), 1, &wire_types::kTwice}};
#pragma GCC diagnostic pop
constexpr wire::Table kRawUnionTable = {"RawUnion", kRawUnionRows};
constexpr wire::Type kRawUnion = wire::kStructOf<RawUnion, kRawUnionTable>;

TEST_CASE("hostile: unions that hold nothing there is") {
  const Guarded guarded;
  EvilKinds evil;
  evil.SayHello(3, 0x333);
  RawUnion raw = {2, std::make_optional<std::optional<std::uint32_t>>(7u)};
  evil.Send(kinds::kShape, evil.EncodeAs(kRawUnion, &raw));
  evil.ExpectAlive();
  CHECK(evil.victim->shape == wire_types::MakeShape<1>(7u));
  SECTION("NONE") {
    raw.tag = 0;
  }
  SECTION("beyond the last") {
    raw.tag = 8;
  }
  SECTION("a tag without a value") {
    raw.box.reset();
  }
  evil.Send(kinds::kShape, evil.EncodeAs(kRawUnion, &raw));
  evil.ExpectFault(Rule::kUnionTag, "field shape");
}

TEST_CASE("hostile: unions that grow by sharing, or that are too deep") {
  const Guarded guarded;
  EvilKinds evil;
  evil.SayHello(3, 0x333);
  wire_types::ByHand by_hand;
  wire_types::Priced shape = by_hand.Union(2, by_hand.Empty(), 0);
  Rule rule = Rule::kDecodeBudget;
  SECTION("groups of the same group twice, twenty times") {
    for (int n = 0; n < 20; ++n) {
      shape = by_hand.Union(4, by_hand.Box(by_hand.Often(shape, 2, 0)), 0);
    }
  }
  SECTION("a union in a union, a hundred times") {
    for (int n = 0; n < 100; ++n) shape = by_hand.Union(6, shape, 0);
    rule = Rule::kMalformed;
  }
  evil.Send(kinds::kShape, by_hand.Finish(by_hand.Box(shape)));
  evil.ExpectFault(rule, "PKinds::Shape, field shape");
}

TEST_CASE("hostile: maps out of order, and out of bounds") {
  const Guarded guarded;
  EvilKinds evil;
  evil.SayHello(3, 0x333);
  std::vector<Entry> entries = {{"a", 1}, {"b", 100}};
  evil.Send(kinds::kCountsMessage, evil.EncodeAs(kEntries, &entries));
  evil.ExpectAlive();
  Rule rule = Rule::kMapOrder;
  SECTION("a key that comes twice") {
    entries = {{"a", 1}, {"a", 1}};
  }
  SECTION("keys that descend") {
    entries = {{"b", 1}, {"a", 1}};
  }
  SECTION("too many entries") {
    entries = {{"a", 1}, {"b", 1}, {"c", 1}};
    rule = Rule::kBounds;
  }
  SECTION("a value that is too large") {
    entries = {{"a", 101}};
    rule = Rule::kBounds;
  }
  evil.Send(kinds::kCountsMessage, evil.EncodeAs(kEntries, &entries));
  evil.ExpectFault(rule, "PKinds::Counts, field counts");
  CHECK(evil.victim->counts.size() == 2);  // no handler has seen it
}

TEST_CASE("hostile: a fixed array of another length, bytes that are no color") {
  const Guarded guarded;
  EvilKinds evil;
  evil.SayHello(3, 0x333);
  SECTION("length") {
    const std::vector<std::int16_t> numbers(GENERATE(0u, 1u, 3u));
    evil.Send(kinds::kPairMessage, evil.EncodeAs(kShorts, &numbers));
    evil.ExpectFault(Rule::kFixedCount, "field pair");
  }
  SECTION("codec") {
    const wire_types::Bytes bytes(GENERATE(0u, 7u, 9u));
    evil.Send(kinds::kColorMessage, evil.EncodeAs(wire::kBytes, &bytes));
    evil.ExpectFault(Rule::kCodecValue, "field color");
  }
}

TEST_CASE("hostile: file descriptors that are not there, or there twice") {
  const Guarded guarded;
  EvilKinds evil;
  evil.SayHello(3, 0x333);
  const Handle handles[] = {
      Must(Must(platform::SharedMemory::Create("evil", 1)).handle().Duplicate())};
  std::vector<std::uint32_t> indices = {0};
  evil.Send(kinds::kFile, evil.EncodeAs(kIndices, &indices), handles);
  evil.ExpectAlive();
  CHECK(evil.victim->files.size() == 1);
  std::span<const Handle> sent = handles;
  SECTION("twice") {
    indices = {0, 0};
  }
  SECTION("beyond the last") {
    indices = {1};
  }
  SECTION("no index") {
    indices = {0xffffffff};
  }
  SECTION("not at all") {
    indices = {};
  }
  SECTION("none has come") {
    sent = {};
  }
  evil.Send(kinds::kFile, evil.EncodeAs(kIndices, &indices), sent);
  evil.ExpectFault(Rule::kHandleIndex, "PKinds::File");
}

TEST_CASE("hostile: typed memory that is no whole number of elements") {
  const Guarded guarded;
  EvilKinds evil;
  evil.SayHello(3, 0x333);
  const std::uint64_t size = GENERATE(4096u, 4098u);
  auto memory = Must(platform::SharedMemory::Create("evil", size));
  const Handle handles[] = {Must(memory.handle().Duplicate())};
  Shmem placeholder;
  wire::Encoder encoder;
  const void* const values[] = {&placeholder};
  const auto encoded = Must(encoder.Encode(kinds::kFloatsTable, values, 1 << 20));
  wire::ShmemReference reference;
  reference.id_high = 0x1234;
  reference.size = size;
  reference.transfer = 1;
  reference.handle = 0;
  std::memcpy(encoded.bytes.data() + encoded.shared_memory[0].position, &reference,
              sizeof(reference));
  evil.Send(kinds::kFloatsMessage, encoded.bytes, handles);
  if (size % 4 == 0) {
    evil.ExpectAlive();
    CHECK(evil.victim->floats.size() == 1024);
  } else {
    evil.ExpectFault(Rule::kElementSize, "field floats");
  }
}

// A slice of `size` bytes of memory, of which `said` are said to be there.
void SendSlice(EvilKinds& evil, std::uint64_t size, std::uint64_t said, std::uint64_t offset,
               std::uint64_t length) {
  auto memory = Must(platform::SharedMemory::Create("evil", size));
  const Handle handles[] = {Must(memory.handle().Duplicate())};
  const ShmemSlice placeholder;
  wire::Encoder encoder;
  const void* const values[] = {&placeholder};
  const auto encoded = Must(encoder.Encode(kinds::kSliceTable, values, 1 << 20));
  wire::SliceReference slice;
  slice.memory.id_high = 0x1234;
  slice.memory.size = said;
  slice.memory.transfer = 1;
  slice.memory.handle = 0;
  slice.offset = offset;
  slice.length = length;
  std::memcpy(encoded.bytes.data() + encoded.shared_memory[0].position, &slice, sizeof(slice));
  evil.Send(kinds::kSlice, encoded.bytes, handles);
}

TEST_CASE("hostile: a slice of as much memory as there is, and of more") {
  const Guarded guarded;
  EvilKinds evil;
  evil.SayHello(3, 0x333);
  SECTION("an honest one arrives") {
    SendSlice(evil, 4096, 4096, 4000, 96);
    evil.ExpectAlive();
    CHECK(evil.victim->slice.offset() == 4000);
    CHECK(evil.victim->slice.size() == 96);
  }
  SECTION("one of memory that is smaller than it says") {
    SendSlice(evil, 4096, 8192, 4096, 4096);
    evil.ExpectFault(Rule::kHandleSize, "field slice");
  }
}

TEST_CASE("hostile: a slice that does not lie inside its memory") {
  const Guarded guarded;
  EvilKinds evil;
  evil.SayHello(3, 0x333);
  constexpr std::uint64_t kMax = ~std::uint64_t{0};
  const auto [offset, length] =
      GENERATE_COPY(table<std::uint64_t, std::uint64_t>({{0, 4097},
                                                         {1, 4096},
                                                         {4096, 1},
                                                         {4097, 0},
                                                         {kMax, 1},
                                                         {1, kMax},
                                                         {kMax, kMax},
                                                         {kMax - 4095, 4096}}));
  CAPTURE(offset, length);
  SendSlice(evil, 4096, 4096, offset, length);
  evil.ExpectFault(Rule::kSliceBounds, "field slice: " + std::to_string(length) + " bytes at " +
                                           std::to_string(offset) + " of 4096");
}

TEST_CASE("hostile: messages of another version than agreed") {
  const Guarded guarded;
  const std::uint32_t number = 1;
  SECTION("one that came later") {
    EvilKinds evil;
    evil.SayHello(1, 0x111);
    evil.Send(kinds::kNewer, evil.EncodeAs(wire::kUint32, &number));
    evil.ExpectFault(Rule::kUnknownMessage, "PKinds::Newer");
  }
  SECTION("one that is gone") {
    EvilKinds evil;
    evil.SayHello(3, 0x333);
    evil.Send(kinds::kGone, evil.EncodeAs(wire::kUint32, &number));
    evil.ExpectFault(Rule::kUnknownMessage, "PKinds::Gone");
  }
  SECTION("one that came later than the older side, which does not know it") {
    EvilKinds evil(kinds::kVersion1);
    evil.SayHello(3, 0xabc);  // the newer side decides: any hash
    evil.Send(kinds::kNewer, evil.EncodeAs(wire::kUint32, &number));
    evil.ExpectFault(Rule::kUnknownMessage, "PKinds::Newer");
  }
}

TEST_CASE("hostile: versions and hashes that do not fit together") {
  const Guarded guarded;
  struct Case {
    std::uint32_t version;
    std::uint64_t hash;
    bool is_good;
  };
  const Case one = GENERATE(values<Case>({{3, 0x333, true},
                                          {2, 0x222, true},
                                          {1, 0x111, true},
                                          {4, 0x999, true},
                                          {0xffffffff, 0, true},
                                          {3, 0x222, false},
                                          {2, 0x333, false},
                                          {2, 0x111, false},
                                          {1, 0x222, false},
                                          {0, 0x111, false},
                                          {0, 0x333, false}}));
  EvilKinds evil;
  evil.SayHello(one.version, one.hash);
  if (one.is_good) return evil.ExpectAlive();
  evil.ExpectFault(Rule::kSchemaMismatch, "version " + std::to_string(one.version));
}

}  // namespace
}  // namespace baton::testing
