// Messages that no encoder of ours writes, put together object by object; and what reading each
// object costs, as docs/wire-format.md, "Budget", says it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <flatbuffers/flatbuffers.h>
#include <catch2/catch.hpp>

#include "tests/unit/runtime/wire_types.h"

namespace wire_types {

// An object of the message, and what each visit to it costs. `by_hand.Often(one, 100, memory)`
// names `one` a hundred times, and costs a hundred times as much.
struct Priced {
  flatbuffers::uoffset_t object = 0;
  std::uint64_t cost = 0;
};

class ByHand {
 public:
  Priced Text(std::size_t size) { return Text(std::string(size, 'x')); }
  Priced Text(const std::string& text) {
    return {builder_.CreateString(text).o, 4 + 2 * std::uint64_t{text.size()}};
  }

  // Of bytes, or of a C++ type.
  Priced Octets(const std::vector<std::uint8_t>& bytes) {
    return {builder_.CreateVector(bytes).o, 4 + 2 * std::uint64_t{bytes.size()}};
  }

  // A fixed array of numbers: their memory is paid for by what holds it.
  template <class T>
  Priced FixedNumbers(const std::vector<T>& numbers) {
    return {builder_.CreateVector(numbers).o, 4 + sizeof(T) * std::uint64_t{numbers.size()}};
  }

  Priced Empty() { return PricedTable(builder_.EndTable(builder_.StartTable())); }

  // A table whose fields hold these, from id 0 on.
  Priced Fields(const std::vector<Priced>& fields) {
    const auto start = builder_.StartTable();
    for (std::size_t n = 0; n < fields.size(); ++n) AddOffset(n, fields[n]);
    Priced table = PricedTable(builder_.EndTable(start));
    for (const Priced& field : fields) table.cost += field.cost;
    return table;
  }
  Priced Box(const Priced& content) { return Fields({content}); }

  // A union whose member `tag` takes `memory` bytes.
  Priced Union(std::uint8_t tag, const Priced& held, std::size_t memory) {
    const auto start = builder_.StartTable();
    AddOffset(1, held);
    builder_.AddElement(flatbuffers::FieldIndexToOffset(0), tag);
    Priced table = PricedTable(builder_.EndTable(start));
    table.cost += memory + held.cost;
    return table;
  }

  Priced Entry(std::int32_t key, const Priced& value) {
    const auto start = builder_.StartTable();
    AddOffset(1, value);
    builder_.AddElement(flatbuffers::FieldIndexToOffset(0), key);
    Priced table = PricedTable(builder_.EndTable(start));
    table.cost += value.cost;
    return table;
  }

  // A vector whose elements become `memory` bytes each: 0 in a fixed array, those of the key, of
  // the value and 64 in a map.
  Priced Vector(const std::vector<Priced>& elements, std::size_t memory) {
    std::vector<flatbuffers::Offset<void>> offsets;
    Priced vector = {0, 4};
    for (const Priced& element : elements) {
      offsets.emplace_back(element.object);
      vector.cost += 4 + memory + element.cost;
    }
    vector.object = builder_.CreateVector(offsets).o;
    return vector;
  }
  Priced Often(const Priced& element, std::size_t times, std::size_t memory) {
    return Vector(std::vector(times, element), memory);
  }

  // The message.
  Bytes Finish(const Priced& root) {
    builder_.Finish(flatbuffers::Offset<void>(root.object));
    const auto* const first = reinterpret_cast<const std::byte*>(builder_.GetBufferPointer());
    return Bytes(first, first + builder_.GetSize());
  }

 private:
  void AddOffset(std::size_t id, const Priced& content) {
    builder_.AddOffset(flatbuffers::FieldIndexToOffset(static_cast<flatbuffers::voffset_t>(id)),
                       flatbuffers::Offset<void>(content.object));
  }

  // The builder pads as it likes: the table says itself how large it is.
  Priced PricedTable(flatbuffers::uoffset_t table) {
    const auto* const at = builder_.GetCurrentBufferPointer() + builder_.GetSize() - table;
    const auto* const vtable = at - flatbuffers::ReadScalar<flatbuffers::soffset_t>(at);
    return {table, flatbuffers::ReadScalar<flatbuffers::voffset_t>(vtable + 2)};
  }

  flatbuffers::FlatBufferBuilder builder_;
};

template <const wire::Type& Type, class Value>
std::error_code ErrorOf(const Bytes& bytes) {
  Value value = {};
  const auto decoded = DecodeInto(kOnly<Type>, bytes, &value);
  return decoded.has_value() ? std::error_code() : decoded.error();
}

// What a message decodes to that holds `content` and as many bytes behind it as pay for it.
template <const wire::Type& Type, class Value>
Value JustPaid(ByHand& by_hand, const Priced& content) {
  const Priced root = by_hand.Box(content);
  Bytes bytes = by_hand.Finish(root);
  const std::size_t length = (root.cost - 4096 + 63) / 64;
  REQUIRE(bytes.size() < length);
  CHECK(ErrorOf<Type, Value>(bytes) == baton::Rule::kDecodeBudget);
  bytes.resize(length - 1);
  CHECK(ErrorOf<Type, Value>(bytes) == baton::Rule::kDecodeBudget);
  bytes.resize(length);
  Value value = {};
  CHECK(DecodeInto(kOnly<Type>, bytes, &value).has_value());
  return value;
}

}  // namespace wire_types
