#include <atomic>
#include <cstring>
#include <string>
#include <type_traits>

#include "runtime/wire/bounds.h"
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

constexpr auto kLastCopied = static_cast<std::size_t>(FlatAction::kCopy1);

// The compiler may not read a byte again instead of keeping the copy: it may have changed.
template <class T>
T LoadOnce(const std::byte* from) {
  const T value = LoadAs<T>(from);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  return value;
}

bool ReadEnum(const Enumeration& enumeration, const std::byte* from, void* value) {
  std::uint64_t copy = 0;
  CopyScalar(ScalarSize(enumeration.underlying), from, &copy);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  const std::int64_t number = LoadInteger(enumeration.underlying, &copy);
  if (!IsEnumerator(enumeration, number)) return false;
  StoreInteger(enumeration.underlying, value, number);
  return true;
}

// The elements of a string or array that the private `offset` at `place` leads to; null when they
// are not all inside. What stands before them is read once.
struct FlatElements {
  const std::byte* first = nullptr;
  std::size_t count = 0;
  std::size_t end = 0;  // bytes from the start of the message
};

FlatElements ElementsAt(std::span<const std::byte> bytes, std::size_t place, std::uint32_t offset,
                        std::size_t each) {
  const std::size_t start = place + offset;
  if (offset == 0 || start % 4 != 0 || start + 4 > bytes.size()) return {};
  const std::size_t count = LoadOnce<std::uint32_t>(bytes.data() + start);
  if (count > (bytes.size() - start - 4) / each) return {};
  return {bytes.data() + start + 4, count, start + 4 + count * each};
}

bool ReadString(std::span<const std::byte> bytes, const FlatElements& text, void* value) {
  if (text.end >= bytes.size() || bytes[text.end] != std::byte{0}) return false;
  auto& into = *static_cast<std::string*>(value);
  into.assign(reinterpret_cast<const char*>(text.first), text.count);
  return IsUtf8(into);
}

bool ReadNumbers(const Type& type, const FlatElements& numbers, void* value) {
  type.array->assign(value, numbers.first, numbers.count);
  const Type& element = *type.element;
  if (element.kind != Kind::kEnum || numbers.count == 0) return true;
  const Enumeration& enumeration = *element.enumeration;
  const auto* const first = static_cast<const std::byte*>(type.array->at(value, 0));
  for (std::size_t n = 0; n < numbers.count; ++n) {
    const std::int64_t number = LoadInteger(enumeration.underlying, first + n * element.size);
    if (!IsEnumerator(enumeration, number)) return false;
  }
  return true;
}

bool ReadElements(std::span<const std::byte> bytes, const FlatField& field, std::uint32_t offset,
                  const Type& type, void* value) {
  const bool is_array = field.action == FlatAction::kNumbers;
  const FlatElements elements =
      ElementsAt(bytes, field.place, offset, is_array ? WireSize(*type.element) : 1);
  if (elements.first == nullptr) return false;
  if (is_array) return ReadNumbers(type, elements, value);
  if (field.action == FlatAction::kString) return ReadString(bytes, elements, value);
  static_cast<std::vector<std::byte>*>(value)->assign(elements.first,
                                                      elements.first + elements.count);
  return true;
}

bool ReadField(const Table& table, std::span<const std::byte> bytes, const FlatField& field,
               void* value) {
  const std::byte* const from = bytes.data() + field.place;
  const Type& type = *table.rows[field.row].type;
  if (field.action == FlatAction::kBool) {
    const auto bits = LoadOnce<std::uint8_t>(from);
    *static_cast<bool*>(value) = bits == 1;
    return bits <= 1;
  }
  if (field.action == FlatAction::kEnum) return ReadEnum(*type.enumeration, from, value);
  return ReadElements(bytes, field, LoadOnce<std::uint32_t>(from), type, value);
}

// What is copied as it is, because each of its bit patterns is a value.
void CopyNumbers(const FlatLayout& layout, const std::byte* from, std::span<void* const> values) {
  std::size_t n = 0;
  const auto copy = [&](FlatAction action, auto size) {
    for (const std::size_t end = layout.ends[static_cast<std::size_t>(action)]; n < end; ++n) {
      std::memcpy(values[layout.fields[n].row], from + layout.fields[n].place, size);
    }
  };
  copy(FlatAction::kCopy8, std::integral_constant<std::size_t, 8>());
  copy(FlatAction::kCopy4, std::integral_constant<std::size_t, 4>());
  copy(FlatAction::kCopy2, std::integral_constant<std::size_t, 2>());
  copy(FlatAction::kCopy1, std::integral_constant<std::size_t, 1>());
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
  CopyNumbers(layout, bytes.data(), values);
  for (std::size_t n = layout.ends[kLastCopied]; n < layout.field_count; ++n) {
    const FlatField field = layout.fields[n];
    if (!ReadField(table, bytes, field, values[field.row])) return false;
  }
  return !layout.has_bounds || AreWithinBounds(table, values);
}

}  // namespace baton::wire
