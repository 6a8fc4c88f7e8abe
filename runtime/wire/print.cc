#include <baton/wire/print.h>

#include <algorithm>
#include <charconv>
#include <string>

#include <baton/actor.h>
#include <baton/endpoint_value.h>
#include <baton/file_descriptor.h>
#include <baton/frozen_shmem.h>
#include <baton/shmem.h>
#include <baton/shmem_slice.h>

#include "runtime/wire/mapping.h"
#include "runtime/wire/scalar.h"

namespace baton::wire {
namespace {

constexpr std::size_t kMaxLength = 4000;  // characters, of all
constexpr std::size_t kMaxText = 200;     // bytes, of one string
constexpr std::size_t kMaxBytes = 32;     // of one `bytes`
constexpr std::size_t kMaxElements = 16;  // of one array or map

constexpr char kDigits[] = "0123456789abcdef";

class Printer {
 public:
  std::string Take() { return std::move(text_); }

  void Value(const Type& type, const void* value) {
    if (IsFull()) return;
    switch (type.kind) {
      case Kind::kBool: Add(LoadAs<bool>(value) ? "true" : "false"); return;
      case Kind::kFloat: Number(LoadAs<float>(value)); return;
      case Kind::kDouble: Number(LoadAs<double>(value)); return;
      case Kind::kUint64: Number(LoadAs<std::uint64_t>(value)); return;
      case Kind::kEnum: Enum(*type.enumeration, value); return;
      case Kind::kString: Text(*static_cast<const std::string*>(value)); return;
      case Kind::kBytes: Bytes(*static_cast<const std::vector<std::byte>*>(value)); return;
      case Kind::kStruct: Struct(*type.table, value); return;
      case Kind::kArray: Array(type, value); return;
      case Kind::kFixedArray: FixedArray(type, value); return;
      case Kind::kMap: Map(type, value); return;
      case Kind::kUnion: Alternative(*type.alternatives, value); return;
      case Kind::kOptional:
      case Kind::kUniquePtr: Optional(type, value); return;
      case Kind::kShmem: Memory("Shmem", *static_cast<const Shmem*>(value)); return;
      case Kind::kUnsafeShmem:
        Memory("UnsafeShmem", *static_cast<const UnsafeShmem*>(value));
        return;
      case Kind::kShmemSlice: Slice(*static_cast<const ShmemSlice*>(value)); return;
      case Kind::kFrozenShmem:
        Memory("FrozenShmem", *static_cast<const FrozenShmem*>(value));
        return;
      case Kind::kEndpoint:
        Endpoint(*static_cast<const baton::internal::EndpointParts*>(value));
        return;
      case Kind::kFileDescriptor:
        Add("FileDescriptor(");
        Number(static_cast<const FileDescriptor*>(value)->get());
        Add(")");
        return;
      case Kind::kActor:
        Actor(static_cast<const std::shared_ptr<baton::Actor>*>(value)->get());
        return;
      case Kind::kManagedEndpoint: Add("ManagedEndpoint"); return;
      case Kind::kCustom: Custom(*type.codec, value); return;
      default: Number(LoadInteger(type.kind, value)); return;
    }
  }

 private:
  bool IsFull() {
    if (text_.size() < kMaxLength) return false;
    if (!is_cut_) text_ += "...";
    is_cut_ = true;
    return true;
  }

  void Add(std::string_view text) { text_ += text; }

  template <class T>
  void Number(T number) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
    Add({digits, static_cast<std::size_t>(end - digits)});
  }

  void Hexadecimal(std::uint64_t number, int digits) {
    for (int n = digits - 1; n >= 0; --n) text_ += kDigits[(number >> (4 * n)) & 15];
  }

  void Enum(const Enumeration& enumeration, const void* value) {
    const std::int64_t number = LoadInteger(enumeration.underlying, value);
    const std::string_view name = NameOf(enumeration, number);
    if (!name.empty()) return Add(name);
    if (enumeration.is_flags && Flags(enumeration, number)) return;
    if (enumeration.underlying == Kind::kUint64) return Number(static_cast<std::uint64_t>(number));
    Number(number);
  }

  // The names of the bits, if every bit has one.
  bool Flags(const Enumeration& enumeration, std::int64_t number) {
    std::string names;
    std::int64_t left = number;
    for (const std::int64_t value : enumeration.values) {
      if (value == 0 || (value & number) != value) continue;
      if (!names.empty()) names += '|';
      names += NameOf(enumeration, value);
      left &= ~value;
    }
    if (left != 0 || names.empty()) return false;
    Add(names);
    return true;
  }

  void Text(std::string_view text) {
    text_ += '"';
    for (const char letter : text.substr(0, kMaxText)) Letter(letter);
    text_ += '"';
    if (text.size() > kMaxText) Cut(text.size(), " bytes");
  }

  // What is not ASCII stays as it is: UTF-8, cut in the middle of a letter at worst.
  void Letter(char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') text_ += '\\';
    if (byte >= 0x20 && byte != 0x7f) {
      text_ += letter;
    } else {
      Add("\\x");
      Hexadecimal(byte, 2);
    }
  }

  void Cut(std::size_t size, std::string_view unit) {
    Add("... (");
    Number(size);
    Add(unit);
    Add(")");
  }

  void Bytes(std::span<const std::byte> bytes) {
    Add("0x");
    for (const std::byte byte : bytes.first(std::min(bytes.size(), kMaxBytes))) {
      Hexadecimal(std::to_integer<std::uint64_t>(byte), 2);
    }
    if (bytes.size() > kMaxBytes) Cut(bytes.size(), " bytes");
  }

  void Struct(const Table& table, const void* value) {
    Add("{");
    for (const Row& row : table.rows) {
      if (&row != table.rows.data()) Add(", ");
      if (IsFull()) break;
      Add(row.name);
      Add(": ");
      Value(*row.type, static_cast<const std::byte*>(value) + row.offset);
    }
    Add("}");
  }

  // `print(n)` prints one element.
  template <class Print>
  void Elements(std::size_t size, Print print) {
    Add("[");
    for (std::size_t n = 0; n < std::min(size, kMaxElements) && !IsFull(); ++n) {
      if (n != 0) Add(", ");
      print(n);
    }
    if (size > kMaxElements) {
      Add(", ");
      Cut(size, " elements");
    }
    Add("]");
  }

  void Array(const Type& type, const void* value) {
    const ArrayOperations& array = *type.array;
    Elements(array.size(value), [&](std::size_t n) {
      if (array.at != nullptr) return Value(*type.element, array.at(value, n));
      Add(array.load_bool(value, n) ? "true" : "false");
    });
  }

  void FixedArray(const Type& type, const void* value) {
    Elements(type.count, [&](std::size_t n) {
      Value(*type.element, static_cast<const std::byte*>(value) + n * StrideOf(type));
    });
  }

  void Map(const Type& type, const void* value) {
    struct Entries {
      Printer& printer;
      const Type& type;
      std::size_t printed = 0;
    } entries = {*this, type};
    Add("{");
    type.map->each(value, &entries, [](void* context, const void* key, const void* mapped) {
      auto& [printer, map, printed] = *static_cast<Entries*>(context);
      if (printed == kMaxElements || printer.IsFull()) return false;
      if (printed++ != 0) printer.Add(", ");
      printer.Value(*map.key, key);
      printer.Add(": ");
      printer.Value(*map.element, mapped);
      return true;
    });
    if (const std::size_t size = type.map->size(value); size > kMaxElements) {
      Add(", ");
      Cut(size, " entries");
    }
    Add("}");
  }

  void Alternative(const Union& type, const void* value) {
    const std::size_t index = type.operations->index(value);
    const bool is_known = index < type.alternatives.size();
    const void* const held = is_known ? type.operations->get(value) : nullptr;
    if (held == nullptr) return Add("(moved from)");
    Add(type.alternatives[index].name);
    Add("(");
    Value(*type.alternatives[index].type, held);
    Add(")");
  }

  void Optional(const Type& type, const void* value) {
    const void* const held = type.optional->get(value);
    if (held == nullptr) return Add("none");
    Value(*type.element, held);
  }

  template <class AnyShmem>
  void Memory(std::string_view name, const AnyShmem& memory) {
    Add(name);
    Add("(");
    if (memory.state() == ShmemState::kSent) {
      Add("sent");
    } else if (memory.state() == ShmemState::kEmpty) {
      Add("empty");
    } else {
      Number(memory.size());
      Add(" bytes, id ");
      Hexadecimal(memory.id().high, 16);
      Hexadecimal(memory.id().low, 16);
    }
    Add(")");
  }

  void Slice(const ShmemSlice& slice) {
    if (slice.state() != ShmemState::kOwned) return Memory("ShmemSlice", slice);
    Add("ShmemSlice(");
    Number(slice.size());
    Add(" bytes at ");
    Number(slice.offset());
    Add(" of ");
    Number(slice.whole_size());
    Add(", id ");
    Hexadecimal(slice.id().high, 16);
    Hexadecimal(slice.id().low, 16);
    Add(")");
  }

  void Actor(const baton::Actor* actor) {
    if (actor == nullptr) return Add("none");
    Add("actor ");
    Number(actor->actor_id());
  }

  void Endpoint(const baton::internal::EndpointParts& endpoint) {
    Add(endpoint.is_empty() ? "Endpoint(empty)" : "Endpoint");
    if (endpoint.trust_label == 0) return;
    Add(" labelled ");
    Number(endpoint.trust_label);
  }

  void Custom(const CodecOperations& codec, const void* value) {
    if (codec.is_null != nullptr && codec.is_null(value)) return Add("null");
    std::vector<std::byte> bytes;
    if (!codec.write(value, bytes)) return Add("(not sendable)");
    Bytes(bytes);
  }

  std::string text_;
  bool is_cut_ = false;
};

}  // namespace

std::string Print(const Type& type, const void* value) {
  Printer printer;
  printer.Value(type, value);
  return printer.Take();
}

std::string_view NameOf(const Enumeration& enumeration, std::int64_t number) {
  const auto& values = enumeration.values;
  const auto found = std::lower_bound(values.begin(), values.end(), number);
  if (found == values.end() || *found != number) return {};
  const auto index = static_cast<std::size_t>(found - values.begin());
  return index < enumeration.names.size() ? enumeration.names[index] : std::string_view();
}

}  // namespace baton::wire
