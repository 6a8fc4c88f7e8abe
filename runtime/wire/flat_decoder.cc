#include <cstring>
#include <string>
#include <string_view>

#include "runtime/wire/bounds.h"
#include "runtime/wire/checked_reader.h"
#include "runtime/wire/flat_codec.h"
#include "runtime/wire/limits.h"
#include "runtime/wire/mapping.h"
#include "runtime/wire/scalar.h"
#include "runtime/wire/utf8.h"

namespace baton::wire {
namespace {

// Why nothing is charged to a budget here: a field costs at most 4 bytes and twice the message, and
// the table at most the message, even when all fields name the same bytes.
static_assert(FlatLayout::kMaxFields * 2 + 1 < 64 && FlatLayout::kMaxFields * 4 < 4096);

bool ReadEnum(const Enumeration& enumeration, const std::byte* from, void* value) {
  const std::int64_t number = LoadInteger(enumeration.underlying, from);
  if (!IsEnumerator(enumeration, number)) return false;
  StoreInteger(enumeration.underlying, value, number);
  return true;
}

bool ReadString(const CheckedReader& reader, std::size_t place, void* value) {
  const std::optional<std::string_view> text = reader.StringAt(place);
  if (!text || !IsUtf8(*text)) return false;
  static_cast<std::string*>(value)->assign(*text);
  return true;
}

bool ReadBytes(const CheckedReader& reader, std::size_t place, void* value) {
  const std::optional<VectorView> bytes = reader.VectorAt(place, 1);
  if (!bytes) return false;
  const std::byte* const first = reader.At(bytes->first);
  static_cast<std::vector<std::byte>*>(value)->assign(first, first + bytes->size);
  return true;
}

bool ReadNumbers(const CheckedReader& reader, std::size_t place, const Type& type, void* value) {
  const Type& element = *type.element;
  const std::size_t each = WireSize(element);
  const std::optional<VectorView> vector = reader.VectorAt(place, each);
  if (!vector) return false;
  const std::byte* const first = reader.At(vector->first);
  if (element.kind == Kind::kEnum) {
    const Enumeration& enumeration = *element.enumeration;
    for (std::size_t n = 0; n < vector->size; ++n) {
      const std::int64_t number = LoadInteger(enumeration.underlying, first + n * each);
      if (!IsEnumerator(enumeration, number)) return false;
    }
  }
  type.array->assign(value, first, vector->size);
  return true;
}

bool AreWithinBounds(const Table& table, std::span<void* const> values) {
  for (std::size_t n = 0; n < table.rows.size(); ++n) {
    const Row& row = table.rows[n];
    if (row.bounds != nullptr && !IsWithin(*row.bounds, *row.type, values[n])) return false;
  }
  return true;
}

}  // namespace

bool DecodeFlat(const Table& table, std::span<const std::byte> bytes,
                std::span<void* const> values) {
  const FlatLayout& layout = table.flat;
  if (bytes.size() < layout.fields_end || bytes.size() > kMaxMessageBytes) return false;
  for (std::size_t n = 0; n < layout.header_size / 8u; ++n) {
    if (LoadAs<std::uint64_t>(bytes.data() + 8 * n) != layout.header[n]) return false;
  }
  const CheckedReader reader(bytes);
  for (std::size_t n = 0; n < layout.field_count; ++n) {
    const FlatField field = layout.fields[n];
    const std::byte* const from = bytes.data() + field.place;
    void* const value = values[n];
    switch (field.action) {
      case FlatAction::kCopy1: std::memcpy(value, from, 1); break;
      case FlatAction::kCopy2: std::memcpy(value, from, 2); break;
      case FlatAction::kCopy4: std::memcpy(value, from, 4); break;
      case FlatAction::kCopy8: std::memcpy(value, from, 8); break;
      case FlatAction::kBool:
        if (*from > std::byte{1}) return false;
        *static_cast<bool*>(value) = *from == std::byte{1};
        break;
      case FlatAction::kEnum:
        if (!ReadEnum(*table.rows[n].type->enumeration, from, value)) return false;
        break;
      case FlatAction::kString:
        if (!ReadString(reader, field.place, value)) return false;
        break;
      case FlatAction::kBytes:
        if (!ReadBytes(reader, field.place, value)) return false;
        break;
      case FlatAction::kNumbers:
        if (!ReadNumbers(reader, field.place, *table.rows[n].type, value)) return false;
        break;
    }
  }
  return !layout.has_bounds || AreWithinBounds(table, values);
}

}  // namespace baton::wire
