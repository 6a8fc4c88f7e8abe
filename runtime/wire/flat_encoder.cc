#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "runtime/wire/bounds.h"
#include "runtime/wire/flat_codec.h"
#include "runtime/wire/mapping.h"
#include "runtime/wire/scalar.h"
#include "runtime/wire/utf8.h"

namespace baton::wire {
namespace {

constexpr std::size_t kRoundUp = 8;  // room for a string's zero and padding

// A message that grows behind its fields.
struct FlatWriter {
  std::vector<std::byte>& buffer;
  std::size_t max_bytes;
  std::size_t end;

  // Length and elements, aligned, with zeros up to a multiple of 4, one at least if
  // `is_terminated`.
  bool Append(std::size_t place, const void* first, std::size_t count, std::size_t each,
              bool is_terminated) {
    if (count > max_bytes / each) return false;
    const std::size_t bytes = count * each;
    std::size_t start = end;
    if (each == 8 && start % 8 == 0) start += 4;
    const std::size_t content = start + 4;
    const std::size_t after = (content + bytes + (is_terminated ? 4 : 3)) & ~std::size_t{3};
    if (after > max_bytes) return false;
    if (after + kRoundUp > buffer.size()) buffer.resize(2 * after + kRoundUp);
    std::byte* const out = buffer.data();
    if (start != end) std::memset(out + end, 0, 4);
    const auto offset = static_cast<std::uint32_t>(start - place);
    const auto size = static_cast<std::uint32_t>(count);
    std::memcpy(out + place, &offset, 4);
    std::memset(out + after - 4, 0, 4);
    std::memcpy(out + start, &size, 4);
    if (bytes != 0) std::memcpy(out + content, first, bytes);
    end = after;
    return true;
  }

  bool AppendString(std::size_t place, const std::string& text) {
    return text.size() <= max_bytes && IsUtf8(text) &&
           Append(place, text.data(), text.size(), 1, true);
  }

  bool AppendBytes(std::size_t place, const std::vector<std::byte>& bytes) {
    return Append(place, bytes.data(), bytes.size(), 1, false);
  }

  bool AppendNumbers(std::size_t place, const Type& type, const void* value) {
    const Type& element = *type.element;
    const std::size_t each = WireSize(element);
    const std::size_t count = type.array->size(value);
    const auto* const first =
        static_cast<const std::byte*>(count == 0 ? nullptr : type.array->at(value, 0));
    if (element.kind == Kind::kEnum) {
      const Enumeration& enumeration = *element.enumeration;
      for (std::size_t n = 0; n < count; ++n) {
        const std::int64_t number = LoadInteger(enumeration.underlying, first + n * each);
        if (!IsEnumerator(enumeration, number)) return false;
      }
    }
    return Append(place, first, count, each, false);
  }
};

bool AreWithinBounds(const Table& table, std::span<const void* const> values) {
  for (std::size_t n = 0; n < table.rows.size(); ++n) {
    const Row& row = table.rows[n];
    if (row.bounds != nullptr && !IsWithin(*row.bounds, *row.type, values[n])) return false;
  }
  return true;
}

}  // namespace

std::size_t EncodeFlat(const Table& table, std::span<const void* const> values,
                       std::size_t max_bytes, std::vector<std::byte>& buffer) {
  const FlatLayout& layout = table.flat;
  const std::size_t fields_end = layout.fields_end;
  const std::size_t limit = std::min(max_bytes, kMaxFlatMessage);
  if (fields_end > limit || (layout.has_bounds && !AreWithinBounds(table, values))) return 0;
  constexpr std::size_t kLargestFixedPart = 256;
  if (buffer.size() < kLargestFixedPart) buffer.resize(2 * kLargestFixedPart);
  FlatWriter writer = {buffer, limit, fields_end};
  std::memset(buffer.data() + fields_end - 4, 0, 4);  // padding behind the last field
  for (std::size_t n = 0; n < layout.header_size / 8u; ++n) {
    std::memcpy(buffer.data() + 8 * n, &layout.header[n], 8);
  }
  for (std::size_t n = 0; n < layout.field_count; ++n) {
    const FlatField field = layout.fields[n];
    const void* const value = values[n];
    std::byte* const to = buffer.data() + field.place;
    switch (field.action) {
      case FlatAction::kCopy1:
      case FlatAction::kBool: std::memcpy(to, value, 1); break;
      case FlatAction::kCopy2: std::memcpy(to, value, 2); break;
      case FlatAction::kCopy4: std::memcpy(to, value, 4); break;
      case FlatAction::kCopy8: std::memcpy(to, value, 8); break;
      case FlatAction::kEnum: {
        const Enumeration& enumeration = *table.rows[n].type->enumeration;
        const std::int64_t number = LoadInteger(enumeration.underlying, value);
        if (!IsEnumerator(enumeration, number)) return 0;
        StoreInteger(enumeration.underlying, to, number);
        break;
      }
      case FlatAction::kString:
        if (!writer.AppendString(field.place, *static_cast<const std::string*>(value))) return 0;
        break;
      case FlatAction::kBytes:
        if (!writer.AppendBytes(field.place, *static_cast<const std::vector<std::byte>*>(value))) {
          return 0;
        }
        break;
      case FlatAction::kNumbers:
        if (!writer.AppendNumbers(field.place, *table.rows[n].type, value)) return 0;
        break;
    }
  }
  return writer.end;
}

}  // namespace baton::wire
