#include "runtime/wire/decoder.h"

#include <string>
#include <utility>

#include "runtime/wire/checked_reader.h"
#include "runtime/wire/limits.h"
#include "runtime/wire/mapping.h"
#include "runtime/wire/scalar.h"
#include "runtime/wire/utf8.h"

namespace baton::wire {
namespace {

// One message on its way into values. Each step says whether it went well; the first that did not
// has noted the rule. (A Result per scalar would cost more than the scalar.)
class Decoding {
 public:
  explicit Decoding(std::span<const std::byte> bytes)
      : reader_(bytes), budget_(DecodeBudget(bytes.size())) {}

  Result<std::vector<IncomingShmem>> Message(const Table& table, std::span<void* const> values) {
    if (!Root(table, values)) return Fail(rule_);
    return std::move(shared_memory_);
  }

 private:
  bool Refuse(Rule rule) {
    rule_ = rule;
    return false;
  }

  bool Root(const Table& table, std::span<void* const> values) {
    const std::optional<TableView> root = reader_.Root();
    if (!root || !Enter(*root)) return false;
    for (std::size_t n = 0; n < table.rows.size(); ++n) {
      if (!Field(*root, table.rows[n].slot, *table.rows[n].type, values[n])) return false;
    }
    return true;
  }

  bool Charge(std::uint64_t cost) {
    if (cost > budget_) return Refuse(Rule::kDecodeBudget);
    budget_ -= cost;
    return true;
  }

  bool Enter(const TableView& table) {
    if (++depth_ > kMaxDepth) return Refuse(Rule::kMalformed);
    return Charge(table.size);
  }

  void Leave() { --depth_; }

  bool Struct(const Table& table, const TableView& view, void* value) {
    for (const Row& row : table.rows) {
      void* const member = static_cast<std::byte*>(value) + row.offset;
      if (!Field(view, row.slot, *row.type, member)) return false;
    }
    return true;
  }

  // A field of a table, absent or present. Most are numbers: with all the rest out of line, GCC
  // inlines this, which halves the time of a struct of scalars.
  bool Field(const TableView& table, std::uint16_t slot, const Type& type, void* value) {
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
    if (type.kind != Kind::kOptional) return Present(table, place, type, value);
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
      case Kind::kOptional: type.optional->reset(value); return true;
      case Kind::kShmem:
      case Kind::kUnsafeShmem: return Refuse(Rule::kMissingField);
      default: StoreInteger(type.kind, value, 0); return true;
    }
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
      case Kind::kOptional: return Box(position, type, value);
      case Kind::kShmem:
      case Kind::kUnsafeShmem: return Shmem(position, type.kind, value);
      default: CopyScalar(ScalarSize(type.kind), reader_.At(position), value); return true;
    }
  }

  bool Bool(std::size_t position, void* value) {
    const std::byte byte = *reader_.At(position);
    if (byte > std::byte{1}) return Refuse(Rule::kBoolValue);
    *static_cast<bool*>(value) = byte == std::byte{1};
    return true;
  }

  bool Enum(std::size_t position, const Enumeration& enumeration, void* value) {
    const std::int64_t number = LoadInteger(enumeration.underlying, reader_.At(position));
    if (!IsEnumerator(enumeration, number)) return Refuse(Rule::kEnumValue);
    StoreInteger(enumeration.underlying, value, number);
    return true;
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

  bool Shmem(std::size_t position, Kind kind, void* value) {
    const auto reference = LoadAs<ShmemReference>(reader_.At(position));
    const bool known =
        reference.kind == ShmemReference::kSafe || reference.kind == ShmemReference::kUnsafe;
    if (!known || reference.reserved != 0) return Refuse(Rule::kMalformed);
    shared_memory_.push_back({kind, value, reference});
    return true;
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
    if (IsNumber(element.kind)) {
      std::memcpy(type.array->at_mutable(value, 0), reader_.At(vector->first),
                  vector->size * stride);
      return true;
    }
    return Elements(*vector, stride, type, value);
  }

  bool Bools(const VectorView& vector, const ArrayOperations& array, void* value) {
    for (std::size_t n = 0; n < vector.size; ++n) {
      bool element = false;
      if (!Bool(vector.first + n, &element)) return false;
      array.store_bool(value, n, element);
    }
    return true;
  }

  bool Elements(const VectorView& vector, std::size_t stride, const Type& type, void* value) {
    const Type& element = *type.element;
    const bool boxed = IsBoxedElement(element.kind);
    for (std::size_t n = 0; n < vector.size; ++n) {
      const std::size_t position = vector.first + n * stride;
      void* const place = type.array->at_mutable(value, n);
      if (!(boxed ? Box(position, element, place) : Value(position, element, place))) return false;
    }
    return true;
  }

  CheckedReader reader_;
  std::uint64_t budget_;
  int depth_ = 0;
  Rule rule_ = Rule::kMalformed;
  std::vector<IncomingShmem> shared_memory_;
};

}  // namespace

Result<std::vector<IncomingShmem>> Decode(const Table& table, std::span<const std::byte> bytes,
                                          std::span<void* const> values) {
  BATON_CHECK(values.size() == table.rows.size());
  return Decoding(bytes).Message(table, values);
}

}  // namespace baton::wire
