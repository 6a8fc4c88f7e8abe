#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "runtime/wire/bounds.h"
#include "runtime/wire/flat_codec.h"
#include "runtime/wire/mapping.h"
#include "runtime/wire/scalar.h"
#include "runtime/wire/utf8.h"

namespace baton::wire {
namespace {

constexpr auto kLastEncodedCopy = static_cast<std::size_t>(FlatAction::kBool);
constexpr auto kLastFixed = static_cast<std::size_t>(FlatAction::kEnum);

// Where the length and the elements of a string or an array lie, and what comes behind them.
struct Extent {
  std::size_t start;    // of the length
  std::size_t content;  // of the elements
  std::size_t after;    // a multiple of 4; the gap is zeros, one at least behind a string
};

// Behind `end`. `bytes` are those of all elements together, at most kMaxFlatMessage.
Extent ExtentBehind(std::size_t end, std::size_t bytes, std::size_t each, bool is_terminated) {
  const std::size_t start = each == 8 && end % 8 == 0 ? end + 4 : end;
  const std::size_t content = start + 4;
  return {start, content, (content + bytes + (is_terminated ? 4 : 3)) & ~std::size_t{3}};
}

// The elements of a string or an array.
struct Elements {
  const void* first;
  std::size_t count;
  std::size_t each;  // bytes
  bool is_terminated;
};

Elements ElementsOf(FlatAction action, const Type& type, const void* value) {
  if (action == FlatAction::kString) {
    const auto& text = *static_cast<const std::string*>(value);
    return {text.data(), text.size(), 1, true};
  }
  if (action == FlatAction::kBytes) {
    const auto& bytes = *static_cast<const std::vector<std::byte>*>(value);
    return {bytes.data(), bytes.size(), 1, false};
  }
  const std::size_t count = type.array->size(value);
  return {count == 0 ? nullptr : type.array->at(value, 0), count, WireSize(*type.element), false};
}

// A message that grows behind its fields.
struct FlatWriter {
  std::span<std::byte> into;
  std::size_t end;

  bool Append(std::size_t place, const Elements& elements) {
    if (elements.count > into.size() / elements.each) return false;
    const std::size_t bytes = elements.count * elements.each;
    const Extent extent = ExtentBehind(end, bytes, elements.each, elements.is_terminated);
    if (extent.after > into.size()) return false;
    std::byte* const out = into.data();
    if (extent.start != end) std::memset(out + end, 0, 4);
    const auto offset = static_cast<std::uint32_t>(extent.start - place);
    const auto count = static_cast<std::uint32_t>(elements.count);
    std::memcpy(out + place, &offset, 4);
    std::memset(out + extent.after - 4, 0, 4);
    std::memcpy(out + extent.start, &count, 4);
    if (bytes != 0) std::memcpy(out + extent.content, elements.first, bytes);
    end = extent.after;
    return true;
  }
};

bool IsText(const Elements& elements) {
  return IsUtf8({static_cast<const char*>(elements.first), elements.count});
}

bool AreEnumerators(const Type& element, const Elements& elements) {
  if (element.kind != Kind::kEnum) return true;
  const Enumeration& enumeration = *element.enumeration;
  const auto* const first = static_cast<const std::byte*>(elements.first);
  for (std::size_t n = 0; n < elements.count; ++n) {
    const std::int64_t number = LoadInteger(enumeration.underlying, first + n * elements.each);
    if (!IsEnumerator(enumeration, number)) return false;
  }
  return true;
}

// What is copied as it is: numbers and bools.
void CopyNumbers(const FlatLayout& layout, std::span<const void* const> values, std::byte* into) {
  std::size_t n = 0;
  const auto copy = [&](FlatAction action, auto size) {
    for (const std::size_t end = layout.ends[static_cast<std::size_t>(action)]; n < end; ++n) {
      std::memcpy(into + layout.fields[n].place, values[layout.fields[n].row], size);
    }
  };
  copy(FlatAction::kCopy8, std::integral_constant<std::size_t, 8>());
  copy(FlatAction::kCopy4, std::integral_constant<std::size_t, 4>());
  copy(FlatAction::kCopy2, std::integral_constant<std::size_t, 2>());
  copy(FlatAction::kCopy1, std::integral_constant<std::size_t, 1>());
  copy(FlatAction::kBool, std::integral_constant<std::size_t, 1>());
}

bool PutEnum(const Enumeration& enumeration, const void* value, std::byte* to) {
  const std::int64_t number = LoadInteger(enumeration.underlying, value);
  if (!IsEnumerator(enumeration, number)) return false;
  StoreInteger(enumeration.underlying, to, number);
  return true;
}

bool AreWithinBounds(const Table& table, std::span<const void* const> values) {
  for (std::size_t n = 0; n < table.rows.size(); ++n) {
    const Row& row = table.rows[n];
    if (row.bounds != nullptr && !IsWithin(*row.bounds, *row.type, values[n])) return false;
  }
  return true;
}

}  // namespace

std::size_t FlatLength(const Table& table, std::span<const void* const> values,
                       std::size_t max_bytes) {
  const FlatLayout& layout = table.flat;
  const std::size_t limit = std::min(max_bytes, kMaxFlatMessage);
  std::size_t end = layout.fields_end;
  for (std::size_t n = layout.ends[kLastFixed]; n < layout.field_count; ++n) {
    const FlatField field = layout.fields[n];
    const Elements elements =
        ElementsOf(field.action, *table.rows[field.row].type, values[field.row]);
    if (elements.count > limit / elements.each) return 0;
    const std::size_t bytes = elements.count * elements.each;
    end = ExtentBehind(end, bytes, elements.each, elements.is_terminated).after;
    if (end > limit) return 0;
  }
  return end <= limit ? end : 0;
}

bool EncodeFlat(const Table& table, std::span<const void* const> values,
                std::span<std::byte> into) {
  const FlatLayout& layout = table.flat;
  if (into.size() < layout.fields_end) return false;
  if (layout.has_bounds && !AreWithinBounds(table, values)) return false;
  std::memset(into.data() + layout.fields_end - 4, 0, 4);  // padding behind the last field
  for (std::size_t n = 0; n < layout.header_size / 8u; ++n) {
    std::memcpy(into.data() + 8 * n, &layout.header[n], 8);
  }
  CopyNumbers(layout, values, into.data());
  FlatWriter writer = {into, layout.fields_end};
  for (std::size_t n = layout.ends[kLastEncodedCopy]; n < layout.field_count; ++n) {
    const FlatField field = layout.fields[n];
    const Type& type = *table.rows[field.row].type;
    const void* const value = values[field.row];
    if (field.action == FlatAction::kEnum) {
      if (!PutEnum(*type.enumeration, value, into.data() + field.place)) return false;
      continue;
    }
    const Elements elements = ElementsOf(field.action, type, value);
    if (field.action == FlatAction::kString && !IsText(elements)) return false;
    if (field.action == FlatAction::kNumbers && !AreEnumerators(*type.element, elements)) {
      return false;
    }
    if (!writer.Append(field.place, elements)) return false;
  }
  return writer.end == into.size();
}

}  // namespace baton::wire
