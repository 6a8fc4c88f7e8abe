#include "runtime/wire/decoder.h"

#include <cstring>
#include <string>
#include <utility>

#include "runtime/wire/bounds.h"
#include "runtime/wire/checked_reader.h"
#include "runtime/wire/enum_lifetime.h"
#include "runtime/wire/flat_codec.h"
#include "runtime/wire/limits.h"
#include "runtime/wire/mapping.h"
#include "runtime/wire/out_of_bounds.h"
#include "runtime/wire/reference_checks.h"
#include "runtime/wire/refusing.h"
#include "runtime/wire/scalar.h"
#include "runtime/wire/shmem_slice_access.h"
#include "runtime/wire/utf8.h"

namespace baton::wire {
namespace {

// One message on its way into values. Each step says whether it went well; the first that did not
// has noted the rule. (A Result per scalar would cost more than the scalar.)
class Decoding : private Refusing {
 public:
  Decoding(std::span<const std::byte> bytes, const DecodeOptions& options)
      : reader_(bytes),
        budget_(DecodeBudget(bytes.size())),
        version_(options.version),
        actors_(options.actors) {}

  Result<std::vector<IncomingShmem>> Message(const Table& table, std::span<void* const> values,
                                             std::string* field) {
    if (Root(table, values)) return std::move(shared_memory_);
    if (field != nullptr) *field = std::move(refused_);
    return Fail(rule_);
  }

 private:
  bool Root(const Table& table, std::span<void* const> values) {
    const std::optional<TableView> root = reader_.Root();
    if (!root || !Enter(*root)) return false;
    const Row* const first = table.rows.data();
    return Rows(table, *root, [&](const Row& row) { return values[&row - first]; });
  }

  bool Charge(std::uint64_t cost) {
    if (cost > budget_) return Refuse(Rule::kDecodeBudget);
    budget_ -= cost;
    return true;
  }

  bool Enter(const TableView& table) {
    if (++depth_ > kMaxDepth) return Refuse(Rule::kMalformed, [] { return "it nests too deep"; });
    return Charge(table.size);
  }

  void Leave() { --depth_; }

  bool Struct(const Table& table, const TableView& view, void* value) {
    return Rows(table, view,
                [&](const Row& row) { return static_cast<std::byte*>(value) + row.offset; });
  }

  // `value_of(row)` is where the row's value is.
  template <class ValueOf>
  bool Rows(const Table& table, const TableView& view, ValueOf value_of) {
    if (table.is_plain) {
      for (const Row& row : table.rows) {
        if (!Field(view, row.slot, *row.type, value_of(row))) return RefusedIn(row.name);
      }
    } else {
      for (const Row& row : table.rows) {
        if (!SpecialField(view, row, value_of(row))) return RefusedIn(row.name);
      }
    }
    return true;
  }

  // One that may have bounds, a default, and versions in which it does not exist.
  [[gnu::noinline]] bool SpecialField(const TableView& view, const Row& row, void* value) {
    if (!Exists(row, version_)) return NotInVersion(row, value);
    const bool is_absent = reader_.Find(view, row.slot) == 0;
    if (is_absent && row.default_value != nullptr) {
      if (!StoreDefault(row, value)) return false;
    } else if (!Field(view, row.slot, *row.type, value)) {
      return false;
    }
    if (row.bounds == nullptr || IsWithin(*row.bounds, *row.type, value)) return true;
    return RefuseBounds(row, value);
  }

  [[gnu::noinline]] bool RefuseBounds(const Row& row, const void* value) {
    OutOfBounds found = FindOutOfBounds(*row.bounds, *row.type, value);
    refused_ = found.path + ": " + found.words;
    return Refuse(Rule::kBounds);
  }

  // A peer of an older version cannot send it: that it is missing is no fault.
  bool NotInVersion(const Row& row, void* value) {
    if (row.default_value != nullptr) return StoreDefault(row, value);
    const bool may_be_missing = std::exchange(may_be_missing_, true);
    const bool done = Absent(*row.type, value);
    may_be_missing_ = may_be_missing;
    return done;
  }

  bool StoreDefault(const Row& row, void* value) {
    const Default& from = *row.default_value;
    const Kind kind =
        row.type->kind == Kind::kEnum ? row.type->enumeration->underlying : row.type->kind;
    if (kind <= Kind::kDouble) {
      StoreInteger(kind, value, BitsOf(from, kind));
    } else if (kind == Kind::kString) {
      static_cast<std::string*>(value)->assign(from.text == nullptr ? "" : from.text);
    } else {
      return Absent(*row.type, value);
    }
    return true;
  }

  // A field of a table, absent or present. Most are numbers: to have this inline and all the rest
  // out of line halves the time of a struct of scalars.
  [[gnu::always_inline]] bool Field(const TableView& table, std::uint16_t slot, const Type& type,
                                    void* value) {
    const std::size_t place = reader_.Find(table, slot);
    if (place == 0 || !IsNumber(type.kind)) return AnyField(table, place, type, value);
    const std::size_t size = ScalarSize(type.kind);
    if (!reader_.HasField(table, place, size)) return false;
    CopyScalar(size, reader_.At(table.position + place), value);
    return true;
  }

  [[gnu::noinline]] bool AnyField(const TableView& table, std::size_t place, const Type& type,
                                  void* value) {
    if (place == 0) return Absent(type, value);
    if (!IsOptional(type.kind)) return Present(table, place, type, value);
    if (type.kind == Kind::kUniquePtr && !Charge(ElementMemory(*type.element))) return false;
    return Present(table, place, *type.element, type.optional->emplace(value));
  }

  bool Absent(const Type& type, void* value) {
    switch (type.kind) {
      case Kind::kEnum:
        StoreInteger(type.enumeration->underlying, value, type.enumeration->default_value);
        return true;
      case Kind::kString: static_cast<std::string*>(value)->clear(); return true;
      case Kind::kBytes: static_cast<std::vector<std::byte>*>(value)->clear(); return true;
      case Kind::kStruct: return Struct(*type.table, TableView(), value);
      case Kind::kArray: type.array->resize(value, 0); return true;
      case Kind::kOptional:
      case Kind::kUniquePtr: type.optional->reset(value); return true;
      case Kind::kMap: type.map->clear(value); return true;
      case Kind::kFixedArray: return AbsentElements(type, value);
      case Kind::kUnion: return AbsentUnion(*type.alternatives, value);
      case Kind::kShmem:
      case Kind::kUnsafeShmem:
      case Kind::kShmemSlice:
      case Kind::kFrozenShmem:
      case Kind::kEndpoint:
      case Kind::kFileDescriptor:
      case Kind::kActor:
      case Kind::kManagedEndpoint:
      case Kind::kCustom: return may_be_missing_ || Refuse(Rule::kMissingField);
      default: StoreInteger(type.kind, value, 0); return true;
    }
  }

  // What they cost in time was paid for with the memory they lie in.
  bool AbsentElements(const Type& type, void* value) {
    for (std::size_t n = 0; n < type.count; ++n) {
      void* const element = static_cast<std::byte*>(value) + n * StrideOf(type);
      if (!Absent(*type.element, element)) return false;
    }
    return true;
  }

  bool AbsentUnion(const Union& type, void* value) {
    if (!may_be_missing_) return Refuse(Rule::kUnionTag);
    if (!Charge(ElementMemory(*type.alternatives[0].type))) return false;
    type.operations->emplace(value, 0);
    return true;
  }

  bool Present(const TableView& table, std::size_t place, const Type& type, void* value) {
    const std::size_t size = WireSize(type);
    if (!reader_.HasField(table, place, size)) return false;
    return Value(table.position + place, type, value);
  }

  // A value that lies, or whose offset lies, at `position`: WireSize bytes, known to be inside.
  // What an optional holds that is optional again is a box.
  bool Value(std::size_t position, const Type& type, void* value) {
    switch (type.kind) {
      case Kind::kBool: return Bool(position, value);
      case Kind::kEnum: return Enum(position, *type.enumeration, value);
      case Kind::kString: return String(position, *static_cast<std::string*>(value));
      case Kind::kBytes: return Bytes(position, *static_cast<std::vector<std::byte>*>(value));
      case Kind::kStruct: return Nested(position, type, value);
      case Kind::kArray: return Array(position, type, value);
      case Kind::kOptional:
      case Kind::kUniquePtr: return Box(position, type, value);
      case Kind::kUnion: return Alternative(position, *type.alternatives, value);
      case Kind::kFixedArray: return FixedArray(position, type, value);
      case Kind::kMap: return Map(position, type, value);
      case Kind::kCustom: return Custom(position, *type.codec, value);
      case Kind::kShmem:
      case Kind::kUnsafeShmem:
      case Kind::kFrozenShmem: return Shmem(position, type, value);
      case Kind::kShmemSlice: return Slice(position, *static_cast<ShmemSlice*>(value));
      case Kind::kEndpoint: return Endpoint(position, type, value);
      case Kind::kFileDescriptor: return FileDescriptor(position, value);
      case Kind::kActor:
      case Kind::kManagedEndpoint: return Actor(position, type, value);
      default: CopyScalar(ScalarSize(type.kind), reader_.At(position), value); return true;
    }
  }

  bool Bool(std::size_t position, void* value) {
    const std::byte byte = *reader_.At(position);
    if (byte > std::byte{1}) {
      return Refuse(Rule::kBoolValue, [&] { return std::to_string(std::to_integer<int>(byte)); });
    }
    *static_cast<bool*>(value) = byte == std::byte{1};
    return true;
  }

  bool Enum(std::size_t position, const Enumeration& enumeration, void* value) {
    const std::int64_t number = LoadInteger(enumeration.underlying, reader_.At(position));
    if (!IsEnumerator(enumeration, number)) return RefuseEnum(enumeration, number, "");
    if (!Exists(LifetimeOf(enumeration, number), version_)) {
      return RefuseEnum(enumeration, number, " in version " + std::to_string(version_));
    }
    StoreInteger(enumeration.underlying, value, number);
    return true;
  }

  [[gnu::noinline]] bool RefuseEnum(const Enumeration& enumeration, std::int64_t number,
                                    const std::string& where) {
    const bool is_large = enumeration.underlying == Kind::kUint64;
    const std::string text =
        is_large ? std::to_string(static_cast<std::uint64_t>(number)) : std::to_string(number);
    refused_ = ": " + text + " is no " + enumeration.name + where;
    return Refuse(Rule::kEnumValue);
  }

  bool String(std::size_t position, std::string& value) {
    const std::optional<std::string_view> text = reader_.StringAt(position);
    if (!text || !Charge(4 + 2 * std::uint64_t{text->size()})) return false;
    if (!IsUtf8(*text)) return Refuse(Rule::kNotUtf8);
    value.assign(*text);
    return true;
  }

  bool Bytes(std::size_t position, std::vector<std::byte>& value) {
    const std::optional<VectorView> bytes = reader_.VectorAt(position, 1);
    if (!bytes || !Charge(4 + 2 * std::uint64_t{bytes->size})) return false;
    const std::byte* const first = reader_.At(bytes->first);
    value.assign(first, first + bytes->size);
    return true;
  }

  bool Nested(std::size_t position, const Type& type, void* value) {
    const std::optional<TableView> table = reader_.TableAt(position);
    if (!table || !Enter(*table) || !Struct(*type.table, *table, value)) return false;
    Leave();
    return true;
  }

  bool Box(std::size_t position, const Type& content, void* value) {
    const std::optional<TableView> box = reader_.TableAt(position);
    if (!box || !Enter(*box) || !Field(*box, 0, content, value)) return false;
    Leave();
    return true;
  }

  bool Shmem(std::size_t position, const Type& type, void* value) {
    const auto reference = LoadAs<ShmemReference>(reader_.At(position));
    if (!IsWellFormed(reference)) return Refuse(Rule::kMalformed);
    if (type.count > 1 && reference.size % type.count != 0) {
      return Refuse(Rule::kElementSize, [&] {
        return std::to_string(reference.size) + " bytes, for elements of " +
               std::to_string(type.count);
      });
    }
    shared_memory_.push_back({type.kind, value, reference});
    return true;
  }

  bool Slice(std::size_t position, ShmemSlice& value) {
    const auto slice = LoadAs<SliceReference>(reader_.At(position));
    if (!IsWellFormed(slice.memory)) return Refuse(Rule::kMalformed);
    if (!IsInside(slice)) return Refuse(Rule::kSliceBounds, [&] { return Words(slice); });
    auto& whole = baton::internal::ShmemSliceAccess::SetRange(value, slice.offset, slice.length);
    shared_memory_.push_back({Kind::kShmem, &whole, slice.memory});
    return true;
  }

  bool Endpoint(std::size_t position, const Type& type, void* value) {
    if (!Charge(kEndpointNote)) return false;
    const auto endpoint = LoadAs<EndpointReference>(reader_.At(position));
    if (endpoint.class_id != type.count) return Refuse(Rule::kActorProtocol);
    shared_memory_.push_back({Kind::kEndpoint, value, {}, endpoint});
    return true;
  }

  bool FileDescriptor(std::size_t position, void* value) {
    ShmemReference reference;
    if (!Charge(sizeof(reference))) return false;
    reference.handle = LoadAs<std::uint32_t>(reader_.At(position));
    shared_memory_.push_back({Kind::kFileDescriptor, value, reference});
    return true;
  }

  bool Actor(std::size_t position, const Type& type, void* value) {
    if (actors_ == nullptr) return Refuse(Rule::kUnknownActor);
    const auto id = LoadAs<std::uint32_t>(reader_.At(position));
    actors_->push_back({type.kind, value, id, type.count});
    return true;
  }

  bool Custom(std::size_t position, const CodecOperations& codec, void* value) {
    const std::optional<VectorView> bytes = reader_.VectorAt(position, 1);
    if (!bytes || !Charge(4 + 2 * std::uint64_t{bytes->size} + codec.memory)) return false;
    if (!codec.read({reader_.At(bytes->first), bytes->size}, value)) {
      return Refuse(Rule::kCodecValue);
    }
    const bool is_null = codec.is_null != nullptr && codec.is_null(value);
    return !is_null || Refuse(Rule::kCodecValue);
  }

  bool Alternative(std::size_t position, const Union& type, void* value) {
    const std::optional<TableView> table = reader_.TableAt(position);
    if (!table || !Enter(*table)) return false;
    const std::size_t tag_place = reader_.Find(*table, 0);
    const std::size_t place = reader_.Find(*table, 1);
    if (tag_place == 0 || place == 0) return Refuse(Rule::kUnionTag);
    if (!reader_.HasField(*table, tag_place, 1) || !reader_.HasField(*table, place, 4)) {
      return false;
    }
    const auto tag = LoadAs<std::uint8_t>(reader_.At(table->position + tag_place));
    if (tag == 0 || tag > type.alternatives.size()) {
      return Refuse(Rule::kUnionTag, [&] {
        return "alternative " + std::to_string(tag) + " of " +
               std::to_string(type.alternatives.size()) + " in " + type.name;
      });
    }
    const auto& alternative = type.alternatives[tag - 1u];
    if (!Charge(ElementMemory(*alternative.type))) return false;
    void* const held = type.operations->emplace(value, tag - 1u);
    const std::size_t content = table->position + place;
    const bool done = IsOwnTable(alternative.type->kind) ? Value(content, *alternative.type, held)
                                                         : Box(content, *alternative.type, held);
    if (!done) return RefusedIn(alternative.name);
    Leave();
    return true;
  }

  bool Map(std::size_t position, const Type& type, void* value) {
    const std::optional<VectorView> vector = reader_.VectorAt(position, 4);
    if (!vector || !Charge(4 + vector->size * (4 + std::uint64_t{EntryMemory(type)}))) return false;
    type.map->clear(value);
    for (std::size_t n = 0; n < vector->size; ++n) {
      const std::optional<TableView> entry = reader_.TableAt(vector->first + 4 * n);
      if (!entry || !Enter(*entry) || !Entry(*entry, type, value)) return RefusedAt(n);
      Leave();
    }
    return true;
  }

  // Appends an entry; the map compares its key with the last one's.
  bool Entry(const TableView& entry, const Type& map, void* value) {
    struct Key {
      Decoding& decoding;
      const TableView& entry;
      const Type& type;
      bool is_good = false;
    } key = {*this, entry, *map.key};
    void* const mapped = map.map->append(value, &key, [](void* context, void* to) {
      auto& from = *static_cast<Key*>(context);
      from.is_good = from.decoding.Field(from.entry, 0, from.type, to);
      return from.is_good;
    });
    if (mapped == nullptr) return key.is_good && Refuse(Rule::kMapOrder);
    return Field(entry, 1, *map.element, mapped);
  }

  bool Array(std::size_t position, const Type& type, void* value) {
    const Type& element = *type.element;
    const std::size_t stride = WireSize(element);
    const std::optional<VectorView> vector = reader_.VectorAt(position, stride);
    if (!vector) return false;
    if (!Charge(4 + vector->size * (std::uint64_t{stride} + ElementMemory(element)))) return false;
    type.array->resize(value, vector->size);
    if (vector->size == 0) return true;
    if (element.kind == Kind::kBool) return Bools(*vector, *type.array, value);
    void* const first = type.array->at_mutable(value, 0);
    if (IsNumber(element.kind)) return Numbers(*vector, stride, first);
    return Elements(*vector, element,
                    [&](std::size_t n) { return type.array->at_mutable(value, n); });
  }

  bool FixedArray(std::size_t position, const Type& type, void* value) {
    const Type& element = *type.element;
    const std::size_t stride = WireSize(element);
    const std::optional<VectorView> vector = reader_.VectorAt(position, stride);
    if (!vector || !Charge(4 + vector->size * std::uint64_t{stride})) return false;
    if (vector->size != type.count) {
      return Refuse(Rule::kFixedCount, [&] {
        return std::to_string(vector->size) + " elements instead of " + std::to_string(type.count);
      });
    }
    if (IsNumber(element.kind)) return Numbers(*vector, stride, value);
    return Elements(*vector, element, [&](std::size_t n) {
      return static_cast<std::byte*>(value) + n * StrideOf(type);
    });
  }

  bool Numbers(const VectorView& vector, std::size_t stride, void* first) {
    if (vector.size != 0) {
      std::memcpy(first, reader_.At(vector.first), vector.size * stride);
    }
    return true;
  }

  bool Bools(const VectorView& vector, const ArrayOperations& array, void* value) {
    for (std::size_t n = 0; n < vector.size; ++n) {
      bool element = false;
      if (!Bool(vector.first + n, &element)) return RefusedAt(n);
      array.store_bool(value, n, element);
    }
    return true;
  }

  // `place_of(n)` is where the n-th element is in memory.
  template <class PlaceOf>
  bool Elements(const VectorView& vector, const Type& element, PlaceOf place_of) {
    const std::size_t stride = WireSize(element);
    const bool boxed = IsBoxedElement(element.kind);
    for (std::size_t n = 0; n < vector.size; ++n) {
      const std::size_t position = vector.first + n * stride;
      void* const place = place_of(n);
      if (!(boxed ? Box(position, element, place) : Value(position, element, place))) {
        return RefusedAt(n);
      }
    }
    return true;
  }

  CheckedReader reader_;
  std::uint64_t budget_;
  const std::uint32_t version_;
  int depth_ = 0;
  bool may_be_missing_ = false;  // inside a field that does not exist in this version
  std::vector<IncomingShmem> shared_memory_;
  std::vector<IncomingActor>* const actors_;
};

}  // namespace

Result<std::vector<IncomingShmem>> Decode(const Table& table, std::span<const std::byte> bytes,
                                          std::span<void* const> values,
                                          const DecodeOptions& options) {
  BATON_CHECK(values.size() == table.rows.size());
  if (table.flat.field_count != 0 && DecodeFlat(table, bytes, values)) {
    return std::vector<IncomingShmem>();
  }
  return Decoding(bytes, options).Message(table, values, options.refused_field);
}

}  // namespace baton::wire
