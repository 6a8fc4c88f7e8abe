#include "runtime/wire/decoder.h"

#include <string>
#include <utility>

#include "runtime/wire/checked_reader.h"
#include "runtime/wire/limits.h"
#include "runtime/wire/scalar.h"
#include "runtime/wire/utf8.h"

namespace baton::wire {
namespace {

// One message on its way into values. On failure it is given up half-way.
class Decoding {
 public:
  explicit Decoding(std::span<const std::byte> bytes)
      : reader_(bytes), budget_(DecodeBudget(bytes.size())) {}

  Result<std::vector<IncomingShmem>> Message(const Table& table, std::span<void* const> values) {
    BATON_TRY(const TableView root, reader_.Root());
    BATON_CHECKED(Enter(root));
    for (std::size_t n = 0; n < table.rows.size(); ++n) {
      BATON_CHECKED(Field(root, table.rows[n].slot, *table.rows[n].type, values[n]));
    }
    return std::move(shared_memory_);
  }

 private:
  Result<void> Charge(std::uint64_t cost) {
    if (cost > budget_) return Fail(Rule::kDecodeBudget);
    budget_ -= cost;
    return {};
  }

  Result<void> Enter(const TableView& table) {
    if (++depth_ > kMaxDepth) return Fail(Rule::kMalformed);
    return Charge(table.size);
  }

  void Leave() { --depth_; }

  Result<void> Struct(const Table& table, const TableView& view, void* value) {
    for (const Row& row : table.rows) {
      void* const member = static_cast<std::byte*>(value) + row.offset;
      BATON_CHECKED(Field(view, row.slot, *row.type, member));
    }
    return {};
  }

  // A field of a table, absent or present.
  Result<void> Field(const TableView& table, std::uint16_t slot, const Type& type, void* value) {
    const std::size_t place = reader_.Find(table, slot);
    if (place == 0) return Absent(type, value);
    if (type.kind != Kind::kOptional) return Present(table, place, type, value);
    void* const content = type.optional->emplace(value);
    if (type.element->kind != Kind::kOptional) {
      return Present(table, place, *type.element, content);
    }
    BATON_TRY(const std::size_t position, reader_.FieldAt(table, place, 4, 4));
    return Box(position, *type.element, content);
  }

  Result<void> Absent(const Type& type, void* value) {
    switch (type.kind) {
      case Kind::kEnum:
        StoreInteger(type.enumeration->underlying, value, type.enumeration->default_value);
        return {};
      case Kind::kString: static_cast<std::string*>(value)->clear(); return {};
      case Kind::kBytes: static_cast<std::vector<std::byte>*>(value)->clear(); return {};
      case Kind::kStruct: return Struct(*type.table, TableView(), value);
      case Kind::kArray: type.array->resize(value, 0); return {};
      case Kind::kOptional: type.optional->reset(value); return {};
      case Kind::kShmem:
      case Kind::kUnsafeShmem: return Fail(Rule::kMissingField);
      default: std::memset(value, 0, ScalarSize(type.kind)); return {};
    }
  }

  Result<void> Present(const TableView& table, std::size_t place, const Type& type, void* value) {
    const std::size_t size = FieldSize(type);
    const std::size_t alignment = size < 8 ? size : 8;
    BATON_TRY(const std::size_t position, reader_.FieldAt(table, place, size, alignment));
    return Value(position, type, value);
  }

  // Bytes that a value takes in its table or vector: itself, or the offset to it.
  static std::size_t FieldSize(const Type& type) {
    switch (type.kind) {
      case Kind::kEnum: return ScalarSize(type.enumeration->underlying);
      case Kind::kShmem:
      case Kind::kUnsafeShmem: return sizeof(ShmemReference);
      case Kind::kString:
      case Kind::kBytes:
      case Kind::kStruct:
      case Kind::kArray:
      case Kind::kOptional: return 4;
      default: return ScalarSize(type.kind);
    }
  }

  // A value that lies, or whose offset lies, at `position`: FieldSize bytes, known to be inside.
  Result<void> Value(std::size_t position, const Type& type, void* value) {
    switch (type.kind) {
      case Kind::kBool: return Bool(position, value);
      case Kind::kEnum: return Enum(position, *type.enumeration, value);
      case Kind::kString: return String(position, *static_cast<std::string*>(value));
      case Kind::kBytes: return Bytes(position, *static_cast<std::vector<std::byte>*>(value));
      case Kind::kStruct: return Nested(position, type, value);
      case Kind::kArray: return Array(position, type, value);
      case Kind::kShmem:
      case Kind::kUnsafeShmem: return Shmem(position, type.kind, value);
      default: std::memcpy(value, reader_.At(position), ScalarSize(type.kind)); return {};
    }
  }

  Result<void> Bool(std::size_t position, void* value) {
    const std::byte byte = *reader_.At(position);
    if (byte > std::byte{1}) return Fail(Rule::kBoolValue);
    *static_cast<bool*>(value) = byte == std::byte{1};
    return {};
  }

  Result<void> Enum(std::size_t position, const Enumeration& enumeration, void* value) {
    const std::int64_t number = LoadInteger(enumeration.underlying, reader_.At(position));
    if (!IsEnumerator(enumeration, number)) return Fail(Rule::kEnumValue);
    StoreInteger(enumeration.underlying, value, number);
    return {};
  }

  Result<void> String(std::size_t position, std::string& value) {
    BATON_TRY(const std::string_view text, reader_.StringAt(position));
    BATON_CHECKED(Charge(4 + 2 * std::uint64_t{text.size()}));
    if (!IsUtf8(text)) return Fail(Rule::kNotUtf8);
    value.assign(text);
    return {};
  }

  Result<void> Bytes(std::size_t position, std::vector<std::byte>& value) {
    BATON_TRY(const VectorView bytes, reader_.VectorAt(position, 1));
    BATON_CHECKED(Charge(4 + 2 * std::uint64_t{bytes.size}));
    const std::byte* const first = reader_.At(bytes.first);
    value.assign(first, first + bytes.size);
    return {};
  }

  Result<void> Nested(std::size_t position, const Type& type, void* value) {
    BATON_TRY(const TableView table, reader_.TableAt(position));
    BATON_CHECKED(Enter(table));
    BATON_CHECKED(Struct(*type.table, table, value));
    Leave();
    return {};
  }

  Result<void> Box(std::size_t position, const Type& content, void* value) {
    BATON_TRY(const TableView box, reader_.TableAt(position));
    BATON_CHECKED(Enter(box));
    BATON_CHECKED(Field(box, 0, content, value));
    Leave();
    return {};
  }

  Result<void> Shmem(std::size_t position, Kind kind, void* value) {
    const auto reference = LoadAs<ShmemReference>(reader_.At(position));
    const bool known =
        reference.kind == ShmemReference::kSafe || reference.kind == ShmemReference::kUnsafe;
    if (!known || reference.reserved != 0) return Fail(Rule::kMalformed);
    shared_memory_.push_back({kind, value, reference});
    return {};
  }

  Result<void> Array(std::size_t position, const Type& type, void* value) {
    const Type& element = *type.element;
    const std::size_t stride = IsBoxedElement(element.kind) ? 4 : FieldSize(element);
    BATON_TRY(const VectorView vector, reader_.VectorAt(position, stride));
    const std::uint64_t each = std::uint64_t{stride} + ElementMemory(element);
    BATON_CHECKED(Charge(4 + vector.size * each));
    type.array->resize(value, vector.size);
    if (vector.size == 0) return {};
    if (element.kind == Kind::kBool) return Bools(vector, *type.array, value);
    std::byte* const first = static_cast<std::byte*>(type.array->at_mutable(value, 0));
    if (IsNumber(element.kind)) {
      std::memcpy(first, reader_.At(vector.first), vector.size * stride);
      return {};
    }
    return Elements(vector, stride, type, value);
  }

  Result<void> Bools(const VectorView& vector, const ArrayOperations& array, void* value) {
    for (std::size_t n = 0; n < vector.size; ++n) {
      bool element = false;
      BATON_CHECKED(Bool(vector.first + n, &element));
      array.store_bool(value, n, element);
    }
    return {};
  }

  Result<void> Elements(const VectorView& vector, std::size_t stride, const Type& type,
                        void* value) {
    const Type& element = *type.element;
    const bool boxed = IsBoxedElement(element.kind);
    for (std::size_t n = 0; n < vector.size; ++n) {
      const std::size_t position = vector.first + n * stride;
      void* const place = type.array->at_mutable(value, n);
      BATON_CHECKED(boxed ? Box(position, element, place) : Value(position, element, place));
    }
    return {};
  }

  CheckedReader reader_;
  std::uint64_t budget_;
  int depth_ = 0;
  std::vector<IncomingShmem> shared_memory_;
};

}  // namespace

Result<std::vector<IncomingShmem>> Decode(const Table& table, std::span<const std::byte> bytes,
                                          std::span<void* const> values) {
  BATON_CHECK(values.size() == table.rows.size());
  return Decoding(bytes).Message(table, values);
}

}  // namespace baton::wire
