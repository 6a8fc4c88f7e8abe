// Flat tables (<baton/wire/flat_layout.h>) of every kind of field that one may have, for
// fuzz_flat.cc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/unit/runtime/wire_kinds.h"

namespace flat_tables {

namespace wire = baton::wire;
using wire_types::Bytes;

struct Numbers {
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
  bool other_flag = false;
};

// Closed ones, flags, and one that is open.
struct Enums {
  wire_types::Mode mode = wire_types::Mode::kFast;
  wire_types::Port port = wire_types::Port::kFirst;
  wire_types::Huge huge = wire_types::Huge::kLow;
  wire_types::Access access = wire_types::Access::kRead;
  wire_types::Level level = wire_types::Level::kLow;
  std::vector<wire_types::Mode> modes;
  std::vector<wire_types::Port> ports;
  std::vector<wire_types::Huge> huges;
  std::vector<wire_types::Access> accesses;
  std::vector<wire_types::Level> levels;
};

struct Arrays {
  std::string text;
  Bytes blob;
  std::vector<std::uint8_t> octets;
  std::vector<std::uint16_t> shorts;
  std::vector<float> floats;
  std::vector<double> doubles;
  std::vector<std::int64_t> longs;
  std::string other_text;
};

struct Bounded {
  std::int32_t number = 5;
  std::uint8_t small = 3;
  double real = 0.5;
  std::string text = "abc";
  Bytes blob;
  std::vector<std::uint16_t> few;
  std::vector<float> floats;
  wire_types::Mode mode = wire_types::Mode::kSlow;
  bool flag = true;
};

// As many fields as a flat table may have.
using Blobs = std::array<Bytes, wire::FlatLayout::kMaxFields>;

// Just a number: the shortest message.
struct One {
  std::uint16_t number = 0;
};

// --- Types ---------------------------------------------------------------------------------------

template <class E, const wire::Type& Element>
inline constexpr wire::Type kEnums = wire::kArrayOf<E, Element>;
inline constexpr wire::Type kFloats = wire::kArrayOf<float, wire::kFloat>;
inline constexpr wire::Type kLongs = wire::kArrayOf<std::int64_t, wire::kInt64>;

inline constexpr wire::Bounds kMinus5To10 = {
    .has_min = true, .has_max = true, .min = {.signed_value = -5}, .max = {.signed_value = 10}};
inline constexpr wire::Bounds kFrom3 = {.has_min = true, .min = {.unsigned_value = 3}};
inline constexpr wire::Bounds kUpTo10 = {.has_max = true, .max = {.unsigned_value = 10}};
inline constexpr wire::Bounds kUpToOne = {.has_max = true, .max = {.real_value = 1.0}};
inline constexpr wire::Bounds kFewUpTo10 = {
    .has_max = true, .max = {.unsigned_value = 10}, .max_count = 3};
inline constexpr wire::Bounds kPair = {.max_count = 2};
inline constexpr wire::Default kFive = {.bits = 5};
inline constexpr wire::Default kThree = {.bits = 3};
inline constexpr wire::Default kHalf = {.real = 0.5};
inline constexpr wire::Default kAbc = {.text = "abc"};
inline constexpr wire::Default kSlow = {.bits = -2};
inline constexpr wire::Default kTrue = {.bits = 1};

// --- Tables --------------------------------------------------------------------------------------

inline constexpr wire::Row kNumbersRows[] = {
    {"flag", offsetof(Numbers, flag), 0, &wire::kBool},
    {"i8", offsetof(Numbers, i8), 1, &wire::kInt8},
    {"u8", offsetof(Numbers, u8), 2, &wire::kUint8},
    {"i16", offsetof(Numbers, i16), 3, &wire::kInt16},
    {"u16", offsetof(Numbers, u16), 4, &wire::kUint16},
    {"i32", offsetof(Numbers, i32), 5, &wire::kInt32},
    {"u32", offsetof(Numbers, u32), 6, &wire::kUint32},
    {"i64", offsetof(Numbers, i64), 7, &wire::kInt64},
    {"u64", offsetof(Numbers, u64), 8, &wire::kUint64},
    {"f32", offsetof(Numbers, f32), 9, &wire::kFloat},
    {"f64", offsetof(Numbers, f64), 10, &wire::kDouble},
    {"other_flag", offsetof(Numbers, other_flag), 11, &wire::kBool}};
inline constexpr wire::Table kNumbersTable = {"Numbers", kNumbersRows};

inline constexpr wire::Row kEnumsRows[] = {
    {"mode", offsetof(Enums, mode), 0, &wire_types::kMode},
    {"port", offsetof(Enums, port), 1, &wire_types::kPort},
    {"huge", offsetof(Enums, huge), 2, &wire_types::kHuge},
    {"access", offsetof(Enums, access), 3, &wire_types::kAccess},
    {"level", offsetof(Enums, level), 4, &wire_types::kLevel},
    {"modes", offsetof(Enums, modes), 5, &kEnums<wire_types::Mode, wire_types::kMode>},
    {"ports", offsetof(Enums, ports), 6, &kEnums<wire_types::Port, wire_types::kPort>},
    {"huges", offsetof(Enums, huges), 7, &kEnums<wire_types::Huge, wire_types::kHuge>},
    {"accesses", offsetof(Enums, accesses), 8, &kEnums<wire_types::Access, wire_types::kAccess>},
    {"levels", offsetof(Enums, levels), 9, &kEnums<wire_types::Level, wire_types::kLevel>}};
inline constexpr wire::Table kEnumsTable = {"Enums", kEnumsRows};

inline constexpr wire::Row kArraysRows[] = {
    {"text", offsetof(Arrays, text), 0, &wire::kString},
    {"blob", offsetof(Arrays, blob), 1, &wire::kBytes},
    {"octets", offsetof(Arrays, octets), 2, &wire_types::kOctets},
    {"shorts", offsetof(Arrays, shorts), 3, &wire_types::kShorts},
    {"floats", offsetof(Arrays, floats), 4, &kFloats},
    {"doubles", offsetof(Arrays, doubles), 5, &wire_types::kDoubles},
    {"longs", offsetof(Arrays, longs), 6, &kLongs},
    {"other_text", offsetof(Arrays, other_text), 7, &wire::kString}};
inline constexpr wire::Table kArraysTable = {"Arrays", kArraysRows};

inline constexpr wire::Row kBoundedRows[] = {
    {"number", offsetof(Bounded, number), 0, &wire::kInt32, &kMinus5To10, &kFive},
    {"small", offsetof(Bounded, small), 1, &wire::kUint8, &kFrom3, &kThree},
    {"real", offsetof(Bounded, real), 2, &wire::kDouble, &kUpToOne, &kHalf},
    {"text", offsetof(Bounded, text), 3, &wire::kString, &kFrom3, &kAbc},
    {"blob", offsetof(Bounded, blob), 4, &wire::kBytes, &kUpTo10},
    {"few", offsetof(Bounded, few), 5, &wire_types::kShorts, &kFewUpTo10},
    {"floats", offsetof(Bounded, floats), 6, &kFloats, &kPair},
    {"mode", offsetof(Bounded, mode), 7, &wire_types::kMode, nullptr, &kSlow},
    {"flag", offsetof(Bounded, flag), 8, &wire::kBool, nullptr, &kTrue}};
inline constexpr wire::Table kBoundedTable = {"Bounded", kBoundedRows};

inline constexpr auto kBlobsRows = [] {
  std::array<wire::Row, wire::FlatLayout::kMaxFields> rows = {};
  for (std::uint16_t n = 0; n < rows.size(); ++n) {
    rows[n] = {"blob", static_cast<std::uint32_t>(n * sizeof(Bytes)), n, &wire::kBytes};
  }
  return rows;
}();
inline constexpr wire::Table kBlobsTable = {"Blobs", kBlobsRows};

inline constexpr wire::Row kOneRows[] = {{"number", offsetof(One, number), 0, &wire::kUint16}};
inline constexpr wire::Table kOneTable = {"One", kOneRows};

static_assert(kNumbersTable.flat.field_count == 12 && kEnumsTable.flat.field_count == 10 &&
              kArraysTable.flat.field_count == 8 && kBoundedTable.flat.field_count == 9 &&
              kBlobsTable.flat.field_count == 16 && kOneTable.flat.field_count == 1);

}  // namespace flat_tables
