// An actor by tables written by hand, for what echo.idl has no message for: handles, typed memory,
// unions, bounds, taint, and a protocol that has changed.
#pragma once

#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <baton/baton.h>
#include <baton/generated.h>
#include <baton/platform/local_socket.h>

#include "tests/support/must.h"
#include "tests/unit/runtime/wire_kinds.h"

namespace baton::testing {

// The tables that batonc would write for PKinds, version 3.
namespace kinds {

using wire_types::Counts;
using wire_types::Pair;
using wire_types::Shape;

inline constexpr wire::Bounds kTwoOfAHundred = {
    .has_max = true, .max = {.unsigned_value = 100}, .max_count = 2};
inline constexpr wire::Type kFloats = wire::kTypedShmemOf<float>;
inline constexpr wire::Type kMaybeMemory = wire::kOptionalOf<Shmem, wire::kShmem>;
inline constexpr wire::Type kFiles = wire::kArrayOf<FileDescriptor, wire::kFileDescriptor>;

inline constexpr wire::Row kFileRows[] = {{"files", 0, 0, &kFiles}};
inline constexpr wire::Row kShapeRows[] = {{"shape", 0, 0, &wire_types::kShape}};
inline constexpr wire::Row kCountsRows[] = {
    {"counts", 0, 0, &wire_types::kCounts, &kTwoOfAHundred}};
inline constexpr wire::Row kFloatsRows[] = {{"floats", 0, 0, &kFloats}};
inline constexpr wire::Row kSliceRows[] = {{"slice", 0, 0, &wire::kShmemSlice}};
inline constexpr wire::Row kWidthRows[] = {{"width", 0, 0, &wire::kUint32}};
inline constexpr wire::Row kPairRows[] = {{"pair", 0, 0, &wire_types::kPair}};
inline constexpr wire::Row kColorRows[] = {{"color", 0, 0, &wire_types::kColor}};
inline constexpr wire::Row kGrownRows[] = {
    {"number", 0, 0, &wire::kUint32},
    {"memory", 0, 1, &kMaybeMemory, nullptr, nullptr, 2},
};
inline constexpr wire::Table kFileTable = {"Files", kFileRows};
inline constexpr wire::Table kShapeTable = {"Shape", kShapeRows};
inline constexpr wire::Table kCountsTable = {"Counts", kCountsRows};
inline constexpr wire::Table kFloatsTable = {"Floats", kFloatsRows};
inline constexpr wire::Table kSliceTable = {"Slice", kSliceRows};
inline constexpr wire::Table kWidthTable = {"Width", kWidthRows};
inline constexpr wire::Table kPairTable = {"Pair", kPairRows};
inline constexpr wire::Table kColorTable = {"Color", kColorRows};
inline constexpr wire::Table kGrownTable = {"Grown", kGrownRows};

inline constexpr wire::Message kFile = {"PKinds::File", 1, &kFileTable, nullptr};
inline constexpr wire::Message kShape = {"PKinds::Shape", 2, &kShapeTable, nullptr};
inline constexpr wire::Message kCountsMessage = {"PKinds::Counts", 3, &kCountsTable, nullptr};
inline constexpr wire::Message kFloatsMessage = {"PKinds::Floats", 4, &kFloatsTable, nullptr};
inline constexpr wire::Message kWidth = {"PKinds::Width", 5, &kWidthTable, nullptr};
inline constexpr wire::Message kAskWidth = {"PKinds::AskWidth", 6, &kWidthTable, &kWidthTable};
inline constexpr wire::Message kPairMessage = {"PKinds::Pair", 7, &kPairTable, nullptr};
inline constexpr wire::Message kColorMessage = {"PKinds::Color", 8, &kColorTable, nullptr};
inline constexpr wire::Message kGrown = {"PKinds::Grown", 9, &kGrownTable, nullptr};
inline constexpr wire::Message kNewer = {"PKinds::Newer", 10, &kWidthTable, nullptr, 2};
inline constexpr wire::Message kGone = {"PKinds::Gone", 11, &kWidthTable, nullptr, 1, 3};
inline constexpr wire::Message kSlice = {"PKinds::Slice", 12, &kSliceTable, nullptr};

inline constexpr const wire::Message* kAll[] = {
    &kFile,        &kShape,        &kCountsMessage, &kFloatsMessage, &kWidth, &kAskWidth,
    &kPairMessage, &kColorMessage, &kGrown,         &kNewer,         &kGone,  &kSlice};
inline constexpr std::uint64_t kHashes[] = {0x111, 0x222, 0x333};
inline constexpr wire::Protocol kVersion1 = {"testing::PKinds", kHashes[0], 1, kAll, kAll};
inline constexpr wire::Protocol kVersion2 = {"testing::PKinds",          kHashes[1], 2, kAll, kAll,
                                             std::span(kHashes).first(1)};
inline constexpr wire::Protocol kVersion3 = {"testing::PKinds",          kHashes[2], 3, kAll, kAll,
                                             std::span(kHashes).first(2)};

}  // namespace kinds

// Keeps what it receives. Either side.
class KindsActor : public Actor {
 public:
  KindsActor(const wire::Protocol& protocol, Side side)
      : Actor(protocol, side, &KindsActor::Dispatch) {}

  using Actor::SendMessage;

  void BindTo(platform::Handle socket, boost::asio::io_context& io) {
    Must(
        internal::BindEndpoint({std::move(socket), {}}, shared_from_this(), io.get_executor(), {}));
  }

  std::vector<FileDescriptor> files;
  kinds::Shape shape;
  kinds::Counts counts;
  TypedShmem<float> floats;
  ShmemSlice slice;
  kinds::Pair pair = {};
  wire_types::Color color;
  std::vector<std::uint32_t> numbers;
  std::optional<Shmem> memory;
  std::vector<std::error_code> handler_errors;
  int destroyed = 0;

 private:
  Result<void> RecvFile(std::vector<FileDescriptor> received) {
    files = std::move(received);
    return {};
  }
  Result<void> RecvShape(kinds::Shape received) {
    shape = std::move(received);
    return {};
  }
  Result<void> RecvCounts(kinds::Counts received) {
    counts = std::move(received);
    return {};
  }
  Result<void> RecvFloats(TypedShmem<float> received) {
    floats = std::move(received);
    return {};
  }
  Result<void> RecvSlice(ShmemSlice received) {
    slice = std::move(received);
    return {};
  }
  Result<void> RecvWidth(Tainted<std::uint32_t> width_in) {
    BATON_TRY(const auto width, width_in.Validate([](auto w) { return w < 100; }));
    numbers.push_back(width);
    return {};
  }
  void RecvAskWidth(Tainted<std::uint32_t> width_in, Replier<std::uint32_t> reply) {
    const auto width = width_in.Validate([](auto w) { return w < 100; });
    if (!width) return reply.Reject(width.error());
    reply(*width + 1);
  }
  Result<void> RecvPair(kinds::Pair received) {
    pair = received;
    return {};
  }
  Result<void> RecvColor(wire_types::Color received) {
    color = std::move(received);
    return {};
  }
  Result<void> RecvGrown(std::uint32_t number, std::optional<Shmem> received) {
    numbers.push_back(number);
    memory = std::move(received);
    return {};
  }
  Result<void> RecvNumber(std::uint32_t number) {
    numbers.push_back(number);
    return {};
  }

  static Result<void> Dispatch(Actor* actor, Incoming& incoming) {
    using Self = KindsActor;
    auto* const self = static_cast<Self*>(actor);
    switch (incoming.message()) {
      case kinds::kFile.id: return Deliver(incoming, kinds::kFile, self, &Self::RecvFile);
      case kinds::kShape.id: return Deliver(incoming, kinds::kShape, self, &Self::RecvShape);
      case kinds::kCountsMessage.id:
        return Deliver(incoming, kinds::kCountsMessage, self, &Self::RecvCounts);
      case kinds::kFloatsMessage.id:
        return Deliver(incoming, kinds::kFloatsMessage, self, &Self::RecvFloats);
      case kinds::kWidth.id: return Deliver(incoming, kinds::kWidth, self, &Self::RecvWidth);
      case kinds::kAskWidth.id:
        return Deliver(incoming, kinds::kAskWidth, self, &Self::RecvAskWidth);
      case kinds::kPairMessage.id:
        return Deliver(incoming, kinds::kPairMessage, self, &Self::RecvPair);
      case kinds::kColorMessage.id:
        return Deliver(incoming, kinds::kColorMessage, self, &Self::RecvColor);
      case kinds::kGrown.id: return Deliver(incoming, kinds::kGrown, self, &Self::RecvGrown);
      case kinds::kNewer.id: return Deliver(incoming, kinds::kNewer, self, &Self::RecvNumber);
      case kinds::kSlice.id: return Deliver(incoming, kinds::kSlice, self, &Self::RecvSlice);
      case kinds::kGone.id: return Deliver(incoming, kinds::kGone, self, &Self::RecvNumber);
    }
    return incoming.Unknown();
  }

  void ActorDestroy(ActorDestroyReason) override { ++destroyed; }
  void OnHandlerError(std::error_code error) override { handler_errors.push_back(error); }
};

}  // namespace baton::testing
