// Rows as batonc would write them, for one struct that uses every shape the mapping knows, and the
// helpers that send such structs through the codec. wire_types.fbs is the same for flatc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <baton/base/result.h>
#include <baton/wire/table.h>

#include "runtime/wire/decoder.h"
#include "runtime/wire/encoder.h"

namespace wire_types {

using Bytes = std::vector<std::byte>;
namespace wire = baton::wire;

// --- Enums: signed, unsigned, with holes, with a first enumerator that is not zero ---------------

enum class Mode : std::int8_t { kFast = 3, kSlow = -2, kOff = 0 };
enum class Port : std::uint16_t { kFirst = 1, kMiddle = 500, kLast = 65535 };
enum class Huge : std::uint64_t { kLow = 7, kHigh = 0x8000000000000001 };

inline constexpr std::int64_t kModeValues[] = {-2, 0, 3};
inline constexpr wire::Enumeration kModes = {"Mode", wire::Kind::kInt8, kModeValues, 3};
inline constexpr std::int64_t kPortValues[] = {1, 500, 65535};
inline constexpr wire::Enumeration kPorts = {"Port", wire::Kind::kUint16, kPortValues, 1};
inline constexpr std::int64_t kHugeValues[] = {static_cast<std::int64_t>(0x8000000000000001), 7};
inline constexpr wire::Enumeration kHuges = {"Huge", wire::Kind::kUint64, kHugeValues, 7};

inline constexpr wire::Type kMode = wire::kEnumOf<Mode, kModes>;
inline constexpr wire::Type kPort = wire::kEnumOf<Port, kPorts>;
inline constexpr wire::Type kHuge = wire::kEnumOf<Huge, kHuges>;

// --- Structs -------------------------------------------------------------------------------------

struct Point {
  std::int32_t x = 0;
  std::int32_t y = 0;
  friend bool operator==(const Point&, const Point&) = default;
};

struct Leaf {
  std::string name;
  Mode mode = Mode::kFast;
  Bytes blob;
  Point point;
  friend bool operator==(const Leaf&, const Leaf&) = default;
};

struct Rich {
  bool flag = false;
  std::int8_t i8 = 0;
  std::uint8_t u8 = 0;
  std::int16_t i16 = 0;
  std::uint16_t u16 = 0;
  std::int32_t i32 = 0;
  std::uint32_t u32 = 0;
  std::int64_t i64 = 0;
  std::uint64_t u64 = 0;
  float f32 = 0;
  double f64 = 0;
  Mode mode = Mode::kFast;
  Port port = Port::kFirst;
  Huge huge = Huge::kLow;
  std::string text;
  Bytes blob;
  Leaf leaf;
  std::vector<bool> flags;
  std::vector<double> doubles;
  std::vector<std::string> words;
  std::vector<Leaf> leaves;
  std::vector<Mode> modes;
  std::vector<Bytes> blobs;
  std::vector<std::vector<std::string>> grid;
  std::optional<std::uint32_t> maybe_number;
  std::optional<bool> maybe_flag;
  std::optional<Mode> maybe_mode;
  std::optional<std::string> maybe_text;
  std::optional<Bytes> maybe_blob;
  std::optional<Point> maybe_point;
  std::optional<std::vector<std::uint16_t>> maybe_list;
  std::vector<std::optional<std::uint32_t>> holes;
  std::vector<std::optional<Point>> point_holes;
  std::optional<std::optional<std::uint32_t>> twice;
  std::optional<std::optional<std::string>> text_twice;
  std::vector<std::optional<std::vector<std::uint8_t>>> list_holes;
  friend bool operator==(const Rich&, const Rich&) = default;
};

// Types with a name each: what templates over references need, and what batonc writes too.
inline constexpr wire::Type kWords = wire::kArrayOf<std::string, wire::kString>;
inline constexpr wire::Type kFlags = wire::kArrayOf<bool, wire::kBool>;
inline constexpr wire::Type kDoubles = wire::kArrayOf<double, wire::kDouble>;
inline constexpr wire::Type kModeList = wire::kArrayOf<Mode, kMode>;
inline constexpr wire::Type kBlobs = wire::kArrayOf<Bytes, wire::kBytes>;
inline constexpr wire::Type kGrid = wire::kArrayOf<std::vector<std::string>, kWords>;
inline constexpr wire::Type kMaybeNumber = wire::kOptionalOf<std::uint32_t, wire::kUint32>;
inline constexpr wire::Type kMaybeFlag = wire::kOptionalOf<bool, wire::kBool>;
inline constexpr wire::Type kMaybeMode = wire::kOptionalOf<Mode, kMode>;
inline constexpr wire::Type kMaybeText = wire::kOptionalOf<std::string, wire::kString>;
inline constexpr wire::Type kMaybeBlob = wire::kOptionalOf<Bytes, wire::kBytes>;
inline constexpr wire::Type kShorts = wire::kArrayOf<std::uint16_t, wire::kUint16>;
inline constexpr wire::Type kMaybeShorts = wire::kOptionalOf<std::vector<std::uint16_t>, kShorts>;
inline constexpr wire::Type kHoles = wire::kArrayOf<std::optional<std::uint32_t>, kMaybeNumber>;
inline constexpr wire::Type kTwice = wire::kOptionalOf<std::optional<std::uint32_t>, kMaybeNumber>;
inline constexpr wire::Type kTextTwice = wire::kOptionalOf<std::optional<std::string>, kMaybeText>;
inline constexpr wire::Type kOctets = wire::kArrayOf<std::uint8_t, wire::kUint8>;
inline constexpr wire::Type kMaybeOctets = wire::kOptionalOf<std::vector<std::uint8_t>, kOctets>;
inline constexpr wire::Type kListHoles =
    wire::kArrayOf<std::optional<std::vector<std::uint8_t>>, kMaybeOctets>;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"

inline constexpr wire::Row kPointRows[] = {{"x", offsetof(Point, x), 0, &wire::kInt32},
                                           {"y", offsetof(Point, y), 1, &wire::kInt32}};
inline constexpr wire::Table kPointTable = {"Point", kPointRows};
inline constexpr wire::Type kPoint = wire::kStructOf<Point, kPointTable>;

inline constexpr wire::Row kLeafRows[] = {{"name", offsetof(Leaf, name), 0, &wire::kString},
                                          {"mode", offsetof(Leaf, mode), 1, &kMode},
                                          {"blob", offsetof(Leaf, blob), 2, &wire::kBytes},
                                          {"point", offsetof(Leaf, point), 3, &kPoint}};
inline constexpr wire::Table kLeafTable = {"Leaf", kLeafRows};
inline constexpr wire::Type kLeaf = wire::kStructOf<Leaf, kLeafTable>;

inline constexpr wire::Type kLeaves = wire::kArrayOf<Leaf, kLeaf>;
inline constexpr wire::Type kMaybePoint = wire::kOptionalOf<Point, kPoint>;
inline constexpr wire::Type kPointHoles = wire::kArrayOf<std::optional<Point>, kMaybePoint>;

inline constexpr wire::Row kRichRows[] = {
    {"flag", offsetof(Rich, flag), 0, &wire::kBool},
    {"i8", offsetof(Rich, i8), 1, &wire::kInt8},
    {"u8", offsetof(Rich, u8), 2, &wire::kUint8},
    {"i16", offsetof(Rich, i16), 3, &wire::kInt16},
    {"u16", offsetof(Rich, u16), 4, &wire::kUint16},
    {"i32", offsetof(Rich, i32), 5, &wire::kInt32},
    {"u32", offsetof(Rich, u32), 6, &wire::kUint32},
    {"i64", offsetof(Rich, i64), 7, &wire::kInt64},
    {"u64", offsetof(Rich, u64), 8, &wire::kUint64},
    {"f32", offsetof(Rich, f32), 9, &wire::kFloat},
    {"f64", offsetof(Rich, f64), 10, &wire::kDouble},
    {"mode", offsetof(Rich, mode), 11, &kMode},
    {"port", offsetof(Rich, port), 12, &kPort},
    {"huge", offsetof(Rich, huge), 13, &kHuge},
    {"text", offsetof(Rich, text), 14, &wire::kString},
    {"blob", offsetof(Rich, blob), 15, &wire::kBytes},
    {"leaf", offsetof(Rich, leaf), 16, &kLeaf},
    {"flags", offsetof(Rich, flags), 17, &kFlags},
    {"doubles", offsetof(Rich, doubles), 18, &kDoubles},
    {"words", offsetof(Rich, words), 19, &kWords},
    {"leaves", offsetof(Rich, leaves), 20, &kLeaves},
    {"modes", offsetof(Rich, modes), 21, &kModeList},
    {"blobs", offsetof(Rich, blobs), 22, &kBlobs},
    {"grid", offsetof(Rich, grid), 23, &kGrid},
    {"maybe_number", offsetof(Rich, maybe_number), 24, &kMaybeNumber},
    {"maybe_flag", offsetof(Rich, maybe_flag), 25, &kMaybeFlag},
    {"maybe_mode", offsetof(Rich, maybe_mode), 26, &kMaybeMode},
    {"maybe_text", offsetof(Rich, maybe_text), 27, &kMaybeText},
    {"maybe_blob", offsetof(Rich, maybe_blob), 28, &kMaybeBlob},
    {"maybe_point", offsetof(Rich, maybe_point), 29, &kMaybePoint},
    {"maybe_list", offsetof(Rich, maybe_list), 30, &kMaybeShorts},
    {"holes", offsetof(Rich, holes), 31, &kHoles},
    {"point_holes", offsetof(Rich, point_holes), 32, &kPointHoles},
    {"twice", offsetof(Rich, twice), 33, &kTwice},
    {"text_twice", offsetof(Rich, text_twice), 34, &kTextTwice},
    {"list_holes", offsetof(Rich, list_holes), 35, &kListHoles},
};
inline constexpr wire::Table kRichTable = {"Rich", kRichRows};

// --- A list of lists of lists: the only values that can be deeper than their type ----------------

struct Tree {
  std::vector<Tree> branches;
};

extern const wire::Table kTreeTable;
inline constexpr wire::Type kTree = wire::kStructOf<Tree, kTreeTable>;
inline constexpr wire::Type kTrees = wire::kArrayOf<Tree, kTree>;
inline constexpr wire::Row kTreeRows[] = {{"branches", 0, 0, &kTrees}};
inline const wire::Table kTreeTable = {"Tree", kTreeRows};

// --- Shared memory: the codec sees only places, so a number stands in for the handle -------------

struct FakeShmem {
  int number = 0;
};

struct Holder {
  FakeShmem memory;
  std::uint8_t between = 0;
  FakeShmem unsafe;
  std::optional<FakeShmem> maybe;
  std::vector<FakeShmem> list;
  std::vector<std::optional<FakeShmem>> holes;
};

inline constexpr wire::Type kMaybeShmem = wire::kOptionalOf<FakeShmem, wire::kShmem>;
inline constexpr wire::Type kShmemList = wire::kArrayOf<FakeShmem, wire::kUnsafeShmem>;
inline constexpr wire::Type kShmemHoles = wire::kArrayOf<std::optional<FakeShmem>, kMaybeShmem>;
inline constexpr wire::Row kHolderRows[] = {
    {"memory", offsetof(Holder, memory), 0, &wire::kShmem},
    {"between", offsetof(Holder, between), 1, &wire::kUint8},
    {"unsafe", offsetof(Holder, unsafe), 2, &wire::kUnsafeShmem},
    {"maybe", offsetof(Holder, maybe), 3, &kMaybeShmem},
    {"list", offsetof(Holder, list), 4, &kShmemList},
    {"holes", offsetof(Holder, holes), 5, &kShmemHoles}};
inline constexpr wire::Table kHolderTable = {"Holder", kHolderRows};
inline constexpr wire::Type kHolder = wire::kStructOf<Holder, kHolderTable>;

#pragma GCC diagnostic pop

// --- Through the codec ---------------------------------------------------------------------------

inline std::vector<const void*> PlacesIn(const wire::Table& table, const void* object) {
  std::vector<const void*> places;
  for (const wire::Row& row : table.rows) {
    places.push_back(static_cast<const std::byte*>(object) + row.offset);
  }
  return places;
}

inline std::vector<void*> PlacesIn(const wire::Table& table, void* object) {
  std::vector<void*> places;
  for (const wire::Row& row : table.rows) {
    places.push_back(static_cast<std::byte*>(object) + row.offset);
  }
  return places;
}

// The bytes of `object`, which the rows of `table` describe.
inline baton::Result<Bytes> Encode(const wire::Table& table, const void* object,
                                   std::size_t max_bytes = 1 << 20) {
  wire::Encoder encoder;
  BATON_TRY(const wire::Encoded encoded, encoder.Encode(table, PlacesIn(table, object), max_bytes));
  return Bytes(encoded.bytes.begin(), encoded.bytes.end());
}

// Into `object`. The places of shared memory are for tests that call wire::Decode themselves.
inline baton::Result<> DecodeInto(const wire::Table& table, std::span<const std::byte> bytes,
                                  void* object) {
  BATON_CHECKED(wire::Decode(table, bytes, PlacesIn(table, object)));
  return {};
}

// A table of one row: what most tests need.
template <const wire::Type& Type>
inline constexpr wire::Row kOnlyRow[] = {{"only", 0, 0, &Type}};
template <const wire::Type& Type>
inline constexpr wire::Table kOnly = {"Only", kOnlyRow<Type>};

// A value in every field, none of them the default.
inline Rich Everything() {
  Rich rich;
  rich.flag = true;
  rich.i8 = -8;
  rich.u8 = 200;
  rich.i16 = -1600;
  rich.u16 = 65000;
  rich.i32 = -320000;
  rich.u32 = 4000000000;
  rich.i64 = -9000000000;
  rich.u64 = 18000000000000000000u;
  rich.f32 = 1.5F;
  rich.f64 = -2.25;
  rich.mode = Mode::kSlow;
  rich.port = Port::kLast;
  rich.huge = Huge::kHigh;
  rich.text = "h\u00e9llo \u20ac \U0001f600";
  rich.blob = {std::byte{0}, std::byte{255}, std::byte{7}};
  rich.leaf = {"leaf", Mode::kOff, {std::byte{9}}, {1, -2}};
  rich.flags = {true, false, true};
  rich.doubles = {0.5, -0.25};
  rich.words = {"one", "", "three"};
  rich.leaves = {{"a", Mode::kSlow, {}, {}}, {"b", Mode::kFast, {std::byte{1}}, {3, 4}}};
  rich.modes = {Mode::kFast, Mode::kOff, Mode::kSlow};
  rich.blobs = {{std::byte{1}}, {}, {std::byte{2}, std::byte{3}}};
  rich.grid = {{"x", "y"}, {}, {"z"}};
  rich.maybe_number = 0;  // present, and the default of a plain field
  rich.maybe_flag = false;
  rich.maybe_mode = Mode::kFast;
  rich.maybe_text = "";
  rich.maybe_blob = Bytes();
  rich.maybe_point = Point{5, 6};
  rich.maybe_list = {1, 2, 65535};
  rich.holes = {1, std::nullopt, 0};
  rich.point_holes = {std::nullopt, Point{7, 8}};
  rich.twice.emplace(42);
  rich.text_twice.emplace(std::nullopt);
  rich.list_holes = {std::nullopt, std::vector<std::uint8_t>(), std::vector<std::uint8_t>{1, 2}};
  return rich;
}

}  // namespace wire_types
