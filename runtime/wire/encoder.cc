#include "runtime/wire/encoder.h"

#include <flatbuffers/flatbuffers.h>

#include <algorithm>
#include <string>
#include <utility>

#include "runtime/wire/bounds.h"
#include "runtime/wire/content.h"
#include "runtime/wire/enum_lifetime.h"
#include "runtime/wire/flat_codec.h"
#include "runtime/wire/limits.h"
#include "runtime/wire/mapping.h"
#include "runtime/wire/out_of_bounds.h"
#include "runtime/wire/reference_builder.h"
#include "runtime/wire/refusal.h"
#include "runtime/wire/scalar.h"
#include "runtime/wire/utf8.h"

namespace baton::wire {
namespace {

using flatbuffers::uoffset_t;
using flatbuffers::voffset_t;

// Equal vtables are shared, but the builder searches them one by one. Beyond this many different
// ones a table brings its own: a list of optional fields cannot make us search for seconds.
constexpr int kMaxSharedVtables = 128;

constexpr std::size_t kSmallestFlatBuffer = 512;

}  // namespace

// Each Build returns where the object is, counted from the end of the buffer, which grows
// downwards; 0 when it was refused, and `refusal` says why. (A Result per step would cost more than
// the step.)
struct Encoder::State : ReferenceBuilder {
  std::vector<uoffset_t> children;  // of tables that are not written yet, a stack
  std::vector<std::byte> custom;    // what a codec has written
  std::vector<std::byte> flat;      // messages of flat tables
  std::size_t max_bytes = 0;
  std::uint32_t version = kNewestVersion;
  std::uint32_t since = 1;
  int depth = 0;
  int vtables = 0;
  Errc refusal = Errc::kInvalidValue;
  std::string refused_field;

  void Restart(std::size_t limit, std::uint32_t of_version) {
    builder.Clear();
    builder.DedupVtables(true);
    children.clear();
    shared_memory.clear();
    actors.clear();
    max_bytes = std::min(limit, kMaxMessageBytes / 2);
    version = of_version;
    since = 1;
    refused_field.clear();
    memory = 0;
    depth = 0;
    vtables = 0;
  }

  uoffset_t Refuse(Errc reason) {
    refusal = reason;
    return 0;
  }

  // What was refused lies in the field of that name, or in the element of that number.
  template <class Place>
  uoffset_t RefusedIn(Place place) {
    if (refusal != Errc::kMessageTooLarge) Put(place, refused_field);
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
  uoffset_t BuildTable(const Table& table, ValueOf value_of) {
    if (table.is_plain) return BuildRows<true>(table.rows, value_of);
    if (!CheckRows(table.rows, value_of)) return 0;
    return BuildRows<false>(table.rows, value_of);
  }

  template <class ValueOf>
  bool CheckRows(std::span<const Row> rows, ValueOf value_of) {
    for (const Row& row : rows) {
      if (row.bounds == nullptr || !Exists(row, version)) continue;
      if (IsWithin(*row.bounds, *row.type, value_of(row))) continue;
      refused_field = FindOutOfBounds(*row.bounds, *row.type, value_of(row)).path;
      refusal = Errc::kOutOfBounds;
      return RefusedIn(row.name) != 0;
    }
    return true;
  }

  // kPlain: no row has bounds, a default or versions.
  template <bool kPlain, class ValueOf>
  uoffset_t BuildRows(std::span<const Row> rows, ValueOf value_of) {
    if (++depth > kMaxDepth) return Refuse(Errc::kInvalidValue);
    const std::size_t first_child = children.size();
    for (const Row& row : rows) {
      if ((!kPlain && !IsWritten(row)) || row.type->kind <= Kind::kEnum) continue;
      const Content content = ContentOf(*row.type, value_of(row));
      if (content.value == nullptr || !IsByOffset(content.type->kind)) continue;
      const std::size_t references = shared_memory.size() + actors.size();
      const uoffset_t child = BuildChild(content);
      if (child == 0) return RefusedIn(row.name);
      if (!kPlain && shared_memory.size() + actors.size() != references) {
        since = std::max(since, row.since);
      }
      children.push_back(child);
    }
    if (!Reserve(0)) return 0;
    const uoffset_t start = builder.StartTable();
    std::size_t next_child = first_child;
    for (const Row& row : rows) {
      if (!kPlain && !Exists(row, version)) continue;
      const std::uint64_t absent = kPlain ? 0 : AbsentBits(row);
      if (row.type->kind <= Kind::kDouble) {
        AddScalar(FieldOf(row), row.type->kind, {row.type, value_of(row), false}, absent);
        continue;
      }
      const Content content = ContentOf(*row.type, value_of(row));
      if (content.value == nullptr) continue;
      if (row.type->kind == Kind::kUniquePtr) memory += ElementMemory(*content.type);
      if (!kPlain && IsReference(content.type->kind)) since = std::max(since, row.since);
      if (!AddField(row, content, next_child)) return RefusedIn(row.name);
    }
    children.resize(first_child);
    --depth;
    return EndTable(start);
  }

  // Notes that a reader of an older version may miss it.
  bool IsWritten(const Row& row) {
    const bool has_gone = row.removed != 0 && version >= row.removed;
    if (has_gone && IsNeverAbsent(row.type->kind)) since = std::max(since, row.removed);
    return Exists(row, version);
  }

  static std::uint64_t AbsentBits(const Row& row) {
    if (row.default_value == nullptr) return 0;
    return static_cast<std::uint64_t>(BitsOf(*row.default_value, row.type->kind));
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
      case Kind::kUnion: return BuildUnion(*type.alternatives, content.value);
      case Kind::kFixedArray: return BuildFixedArray(type, content.value);
      case Kind::kMap: return BuildMap(type, content.value);
      case Kind::kCustom: return BuildCustom(*type.codec, content.value);
      default: return BuildBox(type, content.value);
    }
  }

  uoffset_t BuildStruct(const Table& table, const void* value) {
    return BuildTable(table, [value](const Row& row) -> const void* {
      return static_cast<const std::byte*>(value) + row.offset;
    });
  }

  uoffset_t BuildBox(const Type& type, const void* value) {
    const Row row = {nullptr, 0, 0, &type};
    return BuildRows<true>(std::span(&row, 1), [value](const Row&) { return value; });
  }

  uoffset_t BuildUnion(const Union& type, const void* value) {
    if (++depth > kMaxDepth) return Refuse(Errc::kInvalidValue);
    const std::size_t index = type.operations->index(value);
    const bool is_known = index < type.alternatives.size();
    const void* const held = is_known ? type.operations->get(value) : nullptr;
    if (held == nullptr) return Refuse(Errc::kInvalidValue);
    const Alternative& alternative = type.alternatives[index];
    memory += ElementMemory(*alternative.type);
    const Content content = {alternative.type, held, false};
    const bool is_table = IsOwnTable(alternative.type->kind);
    const uoffset_t child = is_table ? BuildChild(content) : BuildBox(*alternative.type, held);
    if (child == 0) return RefusedIn(alternative.name);
    if (!Reserve(0)) return 0;
    const uoffset_t start = builder.StartTable();
    builder.AddOffset(flatbuffers::FieldIndexToOffset(1), flatbuffers::Offset<void>(child));
    builder.AddElement(flatbuffers::FieldIndexToOffset(0), static_cast<std::uint8_t>(index + 1));
    --depth;
    return EndTable(start);
  }

  uoffset_t BuildEntry(const Type& map, const void* key, const void* value) {
    const Row rows[] = {{nullptr, 0, 0, map.key}, {nullptr, 0, 1, map.element}};
    return BuildRows<true>(rows, [=](const Row& row) { return row.slot == 0 ? key : value; });
  }

  uoffset_t BuildMap(const Type& type, const void* value) {
    const std::size_t size = type.map->size(value);
    if (size > max_bytes || !Reserve(size * sizeof(uoffset_t))) {
      return Refuse(Errc::kMessageTooLarge);
    }
    memory += size * EntryMemory(type);
    const std::size_t first = children.size();
    struct Entries {
      State& state;
      const Type& type;
      std::size_t number = 0;
      bool is_good = true;
    } entries = {*this, type};
    type.map->each(value, &entries, [](void* context, const void* key, const void* mapped) {
      auto& [state, map, number, is_good] = *static_cast<Entries*>(context);
      const uoffset_t entry = state.BuildEntry(map, key, mapped);
      state.children.push_back(entry);
      is_good = entry != 0;
      if (is_good) ++number;
      return is_good;
    });
    if (!entries.is_good) return RefusedIn(entries.number);
    return BuildOffsetVector(first);
  }

  uoffset_t BuildCustom(const CodecOperations& codec, const void* value) {
    if (codec.is_null != nullptr && codec.is_null(value)) return Refuse(Errc::kInvalidValue);
    custom.clear();
    if (!codec.write(value, custom)) return Refuse(Errc::kInvalidValue);
    memory += codec.memory;
    return BuildBytes(custom);
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
    const Sequence sequence = SequenceOf(*type.array, value);
    if (sequence.size > max_bytes) return Refuse(Errc::kMessageTooLarge);
    memory += sequence.size * ElementMemory(*type.element);
    if (type.array->load_bool == nullptr) return BuildSequence(*type.element, sequence);
    return BuildBools(sequence.size,
                      [&](std::size_t n) { return type.array->load_bool(value, n); });
  }

  uoffset_t BuildFixedArray(const Type& type, const void* value) {
    const auto* const first = static_cast<const std::byte*>(value);
    return BuildSequence(*type.element, {first, StrideOf(type), type.count});
  }

  uoffset_t BuildSequence(const Type& element, const Sequence& sequence) {
    if (IsByOffset(element.kind)) return BuildOffsets(element, sequence);
    if (IsReference(element.kind)) {
      if (!Reserve(sequence.size * WireSize(element))) return 0;
      return BuildReferences(element, sequence);
    }
    switch (element.kind) {
      case Kind::kBool:
        return BuildBools(sequence.size,
                          [&](std::size_t n) { return LoadAs<bool>(sequence.at(n)); });
      case Kind::kEnum: return BuildEnums(*element.enumeration, sequence);
      default: return BuildScalars(ScalarSize(element.kind), sequence);
    }
  }

  uoffset_t BuildScalars(std::size_t each, const Sequence& sequence) {
    const std::size_t bytes = sequence.size * each;
    if (!Reserve(bytes)) return 0;
    builder.StartVector(sequence.size, each);
    if (bytes != 0) {
      builder.PushBytes(reinterpret_cast<const std::uint8_t*>(sequence.first), bytes);
    }
    return builder.EndVector(sequence.size);
  }

  template <class Load>
  uoffset_t BuildBools(std::size_t size, Load load) {
    if (!Reserve(size)) return 0;
    builder.StartVector(size, 1);
    for (std::size_t n = size; n > 0; --n) {
      builder.PushElement<std::uint8_t>(load(n - 1) ? 1 : 0);
    }
    return builder.EndVector(size);
  }

  uoffset_t BuildEnums(const Enumeration& enumeration, const Sequence& sequence) {
    for (std::size_t n = 0; n < sequence.size; ++n) {
      const std::int64_t number = LoadInteger(enumeration.underlying, sequence.at(n));
      if (!CheckEnumerator(enumeration, number)) return RefusedIn(n);
    }
    return BuildScalars(ScalarSize(enumeration.underlying), sequence);
  }

  // Whether `number` is a value that a reader of `version` knows.
  bool CheckEnumerator(const Enumeration& enumeration, std::int64_t number) {
    refusal = Errc::kInvalidValue;
    if (!IsEnumerator(enumeration, number)) return false;
    const Lifetime lifetime = LifetimeOf(enumeration, number);
    if (lifetime.since > version) refusal = Errc::kPeerTooOld;
    since = std::max(since, lifetime.since);
    return Exists(lifetime, version);
  }

  uoffset_t BuildOffsets(const Type& element, const Sequence& sequence) {
    if (!Reserve(sequence.size * sizeof(uoffset_t))) return 0;
    const bool boxed = IsBoxedElement(element.kind);
    const std::size_t first = children.size();
    for (std::size_t n = 0; n < sequence.size; ++n) {
      const void* const item = sequence.at(n);
      const uoffset_t child = boxed ? BuildBox(element, item) : BuildChild({&element, item, false});
      if (child == 0) return RefusedIn(n);
      children.push_back(child);
    }
    return BuildOffsetVector(first);
  }

  // Of the children from `first` on, which are then gone.
  uoffset_t BuildOffsetVector(std::size_t first) {
    const std::size_t size = children.size() - first;
    if (!Reserve(size * sizeof(uoffset_t))) return 0;
    builder.StartVector(size, sizeof(uoffset_t));
    for (std::size_t n = size; n > 0; --n) {
      builder.PushElement(flatbuffers::Offset<void>(children[first + n - 1]));
    }
    children.resize(first);
    return builder.EndVector(size);
  }

  static voffset_t FieldOf(const Row& row) { return flatbuffers::FieldIndexToOffset(row.slot); }

  bool AddField(const Row& row, const Content& content, std::size_t& next_child) {
    const voffset_t field = FieldOf(row);
    const Type& type = *content.type;
    if (IsByOffset(type.kind)) {
      builder.AddOffset(field, flatbuffers::Offset<void>(children[next_child++]));
    } else if (IsReference(type.kind)) {
      AddReference(field, type, content.value);
    } else if (type.kind == Kind::kEnum) {
      return AddEnum(row, *type.enumeration, content);
    } else {
      AddScalar(field, type.kind, content, 0);
    }
    return true;
  }

  bool AddEnum(const Row& row, const Enumeration& enumeration, const Content& content) {
    const std::int64_t number = LoadInteger(enumeration.underlying, content.value);
    if (!CheckEnumerator(enumeration, number)) return false;
    const std::int64_t absent =
        row.default_value == nullptr ? enumeration.default_value : row.default_value->bits;
    AddScalar(FieldOf(row), enumeration.underlying, content, static_cast<std::uint64_t>(absent));
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
    const uoffset_t root = BuildTable(table, [&](const Row& row) { return values[&row - first]; });
    if (root == 0 || !PadToBudget()) return 0;
    builder.Finish(flatbuffers::Offset<void>(root));
    const std::size_t length = builder.GetSize();
    if (length > max_bytes) return Refuse(Errc::kMessageTooLarge);
    for (OutgoingShmem& memory : shared_memory) memory.position = length - memory.position;
    for (OutgoingActor& actor : actors) actor.position = length - actor.position;
    return length;
  }
};

Encoder::Encoder() : state_(std::make_unique<State>()) {}
Encoder::~Encoder() = default;

const std::string& Encoder::refused_field() const {
  return state_->refused_field;
}

void Encoder::ForgetRefusal() {
  state_->refused_field.clear();
}

Result<Encoded> Encoder::Encode(const Table& table, std::span<const void* const> values,
                                std::size_t max_bytes, std::uint32_t version) {
  BATON_CHECK(values.size() == table.rows.size());
  State& state = *state_;
  if (table.flat.field_count != 0) {
    const std::size_t length = FlatLength(table, values, max_bytes);
    if (state.flat.size() < length) state.flat.resize(std::max(2 * length, kSmallestFlatBuffer));
    const auto into = std::span(state.flat).first(length);
    if (length != 0 && EncodeFlat(table, values, into)) {
      ForgetRefusal();
      return Encoded{into, {}, 1};
    }
  }
  state.Restart(max_bytes, version);
  const std::size_t length = state.Build(table, values);
  if (length == 0) return Fail(state.refusal);
  auto* const bytes = reinterpret_cast<std::byte*>(state.builder.GetBufferPointer());
  return Encoded{{bytes, length}, state.shared_memory, state.since, state.actors};
}

}  // namespace baton::wire
