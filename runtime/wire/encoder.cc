#include "runtime/wire/encoder.h"

#include <flatbuffers/flatbuffers.h>

#include <algorithm>
#include <string>
#include <utility>

#include "runtime/wire/limits.h"
#include "runtime/wire/mapping.h"
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

}  // namespace

// Each Build returns where the object is, counted from the end of the buffer, which grows
// downwards; 0 when it was refused, and `refusal` says why. (A Result per step would cost more than
// the step.)
struct Encoder::State {
  flatbuffers::FlatBufferBuilder builder;
  std::vector<uoffset_t> children;  // of tables that are not written yet, a stack
  std::vector<OutgoingShmem> shared_memory;
  std::size_t max_bytes = 0;
  std::uint64_t memory = 0;  // what the message becomes in the reader
  int depth = 0;
  int vtables = 0;
  Errc refusal = Errc::kInvalidValue;

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

  uoffset_t Refuse(Errc reason) {
    refusal = reason;
    return 0;
  }

  // Before anything is built: FlatBuffers aborts when its buffer cannot grow.
  bool Reserve(std::size_t bytes) {
    const std::size_t used = builder.GetSize();
    if (used <= max_bytes && bytes <= max_bytes - used) return true;
    refusal = Errc::kMessageTooLarge;
    return false;
  }

  // `value_of(row)` is where the row's value is.
  template <class ValueOf>
  uoffset_t BuildTable(std::span<const Row> rows, ValueOf value_of) {
    if (++depth > kMaxDepth) return Refuse(Errc::kInvalidValue);
    const std::size_t first_child = children.size();
    for (const Row& row : rows) {
      if (row.type->kind <= Kind::kEnum) continue;
      const Content content = ContentOf(*row.type, value_of(row));
      if (content.value == nullptr || !IsByOffset(content.type->kind)) continue;
      const uoffset_t child = BuildChild(content);
      if (child == 0) return 0;
      children.push_back(child);
    }
    if (!Reserve(0)) return 0;
    const uoffset_t start = builder.StartTable();
    std::size_t next_child = first_child;
    for (const Row& row : rows) {
      if (row.type->kind <= Kind::kDouble) {
        AddScalar(FieldOf(row), row.type->kind, {row.type, value_of(row), false}, 0);
        continue;
      }
      const Content content = ContentOf(*row.type, value_of(row));
      if (content.value != nullptr && !AddField(FieldOf(row), content, next_child)) return 0;
    }
    children.resize(first_child);
    --depth;
    return EndTable(start);
  }

  uoffset_t EndTable(uoffset_t start) {
    // A vtable counts in 16 bits.
    if (builder.GetSize() - start + 8 > 0xffff) return Refuse(Errc::kMessageTooLarge);
    const uoffset_t table = builder.EndTable(start);
    const bool has_new_vtable = builder.GetSize() != table;
    if (has_new_vtable && ++vtables == kMaxSharedVtables) builder.DedupVtables(false);
    return table;
  }

  // What must exist before the table that refers to it.
  uoffset_t BuildChild(const Content& content) {
    const Type& type = *content.type;
    switch (type.kind) {
      case Kind::kString: return BuildString(*static_cast<const std::string*>(content.value));
      case Kind::kBytes:
        return BuildBytes(*static_cast<const std::vector<std::byte>*>(content.value));
      case Kind::kStruct: return BuildStruct(*type.table, content.value);
      case Kind::kArray: return BuildArray(type, content.value);
      default: return BuildBox(type, content.value);
    }
  }

  uoffset_t BuildStruct(const Table& table, const void* value) {
    return BuildTable(table.rows, [value](const Row& row) -> const void* {
      return static_cast<const std::byte*>(value) + row.offset;
    });
  }

  uoffset_t BuildBox(const Type& type, const void* value) {
    const Row row = {"value", 0, 0, &type};
    return BuildTable(std::span(&row, 1), [value](const Row&) { return value; });
  }

  uoffset_t BuildString(const std::string& text) {
    if (!Reserve(text.size())) return 0;
    if (!IsUtf8(text)) return Refuse(Errc::kInvalidValue);
    memory += text.size();
    return builder.CreateString(text.data(), text.size()).o;
  }

  uoffset_t BuildBytes(const std::vector<std::byte>& bytes) {
    if (!Reserve(bytes.size())) return 0;
    memory += bytes.size();
    const auto* const first = reinterpret_cast<const std::uint8_t*>(bytes.data());
    return builder.CreateVector(first, bytes.size()).o;
  }

  uoffset_t BuildArray(const Type& type, const void* value) {
    const Type& element = *type.element;
    const std::size_t size = type.array->size(value);
    if (size > max_bytes) return Refuse(Errc::kMessageTooLarge);
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

  uoffset_t BuildScalars(std::size_t each, std::size_t size, const void* first) {
    if (!Reserve(size * each)) return 0;
    builder.StartVector(size, each);
    if (size != 0) builder.PushBytes(static_cast<const std::uint8_t*>(first), size * each);
    return builder.EndVector(size);
  }

  uoffset_t BuildBools(const ArrayOperations& array, std::size_t size, const void* value) {
    if (!Reserve(size)) return 0;
    builder.StartVector(size, 1);
    for (std::size_t n = size; n > 0; --n) {
      builder.PushElement<std::uint8_t>(array.load_bool(value, n - 1) ? 1 : 0);
    }
    return builder.EndVector(size);
  }

  uoffset_t BuildEnums(const Type& type, std::size_t size, const void* value) {
    const Enumeration& enumeration = *type.element->enumeration;
    for (std::size_t n = 0; n < size; ++n) {
      const std::int64_t number = LoadInteger(enumeration.underlying, type.array->at(value, n));
      if (!IsEnumerator(enumeration, number)) return Refuse(Errc::kInvalidValue);
    }
    return BuildScalars(ScalarSize(enumeration.underlying), size, FirstOf(type, size, value));
  }

  uoffset_t BuildShmems(const Type& type, std::size_t size, const void* value) {
    constexpr std::size_t kEach = sizeof(ShmemReference);
    if (!Reserve(size * kEach)) return 0;
    builder.StartVector(size * kEach / 8, 8);
    for (std::size_t n = size; n > 0; --n)
      AddHole(type.element->kind, type.array->at(value, n - 1));
    return builder.EndVector(size);
  }

  uoffset_t BuildOffsets(const Type& type, std::size_t size, const void* value) {
    if (!Reserve(size * sizeof(uoffset_t))) return 0;
    const Type& element = *type.element;
    const bool boxed = IsBoxedElement(element.kind);
    const std::size_t first = children.size();
    for (std::size_t n = 0; n < size; ++n) {
      const void* const item = type.array->at(value, n);
      const uoffset_t child = boxed ? BuildBox(element, item) : BuildChild({&element, item, false});
      if (child == 0) return 0;
      children.push_back(child);
    }
    if (!Reserve(size * sizeof(uoffset_t))) return 0;
    builder.StartVector(size, sizeof(uoffset_t));
    for (std::size_t n = size; n > 0; --n) {
      builder.PushElement(flatbuffers::Offset<void>(children[first + n - 1]));
    }
    children.resize(first);
    return builder.EndVector(size);
  }

  static voffset_t FieldOf(const Row& row) { return flatbuffers::FieldIndexToOffset(row.slot); }

  bool AddField(voffset_t field, const Content& content, std::size_t& next_child) {
    const Type& type = *content.type;
    if (IsByOffset(type.kind)) {
      builder.AddOffset(field, flatbuffers::Offset<void>(children[next_child++]));
    } else if (type.kind == Kind::kShmem || type.kind == Kind::kUnsafeShmem) {
      AddHole(type.kind, content.value);
      builder.AddStructOffset(field, builder.GetSize());
    } else if (type.kind == Kind::kEnum) {
      return AddEnum(field, *type.enumeration, content);
    } else {
      AddScalar(field, type.kind, content, 0);
    }
    return true;
  }

  bool AddEnum(voffset_t field, const Enumeration& enumeration, const Content& content) {
    const std::int64_t number = LoadInteger(enumeration.underlying, content.value);
    if (!IsEnumerator(enumeration, number)) return Refuse(Errc::kInvalidValue);
    const auto absent = static_cast<std::uint64_t>(enumeration.default_value);
    AddScalar(field, enumeration.underlying, content, absent);
    return true;
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
  bool PadToBudget() {
    const std::size_t length = LengthToBecome(memory);
    if (builder.GetSize() >= length) return true;
    if (!Reserve(length - builder.GetSize())) return false;
    builder.Pad(length - builder.GetSize());
    return true;
  }

  // A whole message; its length, 0 when it was refused.
  std::size_t Build(const Table& table, std::span<const void* const> values) {
    const Row* const first = table.rows.data();
    const uoffset_t root =
        BuildTable(table.rows, [&](const Row& row) { return values[&row - first]; });
    if (root == 0 || !PadToBudget()) return 0;
    builder.Finish(flatbuffers::Offset<void>(root));
    const std::size_t length = builder.GetSize();
    if (length > max_bytes) return Refuse(Errc::kMessageTooLarge);
    for (OutgoingShmem& memory : shared_memory) memory.position = length - memory.position;
    return length;
  }
};

Encoder::Encoder() : state_(std::make_unique<State>()) {}
Encoder::~Encoder() = default;

Result<Encoded> Encoder::Encode(const Table& table, std::span<const void* const> values,
                                std::size_t max_bytes) {
  BATON_CHECK(values.size() == table.rows.size());
  State& state = *state_;
  state.Restart(max_bytes);
  const std::size_t length = state.Build(table, values);
  if (length == 0) return Fail(state.refusal);
  auto* const bytes = reinterpret_cast<std::byte*>(state.builder.GetBufferPointer());
  return Encoded{{bytes, length}, state.shared_memory};
}

}  // namespace baton::wire
