// The short way for flat tables against the general path: what one writes the other reads, and what
// one refuses the other refuses.
#include <catch2/catch.hpp>

#include <flatbuffers/flatbuffers.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <thread>

#include "runtime/wire/flat_codec.h"
#include "tests/support/watchdog.h"
#include "tests/unit/runtime/wire_types.h"

using namespace wire_types;
using baton::Errc;
using baton::Rule;
using baton::testing::Watchdog;

namespace {

struct Flat {
  std::uint8_t small = 0;
  std::uint64_t large = 0;
  bool flag = false;
  Mode mode = Mode::kFast;
  Port port = Port::kFirst;
  Huge huge = Huge::kLow;
  float real = 0;
  std::int16_t number = 0;
  std::string text;
  Bytes blob;
  std::vector<double> doubles;
  std::vector<std::uint16_t> shorts;
  std::vector<Mode> modes;
  std::uint32_t bounded = 5;
  std::string bounded_text;
  friend bool operator==(const Flat&, const Flat&) = default;
};

constexpr wire::Bounds kUpToTen = {.has_max = true, .max = {.unsigned_value = 10}};
constexpr wire::Default kWireFlatFive = {.bits = 5};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
constexpr wire::Row kFlatRows[] = {
    {"small", offsetof(Flat, small), 0, &wire::kUint8},
    {"large", offsetof(Flat, large), 1, &wire::kUint64},
    {"flag", offsetof(Flat, flag), 2, &wire::kBool},
    {"mode", offsetof(Flat, mode), 3, &kMode},
    {"port", offsetof(Flat, port), 4, &kPort},
    {"huge", offsetof(Flat, huge), 5, &kHuge},
    {"real", offsetof(Flat, real), 6, &wire::kFloat},
    {"number", offsetof(Flat, number), 7, &wire::kInt16},
    {"text", offsetof(Flat, text), 8, &wire::kString},
    {"blob", offsetof(Flat, blob), 9, &wire::kBytes},
    {"doubles", offsetof(Flat, doubles), 10, &kDoubles},
    {"shorts", offsetof(Flat, shorts), 11, &kShorts},
    {"modes", offsetof(Flat, modes), 12, &kModeList},
    {"bounded", offsetof(Flat, bounded), 13, &wire::kUint32, &kUpToTen, &kWireFlatFive},
    {"bounded_text", offsetof(Flat, bounded_text), 14, &wire::kString, &kUpToTen}};
constexpr wire::Table kFlat = {"Flat", kFlatRows};
#pragma GCC diagnostic pop

// The same fields, but the general path's alone.
constexpr wire::Table kGeneral = [] {
  wire::Table table = kFlat;
  table.flat = wire::FlatLayout();
  return table;
}();
static_assert(kFlat.flat.field_count == 15 && kGeneral.flat.field_count == 0);
static_assert(kPointTable.flat.field_count == 2 && kRichTable.flat.field_count == 0);

Flat Filled() {
  Flat flat;
  flat.small = 200;
  flat.large = 18000000000000000000u;
  flat.flag = true;
  flat.mode = Mode::kSlow;
  flat.port = Port::kLast;
  flat.huge = Huge::kHigh;
  flat.real = -0.0F;
  flat.number = -1600;
  flat.text = "h\u00e9llo \u20ac, and some ASCII behind it";
  flat.blob = {std::byte{1}, std::byte{2}, std::byte{3}};
  flat.doubles = {0.5, -0.25, 1e300};
  flat.shorts = {1, 2, 65535};
  flat.modes = {Mode::kFast, Mode::kOff, Mode::kSlow};
  flat.bounded = 10;
  flat.bounded_text = "0123456789";
  return flat;
}

std::error_code ErrorOf(const wire::Table& table, std::span<const std::byte> bytes, Flat& value) {
  const auto decoded = DecodeInto(table, bytes, &value);
  return decoded.has_value() ? std::error_code() : decoded.error();
}

// Both paths, of a copy whose end is the end of an allocation.
void RequireSameVerdict(const Bytes& message) {
  const Bytes bytes(message.begin(), message.end());
  Flat flat;
  Flat general;
  const std::error_code flat_error = ErrorOf(kFlat, bytes, flat);
  const std::error_code general_error = ErrorOf(kGeneral, bytes, general);
  REQUIRE(flat_error == general_error);
  if (!flat_error) {
    const auto one = Encode(kGeneral, &flat);
    const auto other = Encode(kGeneral, &general);
    REQUIRE(one.has_value() == other.has_value());
    if (one.has_value()) REQUIRE(*one == *other);  // NaN is not equal to itself, its bytes are
  }
}

}  // namespace

TEST_CASE("flat and general path read each other's messages", "[wire]") {
  const Flat sent = GENERATE(0, 1) == 0 ? Flat() : Filled();
  const auto flat = Encode(kFlat, &sent);
  const auto general = Encode(kGeneral, &sent);
  REQUIRE(flat.has_value());
  REQUIRE(general.has_value());
  CHECK(std::memcmp(flat->data(), kFlat.flat.header, kFlat.flat.header_size) == 0);
  for (const Bytes& bytes : {*flat, *general}) {
    for (const wire::Table* const table : {&kFlat, &kGeneral}) {
      Flat received = Filled();  // whatever was there is gone
      REQUIRE(DecodeInto(*table, bytes, &received).has_value());
      CHECK(received == sent);
    }
  }
}

TEST_CASE("a flat message is taken the short way, at any alignment", "[wire]") {
  const Flat sent = Filled();
  const auto bytes = Encode(kFlat, &sent);
  REQUIRE(bytes.has_value());
  const std::size_t shift = GENERATE(range(0, 8));
  Bytes moved(bytes->size() + shift);
  std::memcpy(moved.data() + shift, bytes->data(), bytes->size());
  Flat received;
  REQUIRE(wire::DecodeFlat(kFlat, std::span(moved).subspan(shift), PlacesIn(kFlat, &received)));
  CHECK(received == sent);
}

// Writes `first` and `second` in turn to where four bytes lie.
class Flicker {
 public:
  Flicker(std::byte* at, std::uint32_t first, std::uint32_t second)
      : thread_([this, at, first, second] {
          const std::atomic_ref word(*reinterpret_cast<std::uint32_t*>(at));
          while (!stop_.load(std::memory_order_relaxed)) {
            word.store(first, std::memory_order_relaxed);
            word.store(second, std::memory_order_relaxed);
          }
        }) {}
  ~Flicker() {
    stop_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

TEST_CASE("bytes that change while they are decoded are read once: before they are checked") {
  struct Row {
    const char* what;
    wire::FlatAction action;
    bool is_length;  // else the offset
    std::uint32_t lie;
  };
  const Row row = GENERATE(Row{"length of text", wire::FlatAction::kString, true, 0x7fffffff},
                           Row{"length of bytes", wire::FlatAction::kBytes, true, 0xffffffff},
                           Row{"length of an array", wire::FlatAction::kNumbers, true, 0x20000000},
                           Row{"place of text", wire::FlatAction::kString, false, 0xfffffffc},
                           Row{"place of an array", wire::FlatAction::kNumbers, false, 0x7ffffffc},
                           Row{"an enum", wire::FlatAction::kEnum, false, 0x01010101});
  CAPTURE(row.what);
  const Flat sent = Filled();
  Bytes bytes = *Encode(kFlat, &sent);
  const auto field = std::ranges::find(kFlat.flat.fields, row.action, &wire::FlatField::action);
  std::byte* at = bytes.data() + field->place;
  std::uint32_t honest = 0;
  std::memcpy(&honest, at, 4);
  if (row.is_length) {
    at += honest;
    std::memcpy(&honest, at, 4);
  }
  at -= reinterpret_cast<std::uintptr_t>(at) % 4;
  std::memcpy(&honest, at, 4);
  const Flicker flicker(at, honest, row.lie);
  int accepted = 0;
  int refused = 0;
  const Watchdog watchdog;
  while (accepted < 100 || refused < 100) {
    Flat received;
    if (!wire::DecodeFlat(kFlat, bytes, PlacesIn(kFlat, &received))) {
      ++refused;
      continue;
    }
    ++accepted;
    REQUIRE(received.text == sent.text);
    REQUIRE(received.blob == sent.blob);
    REQUIRE(received.doubles == sent.doubles);
    REQUIRE(received.mode == sent.mode);
  }
}

TEST_CASE("arrays of every length are laid out as FlatBuffers wants it", "[wire]") {
  Flat sent;
  const std::size_t size = GENERATE(range(0, 20));
  sent.text.assign(size, 'x');
  sent.blob.assign(size, std::byte{7});
  sent.doubles.assign(size, 0.5);
  sent.shorts.assign(size, 9);
  const auto bytes = Encode(kFlat, &sent);
  REQUIRE(bytes.has_value());
  CHECK(bytes->size() % 4 == 0);
  const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes->data());
  flatbuffers::Verifier verifier(data, bytes->size());
  const auto* const root = flatbuffers::GetRoot<flatbuffers::Table>(data);
  CHECK(root->VerifyTableStart(verifier));
  const auto* const doubles = root->GetPointer<const flatbuffers::Vector<double>*>(4 + 2 * 10);
  CHECK(verifier.VerifyVector(doubles));
  CHECK((reinterpret_cast<const std::uint8_t*>(doubles->data()) - data) % 8 == 0);
  CHECK(verifier.VerifyString(root->GetPointer<const flatbuffers::String*>(4 + 2 * 8)));
  Flat received;
  REQUIRE(DecodeInto(kGeneral, *bytes, &received).has_value());
  CHECK(received == sent);
}

TEST_CASE("a byte changed, or cut off, is judged alike by both paths", "[wire]") {
  const Flat sent = Filled();
  const auto whole = Encode(kFlat, &sent);
  REQUIRE(whole.has_value());
  for (std::size_t position = 0; position < whole->size(); ++position) {
    for (int value = 0; value < 256; ++value) {
      Bytes changed = *whole;
      changed[position] = static_cast<std::byte>(value);
      RequireSameVerdict(changed);
    }
    RequireSameVerdict(Bytes(whole->begin(), whole->begin() + static_cast<long>(position)));
  }
}

TEST_CASE("what does not leave, does not leave the short way either", "[wire]") {
  Flat sent = Filled();
  const auto refused_as = [&] {
    const auto flat = Encode(kFlat, &sent);
    const auto general = Encode(kGeneral, &sent);
    REQUIRE(flat.has_error());
    REQUIRE(general.has_error());
    CHECK(flat.error() == general.error());
    return flat.error();
  };
  SECTION("text that is not UTF-8") {
    sent.text += "\xff";
    CHECK(refused_as() == Errc::kInvalidValue);
  }
  SECTION("an enum that is none") {
    sent.mode = static_cast<Mode>(1);
    CHECK(refused_as() == Errc::kInvalidValue);
  }
  SECTION("an enum in an array that is none") {
    sent.modes.push_back(static_cast<Mode>(1));
    CHECK(refused_as() == Errc::kInvalidValue);
  }
  SECTION("a number that is too large") {
    sent.bounded = 11;
    CHECK(refused_as() == Errc::kOutOfBounds);
  }
  SECTION("a message that is too long") {
    sent.blob.resize(2 << 20);
    CHECK(refused_as() == Errc::kMessageTooLarge);
  }
}

TEST_CASE("a message too long for the short way goes the general way", "[wire]") {
  Flat sent = Filled();
  sent.blob.resize(wire::kMaxFlatMessage);
  const auto bytes = Encode(kFlat, &sent);
  REQUIRE(bytes.has_value());
  Flat received;
  REQUIRE(DecodeInto(kFlat, *bytes, &received).has_value());
  CHECK(received == sent);
}

TEST_CASE("16 fields that name the same bytes stay below the budget", "[wire]") {
  static constexpr auto kRows = [] {
    std::array<wire::Row, wire::FlatLayout::kMaxFields> rows = {};
    for (std::uint16_t n = 0; n < rows.size(); ++n) {
      rows[n] = {"blob", static_cast<std::uint32_t>(n * sizeof(Bytes)), n, &wire::kBytes};
    }
    return rows;
  }();
  static constexpr wire::Table kTable = {"Blobs", kRows};
  static_assert(kTable.flat.field_count == wire::FlatLayout::kMaxFields);
  std::array<Bytes, kRows.size()> blobs;
  blobs[0].assign(10'000, std::byte{1});
  auto bytes = Encode(kTable, &blobs);
  REQUIRE(bytes.has_value());
  const std::size_t first_place = kTable.flat.fields[0].place;
  std::uint32_t offset = 0;
  std::memcpy(&offset, bytes->data() + first_place, 4);
  for (const wire::FlatField& field : kTable.flat.fields) {
    const auto same = static_cast<std::uint32_t>(first_place + offset - field.place);
    std::memcpy(bytes->data() + field.place, &same, 4);
  }
  wire::Table general = kTable;
  general.flat = wire::FlatLayout();
  for (const wire::Table* const table : {&kTable, static_cast<const wire::Table*>(&general)}) {
    std::array<Bytes, kRows.size()> received;
    REQUIRE(DecodeInto(*table, *bytes, &received).has_value());
    CHECK(received[15] == blobs[0]);
  }
}
