// A FlatBuffer whose author is not trusted. Every step from one object to the next compares with
// the length of the message first, in 64 bits; nothing is read that was not compared before, and
// nothing needs to be aligned in our memory.
//
//   CheckedReader   the message: follows offsets
//   TableView       one table, its vtable checked
//   VectorView      one vector, its length checked
//
// All positions are bytes from the start of the message. All errors are Rule::kMalformed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <baton/base/result.h>

#include "runtime/wire/limits.h"
#include "runtime/wire/scalar.h"

namespace baton::wire {

// Where a table's fields lie. The table and its vtable are inside the message, all of both.
struct TableView {
  std::size_t position = 0;
  std::size_t vtable = 0;
  std::uint16_t vtable_size = 0;  // bytes; 0: a table without fields
  std::uint16_t size = 0;         // bytes of the table itself, fields included
};

// Elements that lie inside the message, all of them.
struct VectorView {
  std::size_t first = 0;
  std::size_t size = 0;  // elements
};

class CheckedReader {
 public:
  // `bytes` stay where they are and do not change meanwhile.
  explicit CheckedReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  // The root. The shortest message is an offset and an empty table.
  Result<TableView> Root() const {
    if (bytes_.size() < 8 || bytes_.size() > kMaxMessageBytes) return Fail(Rule::kMalformed);
    return TableAt(0);
  }

  // The table that the offset at `position` leads to. Here and below, `position` is that of four
  // bytes known to be inside.
  Result<TableView> TableAt(std::size_t position) const {
    BATON_TRY(const std::size_t table, Follow(position));
    const std::int64_t vtable = static_cast<std::int64_t>(table) - LoadAs<std::int32_t>(At(table));
    if (vtable < 0 || vtable % 2 != 0 || !Contains(static_cast<std::uint64_t>(vtable), 4)) {
      return Fail(Rule::kMalformed);
    }
    TableView view = {table, static_cast<std::size_t>(vtable)};
    view.vtable_size = LoadAs<std::uint16_t>(At(view.vtable));
    view.size = LoadAs<std::uint16_t>(At(view.vtable + 2));
    if (view.vtable_size < 4 || view.vtable_size % 2 != 0 || view.size < 4 ||
        !Contains(view.vtable, view.vtable_size) || !Contains(table, view.size)) {
      return Fail(Rule::kMalformed);
    }
    return view;
  }

  // The vector that the offset at `position` leads to, of elements of `element_size` bytes.
  Result<VectorView> VectorAt(std::size_t position, std::size_t element_size) const {
    BATON_TRY(const std::size_t vector, Follow(position));
    const std::size_t size = LoadAs<std::uint32_t>(At(vector));
    if (!Contains(vector + 4, std::uint64_t{size} * element_size)) return Fail(Rule::kMalformed);
    return VectorView{vector + 4, size};
  }

  // The string that the offset at `position` leads to: a vector and a zero behind it.
  Result<std::string_view> StringAt(std::size_t position) const {
    BATON_TRY(const VectorView text, VectorAt(position, 1));
    const std::size_t end = text.first + text.size;
    if (!Contains(end, 1) || *At(end) != std::byte{0}) return Fail(Rule::kMalformed);
    return std::string_view(reinterpret_cast<const char*>(At(text.first)), text.size);
  }

  // The place of field `slot` within `table`, 0 when it is absent. Unchecked until FieldAt.
  std::size_t Find(const TableView& table, std::uint16_t slot) const {
    const std::size_t entry = 4 + 2 * std::size_t{slot};
    if (entry + 2 > table.vtable_size) return 0;
    return LoadAs<std::uint16_t>(At(table.vtable + entry));
  }

  // The position of a field of `size` bytes that Find found at `place`.
  Result<std::size_t> FieldAt(const TableView& table, std::size_t place, std::size_t size,
                              std::size_t alignment) const {
    const std::size_t position = table.position + place;
    if (place < 4 || place + size > table.size || position % alignment != 0) {
      return Fail(Rule::kMalformed);
    }
    return position;
  }

  // The bytes at a position that was checked.
  const std::byte* At(std::size_t position) const { return bytes_.data() + position; }

 private:
  bool Contains(std::uint64_t position, std::uint64_t length) const {
    return position <= bytes_.size() && length <= bytes_.size() - position;
  }

  // To an object, which starts with four bytes of its own.
  Result<std::size_t> Follow(std::size_t position) const {
    const std::uint64_t offset = LoadAs<std::uint32_t>(At(position));
    const std::uint64_t target = position + offset;
    if (offset == 0 || target % 4 != 0 || !Contains(target, 4)) return Fail(Rule::kMalformed);
    return static_cast<std::size_t>(target);
  }

  std::span<const std::byte> bytes_;
};

}  // namespace baton::wire
