// Any bytes at all, as messages of flat tables: the short way and the general way give the same
// values, or blame the same field for breaking the same rule. What decodes can be sent again either
// way, and arrives as the same values.
//
// The first byte chooses the table (the lower half) and where the message lies (the upper half).
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <system_error>

#include <baton/base/check.h>

#include "tests/fuzz/flat/tables.h"

namespace {

namespace wire = baton::wire;
using wire_types::Bytes;
using wire_types::PlacesIn;

// The same fields, but the general path's alone.
constexpr wire::Table General(wire::Table table) {
  table.flat = wire::FlatLayout();
  return table;
}

// Also by an encoder that has encoded other messages before, whose traces must not show.
Bytes Encode(const wire::Table& table, const void* object) {
  static wire::Encoder used;
  wire::Encoder fresh;
  const auto places = PlacesIn(table, object);
  const auto one = fresh.Encode(table, places, std::size_t{1} << 30);
  const auto other = used.Encode(table, places, std::size_t{1} << 30);
  BATON_CHECK(one.has_value() && other.has_value());
  const Bytes bytes(one->bytes.begin(), one->bytes.end());
  BATON_CHECK(bytes == Bytes(other->bytes.begin(), other->bytes.end()));
  return bytes;
}

struct Verdict {
  std::error_code error;
  std::string field;
};

Verdict Decode(const wire::Table& table, std::span<const std::byte> bytes, void* object) {
  Verdict verdict;
  const wire::DecodeOptions options = {.refused_field = &verdict.field};
  const auto decoded = wire::Decode(table, bytes, PlacesIn(table, object), options);
  if (!decoded.has_value()) verdict.error = decoded.error();
  BATON_CHECK(decoded.has_value() || verdict.error.category() == baton::RuleCategory());
  return verdict;
}

template <class Value, const wire::Table& Flat>
void Compare(std::span<const std::byte> bytes) {
  static constexpr wire::Table kGeneral = General(Flat);
  Value value = {};
  Value general_value = {};
  const Verdict verdict = Decode(Flat, bytes, &value);
  const Verdict general_verdict = Decode(kGeneral, bytes, &general_value);
  BATON_CHECK(verdict.error == general_verdict.error);
  BATON_CHECK(verdict.field == general_verdict.field);
  if (verdict.error) return;
  // Bytes, because NaN is not equal to itself.
  const Bytes as_general = Encode(kGeneral, &general_value);
  const Bytes as_flat = Encode(Flat, &general_value);
  BATON_CHECK(Encode(kGeneral, &value) == as_general);
  BATON_CHECK(Encode(Flat, &value) == as_flat);
  for (const Bytes* const sent : {&as_general, &as_flat}) {
    for (const wire::Table* const table : {&Flat, &kGeneral}) {
      Value received = {};
      BATON_CHECK(!Decode(*table, *sent, &received).error);
      BATON_CHECK(Encode(kGeneral, &received) == as_general);
    }
  }
}

using Comparison = void (*)(std::span<const std::byte> bytes);
constexpr Comparison kComparisons[] = {
    Compare<flat_tables::Numbers, flat_tables::kNumbersTable>,
    Compare<flat_tables::Enums, flat_tables::kEnumsTable>,
    Compare<flat_tables::Arrays, flat_tables::kArraysTable>,
    Compare<flat_tables::Bounded, flat_tables::kBoundedTable>,
    Compare<flat_tables::Blobs, flat_tables::kBlobsTable>,
    Compare<flat_tables::One, flat_tables::kOneTable>,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t shift = data[0] / 16 % 8;
  Bytes moved(shift + size - 1);  // whose end is the end of an allocation
  if (size > 1) std::memcpy(moved.data() + shift, data + 1, size - 1);
  kComparisons[data[0] % 16 % std::size(kComparisons)](std::span(moved).subspan(shift));
  return 0;
}
