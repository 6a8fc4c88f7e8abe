#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

#include "tests/unit/runtime/wire_types.h"

using namespace wire_types;

TEST_CASE("every shape of value survives the trip", "[wire]") {
  const Rich sent = GENERATE(Rich(), Everything());
  const auto bytes = Encode(kRichTable, &sent);
  REQUIRE(bytes.has_value());

  Rich received = GENERATE(Rich(), Everything());  // what was there before does not matter
  REQUIRE(DecodeInto(kRichTable, *bytes, &received).has_value());
  CHECK(received == sent);
}

TEST_CASE("the nesting of optionals survives the trip", "[wire]") {
  using Twice = std::optional<std::optional<std::uint32_t>>;
  const Twice sent = GENERATE(Twice(), Twice(std::in_place, std::nullopt), Twice(std::in_place, 0),
                              Twice(std::in_place, 7));
  const auto bytes = Encode(kOnly<kTwice>, &sent);
  REQUIRE(bytes.has_value());
  Twice received;
  REQUIRE(DecodeInto(kOnly<kTwice>, *bytes, &received).has_value());
  CHECK(received == sent);
}

TEST_CASE("negative zero and NaN keep their bits", "[wire]") {
  Rich sent;
  sent.f64 = -0.0;
  sent.f32 = std::numeric_limits<float>::quiet_NaN();
  const auto bytes = Encode(kRichTable, &sent);
  REQUIRE(bytes.has_value());
  Rich received;
  REQUIRE(DecodeInto(kRichTable, *bytes, &received).has_value());
  CHECK(std::signbit(received.f64));
  CHECK(std::isnan(received.f32));
}

TEST_CASE("the message may lie at any address", "[wire]") {
  const Rich sent = Everything();
  const auto bytes = Encode(kRichTable, &sent);
  REQUIRE(bytes.has_value());
  const std::size_t shift = GENERATE(0u, 1u, 2u, 3u, 4u, 5u, 6u, 7u);
  Bytes shifted(shift);
  shifted.insert(shifted.end(), bytes->begin(), bytes->end());
  Rich received;
  REQUIRE(DecodeInto(kRichTable, std::span(shifted).subspan(shift), &received).has_value());
  CHECK(received == sent);
}

TEST_CASE("the parameters of a message are found through their pointers", "[wire]") {
  static constexpr wire::Row kRows[] = {{"number", 0, 0, &wire::kUint32},
                                        {"text", 0, 1, &wire::kString}};
  static constexpr wire::Table kParameters = {"Parameters", kRows};
  const std::uint32_t number = 17;
  const std::string text = "seventeen";
  const void* const sent[] = {&number, &text};
  wire::Encoder encoder;
  const auto encoded = encoder.Encode(kParameters, sent, 1024);
  REQUIRE(encoded.has_value());

  std::uint32_t received_number = 0;
  std::string received_text;
  void* const received[] = {&received_number, &received_text};
  REQUIRE(wire::Decode(kParameters, encoded->bytes, received).has_value());
  CHECK(received_number == number);
  CHECK(received_text == text);
}

TEST_CASE("one encoder encodes one message after the other", "[wire]") {
  wire::Encoder encoder;
  const Rich large = Everything();
  const Rich small;
  const auto first = encoder.Encode(kRichTable, PlacesIn(kRichTable, &large), 1 << 20);
  REQUIRE(first.has_value());
  const Bytes once(first->bytes.begin(), first->bytes.end());
  REQUIRE(encoder.Encode(kRichTable, PlacesIn(kRichTable, &small), 1 << 20).has_value());
  REQUIRE_FALSE(encoder.Encode(kRichTable, PlacesIn(kRichTable, &large), 100).has_value());
  const auto again = encoder.Encode(kRichTable, PlacesIn(kRichTable, &large), 1 << 20);
  REQUIRE(again.has_value());
  CHECK(std::ranges::equal(again->bytes, once));
}

namespace {

// Stands in for runtime/shmem: writes which memory it was into each hole.
Bytes Fill(const wire::Encoded& encoded) {
  for (const wire::OutgoingShmem& memory : encoded.shared_memory) {
    REQUIRE(memory.position % 8 == 0);
    REQUIRE(memory.position + sizeof(wire::ShmemReference) <= encoded.bytes.size());
    const auto hole = encoded.bytes.subspan(memory.position, sizeof(wire::ShmemReference));
    CHECK(std::ranges::all_of(hole, [](std::byte byte) { return byte == std::byte{0}; }));
    wire::ShmemReference reference;
    reference.size =
        static_cast<std::uint64_t>(static_cast<const FakeShmem*>(memory.memory)->number);
    reference.kind = memory.kind == wire::Kind::kShmem ? wire::ShmemReference::kSafe
                                                       : wire::ShmemReference::kUnsafe;
    std::memcpy(hole.data(), &reference, sizeof(reference));
  }
  return Bytes(encoded.bytes.begin(), encoded.bytes.end());
}

}  // namespace

TEST_CASE("shared memory leaves holes and finds its places", "[wire]") {
  Holder sent = {{1}, 77, {2}, FakeShmem{3}, {{4}, {5}}, {FakeShmem{6}, std::nullopt}};
  const std::vector<Holder> list = {sent, sent};
  static constexpr wire::Type kHolders = wire::kArrayOf<Holder, kHolder>;
  wire::Encoder encoder;
  const void* const outgoing[] = {&list};
  const auto encoded = encoder.Encode(kOnly<kHolders>, outgoing, 4096);
  REQUIRE(encoded.has_value());
  CHECK(encoded->shared_memory.size() == 12);
  const Bytes bytes = Fill(*encoded);

  std::vector<Holder> received;
  void* const incoming[] = {&received};
  const auto places = wire::Decode(kOnly<kHolders>, bytes, incoming);
  REQUIRE(places.has_value());
  REQUIRE(places->size() == 12);
  for (const wire::IncomingShmem& place : *places) {
    static_cast<FakeShmem*>(place.memory)->number = static_cast<int>(place.reference.size);
    CHECK(place.reference.kind == (place.kind == wire::Kind::kShmem ? 1u : 2u));
  }
  REQUIRE(received.size() == 2);
  for (const Holder& holder : received) {
    CHECK(holder.memory.number == 1);
    CHECK(holder.between == 77);
    CHECK(holder.unsafe.number == 2);
    REQUIRE(holder.maybe.has_value());
    CHECK(holder.maybe->number == 3);
    REQUIRE(holder.list.size() == 2);
    CHECK(holder.list[0].number == 4);
    CHECK(holder.list[1].number == 5);
    REQUIRE(holder.holes.size() == 2);
    REQUIRE(holder.holes[0].has_value());
    CHECK(holder.holes[0]->number == 6);
    CHECK_FALSE(holder.holes[1].has_value());
  }
}
