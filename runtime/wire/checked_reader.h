// A FlatBuffer whose author is not trusted. Every step from one object to the next compares with
// the length of the message first, in 64 bits; nothing is read that was not compared before, and
// nothing needs to be aligned in our memory.
//
//   CheckedReader   the message: follows offsets
//   TableView       one table, its vtable checked
//   VectorView      one vector, its length checked
//
// All positions are bytes from the start of the message. Whatever is empty was Rule::kMalformed: an
// optional instead of a Result, whose error costs a call at every step even when there is none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <baton/base/checked_slice.h>

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
  std::optional<TableView> Root() const {
    if (bytes_.size() < 8 || bytes_.size() > kMaxMessageBytes) return std::nullopt;
    return TableAt(0);
  }

  // The table that the offset at `position` leads to. Here and below, `position` is that of four
  // bytes known to be inside.
  std::optional<TableView> TableAt(std::size_t position) const {
    const std::optional<std::size_t> target = Follow(position);
    if (!target) return std::nullopt;
    const std::size_t table = *target;
    const std::int64_t vtable = static_cast<std::int64_t>(table) - LoadAs<std::int32_t>(At(table));
    if (vtable < 0 || vtable % 2 != 0 || !Contains(static_cast<std::uint64_t>(vtable), 4)) {
      return std::nullopt;
    }
    TableView view = {table, static_cast<std::size_t>(vtable)};
    view.vtable_size = LoadAs<std::uint16_t>(At(view.vtable));
    view.size = LoadAs<std::uint16_t>(At(view.vtable + 2));
    if (view.vtable_size < 4 || view.vtable_size % 2 != 0 || view.size < 4 ||
        !Contains(view.vtable, view.vtable_size) || !Contains(table, view.size)) {
      return std::nullopt;
    }
    return view;
  }

  // The vector that the offset at `position` leads to, of elements of `element_size` bytes.
  std::optional<VectorView> VectorAt(std::size_t position, std::size_t element_size) const {
    const std::optional<std::size_t> vector = Follow(position);
    if (!vector) return std::nullopt;
    const std::size_t size = LoadAs<std::uint32_t>(At(*vector));
    if (!Contains(*vector + 4, std::uint64_t{size} * element_size)) return std::nullopt;
    return VectorView{*vector + 4, size};
  }

  // The string that the offset at `position` leads to: a vector and a zero behind it.
  std::optional<std::string_view> StringAt(std::size_t position) const {
    const std::optional<VectorView> text = VectorAt(position, 1);
    if (!text) return std::nullopt;
    const std::size_t end = text->first + text->size;
    if (!Contains(end, 1) || *At(end) != std::byte{0}) return std::nullopt;
    return std::string_view(reinterpret_cast<const char*>(At(text->first)), text->size);
  }

  // The place of field `slot` within `table`, 0 when it is absent. Not to be used before HasField.
  std::size_t Find(const TableView& table, std::uint16_t slot) const {
    const std::size_t entry = 4 + 2 * std::size_t{slot};
    if (entry + 2 > table.vtable_size) return 0;
    return LoadAs<std::uint16_t>(At(table.vtable + entry));
  }

  // Whether a field of `size` bytes that Find found at `place` lies in its table, and where its
  // size wants it: FlatBuffers aligns to the size, and nothing to more than 8.
  bool HasField(const TableView& table, std::size_t place, std::size_t size) const {
    const std::size_t alignment = size < 8 ? size : 8;
    return place >= 4 && place + size <= table.size &&
           ((table.position + place) & (alignment - 1)) == 0;
  }

  // The bytes at a position that was checked.
  const std::byte* At(std::size_t position) const { return bytes_.data() + position; }

 private:
  bool Contains(std::uint64_t position, std::uint64_t length) const {
    return IsSlice(position, length, bytes_.size());
  }

  // To an object, which starts with four bytes of its own.
  std::optional<std::size_t> Follow(std::size_t position) const {
    const std::uint64_t offset = LoadAs<std::uint32_t>(At(position));
    const std::uint64_t target = position + offset;
    if (offset == 0 || target % 4 != 0 || !Contains(target, 4)) return std::nullopt;
    return static_cast<std::size_t>(target);
  }

  std::span<const std::byte> bytes_;
};

}  // namespace baton::wire
