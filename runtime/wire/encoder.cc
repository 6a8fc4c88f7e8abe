#include "runtime/wire/encoder.h"

#include <flatbuffers/flatbuffers.h>

#include <algorithm>
#include <string>
#include <utility>

#include "runtime/wire/limits.h"
#include "runtime/wire/scalar.h"
#include "runtime/wire/utf8.h"

namespace baton::wire {
namespace {

using flatbuffers::uoffset_t;
using flatbuffers::voffset_t;

// Equal vtables are shared, but the builder searches them one by one. Beyond this many different
// ones a table brings its own: a list of optional fields cannot make us search for seconds.
constexpr int kMaxSharedVtables = 128;

// A value to write: a field's own, or what its optional holds.
struct Content {
  const Type* type;
  const void* value;  // null: absent
  bool optional;      // then a scalar is written even if it is the default
};

Content ContentOf(const Type& type, const void* value) {
  if (type.kind != Kind::kOptional) return {&type, value, false};
  return {type.element, type.optional->get(value), true};
}

// Offsets count from the end of the buffer, which grows downwards. 0: absent, or not by offset.
struct Offset {
  uoffset_t from_end = 0;
};

}  // namespace

struct Encoder::State {
  flatbuffers::FlatBufferBuilder builder;
  std::vector<uoffset_t> children;  // of tables that are not written yet, a stack
  std::vector<OutgoingShmem> shared_memory;
  std::size_t max_bytes = 0;
  std::uint64_t memory = 0;  // what the message becomes in the reader
  int depth = 0;
  int vtables = 0;

  void Restart(std::size_t limit) {
    builder.Clear();
    builder.DedupVtables(true);
    children.clear();
    shared_memory.clear();
    max_bytes = std::min(limit, kMaxMessageBytes / 2);
    memory = 0;
    depth = 0;
    vtables = 0;
  }

  // Before anything is built: FlatBuffers aborts when its buffer cannot grow.
  Result<void> Reserve(std::size_t bytes) const {
    const std::size_t used = builder.GetSize();
    if (used > max_bytes || bytes > max_bytes - used) return Fail(Errc::kMessageTooLarge);
    return {};
  }

  // `value_of(row)` is where the row's value is.
  template <class ValueOf>
  Result<Offset> BuildTable(std::span<const Row> rows, ValueOf value_of) {
    if (++depth > kMaxDepth) return Fail(Errc::kInvalidValue);
    const std::size_t first_child = children.size();
    for (const Row& row : rows) {
      if (IsNumber(row.type->kind) || row.type->kind == Kind::kBool) continue;
      const Content content = ContentOf(*row.type, value_of(row));
      if (content.value == nullptr) continue;
      BATON_TRY(const Offset child, BuildChild(content));
      if (child.from_end != 0) children.push_back(child.from_end);
    }
    BATON_CHECKED(Reserve(0));
    const uoffset_t start = builder.StartTable();
    std::size_t next_child = first_child;
    for (const Row& row : rows) {
      const Content content = ContentOf(*row.type, value_of(row));
      if (content.value != nullptr) AddField(row, content, next_child);
    }
    children.resize(first_child);
    --depth;
    return EndTable(start);
  }

  Result<Offset> EndTable(uoffset_t start) {
    // A vtable counts in 16 bits.
    if (builder.GetSize() - start + 8 > 0xffff) return Fail(Errc::kMessageTooLarge);
    const uoffset_t table = builder.EndTable(start);
    const bool has_new_vtable = builder.GetSize() != table;
    if (has_new_vtable && ++vtables == kMaxSharedVtables) builder.DedupVtables(false);
    return Offset{table};
  }

  // What must exist before the table that refers to it.
  Result<Offset> BuildChild(const Content& content) {
    const Type& type = *content.type;
    switch (type.kind) {
      case Kind::kEnum: {
        const Kind underlying = type.enumeration->underlying;
        if (IsEnumerator(*type.enumeration, LoadInteger(underlying, content.value)))
          return Offset();
        return Fail(Errc::kInvalidValue);
      }
      case Kind::kString: return BuildString(*static_cast<const std::string*>(content.value));
      case Kind::kBytes:
        return BuildBytes(*static_cast<const std::vector<std::byte>*>(content.value));
      case Kind::kStruct: return BuildStruct(*type.table, content.value);
      case Kind::kArray: return BuildArray(type, content.value);
      case Kind::kOptional: return BuildBox(type, content.value);
      default: return Offset();
    }
  }

  Result<Offset> BuildStruct(const Table& table, const void* value) {
    return BuildTable(table.rows, [value](const Row& row) -> const void* {
      return static_cast<const std::byte*>(value) + row.offset;
    });
  }

  Result<Offset> BuildBox(const Type& type, const void* value) {
    const Row row = {"value", 0, 0, &type};
    return BuildTable(std::span(&row, 1), [value](const Row&) { return value; });
  }

  Result<Offset> BuildString(const std::string& text) {
    BATON_CHECKED(Reserve(text.size()));
    if (!IsUtf8(text)) return Fail(Errc::kInvalidValue);
    memory += text.size();
    return Offset{builder.CreateString(text.data(), text.size()).o};
  }

  Result<Offset> BuildBytes(const std::vector<std::byte>& bytes) {
    BATON_CHECKED(Reserve(bytes.size()));
    memory += bytes.size();
    const auto* const first = reinterpret_cast<const std::uint8_t*>(bytes.data());
    return Offset{builder.CreateVector(first, bytes.size()).o};
  }

  Result<Offset> BuildArray(const Type& type, const void* value) {
    const Type& element = *type.element;
    const std::size_t size = type.array->size(value);
    if (size > max_bytes) return Fail(Errc::kMessageTooLarge);
    memory += size * ElementMemory(element);
    switch (element.kind) {
      case Kind::kBool: return BuildBools(*type.array, size, value);
      case Kind::kEnum: return BuildEnums(type, size, value);
      case Kind::kShmem:
      case Kind::kUnsafeShmem: return BuildShmems(type, size, value);
      case Kind::kString:
      case Kind::kBytes:
      case Kind::kStruct:
      case Kind::kArray:
      case Kind::kOptional: return BuildOffsets(type, size, value);
      default: return BuildScalars(ScalarSize(element.kind), size, FirstOf(type, size, value));
    }
  }

  static const void* FirstOf(const Type& type, std::size_t size, const void* value) {
    return size == 0 ? nullptr : type.array->at(value, 0);
  }

  Result<Offset> BuildScalars(std::size_t each, std::size_t size, const void* first) {
    BATON_CHECKED(Reserve(size * each));
    builder.StartVector(size, each);
    if (size != 0) builder.PushBytes(static_cast<const std::uint8_t*>(first), size * each);
    return Offset{builder.EndVector(size)};
  }

  Result<Offset> BuildBools(const ArrayOperations& array, std::size_t size, const void* value) {
    BATON_CHECKED(Reserve(size));
    builder.StartVector(size, 1);
    for (std::size_t n = size; n > 0; --n) {
      builder.PushElement<std::uint8_t>(array.load_bool(value, n - 1) ? 1 : 0);
    }
    return Offset{builder.EndVector(size)};
  }

  Result<Offset> BuildEnums(const Type& type, std::size_t size, const void* value) {
    const Enumeration& enumeration = *type.element->enumeration;
    for (std::size_t n = 0; n < size; ++n) {
      const std::int64_t number = LoadInteger(enumeration.underlying, type.array->at(value, n));
      if (!IsEnumerator(enumeration, number)) return Fail(Errc::kInvalidValue);
    }
    return BuildScalars(ScalarSize(enumeration.underlying), size, FirstOf(type, size, value));
  }

  Result<Offset> BuildShmems(const Type& type, std::size_t size, const void* value) {
    constexpr std::size_t kEach = sizeof(ShmemReference);
    BATON_CHECKED(Reserve(size * kEach));
    builder.StartVector(size * kEach / 8, 8);
    for (std::size_t n = size; n > 0; --n)
      AddHole(type.element->kind, type.array->at(value, n - 1));
    return Offset{builder.EndVector(size)};
  }

  Result<Offset> BuildOffsets(const Type& type, std::size_t size, const void* value) {
    BATON_CHECKED(Reserve(size * sizeof(uoffset_t)));
    const Type& element = *type.element;
    const bool boxed = IsBoxedElement(element.kind);
    const std::size_t first = children.size();
    for (std::size_t n = 0; n < size; ++n) {
      const void* const item = type.array->at(value, n);
      BATON_TRY(const Offset child,
                boxed ? BuildBox(element, item) : BuildChild({&element, item, false}));
      children.push_back(child.from_end);
    }
    BATON_CHECKED(Reserve(size * sizeof(uoffset_t)));
    builder.StartVector(size, sizeof(uoffset_t));
    for (std::size_t n = size; n > 0; --n) {
      builder.PushElement(flatbuffers::Offset<void>(children[first + n - 1]));
    }
    children.resize(first);
    return Offset{builder.EndVector(size)};
  }

  void AddField(const Row& row, const Content& content, std::size_t& next_child) {
    const voffset_t field = flatbuffers::FieldIndexToOffset(row.slot);
    const Type& type = *content.type;
    switch (type.kind) {
      case Kind::kEnum:
        return AddScalar(field, type.enumeration->underlying, content,
                         static_cast<std::uint64_t>(type.enumeration->default_value));
      case Kind::kShmem:
      case Kind::kUnsafeShmem:
        AddHole(type.kind, content.value);
        return builder.AddStructOffset(field, builder.GetSize());
      case Kind::kString:
      case Kind::kBytes:
      case Kind::kStruct:
      case Kind::kArray:
      case Kind::kOptional:
        return builder.AddOffset(field, flatbuffers::Offset<void>(children[next_child++]));
      default: return AddScalar(field, type.kind, content, 0);
    }
  }

  void AddScalar(voffset_t field, Kind kind, const Content& content, std::uint64_t absent) {
    switch (ScalarSize(kind)) {
      case 1: return AddBits<std::uint8_t>(field, content, absent);
      case 2: return AddBits<std::uint16_t>(field, content, absent);
      case 4: return AddBits<std::uint32_t>(field, content, absent);
      default: return AddBits<std::uint64_t>(field, content, absent);
    }
  }

  // Compares bits, so that -0.0 is not lost.
  template <class Bits>
  void AddBits(voffset_t field, const Content& content, std::uint64_t absent) {
    const Bits bits = LoadAs<Bits>(content.value);
    if (content.optional || bits != static_cast<Bits>(absent)) builder.AddElement(field, bits);
  }

  // Room for a ShmemReference, zeroed. Its position counts from the end until the message is whole.
  void AddHole(Kind kind, const void* memory_handle) {
    builder.Align(8);
    builder.Pad(sizeof(ShmemReference));
    shared_memory.push_back({kind, memory_handle, builder.GetSize()});
  }

  // Zeros between the root and what leads to it: a message pays for the memory it becomes.
  Result<void> PadToBudget() {
    const std::size_t length = LengthToBecome(memory);
    if (builder.GetSize() >= length) return {};
    BATON_CHECKED(Reserve(length - builder.GetSize()));
    builder.Pad(length - builder.GetSize());
    return {};
  }
};

Encoder::Encoder() : state_(std::make_unique<State>()) {}
Encoder::~Encoder() = default;

Result<Encoded> Encoder::Encode(const Table& table, std::span<const void* const> values,
                                std::size_t max_bytes) {
  BATON_CHECK(values.size() == table.rows.size());
  State& state = *state_;
  state.Restart(max_bytes);
  const Row* const first = table.rows.data();
  BATON_TRY(const Offset root, state.BuildTable(table.rows, [&](const Row& row) {
    return values[static_cast<std::size_t>(&row - first)];
  }));
  BATON_CHECKED(state.PadToBudget());
  state.builder.Finish(flatbuffers::Offset<void>(root.from_end));
  const std::size_t size = state.builder.GetSize();
  if (size > max_bytes) return Fail(Errc::kMessageTooLarge);
  for (OutgoingShmem& memory : state.shared_memory) memory.position = size - memory.position;
  auto* const bytes = reinterpret_cast<std::byte*>(state.builder.GetBufferPointer());
  return Encoded{{bytes, size}, state.shared_memory};
}

}  // namespace baton::wire
